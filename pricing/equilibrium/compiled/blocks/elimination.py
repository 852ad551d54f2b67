"""The linear system of a step: what leaves in closed form, and the factors of what remains.

As :mod:`pricing.equilibrium.blocks` does it, whose equations these are.
"""

from __future__ import annotations

from typing import Any

from pricing.chains.network import Array
from pricing.equilibrium.compiled import Places
from pricing.equilibrium.compiled.blocks.room import (
    BOUGHT,
    COLUMN,
    DIAGONAL,
    EARNED,
    GAIN,
    HELD,
    LANDED,
    MOVE,
    MOVED,
    OUTPUT,
    RIGHT,
    RISE,
    ROW,
    SOLD,
    WEIGHT,
    Room,
)
from pricing.equilibrium.compiled.machine import ONE, TWO, compiled, reduction, unsigned


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
