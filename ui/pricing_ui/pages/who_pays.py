"""Who pays: gains and losses by agent and region, treasuries, the ledger, the six checks."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from pricing_ui import state, told
from pricing_ui.chart_block import chart_block
from pricing_ui.checks import checks_table
from pricing_ui.table_block import table_block

from pricing.reporting import figures
from pricing.reporting.for_people import AMOUNT, LAST, RATE, TONNES, ledger_table
from pricing.reporting.summary import summarise
from pricing.reporting.words import million

FILTERS = ("payer", "receiver", "region", "good", "instrument")
COLUMNS = {
    TONNES: st.column_config.NumberColumn(format="%,.1f"),
    RATE: st.column_config.NumberColumn(format="%,.3f"),
    AMOUNT: st.column_config.NumberColumn(format="%,.3f"),
    "money": None,  # no room for it: only rows of sourcing are none, as the caption says
}


def page() -> None:
    """Draw the page."""
    view = state.current()
    stale = view.failure is not None
    st.title("Who pays")
    told.failure(view)
    _net(view)
    chart_block(figures.who_pays(view.result, view.base), "who_pays", stale)
    chart_block(figures.producers(view.result, view.base), "who_producers", stale)
    chart_block(figures.treasury(view.result, view.base), "who_treasury", stale)
    st.header("Ledger")
    ledger = ledger_table(view.result)
    empty = [name for name in LAST if not ledger[name].any()]
    table_block(
        _filtered(ledger),
        "ledger",
        "Every payment of the scenario: tonnes in t/yr, rate in USD/kg, amount in million USD a "
        "year. Sourcing is no money: what buyers gain or lose by the mix of origins.",
        view.result,
        COLUMNS | dict.fromkeys(empty),
    )
    st.header("Accounting checks")
    checks_table(view.result)


def _net(view: state.View) -> None:
    """The sums that the bars add up to."""
    summary = summarise(view.result)
    with st.container(horizontal=True):
        groups = list(dict.fromkeys(row.group for row in summary.gains))
        for name in groups if len(groups) > 1 else ():  # a single one is the world
            total = sum(row.change for row in summary.gains if row.group == name)
            st.metric(f"Net, {name} [million USD/yr]", million(total), border=True)
        st.metric("Net, world [million USD/yr]", million(summary.net), border=True)


def _filtered(ledger: pd.DataFrame) -> pd.DataFrame:
    """The rows that pass every filter; an empty filter lets all pass."""
    with st.container(horizontal=True):
        for name in FILTERS:
            known = sorted(value for value in ledger[name].unique() if value)
            chosen = st.multiselect(name.capitalize(), known, key=f"ledger_{name}")
            if chosen:
                ledger = ledger[ledger[name].isin(chosen)]
    return ledger
