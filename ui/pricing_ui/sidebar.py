"""Beside every page: what is open, undo and redo, what was changed."""

from __future__ import annotations

import streamlit as st
from pricing_ui import state
from pricing_ui.plain import plain

import pricing


def draw() -> None:
    """Draw the sidebar."""
    here = state.desk()
    with st.sidebar:
        st.markdown(f"**{plain(here.loaded.document.title)}**")
        with st.expander("What it shows"):
            st.markdown(plain(here.loaded.document.description))
        with st.container(horizontal=True):
            first, last = here.position == 0, here.position == len(here.history) - 1
            st.button("Undo", on_click=state.step, args=(-1,), disabled=first, key="undo")
            st.button("Redo", on_click=state.step, args=(1,), disabled=last, key="redo")
            st.button(
                "Reset",
                on_click=state.reset,
                disabled=here.scenario.hash == here.loaded.hash,
                key="reset",
                help="Back to the scenario as it was opened",
            )
        _changes(here)


def _changes(here: state.Desk) -> None:
    """What differs from the scenario as opened, each with its way back."""
    found = pricing.changes(here.loaded, here.scenario)
    if not found:
        return
    st.markdown(f"Changed: {len(found)}")
    for change in found:
        st.button(
            plain(f"{change.label}: {change.before} → {change.after}"),
            icon=":material/close:",
            key=f"drop_{'.'.join(change.place)}",
            on_click=state.take_back,
            args=(change.place,),
            help="Take this change back",
            width="stretch",
        )
