"""What if: the levers of every policy, the numbers that matter first, and what they do.

Every part that hangs on a lever is one that is drawn alone (:mod:`pricing_ui.live`); the rest of
the page says nothing that a lever moves.
"""

from __future__ import annotations

from functools import partial
from itertools import groupby

import streamlit as st
from pricing_ui import callouts, chart_block, chart_view, live, state
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
MOST_SHOWN = 50
"""Numbers of a lever that are remembered: those of the last few seconds of a key held down."""


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
        for draw in FIGURES:
            _figure(draw)
        live.part("charts", _figures, _charts)


def _figures() -> dict[str, figures.Figure]:
    """Key -> figure, of all charts."""
    found = (state.current().figure(draw) for draw in FIGURES)
    return {f"what_if_{figure.name}": figure for figure in found}


def _charts(shown: dict[str, figures.Figure]) -> None:
    """Draw all charts, at their places."""
    chart_view.tell({key: chart_block.drawing(each) for key, each in shown.items()}, "charts_news")


def _figure(draw: state.Draw) -> None:
    """Words, table and files of one chart, and its place."""
    figure = state.current().figure(draw)
    key = f"what_if_{figure.name}"
    chart_block.words(figure, f"Data: {data_line(state.current().scenario)}")
    chart_view.place(key)

    def now() -> figures.Figure:
        return state.current().figure(draw)

    chart_block.extras(
        key, lambda: live.part(f"{key}_more", now, partial(chart_block.numbers, key=key))
    )


def _levers() -> None:
    """A slider and a number box for every number of every policy."""
    opened = {lever.path: lever for lever in pricing.levers(state.desk().loaded)}
    found = state.current().levers
    st.header("Policies")
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

    def draw(lever: pricing.Lever) -> None:
        _widgets(lever, opened)
        _below(lever, opened)

    live.part(f"lever_{path}", lambda: state.current().levers[path], draw)


def _widgets(lever: pricing.Lever, opened: pricing.Lever) -> None:
    """Slider and box of one number, kept in step through the scenario."""
    label = lever.label if lever.unit == "1" else f"{lever.label} [{lever.unit}]"
    reach = opened if opened.unit == lever.unit else lever
    high = max(reach.high, lever.value)
    slider, box = keys = _keys(lever)
    for key in keys:
        if st.session_state.get(key) != lever.value:  # or it is taken from a reader who moves it
            st.session_state[key] = lever.value
    st.session_state[_shown(lever)] = [*_recent(lever), lever.value][-MOST_SHOWN:]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.slider(
            label,
            0.0,
            high,
            step=reach.step,
            key=slider,
            help=_help(lever),
            on_change=_moved,
            args=(lever,),
        )
        st.number_input(
            label,
            min_value=0.0,
            step=reach.step,
            key=box,
            format="%g",
            label_visibility="collapsed",
            on_change=_moved,
            args=(lever,),
            width=BOX_WIDTH,
        )


def _keys(lever: pricing.Lever) -> tuple[str, str]:
    """Where the session keeps what slider and box say."""
    return f"slider_{lever.path}", f"box_{lever.path}"


def _shown(lever: pricing.Lever) -> str:
    """Where it keeps what both have shown lately."""
    return f"shown_{lever.path}"


def _recent(lever: pricing.Lever) -> list[float]:
    found: list[float] = st.session_state.get(_shown(lever), [])
    return found


def _below(lever: pricing.Lever, opened: pricing.Lever) -> None:
    """Band, and the ways back to what was opened and to what the schema says."""
    if lever.band:
        st.caption(plain(lever.band[:1].upper() + lever.band[1:]))
    moved = (lever.value, lever.unit) != (opened.value, opened.unit)
    other = lever.default not in (None, lever.value, opened.value)
    if not (moved or other):
        return  # every box costs the browser something, an empty one too
    with st.container(horizontal=True):
        if moved:
            st.button(
                plain(f"Opened: {opened.value:,.10g} {opened.unit}"),
                key=f"opened_{lever.path}",
                icon=":material/undo:",
                type="tertiary",
                on_click=_back,
                args=(lever.place,),
            )
        if other:
            st.button(
                plain(f"Default: {lever.default:,.10g} {lever.unit}"),
                key=f"default_{lever.path}",
                icon=":material/restart_alt:",
                type="tertiary",
                on_click=_move,
                args=(lever, lever.default),
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


def _moved(lever: pricing.Lever) -> None:
    """Put the number of the widget that was moved into the scenario.

    A browser tells of both. Where moves follow faster than answers, it tells of the other as that
    stood some answers ago.
    """
    said = [float(st.session_state[key]) for key in _keys(lever)]
    other = [value for value in said if value != lever.value]
    fresh = [value for value in other if value not in _recent(lever)]
    _move(lever, (fresh or other or said)[0])


def _move(lever: pricing.Lever, value: float) -> None:
    """Move a lever; a refused number is told and forgotten."""
    here = state.desk()
    try:
        state.change(pricing.move(here.scenario, here.loaded, lever, value))
    except pricing.InputError as error:
        here.message = str(error)
    live.answer()
