"""Parts of a page that are drawn again alone when what they show has changed.

Drawing a page anew costs the browser more than solving and drawing the charts: it looks at every
element that is sent again. A part says what it shows; after a change only the parts that would
show something else are sent, all in one go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st
from pricing_ui import state

PARTS = "live_parts"
"""Where the session keeps the parts of the page that it shows."""


@dataclass
class _Part:
    """What one part showed when it was last drawn."""

    read: Callable[[], Any]
    shown: Any


def begin() -> None:
    """Forget the parts of the page before."""
    st.session_state[PARTS] = {}


def part(key: str, read: Callable[[], Any], draw: Callable[[Any], None]) -> None:
    """Draw what ``read`` finds, now and whenever a change makes it find something else.

    ``read`` is called more often than ``draw``; it should be cheap. Widgets of the part ask for
    :func:`answer` where they change the scenario.
    """
    found = _Part(read, None)
    st.session_state[PARTS][key] = found

    def drawn() -> None:
        found.shown = read()
        draw(found.shown)

    st.fragment(drawn, key=key)()


def answer() -> None:
    """Draw again what a change has touched; call it last in what a widget calls.

    The rest of the page must not hang on the scenario. What is to be told, is told by the page.
    """
    parts: dict[str, _Part] = st.session_state[PARTS]
    changed = [key for key, one in parts.items() if one.read() != one.shown]
    if state.desk().message or not changed:
        st.rerun()
    st.rerun(changed)
