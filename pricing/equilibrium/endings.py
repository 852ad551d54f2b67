"""Prices of homogeneous goods that nobody buys, where demand for other goods reads them.

Where nobody in a region buys a homogeneous good, its delivered price may be any between the one at
which use of it ends and the cheapest offer. If its only use is a straight line that other prices
move, demand for the other goods may read that price, so it has to be one: what the first tonne is
worth, where the line ends. In the balance of such a buyer the line goes on below zero, and tonnes
that cannot be negative hold it at the axis.
"""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array, BoolArray
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State


def _at(program: Program, state: State) -> Array:
    """(N, L) tonnes of such lines, also below zero [t]."""
    curves, place = program.network.demand, program.lasting.demand_place
    price = state.index.reshape(len(state.index), -1)[:, place]
    return curves.line(price, state.shift)[:, program.endings]


def below_zero(program: Program, state: State) -> Array:
    """(N, G, R) tonnes by which such lines are below the axis, zero or less [t]."""
    below = np.zeros_like(state.use)
    places = program.lasting.demand_place[program.endings]
    below.reshape(len(below), -1)[:, places] = np.minimum(_at(program, state), 0.0)
    return below


def ended(program: Program, state: State) -> BoolArray:
    """(N, D) demands that are at the axis or below it, and go on."""
    where = np.zeros(state.final_demand.shape, dtype=bool)
    where[:, program.endings] = _at(program, state) <= 0.0
    return where
