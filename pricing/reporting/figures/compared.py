"""Figures of several scenarios: prices, output and gains, each beside the world without policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pricing.reporting.figures.figure import Figure, Row, Rows, source_line
from pricing.reporting.figures.stages import labels
from pricing.reporting.figures.templates import dots
from pricing.reporting.figures.templates_gains import PARTS, lettered, named, stacked
from pricing.reporting.side_by_side import NO_POLICY, common_split
from pricing.reporting.summary import summarise
from pricing.reporting.words import cents, change, million, tonnes

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result

COLUMNS = ("place", "name", "value", "sentence")
MILLION = 1e6


def sources(variants: Mapping[str, Result]) -> str:
    """Source of all scenarios, the names that they have in the figure before their own."""
    own = [f"{name} = {r.scenario.id} ({r.scenario.hash[:12]})" for name, r in variants.items()]
    rest = source_line(next(iter(variants.values()))).partition(", ")[2]
    return f"Scenarios {', '.join(own)}; {rest}"


def compared_prices(variants: Mapping[str, Result]) -> Figure:
    """Average prices by good and group of regions in every scenario [USD/kg]."""
    split, rows = common_split(variants), list[Row]()
    names = labels(next(iter(variants.values())))
    found = {name: summarise(result, split).prices for name, result in variants.items()}
    for n, price in enumerate(next(iter(found.values()))):
        told = {NO_POLICY: price.before, **{name: all_[n].after for name, all_ in found.items()}}
        for name, value in told.items():
            if value is not None:
                words = f"{names[price.good]} {price.group}, {price.price}: {cents(value)} USD/kg "
                place = f"{price.good} {price.group}\n{price.price}"
                row = {"place": place, "name": name, "value": value / 1e3}
                rows.append({**row, "sentence": f"{words}({name})."})
    return Figure(
        name="compared_prices",
        title="Prices in all scenarios",
        unit="USD/kg of each good's own basis, without value added tax",
        caption="Buyers pay: landed, duty paid, on average. Makers get: ex works. Averages use the "
        "volumes without policy.",
        source=sources(variants),
        alt="Prices by scenario. " + " ".join(row["sentence"] for row in rows),
        drawn={"rows": Rows(rows, COLUMNS)},
        spec=dots("Price (USD/kg)"),
    )


def compared_output(variants: Mapping[str, Result]) -> Figure:
    """Change in output by good and group of regions in every scenario, against no policy [%]."""
    split, rows = common_split(variants), list[Row]()
    names = labels(next(iter(variants.values())))
    found = {name: summarise(result, split).output for name, result in variants.items()}
    for n, made in enumerate(next(iter(found.values()))):
        told = {NO_POLICY: made.before, **{name: all_[n].after for name, all_ in found.items()}}
        for name, value in told.items():
            words = f"{names[made.good]} {made.group}: {tonnes(value)} t/yr"
            rows.append(
                {
                    "place": f"{made.good}\n{made.group}",
                    "name": name,
                    "value": 100.0 * (value / made.before - 1.0) if made.before > 0.0 else None,
                    "sentence": f"{words}, {change(made.before, value)} ({name}).",
                    "output [t/yr]": value,
                }
            )
    return Figure(
        name="compared_output",
        title="Output in all scenarios",
        unit="% change of tonnes against no policy",
        caption="Zero: as much as without policy. What nobody made there before has no mark.",
        source=sources(variants),
        alt="Output by scenario. " + " ".join(row["sentence"] for row in rows),
        drawn={"rows": Rows(rows, (*COLUMNS, "output [t/yr]"))},
        spec=dots("Change in output (%)"),
    )


def compared_gains(variants: Mapping[str, Result]) -> Figure:
    """Change in surplus by agent, scenario and group of regions [million USD a year]."""
    split, parts, sums = common_split(variants), list[Row](), list[Row]()
    for name, result in variants.items():
        gains = summarise(result, split).gains
        for group in dict.fromkeys(row.group for row in gains):
            place = f"{name}\n{group}"
            mine = {row.agent: row.change for row in gains if row.group == group}
            for agent, gain in mine.items():
                words = f"{name}, {agent} {group}: {million(gain)} million USD a year."
                row = {"place": place, "agent": agent, "change": gain / MILLION}
                parts.append({**row, "sentence": words, "mark": f"{place}, {agent}"})
            net = sum(mine.values())
            words = f"{name}, {group}: net {million(net)} million USD a year."
            row = {"place": place, "net": net / MILLION, "label": f"net {million(net)}"}
            sums.append({**row, "sentence": words})
    return Figure(
        name="compared_gains",
        title="Who gains and who loses in all scenarios",
        unit="million USD a year, change in surplus against no policy",
        caption="Right: gains. Left: losses. Diamond: the net, which the bars add up to.",
        source=sources(variants),
        alt="Net gains by scenario. " + " ".join(row["sentence"] for row in sums),
        drawn={
            "parts": Rows(lettered(parts), PARTS),
            "net": Rows(sums, ("place", "net", "label", "sentence")),
        },
        spec=stacked("Change in surplus (million USD a year)", named(parts), step=34),
    )
