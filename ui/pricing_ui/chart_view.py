"""How a chart gets on a page: one element that keeps its Vega view and is given new data.

Streamlit's own element for charts uses the same Vega, but around each chart it lays a frame, a bar
of tools and a table that are put together anew with every move of a lever; for five charts that
takes a browser longer than drawing them.

An answer should be small: what a browser does not read at once it draws later, in a page that it
draws once more. So what draws, and the templates, come with the page, and an answer brings data. It
should also be of few elements: charts that change together are told their data by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st
from pricing_ui import live

from pricing.reporting.theme import Look, colours, config

FILES = Path(__file__).parent
BUNDLES = Path(st.__file__).parent / "static" / "static" / "js"
VEGA = "loadVegaEmbed.*.js"
"""File of Streamlit's page that loads Vega and says what it is; its name ends in a version."""
SILENT = {"mark": {"aria": False}}
"""A chart is one picture, so its marks cannot speak: what they would say is in the table."""
LOOKS = {
    look.value: {
        "params": colours(look),
        "config": {**config(look), "background": "transparent", **SILENT},
    }
    for look in Look
}
"""Look -> what it adds to a template. The browser chooses: a reader changes the look of a page in
Streamlit's menu, or the system does in the evening, and Streamlit does not tell the script."""
READY = "window.pricingCharts ??= Promise.withResolvers();\n"
"""What draws charts, once it is there: elements of a page do not come in a fixed order."""
FRAME = """<div class="pricing-chart-frame"><div class="pricing-chart-tools">
<button type="button">PNG</button><button type="button">Enlarge</button></div>
<div class="pricing-chart"></div></div>"""


class Drawing(NamedTuple):
    """What a chart shows."""

    spec: Mapping[str, Any]
    """Vega-Lite specification without data and look; another one draws the chart from nothing."""
    datasets: Mapping[str, Mapping[str, list[Any]]]
    """Dataset name -> column -> values; a dataset that is the same as before is not drawn again."""
    title: str
    """Which chart a button belongs to."""
    alt: str
    """What those hear who cannot see it."""
    file: str
    """Name of a file with it, without ending."""

    def told(self) -> dict[str, Any]:
        """What the browser needs: data, and the rest by its name if it has come before."""
        page = self._asdict()
        datasets = page.pop("datasets")
        name = sha256(repr(page).encode()).hexdigest()[:16]
        rest = {} if live.known(name) else {"page": page}
        return {"template": name, "datasets": datasets} | rest


@cache
def _drawing() -> Any:
    """What draws charts: an element that shows nothing."""
    return st.components.v2.component(
        "pricing_charts",
        css=(FILES / "chart.css").read_text(encoding="utf-8"),
        js=READY + (FILES / "chart.js").read_text(encoding="utf-8"),
        isolate_styles=False,
    )


@cache
def _frame() -> Any:
    """The element of one chart."""
    return st.components.v2.component(
        "pricing_chart",
        html=FRAME,
        js=READY + "export default async it => (await window.pricingCharts.promise).place(it);",
        isolate_styles=False,
    )


@cache
def _news() -> Any:
    """What tells charts their data: an element that shows nothing."""
    return st.components.v2.component(
        "pricing_chart_news",
        js=READY + "export default async it => (await window.pricingCharts.promise).tell(it);",
        isolate_styles=False,
    )


def begin() -> None:
    """Send what draws charts; once on a page."""
    _drawing()(key="pricing_charts", data={"bundle": _bundle(BUNDLES), "looks": LOOKS})


@cache
def _bundle(folder: Path) -> str:
    """Name of the file with Vega."""
    found = [file.name for file in folder.glob(VEGA)]
    if len(found) != 1:
        raise RuntimeError(
            f"charts cannot be drawn: Streamlit {st.__version__} should have one file {VEGA} in "
            f"{folder}, and has {len(found)}; install the version of Streamlit that pyproject.toml "
            "allows, anew if it is there"
        )
    return found[0]


def place(key: str, shown: Drawing | None = None) -> None:
    """Where a chart is drawn; one that is not shown at once is told later.

    Its key is unlike any other's.
    """
    _frame()(key=key, data={"name": key, "drawing": shown and shown.told()})


def tell(drawings: Mapping[str, Drawing], key: str) -> None:
    """Draw charts at their places, named by their keys."""
    _news()(key=key, data={name: drawing.told() for name, drawing in drawings.items()})
