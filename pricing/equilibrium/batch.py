"""Many cases at once: those of one structure share every step, each converges on its own.

The steps are those of :mod:`pricing.equilibrium.newton` and :mod:`pricing.equilibrium.interior`;
what does not converge in company is solved alone, with every fallback.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from pricing.chains.network import Array, IntArray, Network
from pricing.equilibrium import kernel
from pricing.equilibrium.company import converge
from pricing.equilibrium.conditions import describe, residual, scaled_conditions
from pricing.equilibrium.conduct import solve_with_conduct
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.jumping import search
from pricing.equilibrium.outcomes import Search
from pricing.equilibrium.program import Program
from pricing.equilibrium.reduce import reduced
from pricing.equilibrium.refine import POLISH
from pricing.equilibrium.solver import Diagnostics, Method
from pricing.equilibrium.stacking import StructureDiffersError, look_up, paths_of_rows, stack
from pricing.equilibrium.starts import start
from pricing.equilibrium.state import State
from pricing.equilibrium.ties import tied_routes
from pricing.errors import NoEquilibriumError
from pricing.instruments.terms import Terms

CHUNK_NUMBERS = 600_000
"""Numbers in one array over routes in a chunk, the work of one thread at a time."""
RETAINED = 4_000_000
"""Numbers in an array that is made and dropped before a batch. The C library of Linux returns large
blocks to the system and gets them back page by page, twice the cost of the steps themselves; after
it has seen one block of this size freed, it keeps those that are smaller."""


@dataclass(frozen=True)
class Case:
    """One scenario before its program is put together."""

    name: str
    """Name, for messages."""
    network: Network
    """Calibrated network."""
    terms: Terms
    """What its policies add; checked, they do not contradict each other."""

    @cached_property
    def program(self) -> Program:
        """Its program, alone."""
        return reduced(self.name, self.network, self.terms)


@dataclass(frozen=True)
class Answer:
    """Solution of one case."""

    program: Program
    """What it was solved in the company of."""
    row: int
    """Its row there."""
    z: Array
    """(1, n) scaled unknowns."""
    diagnostics: Diagnostics
    """How they were found."""
    search: Search | None = None
    """Regimes that were tried, where policies jump."""

    @cached_property
    def state(self) -> State:
        """Everything that follows from them."""
        return evaluate(self.program.rows(np.array([self.row])), self.z)


Outcome = Answer | NoEquilibriumError
"""A solution, or why there is none."""


def values(
    outcomes: Sequence[Outcome], read: Callable[[Program, State], Array]
) -> dict[int, Array]:
    """What is read of all solutions, by position; those solved together at once."""
    groups: dict[int, list[int]] = {}
    for n, outcome in enumerate(outcomes):
        if isinstance(outcome, Answer):
            groups.setdefault(id(outcome.program), []).append(n)
    found: dict[int, Array] = {}
    for members in groups.values():
        answers = [outcome for n in members if isinstance(outcome := outcomes[n], Answer)]
        program = answers[0].program.rows(np.array([answer.row for answer in answers]))
        state = evaluate(program, np.concatenate([answer.z for answer in answers]))
        found.update(zip(members, read(program, state), strict=True))
    return found


def solve_together(
    cases: Sequence[Case], threads: int = 1, guess: Array | None = None
) -> list[Outcome]:
    """Solve cases, those of one structure together.

    Parameters
    ----------
    cases : sequence of Case
        In any order; the answers do not depend on it.
    threads : int
        Threads that work on chunks.
    guess : (1, n) array, optional
        Scaled starting point where it fits; the benchmark where absent.

    Returns
    -------
    list
        One outcome a case, in their order.
    """
    chunks = list(_chunks(cases))
    parts = [[cases[n] for n in chunk] for chunk in chunks]
    answers = _map(partial(_solve_cases, guess=guess, among=len(cases)), parts, threads)
    found: dict[int, Outcome] = {}
    for chunk, answer in zip(chunks, answers, strict=True):
        found.update(zip(map(int, chunk), answer, strict=True))
    return [found[n] for n in range(len(cases))]


def solve_rows(
    one: Case, terms: Terms, alone: Callable[[int], Case], threads: int, guess: Array | None
) -> list[Outcome] | None:
    """Solve all rows of terms with a scenario axis.

    Parameters
    ----------
    one : Case
        The first row by itself.
    terms : Terms
        What the policies add, numbers that differ with a scenario axis.
    alone : callable
        The case of any row by itself.
    threads, guess
        As in :func:`solve_together`.

    Returns
    -------
    list or None
        One outcome a row; None where the rows are not of one structure.
    """
    try:
        whole = _stacked(one, terms)
    except (StructureDiffersError, NoEquilibriumError):
        return None
    if one.network.sellers.arc.size:
        return None
    count, size = len(whole.upper), max(1, CHUNK_NUMBERS // one.network.flow.size)
    work = [
        (whole.with_terms(slice(n, n + size)), partial(_from, alone, n))
        for n in range(0, count, size)
    ]
    return [
        outcome
        for part in _map(partial(_solve_chunk, guess=guess, among=count), work, threads)
        for outcome in part
    ]


def _from(alone: Callable[[int], Case], first: int, n: int) -> Case:
    """The case of a row of a chunk."""
    return alone(first + n)


def solution(case: Case, among: int) -> Array | None:
    """Scaled unknowns (1, n) of one case, a start close to the ``among`` rows that vary it.

    None where it has no equilibrium.
    """
    if case.terms.jumps or case.network.sellers.arc.size:
        outcome = _alone(case)
    else:
        try:
            (outcome,) = _solve_chunk((case.program, [case].__getitem__), None, among)
        except NoEquilibriumError:
            return None
    return None if isinstance(outcome, NoEquilibriumError) else outcome.z


def _map(
    work: Callable[[Any], list[Outcome]], parts: list[Any], threads: int
) -> list[list[Outcome]]:
    """Work on every part; the division into parts does not depend on the number of threads."""
    np.empty(RETAINED)  # once freed, the allocator keeps smaller arrays for the next steps
    if threads > 1:
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(work, parts))
    return list(map(work, parts))


def _chunks(cases: Sequence[Case]) -> Iterator[IntArray]:
    """Positions of cases that may be stacked, a chunk at a time."""
    groups: dict[object, list[int]] = {}
    for n, case in enumerate(cases):
        terms = case.terms
        parts = (
            terms.duties,
            terms.top_ups,
            terms.supports,
            terms.grants,
            terms.limits,
            terms.export_charges,
            terms.evasions,
            terms.closed,
            terms.jumps,
        )
        key = (id(case.network), tuple(len(part) for part in parts))
        groups.setdefault(key, []).append(n)
    for members in groups.values():
        size = max(1, CHUNK_NUMBERS // cases[members[0]].network.flow.size)
        for first in range(0, len(members), size):
            yield np.array(members[first : first + size])


def _solve_cases(cases: list[Case], guess: Array | None, among: int) -> list[Outcome]:
    """Solve cases of one network together, or one by one where their structures differ."""
    if len(cases) == 1 or cases[0].terms.jumps or cases[0].network.sellers.arc.size:
        return [_alone(case) for case in cases]
    try:
        terms, _ = stack([case.terms for case in cases])
        whole = _stacked(cases[0], terms, len(cases))
    except (StructureDiffersError, NoEquilibriumError):
        return [_alone(case) for case in cases]
    return _solve_chunk((whole, cases.__getitem__), guess, among)


def _stacked(one: Case, terms: Terms, count: int = 0) -> Program:
    """Program of many scenarios, its bounds with one row each."""
    whole = reduced(one.name, one.network, terms)
    paths = tuple(paths_of_rows(one.program, whole))
    rows = {look_up(whole, path).shape[0] for path in paths} | ({count} if count else set())
    if len(rows) != 1:
        raise StructureDiffersError("numbers of rows")
    full = (rows.pop(), whole.scale.size)
    return replace(
        whole,
        lower=np.broadcast_to(whole.lower, full),
        upper=np.broadcast_to(whole.upper, full),
        stacked=tuple({*paths, "lower", "upper"}),
        stacked_terms=tuple(paths_of_rows(one.terms, terms, unread=frozenset({"shape"}))),
    )


def _solve_chunk(
    work: tuple[Program, Callable[[int], Case]], guess: Array | None, among: int
) -> list[Outcome]:
    """Solve some rows of a batch; what does not converge, or has ties, is solved alone."""
    whole, alone = work
    first = start(whole) if guess is None or guess.shape[1] != whole.upper.shape[1] else guess
    z, steps, method = converge(whole, np.clip(first, whole.lower, whole.upper), among)
    judged = whole if whole.routes.size else whole.searched  # ties are looked for on all routes
    state = evaluate(judged, z)
    gap = np.abs(residual(judged, z, scaled_conditions(judged, state)))
    size, worst = gap.max(axis=1), gap.argmax(axis=1)
    good = size <= POLISH  # NaN is not
    if whole.routes.size:
        strip = kernel.strip_ends if Method.COMPILED in method else None
        good &= ~tied_routes(whole, state, strip).any(axis=(1, 2, 3))  # ties are settled alone
    named = {n: describe(whole, int(n)) for n in np.unique(worst)}
    return [
        Answer(
            whole,
            n,
            z[n : n + 1],
            Diagnostics(float(size[n]), named[worst[n]], int(steps[n]), method[n]),
        )
        if good[n]
        else _alone(alone(n))
        for n in range(size.size)
    ]


def _alone(case: Case) -> Outcome:
    try:
        if case.terms.jumps:
            found = search(case.name, case.network, case.terms)
            best = found.consistent[0]
            return Answer(best.program, 0, best.z, best.diagnostics, found)
        program, z, _, diagnostics = solve_with_conduct(case.program)
    except NoEquilibriumError as error:
        return error
    return Answer(program, 0, z, diagnostics)
