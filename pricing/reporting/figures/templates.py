"""Chart templates: built once, without data, the same for every result."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from pricing.accounts.parties import Account
from pricing.reporting.summary import AGENTS, FUNDS

if TYPE_CHECKING:
    from pricing.reporting.figures.figure import Row

BASELINE, SCENARIO = "baseline", "scenario"


def template(chart: Any) -> dict[str, Any]:
    """Specification without what belongs to the look or the data; see :func:`_spoken`."""
    spec: dict[str, Any] = chart.to_dict()
    _spoken(spec)
    return {key: value for key, value in spec.items() if key not in ("config", "$schema")}


def _spoken(spec: dict[str, Any]) -> None:
    """Marks with a hover sentence say that sentence to screen readers, the others nothing.

    Otherwise each mark says the number of every axis, which a browser puts together anew for every
    mark whenever the data change.
    """
    for layer in spec.get("layer", ()):
        _spoken(layer)
    if "tooltip" in spec.get("encoding", {}):
        spec["encoding"]["description"] = spec["encoding"]["tooltip"]
    elif "mark" in spec:
        spec["mark"] = {**spec["mark"], "aria": False}


def colour(name: str) -> Any:
    """A colour of the look, by name."""
    import altair as alt

    return alt.ExprRef(name)


def sentence() -> Any:
    """Hover text: the sentence of the row."""
    import altair as alt

    return alt.Tooltip("sentence:N")


def readable() -> tuple[dict[str, Any], dict[str, Any]]:
    """Two styles that make text readable on any ground, one drawn over the other."""
    paper, ink = colour("paper"), colour("ink")
    halo = {"color": paper, "stroke": paper, "strokeWidth": 3, "strokeJoin": "round"}
    return halo, {"color": ink}


def values_beside(rows: Any) -> Any:
    """The labels of all rows in a column to the right of the drawing, where none is ever cut."""
    import altair as alt

    words = rows.mark_text(color=colour("ink"), align="left", dx=8)
    return words.encode(x=alt.value("width"), text=alt.Text("label:N"))


def zero_line() -> Any:
    """An upright line at zero: one, not one for each row."""
    import altair as alt

    once = alt.Chart(alt.sequence(1))
    return once.mark_rule(color=colour("ink")).encode(x=alt.XDatum(0))


def rows_of(title: str | None = None) -> Any:
    """Rows by place in the order of the data; a place may have two lines."""
    import altair as alt

    return alt.Y(
        "place:N", sort=None, title=title, axis=alt.Axis(labelExpr="split(datum.label, '\\n')")
    )


def same(field: str = "place") -> Any:
    """Marks with the same value are one mark that moves when the data change.

    Without it a browser takes every mark away and puts a new one in its place. No two rows of a
    dataset may have the same value.
    """
    import altair as alt

    return alt.Key(f"{field}:N")


@cache
def dumbbell(axis: str, *, log: bool = False) -> dict[str, Any]:
    """Two values a row: a ring for the baseline, a diamond for the scenario.

    Reads dataset ``rows`` with ``place, baseline, scenario, floor, label, sentence``; ``floor``
    may be missing.
    """
    import altair as alt

    scale = alt.Scale(type="log") if log else alt.Scale(zero=True)
    # On a logarithmic axis 10,000 and 100,000 do not fit beside each other on a narrow screen.
    short = alt.Axis(tickCount=4, format="~s", labelOverlap="greedy")
    ticks = short if log else alt.Axis(tickCount=4)
    side = alt.X("baseline:Q", title=axis, scale=scale, axis=ticks)
    base = alt.Chart().encode(y=rows_of(), key=same())

    def point(column: str, size: int, fill: str, stroke: str) -> Any:
        states = alt.Scale(domain=[BASELINE, SCENARIO], range=["circle", "diamond"])
        drawn = base.mark_point(
            size=size, opacity=1.0, fill=colour(fill), stroke=colour(stroke)
        ).encode(
            x=alt.X(f"{column}:Q"),
            shape=alt.Shape("state:N", scale=states, title=None),
            tooltip=sentence(),
        )
        return drawn.transform_calculate(state=f"'{column}'")

    layers = [
        base.mark_rule(color=colour("soft"), strokeWidth=2).encode(x=side, x2=alt.X2("scenario")),
        base.mark_tick(color=colour("floor"), opacity=1.0, thickness=3, size=16)
        .encode(x=alt.X("floor:Q"), tooltip=sentence())
        .transform_filter("isValid(datum.floor)"),
        point(BASELINE, 90, "paper", "soft"),
        point(SCENARIO, 60, "accent", "accent"),
        values_beside(base),
    ]
    drawn = alt.layer(*layers, data=alt.NamedData(name="rows"))
    return template(drawn.properties(height=alt.Step(22)))


SHAPES = ("circle", "diamond", "square", "triangle-up", "cross", "triangle-down", "triangle-left")
"""One for each scenario, so that colour is not needed to tell them apart."""


@cache
def dots(axis: str) -> dict[str, Any]:
    """One mark for every scenario in each row, told apart by shape and colour.

    Reads dataset ``rows`` with ``place, name, value, sentence``.
    """
    import altair as alt

    y = rows_of()
    x = alt.X("value:Q", title=axis, axis=alt.Axis(tickCount=4), scale=alt.Scale(zero=True))
    marks = (
        alt.Chart(alt.NamedData(name="rows"))
        .mark_point(size=55, opacity=1.0, strokeWidth=2, fillOpacity=0.0)
        .encode(
            x=x,
            y=y,
            # Each scenario has a line of its own, so that equal values do not hide each other.
            yOffset=alt.YOffset("name:N", sort=None),
            shape=alt.Shape("name:N", sort=None, title=None, scale=alt.Scale(range=list(SHAPES))),
            color=alt.Color("name:N", sort=None, title=None, legend=alt.Legend(columns=2)),
            tooltip=sentence(),
        )
    )
    lines = (
        alt.Chart(alt.NamedData(name="rows"))
        .mark_rule(color=colour("grid"))
        .encode(y=alt.Y("place:N", sort=None, bandPosition=0.0))
    )
    return template(alt.layer(lines, marks).properties(height=alt.Step(46, **{"for": "position"})))


@cache
def change_bars(axis: str, step: int = 22) -> dict[str, Any]:
    """One signed change a row, to the right of zero for more; ``step`` pixels a row.

    Reads dataset ``rows`` with ``place, change, label, sentence``.
    """
    import altair as alt

    x = alt.X("change:Q", title=axis, axis=alt.Axis(tickCount=4))
    base = alt.Chart().encode(y=rows_of(), key=same())

    def half(style: str, test: str) -> Any:
        bar = base.transform_filter(test).mark_bar(color=colour(style))
        return bar.encode(x=x, tooltip=sentence())

    layers = [
        half("gain", "datum.change >= 0"),
        half("loss", "datum.change < 0"),
        zero_line(),
        values_beside(base),
    ]
    drawn = alt.layer(*layers, data=alt.NamedData(name="rows"))
    return template(drawn.properties(height=alt.Step(step)))


LETTERS = {
    AGENTS[Account.USERS]: "U",
    AGENTS[Account.PROCESSES]: "P",
    AGENTS[Account.EXPORTERS]: "E",
    AGENTS[Account.LICENCE_HOLDERS]: "L",
    AGENTS[Account.TREASURIES]: "T",
    AGENTS[Account.STOCKS]: "S",
    FUNDS: "F",
}
"""Agent -> letter on its bars, so that colour is not needed to tell them apart."""
NARROWEST = 0.045
"""Narrower bars carry no letter [share of the width]."""


def lettered(parts: Sequence[Row]) -> list[Row]:
    """Parts of stacked bars: where each lies, and the letter of its agent, where it fits.

    Stacked here and not by the chart, which orders letters by their text and bars by their agent.
    """
    ends: dict[tuple[str, bool], float] = {}
    placed: list[Row] = []
    for part in parts:
        side = part["place"], part["change"] > 0.0
        start = ends.get(side, 0.0)
        ends[side] = start + part["change"]
        placed.append(part | {"x": start, "x2": ends[side], "middle": start + part["change"] / 2})
    width = max(ends.values(), default=0.0) - min(ends.values(), default=0.0)
    fits = NARROWEST * width
    return [
        part | {"label": LETTERS[part["agent"]] if abs(part["change"]) > fits else ""}
        for part in placed
    ]


PARTS = ("place", "agent", "change", "label", "sentence", "mark", "x", "x2", "middle")
"""Columns of parts of stacked bars."""


@cache
def stacked(axis: str, step: int = 26) -> dict[str, Any]:
    """Parts on both sides of zero with a diamond at their sum, which is also written beside.

    Reads ``parts`` (:func:`lettered`), where ``mark`` is place and agent, and ``net`` with
    ``place, net, label, sentence``.
    """
    import altair as alt

    y = rows_of()
    parts, sums = alt.NamedData(name="parts"), alt.NamedData(name="net")
    named = alt.Legend(
        columns=3, labelExpr=f"{json.dumps(LETTERS)}[datum.label] + ' ' + datum.label"
    )
    painted = alt.Color("agent:N", sort=None, title=None, legend=named)
    x = alt.X("x:Q", title=axis, axis=alt.Axis(tickCount=4))
    base = alt.Chart(parts).encode(y=y, key=same("mark"))
    bars = base.mark_bar(stroke=colour("paper"), strokeWidth=0.5).encode(
        x=x, x2=alt.X2("x2"), color=painted, tooltip=sentence()
    )
    wide = base.transform_filter("datum.label")  # texts without letters cost as much
    letters = [
        wide.mark_text(fontSize=10, **style).encode(x=alt.X("middle:Q"), text=alt.Text("label:N"))
        for style in readable()
    ]
    rows = alt.Chart(sums).encode(y=y, key=same())
    diamond = rows.mark_point(
        shape="diamond", size=110, opacity=1.0, fill=colour("ink"), stroke=colour("paper")
    ).encode(x=alt.X("net:Q"), tooltip=sentence())
    layers = [bars, *letters, zero_line(), diamond, values_beside(rows)]
    return template(alt.layer(*layers).properties(height=alt.Step(step)))


@cache
def matrix() -> dict[str, Any]:
    """Origins down, destinations across, one number a cell, colours about zero.

    Reads dataset ``cells`` with ``origin, destination, value, label, sentence``.
    """
    import altair as alt

    data = alt.NamedData(name="cells")
    x = alt.X("destination:N", sort=None, title="Destination", axis=alt.Axis(labelAngle=-45))
    y = alt.Y("origin:N", sort=None, title="Origin")
    scale = alt.Scale(domainMid=0, range="diverging", interpolate="rgb")
    painted = alt.Color("value:Q", scale=scale, legend=None)
    base = alt.Chart(data).encode(x=x, y=y, tooltip=sentence())
    cells = base.mark_rect(stroke="#8C8C8C", strokeWidth=0.3).encode(color=painted)
    numbers = base.mark_text(color=colour("ink"), fontSize=9).encode(text=alt.Text("label:N"))
    return template(alt.layer(cells, numbers).properties(height=alt.Step(24)))
