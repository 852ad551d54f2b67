"""Figures of trade: what moved against the baseline, and origin by destination."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from pricing.errors import Fault, InputError
from pricing.reporting.figures.figure import Baseline, Figure, Row, Rows, source_line
from pricing.reporting.figures.stages import labels
from pricing.reporting.figures.templates import change_bars, matrix
from pricing.reporting.words import tonnes

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result

MOST_ROUTES = 12
"""Routes drawn, those with the largest change in value first."""
SMALL = 0.5
"""Smaller changes are left out [t/yr]."""


class Show(StrEnum):
    """What the cells of a trade matrix hold."""

    SCENARIO = "scenario"
    BASELINE = "baseline"
    DIFFERENCE = "difference"


def _moved(old: float, new: float) -> str:
    """Against the baseline, in words."""
    if abs(new - old) < SMALL:
        return "as in the baseline"
    direction = "more" if new > old else "less"
    return f"{tonnes(abs(new - old))} t/yr {direction} than in the baseline"


def _sentence(good: str, origin: str, destination: str, old: float, new: float) -> str:
    if origin == destination:
        return f"{origin} uses {tonnes(new)} t/yr of its own {good}, {_moved(old, new)}."
    moved = _moved(old, new)
    return f"{destination} imports {tonnes(new)} t/yr of {good} from {origin}, {moved}."


def trade_change(result: Result, base: Baseline) -> Figure:
    """The routes that changed most by value at benchmark prices, first those with more [t/yr]."""
    network, names = result.solved.program.network, labels(result)
    before, after = base.solved.state.flow[0], result.solved.state.flow[0]
    moved = after - before
    value = np.abs(moved) * network.setting.price_scale[:, None, None]
    ranked = np.argsort(-value, axis=None, kind="stable")[:MOST_ROUTES]
    rows: list[Row] = []
    for flat in ranked:
        g, i, j = (int(n) for n in np.unravel_index(flat, moved.shape))
        if abs(moved[g, i, j]) < SMALL:
            continue
        good, origin, destination = names[network.goods[g]], network.regions[i], network.regions[j]
        old, new = float(before[g, i, j]), float(after[g, i, j])
        route = f"{origin}, own use" if i == j else f"{origin} → {destination}"
        rows.append(
            {
                "place": f"{network.goods[g]}: {route}",
                "change": new - old,
                "label": f"{new - old:+,.0f}",
                "sentence": _sentence(good, origin, destination, old, new),
                "baseline": old,
                "scenario": new,
            }
        )
    rows.sort(key=lambda row: bool(row["change"] < 0.0))
    columns = ("place", "change", "label", "sentence", "baseline", "scenario")
    return Figure(
        name="trade_change",
        title="Trade that changes most",
        unit="t/yr of each good's own basis, scenario less baseline",
        caption="Right: more than in the baseline. Left: less. Largest change in value first on "
        "each side.",
        source=source_line(result),
        alt="Changes of trade. "
        + (" ".join(row["sentence"] for row in rows) or "No flow differs from the baseline."),
        drawn={"rows": Rows(rows, columns)},
        spec=change_bars("Change (t/yr)"),
    )


def _known(show: str) -> Show:
    """What the cells hold, by its name."""
    try:
        return Show(show)
    except ValueError:
        remedy = f"Use {', '.join(Show)}"
        raise InputError([Fault(f"a matrix shows no '{show}'", "show", remedy=remedy)]) from None


def trade_matrix(result: Result, base: Baseline, good: str, show: Show = Show.DIFFERENCE) -> Figure:
    """Tonnes of one good by origin and destination; own use on the diagonal [t/yr]."""
    network, show = result.solved.program.network, _known(show)
    g, name = network.setting.good(good, "good"), labels(result).get(good, good)
    before, after = base.solved.state.flow[0, g], result.solved.state.flow[0, g]
    values = {Show.SCENARIO: after, Show.BASELINE: before, Show.DIFFERENCE: after - before}[show]
    sign = "+" if show is Show.DIFFERENCE else ""
    rows: list[Row] = [
        {
            "origin": origin,
            "destination": destination,
            "value": float(values[i, j]),
            "label": f"{values[i, j]:{sign},.0f}" if abs(values[i, j]) >= SMALL else "",
            "sentence": _sentence(
                name, origin, destination, float(before[i, j]), float(after[i, j])
            ),
        }
        for i, origin in enumerate(network.regions)
        if before[i].sum() + after[i].sum() > 0.0
        for j, destination in enumerate(network.regions)
        if before[:, j].sum() + after[:, j].sum() > 0.0
    ]
    total = (f"{tonnes(float(at.sum()))} t/yr" for at in (before, after))
    return Figure(
        name=f"trade_matrix_{good}_{show}",
        title=f"{name}: who buys from whom, {show}",
        unit=f"t/yr ({result.scenario.chain.goods[g].basis})",
        caption="Rows: origin. Columns: destination. Diagonal: own use. Blank: below 0.5 t/yr.",
        source=source_line(result),
        alt=f"{name} by origin and destination; all flows {' in the baseline, '.join(total)} "
        "in the scenario.",
        drawn={"cells": Rows(rows, ("origin", "destination", "value", "label", "sentence"))},
        spec=matrix(),
    )
