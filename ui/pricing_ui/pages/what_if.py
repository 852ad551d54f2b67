"""What if: the levers of every policy, the numbers that matter first, and what they do."""

from __future__ import annotations

from itertools import groupby

import streamlit as st
from pricing_ui import state
from pricing_ui.callouts import callouts
from pricing_ui.chart_block import chart_block
from pricing_ui.strip import strip

import pricing
from pricing.reporting import figures

FIGURES = (
    figures.prices_by_stage,
    figures.output_by_region,
    figures.who_pays,
    figures.treasury,
    figures.trade_change,
)


def page() -> None:
    """Draw the page."""
    view = state.current()
    stale = view.failure is not None
    st.title("What if")
    strip(view)
    left, right = st.columns([1, 2], gap="large")
    with left:
        _levers()
    with right:
        callouts(view)
        for draw in FIGURES:
            figure = draw(view.result, view.base)
            chart_block(figure, f"what_if_{figure.name}", stale)


def _levers() -> None:
    """A slider and a number box for every number of every policy."""
    here = state.desk()
    found = pricing.levers(here.scenario)
    ranges = {lever.path: lever for lever in pricing.levers(here.loaded)}
    st.subheader("Policies")
    if not found:
        st.info("No policy has a number here; open a shipped scenario or a file with one.")
    for policy, group in groupby(found, key=lambda lever: lever.policy):
        with st.container(border=True):
            st.markdown(f"**{policy}**")
            for lever in group:
                _lever(lever, ranges.get(lever.path, lever))


def _lever(lever: pricing.Lever, reach: pricing.Lever) -> None:
    """Slider and box of one number, kept in step through the scenario."""
    label = f"{lever.label} [{lever.unit}]"
    high = max(reach.high, lever.value)
    slider, box = f"slider_{lever.path}", f"box_{lever.path}"
    st.session_state[slider] = st.session_state[box] = lever.value
    wide, narrow = st.columns([3, 1], vertical_alignment="bottom")
    wide.slider(
        label,
        0.0,
        high,
        step=reach.step,
        key=slider,
        help=lever.help or None,
        on_change=_moved,
        args=(lever, slider),
    )
    narrow.number_input(
        label,
        min_value=0.0,
        step=reach.step,
        key=box,
        format="%g",
        label_visibility="collapsed",
        on_change=_moved,
        args=(lever, box),
    )


def _moved(lever: pricing.Lever, key: str) -> None:
    """Put a widget's number into the scenario; a refused one is told and forgotten."""
    here = state.desk()
    value = float(st.session_state[key])
    try:
        state.change(here.scenario.but({lever.path: lever.written(value)}))
    except pricing.InputError as error:
        here.message = str(error)
