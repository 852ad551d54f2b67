"""Figure of one landed price, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pricing.reporting.build_up import Part, build_up
from pricing.reporting.figures.figure import Baseline, Figure, Row, Rows, source_line
from pricing.reporting.figures.stages import labels
from pricing.reporting.figures.templates import BASELINE, SCENARIO
from pricing.reporting.figures.templates_market import waterfall
from pricing.reporting.words import cents

if TYPE_CHECKING:
    from pricing.chains.network import Array
    from pricing.equilibrium.build import Solved
    from pricing.reporting.inputs import Result

LANDED = "landed price"
"""The sum of all parts."""
COLOURS = {
    Part.EX_WORKS: "blue",
    Part.EXPORT: "pink",
    Part.SELLERS_RENT: "orange",
    Part.FREIGHT: "grey",
    Part.DUTIES: "green",
    Part.LEVY: "red",
    Part.IMPORTERS_RENT: "sky",
    Part.OTHER: "soft",
}
"""Part -> its colour in every figure."""
ALWAYS = (Part.EX_WORKS, Part.FREIGHT, Part.DUTIES, Part.LEVY)
"""Parts that are shown even where they are zero in both."""


def usual_origin(result: Result, good: str, destination: str) -> str:
    """The foreign origin that sells most of a good to a region without policy, else itself."""
    network = result.reference.program.network
    setting = network.setting
    g, j = setting.good(good, "good"), setting.region(destination, "destination")
    arrived = result.reference.state.flow[0, g, :, j].copy()
    arrived[j] = 0.0
    return network.regions[int(np.argmax(arrived)) if arrived.any() else j]


def price_build_up(
    result: Result, base: Baseline, good: str, origin: str, destination: str
) -> Figure:
    """What the landed price of a good on one route is made of [USD/kg]."""
    setting, name = result.solved.program.network.setting, labels(result).get(good, good)
    place = (
        setting.good(good, "good"),
        setting.region(origin, "origin"),
        setting.region(destination, "destination"),
    )
    sides = {BASELINE: base.solved, SCENARIO: result.solved}
    amounts = {state: _amounts(at, place) for state, at in sides.items()}
    shown = [part for part in Part if part in ALWAYS or any(a[part] for a in amounts.values())]
    bars, steps = _bars(sides, amounts, place, shown)
    route = f"{name}, {origin} to {destination}"
    for bar in bars:
        size = bar["amount"] * 1e3
        bar["sentence"] = f"{route}, {bar['state']}: {bar['step']} {cents(size)} USD/kg."
    return Figure(
        name=f"price_build_up_{good}_{origin}_{destination}".replace(" ", "_"),
        title=f"{name}: what buyers in {destination} pay for it from {origin}",
        unit=f"USD/kg ({result.scenario.chain.goods[place[0]].basis})",
        caption="Dashed outline: baseline. Filled: scenario. Each part begins where the one above "
        "ends; together they are the landed price. Without value added tax of the importer.",
        source=source_line(result),
        alt=f"Landed price of {name} from {origin} in {destination}. "
        + " ".join(row["sentence"] for row in bars),
        drawn={
            "bars": Rows(bars, ("step", "state", "amount", "x", "x2", "part", "sentence")),
            "steps": Rows(steps, ("step", "label")),
        },
        spec=waterfall((*map(str, Part), LANDED), (*(COLOURS[part] for part in Part), "ink")),
    )


def _bars(
    sides: dict[str, Solved],
    amounts: dict[str, dict[Part, float]],
    place: tuple[int, int, int],
    shown: list[Part],
) -> tuple[list[Row], list[Row]]:
    """Bars of both states, each part from where the last one ended; and their numbers."""
    bars: list[Row] = []
    written: dict[str, list[str]] = {step: [] for step in (*map(str, shown), LANDED)}
    for state, at in sides.items():
        open_ = bool(at.program.open_arcs[place])
        ends, end = [], 0.0
        for part in shown:
            ends.append((str(part), end, end + amounts[state][part]))
            end += amounts[state][part]
        ends.append((LANDED, 0.0, float(at.state.landed[0][place]) if open_ else 0.0))
        for step, start, stop in ends:
            written[step].append(cents(stop - start) if open_ else "no sale")
            bars.append(
                {
                    "step": step,
                    "state": state,
                    "amount": (stop - start) / 1e3,
                    "x": start / 1e3,
                    "x2": stop / 1e3,
                    "part": step,
                }
            )
    return bars, [{"step": step, "label": " → ".join(pair)} for step, pair in written.items()]


def _amounts(solved: Solved, place: tuple[int, int, int]) -> dict[Part, float]:
    """Parts of one route [USD/t]; zero where the route is closed."""
    parts: dict[Part, Array] = build_up(solved)
    return {part: float(np.nan_to_num(amount[place])) for part, amount in parts.items()}
