"""Many programs at once: those of one structure share every step, each converges on its own.

The steps are those of :mod:`pricing.equilibrium.newton` and :mod:`pricing.equilibrium.interior`;
what does not converge in company is solved alone, with every fallback.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from pricing.chains.network import Array, IntArray
from pricing.equilibrium.conditions import (
    State,
    describe,
    evaluate,
    residual,
    scaled_conditions,
)
from pricing.equilibrium.interior import Interior
from pricing.equilibrium.newton import newton
from pricing.equilibrium.program import Program
from pricing.equilibrium.solver import (
    DIRECT_STEPS,
    INTERIOR_STEPS,
    POLISH,
    TRY_EXACT_BELOW,
    Diagnostics,
    Method,
    solve,
    start,
)
from pricing.equilibrium.stacking import StructureDiffersError, stack
from pricing.equilibrium.ties import tied_routes
from pricing.errors import NoEquilibriumError

CHUNK_NUMBERS = 160000
"""Numbers in one array over routes in a chunk: more would leave the caches of a core."""
FIRST_STEPS = 12
"""Newton steps from the start before interior points take over, where goods are homogeneous."""

Outcome = tuple[Array, State, Diagnostics] | NoEquilibriumError
"""Scaled unknowns, what follows from them, and how they were found; or why there is none."""


def solve_together(programs: Sequence[Program], threads: int = 1) -> list[Outcome]:
    """Solve programs, those of one structure together.

    Parameters
    ----------
    programs : sequence of Program
        In any order; the answers do not depend on it.
    threads : int
        Threads that work on chunks.

    Returns
    -------
    list
        One outcome a program, in their order.
    """
    chunks = list(_chunks(programs))
    parts = [[programs[n] for n in chunk] for chunk in chunks]
    if threads > 1:
        with ThreadPoolExecutor(threads) as pool:
            answers = list(pool.map(_solve_chunk, parts))
    else:
        answers = list(map(_solve_chunk, parts))
    found: dict[int, Outcome] = {}
    for chunk, answer in zip(chunks, answers, strict=True):
        found.update(zip(map(int, chunk), answer, strict=True))
    return [found[n] for n in range(len(programs))]


def _chunks(programs: Sequence[Program]) -> Iterator[IntArray]:
    """Positions of programs that may be stacked, a cacheful at a time."""
    groups: dict[object, list[int]] = {}
    for n, program in enumerate(programs):
        key = (id(program.network.setting), program.scale.size, program.open_arcs.tobytes())
        groups.setdefault(key, []).append(n)
    for members in groups.values():
        size = max(1, CHUNK_NUMBERS // programs[members[0]].open_arcs.size)
        for first in range(0, len(members), size):
            yield np.array(members[first : first + size])


def _solve_chunk(programs: list[Program]) -> list[Outcome]:
    if len(programs) == 1:
        return [_alone(programs[0])]
    try:
        whole, paths = stack(programs)
    except StructureDiffersError:
        return [_alone(program) for program in programs]
    whole = replace(whole, stacked=paths)
    z, steps, method = _converge(whole, np.concatenate([start(p) for p in programs]))
    state = evaluate(whole, z)
    gap = np.abs(residual(whole, z, scaled_conditions(whole, state)))
    size, worst = gap.max(axis=1), gap.argmax(axis=1)
    good = size <= POLISH  # NaN is not
    if whole.routes.size:
        good &= ~tied_routes(whole, state).any(axis=(1, 2, 3))  # ties are settled alone
    return [
        (
            z[n : n + 1],
            scenario(state, n),
            Diagnostics(float(size[n]), describe(program, int(worst[n])), int(steps[n]), method[n]),
        )
        if good[n]
        else _alone(program)
        for n, program in enumerate(programs)
    ]


def _alone(program: Program) -> Outcome:
    try:
        return solve(program)
    except NoEquilibriumError as error:
        return error


def _converge(program: Program, z: Array) -> tuple[Array, IntArray, list[Method]]:
    """Newton steps, then interior points with Newton steps at the end for those that fail."""
    most = FIRST_STEPS if program.routes.size else DIRECT_STEPS
    found, steps, size = newton(program, z, most)
    method = [Method.NEWTON] * z.shape[0]
    left = np.flatnonzero(~(size <= POLISH))
    if left.size:
        part, more = _inside(program.rows(left), z[left])
        part, last, _ = newton(program.rows(left), part, DIRECT_STEPS)
        found[left], steps[left] = part, steps[left] + more + last
        for n in left:
            method[n] = Method.INTERIOR
    return found, steps, method


@dataclass
class _Lanes:
    """Interior points of scenarios that have not closed their gap yet."""

    rows: IntArray
    """Their positions."""
    point: Interior
    """Their points."""


def _inside(program: Program, z: Array) -> tuple[Array, IntArray]:
    """Interior-point steps until every gap is closed or lost; boxes clip the points."""
    lanes = _Lanes(np.arange(z.shape[0]), Interior.begin(program, z))
    last, steps = z.copy(), np.zeros(z.shape[0], dtype=np.intp)
    for _ in range(INTERIOR_STEPS):
        further = lanes.point.step()
        sound = np.isfinite(further.z).all(axis=1)
        steps[lanes.rows[sound]] += 1
        last[lanes.rows[sound]] = further.z[sound]
        going = np.flatnonzero(sound & (further.gap >= TRY_EXACT_BELOW))
        if not going.size:
            break
        lanes.point = further if going.size == sound.size else further.rows(going)
        lanes.rows = lanes.rows[going]
    return np.clip(last, program.lower, program.upper), steps


def scenario(state: State, n: int) -> State:
    """The state of one scenario of a batch, as views."""
    one: State = _one(state, n)
    return one


def _one(part: Any, n: int) -> Any:
    values = {f.name: getattr(part, f.name) for f in fields(part)}
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            values[name] = value[n : n + 1] if value.shape[0] > 1 else value
        elif isinstance(value, tuple):
            values[name] = tuple(
                item[n : n + 1] if isinstance(item, np.ndarray) else _one(item, n) for item in value
            )
    return type(part)(**values)
