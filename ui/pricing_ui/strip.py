"""The numbers that matter first, each with its unit and what it was without policy."""

from __future__ import annotations

import streamlit as st
from pricing_ui.state import View

from pricing.reporting.headline import headline


def strip(view: View) -> None:
    """Draw the strip; greyed words say when it is not the present inputs'."""
    if view.failure is not None:
        st.error(f"Not solved. {view.failure} Below stands the last result that could be solved.")
    with st.container(horizontal=True, gap="medium"):
        for number in headline(view.result):
            st.metric(
                f"{number.label} [{number.unit}]",
                number.shown,
                number.change,
                delta_color="off",
                help=number.help,
                border=True,
            )
