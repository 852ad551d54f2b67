"""Parts of a page that are drawn again alone when what they show has changed.

Drawing a page anew costs the browser more than solving and drawing the charts: it looks at every
element that is sent again. A part says what it shows; after a change only the parts that would
show something else are sent, all in one go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from pricing_ui import state

PAGE = "live_page"
"""Where the session keeps what it shows."""


@dataclass
class _Part:
    """What one part showed when it was last drawn."""

    read: Callable[[], Any]
    shown: Any


@dataclass
class _Page:
    """The page that a session shows."""

    parts: dict[str, _Part] = field(default_factory=dict)
    brought: set[str] = field(default_factory=set)
    """What came with the page and need not come again; see :func:`known`."""
    is_drawn: bool = False
    """Whether it has been drawn, and only parts of it are drawn again."""


def begin() -> None:
    """Forget the page before."""
    st.session_state[PAGE] = _Page()


def _page() -> _Page:
    found: _Page = st.session_state.setdefault(PAGE, _Page())
    return found


def known(what: str) -> bool:
    """Whether the browser has something from when the page was drawn.

    Asked while the page is drawn, the answer is no, and it has to go with it.
    What goes with a part that is drawn again does not count: the server may take that back, if the
    part is drawn yet again before it is out.
    """
    page = _page()
    if not page.is_drawn:
        page.brought.add(what)
        return False
    return what in page.brought


def part(key: str, read: Callable[[], Any], draw: Callable[[Any], None]) -> None:
    """Draw what ``read`` finds, now and whenever a change makes it find something else.

    ``read`` is called more often than ``draw``; it should be cheap. Widgets of the part ask for
    :func:`answer` where they change the scenario.
    """
    found = _Part(read, None)
    _page().parts[key] = found

    def drawn() -> None:
        found.shown = read()
        draw(found.shown)

    st.fragment(drawn, key=key)()


def answer() -> None:
    """Draw again what a change has touched; call it last in what a widget calls.

    The rest of the page must not hang on the scenario. What is to be told, is told by the page.
    """
    page = _page()
    changed = [key for key, one in page.parts.items() if one.read() != one.shown]
    if state.desk().message or not changed:
        st.rerun()
    page.is_drawn = True
    st.rerun(changed)
