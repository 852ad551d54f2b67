"""Who pays: gains and losses by agent and region, treasuries, the ledger, the six checks."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from pricing_ui import state
from pricing_ui.chart_block import chart_block
from pricing_ui.checks import checks_table

from pricing.reporting import figures

FILTERS = ("payer", "receiver", "region", "good", "instrument")


def page() -> None:
    """Draw the page."""
    view = state.current()
    stale = view.failure is not None
    st.title("Who pays")
    chart_block(figures.who_pays(view.result, view.base), "who_pays", stale)
    chart_block(figures.treasury(view.result, view.base), "who_treasury", stale)
    st.subheader("Ledger")
    st.caption(
        "Every payment of the scenario: tonnes in t/yr, rate in USD/t, amount in USD a year."
    )
    ledger = pd.DataFrame(view.result.accounts.ledger.columns)
    st.dataframe(_filtered(ledger), hide_index=True, width="stretch", key="ledger")
    st.subheader("Accounting checks")
    checks_table(view.result)


def _filtered(ledger: pd.DataFrame) -> pd.DataFrame:
    """The rows that pass every filter; an empty filter lets all pass."""
    with st.container(horizontal=True):
        for name in FILTERS:
            known = sorted(value for value in ledger[name].unique() if value)
            chosen = st.multiselect(name.capitalize(), known, key=f"ledger_{name}")
            if chosen:
                ledger = ledger[ledger[name].isin(chosen)]
    return ledger
