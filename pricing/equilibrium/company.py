"""Scenarios of one structure converge in company, each on its own terms.

In a large batch a few pilots are solved first, and every other scenario starts from the nearest;
steps are compiled where that is possible (:mod:`pricing.equilibrium.kernel`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.equilibrium import kernel, kernel_logit
from pricing.equilibrium.coefficients import net_of
from pricing.equilibrium.interior import FIRST_GAP, Interior
from pricing.equilibrium.newton import WINDOW, newton
from pricing.equilibrium.program import Program
from pricing.equilibrium.refine import POLISH
from pricing.equilibrium.solver import DIRECT_STEPS, FIRST_STEPS, INTERIOR_STEPS, Method
from pricing.equilibrium.stacking import look_up

WARM_GAP = 0.01
"""Complementarity at the start where a scenario of the same table was the guess [1]."""
WAVES, COMPILED_WAVES = [8, 1], [64, 8, 1]
"""One row in this many is solved in the first wave, in the second, ...: later ones start from the
nearest row of those before. In NumPy few rows at a time cost as much as many."""
FEWEST = 64
"""Rows of a batch from which waves pay."""
LARGE = 1000
"""The same from which it pays to read compiled Newton steps, which save some 0.2 ms a row."""
LOOKED_AT = 8
"""Rows in which two columns must be alike to count as one number."""
SAME = 1e-9
"""Numbers on a scale from 0 to 1 that differ by less are one [1]."""
COMPILED_STEPS = DIRECT_STEPS
"""Compiled Newton steps before those in NumPy take over."""
Converged = tuple[Array, IntArray, list[Method], Array]
"""Points, steps, methods and largest residuals."""
CompiledSearch = Callable[[Program, IntArray, Array], tuple[Array, IntArray, BoolArray]]
"""Points of some scenarios from starting points, steps, and which of them are solved."""


def converge(program: Program, z: Array, among: int) -> tuple[Array, IntArray, list[Method]]:
    """Solve a stacked program from (N, n) starting points: last points, steps and methods.

    A few rows come first; the others start from the nearest of them that converged. The rows are
    some ``among`` those of a batch: a large one is worth waiting for a compiler.
    """
    program, count = program.searched, z.shape[0]
    search = _compiled_search(program, among)
    if count < FEWEST and search is None:
        return _converge(program, z)[:3]
    step_on: Callable[[Program, IntArray, Array], Converged] = _converge_rows
    waves = WAVES
    if search is not None:
        step_on, waves = partial(_converge_compiled, search), COMPILED_WAVES
    places, z = _places(program), z.copy()
    solved, waiting = np.zeros(count, dtype=bool), np.ones(count, dtype=bool)
    steps, methods = np.zeros(count, dtype=np.intp), [Method.INTERIOR] * count
    for every in waves:
        rows = np.flatnonzero(waiting[::every]) * every
        if not rows.size:
            continue
        begin, known = z[rows], np.flatnonzero(solved)
        if known.size:
            begin = z[known[_nearest(places[rows], places[known])]]
        z[rows], steps[rows], found, size = step_on(program, rows, begin)
        for n, method in zip(rows, found, strict=True):
            methods[n] = method
        solved[rows], waiting[rows] = size <= POLISH, False
    return z, steps, methods


def _compiled_search(program: Program, among: int) -> CompiledSearch | None:
    """Compiled steps for some rows of a batch, where they can be had and are worth waiting for."""
    if kernel.STEPS.usable(program) if among >= FEWEST else kernel.STEPS.ready(program):
        room = kernel.room_for(program)
        return partial(kernel.search, room, gap=WARM_GAP, most=INTERIOR_STEPS)
    if kernel_logit.STEPS.usable(program) if among >= LARGE else kernel_logit.STEPS.ready(program):
        return partial(kernel_logit.search, net_of(program), most=COMPILED_STEPS)
    return None


def _nearest(places: Array, known: Array) -> IntArray:
    """Which of the known places is nearest to each of some others."""
    distance = sum(
        (np.subtract.outer(a, b) ** 2 for a, b in zip(places.T, known.T, strict=True)),
        np.zeros((places.shape[0], known.shape[0])),
    )
    return np.asarray(distance.argmin(axis=1))


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
    # one number for a column: many times as fast to compare
    number = (np.round(known / SAME) * np.sqrt(np.arange(2.0, 2.0 + LOOKED_AT))[:, None]).sum(
        axis=0
    )
    _, once = np.unique(number, return_index=True)
    chosen = differ.nonzero()[0][once]
    return np.asarray((numbers[:, chosen] - low[chosen]) / span[once])


def _converge_rows(program: Program, rows: IntArray, z: Array) -> Converged:
    """Solve some scenarios from (N, n) starting points."""
    part = program.rows(rows)
    return _converge(part, np.clip(z, part.lower, part.upper))


def _converge_compiled(
    search: CompiledSearch, program: Program, rows: IntArray, z: Array
) -> Converged:
    """The same by compiled steps; what they do not solve is taken up by those in NumPy."""
    found, steps, solved = search(program, rows, z)
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
