"""What if: the levers of every policy, the numbers that matter first, and what they do."""

from __future__ import annotations

from itertools import groupby

import streamlit as st
from pricing_ui import callouts, state
from pricing_ui.chart_block import chart_block
from pricing_ui.plain import plain
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
BOX_WIDTH = 96
"""Width of a number box [pixel]."""


def page() -> None:
    """Draw the page."""
    view = state.current()
    # All is computed before anything is drawn: elements that trickle in make the browser draw the
    # page several times.
    drawn = [draw(view.result, view.base) for draw in FIGURES]
    stale = view.failure is not None
    st.title("What if")
    strip(view)
    left, right = st.columns([1, 2], gap="large")
    with left:
        _levers()
    with right:
        callouts.draw(view)
        for figure in drawn:
            chart_block(figure, f"what_if_{figure.name}", stale)


def _levers() -> None:
    """A slider and a number box for every number of every policy."""
    here = state.desk()
    found = pricing.levers(here.scenario)
    opened = {lever.path: lever for lever in pricing.levers(here.loaded)}
    st.subheader("Policies")
    if not found:
        st.info("No policy has a number here; add one under Policies, or open a scenario with one.")
    for policy, group in groupby(found, key=lambda lever: lever.policy):
        with st.container(border=True):
            st.markdown(f"**{plain(policy)}**")
            for lever in group:
                _lever(lever, opened.get(lever.path, lever))


def _lever(lever: pricing.Lever, opened: pricing.Lever) -> None:
    """Slider and box of one number, kept in step through the scenario."""
    label = lever.label if lever.unit == "1" else f"{lever.label} [{lever.unit}]"
    reach = opened if opened.unit == lever.unit else lever
    high = max(reach.high, lever.value)
    slider, box = f"slider_{lever.path}", f"box_{lever.path}"
    st.session_state[slider] = st.session_state[box] = lever.value
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.slider(
            label,
            0.0,
            high,
            step=reach.step,
            key=slider,
            help=_help(lever),
            on_change=_moved,
            args=(lever, slider),
        )
        st.number_input(
            label,
            min_value=0.0,
            step=reach.step,
            key=box,
            format="%g",
            label_visibility="collapsed",
            on_change=_moved,
            args=(lever, box),
            width=BOX_WIDTH,
        )
    if lever.band:
        st.caption(plain(lever.band[:1].upper() + lever.band[1:]))
    _ways_back(lever, opened)


def _help(lever: pricing.Lever) -> str:
    """Text of the schema, bands and source."""
    bands = "; ".join(band.name for band in lever.bands)
    texts = [lever.help, f"Bands: {bands}." if bands else "", f"Source: {lever.source}."]
    return "\n\n".join(plain(text) for text in texts if text)


def _ways_back(lever: pricing.Lever, opened: pricing.Lever) -> None:
    """Reset one number to what was opened, or to what the schema says."""
    moved = (lever.value, lever.unit) != (opened.value, opened.unit)
    usual = lever.default
    other = usual is not None and usual not in (lever.value, opened.value)
    if not (moved or other):
        return
    with st.container(horizontal=True):
        if moved:
            st.button(
                plain(f"Opened: {opened.value:g} {opened.unit}"),
                key=f"opened_{lever.path}",
                icon=":material/undo:",
                type="tertiary",
                on_click=state.take_back,
                args=(lever.place,),
            )
        if other:
            st.button(
                plain(f"Default: {usual:g} {lever.unit}"),
                key=f"default_{lever.path}",
                icon=":material/restart_alt:",
                type="tertiary",
                on_click=_move,
                args=(lever, usual),
            )


def _moved(lever: pricing.Lever, key: str) -> None:
    """Put a widget's number into the scenario."""
    _move(lever, float(st.session_state[key]))


def _move(lever: pricing.Lever, value: float) -> None:
    """Move a lever; a refused number is told and forgotten."""
    here = state.desk()
    try:
        state.change(pricing.move(here.scenario, here.loaded, lever, value))
    except pricing.InputError as error:
        here.message = str(error)
