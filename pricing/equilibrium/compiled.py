"""Steps for one scenario after the other, compiled (:mod:`pricing.equilibrium.kernel` calls them).

Numerical work only. What the model says is handed in as coefficients: routes are affine in prices,
processes and demands linear maps, curves powers or straight lines. The steps are those of
:mod:`pricing.equilibrium.interior` and :mod:`pricing.equilibrium.point`, the elimination that of
:mod:`pricing.equilibrium.blocks`; equations and reasons are there. Everything is scaled. The core
has producer prices (M = G R), process levels (K) and delivered prices (M); route ``m R + j`` goes
from producer price ``m`` to region ``j``.

Many numbers share few arrays, and places are unsigned: handing over an array costs as much as a row
of arithmetic, and a place that may be negative keeps a loop from being vectorised. Nothing is
allocated.

Importing this module imports numba, which takes a while: only batches do. What is compiled is kept
on disk under the names of this module, its functions and its named tuples: a new name for a tuple
needs a new name for the module, or numba cannot read what an older version has kept. It is kept
until this file changes, and only this: that is why all of it is in one file.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pricing.chains.network import Array, BoolArray

Places = NDArray[np.uintp]

Function = TypeVar("Function", bound=Callable[..., Any])


def _decorator(*liberties: str) -> Callable[[Function], Function]:
    """Compile when first called, and keep the outcome beside this file or with the user's files."""

    def compile_later(function: Function) -> Function:
        # `_nrt` off: nothing counts references, which is a tenth of the time of a step
        options: dict[str, Any] = {"error_model": "numpy", "nogil": True, "_nrt": False}
        options["fastmath"] = set(liberties)
        try:
            made: Function = njit(cache=True, **options)(function)
        except RuntimeError:  # nowhere to write: every process compiles for itself
            made = njit(**options)(function)
        return made

    return compile_later


compiled = _decorator("contract")
reduction = _decorator("contract", "reassoc")
"""For sums, in any order."""
largest = _decorator("nnan", "nsz")
"""For maxima; what is not a number shows in the conditions that follow."""

unsigned: Any = np.uintp
ONE, TWO = unsigned(1), unsigned(2)
"""Places stay unsigned only in the company of unsigned numbers."""

CURVED, AT, HEIGHT, POWER, CONSTANT, SLOPE, LOWEST, HIGHEST, LEAST = range(9)
"""Columns of a curve: ``height (v / at)^power``, or a straight line with a least value; it is read
between two bounds."""

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


@compiled
def read(law: Array, n: Any, value: float) -> tuple[float, float]:
    """A curve and its slope."""
    at = min(max(value, law[n, LOWEST]), law[n, HIGHEST])
    if law[n, CURVED] > 0.0:
        found = law[n, HEIGHT] * (at / law[n, AT]) ** law[n, POWER]
        slope = law[n, POWER] * found / max(at, 1e-300)
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
def evaluate(w: Room) -> None:
    """Conditions of the core and losses of routes."""
    core, level, inputs, place = w.core, w.level, w.inputs, w.place
    places = w.places
    delivered = places + unsigned(w.made.size)
    core[CONDITION] = 0.0
    place[0] = 0.0
    _balance(core, w.route, places, w.regions, delivered)
    for k in range(unsigned(w.made.size)):
        x, m = core[Z, places + k], w.made[k]
        found, level[STEEP, k] = read(w.cost, k, x)
        level[COST, k] = found
        core[CONDITION, m] += level[OUTPUT, k] * x
        loss = found - level[EARNED, k] * core[Z, m]
        for u in range(w.first[k], w.first[k + ONE]):
            n = delivered + w.buys[u]
            core[CONDITION, n] -= inputs[0, u] * x
            loss += inputs[1, u] * core[Z, n]
        core[CONDITION, places + k] = loss
    for d in range(unsigned(w.buyers.size)):
        m = w.buyers[d]
        found, slope = read(w.demand, d, core[Z, delivered + m])
        core[CONDITION, delivered + m] -= found
        place[0, m] += slope


@reduction
def _balance(core: Array, route: Array, places: Any, regions: Any, delivered: Any) -> None:
    """Sales, arrivals and losses of routes."""
    for m in range(places):
        total, price = 0.0, core[Z, m]
        start, at = delivered + m // regions * regions, m * regions
        for j in range(regions):
            e, n = at + j, start + j
            total += route[SOLD, e] * route[FLOW, e]
            core[CONDITION, n] += route[BOUGHT, e] * route[FLOW, e]
            route[LOSS, e] = route[LANDED, e] * price + route[FIXED, e] - core[Z, n]
        core[CONDITION, m] = -total


@compiled
def choose_form(w: Room, rules: Rules, duals: float) -> None:
    """How the condition of each level is written: see ``LevelForm``; ``duals`` is zero or one."""
    core, level, law = w.core, w.level, w.cost
    for k in range(unsigned(w.made.size)):
        cost, n = level[COST, k], w.places + k
        margin = cost - core[CONDITION, n] + duals * (core[LOW, n] - core[HIGH, n])
        short, steep = cost - margin, law[k, POWER] > 1.0
        far = abs(short) > rules.near * max(margin, cost)
        wanted = (short < 0.0) == steep or (steep and short > rules.overshoot)
        level[SUPPLIED, k] = 0.0
        if law[k, CURVED] > 0.0 and far and wanted and margin > 0.0:
            level[SUPPLIED, k] = 1.0
            level[TARGET, k], level[GIVES, k] = invert(law, k, margin)


@compiled
def factor(w: Room) -> None:
    """Eliminate flows, levels and producer prices; factor what remains of delivered prices."""
    core, level, place, matrix, inputs = w.core, w.level, w.place, w.matrix, w.inputs
    places, levels = w.places, unsigned(w.made.size)
    delivered = places + levels
    matrix[:] = 0.0
    for m in range(places):
        place[1, m] = core[DIAGONAL, m]
        matrix[m, m] = core[DIAGONAL, delivered + m]
    for k in range(levels):
        n = places + k
        gain = 0.0 if core[HELD, n] > 0.0 else 1.0 / core[DIAGONAL, n]
        level[GAIN, k] = gain
        place[1, w.made[k]] += level[OUTPUT, k] * level[EARNED, k] * gain
        for u in range(w.first[k], w.first[k + ONE]):
            for v in range(w.first[k], w.first[k + ONE]):
                matrix[w.buys[u], w.buys[v]] += inputs[0, u] * inputs[1, v] * gain
    _eliminate_flows(core, w.route, place, matrix, places, w.regions)
    if w.buys.size:
        _eliminate_outputs(w)
    for m in range(places):
        if core[HELD, delivered + m] > 0.0:
            matrix[m] = 0.0
            matrix[m, m] = 1.0
    _eliminate(w.ends, matrix, w.regions)


@reduction
def _eliminate_flows(
    core: Array, route: Array, place: Array, matrix: Array, places: Any, regions: Any
) -> None:
    """Take flows, and producer prices as far as buyers of their good feel it, out of the system.

    Two prices leave at a time, which halves the passes over the matrix.
    """
    for m in range(places):
        start, at, total = m // regions * regions, m * regions, 0.0
        for j in range(regions):
            e = at + j
            row, column = route[SOLD, e] * route[WEIGHT, e], route[BOUGHT, e] * route[WEIGHT, e]
            matrix[start + j, start + j] += column
            total += row * route[LANDED, e]
            route[ROW, e], route[COLUMN, e] = row, column * route[LANDED, e]
        free = 0.0 if core[HELD, m] > 0.0 else 1.0
        pivot = free / (place[1, m] + total) if free > 0.0 else 0.0
        place[1, m] = pivot
        for j in range(regions):
            route[ROW, at + j] *= pivot
    for start in range(unsigned(0), places, regions):
        for m in range(start, start + regions, TWO):
            a = m * regions
            b = a + regions if m + ONE < start + regions else a
            both = 1.0 if b > a else 0.0
            for i in range(regions):
                by, more, to = route[COLUMN, a + i], both * route[COLUMN, b + i], start + i
                if by != 0.0 or more != 0.0:
                    for j in range(regions):
                        gone = by * route[ROW, a + j] + more * route[ROW, b + j]
                        matrix[to, start + j] -= gone


@compiled
def _eliminate_outputs(w: Room) -> None:
    """The same as far as processes feel it that make the good: they buy inputs."""
    level, matrix, route, inputs = w.level, w.matrix, w.route, w.inputs
    regions = w.regions
    for m in range(w.places):
        pivot, start, at = w.place[1, m], m // regions * regions, m * regions
        if pivot == 0.0:
            continue
        for o in range(w.starts[m], w.starts[m + ONE]):
            k = w.order[o]
            for u in range(w.first[k], w.first[k + ONE]):
                to = w.buys[u]
                by = inputs[0, u] * level[EARNED, k] * level[GAIN, k]
                own = inputs[1, u] * level[OUTPUT, k] * level[GAIN, k] * pivot
                for j in range(regions):
                    matrix[to, start + j] -= by * route[ROW, at + j]
                    matrix[start + j, to] -= route[COLUMN, at + j] * own
                for q in range(w.starts[m], w.starts[m + ONE]):
                    other = w.order[q]
                    for v in range(w.first[other], w.first[other + ONE]):
                        paid = inputs[1, v] * level[OUTPUT, other] * level[GAIN, other] * pivot
                        matrix[to, w.buys[v]] -= by * paid


@compiled
def _eliminate(ends: Places, matrix: Array, regions: Any) -> None:
    """Triangular factors in place within the envelope; the diagonal becomes its inverse.

    Two unknowns leave at a time, which halves the passes over the matrix.
    """
    for p in range(unsigned(0), unsigned(matrix.shape[0]), TWO):
        end = ends[p // regions]
        first = 1.0 / matrix[p, p]
        matrix[p, p] = first
        other = p + ONE
        if other < unsigned(matrix.shape[0]):
            end = max(end, ends[other // regions])
            by, across = matrix[other, p] * first, matrix[p, other]
            matrix[other, p] = by
            for c in range(other, end):
                matrix[other, c] -= by * matrix[p, c]
            second = 1.0 / matrix[other, other]
            matrix[other, other] = second
            for q in range(other + ONE, end):
                by = matrix[q, p] * first
                more = (matrix[q, other] - by * across) * second
                matrix[q, p], matrix[q, other] = by, more
                if by != 0.0 or more != 0.0:
                    for c in range(other + ONE, end):
                        matrix[q, c] -= by * matrix[p, c] + more * matrix[other, c]


@reduction
def _substitute(
    starts: Places, ends: Places, matrix: Array, regions: Any, core: Array, start: Any
) -> None:
    """Solve with the factors for the moves of delivered prices, in place."""
    size = unsigned(matrix.shape[0])
    for q in range(size):
        total = 0.0
        for p in range(starts[q // regions], q):
            total += matrix[q, p] * core[MOVE, start + p]
        core[MOVE, start + q] -= total
    for r in range(size):
        q, total = size - ONE - r, 0.0
        for c in range(q + ONE, ends[q // regions]):
            total += matrix[q, c] * core[MOVE, start + c]
        core[MOVE, start + q] = (core[MOVE, start + q] - total) * matrix[q, q]


@compiled
def solve(w: Room) -> None:
    """Moves of the core from their right-hand sides, and what routes' losses change by."""
    core, level, inputs = w.core, w.level, w.inputs
    places, levels = w.places, unsigned(w.made.size)
    delivered = places + levels
    for n in range(core.shape[1]):
        core[MOVE, n] = core[RIGHT, n]
    for k in range(levels):
        n, m = places + k, w.made[k]
        if core[HELD, n] == 0.0:
            core[MOVE, n] *= level[GAIN, k]
        core[MOVE, m] -= level[OUTPUT, k] * core[MOVE, n]
        for u in range(w.first[k], w.first[k + ONE]):
            core[MOVE, delivered + w.buys[u]] += inputs[0, u] * core[MOVE, n]
    _carry(core, w.route, w.place, places, w.regions, delivered)
    for k in range(levels):
        by = level[GAIN, k] * level[EARNED, k] * core[MOVE, w.made[k]]
        for u in range(w.first[k], w.first[k + ONE]):
            core[MOVE, delivered + w.buys[u]] += inputs[0, u] * by
    for n in range(delivered, delivered + places):
        if core[HELD, n] > 0.0:
            core[MOVE, n] = core[RIGHT, n]
    _substitute(w.begins, w.ends, w.matrix, w.regions, core, delivered)
    _give_back(w, delivered)


@compiled
def _give_back(w: Room, delivered: Any) -> None:
    """Moves of producer prices and levels, once those of delivered prices are known."""
    core, level, inputs = w.core, w.level, w.inputs
    places, levels = w.places, unsigned(w.made.size)
    for k in range(levels):
        m, by = w.made[k], 0.0
        for u in range(w.first[k], w.first[k + ONE]):
            by += inputs[1, u] * core[MOVE, delivered + w.buys[u]]
        core[MOVE, m] += w.place[1, m] * level[OUTPUT, k] * level[GAIN, k] * by
        core[MOVE, places + k] -= level[GAIN, k] * by
    _rise(core, w.route, places, w.regions, delivered)
    for k in range(levels):
        core[MOVE, places + k] += level[GAIN, k] * level[EARNED, k] * core[MOVE, w.made[k]]


@reduction
def _carry(
    core: Array,
    route: Array,
    place: Array,
    places: Any,
    regions: Any,
    delivered: Any,
) -> None:
    """Carry moves of flows, and of producer prices, to the right-hand sides of buyers."""
    for m in range(places):
        start, at, total = delivered + m // regions * regions, m * regions, 0.0
        for j in range(regions):
            total += route[SOLD, at + j] * route[MOVED, at + j]
        price = core[RIGHT, m]
        if core[HELD, m] == 0.0:
            price = (core[MOVE, m] + total) * place[1, m]
        core[MOVE, m] = price
        for j in range(regions):
            gone = route[BOUGHT, at + j] * route[MOVED, at + j]
            core[MOVE, start + j] -= gone - route[COLUMN, at + j] * price


@reduction
def _rise(core: Array, route: Array, places: Any, regions: Any, delivered: Any) -> None:
    """Moves of producer prices from those of delivered prices, and of losses from both."""
    for m in range(places):
        start, at, total = delivered + m // regions * regions, m * regions, 0.0
        for j in range(regions):
            total += route[ROW, at + j] * core[MOVE, start + j]
        price = core[MOVE, m] + total
        core[MOVE, m] = price
        for j in range(regions):
            route[RISE, at + j] = route[LANDED, at + j] * price - core[MOVE, start + j]


@compiled
def begin(w: Room, rules: Rules, gap: float) -> float:
    """The interior point nearest to the start; the number of pairs."""
    evaluate(w)
    core, route, count = w.core, w.route, 0
    for n in range(core.shape[1]):
        lower, upper = core[LOWER, n], core[UPPER, n]
        core[LOW, n] = core[HIGH, n] = core[LOW_MOVE, n] = core[HIGH_MOVE, n] = 0.0
        core[HELD, n] = 0.0 if upper > lower else 1.0
        if not upper > lower:
            core[Z, n] = lower
            continue
        distance = _distance(core[Z, n] - lower, core[CONDITION, n], gap, rules.furthest)
        count += 1
        if upper < np.inf:
            room = upper - lower
            distance = min(distance, max(room - 0.1, 0.75 * room))
            core[HIGH, n] = gap / (room - distance)
            count += 1
        core[Z, n], core[LOW, n] = lower + distance, gap / distance
    for e in range(route.shape[1]):
        route[FLOW, e] = _distance(route[FLOW, e], route[LOSS, e], gap, rules.furthest)
        route[DUAL, e], route[DUAL_MOVE, e] = gap / route[FLOW, e], 0.0
        if route[OPEN, e] > 0.0:
            count += 1
        else:
            route[FLOW, e], route[DUAL, e] = 0.0, 1.0
    return float(count)


@compiled
def _distance(distance: float, condition: float, gap: float, furthest: float) -> float:
    """The larger of two numbers whose product is the gap, and whose difference is given."""
    bent = 0.0 if np.isnan(condition) else min(max(condition, -furthest), furthest)
    difference = distance - bent
    return 0.5 * (difference + math.sqrt(difference * difference + 4.0 * gap))


@compiled
def measure(core: Array, route: Array, held_back: float) -> None:
    """Distances from bounds, and one over them and their duals; how far flows give way."""
    for n in range(core.shape[1]):
        free = core[HELD, n] == 0.0
        bounded = free and core[UPPER, n] < np.inf
        below, above = core[Z, n] - core[LOWER, n], core[UPPER, n] - core[Z, n]
        core[BELOW, n], core[ABOVE, n] = below if free else 0.0, above if bounded else 0.0
        core[OVER_BELOW, n] = 1.0 / below if free else 0.0
        core[OVER_ABOVE, n] = 1.0 / above if bounded else 0.0
        core[OVER_LOW, n] = 1.0 / core[LOW, n] if free else 0.0
        core[OVER_HIGH, n] = 1.0 / core[HIGH, n] if bounded else 0.0
        core[OVER_SIZE, n] = 1.0 / max(core[Z, n], 0.1)
    for e in range(route.shape[1]):
        flow, dual = route[FLOW, e], route[DUAL, e]
        give = 1.0 / (dual + held_back * min(flow, 1.0 / max(flow, 1.0)))
        route[OVER_DUAL, e], route[GIVE, e] = 1.0 / dual, give
        route[OVER_FLOW, e] = 1.0 / flow if flow > 0.0 else 0.0
        route[WEIGHT, e] = flow * give


@compiled
def linearise(w: Room, rules: Rules) -> None:
    """Diagonals of an interior step, factored."""
    core, level = w.core, w.level
    delivered = w.places + unsigned(w.made.size)
    choose_form(w, rules, 1.0)
    for n in range(core.shape[1]):
        low, high = core[LOW, n] * core[OVER_BELOW, n], core[HIGH, n] * core[OVER_ABOVE, n]
        held = max(core[Z, n], 1.0)
        core[DIAGONAL, n] = low + high + rules.held_back / (held * held)
    for k in range(unsigned(w.made.size)):
        own = 1.0 / level[GIVES, k] if level[SUPPLIED, k] > 0.0 else level[STEEP, k]
        core[DIAGONAL, w.places + k] += own
    for m in range(w.places):
        core[DIAGONAL, delivered + m] -= w.place[0, m]
    factor(w)


@compiled
def head(w: Room) -> None:
    """Newton's move to pairs of the complementarity aimed at."""
    core, level, route = w.core, w.level, w.route
    for n in range(core.shape[1]):
        low = core[LOW_AIM, n] * core[OVER_BELOW, n] - core[LOW, n]
        high = core[HIGH_AIM, n] * core[OVER_ABOVE, n] - core[HIGH, n]
        core[LOW_MOVE, n], core[HIGH_MOVE, n] = low, high
        given = core[LOW, n] - core[HIGH, n] - core[CONDITION, n] + low - high
        core[RIGHT, n] = given if core[HELD, n] == 0.0 else 0.0
    for k in range(unsigned(w.made.size)):
        n = w.places + k
        if level[SUPPLIED, k] > 0.0 and core[HELD, n] == 0.0:
            excess = (level[TARGET, k] - core[Z, n]) / level[GIVES, k]
            core[RIGHT, n] = excess + core[LOW_MOVE, n] - core[HIGH_MOVE, n]
    for e in range(route.shape[1]):
        moved = (route[AIM, e] - route[FLOW, e] * route[LOSS, e]) * route[GIVE, e]
        route[MOVED, e] = moved * route[OPEN, e]
    solve(w)
    for n in range(core.shape[1]):
        move = core[MOVE, n]
        core[LOW_MOVE, n] -= core[LOW, n] * core[OVER_BELOW, n] * move
        core[HIGH_MOVE, n] += core[HIGH, n] * core[OVER_ABOVE, n] * move
    for e in range(route.shape[1]):
        change = route[MOVED, e] - route[WEIGHT, e] * route[RISE, e]
        other = (route[AIM, e] - route[DUAL, e] * change) * route[OVER_FLOW, e] - route[DUAL, e]
        route[FLOW_MOVE, e], route[DUAL_MOVE, e] = change, other * route[OPEN, e]


@largest
def reach(core: Array, route: Array) -> float:
    """How far a move can go before a distance or a dual is zero."""
    closing = 1e-3
    for n in range(core.shape[1]):
        low = -core[MOVE, n] * core[OVER_BELOW, n]
        high = core[MOVE, n] * core[OVER_ABOVE, n]
        more = low if low > high else high
        closing = more if more > closing else closing
    for n in range(core.shape[1]):
        low = -core[LOW_MOVE, n] * core[OVER_LOW, n]
        high = -core[HIGH_MOVE, n] * core[OVER_HIGH, n]
        more = low if low > high else high
        closing = more if more > closing else closing
    for e in range(route.shape[1]):
        flow = -route[FLOW_MOVE, e] * route[OVER_FLOW, e]
        dual = -route[DUAL_MOVE, e] * route[OVER_DUAL, e]
        more = flow if flow > dual else dual
        closing = more if more > closing else closing
    return 1.0 / closing


@largest
def growth(core: Array, grow: float) -> float:
    """Longest step that keeps prices and levels from growing too fast."""
    most = 1e-300
    for n in range(core.shape[1]):
        rise = core[MOVE, n] * core[OVER_SIZE, n]
        most = rise if rise > most else most
    return grow / most


@reduction
def complementarity(core: Array, route: Array, far: float) -> float:
    """Sum over pairs after a move of some length."""
    total = 0.0
    for n in range(core.shape[1]):
        change = far * core[MOVE, n]
        low, high = core[LOW, n] + far * core[LOW_MOVE, n], core[HIGH, n] + far * core[HIGH_MOVE, n]
        total += (core[BELOW, n] + change) * low + (core[ABOVE, n] - change) * high
    for e in range(route.shape[1]):
        flow = route[FLOW, e] + far * route[FLOW_MOVE, e]
        total += flow * (route[DUAL, e] + far * route[DUAL_MOVE, e])
    return total


@compiled
def interior_step(w: Room, rules: Rules, pairs: float) -> bool:
    """One step with a predictor and a corrector; whether there was one."""
    core, route = w.core, w.route
    evaluate(w)
    measure(core, route, rules.held_back)
    core[MOVE] = 0.0
    route[FLOW_MOVE] = 0.0
    gap = complementarity(core, route, 0.0) / pairs
    linearise(w, rules)
    core[LOW_AIM] = 0.0
    core[HIGH_AIM] = 0.0
    route[AIM] = 0.0
    head(w)
    length = min(1.0, reach(core, route), growth(core, rules.grow))
    share = (complementarity(core, route, length) / pairs / gap) ** 3
    share = min(max(share, rules.least_aim), 1.0)
    most = rules.corrected * gap
    if length < rules.blocked:
        share, most = max(share, rules.blocked_aim), 0.0
    _correct(core, route, gap * share, most)
    head(w)
    inside = max(rules.inside, 1.0 - 10.0 * gap) if length > 0.9 else rules.inside
    length = min(1.0, inside * reach(core, route), growth(core, rules.grow))
    return _take(w, rules, length)


@compiled
def _correct(core: Array, route: Array, target: float, most: float) -> None:
    """Aims less the products of the first move's changes, which a linear system leaves out."""
    for n in range(core.shape[1]):
        low, high = core[MOVE, n] * core[LOW_MOVE, n], -core[MOVE, n] * core[HIGH_MOVE, n]
        core[LOW_AIM, n] = target - min(max(low, -most), most)
        core[HIGH_AIM, n] = target - min(max(high, -most), most)
    for e in range(route.shape[1]):
        product = route[FLOW_MOVE, e] * route[DUAL_MOVE, e]
        route[AIM, e] = target - min(max(product, -most), most)


@compiled
def _take(w: Room, rules: Rules, length: float) -> bool:
    """Take a move; no level goes higher than its highest. Whether every distance is left."""
    core, level, route, sound = w.core, w.level, w.route, True
    for k in range(unsigned(w.made.size)):
        n = w.places + k
        if core[HELD, n] == 0.0 and w.cost[k, CURVED] > 0.0:
            lower, old = core[LOWER, n], core[Z, n]
            at = old, level[COST, k], core[CONDITION, n], core[MOVE, n]
            highest = _highest(w.cost, k, at, rules)
            highest = max(highest, lower + 0.1 * (old - lower))
            if old + length * core[MOVE, n] > highest:
                core[MOVE, n] = (highest - old) / length
    for n in range(core.shape[1]):
        if core[HELD, n] == 0.0:
            core[Z, n] += length * core[MOVE, n]
            core[LOW, n] += length * core[LOW_MOVE, n]
            core[HIGH, n] += length * core[HIGH_MOVE, n]
            sound &= core[LOWER, n] < core[Z, n] < core[UPPER, n]
    for e in range(route.shape[1]):
        route[FLOW, e] += length * route[FLOW_MOVE, e]
        route[DUAL, e] += length * route[DUAL_MOVE, e]
    return sound


@compiled
def _highest(law: Array, k: Any, at: tuple[float, ...], rules: Rules) -> float:
    """Highest level that a step may reach: there marginal cost is extreme already."""
    z, cost, condition, move = at
    extreme = max(rules.overshoot, rules.steeper * abs(cost - condition))
    if move <= 0.0 and cost <= extreme:
        return np.inf  # it is below already
    if law[k, POWER] * move <= z and 3.0 * cost <= extreme:
        return np.inf  # it stays below: (1 + move / z)^power < 3
    return invert(law, k, extreme)[0]


@compiled
def ready(core: Array, route: Array, most: float) -> bool:
    """Whether every pair has found its side."""
    for n in range(core.shape[1]):
        if core[HELD, n] == 0.0:
            if not min(core[Z, n] - core[LOWER, n], core[LOW, n]) < most:
                return False
            above = core[UPPER, n] - core[Z, n]
            if core[UPPER, n] < np.inf and not min(above, core[HIGH, n]) < most:
                return False
    apart = 0
    for e in range(route.shape[1]):
        apart += not min(route[FLOW, e], route[DUAL, e]) < most
    return apart == 0


@compiled
def exact_step(w: Room, rules: Rules) -> None:
    """A semismooth Newton step from where conditions were evaluated: see ``Point.direction``."""
    core, level, route = w.core, w.level, w.route
    places, levels = w.places, unsigned(w.made.size)
    delivered = places + levels
    choose_form(w, rules, 0.0)
    for n in range(unsigned(core.shape[1])):
        condition, own, by = core[CONDITION, n], rules.proximal, 1.0
        if n >= delivered:
            own -= w.place[0, n - delivered]
        elif n >= places:
            k = n - places
            own = max(level[STEEP, k], rules.proximal)
            if level[SUPPLIED, k] > 0.0:
                condition, by = core[Z, n] - level[TARGET, k], level[GIVES, k]
                own = 1.0 / by
        tested = core[TESTED, n]
        low, high = (core[Z, n] - core[LOWER, n]) / tested, (core[Z, n] - core[UPPER, n]) / tested
        free = high < condition < low and core[UPPER, n] > core[LOWER, n]
        core[HELD, n], core[DIAGONAL, n] = 0.0 if free else 1.0, own
        core[RIGHT, n] = -condition / by if free else -min(max(condition, high), low) * tested
    for e in range(route.shape[1]):
        used = route[OPEN, e] > 0.0 and route[LOSS, e] < route[FLOW, e]
        route[WEIGHT, e] = 1.0 / rules.proximal if used else 0.0
        route[MOVED, e] = -route[LOSS, e] / rules.proximal if used else -route[FLOW, e]
    factor(w)
    solve(w)
    for k in range(levels):
        n = places + k
        if w.cost[k, CURVED] > 0.0:
            at = core[Z, n], level[COST, k], core[CONDITION, n], core[MOVE, n]
            core[MOVE, n] = min(core[MOVE, n], _highest(w.cost, k, at, rules) - core[Z, n])
    for n in range(core.shape[1]):
        core[Z, n] = min(max(core[Z, n] + core[MOVE, n], core[LOWER, n]), core[UPPER, n])
    for e in range(route.shape[1]):
        flow = route[FLOW, e] + route[MOVED, e] - route[WEIGHT, e] * route[RISE, e]
        route[FLOW, e] = max(flow, 0.0) * route[OPEN, e]


@compiled
def residual(core: Array, route: Array) -> float:
    """Largest natural residual where conditions were evaluated; not a number counts as infinite."""
    size = 0.0
    for n in range(core.shape[1]):
        z = core[Z, n]
        own = abs(min(max(core[CONDITION, n], z - core[UPPER, n]), z - core[LOWER, n]))
        if not own <= size:
            size = own if np.isfinite(own) else np.inf
    for e in range(route.shape[1]):
        own = abs(min(route[LOSS, e], route[FLOW, e])) if route[OPEN, e] > 0.0 else 0.0
        if not own <= size:
            size = own if np.isfinite(own) else np.inf
    return size


@compiled
def search(w: Room, rules: Rules, gap: float) -> tuple[int, float]:
    """From the start to a solution, if these steps find it; steps and residual."""
    pairs = begin(w, rules, gap)
    steps = 0
    for _ in range(rules.interior_steps):
        sound = interior_step(w, rules, pairs)
        steps += 1
        if ready(w.core, w.route, rules.ready):
            break  # a distance may have drowned in rounding: exact steps do not need it
        if not sound:
            return steps, np.inf
    size = np.inf
    for n in range(rules.exact_steps + 1):
        evaluate(w)
        size = residual(w.core, w.route)
        if not np.isfinite(size) or size <= rules.aim or n == rules.exact_steps:
            break
        exact_step(w, rules)
        steps += 1
    return steps, size


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


@compiled
def search_all(w: Room, rules: Rules, gap: float, many: Many) -> None:
    """Search one scenario after the other."""
    core, route = w.core, w.route
    wide = core.shape[1]
    for n in range(many.z.shape[0]):
        for c in range(wide):
            core[LOWER, c], core[UPPER, c] = many.lower[n, c], many.upper[n, c]
            core[Z, c] = min(max(many.z[n, c], core[LOWER, c]), core[UPPER, c])
        slope = n if many.slope.shape[0] > 1 else 0
        constant = n if many.constant.shape[0] > 1 else 0
        for e in range(route.shape[1]):
            route[FLOW, e] = many.z[n, wide + e]
            route[LANDED, e], route[FIXED, e] = many.slope[slope, e], many.constant[constant, e]
        many.steps[n], many.size[n] = search(w, rules, gap)
        for c in range(wide):
            many.z[n, c] = core[Z, c]
        for e in range(route.shape[1]):
            many.z[n, wide + e] = route[FLOW, e]


@compiled
def strip_ends(graphs: BoolArray) -> None:
    """What :func:`pricing.equilibrium.ties.strip_ends` does."""
    size = graphs.shape[1]
    for n in range(graphs.shape[0]):
        going = True
        while going:
            going = False
            for i in range(size):
                by_row, by_column, row, column = 0, 0, 0, 0
                for j in range(size):
                    if graphs[n, i, j]:
                        by_row, row = by_row + 1, j
                    if graphs[n, j, i]:
                        by_column, column = by_column + 1, j
                if by_row == 1:
                    graphs[n, i, row] = False
                    going = True
                if by_column == 1 and graphs[n, column, i]:
                    graphs[n, column, i] = False
                    going = True
