"""Chart templates: built once, without data, the same for every result."""

from __future__ import annotations

from functools import cache
from typing import Any

from pricing.reporting.figures.figure import RANK

BASELINE, SCENARIO, REFERENCE = "baseline", "scenario", "reference price"
STATES = (
    (BASELINE, "circle", "paper", "soft"),
    (SCENARIO, "diamond", "accent", "accent"),
    (REFERENCE, "M0,-0.5L0,0.5", "floor", "floor"),
)
"""What a row may show: name, shape (the last a short upright line), fill and edge."""
TICKS = 4
"""Ticks of an axis for which a narrow screen has room."""


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


def painted(names: tuple[str, ...], colours: tuple[str, ...]) -> Any:
    """Scale that paints names in colours of the look."""
    import altair as alt

    return alt.Scale(domain=list(names), range=[colour(name) for name in colours])


def text_on(is_blue: str) -> str:
    """Colour of text on a coloured mark, by a test of Vega that says whether the mark is blue."""
    return f"{is_blue} ? on_blue : on_colour"


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


def in_order() -> Any:
    """Values of an axis or legend in the order of the rows.

    Without it a chart whose data change in place keeps the order of what it showed before.
    """
    import altair as alt

    return alt.EncodingSortField(RANK, op="min")


def rows_of(title: str | None = None) -> Any:
    """Rows by place in the order of the data; a place may have two lines."""
    import altair as alt

    lines = alt.Axis(labelExpr="split(datum.label, '\\n')")
    return alt.Y("place:N", sort=in_order(), title=title, axis=lines)


def same(field: str = "place") -> Any:
    """Marks with the same value are one mark that moves when the data change.

    Without it a browser takes every mark away and puts a new one in its place. No two rows of a
    dataset may have the same value.
    """
    import altair as alt

    return alt.Key(f"{field}:N")


@cache
def dumbbell(axis: str, *, log: bool = False, reference: bool = False) -> dict[str, Any]:
    """Two values a row: a ring for the baseline, a diamond for the scenario.

    Reads dataset ``rows`` with ``place, baseline, scenario, floor, label, sentence``; with
    ``reference``, ``floor`` is a reference price, which may be missing.
    """
    import altair as alt

    scale = alt.Scale(type="log") if log else alt.Scale(zero=True)
    # On a logarithmic axis 10,000 and 100,000 do not fit beside each other on a narrow screen.
    short = alt.Axis(tickCount=TICKS, format="~s", labelOverlap="greedy")
    ticks = short if log else alt.Axis(tickCount=TICKS)
    side = alt.X("baseline:Q", title=axis, scale=scale, axis=ticks)
    base = alt.Chart().encode(y=rows_of(), key=same())
    shown = STATES if reference else STATES[:2]

    def by_state(*looks: Any) -> Any:
        return alt.Scale(domain=[name for name, *_ in shown], range=list(looks[: len(shown)]))

    _, shapes, fills, strokes = zip(*STATES, strict=True)
    named: dict[str, Any] = {"title": None, "legend": alt.Legend(columns=2)}
    legend = {
        "shape": alt.Shape("state:N", scale=by_state(*shapes), **named),
        "fill": alt.Fill("state:N", scale=by_state(*map(colour, fills)), **named),
        "stroke": alt.Stroke("state:N", scale=by_state(*map(colour, strokes)), **named),
    }

    def point(column: str, state: str, **style: Any) -> Any:
        drawn = base.mark_point(opacity=1.0, **style).transform_calculate(state=f"'{state}'")
        return drawn.encode(x=alt.X(f"{column}:Q"), tooltip=sentence(), **legend)

    layers = [
        base.mark_rule(color=colour("soft"), strokeWidth=2).encode(x=side, x2=alt.X2("scenario")),
        point("baseline", BASELINE, size=90),
        point("scenario", SCENARIO, size=60),
        values_beside(base),
    ]
    if reference:
        upright = point("floor", REFERENCE, size=1100, strokeWidth=3)
        layers.insert(1, upright.transform_filter("isValid(datum.floor)"))
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
    scale = alt.Scale(zero=True)
    x = alt.X("value:Q", title=axis, axis=alt.Axis(tickCount=TICKS), scale=scale)
    marks = (
        alt.Chart(alt.NamedData(name="rows"))
        .mark_point(size=55, opacity=1.0, strokeWidth=2, fillOpacity=0.0)
        .encode(
            x=x,
            y=y,
            # Each scenario has a line of its own, so that equal values do not hide each other.
            yOffset=alt.YOffset("name:N", sort=in_order()),
            shape=alt.Shape(
                "name:N", sort=in_order(), title=None, scale=alt.Scale(range=list(SHAPES))
            ),
            color=alt.Color("name:N", sort=in_order(), title=None, legend=alt.Legend(columns=2)),
            tooltip=sentence(),
        )
    )
    lines = (
        alt.Chart(alt.NamedData(name="rows"))
        .mark_rule(color=colour("grid"))
        .encode(y=alt.Y("place:N", sort=in_order(), bandPosition=0.0))
    )
    return template(alt.layer(lines, marks).properties(height=alt.Step(46, **{"for": "position"})))


@cache
def change_bars(axis: str, step: int = 22) -> dict[str, Any]:
    """One signed change a row, to the right of zero for more; ``step`` pixels a row.

    Reads dataset ``rows`` with ``place, change, label, sentence``.
    """
    import altair as alt

    x = alt.X("change:Q", title=axis, axis=alt.Axis(tickCount=TICKS))
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


@cache
def matrix() -> dict[str, Any]:
    """Origins down, destinations across, one number a cell, colours about zero.

    Reads dataset ``cells`` with ``origin, destination, value, label, sentence``.
    """
    import altair as alt

    data = alt.NamedData(name="cells")
    across = alt.Axis(labelAngle=-45)
    x = alt.X("destination:N", sort=in_order(), title="Destination", axis=across)
    y = alt.Y("origin:N", sort=in_order(), title="Origin")
    scale = alt.Scale(domainMid=0, range="diverging", interpolate="rgb")
    painted = alt.Color("value:Q", scale=scale, legend=None)
    base = alt.Chart(data).encode(x=x, y=y, tooltip=sentence())
    cells = base.mark_rect(stroke="#8C8C8C", strokeWidth=0.3).encode(color=painted)
    numbers = base.mark_text(color=colour("ink"), fontSize=9).encode(text=alt.Text("label:N"))
    return template(alt.layer(cells, numbers).properties(height=alt.Step(24)))
