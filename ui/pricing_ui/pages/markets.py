"""Markets: prices by stage, then one good: who supplies it at what price, and what making costs."""

from __future__ import annotations

import streamlit as st
from pricing_ui import state, told
from pricing_ui.chart_block import chart_block
from pricing_ui.pick import good_of, one_of

from pricing.reporting import figures


def page() -> None:
    """Draw the page."""
    view = state.current()
    result, base, stale = view.result, view.base, view.failure is not None
    st.title("Markets")
    told.failure(view)
    chart_block(figures.prices_by_stage(result, base), "markets_prices_by_stage", stale)
    st.header("One good")
    network = result.solved.program.network
    with st.container(horizontal=True):
        good = good_of(result, "markets_good")
        buyer = one_of(
            "Buyers in", network.regions, figures.main_buyer(result, good), f"markets_buyer_{good}"
        )
        seller = one_of(
            "from",
            network.regions,
            figures.usual_origin(result, good, buyer),
            f"markets_origin_{good}_{buyer}",
        )
    chart_block(figures.market(result, base, good, buyer), "markets_market", stale)
    built = figures.price_build_up(result, base, good, seller, buyer)
    chart_block(built, "markets_build_up", stale)
    chart_block(figures.cost_curve(result, base, good), "markets_cost_curve", stale)
    st.header("All stages")
    for draw in (figures.protection, figures.output_by_region):
        figure = draw(result, base)
        chart_block(figure, f"markets_{figure.name}", stale)
