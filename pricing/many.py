"""Many scenarios at once, on the same definition of the model as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from pricing.api import Result, as_scenario
from pricing.errors import Fault, InputError, NoEquilibriumError
from pricing.scenarios.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from pricing.equilibrium.batch import Outcome
    from pricing.equilibrium.program import Program
    from pricing.equilibrium.solver import Diagnostics
    from pricing.equilibrium.state import State

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Batch:
    """Solved scenarios in the order in which they were asked for.

    ``batch[n]`` is the full :class:`pricing.Result` of one, ``batch[a:b]`` the batch of some; a
    scenario without an equilibrium raises its error where it is asked for and is NaN in arrays.
    """

    scenarios: Sequence[Scenario]
    """What was asked."""
    outcomes: tuple[Outcome, ...]
    """Solutions and errors."""

    def __repr__(self) -> str:
        """How many, and how many of them without an equilibrium."""
        failed = sum(isinstance(outcome, NoEquilibriumError) for outcome in self.outcomes)
        return f"Batch({len(self)} scenarios, {failed} without an equilibrium)"

    def __len__(self) -> int:
        """Number of scenarios."""
        return len(self.outcomes)

    @overload
    def __getitem__(self, n: int) -> Result: ...

    @overload
    def __getitem__(self, n: slice) -> Batch: ...

    def __getitem__(self, n: int | slice) -> Result | Batch:
        """Result of one scenario; of a slice, the batch of those scenarios.

        Raises
        ------
        NoEquilibriumError
            If the one has none.
        """
        if isinstance(n, slice):
            return Batch(self.scenarios[n], self.outcomes[n])
        from pricing.equilibrium.build import Solved, build, outcomes, world

        outcome, scenario = self.outcomes[n], self.scenarios[n]
        if isinstance(outcome, NoEquilibriumError):
            raise outcome
        here = world(scenario.chain, scenario.document)
        if outcome.search is not None:
            return Result(scenario, outcomes(outcome.search)[0], here.reference)
        program = outcome.program
        if program.stacked:
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
            ``flow`` (N, G, R, R) [t]. Prices are NaN where tables have none: ex works where
            nothing can be made, of buyers where nothing is on offer or nobody buys a homogeneous
            good.

        Raises
        ------
        InputError
            If there is no such array, or scenarios differ in the goods, regions or processes that
            it is of.
        """
        known = ("price", "index", "landed", "level", "output", "use", "flow")
        if name not in known:
            raise InputError(f"no array is called '{name}'. Known: {', '.join(known)}")
        from pricing.equilibrium.batch import values

        self._require_same_places("processes" if name == "level" else "")
        found = values(self.outcomes, partial(_read, name))
        shapes = {array.shape for array in found.values()}
        table = np.full((len(self), *(shapes.pop() if shapes else ())), np.nan)
        for n, array in found.items():
            table[n] = array
        return table

    def _require_same_places(self, also: str) -> None:
        """The same goods and regions in the same order, or else no common array."""
        solved = (one for one in self.outcomes if not isinstance(one, NoEquilibriumError))
        networks = {id(net): net for net in (one.program.network for one in solved)}.values()
        for names in filter(None, ("goods", "regions", also)):
            if len({getattr(network, names) for network in networks}) > 1:
                problem = f"these scenarios are of chains with other {names}, or in another order"
                raise InputError([Fault(problem, remedy="Take them one by one")])

    def table(self) -> pd.DataFrame:
        """Tidy rows of every solved scenario, as in :meth:`pricing.Result.table`.

        The first column, ``case``, is the position in the batch: scenarios that were made from one
        have its id. Those without an equilibrium have no rows; see :attr:`failures`. Accounts are
        drawn up one by one, some 20 ms each; :meth:`values` is for large batches.
        """
        import pandas as pd

        from pricing.reporting.tidy import COLUMNS

        solved = [n for n in range(len(self)) if n not in self.failures]
        frames = [self[n].table().assign(case=n) for n in solved]
        columns = ["case", *COLUMNS]
        if not frames:
            return pd.DataFrame(columns=columns)
        return pd.concat(frames, ignore_index=True)[columns]


def _read(name: str, program: Program, state: State) -> Array:
    """An array of states; NaN where a price is none."""
    from pricing.accounts.volumes import priced

    found: Array = getattr(state, name)
    if name == "price":
        return np.where(program.open_origin, found, np.nan)
    return np.where(priced(program, state), found, np.nan) if name == "index" else found


Named = Scenario | str | Path | Mapping[str, Any]
"""A scenario, its name or file, or its plain data."""


def solve_many(
    scenarios: Named | Iterable[Named],
    table: Mapping[str, Sequence[Any]] | None = None,
    *,
    threads: int = 1,
) -> Batch:
    """Solve many scenarios; those on one world share every step.

    Parameters
    ----------
    scenarios : Scenario, name, path or plain data, or a sequence of them
        One scenario to vary, or all of them.
    table : mapping or DataFrame, optional
        Dotted path -> one value a row, as in :meth:`pricing.Scenario.but`; needs one scenario.
    threads : int
        Threads, one or more; the numbers do not depend on it.

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
        If the table, or any row of it or of the sequence, is not valid; every fault names its row.
    """
    from pricing.equilibrium.table import Rows, every, solve_scenarios, solve_table

    given: object = threads
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or given < 1:
        fault = Fault(f"{threads!r} is no number of threads", "threads", remedy="State 1 or more")
        raise InputError([fault])
    threads = int(threads)
    if isinstance(scenarios, Iterable) and not isinstance(scenarios, str | Mapping):
        if table is not None:
            raise InputError("a table varies one scenario, not a list of them")
        named = list(scenarios)
        chosen = every(len(named), lambda n: as_scenario(named[n]))
        return Batch(chosen, solve_scenarios(chosen, threads).outcomes)
    base = as_scenario(scenarios)
    if table is None:
        return Batch((base,), solve_scenarios([base]).outcomes)
    rows = Rows.of(base, table)
    return Batch(rows, solve_table(rows, threads).outcomes)


__all__ = ["Batch", "solve_many"]
