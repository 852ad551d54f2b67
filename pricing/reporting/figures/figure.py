"""A figure: what it says in words, its data, and a chart whose text the data do not change."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from pricing.reporting.stamp import source_line
from pricing.reporting.theme import Look, colours, config

if TYPE_CHECKING:
    import pandas as pd

    from pricing.equilibrium.build import Solved
    from pricing.reporting.inputs import Result

__all__ = ["Baseline", "Figure", "NoPolicy", "picture", "save", "source_line"]

Row = dict[str, Any]
"""Column -> value."""
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""Name of the language; nothing is loaded from there."""


WIDEST = 96
"""Longest line above a picture [characters]."""
EMPTY = {
    "data": {"values": [{}]},
    "mark": {"type": "text", "text": "Nothing to draw: nothing changed", "color": {"expr": "ink"}},
    "height": 40,
}
"""Drawn instead of a template where there is no row: a chart without marks has no size."""
RANK = "rank"
"""Column that every chart has besides: the place of a row in its dataset, which axes go by."""
HELPERS = ("label", "mark", "x", "x2", "middle", "y", "y2")
"""Columns that only the drawing needs."""


class Baseline(Protocol):
    """What a scenario is held against: a solved result, or :class:`NoPolicy`."""

    @property
    def solved(self) -> Solved:
        """Its equilibrium."""


@dataclass(frozen=True)
class NoPolicy:
    """The reference that every result carries, as a baseline."""

    solved: Solved
    """Equilibrium without added policy."""

    @classmethod
    def of(cls, result: Result) -> NoPolicy:
        """Baseline of a result."""
        return cls(result.reference)


@dataclass(frozen=True)
class Rows:
    """One dataset; a pandas table is made only where somebody asks for one, for that takes time."""

    rows: Sequence[Row]
    """One row after another."""
    columns: tuple[str, ...]
    """Columns, which stay when there is no row."""

    def frame(self) -> pd.DataFrame:
        """The rows as a table."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.columns))

    def plain(self) -> dict[str, list[Any]]:
        """Column -> values, as they travel to a browser; what is no number is None."""
        found = {name: [_plain(row.get(name)) for row in self.rows] for name in self.columns}
        return found | {RANK: list(range(len(self.rows)))}


def _plain(value: Any) -> Any:
    """A value that JSON has."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not isfinite(value) else value


@dataclass(frozen=True)
class Figure:
    """One chart with everything that a reader needs beside it."""

    name: str
    """Short name, for files."""
    title: str
    """What is shown."""
    unit: str
    """Unit and basis of the numbers."""
    caption: str
    """One sentence on how to read it."""
    source: str
    """Scenario, data and version that the numbers come from."""
    alt: str
    """What the chart shows, for those who cannot see it."""
    drawn: Mapping[str, Rows]
    """Dataset name -> rows."""
    spec: Mapping[str, Any]
    """Vega-Lite template without data; the same object for every result of one chain."""
    numbers: Rows | None = None
    """The numbers as a table for people, where that is not the first dataset."""

    @cached_property
    def data(self) -> Mapping[str, pd.DataFrame]:
        """Dataset name -> table."""
        return {name: rows.frame() for name, rows in self.drawn.items()}

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(rows.rows for rows in self.drawn.values())

    @property
    def template(self) -> Mapping[str, Any]:
        """What is drawn: the chart, or in its place that there is nothing to draw."""
        return EMPTY if self.empty else self.spec

    @property
    def table(self) -> pd.DataFrame:
        """The numbers as a table for people."""
        return next(iter(self.data.values())) if self.numbers is None else self.numbers.frame()

    @property
    def shown(self) -> pd.DataFrame:
        """The table without what only the drawing needs."""
        return self.table.drop(columns=list(HELPERS), errors="ignore")

    def csv(self) -> bytes:
        """The table as a CSV file, below lines that say what it is and where it is from."""
        from pricing.reporting.export import safe

        said = (("title", self.title), ("unit", self.unit), ("source", self.source))
        head = "".join(f"# {name}: {text}\n" for name, text in said)
        return (head + self.shown.map(safe).to_csv(index=False, lineterminator="\n")).encode()

    def vega_lite(self, look: Look = Look.LIGHT) -> dict[str, Any]:
        """Full specification with data, title and look; draws anywhere."""
        import json

        datasets = {
            name: [
                row | {RANK: n}
                for n, row in enumerate(
                    json.loads(rows.to_json(orient="records", double_precision=15))
                )
            ]
            for name, rows in self.data.items()
        }
        return {
            "$schema": SCHEMA,
            "description": self.alt,
            "usermeta": {"unit": self.unit, "caption": self.caption, "source": self.source},
            "title": {
                "text": self.title,
                "subtitle": [*wrapped(self.unit), *wrapped(self.source)],
            },
            "width": 520,
            **self.template,
            "params": list(colours(look)),
            "datasets": datasets,
            "config": config(look),
        }

    def chart(self, look: Look = Look.LIGHT) -> Any:
        """Altair chart for notebooks."""
        import altair as alt

        return alt.Chart.from_dict(self.vega_lite(look))


def wrapped(text: str) -> list[str]:
    """A text in lines that fit above a picture."""
    return textwrap.wrap(text, WIDEST, break_on_hyphens=False)


def save(figure: Figure, suffix: str, look: Look = Look.LIGHT) -> bytes:
    """A figure as a picture file.

    Parameters
    ----------
    suffix : str
        ``.png`` or ``.svg``.

    Raises
    ------
    InputError
        If the suffix is neither, or the package that draws is missing.
    """
    return picture(figure.vega_lite(look), suffix)


def picture(spec: Mapping[str, Any], suffix: str) -> bytes:
    """A full specification as PNG or SVG; see :func:`save`."""
    from pricing.errors import Fault, InputError
    from pricing.reporting.export import EXTRA

    try:
        import vl_convert
    except ImportError:
        fault = Fault("charts as files need the package vl_convert", remedy=EXTRA)
        raise InputError([fault]) from None
    draw = {
        ".png": lambda: bytes(vl_convert.vegalite_to_png(dict(spec), scale=2)),
        ".svg": lambda: str(vl_convert.vegalite_to_svg(dict(spec))).encode(),
    }
    if suffix not in draw:
        raise InputError([Fault(f"'{suffix}' is no chart format", remedy="Use .png or .svg")])
    return draw[suffix]()
