"""Chart templates: built once, without data, the same for every result."""

from __future__ import annotations

from functools import cache
from typing import Any

BASELINE, SCENARIO = "baseline", "scenario"


def _template(chart: Any) -> dict[str, Any]:
    """Specification without what belongs to the look or the data."""
    spec: dict[str, Any] = chart.to_dict()
    return {key: value for key, value in spec.items() if key not in ("config", "$schema")}


def _colour(name: str) -> Any:
    """A colour of the look, by name."""
    import altair as alt

    return alt.ExprRef(name)


def _sentence() -> Any:
    """Hover text: the sentence of the row."""
    import altair as alt

    return alt.Tooltip("sentence:N")


@cache
def dumbbell(axis: str, *, log: bool = False) -> dict[str, Any]:
    """Two values a row: a ring for the baseline, a diamond for the scenario.

    Reads dataset ``rows`` with ``place, baseline, scenario, floor, right, label, sentence``;
    ``right`` is where the written label starts, ``floor`` may be missing.
    """
    import altair as alt

    scale = alt.Scale(type="log") if log else alt.Scale(zero=True)
    y = alt.Y("place:N", sort=None, title=None)
    side = alt.X("baseline:Q", title=axis, scale=scale, axis=alt.Axis(tickCount=5))
    base = alt.Chart()

    def point(column: str, size: int, fill: str, stroke: str) -> Any:
        states = alt.Scale(domain=[BASELINE, SCENARIO], range=["circle", "diamond"])
        drawn = base.mark_point(
            size=size, opacity=1.0, fill=_colour(fill), stroke=_colour(stroke)
        ).encode(
            x=alt.X(f"{column}:Q"),
            y=y,
            shape=alt.Shape("state:N", scale=states, title=None),
            tooltip=_sentence(),
        )
        return drawn.transform_calculate(state=f"'{column}'")

    room = base.transform_calculate(beyond=f"datum.right * {8.0 if log else 1.15}")
    layers = [
        # Drawn by nobody: makes the axis long enough for the label of the largest value.
        room.mark_point(opacity=0.0).encode(x=alt.X("beyond:Q"), y=y),
        base.mark_rule(color=_colour("soft"), strokeWidth=2).encode(
            x=side, x2=alt.X2("scenario"), y=y
        ),
        base.mark_tick(color=_colour("floor"), opacity=1.0, thickness=3, size=16)
        .encode(x=alt.X("floor:Q"), y=y, tooltip=_sentence())
        .transform_filter("isValid(datum.floor)"),
        point(BASELINE, 90, "paper", "soft"),
        point(SCENARIO, 60, "accent", "accent"),
        base.mark_text(color=_colour("ink"), align="left", dx=9).encode(
            x=alt.X("right:Q"), y=y, text=alt.Text("label:N")
        ),
    ]
    drawn = alt.layer(*layers, data=alt.NamedData(name="rows"))
    return _template(drawn.properties(height=alt.Step(22)))


@cache
def change_bars(axis: str) -> dict[str, Any]:
    """One signed change a row, to the right of zero for more.

    Reads dataset ``rows`` with ``place, change, label, sentence``.
    """
    import altair as alt

    y = alt.Y("place:N", sort=None, title=None)
    x = alt.X("change:Q", title=axis, axis=alt.Axis(tickCount=5))
    base = alt.Chart()

    def half(style: str, test: str, align: Any, dx: int) -> list[Any]:
        kept = base.transform_filter(test)
        bar = kept.mark_bar(color=_colour(style)).encode(x=x, y=y, tooltip=_sentence())
        text = kept.mark_text(color=_colour("ink"), align=align, dx=dx)
        return [bar, text.encode(x=x, y=y, text=alt.Text("label:N"))]

    zero = base.mark_rule(color=_colour("ink")).encode(x=alt.XDatum(0))
    layers = [
        *half("gain", "datum.change >= 0", "left", 5),
        *half("loss", "datum.change < 0", "right", -5),
        zero,
    ]
    drawn = alt.layer(*layers, data=alt.NamedData(name="rows"))
    return _template(drawn.properties(height=alt.Step(22)))


@cache
def stacked(axis: str) -> dict[str, Any]:
    """Parts on both sides of zero with a diamond at their sum.

    Reads ``parts`` with ``place, agent, change, sentence`` and ``net`` with ``place, net,
    label, sentence``.
    """
    import altair as alt

    y = alt.Y("place:N", sort=None, title=None)
    parts, sums = alt.NamedData(name="parts"), alt.NamedData(name="net")
    colour = alt.Color("agent:N", sort=None, title=None, legend=alt.Legend(columns=3))
    x = alt.X("change:Q", title=axis, stack="zero", axis=alt.Axis(tickCount=5))
    bars = alt.Chart(parts).mark_bar().encode(x=x, y=y, color=colour, tooltip=_sentence())
    zero = alt.Chart(sums).mark_rule(color=_colour("ink")).encode(x=alt.XDatum(0))
    net = alt.Chart(sums).encode(x=alt.X("net:Q", title=axis), y=y, tooltip=_sentence())
    diamond = net.mark_point(
        shape="diamond", size=110, opacity=1.0, fill=_colour("ink"), stroke=_colour("paper")
    )
    return _template(alt.layer(bars, zero, diamond).properties(height=alt.Step(26)))


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
    colour = alt.Color("value:Q", scale=scale, legend=None)
    base = alt.Chart(data).encode(x=x, y=y, tooltip=_sentence())
    cells = base.mark_rect(stroke="#8C8C8C", strokeWidth=0.3).encode(color=colour)
    numbers = base.mark_text(color=_colour("ink"), fontSize=9).encode(text=alt.Text("label:N"))
    return _template(alt.layer(cells, numbers).properties(height=alt.Step(24)))
