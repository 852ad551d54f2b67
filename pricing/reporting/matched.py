"""Alternatives at the same target, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pricing.reporting.references import Split
from pricing.reporting.summary import Summary, summarise
from pricing.reporting.words import NONE, million, per_kg, row_of, tonnes, wrap

if TYPE_CHECKING:
    import pandas as pd

    from pricing.reporting.inputs import Result

NAME, CELL = 24, 8
"""Width of names and of numbers [characters]."""
NET = "net"
"""Name of a sum over all who gain or lose; it stands last."""
LABELS = ("horizon", "what", "good", "regions", "unit")
"""Columns of a table before those of the alternatives."""


@dataclass(frozen=True)
class Column:
    """One alternative."""

    name: str
    """Short name."""
    label: str
    """Name for people."""
    level: str
    """What it took, in words."""
    result: Result | None
    """Equilibrium at that level, or nearest to the target; None where there is none."""


@dataclass(frozen=True)
class Row:
    """One measure of all alternatives."""

    what: str
    """What it is."""
    good: str
    """Good; empty for money."""
    regions: str
    """Whose."""
    unit: str
    """Unit."""
    before: float | None
    """Without policy; zero for what is a change."""
    values: tuple[float | None, ...]
    """One an alternative; None where there is no equilibrium."""


def _money(value: float | None) -> str:
    """Million USD that fit into a narrow column."""
    return million(value) if value is None or abs(value) < 1e9 else f"{value / 1e6:+,.0f}"


_SHOWN: tuple[tuple[str, str, Callable[[float | None], str]], ...] = (
    ("users pay", "USD/t", per_kg),
    ("makers get", "USD/t", per_kg),
    ("output", "t/yr", tonnes),
    ("bought from outside", "t/yr", tonnes),
    ("gain", "USD/yr", _money),
)
"""What is listed, its unit, and how it is printed."""
_HEADINGS = {
    "users pay": "PRICE THAT BUYERS PAY, USD/kg",
    "makers get": "PRICE EX WORKS, USD/kg",
    "output": "OUTPUT, t/yr",
    "bought from outside": "BOUGHT FROM OUTSIDE, t/yr",
    "gain": "GAIN AGAINST NO POLICY, million USD/yr",
}


def rows(columns: Sequence[Column], split: Split) -> list[Row]:
    """Prices and output by stage, purchases from outside (the leak), and who gains what."""
    found = [None if c.result is None else summarise(c.result, split) for c in columns]
    first = next((summary for summary in found if summary is not None), None)
    if first is None:
        return []
    each = [{} if s is None else {key: pair for key, *pair in _measures(s)} for s in found]
    keys: dict[tuple[str, str, str, str], float | None] = {}
    for summary in found:
        for key, before, _ in () if summary is None else _measures(summary):
            keys.setdefault(key, before)
    ordered = sorted(keys, key=lambda key: key[1] == NET)
    return [
        Row(*key, keys[key], tuple(_after(values, key, keys[key]) for values in each))
        for key in ordered
    ]


def _after(
    values: dict[tuple[str, str, str, str], list[float | None]],
    key: tuple[str, str, str, str],
    before: float | None,
) -> float | None:
    """Value of one alternative; an account that it does not touch has gained nothing."""
    if key in values:
        return values[key][1]
    return before if values and key[0] == "gain" else None


Measure = tuple[tuple[str, str, str, str], float | None, float | None]
"""What, good, regions and unit; without policy; in the scenario."""


def _measures(summary: Summary) -> Iterator[Measure]:
    """All numbers of one alternative."""
    inside = summary.split.name
    for words, name in (("buyers pay", "users pay"), ("makers get", "makers get")):
        for price in summary.prices:
            if price.price == words:
                yield (name, price.good, price.group, "USD/t"), price.before, price.after
    for made in summary.output:
        yield ("output", made.good, made.group, "t/yr"), made.before, made.after
    for trade in summary.trade:
        yield ("bought from outside", trade.good, inside, "t/yr"), trade.before, trade.after
    for gain in summary.gains:
        yield ("gain", gain.agent, gain.group, "USD/yr"), 0.0, gain.change
    for group in dict.fromkeys(gain.group for gain in summary.gains):
        net = sum(gain.change for gain in summary.gains if gain.group == group)
        yield ("gain", NET, group, "USD/yr"), 0.0, net
    yield ("gain", NET, "world", "USD/yr"), 0.0, summary.net


def frame(horizons: Sequence[tuple[str, Sequence[Column], Split]]) -> pd.DataFrame:
    """One measure a row: :data:`LABELS`, ``no policy``, then a column for each alternative."""
    import pandas as pd

    names = dict.fromkeys(column.name for _, columns, _ in horizons for column in columns)
    records: list[dict[str, object]] = []
    for horizon, columns, split in horizons:
        for row in rows(columns, split):
            labels = (horizon, row.what, row.good, row.regions, row.unit)
            record: dict[str, object] = dict(zip(LABELS, labels, strict=True))
            record["no policy"] = row.before
            record.update(zip((c.name for c in columns), row.values, strict=True))
            records.append(record)
    return pd.DataFrame(records, columns=[*LABELS, "no policy", *names])


def text(heading: str, columns: Sequence[Column], split: Split) -> Iterator[str]:
    """Lines of one table: what each alternative takes, then what comes of it."""
    yield heading
    for number, column in enumerate(columns, 1):
        yield from row_of(f"  {number} {column.label}", 40, column.level)
    listed = rows(columns, split)
    heads = ["now", *(str(number) for number in range(1, len(columns) + 1))]
    yield ""
    yield f"{'':<{NAME}}" + "".join(f"{head:>{CELL}}" for head in heads)
    for what, _, words in _SHOWN:
        of_kind = [row for row in listed if row.what == what and _in_text(row, split)]
        if not of_kind:
            continue
        place = "" if what == "gain" else f" ({split.name})"
        yield from wrap(_HEADINGS[what] + place)
        for row in of_kind:
            outside = what == "gain" and row.regions != split.name
            name = f"  {row.good}" + (f", {row.regions}" if outside else "")
            cells = (NONE if value is None else words(value) for value in (row.before, *row.values))
            yield from row_of(name, NAME, "".join(f"{cell:>{CELL}}" for cell in cells))


def _in_text(row: Row, split: Split) -> bool:
    """Rows of the first group, and the net of the others and of the world."""
    moved = row.before or any(value for value in row.values)
    return bool(moved) and (row.regions == split.name or row.good == NET)
