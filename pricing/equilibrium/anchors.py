"""Prices that nobody answers at the tonnes of a solution.

Where output and use stay as they are whatever the price, and fit each other exactly, any price
between what makers need and what users bear is an equilibrium: plants of 40 and 60 t below a fixed
use of 100 t, or two full capacities in a row. A price is *anchored* where somebody would make or
use other tonnes at another price. Trade carries that to the other end of a route, and a plant
between its bounds to the good that it makes or uses.
"""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array, BoolArray
from pricing.equilibrium.program import Program
from pricing.equilibrium.rationing import shortage
from pricing.equilibrium.state import State

NOTHING = 1e-9
"""What counts as none of tonnes, prices and distances from a bound, as a share of a scale [1]."""


def unanswered(program: Program, z: Array, state: State) -> tuple[str, ...]:
    """Goods that are made or used at prices which nobody answers.

    Plants of one input and one output are meant; what a multiplier or a guarantee touches counts
    as no answer, which errs towards naming a good.

    Parameters
    ----------
    program : Program
        One scenario.
    z : (1, n) array
        Its solution, scaled.
    state : State
        The same in units.
    """
    network, scale = program.network, program.network.setting.quantity_scale
    acting = state.multiplier[0] > NOTHING * program.limit.scale
    free = _between_bounds(program, z) & ~_touched(program, state, acting)
    wedge = program.limit.seller + program.limit.landed + program.limit.carried
    spot = state.flow[0] - program.contracted > NOTHING * scale[:, :, None]
    routes = spot & ~(wedge[acting] != 0.0).any(axis=0)
    makers, users = _makers(program, z, state, free), _users(program, state)
    inputs, outputs = network.inputs > 0.0, network.outputs > 0.0
    place, k = network.process_region, np.flatnonzero(free)
    while True:
        before = makers.sum() + users.sum()
        users |= (routes & makers[:, :, None]).any(axis=1)
        makers |= (routes & users[:, None, :]).any(axis=2)
        for p in k:
            r = place[p]
            makers[outputs[p], r] |= users[inputs[p], r].all()
            users[inputs[p], r] |= makers[outputs[p], r].all()
        if makers.sum() + users.sum() == before:
            break
    lost = ((state.output[0] > NOTHING * scale) & ~makers).any(axis=1)
    lost |= ((state.use[0] > NOTHING * scale) & ~users).any(axis=1)
    return tuple(network.goods[g] for g in np.flatnonzero(lost))


def _between_bounds(program: Program, z: Array) -> BoolArray:
    """(K,) plants that run between their bounds."""
    part = program.level_part
    level, low, high = z[0, part], program.lower[0, part], program.upper[0, part]
    return np.asarray((level > low + NOTHING) & (level < high - NOTHING))


def _touched(program: Program, state: State, acting: BoolArray) -> BoolArray:
    """(K,) plants whose margin a multiplier or a guarantee moves."""
    touched = (program.limit.margin[acting] != 0.0).any(axis=0)
    for support, at in zip(program.supports, state.supports, strict=True):
        touched[support.process[(at.below[0] > 0.0) | (at.excess[0] > 0.0)]] = True
    return np.asarray(touched)


def _makers(program: Program, z: Array, state: State, free: BoolArray) -> BoolArray:
    """(G, R) producer prices that a mine answers, a public buyer holds, or that are zero."""
    network = program.network
    anchored = state.price[0] <= NOTHING * network.setting.price_scale[:, None]
    for k in np.flatnonzero(free & ~(network.inputs > 0.0).any(axis=1)):
        anchored[network.outputs[k] > 0.0, network.process_region[k]] = True
    part = program.multiplier_part
    bought, low, high = z[0, part], program.lower[0, part], program.upper[0, part]
    buying = (bought > low + NOTHING) & (bought < high - NOTHING)
    return np.asarray(anchored | (program.limit.balance[buying] != 0.0).any(axis=0))


def _users(program: Program, state: State) -> BoolArray:
    """(G, R) buyers' prices that some final user answers."""
    network, curves = program.network, program.network.demand
    g, r = network.demand_good, network.demand_region
    tonnes, short = state.final_demand[0], shortage(program, state)[0]
    slope = curves.demanded_slope(state.index[:, g, r], state.shift)[0]
    rationed = (short > NOTHING * tonnes) & (short < (1.0 - NOTHING) * tonnes)
    anchored = np.zeros(state.use.shape[1:], dtype=bool)
    answers = ((slope < 0.0) & (tonnes > short)) | rationed
    anchored[g[answers], r[answers]] = True
    return anchored
