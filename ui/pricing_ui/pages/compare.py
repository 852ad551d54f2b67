"""Compare: saved variants side by side, what differs in inputs and in results."""

from __future__ import annotations

import streamlit as st
from pricing_ui import state

import pricing


def page() -> None:
    """Draw the page."""
    here = state.desk()
    st.title("Compare")
    with st.form("save", clear_on_submit=True, border=False):
        name = st.text_input("Keep the present scenario as", key="variant_name")
        kept = st.form_submit_button("Keep")
    if kept and name.strip():
        here.saved[name.strip()] = here.scenario
    known = {"as opened": here.loaded, **here.saved, "present": here.scenario}
    with st.container(horizontal=True):
        left = st.selectbox("From", list(known), key="compare_left")
        right = st.selectbox("To", list(known), index=len(known) - 1, key="compare_right")
    sides = [state.solved(known[side]) for side in (left, right)]
    failed = [side for side in sides if isinstance(side, str)]
    if failed:
        st.error(f"Not solved. {failed[0]}")
        return
    found = pricing.compare(*sides)
    _table("What differs in the inputs", found.inputs(), "inputs")
    _table("What differs in the results", found.table(), "results")


def _table(title: str, rows: object, key: str) -> None:
    st.subheader(title)
    if len(rows):
        st.dataframe(rows, hide_index=True, width="stretch", key=f"compare_{key}")
        st.download_button(
            "CSV",
            data=lambda: rows.to_csv(index=False).encode(),
            file_name=f"compare_{key}.csv",
            mime="text/csv",
            key=f"compare_{key}_csv",
            on_click="ignore",
        )
    else:
        st.info("Nothing.")
