"""Beside every page: what is open, undo and redo, what was changed, presets."""

from __future__ import annotations

import streamlit as st
from pricing_ui import state

import pricing


def draw() -> None:
    """Draw the sidebar."""
    here = state.desk()
    with st.sidebar:
        st.markdown(f"**{here.loaded.document.title}**")
        st.caption(here.loaded.document.description)
        with st.container(horizontal=True):
            first, last = here.position == 0, here.position == len(here.history) - 1
            st.button("Undo", on_click=state.step, args=(-1,), disabled=first, key="undo")
            st.button("Redo", on_click=state.step, args=(1,), disabled=last, key="redo")
            st.button(
                "Reset",
                on_click=state.change,
                args=(here.loaded,),
                disabled=here.scenario.hash == here.loaded.hash,
                key="reset",
                help="Back to the scenario as it was opened",
            )
        _changes(here)
        _presets(here)
    if here.message:
        st.error(here.message)
        here.message = ""


def _changes(here: state.Desk) -> None:
    """Numbers that differ from the scenario as opened, each with its way back."""
    before = {lever.path: lever for lever in pricing.levers(here.loaded)}
    changed = [
        (before[lever.path], lever)
        for lever in pricing.levers(here.scenario)
        if lever.path in before and lever.value != before[lever.path].value
    ]
    if not changed:
        return
    st.markdown(f"Changed: {len(changed)}")
    for old, new in changed:
        label = f"{new.label}: {old.value:g} → {new.value:g} {new.unit}"
        undone = here.scenario.but({old.path: old.written(old.value)})
        st.button(
            f"{label} ✕",
            key=f"drop_{old.path}",
            on_click=state.change,
            args=(undone,),
            help="Take this change back",
        )


def _presets(here: state.Desk) -> None:
    """Open a shipped scenario."""
    names = list(pricing.shipped_scenarios())
    chosen = st.selectbox("Open a shipped scenario", names, index=None, key="preset")
    if chosen is not None:
        scenario = pricing.load_scenario(chosen)
        st.caption(scenario.document.description)
        st.button("Open", key="open_preset", on_click=state.open_scenario, args=(scenario,))
