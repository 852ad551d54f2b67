"""Published figures of a chain as they were read, each with its source, grade and licence."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, fields
from math import isfinite
from pathlib import Path

from pricing.core.sources import Grade
from pricing.errors import Fault, InputError


@dataclass(frozen=True)
class Fact:
    """One row of a raw table."""

    id: str
    """Name of the row."""
    stage: str
    """Stage of the chain, in the words of the table."""
    region: str
    """Region, or origin of a flow."""
    variable: str
    """What was measured."""
    value: str
    """The number as text; empty for a gap, and codes such as ``>50`` as published."""
    unit: str
    """Unit, in the words of the source."""
    year: str
    """Year or date that it describes."""
    source: str
    """Who says so."""
    grade: str
    """Weight it bears, one of :class:`pricing.core.sources.Grade`."""
    url: str
    """Address, where one is known."""
    licence: str
    """Terms on which it is passed on."""
    note: str
    """Anything a reader should know; how an estimate was derived."""


class Facts:
    """The rows of a raw table by name."""

    def __init__(self, rows: list[Fact], name: str) -> None:
        self.rows = tuple(rows)
        self.name = name
        self.shared: frozenset[str] = frozenset()
        """Rows that many chains use; one need not say why it does not."""
        self.place = {row.id: (name, line) for line, row in enumerate(rows, start=2)}
        """Row -> file and line."""
        self._by_id = {row.id: row for row in rows}

    @classmethod
    def load(cls, path: Path) -> Facts:
        """Read a table; raises :class:`InputError` with every faulty row."""
        names = [field.name for field in fields(Fact)]
        rows = [Fact(**row) for row in _read_cells(path, names)]
        table = cls(rows, str(path))
        faults = list(table._faults())
        if faults:
            raise InputError(faults)
        return table

    def _faults(self) -> Iterator[Fault]:
        """Rows that a reader could not judge."""
        seen: set[str] = set()
        grades = [grade.value for grade in Grade]
        for line, row in enumerate(self.rows, start=2):
            wrong = []
            if not row.id or row.id in seen:
                wrong.append("the id is missing or stands twice")
            if row.grade not in grades:
                wrong.append(f"the grade is '{row.grade}', not one of {', '.join(grades)}")
            missing = [n for n in ("source", "year", "unit", "licence") if not getattr(row, n)]
            if missing:
                wrong.append(f"{', '.join(missing)} missing")
            if row.grade == Grade.ESTIMATE and len(row.note + row.source) < 10:
                wrong.append("an estimate needs a note that says how it was derived")
            seen.add(row.id)
            for problem in wrong:
                yield Fault(problem, row.id, self.name, line)

    def with_shared(self, other: Facts) -> Facts:
        """These rows and those of a table that many chains use."""
        joined = self.and_rows_of(other)
        joined.shared = frozenset(row.id for row in other.rows)
        return joined

    def and_rows_of(self, other: Facts) -> Facts:
        """These rows and those of another table.

        Raises
        ------
        InputError
            If a name stands in both.
        """
        both = sorted({row.id for row in self.rows} & {row.id for row in other.rows})
        if both:
            problem = f"{', '.join(both)} also in {other.name}"
            raise InputError([Fault(problem, "id", self.name, remedy="Rename the row")])
        joined = Facts([*self.rows, *other.rows], self.name)
        joined.place |= other.place
        return joined

    def __getitem__(self, row_id: str) -> Fact:
        """Row of a name."""
        return self._by_id[row_id]

    def __contains__(self, row_id: object) -> bool:
        """Whether there is a row of this name."""
        return row_id in self._by_id

    def number(self, row_id: str) -> float | None:
        """Number of a row in its own unit; None where it has none."""
        try:
            value = float(self._by_id[row_id].value)
        except ValueError:
            return None
        return value if isfinite(value) else None


def _read_cells(path: Path, names: list[str]) -> list[dict[str, str]]:
    """Rows of a table with these columns.

    Raises
    ------
    InputError
        If the columns are others, or with every row that has too few or too many cells.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if reader.fieldnames != names:
            remedy = "The columns are " + ", ".join(names)
            raise InputError([Fault("wrong columns", file=str(path), line=1, remedy=remedy)])
        rows = list(reader)
    broken = [
        Fault(f"this row has not {len(names)} cells", file=str(path), line=line)
        for line, row in enumerate(rows, start=2)
        if None in row or None in row.values()
    ]
    if broken:
        raise InputError(broken)
    return rows
