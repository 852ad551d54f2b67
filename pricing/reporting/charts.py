"""Charts from the small tables of a summary; colour-blind safe, units on every axis.

Each function takes a table and gives an Altair chart whose text does not depend on the numbers, so
that an application can keep the chart and change only its data.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pricing._version import __version__
from pricing.errors import Fault, InputError
from pricing.reporting.summary import Summary, summarise

if TYPE_CHECKING:
    import pandas as pd

    from pricing.reporting.inputs import Result

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442")
"""Colours that people with colour blindness can tell apart.

M. Okabe and K. Ito, "Color universal design", 2008.
"""
INK = "#1A1A1A"
BEFORE, AFTER = "#B0B0B0", OKABE_ITO[0]
STATES = ("before", "after")


def theme() -> dict[str, Any]:
    """Vega-Lite configuration shared by all charts; an application may register it."""
    return {
        "font": "sans-serif",
        "background": "white",
        "range": {"category": list(OKABE_ITO)},
        "axis": {
            "labelFontSize": 11,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "labelLimit": 260,
            "gridColor": "#E6E6E6",
            "domainColor": "#888888",
            "tickColor": "#888888",
        },
        "header": {"labelFontSize": 12, "labelFontWeight": "bold", "labelLimit": 220},
        "legend": {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal"},
        "title": {"fontSize": 13, "anchor": "start", "subtitleColor": "#555555"},
        "view": {"stroke": None},
    }


def prices_table(summary: Summary) -> pd.DataFrame:
    """Buyers' prices in long form: good, group, state, price and reference [USD/kg]."""
    rows = [
        {
            "good": row.good,
            "group": row.group,
            "state": state,
            "price": value / 1000.0,
            "reference": None if row.reference is None else row.reference / 1000.0,
        }
        for row in summary.prices
        if row.price == "buyers pay"
        for state, value in zip(STATES, (row.before, row.after), strict=True)
        if value is not None
    ]
    return _table(rows, ["good", "group", "state", "price", "reference"])


def output_table(summary: Summary) -> pd.DataFrame:
    """Change in output by good and group [t, %]; groups that make nothing are left out."""
    rows = [
        {
            "good": row.good,
            "group": row.group,
            "before": row.before,
            "after": row.after,
            "change": 100.0 * (row.after / row.before - 1.0),
        }
        for row in summary.output
        if row.before > 0.0
    ]
    return _table(rows, ["good", "group", "before", "after", "change"])


def gains_table(summary: Summary) -> pd.DataFrame:
    """Change in surplus by agent and group, and its net by group [million USD]."""
    rows = [
        {"agent": row.agent, "group": row.group, "change": row.change / 1e6, "net": None}
        for row in summary.gains
    ]
    net: dict[str, float] = {}
    for row in summary.gains:
        net[row.group] = net.get(row.group, 0.0) + row.change / 1e6
    rows += [{"agent": None, "group": name, "change": None, "net": v} for name, v in net.items()]
    return _table(rows, ["agent", "group", "change", "net"])


def _table(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=columns)


def prices_by_stage(table: pd.DataFrame) -> Any:
    """Average price of buyers before and after, by good and group, with the reference price."""
    import altair as alt

    x = alt.X("group:N", title=None, sort=None, axis=alt.Axis(labelAngle=0))
    bars = (
        alt.Chart()
        .mark_bar()
        .encode(
            x=x,
            xOffset=alt.XOffset("state:N", sort=list(STATES)),
            y=alt.Y("price:Q", title="Average landed price (USD/kg)"),
            color=alt.Color(
                "state:N",
                title=None,
                sort=list(STATES),
                scale=alt.Scale(domain=list(STATES), range=[BEFORE, AFTER]),
            ),
            tooltip=[
                alt.Tooltip("good:N", title="Good"),
                alt.Tooltip("group:N", title="Regions"),
                alt.Tooltip("state:N", title="Policies"),
                alt.Tooltip("price:Q", title="Price (USD/kg)", format=",.1f"),
                alt.Tooltip("reference:Q", title="Reference (USD/kg)", format=",.1f"),
            ],
        )
    )
    held = (
        alt.Chart()
        .mark_tick(color=OKABE_ITO[3], thickness=3, bandSize=70, orient="horizontal")
        .encode(x=x, y=alt.Y("reference:Q"), detail=alt.Detail("good:N"))
        .transform_filter("isValid(datum.reference)")
    )
    return (
        alt.layer(bars, held, data=table)
        .properties(width=130, height=170)
        .facet(column=alt.Column("good:N", title=None, sort=list(dict.fromkeys(table["good"]))))
        .properties(title="Prices that buyers pay, duty paid; line: reference price, if any")
    )


def _at_least(size: float) -> Any:
    """A scale that shows at least this much on both sides, so that nothing looks like much."""
    import altair as alt

    return alt.Scale(domain=alt.DomainUnionWith(unionWith=[-size, size]))


def output_change(table: pd.DataFrame) -> Any:
    """Change in output by good and group."""
    import altair as alt

    return (
        alt.Chart(table)
        .mark_bar()
        .encode(
            y=alt.Y("good:N", title=None, sort=None),
            yOffset=alt.YOffset("group:N", sort=None),
            x=alt.X("change:Q", title="Change in output (%)", scale=_at_least(1.0)),
            color=alt.Color(
                "group:N",
                title=None,
                sort=None,
                scale=alt.Scale(range=[OKABE_ITO[2], OKABE_ITO[1]]),
            ),
            tooltip=[
                alt.Tooltip("good:N", title="Good"),
                alt.Tooltip("group:N", title="Regions"),
                alt.Tooltip("before:Q", title="Before (t)", format=",.0f"),
                alt.Tooltip("after:Q", title="After (t)", format=",.0f"),
                alt.Tooltip("change:Q", title="Change (%)", format="+.1f"),
            ],
        )
        .properties(title="Output against no policy", width=560, height={"step": 14})
    )


def who_pays(table: pd.DataFrame) -> Any:
    """Gains to the right, losses to the left; the bars of a group add up to its net."""
    import altair as alt

    y = alt.Y("group:N", title=None, sort=None)
    bars = (
        alt.Chart()
        .mark_bar()
        .encode(
            y=y,
            x=alt.X(
                "change:Q",
                title="Change in surplus (million USD a year)",
                stack="zero",
                scale=_at_least(1.0),
            ),
            color=alt.Color("agent:N", title=None, sort=None),
            tooltip=[
                alt.Tooltip("agent:N", title="Who"),
                alt.Tooltip("group:N", title="Regions"),
                alt.Tooltip("change:Q", title="Change (million USD)", format="+,.1f"),
            ],
        )
        .transform_filter("isValid(datum.change)")
    )
    net = (
        alt.Chart()
        .mark_point(shape="diamond", filled=True, size=110, color=INK, opacity=1.0)
        .encode(
            y=y,
            x=alt.X("net:Q"),
            tooltip=[
                alt.Tooltip("group:N", title="Regions"),
                alt.Tooltip("net:Q", title="Net (million USD)", format="+,.1f"),
            ],
        )
        .transform_filter("isValid(datum.net)")
    )
    zero = alt.Chart().mark_rule(color=INK).encode(x=alt.X(datum=0))
    return alt.layer(bars, zero, net, data=table).properties(
        title="Who gains and who loses (diamond: net)", width=560, height={"step": 42}
    )


def overview(result: Result) -> Any:
    """All charts of one result on a page, with its title, hash and version."""
    import altair as alt

    summary, scenario = summarise(result), result.scenario
    page = alt.vconcat(
        prices_by_stage(prices_table(summary)),
        output_change(output_table(summary)),
        who_pays(gains_table(summary)),
        spacing=28,
    ).resolve_scale(color="independent")
    title = alt.TitleParams(
        scenario.document.title,
        subtitle=f"{scenario.id}, chain {scenario.chain.id} {scenario.chain.base_year}, "
        f"hash {scenario.hash[:12]}, version {__version__}",
        fontSize=16,
        offset=14,
    )
    return page.properties(title=title).configure(**theme())


def save_chart(chart: Any, path: Path) -> None:
    """Save a chart as PNG or SVG.

    Raises
    ------
    InputError
        If the file name ends in neither, or the package that draws is missing.
    """
    try:
        import vl_convert
    except ImportError:
        from pricing.reporting.export import EXTRA

        fault = Fault("charts as files need the package vl_convert", remedy=EXTRA)
        raise InputError([fault]) from None
    spec = chart.to_json()
    if path.suffix == ".png":
        path.write_bytes(vl_convert.vegalite_to_png(spec, scale=2))
    elif path.suffix == ".svg":
        path.write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")
    else:
        raise InputError([Fault(f"'{path.suffix}' is no chart format", remedy="Use .png or .svg")])
