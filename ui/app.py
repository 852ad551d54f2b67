"""The app: pages around one scenario."""

from __future__ import annotations

import streamlit as st
from pricing_ui import collector, sidebar, state
from pricing_ui.pages import (
    assumptions,
    compare,
    files,
    guarantees,
    markets,
    method,
    policies,
    sensitivity,
    sources,
    trade,
    what_if,
    who_pays,
)

st.set_page_config(page_title="Price floors for critical minerals", layout="wide")

PAGES = {
    "": (
        (what_if, "What if", "what-if"),
        (compare, "Compare", "compare"),
        (files, "Files and links", "files"),
    ),
    "Inputs": (
        (policies, "Policies", "policies"),
        (assumptions, "Assumptions", "assumptions"),
    ),
    "Result": (
        (markets, "Markets", "markets"),
        (trade, "Trade", "trade"),
        (who_pays, "Who pays", "who-pays"),
        (sensitivity, "Sensitivity", "sensitivity"),
        (guarantees, "Guarantees", "guarantees"),
    ),
    "Background": (
        (sources, "Sources", "sources"),
        (method, "Method", "method"),
    ),
}

chosen = st.navigation(
    {
        section: [
            st.Page(module.page, title=title, url_path=path, default=module is what_if)
            for module, title, path in pages
        ]
        for section, pages in PAGES.items()
    }
)
state.begin()
chosen.run()
sidebar.draw()
collector.settle()
