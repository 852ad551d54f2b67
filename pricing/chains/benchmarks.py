"""Balanced base years of a chain document, row by row or in a table beside it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from pricing.core import patterns
from pricing.core.declared import Declared, Identifier, Number, Text
from pricing.core.sources import SourceId

_ROWS = {
    "producer_price": (("good", "region"), "USD/t"),
    "production": (("process",), "t/yr"),
    "use": (("good", "region", "use"), "t/yr"),
    "flow": (("good", "region", "partner"), "t/yr"),
    "prior_share": (("good", "region", "partner"), "1"),
}
"""Variable of a benchmark row -> the names that it needs, and its unit."""


class BenchmarkRow(Declared):
    """One number of the balanced base year."""

    variable: Literal["producer_price", "production", "use", "flow", "prior_share"]
    """What it is: ``production`` is a process level, ``prior_share`` is for unused routes."""
    good: Identifier | None = None
    """Good (not for ``production``)."""
    region: Identifier | None = None
    """Region; the origin of a flow (not for ``production``)."""
    partner: Identifier | None = None
    """Destination of a flow or of a prior share."""
    process: Identifier | None = None
    """Process, for ``production``."""
    use: Identifier | None = None
    """Use, for ``use``."""
    value: Annotated[Number, Field(ge=0.0)]
    """The number, in ``unit``; never negative."""
    unit: Literal["t/yr", "USD/t", "1"]
    """Unit."""
    source: SourceId
    """Key in ``sources``."""
    derivation: Text | None = None
    """How it was derived or adjusted."""

    @model_validator(mode="after")
    def _complete(self) -> BenchmarkRow:
        names, unit = _ROWS[self.variable]
        missing = [name for name in names if getattr(self, name) is None]
        if missing:
            raise ValueError(f"a '{self.variable}' row needs {', '.join(missing)}")
        if self.unit != unit:
            raise ValueError(f"a '{self.variable}' row is in {unit}, not {self.unit}")
        return self

    def place(self) -> tuple[str | None, ...]:
        """What the row states: its variable and the names that this variable needs."""
        return (self.variable, *(getattr(self, name) for name in _ROWS[self.variable][0]))


class Benchmark(Declared):
    """A balanced base year: given row by row, or in a table beside the chain."""

    title: Text
    """What sets this variant apart."""
    table: Annotated[str, StringConstraints(pattern=patterns.TABLE)] | None = None
    """CSV file in ``configs/data`` (or beside a local chain file)."""
    sha256: Annotated[str, StringConstraints(pattern=patterns.SHA256)] | None = None
    """SHA-256 of the table."""
    rows: tuple[BenchmarkRow, ...] = ()
    """The numbers; read from ``table`` where one is named."""
