"""Results of a sweep, read from its parts column by column when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pricing.errors import Fault, InputError
from pricing.runs.parts import BASE, FAILURE, INPUT, part_path, read_part
from pricing.runs.plan import Sweep, read_plan
from pricing.uncertainty.answers import (
    LEVELS,
    Driver,
    Estimate,
    drivers,
    mean,
    probability,
    quantiles,
)
from pricing.uncertainty.design import Array
from pricing.uncertainty.statements import Claim

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Results:
    """What the parts hold that are there; draws whose part is missing are left out."""

    sweep: Sweep
    """Plan and scenario."""
    parts: tuple[int, ...]
    """Parts that are there."""

    @classmethod
    def of(cls, folder: str | Path) -> Results:
        """Open the folder of a sweep.

        Raises
        ------
        InputError
            If it has no plan, or no part yet.
        """
        sweep = read_plan(Path(folder))
        parts = tuple(n for n in range(sweep.plan.parts) if part_path(sweep.folder, n).exists())
        if not parts:
            fault = Fault(
                "no part is there yet", file=str(folder), remedy="Run 'pricing sweep run'"
            )
            raise InputError([fault])
        return cls(sweep, parts)

    @property
    def labels(self) -> tuple[str, ...]:
        """Indicators."""
        return self.sweep.plan.labels

    def unit(self, label: str) -> str:
        """Unit of an indicator."""
        return self.sweep.plan.units[self._place(label)]

    def values(self, label: str) -> Array:
        """(N,) an indicator in every draw; NaN where there is no number."""
        self._place(label)
        return self._columns([label])[:, 0]

    def base(self, label: str) -> Array:
        """(N or 1,) the same without policy."""
        place = self._place(label)
        if self.sweep.plan.own_worlds:
            return self._columns([f"{BASE}{label}"])[:, 0]
        value = self.sweep.plan.base[place]
        return np.array([np.nan if value is None else value])

    def inputs(self) -> Array:
        """(N, D) uncertain numbers, in the order of the plan's inputs."""
        return self._columns([f"{INPUT}{name}" for name in self.sweep.plan.inputs])

    def table(self, labels: Sequence[str]) -> pd.DataFrame:
        """One row a draw: its number, inputs and some indicators."""
        import pandas as pd

        names = [*(f"{INPUT}{name}" for name in self.sweep.plan.inputs), *labels]
        return pd.DataFrame(self._columns(names), columns=names)

    @cached_property
    def failures(self) -> tuple[str, ...]:
        """(N,) why a draw has no equilibrium; empty where it has one."""
        plan, folder = self.sweep.plan, self.sweep.folder
        tables = (read_part(folder, plan.hash, n, [FAILURE]) for n in self.parts)
        return tuple(text for table in tables for text in table.column(FAILURE).to_pylist())

    def quantiles(self, label: str, levels: tuple[float, ...] = LEVELS) -> tuple[Estimate, ...]:
        """Quantiles of an indicator with 95 % intervals."""
        return quantiles(self.values(label), levels)

    def mean(self, label: str) -> Estimate:
        """Average of an indicator with its 95 % interval."""
        return mean(self.values(label))

    def holds(self, claim: Claim) -> Array:
        """(N,) one where a statement is true, zero where not, NaN where there is no number."""
        return claim.holds(self.values(claim.indicator), self.base(claim.indicator))

    def probability(self, claim: Claim) -> Estimate:
        """Share of draws in which a statement is true."""
        return probability(self.holds(claim))

    def fails(self) -> Array:
        """(N,) one where a statement that means failure is true, or there is no equilibrium."""
        failed = np.array([float(text != "") for text in self.failures])
        for claim, failure in self.sweep.claims:
            if failure:
                failed = np.maximum(failed, np.nan_to_num(self.holds(claim)))
        return failed

    def drivers(self) -> tuple[Driver, ...]:
        """Uncertain numbers that separate the draws that fail from the others."""
        return drivers(self.sweep.plan.inputs, self.inputs(), self.fails())

    def _columns(self, names: list[str]) -> Array:
        """(N, C) columns of all parts."""
        plan, folder = self.sweep.plan, self.sweep.folder
        found = []
        for part in self.parts:
            table = read_part(folder, plan.hash, part, names)
            found.append(np.stack([table.column(name).to_numpy() for name in names], axis=1))
        return np.concatenate(found)

    def _place(self, label: str) -> int:
        if label not in self.labels:
            from difflib import get_close_matches

            near = "; ".join(get_close_matches(label, self.labels, n=3, cutoff=0.0))
            raise InputError([Fault(f"no indicator is called {label}", remedy=f"Closest: {near}")])
        return self.labels.index(label)
