"""The numbers that matter first, each with its unit and what it was without policy."""

from __future__ import annotations

import streamlit as st
from pricing_ui import told
from pricing_ui.state import View

from pricing.reporting.headline import headline

STRIP = "headline_strip"
GREY = f"<style>.st-key-{STRIP}{{opacity:0.4;filter:grayscale(1)}}</style>"
"""Greys the numbers of a result that is not the latest."""


def strip(view: View) -> None:
    """Draw the strip, greyed where it is not of the present inputs."""
    told.failure(view)
    if view.failure is not None:
        st.html(GREY)
    with st.container(horizontal=True, gap="small", key=STRIP):
        for number in headline(view.result):
            st.metric(
                f"{number.label} [{number.unit}]",
                number.shown,
                number.change,
                delta_color="off",
                help=number.help,
                border=True,
                height="stretch",
            )
