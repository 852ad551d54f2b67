"""Tonnes and averages that several accounts need."""

from __future__ import annotations

from typing import Any

import numpy as np

from pricing.chains.network import Array, IntArray
from pricing.equilibrium.conditions import State
from pricing.equilibrium.program import Program


def average_landed(state: State) -> Array:
    """(N, G, R) average landed price of what buyers use [USD/t]; zero where nothing is on offer."""
    return np.asarray((state.basket * state.landed).sum(axis=-2))


def at_buyers(program: Program, values: Array) -> Array:
    """(N, D) a value by good and region (N, G, R) at each demand."""
    return values[..., program.network.demand_good, program.network.demand_region]


def zone_masks(program: Program) -> dict[str, Array]:
    """Zone -> (R,) one for members, zero for others."""
    regions = program.network.regions
    return {
        zone: np.array([1.0 if region in members else 0.0 for region in regions])
        for zone, members in program.network.setting.zones.items()
    }


def add_at(total: Array, index: IntArray, values: Array) -> None:
    """Add (N, n) values into the columns of an (N, size) total, repeated ones included."""
    at: tuple[Any, ...] = (slice(None), index)
    np.add.at(total, at, values)


def add_places(total: Array, good: IntArray, region: IntArray, values: Array) -> None:
    """Add (N, n) values into an (N, G, R) total at goods and regions, repeated ones included."""
    at: tuple[Any, ...] = (slice(None), good, region)
    np.add.at(total, at, values)
