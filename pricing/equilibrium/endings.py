"""Prices of homogeneous goods that nobody buys, where demand for other goods reads them.

Where nobody in a region buys a homogeneous good, its delivered price may be any between the one at
which use of it ends and the cheapest offer. If its only use is a straight line that other prices
move, demand for the other goods may read that price, so it has to be one: what the first tonne is
worth, where the line ends. In the balance of such a buyer the line goes on below zero, and tonnes
that cannot be negative hold it at the axis.
"""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array, IntArray
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State


def lines(program: Program) -> IntArray:
    """(L,) demands that go on below zero: the only use of their good in their region."""
    moved = program.lasting.lone_lines
    if not moved.size:
        return moved
    stocked = (program.limit.use != 0.0).any(axis=0).ravel()
    return np.asarray(moved[~stocked[program.lasting.demand_place[moved]]])


def below_zero(program: Program, state: State) -> Array:
    """(N, G, R) tonnes by which such lines are below the axis, zero or less [t]."""
    below, some = np.zeros_like(state.use), lines(program)
    if some.size:
        flat = below.reshape(len(below), -1)
        curves, place = program.network.demand, program.lasting.demand_place
        price = state.index.reshape(len(below), -1)[:, place]
        flat[:, place[some]] = curves.below_zero(price, state.shift)[:, some]
    return below
