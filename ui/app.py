"""The app: pages around one scenario."""

from __future__ import annotations

from functools import partial

import streamlit as st
from pricing_ui import chart_view, collector, kept, live, login, sidebar, state, told
from pricing_ui.pages import (
    assumptions,
    compare,
    files,
    guarantees,
    markets,
    method,
    policies,
    scenarios,
    sensitivity,
    sources,
    trade,
    what_if,
    who_pays,
)

st.set_page_config(page_title="Price floors for critical minerals", layout="wide")
login.gate()

START = st.Page(what_if.page, title="What if", url_path="what-if", default=True)
PAGES = {
    "": (
        (partial(scenarios.page, START), "Scenarios", "scenarios"),
        (compare.page, "Compare", "compare"),
        (files.page, "Files and links", "files"),
    ),
    "Inputs": (
        (policies.page, "Policies", "policies"),
        (assumptions.page, "Assumptions", "assumptions"),
    ),
    "Result": (
        (markets.page, "Markets", "markets"),
        (trade.page, "Trade", "trade"),
        (who_pays.page, "Who pays", "who-pays"),
        (sensitivity.page, "Sensitivity", "sensitivity"),
        (guarantees.page, "Guarantees", "guarantees"),
    ),
    "Background": (
        (sources.page, "Sources", "sources"),
        (method.page, "Method", "method"),
    ),
}

menu = {
    section: [st.Page(draw, title=title, url_path=path) for draw, title, path in pages]
    for section, pages in PAGES.items()
}
menu[""].insert(0, START)
chosen = st.navigation(menu, expanded=True)  # or the last pages hide behind a click
state.begin()
told.message()
kept.offer()
live.begin()
chart_view.begin()
chosen.run()
sidebar.draw()
kept.keep()
collector.settle()
