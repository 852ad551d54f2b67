"""Figures by stage of production: prices, output, protection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from pricing.reporting.figures.figure import Baseline, Figure, Row, Rows, source_line
from pricing.reporting.figures.templates import dumbbell
from pricing.reporting.prices import buyer_price, price_index, producer_price
from pricing.reporting.references import highest_levels, split_of
from pricing.reporting.summary import average_prices
from pricing.reporting.words import change, per_kg, percent, tonnes

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result

SMALLEST = 1.0
"""Smaller outputs are drawn at this one, since a logarithmic axis has no zero [t]."""
COLUMNS = ("place", "baseline", "scenario", "floor", "label", "sentence")


def labels(result: Result) -> dict[str, str]:
    """Good -> name shown to people."""
    return {good.id: good.label for good in result.scenario.chain.goods}


def process_names(result: Result) -> dict[str, str]:
    """Process -> what it does and where, in words."""
    chain = result.scenario.chain
    plants = {plant.id: plant.label for plant in chain.latent}
    made = {p.id: f"{p.technology.replace('_', ' ')}, {p.region}" for p in chain.processes}
    return plants | made


MEASURES = (
    ("landed", buyer_price, "use"),
    ("ex works", producer_price, "output"),
    ("index", price_index, "use"),
)


def prices_by_stage(result: Result, base: Baseline) -> Figure:
    """Average prices of every good in both groups of regions, baseline and scenario [USD/kg].

    Averages use the baseline's volumes, so that a change is a change of prices. The reference
    price stands beside the landed price of its zone.
    """
    rows = list(_prices(result, base))
    held = any(row["floor"] is not None for row in rows)
    bar = "Upright bar: reference price in force. " if held else ""
    return Figure(
        name="prices_by_stage",
        title="Prices by stage",
        unit="USD/kg of each good's own basis, without value added tax",
        caption=f"Ring: baseline. Diamond: scenario. {bar}"
        "Landed: duty paid, on average. Index: the buyers' price index.",
        source=source_line(result),
        alt="Prices by good and group of regions. " + " ".join(row["sentence"] for row in rows),
        drawn={"rows": Rows(rows, COLUMNS)},
        spec=dumbbell("Price (USD/kg)", reference=held),
    )


def _prices(result: Result, base: Baseline) -> Iterator[Row]:
    before, after = base.solved, result.solved
    split, names = split_of(result.scenario.document, after.program), labels(result)
    held = highest_levels(result.scenario.document, after.program)
    goods = after.program.network.goods
    for group, g, words, old, new in average_prices((before, after), split, MEASURES):
        if old is None or new is None:
            continue
        good = goods[g]
        is_landed = words == MEASURES[0][0] and group == split.name
        floor = held.get(good) if is_landed else None
        reference = f", reference price {per_kg(floor)}" if floor is not None else ""
        yield {
            "place": f"{good}, {words}, {group}",
            "baseline": old / 1000.0,
            "scenario": new / 1000.0,
            "floor": None if floor is None else floor / 1000.0,
            "label": f"{per_kg(old)} → {per_kg(new)}",
            "sentence": f"{names[good]} {group}: {words} {per_kg(new)} USD/kg, "
            f"{per_kg(old)} in the baseline{reference}.",
        }


def output_by_region(result: Result, base: Baseline) -> Figure:
    """Output of every good by region, baseline and scenario [t/yr]."""
    before, after = base.solved.state.output[0], result.solved.state.output[0]
    network, names = result.solved.program.network, labels(result)
    rows: list[Row] = []
    proper = network.setting.proper
    for g, r in np.argwhere(((before > 0.0) | (after > 0.0)) & proper):
        old, new = float(before[g, r]), float(after[g, r])
        good, region = names[network.goods[g]], network.regions[r]
        rows.append(
            {
                "place": f"{network.goods[g]}, {region}",
                "baseline": max(old, SMALLEST),
                "scenario": max(new, SMALLEST),
                "floor": None,
                "label": f"{tonnes(old)} → {tonnes(new)}",
                "sentence": f"{region} makes {tonnes(new)} t/yr of {good}, {tonnes(old)} t/yr in "
                f"the baseline ({change(old, new)}).",
                "baseline_output": old,
                "scenario_output": new,
            }
        )
    columns = (*COLUMNS, "baseline_output", "scenario_output")
    return Figure(
        name="output_by_region",
        title="Output by stage and region",
        unit="t/yr of each good's own basis",
        caption="Ring: baseline. Diamond: scenario. Logarithmic; below 1 t/yr is drawn at 1 t/yr.",
        source=source_line(result),
        alt="Output by good and region. " + " ".join(row["sentence"] for row in rows),
        drawn={"rows": Rows(rows, columns)},
        spec=dumbbell("Output (t/yr, logarithmic)", log=True),
    )


def _rate(value: float | None) -> str:
    """A rate of protection in words; a thin margin or stopped trade has none."""
    return "not meaningful" if value is None else percent(value)


def _in_percent(value: float | None) -> float | None:
    return None if value is None else 100.0 * value


RATES = ("effective protection, nominal [%]", "effective protection, in equilibrium [%]")


def protection(result: Result, base: Baseline) -> Figure:
    """Value added per kg of main output by process, baseline and scenario [USD/kg].

    The hover text has the nominal and the equilibrium rate of effective protection.
    """
    del base  # the accounts already hold both states
    processes, rows = process_names(result), list[Row]()
    for row in result.accounts.protection:
        if row.value_added is None or row.value_added_base is None:
            continue
        old, new = row.value_added_base / 1000.0, row.value_added / 1000.0
        place = processes.get(row.subject, f"{row.good}, zone {row.subject}")
        rates = f"effective protection: nominal {_rate(row.nominal)}, "
        rates += f"in equilibrium {_rate(row.equilibrium)}"
        rows.append(
            {
                "place": place,
                "baseline": old,
                "scenario": new,
                "floor": None,
                "label": f"{old:,.2f} → {new:,.2f}",
                "sentence": f"{place}: adds {new:,.2f} USD/kg to {row.good}, {old:,.2f} in "
                f"the baseline; {rates}.",
                RATES[0]: _in_percent(row.nominal),
                RATES[1]: _in_percent(row.equilibrium),
            }
        )
    return Figure(
        name="protection",
        title="Protection by stage: value added",
        unit="USD/kg of main output",
        caption="Ring: baseline. Diamond: scenario. To the left: the policy hurts this stage.",
        source=source_line(result),
        alt="Value added by process and zone. " + " ".join(row["sentence"] for row in rows),
        drawn={"rows": Rows(rows, (*COLUMNS, *RATES))},
        spec=dumbbell("Value added (USD/kg)"),
    )
