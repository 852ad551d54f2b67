"""Scenarios of one structure converge in company, each on its own terms.

In a large batch a few pilots are solved first, and every other scenario starts from the nearest;
steps are compiled where that is possible (:mod:`pricing.equilibrium.kernel`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from pricing.chains.network import Array, IntArray
from pricing.equilibrium import kernel
from pricing.equilibrium.interior import FIRST_GAP, Interior
from pricing.equilibrium.newton import WINDOW, newton
from pricing.equilibrium.program import Program
from pricing.equilibrium.solver import (
    DIRECT_STEPS,
    FIRST_STEPS,
    INTERIOR_STEPS,
    POLISH,
    Method,
)
from pricing.equilibrium.stacking import look_up

if TYPE_CHECKING:
    from pricing.equilibrium.compiled import Room

WARM_GAP = 0.01
"""Complementarity at the start where a scenario of the same table was the guess [1]."""
EVERY = 8
"""One row in this many is a pilot."""
FEWEST = 64
"""Rows of a batch from which pilots pay."""
LOOKED_AT = 8
"""Rows in which two columns must be alike to count as one number."""
SAME = 1e-9
"""Numbers on a scale from 0 to 1 that differ by less are one [1]."""
Converged = tuple[Array, IntArray, list[Method], Array]
"""Points, steps, methods and largest residuals."""


def converge(program: Program, z: Array) -> tuple[Array, IntArray, list[Method]]:
    """Solve a stacked program from (N, n) starting points: last points, steps and methods.

    A few rows come first; the others start from the nearest of them that converged.
    """
    program = program.searched
    first, nearest = _pilots(program)
    if not first.size:
        return _converge(program, z)[:3]
    step_on: Callable[[Program, IntArray, Array], Converged] = _converge_rows
    if kernel.usable(program):
        step_on = partial(_converge_compiled, kernel.room_for(program))
    found, steps, method, size = step_on(program, first, z[first])
    solved = np.zeros(z.shape[0], dtype=bool)
    solved[first] = size <= POLISH
    z = z.copy()
    z[first] = found
    rest = np.setdiff1d(np.arange(z.shape[0]), first)
    near = nearest[rest]
    begin = np.where(solved[near, None], z[near], z[rest])
    z[rest], more, others, _ = step_on(program, rest, begin)
    taken = np.zeros(z.shape[0], dtype=np.intp)
    taken[first], taken[rest] = steps, more
    methods = dict(zip([*first, *rest], [*method, *others], strict=True))
    return z, taken, [methods[n] for n in range(z.shape[0])]


def _pilots(program: Program) -> tuple[IntArray, IntArray]:
    """Rows to solve first, and for every row the nearest of them, as positions among the rows.

    Near is by the numbers that differ, each on a scale from 0 to 1 over the batch. Small batches
    have no pilots.
    """
    count = program.upper.shape[0]
    if count < FEWEST:
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
    place, chosen = _places(program), np.arange(0, count, EVERY)
    distance = sum(
        (np.subtract.outer(column, column[chosen]) ** 2 for column in place.T),
        np.zeros((count, chosen.size)),
    )
    return chosen, chosen[distance.argmin(axis=1)]


def _places(program: Program) -> Array:
    """(N, F) numbers that differ between rows, each from 0 to 1; those alike in a few rows once."""
    rows = [look_up(program, path) for path in sorted(program.stacked)]
    own = [part.reshape(part.shape[0], -1) for part in rows if part.strides[0]]  # not one for all
    numbers = np.concatenate(own or [np.zeros((program.upper.shape[0], 1))], axis=1)
    low, high = numbers.min(axis=0), numbers.max(axis=0)
    differ = np.isfinite(low) & np.isfinite(high) & (high > low)
    span = high[differ] - low[differ]
    few = np.linspace(0, numbers.shape[0] - 1, LOOKED_AT).astype(np.intp)
    known = (numbers[few][:, differ] - low[differ]) / span
    _, once = np.unique(np.round(known / SAME), axis=1, return_index=True)
    chosen = differ.nonzero()[0][once]
    return np.asarray((numbers[:, chosen] - low[chosen]) / span[once])


def _converge_rows(program: Program, rows: IntArray, z: Array) -> Converged:
    """Solve some scenarios from (N, n) starting points."""
    part = program.rows(rows)
    return _converge(part, np.clip(z, part.lower, part.upper))


def _converge_compiled(room: Room, program: Program, rows: IntArray, z: Array) -> Converged:
    """The same by compiled steps; what they do not solve is taken up by those in NumPy."""
    found, steps, solved = kernel.search(room, program, rows, z, WARM_GAP, INTERIOR_STEPS)
    method, size = [Method.COMPILED] * z.shape[0], np.where(solved, 0.0, np.inf)
    left = np.flatnonzero(~solved)
    if left.size:
        found[left], more, others, size[left] = _converge_rows(program, rows[left], z[left])
        steps[left] += more
        for n, other in zip(left, others, strict=True):
            method[n] = other
    return found, steps, method, size


def _converge(program: Program, z: Array) -> Converged:
    """Newton steps, then interior points with Newton steps at the end for those that fail.

    Where the system falls into blocks, interior points come first: Newton finds a new pattern of
    trade seldom, and a step of either costs the same. Points, steps, methods, largest residuals.
    """
    if program.blocks is not None:
        part, steps = _inside(program, z, WARM_GAP)
        found, last, size = newton(program, part, FIRST_STEPS)
        return found, steps + last, [Method.INTERIOR] * z.shape[0], size
    most = FIRST_STEPS if program.routes.size else DIRECT_STEPS
    found, steps, size = newton(program, z, most)
    method = [Method.NEWTON] * z.shape[0]
    left = np.flatnonzero(~(size <= POLISH))
    if left.size:
        part, more = _inside(program.rows(left), z[left], FIRST_GAP)
        part, last, size[left] = newton(program.rows(left), part, DIRECT_STEPS)
        found[left], steps[left] = part, steps[left] + more + last
        for n in left:
            method[n] = Method.INTERIOR
    return found, steps, method, size


def _inside(program: Program, z: Array, gap: float) -> tuple[Array, IntArray]:
    """Interior-point steps until every pair has found its side or is lost, and how many.

    Scenarios are worked on a windowful at a time: more would leave the caches of a core.
    """
    parts = [
        _inside_window(program.rows(window), z[window], gap)
        for window in np.split(np.arange(z.shape[0]), range(WINDOW, z.shape[0], WINDOW))
    ]
    points, steps = zip(*parts, strict=True)
    return np.concatenate(points), np.concatenate(steps)


def _inside_window(program: Program, z: Array, gap: float) -> tuple[Array, IntArray]:
    rows, point = np.arange(z.shape[0]), Interior.begin(program, z, gap=gap)
    last, steps = z.copy(), np.zeros(z.shape[0], dtype=np.intp)
    for _ in range(INTERIOR_STEPS):
        further = point.step()
        sound = np.isfinite(further.z).all(axis=1)
        steps[rows[sound]] += 1
        last[rows[sound]] = further.z[sound]
        going = np.flatnonzero(sound & ~further.pairs.ready)
        if not going.size:
            break
        point = further if going.size == sound.size else further.rows(going)
        rows = rows[going]
    return np.clip(last, program.lower, program.upper), steps
