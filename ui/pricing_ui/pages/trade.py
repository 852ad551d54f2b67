"""Trade: who buys what from whom, and what moved against the baseline."""

from __future__ import annotations

import streamlit as st
from pricing_ui import state, told
from pricing_ui.chart_block import chart_block
from pricing_ui.pick import good_of

from pricing.reporting import figures


def page() -> None:
    """Draw the page."""
    view = state.current()
    stale = view.failure is not None
    st.title("Trade")
    told.failure(view)
    chart_block(figures.trade_change(view.result, view.base), "trade_change", stale)
    chart_block(figures.chain_flow(view.result, view.base), "trade_chain_flow", stale)
    good = good_of(view.result, "trade_good")
    shown = st.segmented_control(
        "Flows to show",
        list(figures.Show),
        default=figures.Show.DIFFERENCE,
        required=True,
        key="trade_show",
    )
    chart_block(figures.trade_matrix(view.result, view.base, good, shown), "trade_matrix", stale)
