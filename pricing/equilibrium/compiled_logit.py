"""Newton steps for one scenario after the other where all goods are bought by the logit law.

Compiled; :mod:`pricing.equilibrium.kernel_logit` calls them. Numerical work only: the search is
that of :mod:`pricing.equilibrium.newton` and :mod:`pricing.equilibrium.point`, the derivatives
those of :mod:`pricing.equilibrium.jacobian`; equations and reasons are there. What the model says
is handed in as coefficients: landed prices are affine up to gaps below a reference, shares the
softmax of landed prices, curves powers or straight lines, payments affine between two prices, and
everything else is linear in unknowns, tonnes and price indices. What is found is evaluated and
judged by the one definition of the conditions.

Unknowns are scaled: producer prices ``m = g R + i``, process levels, multipliers, and at the end
one that is always zero and stands for those that are not there. Coefficients on unknowns contain
their scales; conditions are in their own units until they are complete.

Few arrays, unsigned places, nothing allocated, and one file that calls no other compiled code: the
reasons are in :mod:`pricing.equilibrium.compiled`, whose way to read curves stands here again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pricing.chains.network import Array

Places = NDArray[np.uintp]

Function = TypeVar("Function", bound=Callable[..., Any])


def _decorator(**more: str) -> Callable[[Function], Function]:
    """Compile when first called, and keep the outcome beside this file or with the user's files."""

    def compile_later(function: Function) -> Function:
        options: dict[str, Any] = {"error_model": "numpy", "nogil": True, "_nrt": False, **more}
        options["fastmath"] = {"contract"}
        try:
            made: Function = njit(cache=True, **options)(function)
        except RuntimeError:  # nowhere to write: every process compiles for itself
            made = njit(**options)(function)
        return made

    return compile_later


compiled = _decorator()
put_in_place = _decorator(inline="always")
"""For what is called once for every buyer: handing over arrays would cost more than the work."""

unsigned: Any = np.uintp
ONE = unsigned(1)

CURVED, AT, HEIGHT, POWER, CONSTANT, SLOPE, LOWEST, HIGHEST, LEAST = range(9)
"""Columns of a curve: ``height (v / at)^power``, or a straight line with a least value; it is read
between two bounds."""

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
    close: float
    most: int
    trust: int
    halvings: int
    ties: tuple[float, float, float, float, float]


@compiled
def read(law: Array, n: Any, value: float) -> tuple[float, float]:
    """A curve and its slope."""
    at = min(max(value, law[n, LOWEST]), law[n, HIGHEST])
    if law[n, CURVED] > 0.0:
        base = max(at, 1e-300)
        found = law[n, HEIGHT] * (base / law[n, AT]) ** law[n, POWER]
        slope = law[n, POWER] * found / base
    else:
        found, slope = law[n, CONSTANT] + law[n, SLOPE] * at, law[n, SLOPE]
        if not found > law[n, LEAST]:
            found, slope = law[n, LEAST], 0.0
    return found, slope if at == value else 0.0


@compiled
def invert(law: Array, n: Any, value: float) -> tuple[float, float]:
    """Where a power has a positive value, and the slope of that."""
    power = 1.0 / law[n, POWER]
    found = law[n, AT] * (value / law[n, HEIGHT]) ** power
    return found, power * found / value


@compiled
def land(w: Net) -> None:
    """Landed prices and their slopes."""
    arc, z, weights, links = w.arc, w.core[Z], w.weights, w.links
    arc[LANDED] = 0.0
    arc[RENT] = 0.0
    arc[CARRIAGE] = 0.0
    for t in range(w.starts[CHARGES, 0], w.starts[CHARGES, w.places]):
        e, by = links[1, t], z[links[0, t]]
        if by != 0.0:
            arc[LANDED, e] += weights[0, t] * by
            arc[RENT, e] += weights[1, t] * by
            arc[CARRIAGE, e] += weights[2, t] * by
    for e in range(unsigned(w.origin.size)):
        slope, rent, freight = arc[LANDED_SLOPE, e], arc[FOB_GAIN, e], arc[FREIGHT_GAIN, e]
        arc[LANDED, e] += slope * z[w.origin[e]] + arc[LANDED_CONSTANT, e]
        arc[LANDED, e] += rent * arc[RENT, e] + freight * arc[CARRIAGE, e]
        arc[BY_PRICE, e], arc[BY_RENT, e], arc[BY_FREIGHT, e] = slope, rent, freight
    for e in range(unsigned(w.origin.size)):
        highest, own = 0.0, unsigned(0)  # lift of the landed price
        for q in range(w.top_ups):
            row = unsigned(TOP_UPS) + q * unsigned(TOP_UP)
            gap = (
                arc[row + unsigned(REFERENCE), e]
                - arc[row + unsigned(COMPARED), e] * z[w.origin[e]]
            )
            gap -= arc[row + unsigned(COMPARED_RENT), e] * arc[RENT, e]
            gap -= arc[row + unsigned(COMPARED_FREIGHT), e] * arc[CARRIAGE, e]
            lift = arc[row + unsigned(GAP_GAIN), e] * gap
            if lift > highest:
                highest, own = lift, row
        if highest > 0.0:
            gain = arc[own + unsigned(GAP_GAIN), e]
            arc[LANDED, e] += highest
            arc[BY_PRICE, e] -= gain * arc[own + unsigned(COMPARED), e]
            arc[BY_RENT, e] -= gain * arc[own + unsigned(COMPARED_RENT), e]
            arc[BY_FREIGHT, e] -= gain * arc[own + unsigned(COMPARED_FREIGHT), e]


@compiled
def share(w: Net) -> None:
    """Shares and price indices of the logit law."""
    arc, place = w.arc, w.place
    for b in range(w.places):
        first, last, keen = w.first[b], w.first[b + ONE], place[KEEN, b]
        if first == last:
            place[INDEX, b] = place[NOWHERE, b]
            continue
        top, total = -np.inf, 0.0
        for e in range(first, last):
            utility = arc[LOG_WEIGHT, e] - keen * arc[LANDED, e]
            arc[SHARE, e] = utility
            top = max(top, utility)
        for e in range(first, last):
            weight = math.exp(arc[SHARE, e] - top)
            arc[SHARE, e] = weight
            total += weight
        for e in range(first, last):
            arc[SHARE, e] /= total
        place[INDEX, b] = -(math.log(total) + top) / keen


@compiled
def trade(w: Net) -> None:
    """Tonnes of buyers, and what they and price indices do to conditions."""
    arc, place, core, weights, links, starts = w.arc, w.place, w.core, w.weights, w.links, w.starts
    for b in range(w.places):
        index, spot, fall = place[INDEX, b], 0.0, 0.0
        for t in range(starts[LOWERS, b], starts[LOWERS, b + ONE]):
            index -= weights[0, t] * core[Z, links[0, t]]
        for t in range(starts[USES, b], starts[USES, b + ONE]):
            spot += weights[0, t] * core[Z, links[0, t]]
        for t in range(starts[DEMANDS, b], starts[DEMANDS, b + ONE]):
            found, slope = read(w.demand, links[0, t], index)
            served = 1.0 - weights[0, t] * core[Z, links[1, t]]
            weights[1, t] = found
            spot += found * served
            fall += slope * served
        for t in range(starts[READS, b], starts[READS, b + ONE]):
            core[CONDITION, links[1, t]] += weights[0, t] * index
        spot -= place[BOUND, b]
        own = place[KEEN, b] * spot
        place[INDEX, b], place[SPOT, b] = index, spot
        place[FALL, b], place[OWN, b], place[TOTAL, b] = fall, own, fall + own
        for e in range(w.first[b], w.first[b + ONE]):
            core[CONDITION, w.origin[e]] -= arc[SHARE, e] * spot + arc[CONTRACT, e]
        for t in range(starts[COUNTS, b], starts[COUNTS, b + ONE]):
            e = links[0, t]
            flow = arc[SHARE, e] * spot + arc[CONTRACT, e]
            core[CONDITION, links[1, t]] -= weights[0, t] * flow


@compiled
def pay(w: Net) -> None:
    """Payments on output at the margin, and what conditions count of them."""
    core, payment, weights, links, starts = w.core, w.payment, w.weights, w.links, w.starts
    w.support[:] = 0.0
    for t in range(starts[CUTS, 0], starts[CUTS, 1]):
        w.support[0, links[1, t]] += weights[0, t] * core[Z, links[0, t]]
    payment[SHORT] = 0.0
    for t in range(starts[PRICED, 0], starts[PRICED, 1]):
        payment[SHORT, links[1, t]] += weights[0, t] * core[Z, links[0, t]]
    for s in range(unsigned(payment.shape[1])):
        k, q, price = w.paying[0, s], w.paying[1, s], payment[SHORT, s]
        below, above = price < payment[STRIKE, s], price > payment[UP_FROM, s]
        short = payment[DOWN, s] * (payment[STRIKE, s] - price) if below else 0.0
        excess = payment[UP, s] * (price - payment[UP_FROM, s]) if above else 0.0
        kept, made = 1.0 - w.support[0, q], payment[PER_TONNE, s]
        payment[SHORT, s] = short
        payment[BELOW, s] = payment[DOWN, s] if below else 0.0
        payment[STEEPNESS, s] = -payment[BELOW, s] * kept - (payment[UP, s] if above else 0.0)
        payment[OUTPUT, s] = core[Z, k] * core[UNIT, k] * made
        core[CONDITION, k] -= made * (short * kept - excess)
        w.support[1, q] += short * payment[OUTPUT, s]
    for t in range(starts[PAYS, 0], starts[PAYS, 1]):
        q = links[0, t]
        counted = weights[0, t] + weights[1, t] * (1.0 - w.support[0, q])
        core[CONDITION, links[1, t]] -= counted * w.support[1, q]


@compiled
def evaluate(w: Net) -> None:
    """Conditions, scaled."""
    core, level = w.core, w.level
    for n in range(core.shape[1]):
        core[CONDITION, n] = core[FIXED, n]
    for t in range(w.starts[LINEAR, 0], w.starts[LINEAR, 1]):
        core[CONDITION, w.links[1, t]] += w.weights[0, t] * core[Z, w.links[0, t]]
    land(w)
    share(w)
    trade(w)
    if w.payment.shape[1] > 0:
        pay(w)
    for n in range(core.shape[1]):
        core[CONDITION, n] *= core[OVER, n]
    for k in range(w.levels):
        n = w.places + k
        level[MARGIN, k] = -core[CONDITION, n]
        if level[READ, k] != core[Z, n]:  # many plants stay at capacity
            level[READ, k] = core[Z, n]
            level[COST, k], level[STEEP, k] = read(w.cost, k, core[Z, n])
        core[CONDITION, n] += level[COST, k]


@compiled
def choose_form(w: Net, rules: Search) -> None:
    """How the condition of each level is written: see ``LevelForm``."""
    core, level, law = w.core, w.level, w.cost
    for k in range(w.levels):
        cost, margin, n = level[COST, k], level[MARGIN, k], w.places + k
        short, steep = cost - margin, law[k, POWER] > 1.0
        far = abs(short) > rules.near * max(margin, cost)
        wanted = (short < 0.0) == steep or (steep and short > rules.overshoot)
        level[SUPPLIED, k] = 0.0
        if law[k, CURVED] > 0.0 and far and wanted and margin > 0.0:
            level[SUPPLIED, k] = 1.0
            level[TARGET, k], level[GIVES, k] = invert(law, k, margin)
            core[CONDITION, n] = core[Z, n] - level[TARGET, k]


@compiled
def measure(w: Net, rules: Search) -> tuple[float, float]:
    """Largest natural residual and merit; infinite where they are not numbers."""
    core, size, merit, lost = w.core, 0.0, 0.0, 0
    evaluate(w)
    for n in range(core.shape[1]):
        low, high = core[Z, n] - core[LOWER, n], core[Z, n] - core[UPPER, n]
        own = abs(min(max(core[CONDITION, n], high), low))
        size = own if own > size else size
        lost += core[CONDITION, n] != core[CONDITION, n]
        core[LOW, n], core[HIGH, n] = low * core[LIGHT, n], high * core[LIGHT, n]
    choose_form(w, rules)
    for n in range(core.shape[1]):
        value = min(max(core[CONDITION, n], core[HIGH, n]), core[LOW, n])
        core[VALUE, n] = value
        merit += value * value
    if lost > 0 or not (size < np.inf and merit < np.inf):
        return np.inf, np.inf
    return size, merit


@compiled
def aim(w: Net, rules: Search, tie: float) -> None:
    """Which unknowns are inside their boxes, right-hand sides, factors on rows, the diagonal."""
    core, level = w.core, w.level
    for n in range(core.shape[1]):
        slack, condition = tie * core[LIGHT, n], core[CONDITION, n]
        free = core[HIGH, n] - slack < condition < core[LOW, n] + slack
        free = free and core[UPPER, n] > core[LOWER, n]
        core[FREE, n] = 1.0 if free else 0.0
        core[RIGHT, n] = -condition if free else -core[VALUE, n] / core[LIGHT, n]
        core[BY, n], core[DIAGONAL, n], core[MOVE, n] = core[OVER, n], 0.0, 0.0
    for k in range(w.levels):
        n = w.places + k
        core[DIAGONAL, n] = max(level[STEEP, k], rules.proximal)
        if level[SUPPLIED, k] > 0.0:
            core[DIAGONAL, n], core[BY, n] = 1.0, core[OVER, n] * level[GIVES, k]
        elif level[STEEP, k] < rules.proximal and abs(core[RIGHT, n]) < rules.foot:
            core[RIGHT, n] = 0.0 if w.cost[k, CURVED] > 0.0 else core[RIGHT, n]


@compiled
def order(w: Net, firm_from: float) -> tuple[Any, Any]:
    """Places in the system; levels that do not give way too easily come last.

    How many unknowns come before them, and how many there are. Those that do not move, and rows
    whose move is given, have the place after all.
    """
    core, at, first, last = w.core, w.at, w.places, w.places + w.levels
    unknowns, inner = unsigned(core.shape[1]) - ONE, unsigned(0)
    for n in range(unknowns):
        moves = core[FREE, n] > 0.0 or core[RIGHT, n] != 0.0
        soft = core[FREE, n] > 0.0 and core[DIAGONAL, n] < firm_from
        core[TOP, n] = 0.0
        if moves and (soft or not first <= n < last):
            core[TOP, n] = 1.0
            at[COLUMN, n], at[UNKNOWN, inner] = inner, n
            inner += ONE
    count = inner
    for n in range(first, last):
        if core[TOP, n] == 0.0 and (core[FREE, n] > 0.0 or core[RIGHT, n] != 0.0):
            core[TOP, n] = 1.0
            at[COLUMN, n], at[UNKNOWN, count] = count, n
            count += ONE
    for n in range(unknowns + ONE):
        if n == unknowns or core[TOP, n] == 0.0:
            at[COLUMN, n] = count
        at[ROW, n] = at[COLUMN, n] if core[FREE, n] > 0.0 else count
    return inner, count


@compiled
def assemble(w: Net, count: Any) -> None:
    """The system's matrix; row and column ``count`` take what is not in it."""
    core, matrix, at, links, starts = w.core, w.matrix, w.at, w.links, w.starts
    wide = count + ONE
    for c in range(wide * wide):
        matrix[c] = 0.0
    for t in range(starts[LINEAR, 0], starts[LINEAR, 1]):
        n, m = links[1, t], links[0, t]
        matrix[at[ROW, n] * wide + at[COLUMN, m]] += w.weights[0, t] * core[BY, n]
    for b in range(w.places):
        offered = w.first[b] < w.first[b + ONE]
        if offered or starts[LOWERS, b] < starts[LOWERS, b + ONE]:
            moved(w, b)
            moving(w, b)
            through(w, b, count)
        if offered:
            along(w, b, wide)
    if w.payment.shape[1] > 0:
        lifted(w, wide)
        counted(w, wide)
    for p in range(count):
        n = at[UNKNOWN, p]
        matrix[p * wide + p] += core[DIAGONAL, n] if core[FREE, n] > 0.0 else 1.0


@put_in_place
def moved(w: Net, b: Any) -> None:
    """What unknowns do to a buyer's price index and to its tonnes."""
    core, arc, links, weights, starts = w.core, w.arc, w.links, w.weights, w.starts
    total, fall = w.place[TOTAL, b], w.place[FALL, b]
    for t in range(starts[MOVERS, b], starts[MOVERS, b + ONE]):
        core[RISE, links[0, t]] = 0.0
    for e in range(w.first[b], w.first[b + ONE]):
        core[RISE, w.origin[e]] += arc[SHARE, e] * arc[BY_PRICE, e]
    for t in range(starts[CHARGES, b], starts[CHARGES, b + ONE]):
        core[RISE, links[0, t]] += arc[SHARE, links[1, t]] * charge(w, t)
    for t in range(starts[MOVERS, b], starts[MOVERS, b + ONE]):
        core[DRAW, links[0, t]] = total * core[RISE, links[0, t]]
    for t in range(starts[LOWERS, b], starts[LOWERS, b + ONE]):
        core[RISE, links[0, t]] -= weights[0, t]
        core[DRAW, links[0, t]] -= fall * weights[0, t]
    for t in range(starts[USES, b], starts[USES, b + ONE]):
        core[DRAW, links[0, t]] += weights[0, t]
    for t in range(starts[DEMANDS, b], starts[DEMANDS, b + ONE]):
        core[DRAW, links[1, t]] -= weights[0, t] * weights[1, t]


@put_in_place
def moving(w: Net, b: Any) -> None:
    """What a tonne more at a buyer, and its price index, do to conditions."""
    core, arc, links, weights, starts = w.core, w.arc, w.links, w.weights, w.starts
    for t in range(starts[READERS, b], starts[READERS, b + ONE]):
        core[SOLD, links[0, t]] = core[PAID, links[0, t]] = 0.0
    for e in range(w.first[b], w.first[b + ONE]):
        core[SOLD, w.origin[e]] += arc[SHARE, e] * core[BY, w.origin[e]]
    for t in range(starts[COUNTS, b], starts[COUNTS, b + ONE]):
        n = links[1, t]
        core[SOLD, n] += weights[0, t] * arc[SHARE, links[0, t]] * core[BY, n]
    for t in range(starts[READS, b], starts[READS, b + ONE]):
        core[PAID, links[1, t]] += weights[0, t] * core[BY, links[1, t]]


@put_in_place
def through(w: Net, b: Any, count: Any) -> None:
    """What unknowns do to conditions through a buyer's tonnes and price index."""
    core, matrix, at, links, starts = w.core, w.matrix, w.at, w.links, w.starts
    some = unsigned(0)
    for t in range(starts[MOVERS, b], starts[MOVERS, b + ONE]):
        m = links[0, t]
        if at[COLUMN, m] < count:
            at[SOME, some] = at[COLUMN, m]
            core[SOME_RISE, some], core[SOME_DRAW, some] = core[RISE, m], core[DRAW, m]
            some += ONE
    for t in range(starts[READERS, b], starts[READERS, b + ONE]):
        n = links[0, t]
        if at[ROW, n] < count:
            row, sold, paid = at[ROW, n] * (count + ONE), core[SOLD, n], core[PAID, n]
            for c in range(some):
                change = paid * core[SOME_RISE, c] - sold * core[SOME_DRAW, c]
                matrix[row + at[SOME, c]] += change


@put_in_place
def charge(w: Net, t: Any) -> float:
    """Slope of a landed price in a multiplier on its arc."""
    e = w.links[1, t]
    by_rent, by_freight = w.arc[BY_RENT, e], w.arc[BY_FREIGHT, e]
    slope: float = w.weights[0, t] + by_rent * w.weights[1, t] + by_freight * w.weights[2, t]
    return slope


@put_in_place
def along(w: Net, b: Any, wide: Any) -> None:
    """What a landed price does to the flow of its own arc, the price index given."""
    core, arc, matrix, at, links, starts = w.core, w.arc, w.matrix, w.at, w.links, w.starts
    own = w.place[OWN, b]
    for e in range(w.first[b], w.first[b + ONE]):
        m = w.origin[e]
        lost = own * arc[SHARE, e] * core[BY, m]
        matrix[at[ROW, m] * wide + at[COLUMN, m]] += lost * arc[BY_PRICE, e]
    for t in range(starts[CHARGES, b], starts[CHARGES, b + ONE]):
        e = links[1, t]
        m = w.origin[e]
        lost = own * arc[SHARE, e] * core[BY, m] * charge(w, t)
        matrix[at[ROW, m] * wide + at[COLUMN, links[0, t]]] += lost
    for s in range(starts[COUNTS, b], starts[COUNTS, b + ONE]):
        e, n = links[0, s], links[1, s]
        if core[FREE, n] > 0.0:
            lost = w.weights[0, s] * own * arc[SHARE, e] * core[BY, n]
            matrix[at[ROW, n] * wide + at[COLUMN, w.origin[e]]] += lost * arc[BY_PRICE, e]
            for t in range(starts[CHARGES, b], starts[CHARGES, b + ONE]):
                if links[1, t] == e:
                    matrix[at[ROW, n] * wide + at[COLUMN, links[0, t]]] += lost * charge(w, t)


@compiled
def lifted(w: Net, wide: Any) -> None:
    """Payments in the rows of levels, whose margins they lift."""
    core, payment, matrix, at, links, starts = w.core, w.payment, w.matrix, w.at, w.links, w.starts
    for t in range(starts[PRICED, 0], starts[PRICED, 1]):
        s = links[1, t]
        k = w.paying[0, s]
        slope = payment[STEEPNESS, s] * payment[PER_TONNE, s] * core[BY, k]
        matrix[at[ROW, k] * wide + at[COLUMN, links[0, t]]] -= slope * w.weights[0, t]
    for s in range(unsigned(payment.shape[1])):
        k = w.paying[0, s]
        paid = payment[SHORT, s] * payment[PER_TONNE, s] * core[BY, k]
        for t in range(starts[CUTS, 0], starts[CUTS, 1]):
            if links[1, t] == w.paying[1, s]:
                matrix[at[ROW, k] * wide + at[COLUMN, links[0, t]]] += paid * w.weights[0, t]


@compiled
def counted(w: Net, wide: Any) -> None:
    """Payments in the rows of multipliers, which count them."""
    core, payment, matrix, at, links, starts = w.core, w.payment, w.matrix, w.at, w.links, w.starts
    for u in range(starts[PAYS, 0], starts[PAYS, 1]):
        q, n = links[0, u], links[1, u]
        row, by = at[ROW, n] * wide, core[BY, n]
        kept = by * (w.weights[0, u] + w.weights[1, u] * (1.0 - w.support[0, q]))
        for t in range(starts[PRICED, 0], starts[PRICED, 1]):
            s = links[1, t]
            if w.paying[1, s] == q:
                lost = kept * payment[BELOW, s] * payment[OUTPUT, s]
                matrix[row + at[COLUMN, links[0, t]]] += lost * w.weights[0, t]
        for s in range(unsigned(payment.shape[1])):
            k, paid = w.paying[0, s], payment[SHORT, s] * payment[PER_TONNE, s]
            if w.paying[1, s] == q:
                matrix[row + at[COLUMN, k]] -= kept * paid * core[UNIT, k]
        for t in range(starts[CUTS, 0], starts[CUTS, 1]):
            if links[1, t] == q:
                cut = w.weights[1, u] * w.support[1, q] * w.weights[0, t]
                matrix[row + at[COLUMN, links[0, t]]] += cut * by


@compiled
def take_levels(matrix: Array, right: Array, inner: Any, count: Any) -> None:
    """Take levels, which meet no other level, out of the rows before them."""
    wide = count + ONE
    for p in range(inner, count):
        own = 1.0 / matrix[p * wide + p]
        matrix[p * wide + p] = own
        for r in range(inner):
            by = matrix[r * wide + p] * own
            if by != 0.0:
                for c in range(inner):
                    matrix[r * wide + c] -= by * matrix[p * wide + c]
                right[r] -= by * right[p]


@compiled
def pivot(matrix: Array, right: Array, p: Any, inner: Any, wide: Any) -> bool:
    """Bring the largest entry of a column to the diagonal; whether there is one."""
    best: float = abs(matrix[p * wide + p])
    found = p
    for r in range(p + ONE, inner):
        if abs(matrix[r * wide + p]) > best:
            best, found = abs(matrix[r * wide + p]), r
    if found != p:
        for c in range(p, inner):
            kept = matrix[p * wide + c]
            matrix[p * wide + c] = matrix[found * wide + c]
            matrix[found * wide + c] = kept
        kept = right[p]
        right[p] = right[found]
        right[found] = kept
    return 0.0 < best < np.inf


@compiled
def eliminate(matrix: Array, right: Array, inner: Any, wide: Any) -> bool:
    """Solve the first rows in place; whether there is a solution."""
    for p in range(inner):
        if not pivot(matrix, right, p, inner, wide):
            return False
        own = 1.0 / matrix[p * wide + p]
        for r in range(p + ONE, inner):
            by = matrix[r * wide + p] * own
            if by != 0.0:
                for c in range(p + ONE, inner):
                    matrix[r * wide + c] -= by * matrix[p * wide + c]
                right[r] -= by * right[p]
    for q in range(inner):
        p = inner - ONE - q
        total = right[p]
        for c in range(p + ONE, inner):
            total -= matrix[p * wide + c] * right[c]
        right[p] = total / matrix[p * wide + p]
    return True


@compiled
def turn(w: Net, rules: Search, tie: float) -> bool:
    """A direction from where conditions were measured; whether there is one."""
    core, matrix, right, at = w.core, w.matrix, w.core[SOLUTION], w.at
    aim(w, rules, tie)
    inner, count = order(w, rules.firm)
    assemble(w, count)
    for p in range(count):
        right[p] = core[RIGHT, at[UNKNOWN, p]]
    take_levels(matrix, right, inner, count)
    if not eliminate(matrix, right, inner, count + ONE):
        return False
    total, most = 0.0, 1.0
    for p in range(count):
        move, n = right[p], at[UNKNOWN, p]
        if p >= inner:
            row = p * (count + ONE)
            for c in range(inner):
                move -= matrix[row + c] * right[c]
            move *= matrix[row + p]
        core[MOVE, n] = move
        total += move
        if n < w.places:
            most = max(most, move / ((rules.grow - 1.0) * max(core[Z, n], rules.least)))
    for n in range(core.shape[1]):
        core[MOVE, n] /= most
    cap(w, rules)
    return math.isfinite(total)


@compiled
def cap(w: Net, rules: Search) -> None:
    """Highest levels that a step may reach: see ``steepest_level``."""
    core, law = w.core, w.cost
    for n in range(core.shape[1]):
        core[TOP, n] = np.inf
    for k in range(w.levels):
        n = w.places + k
        move, cost = core[MOVE, n], w.level[COST, k]
        extreme = max(rules.overshoot, rules.steeper * abs(w.level[MARGIN, k]))
        # ln(new / old) <= move / old: where cost is far below the extreme, a short move stays there
        short = extreme > math.e * cost and law[k, POWER] * move <= core[Z, n]
        if law[k, CURVED] > 0.0 and not short:
            core[TOP, n] = invert(law, k, extreme)[0]


@compiled
def step(w: Net, rules: Search, length: float) -> None:
    """Go some length along the direction, within limits: see ``limited``."""
    core = w.core
    grown = w.places + w.levels
    for n in range(unsigned(core.shape[1])):
        old, lower = core[OLD, n], core[LOWER, n]
        new = old + length * core[MOVE, n]
        if n < grown:
            low = 0.0 if new <= lower + 1e-14 else rules.shrink * old
            new = min(max(new, low), rules.grow * max(old, rules.least))
            new = min(new, core[TOP, n])
        core[Z, n] = min(max(new, lower), core[UPPER, n])


@compiled
def copy(core: Array, source: Any, to: Any) -> None:
    """Copy one row of the core to another."""
    for n in range(core.shape[1]):
        core[to, n] = core[source, n]


@compiled
def advance(w: Net, rules: Search, merit: float, bold: bool) -> tuple[bool, float, float]:
    """Go along the direction: whether the point is taken, its residual and merit.

    Bold steps are taken whole, whatever they do to the merit.
    """
    length, size, now = 1.0, np.inf, np.inf
    for _ in range(rules.halvings):
        step(w, rules, length)
        size, now = measure(w, rules)
        if now <= (1.0 - 1e-4 * length) * merit or size <= rules.aim:
            return True, size, now
        if bold:
            return now < np.inf, size, now
        length *= 0.5
    return False, size, now


@compiled
def search(w: Net, rules: Search) -> tuple[int, float]:
    """From the start to a solution, if these steps find it; steps and residual."""
    core, steps, trust, side = w.core, 0, rules.trust, 0
    size, merit = measure(w, rules)
    lowest = merit
    copy(core, Z, BEST)
    while size > rules.aim and merit < np.inf and steps < rules.most:
        copy(core, Z, OLD)
        taken, near, now = False, size, merit
        if turn(w, rules, rules.ties[side]):
            taken, near, now = advance(w, rules, merit, trust > 0)
        back = trust > 0 and not taken
        if taken:
            steps, side, size, merit = steps + 1, 0, near, now
            if trust > 0:
                trust = rules.trust if merit <= 0.5 * lowest else trust - 1
                back = trust == 0 and size > rules.aim
            if merit <= lowest:
                lowest = merit
                copy(core, Z, BEST)
        elif trust == 0:
            side += 1
            if side == len(rules.ties) or size >= rules.close:
                return steps, size
        if back or not taken:
            trust = 0
            copy(core, BEST if back else OLD, Z)
            size, merit = measure(w, rules)
    return steps, size


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


@compiled
def search_all(w: Net, rules: Search, cases: Cases) -> None:
    """Search one scenario after the other."""
    core, unknowns = w.core, cases.z.shape[1]
    for n in range(cases.z.shape[0]):
        one = n if cases.core.shape[0] > 1 else 0
        for row in range(4):
            for c in range(unknowns):
                core[row, c] = cases.core[one, row, c]
        for c in range(unknowns):
            core[Z, c] = min(max(cases.z[n, c], core[LOWER, c]), core[UPPER, c])
        for v in range(cases.rows.size):
            for e in range(w.arc.shape[1]):
                w.arc[cases.rows[v], e] = cases.arcs[n, v, e]
        one = n if cases.payments.shape[0] > 1 else 0
        for row in range(4):
            for s in range(w.payment.shape[1]):
                w.payment[row, s] = cases.payments[one, row, s]
        cases.steps[n], cases.size[n] = search(w, rules)
        for c in range(unknowns):
            cases.z[n, c] = core[Z, c]
