"""Charts of what uncertain numbers do to one indicator: tornado, and its spread over draws."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from pricing.reporting.figures.figure import Figure, Row, Rows
from pricing.reporting.figures.templates import colour, rows_of, sentence, template
from pricing.uncertainty.answers import quantiles
from pricing.uncertainty.response import Response
from pricing.uncertainty.sensitivity import Sample, Swing

SHOWN = {
    "USD/t": ("USD/kg", 1e-3),
    "USD": ("million USD/yr", 1e-6),
    "t": ("t/yr", 1.0),
    "1": ("%", 100.0),
}
"""Unit of an indicator -> unit that people read, and its factor."""
BARS = 24
"""Most bars of a histogram."""
MOST = 12
"""Uncertain numbers that a tornado shows."""
BANDS, DRAWS_A_BAND = 12, 16
"""Most groups of draws in a fan, and how many draws one needs."""
FAN = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of a fan."""
LOW, HIGH = "5th percentile", "95th percentile"


def words(label: str) -> str:
    """An indicator for people: ``output(magnet, forge)`` is ``Output: magnet, forge``."""
    name, about = label[:-1].split("(")
    return f"{name.replace('_', ' ').capitalize()}: {about}"


def in_words(number: str) -> str:
    """An uncertain number for people."""
    return number.replace("_", " ")


def _axis(indicator: str, unit: str) -> str:
    """Title of the axis of an indicator."""
    return f"{words(indicator)} ({unit})"


def tornado_of(swings: Sequence[Swing], indicator: str, source: str) -> Figure:
    """How far each number moves an indicator from its middle, widest first."""
    own = [swing for swing in swings if swing.indicator == indicator][:MOST]
    unit, factor = SHOWN[own[0].unit]
    rows: list[Row] = []
    for swing in own:
        place = in_words(swing.number)
        for side, at, end in zip((LOW, HIGH), swing.at, swing.ends, strict=True):
            rows.append(
                {
                    "place": place,
                    "side": side,
                    "middle": swing.middle * factor,
                    "end": end * factor,
                    "sentence": f"{place} at its {side}, {at:,.4g}: {end * factor:,.6g} {unit}, "
                    f"{(end - swing.middle) * factor:+,.4g} from the middle.",
                }
            )
    widest = f"{in_words(own[0].number)} moves it most" if own[0].width > 0.0 else "none"
    return Figure(
        name="tornado",
        title=f"{words(indicator)}, one number at a time",
        unit=unit,
        caption="Each number at the 5th and 95th percentile of its range, the others at their "
        "medians; the line is where all are. Of a skewed range the median is not the central "
        "value, so the scenario's own result lies beside the line.",
        source=source,
        alt=f"Tornado of {words(indicator)}; {widest}. "
        + " ".join(r["sentence"] for r in rows[:8]),
        drawn={"rows": Rows(rows, ("place", "side", "middle", "end", "sentence"))},
        spec=_tornado(_axis(indicator, unit)),
    )


def spread_of(sample: Sample, indicator: str, source: str) -> Figure:
    """How often an indicator lies where, over the draws."""
    key = sample.labels.index(indicator)
    unit, factor = SHOWN[sample.table.units[key]]
    values = sample.values(indicator)
    known = values[~np.isnan(values)] * factor
    bars = int(np.clip(np.sqrt(known.size), 8, BARS))
    counts, edges = np.histogram(known, bins=bars)
    share = 100.0 * counts / max(known.size, 1)
    rows = [
        {
            "low": float(low),
            "high": float(high),
            "share": float(part),
            "sentence": f"{low:,.6g} to {high:,.6g} {unit}: {part:.1f} % of draws.",
        }
        for low, high, part in zip(edges[:-1], edges[1:], share, strict=True)
    ]
    five, middle, most = (q.value for q in quantiles(known, (0.05, 0.5, 0.95)))
    return Figure(
        name="spread",
        title=f"{words(indicator)}, over the draws",
        unit=f"% of draws, against {unit}",
        caption=f"Nine draws of ten lie between {five:,.5g} and {most:,.5g} {unit}; "
        f"the median is {middle:,.5g}.",
        source=source,
        alt=f"Histogram of {words(indicator)}: median {middle:,.6g}, {five:,.6g} to {most:,.6g} "
        f"{unit} in nine draws of ten.",
        drawn={"rows": Rows(rows, ("low", "high", "share", "sentence"))},
        spec=_histogram(_axis(indicator, unit)),
    )


def fan_of(sample: Sample, number: str, indicator: str, source: str) -> Figure:
    """Bands of an indicator over one number while all others are drawn too.

    Draws are taken in groups of equal size, in the order of the number.
    """
    unit, factor = SHOWN[sample.table.units[sample.labels.index(indicator)]]
    values = sample.values(indicator) * factor
    at = sample.draws.values(0, values.size)[:, sample.draws.ids.index(number)]
    order = np.argsort(at, kind="stable")
    order = order[~np.isnan(values[order])]
    groups = np.array_split(order, int(np.clip(order.size // DRAWS_A_BAND, 2, BANDS)))
    name, rows = in_words(number), list[Row]()
    for group in groups:
        cuts = np.quantile(values[group], FAN)
        middle = float(np.median(at[group]))
        rows.append(
            {
                "x": middle,
                **{f"p{100 * level:g}": float(cut) for level, cut in zip(FAN, cuts, strict=True)},
                "sentence": f"{name} near {middle:,.4g}: median {cuts[2]:,.5g} {unit}, "
                f"{cuts[0]:,.5g} to {cuts[-1]:,.5g} in nine draws of ten.",
            }
        )
    return Figure(
        name="fan",
        title=f"{words(indicator)}, over {name} with all else drawn",
        unit=unit,
        caption=f"{name.capitalize()} runs to the right. Dark: half of the draws. Light: nine of "
        "ten. A wide band says that other numbers matter more.",
        source=source,
        alt=f"Bands of {words(indicator)} over {name}. " + " ".join(r["sentence"] for r in rows),
        drawn={"rows": Rows(rows, ("x", *(f"p{100 * level:g}" for level in FAN), "sentence"))},
        spec=_fan(in_words(number), _axis(indicator, unit)),
    )


def response_of(found: Response, indicator: str, source: str) -> Figure:
    """An indicator over one number as a line, over two as a map."""
    unit, factor = SHOWN[found.unit(indicator)]
    values = found.values(indicator) * factor
    names = [in_words(name) for name in found.numbers]
    rows: list[Row] = []
    for place, value in zip(found.at, values, strict=True):
        where = ", ".join(f"{n} {v:,.4g}" for n, v in zip(names, place, strict=True))
        row: Row = {"x": float(place[-1]), "value": None if np.isnan(value) else float(value)}
        row |= {"y": f"{place[0]:,.4g}"} if len(names) == 2 else {}
        shown = "no equilibrium" if np.isnan(value) else f"{value:,.6g} {unit}"
        rows.append(row | {"sentence": f"{where}: {shown}."})
    known = values[~np.isnan(values)]
    over = " and ".join(names)
    return Figure(
        name="response",
        title=f"{words(indicator)}, over {over}",
        unit=unit,
        caption=(
            f"{names[-1].capitalize()} runs to the right"
            + (f", {names[0]} downwards" if len(names) == 2 else "")
            + ", from the 1st to the 99th percentile; the other numbers are at their medians."
        ),
        source=source,
        alt=f"{words(indicator)} over {over}: {known.min():,.6g} to {known.max():,.6g} {unit}.",
        drawn={"rows": Rows(rows, tuple(rows[0]))},
        spec=(_line if len(names) == 1 else _map)(*reversed(names), _axis(indicator, unit)),
    )


@cache
def _line(number: str, axis: str) -> dict[str, Any]:
    """An indicator over one number; reads dataset ``rows``."""
    import altair as alt

    drawn = (
        alt.Chart(alt.NamedData(name="rows"))
        .mark_line(point=True, strokeWidth=2.5, color=colour("accent"))
        .encode(
            x=alt.X("x:Q", title=number, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5)),
            y=alt.Y("value:Q", title=axis, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5)),
            tooltip=sentence(),
        )
    )
    return template(drawn.properties(height=240))


@cache
def _fan(number: str, axis: str) -> dict[str, Any]:
    """Two bands and a median over one number; reads dataset ``rows``."""
    import altair as alt

    base, scale = alt.Chart(), alt.Scale(zero=False)
    x = alt.X("x:Q", title=number, scale=scale, axis=alt.Axis(tickCount=5))

    def band(low: str, high: str, opacity: float) -> Any:
        y = alt.Y(f"{low}:Q", title=axis, scale=scale, axis=alt.Axis(tickCount=5))
        drawn = base.mark_area(color=colour("accent"), opacity=opacity)
        return drawn.encode(x=x, y=y, y2=alt.Y2(high))

    line = base.mark_line(color=colour("accent"), strokeWidth=2.5, point=True)
    median = line.encode(x=x, y=alt.Y("p50:Q", scale=scale), tooltip=sentence())
    layers = [band("p5", "p95", 0.2), band("p25", "p75", 0.4), median]
    drawn = alt.layer(*layers, data=alt.NamedData(name="rows"))
    return template(drawn.properties(height=240))


@cache
def _map(across: str, down: str, axis: str) -> dict[str, Any]:
    """An indicator over two numbers as colours; reads dataset ``rows``."""
    import altair as alt

    drawn = (
        alt.Chart(alt.NamedData(name="rows"))
        .mark_rect()
        .encode(
            x=alt.X(
                "x:O", title=across, axis=alt.Axis(format=".4~g", labelOverlap=True, labelAngle=0)
            ),
            y=alt.Y("y:O", title=down, sort=None),
            color=alt.Color(
                "value:Q", title=axis, scale=alt.Scale(scheme="viridis"), legend=alt.Legend()
            ),
            tooltip=sentence(),
        )
    )
    return template(drawn.properties(height=240))


@cache
def _tornado(axis: str) -> dict[str, Any]:
    """Bars from the middle to each end; reads dataset ``rows``."""
    import altair as alt

    base = alt.Chart()
    scale = alt.Scale(zero=False)
    bars = base.mark_bar(height=14).encode(
        x=alt.X("middle:Q", title=axis, scale=scale, axis=alt.Axis(tickCount=5)),
        x2=alt.X2("end"),
        y=rows_of(),
        color=alt.Color("side:N", sort=None, title=None, scale=alt.Scale(domain=[LOW, HIGH])),
        tooltip=sentence(),
    )
    line = base.mark_rule(color=colour("ink")).encode(x=alt.X("middle:Q", scale=scale))
    drawn = alt.layer(bars, line, data=alt.NamedData(name="rows"))
    return template(drawn.properties(height=alt.Step(24)))


@cache
def _histogram(axis: str) -> dict[str, Any]:
    """Shares by bins that are given; reads dataset ``rows``."""
    import altair as alt

    drawn = (
        alt.Chart(alt.NamedData(name="rows"))
        .mark_bar(color=colour("accent"))
        .encode(
            x=alt.X("low:Q", title=axis, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5)),
            x2=alt.X2("high"),
            y=alt.Y("share:Q", title="% of draws", axis=alt.Axis(tickCount=4)),
            y2=alt.Y2Datum(0.0),
            tooltip=sentence(),
        )
    )
    return template(drawn.properties(height=220))
