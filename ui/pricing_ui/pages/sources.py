"""Sources: every number of the scenario and its chain, where it is from and how good it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from pricing_ui import state
from pricing_ui.table_block import table_block

from pricing.reporting.provenance import grades, numbers, source_table

if TYPE_CHECKING:
    import pandas as pd

SHORT = ("document", "key", "path", "value", "unit", "grade", "date")
"""Columns of few letters, which stand first."""
LINK = {"url": st.column_config.LinkColumn("url")}
SHARE = {"share": st.column_config.NumberColumn("share of all [%]", format="%.1f")}


def page() -> None:
    """Draw the page."""
    view = state.current()
    scenario = view.scenario
    st.title("Sources")
    st.markdown(
        "Numbers on the other pages are **computed** from those below; page *Method* says how. "
        "Here is every number that goes in, where it is from and how good it is."
    )
    graded = grades(scenario)
    table_block(graded, "sources_grades", "How good the numbers are.", view.result, SHARE)
    st.header("Every number")
    table_block(
        _grade_first(_found(numbers(scenario))),
        "sources_numbers",
        "Numbers with a unit, by their place in the scenario file or in its chain. Estimates say "
        "how they were derived.",
        view.result,
        LINK,
    )
    st.header("Documents cited")
    cited = _grade_first(source_table(scenario))
    table_block(cited, "sources_cited", "Every source that a number names.", view.result, LINK)


def _grade_first(table: pd.DataFrame) -> pd.DataFrame:
    """How good a number is, and of when, stands before long texts, where no screen cuts it off."""
    first = [name for name in SHORT if name in table]
    return table[[*first, *(name for name in table if name not in first)]]


def _found(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that the reader looks for."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sought = st.text_input("Find in path or source", key="sources_text")
        known = sorted(table["grade"].dropna().unique())
        kept = st.multiselect("Grade", known, key="sources_grade")
        derived = st.toggle("Estimates only", key="sources_estimates")
    if derived:
        table = table[table["estimate"].eq(True)]
    if kept:
        table = table[table["grade"].isin(kept)]
    if sought:
        found = [
            table[name].str.contains(sought, case=False, regex=False, na=False)
            for name in ("path", "source")
        ]
        table = table[found[0] | found[1]]
    st.caption(f"{len(table)} numbers shown.")
    return table
