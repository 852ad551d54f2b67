"""Tonnes and averages that several accounts need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments.terms import Limit

NOTHING = 1e-9
"""Use below this share of the typical is the solver's last digits [1]."""


def used(program: Program, state: State) -> BoolArray:
    """(N, G, R) where anything is bought, beyond the solver's last digits."""
    return np.asarray(state.use > NOTHING * program.network.setting.quantity_scale)


def priced(program: Program, state: State) -> BoolArray:
    """(N, G, R) where buyers have a price.

    They have none where nothing is on offer, and where nobody buys a homogeneous good: it has no
    shares without trade, and its price index may then be any up to the cheapest offer.
    """
    one_price = program.network.setting.one_price[:, None]
    offered = np.asarray(program.open_arcs.any(axis=1))
    return np.asarray(offered & (~one_price | used(program, state)))


def average_landed(state: State) -> Array:
    """(N, G, R) average landed price of what buyers use [USD/t]; zero where nothing is on offer."""
    return np.asarray((state.basket * state.landed).sum(axis=-2))


def sourcing(program: Program, state: State) -> Array:
    """(N, G, R) price index times spot tonnes less what they cost; contracts have none [USD]."""
    spot = state.flow - program.contracted
    return np.asarray(state.index * state.spot - (spot * state.landed).sum(axis=-2))


def at_buyers(program: Program, values: Array) -> Array:
    """(N, D) a value by good and region (N, G, R) at each demand."""
    return values[..., program.network.demand_good, program.network.demand_region]


def internal_price(program: Program, state: State, good: int, mask: Array) -> Array | None:
    """(N,) ex-works price of a group, weighted by benchmark output; None without it [USD/t]."""
    weight = program.network.setting.benchmark_output[good] * mask
    if weight.sum() <= 0.0:
        return None
    return np.asarray(state.price[:, good] @ weight / weight.sum())


def add_at(total: Array, index: IntArray, values: Array) -> None:
    """Add (N, n) values into the columns of an (N, size) total, repeated ones included."""
    at: tuple[Any, ...] = (slice(None), index)
    np.add.at(total, at, values)


def add_places(total: Array, good: IntArray, region: IntArray, values: Array) -> None:
    """Add (N, n) values into an (N, G, R) total at goods and regions, repeated ones included."""
    at: tuple[Any, ...] = (slice(None), good, region)
    np.add.at(total, at, values)


@dataclass(frozen=True)
class StockMove:
    """Tonnes that one policy adds to a stock, or takes from it."""

    limit: Limit
    """The limit whose multiplier is the tonnes moved."""
    good: int
    """Good."""
    region: int
    """Region whose users buy beside it, or draw on it."""
    holder: int
    """Region that holds the stock."""
    bought: Array
    """(N,) tonnes added to use [t]."""
    released: Array
    """(N,) tonnes taken from use [t]."""


def stock_moves(program: Program, state: State) -> Iterator[StockMove]:
    """Purchases for stocks and releases from them."""
    regions = len(program.network.regions)
    holders = {holding.policy: holding.region for holding in program.terms.holdings}
    for m, limit in enumerate(program.terms.limits):
        for place, sign in zip(*limit.acts_on_use, strict=True):
            good, region = divmod(int(place), regions)
            tonnes, nothing = np.abs(sign) * state.multiplier[:, m], np.zeros(len(state.price))
            bought, released = (tonnes, nothing) if sign > 0.0 else (nothing, tonnes)
            yield StockMove(
                limit, good, region, holders.get(limit.policy, region), bought, released
            )


def money_price(program: Program, state: State) -> Array:
    """(N, G, R) what a tonne costs its buyers in money, with what stocks release [USD/t].

    Releases sell at the price index; sourced tonnes cost their average landed price.
    """
    average, released = average_landed(state), np.zeros_like(state.use)
    for move in stock_moves(program, state):
        released[:, move.good, move.region] += move.released
    total = state.use + released
    spent = average * state.use + state.index * released
    return np.where(released > 0.0, spent / np.where(total > 0.0, total, 1.0), average)


def beyond_average(program: Program, state: State) -> Array:
    """(N, G, R) sourcing per tonne that buyers take, releases of stocks included [USD/t]."""
    total = state.use.copy()
    for move in stock_moves(program, state):
        total[:, move.good, move.region] += move.released
    taken = total > 0.0
    value = sourcing(program, state)
    return np.asarray(np.where(taken, value / np.where(taken, total, 1.0), 0.0))
