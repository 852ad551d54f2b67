"""One look for all charts, light and dark: in the app, in notebooks, in files and in reports.

Templates name colours and ranges ("ink", "gain", "diverging"); what they look like is said here
only, so that one template serves both looks.

References
----------
.. [1] M. Okabe and K. Ito, "Color universal design", 2008.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999999")
"""Colours that people with colour blindness can tell apart [1]_."""
CATEGORY = ("blue", "orange", "green", "pink", "sky", "red", "grey")
"""Names of these colours in templates; each look has its own shade."""
ON_COLOUR = "#1A1A1A"
"""Text on the other colours, which are as light in both looks."""
FONT = "Source Sans Pro, Source Sans, DejaVu Sans, sans-serif"
"""Fonts in order of preference."""


class Look(StrEnum):
    """Background of a chart."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Palette:
    """Colours of one look."""

    paper: str
    """Background."""
    ink: str
    """Text and marks that must stand out."""
    soft: str
    """Axes and secondary text."""
    grid: str
    """Grid lines."""
    diverging: tuple[str, str, str]
    """Loss or less, nothing, gain or more."""
    category: tuple[str, ...]
    """Agents and other kinds, in order."""
    on_blue: str
    """Text on the first of these colours."""


PALETTES = {
    Look.LIGHT: Palette(
        "#FFFFFF",
        "#1A1A1A",
        "#595959",
        "#E6E6E6",
        ("#F0A26A", "#F7F7F7", "#7DB8E0"),
        OKABE_ITO,
        "#FFFFFF",
    ),
    Look.DARK: Palette(
        "#171614",
        "#F2F2F2",
        "#B3B3B3",
        "#31353D",
        ("#A8521B", "#2A2E36", "#1F6FA8"),
        ("#3D9BE0", *OKABE_ITO[1:]),
        "#171614",
    ),
}
"""Look -> colours."""


@cache
def config(look: Look = Look.LIGHT) -> dict[str, Any]:
    """Vega-Lite configuration of one look; shared, so do not write into it."""
    found = PALETTES[look]
    text = {"labelColor": found.ink, "titleColor": found.soft, "titleFontWeight": "normal"}
    return {
        "font": FONT,
        "background": found.paper,
        "range": {
            "category": list(found.category),
            "diverging": list(found.diverging),
            "ordinal": {"scheme": "blues"},
        },
        "axis": {
            **text,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "labelLimit": 210,
            "gridColor": found.grid,
            "domainColor": found.soft,
            "tickColor": found.soft,
        },
        "legend": {**text, "labelFontSize": 11, "titleFontSize": 11, "orient": "top"},
        "header": {"labelColor": found.ink, "titleColor": found.soft},
        "title": {
            "color": found.ink,
            "fontSize": 13,
            "anchor": "start",
            "subtitleColor": found.soft,
        },
        "view": {"stroke": None},
    }


@cache
def colours(look: Look = Look.LIGHT) -> tuple[dict[str, str], ...]:
    """Vega-Lite parameters that templates name where a mark needs a colour of its own."""
    found = PALETTES[look]
    named = {
        "paper": found.paper,
        "ink": found.ink,
        "soft": found.soft,
        "grid": found.grid,
        "accent": found.category[0],
        "floor": "#D55E00",
        "loss": found.diverging[0],
        "gain": found.diverging[2],
        "on_blue": found.on_blue,
        "on_colour": ON_COLOUR,
    } | dict(zip(CATEGORY, found.category, strict=True))
    return tuple({"name": name, "value": colour} for name, colour in named.items())


def register() -> None:
    """Make both looks known to Altair as ``pricing_light`` (switched on) and ``pricing_dark``."""
    import altair as alt

    for look in reversed(Look):
        settings = alt.theme.ThemeConfig(config=config(look))  # type: ignore[typeddict-item]
        alt.theme.register(f"pricing_{look}", enable=look is Look.LIGHT)(lambda s=settings: s)
