"""The main figures of one result on one page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pricing.reporting.figures.figure import SCHEMA, Figure, NoPolicy, source_line
from pricing.reporting.figures.gains import who_pays
from pricing.reporting.figures.stages import output_by_region, prices_by_stage
from pricing.reporting.theme import Look, colours, config

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result


LEGENDS = ("color", "shape", "fill", "stroke")
"""What the legends of single figures tell; one for all would tear them apart."""


def overview(result: Result, look: Look = Look.LIGHT) -> dict[str, Any]:
    """Prices, output and gains of a result under each other: a full Vega-Lite specification."""
    base = NoPolicy.of(result)
    drawn = [draw(result, base) for draw in (prices_by_stage, output_by_region, who_pays)]
    figures = [figure for figure in drawn if not figure.empty]
    datasets: dict[str, Any] = {}
    for figure in figures:
        for name, rows in figure.vega_lite(look)["datasets"].items():
            datasets[f"{figure.name}_{name}"] = rows
    return {
        "$schema": SCHEMA,
        "description": " ".join(figure.alt for figure in figures),
        "title": {
            "text": result.scenario.document.title,
            "subtitle": source_line(result),
            "offset": 16,
        },
        "vconcat": [_panel(figure) for figure in figures],
        "resolve": {"scale": dict.fromkeys(LEGENDS, "independent")},
        "spacing": 28,
        "params": list(colours(look)),
        "datasets": datasets,
        "config": config(look),
    }


def _panel(figure: Figure) -> dict[str, Any]:
    """A template whose datasets carry the name of the figure, so that several share a page."""
    spec = json.loads(json.dumps(figure.spec))
    for part in (spec, *spec["layer"]):
        if "name" in part.get("data", {}):
            part["data"] = {"name": f"{figure.name}_{part['data']['name']}"}
    return {"title": {"text": figure.title, "subtitle": figure.unit}, "width": 520, **spec}
