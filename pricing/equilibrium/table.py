"""A table of values that vary one scenario, solved with everything that its rows share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, overload

from pricing.chains.network import Array
from pricing.equilibrium.batch import Case, Outcome, solution, solve_rows, solve_together
from pricing.equilibrium.build import Solved, terms_of, world
from pricing.equilibrium.columns import terms_of_rows
from pricing.equilibrium.reduce import check
from pricing.errors import Fault, InputError, NoEquilibriumError
from pricing.scenarios.scenario import Scenario

MOST_FAULTS = 20
"""Rows of a table whose faults are listed; the others are counted."""


@dataclass(frozen=True)
class Solutions:
    """Outcome of every row, and the world without policy that it is held against."""

    outcomes: tuple[Outcome, ...]
    """Solutions and errors."""
    references: tuple[Solved | None, ...]
    """No-policy equilibria; rows on one world share theirs. None where there is none: that is the
    outcome, too."""


def solve_table(rows: Rows, threads: int = 1) -> Solutions:
    """Solve every row of a table.

    Raises
    ------
    InputError
        If a row is not valid; every fault names its row.
    """
    guess = _solution(rows) if len(rows) > 1 else None
    outcomes = _at_once(rows, threads, guess)
    if outcomes is not None:
        here = world(rows.base.chain, rows.base.document)
        return Solutions(tuple(outcomes), (here.reference,) * len(rows))
    return solve_scenarios(rows.checked(), threads, guess)


def solve_scenarios(
    scenarios: Sequence[Scenario], threads: int = 1, guess: Array | None = None
) -> Solutions:
    """Solve scenarios; those on one world share every step."""
    cases, references = _cases(scenarios)
    posed = [case for case in cases if isinstance(case, Case)]
    found = iter(solve_together(posed, threads, guess))
    outcomes = (next(found) if isinstance(case, Case) else case for case in cases)
    return Solutions(tuple(outcomes), references)


def _solution(rows: Rows) -> Array | None:
    """Scaled unknowns of the scenario that a table varies: a start close to its rows.

    None where it has no equilibrium; then its rows start from the base year.
    """
    (case,), _ = _cases([rows.base])
    return solution(case, len(rows)) if isinstance(case, Case) else None


@dataclass(frozen=True)
class Rows(Sequence[Scenario]):
    """Scenarios that differ from one by a row of a table; each is made when it is asked for."""

    base: Scenario
    """The scenario that is varied."""
    columns: dict[str, list[Any]]
    """Dotted path -> one value a row."""

    @classmethod
    def of(cls, base: Scenario, table: Mapping[str, Sequence[Any]]) -> Rows:
        """Refuse what is no table, columns of different length, and two for one place."""
        if not hasattr(table, "items"):
            problem = f"a table is a mapping of columns, not {type(table).__name__}"
            remedy = "Write {'policies.floor.level': [values]}, or pass a DataFrame"
            raise InputError([Fault(problem, "table", remedy=remedy)])
        for path, values in table.items():
            unordered = isinstance(values, str | bytes | Mapping | Set)
            if unordered or not isinstance(values, Iterable):
                remedy = f"Write {{'{path}': [{values!r}]}}"
                fault = Fault("a column is a list of values, one a row", str(path), remedy=remedy)
                raise InputError([fault])
        paths = [str(path) for path, _ in table.items()]  # a DataFrame may have a name twice
        twice = {path: None for path in paths if paths.count(path) > 1}
        if twice:
            raise InputError(
                [Fault("two columns have this name", p, remedy="Keep one") for p in twice]
            )
        columns = {str(path): list(values) for path, values in table.items()}
        inside = [(p, q) for p in columns for q in columns if q.startswith(f"{p}.")]
        if inside:
            problem = "column '{}' sets all of which '{}' sets a part".format(*inside[0])
            raise InputError([Fault(problem, inside[0][1], remedy="Keep one of them")])
        counts = {path: len(values) for path, values in columns.items()}
        if len(set(counts.values())) != 1:
            listed = ", ".join(f"{path} has {count}" for path, count in counts.items())
            problem = (
                f"columns differ in length: {listed}" if counts else "the table has no columns"
            )
            raise InputError(problem)
        return cls(base, columns)

    def __len__(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values())))

    @overload
    def __getitem__(self, n: int) -> Scenario: ...

    @overload
    def __getitem__(self, n: slice) -> tuple[Scenario, ...]: ...

    def __getitem__(self, n: int | slice) -> Scenario | tuple[Scenario, ...]:
        """The scenario of one row, or of some."""
        if isinstance(n, slice):
            return tuple(self[i] for i in range(*n.indices(len(self))))
        return self.base.but({path: values[n] for path, values in self.columns.items()})

    def checked(self) -> tuple[Scenario, ...]:
        """All of them, or every fault of every row."""
        return every(len(self), lambda n: self[n])


def every(count: int, made: Callable[[int], Scenario]) -> tuple[Scenario, ...]:
    """Make ``count`` scenarios, by position.

    Raises
    ------
    InputError
        With every fault of every row.
    """
    found: list[Scenario] = []
    faults: list[Fault] = []
    for n in range(count):
        try:
            found.append(made(n))
        except InputError as error:
            faults += _in_row(error, n)
    _refuse(faults)
    return tuple(found)


def _at_once(rows: Rows, threads: int, guess: Array | None) -> list[Outcome] | None:
    """Outcomes of a table of numbers of policies; None where rows must be made one by one."""
    base = rows.base
    if len(rows) < 2:
        return None
    try:
        here = world(base.chain, base.document)
    except NoEquilibriumError:
        return None
    terms = terms_of_rows(base.document, here.network, rows.columns)
    if terms is None:
        return None

    def alone(n: int) -> Case:
        (case,), _ = _cases([rows[n]])
        assert isinstance(case, Case)  # rows are on the world of the base
        return case

    return solve_rows(alone(0), terms, alone, threads, guess)


def _cases(
    scenarios: Sequence[Scenario],
) -> tuple[list[Case | NoEquilibriumError], tuple[Solved | None, ...]]:
    """Terms of all scenarios on their worlds, and these, or every fault of every row.

    A world without an equilibrium is the outcome of its rows, and of no others.
    """
    cases: list[Case | NoEquilibriumError] = []
    references: list[Solved | None] = []
    faults: list[Fault] = []
    for n, scenario in enumerate(scenarios):
        try:
            here = world(scenario.chain, scenario.document)
            terms = terms_of(scenario.document, here.network)
            check(here.network, terms)
        except InputError as error:
            faults += _in_row(error, n)
            continue
        except NoEquilibriumError as error:
            cases.append(error)
            references.append(None)
            continue
        cases.append(Case(scenario.id, here.network, terms))
        references.append(here.reference)
    _refuse(faults)
    return cases, tuple(references)


def _in_row(error: InputError, n: int) -> Iterator[Fault]:
    return (replace(fault, problem=f"row {n + 1}: {fault.problem}") for fault in error.faults)


def _refuse(faults: list[Fault]) -> None:
    if faults:
        rest = len(faults) - MOST_FAULTS
        more = [Fault(f"and {rest} more faults", "", remedy="Mend these first")] if rest > 0 else []
        raise InputError([*faults[:MOST_FAULTS], *more])
