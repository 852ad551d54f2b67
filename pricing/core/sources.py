"""Where a number comes from and how good it is."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from pricing.core import patterns
from pricing.core.declared import Declared, Names, Text


class Grade(StrEnum):
    """How much weight a number bears."""

    OFFICIAL = "official"
    """Official text or statistic, company filing, legislation."""
    PRESS = "press"
    """Trade press, price reporting agency, think tank."""
    WEAK = "weak"
    """Aggregator, blog, a single weak source, or read second-hand."""
    LITERATURE = "literature"
    """Published research or textbook."""
    ESTIMATE = "estimate"
    """Derived here; the derivation says how."""
    ILLUSTRATIVE = "illustrative"
    """Chosen to show a mechanism; nobody has announced it."""


class Source(Declared):
    """A citation with a date and a grade; an estimate says how it was derived."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000)]
    """Who says so, in words that let a reader find it."""
    date: Annotated[str, StringConstraints(pattern=patterns.DATE)]
    """Date of the source (or of reading): YYYY, YYYY-MM or YYYY-MM-DD."""
    grade: Grade
    """How much weight it bears."""
    url: Annotated[str, StringConstraints(pattern=patterns.ADDRESS, max_length=500)] | None = None
    """Address, where one is known."""
    licence: Text | None = None
    """Licence of the data, where data were copied."""
    derivation: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=4000)]
        | None
    ) = None
    """How an estimate or an illustrative number was arrived at."""

    @model_validator(mode="after")
    def _derived(self) -> Source:
        if self.grade in (Grade.ESTIMATE, Grade.ILLUSTRATIVE) and self.derivation is None:
            raise ValueError(f"grade '{self.grade}' needs a derivation: say how it was arrived at")
        return self


def source_keys(data: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every key that a ``source`` field below refers to, with the dotted path of that field."""
    entries: Any = ()
    if isinstance(data, dict):
        entries = data.items()
    elif isinstance(data, list | tuple):
        entries = enumerate(data)
    for key, value in entries:
        place = f"{where}.{key}" if where else str(key)
        if key == "source" and isinstance(value, str):
            yield value, place
        else:
            yield from source_keys(value, place)


SourceId = Annotated[str, Field(pattern=patterns.SOURCE_KEY, max_length=80), Names.SOURCE]
"""Key of a source in the ``sources`` of the same document."""
