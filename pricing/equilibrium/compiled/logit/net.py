"""What compiled Newton steps of logit goods work on: rows of arrays, structure, numbers, rules."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pricing.chains.network import Array
from pricing.equilibrium.compiled import Places

CORE = 26
LOWER, UPPER, FIXED, OVER = range(4)
(Z, LIGHT, CONDITION, VALUE, FREE, RIGHT, MOVE, TOP, OLD, BEST, BY) = range(4, 15)
(RISE, DRAW, SOLD, PAID) = range(15, 19)
(SOLUTION, LOW, HIGH, UNIT, DIAGONAL, SOME_RISE, SOME_DRAW) = range(19, CORE)
"""Rows of the core. Scenarios hand in bounds, constants of conditions, and one over the scales of
conditions. Then unknowns; one over weights in the test for a bound; conditions, residuals; whether
an unknown is inside its box; right-hand sides, moves, highest values; the point reached, the best;
factors on rows of the system. Of one buyer at a time: what each unknown does to the price index and
to the tonnes, what a tonne does to each condition, what the price index does to it. Right-hand
sides in the order of the system; distances from bounds by weight; tonnes in one unit of a level;
what the diagonal gets; rises and tonnes of the unknowns that move one buyer."""

LEVEL = 7
SUPPLIED, TARGET, GIVES, COST, STEEP, MARGIN, READ = range(LEVEL)
"""Rows of process levels: whether supply at the margin is used, supply, its slope; marginal cost,
its slope; the margin; the level at which cost was read. All scaled."""

ARC = 12
LANDED_SLOPE, LANDED_CONSTANT, FOB_GAIN, FREIGHT_GAIN = range(4)
(LOG_WEIGHT, CONTRACT, LANDED, RENT, CARRIAGE, BY_PRICE, BY_RENT, SHARE) = range(4, ARC)
"""Rows of arcs. Scenarios may hand in the first four: slope and constant of the landed price in the
ex-works price, its gains from rents and freight. Then weights of the law; tonnes under contract;
landed prices; seller-held rents and prices of transport; slopes of landed prices in ex-works price
and rents with gaps; shares. Slopes in freight and the rows of each top-up follow."""
BY_FREIGHT, TOP_UPS, TOP_UP = ARC, ARC + 1, 5
REFERENCE, COMPARED, COMPARED_RENT, COMPARED_FREIGHT, GAP_GAIN = range(TOP_UP)
"""Rows of a top-up: reference less constant; slopes of the price compared in the ex-works price,
rents and freight; slope of the landed price in the gap."""

PLACE = 8
KEEN, BOUND, NOWHERE, INDEX, SPOT, FALL, TOTAL, OWN = range(PLACE)
"""Rows of places ``g R + j`` as buyers: sensitivity of the law, tonnes under contract, price where
nothing is on offer; price indices, tonnes bought at spot; slopes of final demand and of all tonnes
in the index; sensitivity times tonnes."""

PAYMENT = 9
STRIKE, UP_FROM, DOWN, UP = range(4)
PER_TONNE, SHORT, BELOW, OUTPUT, STEEPNESS = range(4, PAYMENT)
"""Rows of payments on one output: prices below and above which they are due and the shares paid and
handed back; output per tonne of level; what is paid, whether it is, output, slope at the margin."""

LISTS = 12
(CHARGES, LOWERS, USES, READS, COUNTS, DEMANDS, MOVERS, READERS) = range(8)
(LINEAR, PRICED, CUTS, PAYS) = range(8, LISTS)
"""Lists of terms ``weight, from, to``, the first eight in the order of buyers: multipliers on arcs
(landed, rent, freight); what lowers price indices; what uses tonnes; rows that read indices; rows
that count flows of arcs; demands and what rations them; all unknowns that move a buyer, all rows
that a buyer moves. Conditions linear in unknowns; prices in the index of a payment; multipliers
that cut payments; rows that count them."""


ROW, COLUMN, UNKNOWN, SOME = range(4)
"""Rows of places: row and column of each unknown in the system, unknown of each row, columns of the
unknowns that move one buyer."""


class Net(NamedTuple):
    """One structure, and arrays in which one scenario is worked on after the other."""

    places: Any
    """Number of producer prices (G R)."""
    levels: Any
    """K."""
    top_ups: Any
    """Q."""
    first: Places
    """(G R + 1,) first arc of each buyer."""
    origin: Places
    """(E,) producer price of each arc's origin."""
    starts: Places
    """(LISTS, G R + 1) first term of each buyer in a list; of all terms where none has a buyer."""
    links: Places
    """(2, T) what each term is from and to."""
    weights: Array
    """(3, T) its weights."""
    cost: Array
    """(K, 9) marginal cost in the level, scaled."""
    demand: Array
    """(D, 9) demand in the price index [t, USD/t]."""
    core: Array
    """(CORE, n + 1)"""
    level: Array
    """(LEVEL, K)"""
    arc: Array
    """(ARC + 1 + 5 Q, E)"""
    place: Array
    """(PLACE, G R)"""
    payment: Array
    """(PAYMENT, S)"""
    paying: Places
    """(2, S) level and support of each payment."""
    support: Array
    """(2, number of supports) share cut, sum of full payments."""
    at: Places
    """(4, n + 1)"""
    matrix: Array
    """((n + 1) (n + 1),) system, row by row."""


class Search(NamedTuple):
    """Numbers that govern the search, stated where the steps in NumPy are."""

    near: float
    steeper: float
    overshoot: float
    proximal: float
    foot: float
    firm: float
    shrink: float
    grow: float
    least: float
    aim: float
    fine: float
    close: float
    nearer: float
    most: int
    trust: int
    halvings: int
    ties: tuple[float, float, float, float, float]


class Cases(NamedTuple):
    """Numbers of N scenarios; one row serves all where there is only one."""

    z: Array
    """(N, n) where to start, and where steps ended."""
    core: Array
    """(N, 4, n) bounds, constants and one over the scales of conditions."""
    rows: Places
    """(V,) rows of arcs that differ."""
    arcs: Array
    """(N, V, E) their values."""
    payments: Array
    """(N or 1, 4, S) of payments."""
    steps: NDArray[np.intp]
    """(N,) steps taken."""
    size: Array
    """(N,) largest natural residual where they ended."""
