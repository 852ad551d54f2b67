"""Chart templates of markets: steps of a cost curve, a waterfall of a price, ribbons of a chain."""

from __future__ import annotations

from functools import cache
from typing import Any

from pricing.reporting.figures.templates import (
    BASELINE,
    SCENARIO,
    colour,
    in_order,
    painted,
    readable,
    sentence,
    template,
    text_on,
    values_beside,
)


def _states(*values: Any) -> Any:
    """Scale of baseline and scenario."""
    import altair as alt

    return alt.Scale(domain=[BASELINE, SCENARIO], range=list(values))


@cache
def steps(parts: tuple[str, ...], colours: tuple[str, ...], axis: str) -> dict[str, Any]:
    """A cost curve in steps as wide as tonnes, each of several parts, with demand and floors.

    Reads ``blocks`` (``x, x2, y, y2, part, sentence``), ``names`` (``x, y, label,
    inside``), ``kinds`` (``x, y, label``: names of parts), ``before``
    (``x, y``: the steps of the baseline), ``demand`` (``state, x, y``), ``points`` (``state, x, y,
    sentence``) and ``floors`` (``y, label, sentence``); prices in USD/kg.
    """
    import altair as alt

    def layer(name: str) -> Any:
        return alt.Chart(alt.NamedData(name=name))

    x = alt.X("x:Q", title=axis, axis=alt.Axis(tickCount=4, format=",.0f"))
    y = alt.Y("y:Q", title="Price (USD/kg)", axis=alt.Axis(tickCount=6), scale=alt.Scale(zero=True))
    legend = alt.Legend(columns=2, symbolType="square", orient="bottom")
    shades = alt.Color("part:N", scale=painted(parts, colours), title=None, legend=legend)
    dashes = alt.StrokeDash("state:N", scale=_states([4, 3], [1, 0]), title=None)
    shapes = alt.Shape("state:N", scale=_states("circle", "diamond"), title=None)
    fills = alt.Fill("state:N", scale=_states(colour("paper"), colour("ink")), title=None)
    place = {"x": alt.X("x:Q"), "y": alt.Y("y:Q")}
    blue = parts[colours.index("blue")]
    blocks = layer("blocks").mark_rect(stroke=colour("paper"), strokeWidth=1)
    floor = layer("floors")
    layers = [
        blocks.encode(x=x, x2=alt.X2("x2"), y=y, y2=alt.Y2("y2"), color=shades, tooltip=sentence()),
        *(
            layer("before").mark_line(interpolate="step-after", **style).encode(**place)
            for style in (
                {"color": colour("paper"), "strokeWidth": 4, "opacity": 0.8},
                {"color": colour("ink"), "strokeWidth": 1.5, "strokeDash": [4, 3]},
            )
        ),
        *(
            layer("names")
            .transform_filter(f"datum.inside == {inside}")
            .mark_text(angle=270, align="left", dx=4, fontSize=10, color=colour(ink))
            .encode(x=alt.X("x:Q"), y=alt.Y("y:Q"), text=alt.Text("label:N"))
            for inside, ink in (("true", "on_blue"), ("false", "ink"))
        ),
        layer("kinds")
        .mark_text(fontSize=10, color=colour(text_on(f"datum.label === '{blue}'")))
        .encode(**place, text=alt.Text("label:N")),
        layer("demand")
        .mark_line(color=colour("ink"), strokeWidth=1.5)
        .encode(**place, strokeDash=dashes, order=alt.Order("y:Q")),
        floor.mark_rule(color=colour("floor"), strokeWidth=2).encode(
            y=alt.Y("y:Q"), tooltip=sentence()
        ),
        *(
            # On the left, where steps are low; demand and its marks are on the right.
            floor.mark_text(align="left", dy=-7, dx=4, **style).encode(
                x=alt.value(0), y=alt.Y("y:Q"), text=alt.Text("label:N")
            )
            for style in readable()
        ),
        layer("points")
        .mark_point(size=110, opacity=1.0, stroke=colour("ink"))
        .encode(**place, shape=shapes, fill=fills, tooltip=sentence()),
    ]
    return template(alt.layer(*layers).properties(height=360))


@cache
def waterfall(parts: tuple[str, ...], colours: tuple[str, ...]) -> dict[str, Any]:
    """Bars that begin where the last one ended, hollow for the baseline, down to their sum.

    Reads ``bars`` (``step, state, x, x2, part, sentence``) and ``steps`` (``step, label``).
    """
    import altair as alt

    y = alt.Y("step:N", sort=in_order(), title=None, scale=alt.Scale(paddingInner=0.25))
    x = alt.X("x:Q", title="Price (USD/kg)", axis=alt.Axis(tickCount=5))
    offset = alt.YOffset("state:N", scale=alt.Scale(domain=[BASELINE, SCENARIO]))
    shades = alt.Color("part:N", scale=painted(parts, colours), legend=None)
    edges = alt.Stroke("part:N", scale=painted(parts, colours), legend=None)
    bars = alt.Chart(alt.NamedData(name="bars")).encode(
        x=x, x2=alt.X2("x2"), y=y, yOffset=offset, tooltip=sentence()
    )
    hollow = bars.transform_filter(f"datum.state == '{BASELINE}'").mark_bar(
        fill=colour("paper"), strokeWidth=1.5, strokeDash=[3, 2]
    )
    full = bars.transform_filter(f"datum.state == '{SCENARIO}'").mark_bar()
    words = values_beside(alt.Chart(alt.NamedData(name="steps")).encode(y=y))
    layers = [hollow.encode(stroke=edges), full.encode(color=shades), words]
    return template(alt.layer(*layers).properties(height=alt.Step(34, **{"for": "position"})))


@cache
def ribbons(names: tuple[str, str]) -> dict[str, Any]:
    """Ribbons between columns of nodes, two diagrams under each other.

    Reads ``ribbons`` (``link, x, y, y2, side, sentence``), ``nodes`` (``x, x2, y, y2, side,
    sentence``), ``names`` (``x, y, label, last``) and ``heads`` (``x, y, label, last``).
    """
    import altair as alt

    x = alt.X("x:Q", axis=None, scale=alt.Scale(nice=False, zero=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(reverse=True, nice=False, zero=False))
    sides = alt.Color(
        "side:N", scale=painted(names, ("blue", "orange")), title=None, legend=alt.Legend()
    )

    def layer(name: str) -> Any:
        return alt.Chart(alt.NamedData(name=name))

    def words(name: str, last: str, **style: Any) -> Any:
        kept = layer(name).transform_filter(f"datum.last == {last}")
        return kept.mark_text(baseline="middle", **style).encode(x=x, y=y, text=alt.Text("label:N"))

    heads = {"color": colour("ink"), "fontSize": 11, "fontWeight": "bold"}
    layers = [
        layer("ribbons")
        .mark_area(opacity=0.45, interpolate="monotone")
        .encode(
            x=x,
            y=y,
            y2=alt.Y2("y2"),
            detail=alt.Detail("link:N"),
            color=sides,
            tooltip=sentence(),
        ),
        layer("nodes")
        .mark_rect()
        .encode(x=x, x2=alt.X2("x2"), y=y, y2=alt.Y2("y2"), color=sides, tooltip=sentence()),
        *(
            words("names", last, align=align, dx=dx, fontSize=10, **style)
            for style in readable()
            for last, align, dx in (("false", "left", 10), ("true", "right", -4))
        ),
        words("heads", "false", align="left", **heads),
        words("heads", "true", align="right", dx=8, **heads),
    ]
    return template(alt.layer(*layers).properties(height=640))
