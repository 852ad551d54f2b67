"""What if: the levers of every policy, the numbers that matter first, and what they do.

Every part that hangs on a lever is one that is drawn alone (:mod:`pricing_ui.live`); the rest of
the page says nothing that a lever moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import groupby

import streamlit as st
from pricing_ui import callouts, chart_block, live, state
from pricing_ui.plain import plain
from pricing_ui.strip import strip, style

import pricing
from pricing.reporting import figures
from pricing.reporting.stamp import data_line

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
    st.title("What if")
    style()
    live.part("strip", state.current, strip)
    left, right = st.columns([1, 2], gap="large")
    with left:
        _levers()
    with right:
        live.part("callouts", lambda: state.current().callouts, callouts.draw)
        live.part("stale", lambda: state.current().failure is not None, _grey)
        for draw in FIGURES:
            _figure(draw)


def _grey(stale: bool) -> None:
    """Grey the charts of a result that is not that of the present inputs."""
    if stale:
        st.html(chart_block.STALE)


def _figure(draw: state.Draw) -> None:
    """One chart with its words, table and files."""
    figure = state.current().figure(draw)
    key = f"what_if_{figure.name}"
    opened = chart_block.extras_key(key)
    chart_block.words(figure, f"Data: {data_line(state.current().scenario)}")

    def now() -> figures.Figure:
        return state.current().figure(draw)

    live.part(f"{key}_chart", now, partial(chart_block.chart, key=key))
    live.part(
        f"{key}_more",
        lambda: now() if st.session_state.get(opened) else None,
        lambda _: chart_block.extras(now(), key),
    )


def _levers() -> None:
    """A slider and a number box for every number of every policy."""
    opened = {lever.path: lever for lever in pricing.levers(state.desk().loaded)}
    found = state.current().levers
    st.subheader("Policies")
    if not found:
        some = state.desk().scenario.document.policies
        say = "These policies have no number to move: change them" if some else "Add a policy"
        st.info(f"{say} under Policies, or open another scenario under Scenarios.")
    for policy, group in groupby(found.values(), key=lambda lever: lever.policy):
        with st.container(border=True):
            st.markdown(f"**{plain(policy)}**")
            for lever in group:
                _lever(lever.path, opened.get(lever.path, lever))


def _lever(path: str, opened: pricing.Lever) -> None:
    """One number: its widgets, and what stands below them."""

    def now() -> pricing.Lever:
        return state.current().levers[path]

    live.part(f"lever_{path}", now, partial(_widgets, opened=opened))
    live.part(f"about_{path}", lambda: _Below.of(now(), opened), partial(_below, path=path))


def _widgets(lever: pricing.Lever, opened: pricing.Lever) -> None:
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


@dataclass(frozen=True)
class _Below:
    """What stands below the widgets of a number."""

    band: str
    """Where it lies on its scale; empty where the scale has no names."""
    opened: str
    """What it was opened as; empty where it is that."""
    usual: float | None
    """What the schema says, where that is something else again."""
    unit: str

    @classmethod
    def of(cls, lever: pricing.Lever, opened: pricing.Lever) -> _Below:
        moved = (lever.value, lever.unit) != (opened.value, opened.unit)
        other = lever.default not in (None, lever.value, opened.value)
        return cls(
            lever.band,
            f"{opened.value:g} {opened.unit}" if moved else "",
            lever.default if other else None,
            lever.unit,
        )


def _below(shown: _Below, path: str) -> None:
    """Band, and the ways back to what was opened and to what the schema says."""
    if shown.band:
        st.caption(plain(shown.band[:1].upper() + shown.band[1:]))
    lever = state.current().levers[path]
    with st.container(horizontal=True):
        if shown.opened:
            st.button(
                plain(f"Opened: {shown.opened}"),
                key=f"opened_{path}",
                icon=":material/undo:",
                type="tertiary",
                on_click=_back,
                args=(lever.place,),
            )
        if shown.usual is not None:
            st.button(
                plain(f"Default: {shown.usual:g} {shown.unit}"),
                key=f"default_{path}",
                icon=":material/restart_alt:",
                type="tertiary",
                on_click=_move,
                args=(lever, shown.usual),
            )


def _help(lever: pricing.Lever) -> str:
    """Text of the schema, bands and source."""
    bands = "; ".join(band.name for band in lever.bands)
    texts = [lever.help, f"Bands: {bands}." if bands else "", f"Source: {lever.source}."]
    return "\n\n".join(plain(text) for text in texts if text)


def _back(place: state.Place) -> None:
    """Put one number back as it was opened."""
    state.take_back(place)
    live.answer()


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
    live.answer()
