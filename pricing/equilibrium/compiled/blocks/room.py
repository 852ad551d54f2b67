"""What compiled steps of homogeneous goods work on: rows of arrays, structure, numbers, rules."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pricing.chains.network import Array
from pricing.equilibrium.compiled import Places

CORE = 22
(Z, LOWER, UPPER, LOW, HIGH, CONDITION, DIAGONAL, RIGHT, MOVE) = range(9)
(LOW_AIM, LOW_MOVE, HIGH_AIM, HIGH_MOVE, HELD, TESTED) = range(9, 15)
(BELOW, ABOVE, OVER_BELOW, OVER_ABOVE, OVER_LOW, OVER_HIGH, OVER_SIZE) = range(15, CORE)
"""Rows of the core: unknowns, bounds, duals; conditions, the system's diagonal, right-hand sides
and moves; aims and moves of duals; whether a move is given; weights in the test for a bound. Then
distances from bounds, and one over these, duals and sizes, all zero where there is no bound."""

LEVEL = 8
OUTPUT, EARNED, SUPPLIED, TARGET, GIVES, COST, STEEP, GAIN = range(LEVEL)
"""Rows of process levels: output in the market, its price in profit; whether supply at the margin
is used, supply, its slope; marginal cost, its slope; how far a level gives way to its profit."""

ROUTE = 19
(SOLD, BOUGHT, OPEN, LANDED, FIXED, FLOW, DUAL, LOSS, WEIGHT, MOVED) = range(10)
(RISE, AIM, FLOW_MOVE, DUAL_MOVE, OVER_FLOW, OVER_DUAL, GIVE, ROW, COLUMN) = range(10, ROUTE)
"""Rows of routes: a flow in the market of its origin and in the balance of its buyer, whether it is
open; slope and constant of the landed price; ...; one over a dual held back; rows and columns of
the system."""


class Room(NamedTuple):
    """One structure, and arrays in which one scenario is worked on after the other."""

    places: Any
    """M."""
    regions: Any
    """R."""
    begins: Places
    """(G,) first delivered price in the rows of a good, once those before it have left."""
    ends: Places
    """(G,) one beyond the last."""
    made: Places
    """(K,) producer price of what a process makes."""
    order: Places
    """(K,) processes in the order of ``made``."""
    starts: Places
    """(M + 1,) first of them for each producer price."""
    buys: Places
    """(U,) delivered prices of inputs in the order of processes, counted from the first."""
    first: Places
    """(K + 1,) first of them for each process."""
    buyers: Places
    """(D,) delivered price of each demand, counted from the first."""
    inputs: Array
    """(2, U) a level in the balance of an input, and the input's price in its profit."""
    cost: Array
    """(K, 9) marginal cost in the level."""
    demand: Array
    """(D, 9) demand in the price."""
    core: Array
    """(CORE, c)"""
    level: Array
    """(LEVEL, K)"""
    route: Array
    """(ROUTE, M R)"""
    place: Array
    """(2, M) slope of final demand; inverse diagonal of producer prices in the system."""
    matrix: Array
    """(M, M) system of delivered prices."""


class Rules(NamedTuple):
    """Numbers that govern the steps, stated where the steps in NumPy are."""

    inside: float
    least_aim: float
    blocked: float
    blocked_aim: float
    corrected: float
    held_back: float
    grow: float
    furthest: float
    ready: float
    near: float
    steeper: float
    overshoot: float
    proximal: float
    aim: float
    interior_steps: int
    exact_steps: int


class Many(NamedTuple):
    """Numbers of N scenarios; one row serves all where there is only one."""

    z: Array
    """(N, n) where to start, and where steps ended."""
    lower: Array
    """(N, c)"""
    upper: Array
    """(N, c)"""
    slope: Array
    """(N, M R) of landed prices in producer prices."""
    constant: Array
    """(N, M R) of landed prices, premiums included."""
    steps: NDArray[np.intp]
    """(N,) steps taken."""
    size: Array
    """(N,) largest natural residual where they ended."""
