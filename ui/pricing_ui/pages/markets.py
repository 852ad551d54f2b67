"""Markets: prices, output and protection by stage, baseline and scenario."""

from __future__ import annotations

import streamlit as st
from pricing_ui import state
from pricing_ui.chart_block import chart_block

from pricing.reporting import figures


def page() -> None:
    """Draw the page."""
    view = state.current()
    stale = view.failure is not None
    st.title("Markets")
    for draw in (figures.prices_by_stage, figures.output_by_region, figures.protection):
        figure = draw(view.result, view.base)
        chart_block(figure, f"markets_{figure.name}", stale)
