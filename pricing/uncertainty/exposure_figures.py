"""Charts of what a guarantee may cost: year by year, and over its life."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from pricing._version import __version__
from pricing.reporting.figures.figure import Figure, Row, Rows
from pricing.reporting.figures.templates import colour, sentence, template
from pricing.reporting.words import million
from pricing.uncertainty.exposure import Exposure
from pricing.uncertainty.exposure_report import KINDS

MILLION = 1e6
POINTS = 101
"""Points of the curve of chances."""


def source_of(found: Exposure) -> str:
    """Document, scenario and version in one line."""
    asked, scenario = found.document, found.scenario
    return (
        f"Exposure {asked.id}, scenario {scenario.id} ({scenario.hash[:12]}), "
        f"{asked.draws:,} paths, seed {asked.seed}, model {__version__}"
    )


def yearly_cost(found: Exposure) -> Figure:
    """What the payer pays on balance each year: range, median, expected, worst [million USD]."""
    rows = list[Row]()
    for row in found.years:
        low, median, high = row.net.quantiles
        rows.append(
            {
                "year": str(row.year),
                "expected": row.net.mean / MILLION,
                "low": low / MILLION,
                "median": median / MILLION,
                "high": high / MILLION,
                "worst": row.worst / MILLION,
                "sentence": f"{row.year}: {million(row.net.mean)} million USD expected, "
                f"{million(low)} to {million(high)} in nine cases of ten, "
                f"{million(row.worst)} at worst.",
            }
        )
    columns = ("year", "expected", "low", "median", "high", "worst", "sentence")
    return Figure(
        name="yearly_cost",
        title="What is paid on balance each year",
        unit="million USD of the valuation's prices a year",
        caption="Diamond: expected. Bar: nine cases of ten, with the median as a ring. Upright "
        "bar: the most that the contract allows.",
        source=source_of(found),
        alt="Cost by year. " + " ".join(row["sentence"] for row in rows),
        drawn={"rows": Rows(rows, columns)},
        spec=_ranges(),
    )


def chance_of_cost(found: Exposure) -> Figure:
    """Chance that the present value of the cost is above a sum, for each process [%]."""
    views = [(KINDS[found.document.price.kind], found.main)]
    if found.alternative is not None and found.document.alternative is not None:
        views.append((KINDS[found.document.alternative.kind], found.alternative))
    chances = np.linspace(0.0, 1.0, POINTS)
    rows = [
        {
            "name": name,
            "cost": cost / MILLION,
            "chance": 100.0 * (1.0 - chance),
            "sentence": f"{name}: above {million(cost)} million USD with a chance of "
            f"{100.0 * (1.0 - chance):.0f} %.",
        }
        for name, paths in views
        for chance, cost in zip(chances, np.quantile(paths.costs, chances), strict=True)
    ]
    ends = [
        f"{name}: {million(paths.present.mean)} million USD expected, above "
        f"{million(paths.present.quantiles[-1])} in one case of twenty."
        for name, paths in views
    ]
    return Figure(
        name="chance_of_cost",
        title="Chance that the contract costs more than a sum",
        unit="% of paths, against million USD of present value",
        caption="Read up from a sum: how likely the whole contract costs more. Solid: the price as "
        "the file has it. Dashed: the other view, if there is one.",
        source=source_of(found),
        alt="Chance of cost. " + " ".join(ends),
        drawn={"rows": Rows(rows, ("name", "cost", "chance", "sentence"))},
        spec=_curves(),
    )


@cache
def _ranges() -> dict[str, Any]:
    """Range, median, mean and worst case by year; reads dataset ``rows``."""
    import altair as alt

    base = alt.Chart()
    y = alt.Y("year:N", title=None, sort=None)
    x = alt.X("low:Q", title="Million USD a year", axis=alt.Axis(tickCount=5))

    def point(column: str, shape: str, size: int, fill: str) -> Any:
        drawn = base.mark_point(
            shape=shape, size=size, opacity=1.0, fill=colour(fill), stroke=colour("accent")
        )
        return drawn.encode(x=alt.X(f"{column}:Q"), y=y, tooltip=sentence())

    layers = [
        base.mark_rule(color=colour("soft"), strokeWidth=5, opacity=0.6).encode(
            x=x, x2=alt.X2("high"), y=y, tooltip=sentence()
        ),
        base.mark_tick(color=colour("floor"), opacity=1.0, thickness=3, size=16).encode(
            x=alt.X("worst:Q"), y=y, tooltip=sentence()
        ),
        point("median", "circle", 60, "paper"),
        point("expected", "diamond", 60, "accent"),
    ]
    drawn = alt.layer(*layers, data=alt.NamedData(name="rows"))
    return template(drawn.properties(height=alt.Step(22)))


@cache
def _curves() -> dict[str, Any]:
    """Chance against cost by process; reads dataset ``rows``."""
    import altair as alt

    drawn = (
        alt.Chart(alt.NamedData(name="rows"))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("cost:Q", title="Present value, million USD", axis=alt.Axis(tickCount=5)),
            y=alt.Y("chance:Q", title="Chance of more (%)", axis=alt.Axis(tickCount=5)),
            color=alt.Color("name:N", sort=None, title=None),
            strokeDash=alt.StrokeDash("name:N", sort=None, title=None),
            order=alt.Order("chance:Q"),
            tooltip=sentence(),
        )
    )
    return template(drawn.properties(height=240))
