"""Beside every page: what is open, undo and redo, what was changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from pricing_ui import live, state
from pricing_ui.plain import plain

import pricing

FOCUS = """<style>[data-testid=stSidebarNavLink]:focus-visible {
  outline: 2px solid; outline-offset: -2px; }</style>"""
"""Where the keyboard is in the menu; Streamlit shows it by a shade that hardly differs."""


def draw() -> None:
    """Draw the sidebar."""
    here = state.desk()
    with st.sidebar:
        st.html(FOCUS)
        st.markdown(f"**{plain(here.loaded.document.title)}**")
        with st.expander("What it shows"):
            st.markdown(plain(here.loaded.document.description))
        live.part("steps", _ways, _steps)
        live.part("changes", lambda: pricing.changes(here.loaded, here.scenario), _changes)


def _ways() -> tuple[bool, bool, bool]:
    """Whether there is something to undo, to redo, to reset."""
    here = state.desk()
    later = here.position < len(here.history) - 1
    return here.position > 0, later, here.scenario.document != here.loaded.document


def _steps(ways: tuple[bool, bool, bool]) -> None:
    """Undo, redo, reset."""
    undo, redo, reset = ways
    with st.container(horizontal=True):
        st.button("Undo", on_click=_page, args=(state.step, -1), disabled=not undo, key="undo")
        st.button("Redo", on_click=_page, args=(state.step, 1), disabled=not redo, key="redo")
        st.button(
            "Reset",
            on_click=_page,
            args=(state.reset,),
            disabled=not reset,
            key="reset",
            help="Back to the scenario as it was opened",
        )


def _page(do: Callable[..., None], *what: Any) -> None:
    """Do something that the whole page may hang on."""
    do(*what)
    st.rerun()


def _changes(found: Sequence[pricing.Change]) -> None:
    """What differs from the scenario as opened, each with its way back."""
    if not found:
        return
    st.markdown(f"Changed: {len(found)}")
    for change in found:
        st.button(
            plain(f"{change.label}: {change.before} → {change.after}"),
            icon=":material/close:",
            key=f"drop_{'.'.join(change.place)}",
            on_click=_page,
            args=(state.take_back, change.place),
            help="Take this change back",
            width="stretch",
        )
