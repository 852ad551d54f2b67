"""Every number of a scenario and its chain, with its source, date, grade and derivation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pricing.core.sources import Grade, Source

if TYPE_CHECKING:
    import pandas as pd

    from pricing.scenarios.scenario import Scenario

MEANING = {
    Grade.OFFICIAL: "official text or statistic, company filing, legislation",
    Grade.PRESS: "trade press, price reporting agency, think tank",
    Grade.WEAK: "aggregator, blog, a single weak source, or read second-hand",
    Grade.LITERATURE: "published research or textbook",
    Grade.ESTIMATE: "derived for this chain; the derivation says how",
    Grade.ILLUSTRATIVE: "chosen to show a mechanism; nobody has announced it",
}
"""Grade -> what it means, in words."""
NO_SOURCE = "none stated"
"""Stands for the grade of numbers that a user states as assumptions."""
DERIVED = frozenset({Grade.ESTIMATE, Grade.ILLUSTRATIVE})
"""Grades of numbers that nobody published as they stand."""
COLUMNS = (
    "document",
    "path",
    "value",
    "unit",
    "source",
    "date",
    "grade",
    "estimate",
    "derivation",
    "url",
)


def numbers(scenario: Scenario) -> pd.DataFrame:
    """One row for every number with a unit, and every elasticity, in the scenario and its chain.

    Columns: :data:`COLUMNS`. ``estimate`` is true for estimates and illustrative numbers. A number
    without a source of its own has that of the object around it; null where there is none, as for
    assumptions that a user states.
    """
    import pandas as pd

    rows = [
        row
        for name, document, sources in (
            (scenario.id, scenario.document, scenario.document.sources),
            (scenario.chain.id, scenario.chain, scenario.chain.sources),
        )
        for row in _walk(document.model_dump(mode="json"), _Place(name, sources))
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def grades(scenario: Scenario) -> pd.DataFrame:
    """How many numbers have which grade: ``grade, means, numbers, share`` (in %)."""
    import pandas as pd

    found = numbers(scenario)["grade"].fillna(NO_SOURCE)
    known = {str(grade): words for grade, words in MEANING.items()}
    known[NO_SOURCE] = "stated by whoever wrote the scenario"
    counts = {grade: int((found == grade).sum()) for grade in known}
    total = max(len(found), 1)
    rows = [(grade, known[grade], n, 100.0 * n / total) for grade, n in counts.items() if n]
    return pd.DataFrame(rows, columns=["grade", "means", "numbers", "share"])


def source_table(scenario: Scenario) -> pd.DataFrame:
    """One row for every source that the scenario and its chain state."""
    import pandas as pd

    columns = ("document", "key", *Source.model_fields)
    rows = [
        {"document": name, "key": key, **source.model_dump(mode="json")}
        for name, sources in (
            (scenario.id, scenario.document.sources),
            (scenario.chain.id, scenario.chain.sources),
        )
        for key, source in sources.items()
    ]
    return pd.DataFrame(rows, columns=list(columns))


class _Place:
    """Where the walk stands: document, path and the source that holds there."""

    def __init__(
        self,
        document: str,
        sources: Mapping[str, Source],
        path: str = "",
        key: str | None = None,
        derivation: str | None = None,
    ) -> None:
        self.document, self.sources, self.path = document, sources, path
        self.key, self.derivation = key, derivation

    def inside(self, name: str, data: Any) -> _Place:
        """The place one step down; an object may state a source for all that it holds."""
        path = f"{self.path}.{name}" if self.path else name
        own = data if isinstance(data, dict) else {}
        key = own.get("source") or self.key
        derivation = own.get("derivation") or (self.derivation if key == self.key else None)
        return _Place(self.document, self.sources, path, key, derivation)

    def row(self, value: float, unit: str) -> dict[str, Any]:
        """The number that stands here."""
        source = self.sources.get(self.key) if self.key else None
        return {
            "document": self.document,
            "path": self.path,
            "value": float(value),
            "unit": unit,
            "source": source.text if source else None,
            "date": source.date if source else None,
            "grade": str(source.grade) if source else None,
            "estimate": source.grade in DERIVED if source else None,
            "derivation": self.derivation or (source.derivation if source else None),
            "url": source.url if source else None,
        }


def _walk(data: Any, place: _Place) -> Iterator[dict[str, Any]]:
    """Rows of every ``{value, unit}`` and every range at a place and below."""
    if isinstance(data, dict):
        value, unit = data.get("value"), data.get("unit")
        if isinstance(value, int | float) and isinstance(unit, str):
            yield place.row(value, unit)
        if {"low", "central", "high"} <= data.keys():
            for end in ("low", "central", "high"):
                yield place.inside(end, data[end]).row(data[end], "1")
        entries = [(str(key), part) for key, part in data.items() if key != "sources"]
    elif isinstance(data, list):
        named = (p.get("id") if isinstance(p, dict) else None for p in data)
        entries = [(str(n or i), p) for i, (n, p) in enumerate(zip(named, data, strict=True))]
    else:
        return
    for name, part in entries:
        yield from _walk(part, place.inside(name, part))
