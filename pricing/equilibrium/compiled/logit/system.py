"""The linear system of a Newton step (:mod:`pricing.equilibrium.jacobian`), buyer by buyer."""

from __future__ import annotations

from typing import Any

from pricing.equilibrium.compiled.curves import CURVED
from pricing.equilibrium.compiled.logit.net import (
    BELOW,
    BY,
    BY_FREIGHT,
    BY_PRICE,
    BY_RENT,
    CHARGES,
    COLUMN,
    CONDITION,
    COUNTS,
    CUTS,
    DEMANDS,
    DIAGONAL,
    DRAW,
    FALL,
    FREE,
    GIVES,
    HIGH,
    LIGHT,
    LINEAR,
    LOW,
    LOWER,
    LOWERS,
    MOVE,
    MOVERS,
    OUTPUT,
    OVER,
    OWN,
    PAID,
    PAYS,
    PER_TONNE,
    PRICED,
    READERS,
    READS,
    RIGHT,
    RISE,
    ROW,
    SHARE,
    SHORT,
    SOLD,
    SOME,
    SOME_DRAW,
    SOME_RISE,
    STEEP,
    STEEPNESS,
    SUPPLIED,
    TOP,
    TOTAL,
    UNIT,
    UNKNOWN,
    UPPER,
    USES,
    VALUE,
    Net,
    Search,
)
from pricing.equilibrium.compiled.machine import ONE, compiled, put_in_place, unsigned


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
