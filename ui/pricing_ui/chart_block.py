"""One figure on a page: chart, unit, source, table and files."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st
from pricing_ui.chart_view import Drawing, place
from pricing_ui.plain import plain
from pricing_ui.table_block import roomy

from pricing.reporting.figures import Figure, picture
from pricing.reporting.theme import Look


def look() -> Look:
    """The look of the reader's browser when it last asked for the page; for files."""
    return Look.DARK if st.context.theme.type == Look.DARK.value else Look.LIGHT


def chart_block(figure: Figure, key: str, stale: bool = False) -> None:
    """Draw one figure with its words, table and files."""
    words(figure, figure.source)
    if stale:
        st.caption("Last result that could be solved; not the present inputs.")
    place(key, drawing(figure))
    extras(key, partial(numbers, figure, key))


def words(figure: Figure, source: str) -> None:
    """What the figure shows, in which unit, how to read it and where it is from."""
    st.markdown(
        f"**{plain(figure.title)}**, {plain(figure.unit)}  \n"
        f":small[:gray[{plain(figure.caption)} {plain(source)}.]]"
    )


def drawing(figure: Figure) -> Drawing:
    """What the chart of a figure shows."""
    return Drawing(
        spec=figure.template,
        datasets={name: rows.plain() for name, rows in figure.drawn.items()},
        title=figure.title,
        alt=f"{figure.title}, {figure.unit}. {figure.caption} Numbers: in the table below.",
        file=figure.name,
    )


def extras(key: str, draw: Callable[[], None]) -> None:
    """The numbers and files behind a click."""
    box = st.expander("Table and files", key=f"{key}_extras", on_change="rerun")
    if box.open:  # closed, it costs nothing when the result changes
        with box:
            draw()


def numbers(figure: Figure, key: str) -> None:
    """The numbers as a table, and the buttons for files."""
    st.caption(f"{plain(figure.unit)}. {plain(figure.alt)}")
    st.dataframe(
        figure.shown,
        hide_index=True,
        width="stretch",
        column_config=roomy(figure.shown),
        placeholder="",  # as in tables: what a number does not have is left empty
    )
    _files(figure, key, look())


def _drawn(ending: str) -> Any:
    """What writes a picture of a figure in a look."""
    return lambda figure, seen: picture(figure.vega_lite(seen), ending)


def _spec(figure: Figure, seen: Look) -> bytes:
    """The full specification of a figure in a look."""
    return json.dumps(figure.vega_lite(seen)).encode()


FORMATS = (
    ("CSV", ".csv", "text/csv", lambda figure, _: figure.csv()),
    ("PNG", ".png", "image/png", _drawn(".png")),
    ("SVG", ".svg", "image/svg+xml", _drawn(".svg")),
    ("Vega-Lite", ".vega-lite.json", "application/json", _spec),
)
"""Button, file name ending, MIME type and what writes it; pictures are drawn on a click only."""


def _files(figure: Figure, key: str, chosen: Look) -> None:
    """Download buttons."""
    with st.container(horizontal=True):
        for label, ending, mime, write in FORMATS:
            st.download_button(
                label,
                data=lambda w=write: w(figure, chosen),
                file_name=f"{figure.name}{ending}",
                mime=mime,
                key=f"{key}{ending}",
                on_click="ignore",
            )
