"""The tidy table: its columns, its units, and how rows are added."""

from __future__ import annotations

import math
from typing import Any

COLUMNS = (
    "scenario",
    "variable",
    "good",
    "stage",
    "process",
    "region",
    "partner",
    "instrument",
    "policy",
    "payer",
    "receiver",
    "year",
    "value",
    "unit",
)
"""Columns of the tidy table, in order."""
KEYS = COLUMNS[:12]
"""Columns that tell rows apart."""
UNITS = ("t", "USD/t", "USD", "1")
"""Units of the tidy table."""

Record = dict[str, Any]


class Table:
    """Collects rows of one scenario; what does not apply stays None."""

    def __init__(self, scenario: str, year: int, stages: dict[str, str]) -> None:
        self.stages = stages
        self.rows: list[Record] = []
        self._blank: Record = dict.fromkeys(COLUMNS) | {"scenario": scenario, "year": year}

    def add(self, variable: str, value: float | None, unit: str, **where: str | None) -> None:
        """Append one row; a number that is not defined gives none.

        Raises
        ------
        ValueError
            If the unit is none of :data:`UNITS`.
        """
        if unit not in UNITS:
            raise ValueError(f"unit {unit!r} is none of {UNITS}")
        if value is None or not math.isfinite(value):
            return
        row = self._blank.copy()
        row.update(where)
        row["variable"], row["value"], row["unit"] = variable, float(value), unit
        row["stage"] = self.stages.get(row["good"])
        self.rows.append(row)
