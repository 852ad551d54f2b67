"""Derivatives of what answers the prices of other goods: demands, and inputs that replace others.

Such use moves with a price index wherever it is, and a tonne of it acts on every condition that use
enters: each entry is the effect of a tonne times what moves the price.
"""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array, IntArray
from pricing.equilibrium.endings import ended
from pricing.equilibrium.places import delivered_at
from pricing.equilibrium.slopes import Local, both


def cross_entries(matrix: Array, here: Local) -> None:
    """Use that answers prices of other goods: what a tonne of use does, by what moves the price."""
    program, state, limits = here.program, here.state, here.limits
    cross = program.network.cross
    below = ended(program, state)
    bought, served = (np.where(below, 1.0, of) for of in (state.final_demand, state.served))
    slope = cross.slope(program.network.demand, here.index, bought)
    slope = slope * served[:, cross.demand]
    used = _by_use(here, program.lasting.demand_place[cross.demand])
    moved = by_price(here, cross.place)
    matrix += np.matmul(used.transpose(0, 2, 1) * slope[:, None, :], moved)
    rationed, short = program.limit.rations
    among, at = both(rationed, limits.chosen)
    if at.size:
        short = short[among]
        used = _by_use(here, program.lasting.demand_place[short])
        lost = used * state.final_demand[:, short, None]
        matrix[:, :, here.where.multipliers.start + at] -= lost.transpose(0, 2, 1)


def nest_entries(matrix: Array, here: Local) -> None:
    """Use of inputs that replace one another; their cost moves by the tonnes used alone."""
    nests = here.program.network.nests
    moved, mover, slope = nests.slopes(here.index)
    slope = slope * here.state.level[:, nests.process[moved]]
    used = _by_use(here, nests.place[moved])
    price = by_price(here, nests.place[mover])
    matrix += np.matmul(used.transpose(0, 2, 1) * slope[:, None, :], price)


def _by_use(here: Local, places: IntArray) -> Array:
    """(N, E, c) change of every condition with one tonne more of use at places ``g R + j``."""
    limits, first = here.limits, here.where.multipliers.start
    effect = _at_buyers(here, -here.slopes.weights, places)
    effect[:, :, first + limits.counting] = -limits.held[:, :, places].transpose(0, 2, 1)
    at = delivered_at(here.program)[places]
    effect[:, np.flatnonzero(at >= 0), at[at >= 0]] = -1.0
    return effect


def by_price(here: Local, places: IntArray) -> Array:
    """(N, E, c) change of price indices at places ``g R + j`` with every unknown."""
    limits, first = here.limits, here.where.multipliers.start
    change = _at_buyers(here, here.slopes.pull, places)
    change[:, :, first + limits.on] = limits.index[:, :, places].transpose(0, 2, 1)
    at = delivered_at(here.program)[places]
    change[:, np.flatnonzero(at >= 0), at[at >= 0]] = 1.0
    return change


def _at_buyers(here: Local, values: Array, places: IntArray) -> Array:
    """(N, E, c) values along arcs (N, A) of the buyers at places, at the prices of origins."""
    program = here.program
    arcs, prices = program.along.arcs, program.entries.prices
    whole = np.zeros((values.shape[0], places.size, here.where.at.size))
    sums = arcs.to_origins(
        values[:, None] * (places[:, None] == arcs.buyer), program.network.price.size
    )
    whole[:, :, : prices.size] = sums[:, :, prices]
    return whole
