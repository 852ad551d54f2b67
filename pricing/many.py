"""Many scenarios at once, on the same definition of the model as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from pricing.api import Result
from pricing.errors import Fault, InputError, NoEquilibriumError
from pricing.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from pricing.equilibrium.batch import Case, Outcome
    from pricing.equilibrium.solver import Diagnostics

Array = NDArray[np.float64]
MOST_FAULTS = 20
"""Rows of a table whose faults are listed; the others are counted."""


@dataclass(frozen=True)
class Batch:
    """Solved scenarios in the order in which they were asked for.

    ``batch[n]`` is the full :class:`pricing.Result` of one; a scenario without an equilibrium
    raises its error there and is NaN in arrays.
    """

    scenarios: Sequence[Scenario]
    """What was asked."""
    outcomes: tuple[Outcome, ...]
    """Solutions and errors."""

    def __len__(self) -> int:
        """Number of scenarios."""
        return len(self.outcomes)

    def __getitem__(self, n: int) -> Result:
        """Result of one scenario.

        Raises
        ------
        NoEquilibriumError
            If it has none.
        """
        from pricing.equilibrium.build import Solved, build, outcomes, world

        outcome, scenario = self.outcomes[n], self.scenarios[n]
        if isinstance(outcome, NoEquilibriumError):
            raise outcome
        here = world(scenario.chain, scenario.document)
        if outcome.search is not None:
            return Result(scenario, outcomes(outcome.search)[0], here.reference)
        program = build(scenario.document, here.network)
        solved = Solved(program, outcome.z, outcome.state, outcome.diagnostics)
        return Result(scenario, solved, here.reference)

    @property
    def failures(self) -> dict[int, NoEquilibriumError]:
        """Scenarios without an equilibrium, by position."""
        pairs = enumerate(self.outcomes)
        return {n: error for n, error in pairs if isinstance(error, NoEquilibriumError)}

    @property
    def diagnostics(self) -> tuple[Diagnostics | None, ...]:
        """Residual, steps and method of each; None without an equilibrium."""
        return tuple(
            None if isinstance(outcome, NoEquilibriumError) else outcome.diagnostics
            for outcome in self.outcomes
        )

    def values(self, name: str) -> Array:
        """One array of the solutions with the scenario first; NaN without an equilibrium.

        Parameters
        ----------
        name : str
            ``price`` (N, G, R) ex works, ``index`` (N, G, R) buyers' price, ``landed``
            (N, G, R, R) [USD/t]; ``level`` (N, K) of processes, ``output`` and ``use`` (N, G, R),
            ``flow`` (N, G, R, R) [t].

        Raises
        ------
        InputError
            If there is no such array, or scenarios are of chains of different size.
        """
        known = ("price", "index", "landed", "level", "output", "use", "flow")
        if name not in known:
            raise InputError(f"no array is called '{name}'. Known: {', '.join(known)}")
        from pricing.equilibrium.batch import values

        found = values(self.outcomes, name)
        shapes = {array.shape for array in found.values()}
        if len(shapes) > 1:
            raise InputError("these scenarios have chains of different size; take them one by one")
        table = np.full((len(self), *(shapes.pop() if shapes else ())), np.nan)
        for n, array in found.items():
            table[n] = array
        return table


def solve_many(
    scenarios: Scenario | Sequence[Scenario],
    table: Mapping[str, Sequence[Any]] | None = None,
    *,
    threads: int = 1,
) -> Batch:
    """Solve many scenarios; those on one world share every step.

    Parameters
    ----------
    scenarios : Scenario or sequence of Scenario
        One scenario to vary, or all of them.
    table : mapping or DataFrame, optional
        Dotted path -> one value a row, as in :meth:`pricing.Scenario.but`; needs one scenario.
    threads : int
        Threads; the numbers do not depend on it.

    Examples
    --------
    >>> import pricing
    >>> base = pricing.load_scenario("forge_oxide_only")
    >>> path = "policies.oxide.level.prices.oxide"
    >>> batch = pricing.solve_many(base, {path: ["80 USD/kg", "90 USD/kg"]})
    >>> batch.values("price").shape
    (2, 4, 12)

    Raises
    ------
    InputError
        If the table or any row of it is not valid; every fault names its row.
    """
    from pricing.equilibrium.batch import solve_together

    if not isinstance(scenarios, Scenario):
        if table is not None:
            raise InputError("a table varies one scenario, not a list of them")
        chosen = tuple(scenarios)
        return Batch(chosen, tuple(solve_together(_cases(chosen), threads)))
    if table is None:
        return Batch((scenarios,), tuple(solve_together(_cases([scenarios]))))
    rows = Rows.of(scenarios, table)
    guess = _solution(scenarios) if len(rows) > 1 else None
    outcomes = _at_once(rows, threads, guess)
    if outcomes is None:
        outcomes = solve_together(_cases(rows.checked()), threads, guess)
    return Batch(rows, tuple(outcomes))


def _solution(base: Scenario) -> Array | None:
    """Scaled unknowns of the scenario that a table varies: a start close to its rows.

    None where it has no equilibrium; then its rows start from the base year.
    """
    from pricing.equilibrium.batch import solve_together

    (outcome,) = solve_together(_cases([base]))
    return None if isinstance(outcome, NoEquilibriumError) else outcome.z


@dataclass(frozen=True)
class Rows(Sequence[Scenario]):
    """Scenarios that differ from one by a row of a table; each is made when it is asked for."""

    base: Scenario
    """The scenario that is varied."""
    columns: dict[str, list[Any]]
    """Dotted path -> one value a row."""

    @classmethod
    def of(cls, base: Scenario, table: Mapping[str, Sequence[Any]]) -> Rows:
        """Refuse columns of different length."""
        columns = {str(path): list(values) for path, values in table.items()}
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
        found: list[Scenario] = []
        faults: list[Fault] = []
        for n in range(len(self)):
            try:
                found.append(self[n])
            except InputError as error:
                faults += _in_row(error, n)
        _refuse(faults)
        return tuple(found)


def _at_once(rows: Rows, threads: int, guess: Array | None) -> list[Outcome] | None:
    """Outcomes of a table of numbers of policies; None where rows must be made one by one."""
    from pricing.equilibrium.batch import solve_rows
    from pricing.equilibrium.build import world
    from pricing.equilibrium.columns import terms_of_rows

    base = rows.base
    if len(rows) < 2:
        return None
    here = world(base.chain, base.document)
    terms = terms_of_rows(base.document, here.network, rows.columns)
    if terms is None:
        return None

    def alone(n: int) -> Case:
        (case,) = _cases([rows[n]])
        return case

    return solve_rows(alone(0), terms, alone, threads, guess)


def _cases(scenarios: Sequence[Scenario]) -> list[Case]:
    """Terms of all scenarios on their worlds, or every fault of every row."""
    from pricing.equilibrium.batch import Case
    from pricing.equilibrium.build import terms_of, world
    from pricing.equilibrium.program import check

    cases: list[Case] = []
    faults: list[Fault] = []
    for n, scenario in enumerate(scenarios):
        try:
            here = world(scenario.chain, scenario.document)
            terms = terms_of(scenario.document, here.network)
            check(here.network, terms)
        except InputError as error:
            faults += _in_row(error, n)
            continue
        cases.append(Case(scenario.id, here.network, terms))
    _refuse(faults)
    return cases


def _in_row(error: InputError, n: int) -> Iterator[Fault]:
    return (replace(fault, problem=f"row {n + 1}: {fault.problem}") for fault in error.faults)


def _refuse(faults: list[Fault]) -> None:
    if faults:
        rest = len(faults) - MOST_FAULTS
        more = [Fault(f"and {rest} more faults", "", remedy="Mend these first")] if rest > 0 else []
        raise InputError([*faults[:MOST_FAULTS], *more])


__all__ = ["Batch", "solve_many"]
