"""Groups of regions as masks: each region, zones, the world."""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.program import Program


def zone_masks(program: Program) -> dict[str, Array]:
    """Zone -> (R,) one for members, zero for others."""
    regions = program.network.regions
    return {
        zone: np.array([1.0 if region in members else 0.0 for region in regions])
        for zone, members in program.network.setting.zones.items()
    }


def zones_and_world(program: Program) -> dict[str, Array]:
    """Zones and the world as (R,) masks."""
    return {**zone_masks(program), "world": program.network.setting.proper.astype(float)}


def single_regions(program: Program) -> dict[str, Array]:
    """Every region as an (R,) mask."""
    regions = program.network.regions
    return dict(zip(regions, np.eye(len(regions)), strict=True))


def as_rows(groups: dict[str, Array]) -> Array:
    """(A, R) the masks of groups of regions below each other."""
    return np.stack(list(groups.values()))
