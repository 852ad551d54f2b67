"""Sources: every number of the scenario and its chain, where it is from and how good it is."""

from __future__ import annotations

import streamlit as st
from pricing_ui import state

from pricing.reporting.provenance import numbers, source_table


def page() -> None:
    """Draw the page."""
    scenario = state.current().scenario
    st.title("Sources")
    table = numbers(scenario)
    sought = st.text_input("Find in path or source", key="sources_text")
    grades = st.multiselect("Grade", sorted(table["grade"].dropna().unique()), key="sources_grade")
    if st.toggle("Estimates only", key="sources_estimates"):
        table = table[table["estimate"].eq(True)]
    if grades:
        table = table[table["grade"].isin(grades)]
    if sought:
        found = [
            table[name].str.contains(sought, case=False, regex=False, na=False)
            for name in ("path", "source")
        ]
        table = table[found[0] | found[1]]
    st.caption(f"{len(table)} numbers shown.")
    st.dataframe(table, hide_index=True, width="stretch", key="sources_numbers")
    st.subheader("Documents cited")
    st.dataframe(source_table(scenario), hide_index=True, width="stretch", key="sources_cited")
