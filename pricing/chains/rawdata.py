"""Raw tables: every row is used, superseded or rejected, by a named rule."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from pricing.errors import Fault, InputError

USES = ("used", "superseded", "rejected")
"""What can become of a raw row."""


@dataclass(frozen=True)
class RawRow:
    """One published figure, or one derived from a table that may not be passed on."""

    id: str
    """Name of the row."""
    good: str
    """Good, or ``all``."""
    variable: str
    """What was measured."""
    region: str
    """Region, or origin of a flow."""
    partner: str
    """Destination of a flow."""
    value: str
    """The number as text; empty for a gap."""
    unit: str
    """Unit, in the words of the source."""
    year: str
    """Year it describes."""
    source: str
    """Who says so."""
    grade: str
    """Weight it bears, as in ``pricing.core.sources.Grade``."""
    url: str
    """Address, where one is known."""
    licence: str
    """Terms on which it is passed on."""
    shipped: str
    """Whether the row is a published figure, a single fact, a derived figure or a gap."""
    use: str
    """``used``, ``superseded`` or ``rejected``."""
    rule: str
    """Rule that decided so."""
    note: str
    """Anything a reader should know."""


def read_cells(path: Path, names: list[str]) -> list[dict[str, str]]:
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


class RawTable:
    """The raw rows of a chain by id; remembers which were read."""

    def __init__(self, rows: list[RawRow], name: str) -> None:
        self.rows = tuple(rows)
        self.name = name
        self._by_id = {row.id: row for row in rows}
        self._read: set[str] = set()

    @classmethod
    def load(cls, path: Path) -> RawTable:
        """Read a table; raises :class:`InputError` with every faulty row."""
        names = [field.name for field in fields(RawRow)]
        table = cls([RawRow(**row) for row in read_cells(path, names)], str(path))
        faults = list(table._faults())
        if faults:
            raise InputError(faults)
        return table

    def _faults(self) -> Iterator[Fault]:
        """Rows that break the rules of the table."""
        seen: set[str] = set()
        for line, row in enumerate(self.rows, start=2):
            problem = ""
            if row.id in seen:
                problem = f"the id '{row.id}' stands twice"
            elif row.use not in USES:
                problem = f"use is '{row.use}', not one of {', '.join(USES)}"
            elif not (row.rule and row.source and row.licence and row.grade):
                problem = "rule, source, licence and grade are needed"
            elif row.value and not _is_number(row.value):
                problem = f"'{row.value}' is not a number"
            elif row.use == "used" and not row.value:
                problem = "a gap cannot be used"
            seen.add(row.id)
            if problem:
                yield Fault(problem, row.id, self.name, line)

    def value(self, row_id: str) -> float:
        """Number of a row that counts as used."""
        row = self._by_id.get(row_id)
        if row is None or row.use != "used":
            what = "no such row" if row is None else f"the row is {row.use} ({row.rule})"
            raise InputError([Fault(f"'{row_id}': {what}", file=self.name)])
        self._read.add(row_id)
        return float(row.value)

    def select(self, rule: str, good: str) -> list[RawRow]:
        """Used rows of one rule and good; counts as reading them."""
        found = [r for r in self.rows if (r.use, r.rule, r.good) == ("used", rule, good)]
        self._read.update(row.id for row in found)
        return found

    def unread(self, elsewhere: frozenset[str]) -> list[str]:
        """Used rows that nothing read, rules whose place is ``elsewhere`` apart."""
        return [
            row.id
            for row in self.rows
            if row.use == "used" and row.rule not in elsewhere and row.id not in self._read
        ]

    def counts(self) -> dict[tuple[str, str], int]:
        """Rows by use and rule."""
        return dict(sorted(Counter((row.use, row.rule) for row in self.rows).items()))


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < float("inf")
    except ValueError:
        return False
