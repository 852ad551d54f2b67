"""Consumer surplus where demand answers several prices: an integral along a stated path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from pricing.accounts.notices import Code, Warning_, million
from pricing.accounts.volumes import at_buyers
from pricing.chains.network import Array
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State

if TYPE_CHECKING:
    from pricing.accounts.books import Books

SAME = 1e-6
"""Surplus along two paths that differs less than this share of what users spend is the same [1]."""


def consumer_surplus(
    program: Program, state: State, base: State, *, reverse: bool = False
) -> Array:
    """(N, D) change in consumer surplus: the integral of demand over prices [USD].

    Where demand answers other prices, these move one good at a time in the chain's order, or in
    ``reverse``. The order does not matter where slopes are symmetric.
    """
    index, before = at_buyers(program, state.index), at_buyers(program, base.index)
    shift = on_path(program, state, base, reverse=reverse)
    return program.network.demand.surplus_change(index, before, shift)


def on_path(program: Program, state: State, base: State, *, reverse: bool = False) -> Array:
    """(N, D) shift of each demand while its own price moves: goods before it have moved [1]."""
    network = program.network
    cross = network.cross
    shift = np.ones((state.index.shape[0], network.demand_good.size))
    for g in np.unique(network.demand_good[cross.demand]):
        moved = slice(g + 1, None) if reverse else slice(None, g)
        prices = base.index.copy()
        prices[:, moved] = state.index[:, moved]
        now = cross.shift(network.demand, prices.reshape(prices.shape[0], -1))
        shift = np.where(network.demand_good == g, now, shift)
    return shift


def path_warnings(books: Books) -> Iterator[Warning_]:
    """Consumer surplus that depends on the order in which prices are taken to move."""
    program, state, base = books.program, books.state, books.base
    if not program.network.cross.demand.size:
        return
    stated = float(books.agents.users[0].sum())
    other = float(consumer_surplus(program, state, base, reverse=True)[0].sum())
    spent = float((at_buyers(program, base.index) * base.final_demand)[0].sum())
    if abs(stated - other) > SAME * spent:
        text = (
            f"Consumer surplus changes by {million(stated)} with prices moving in the chain's "
            f"order of goods, by {million(other)} in the reverse order: the slopes of demand in "
            "other goods' prices are not symmetric, so the measure depends on the path."
        )
        yield Warning_(Code.SURPLUS_PATH, text, "", {"stated": stated, "reverse": other})
