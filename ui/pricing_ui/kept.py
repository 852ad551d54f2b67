"""What a reader worked on, kept in the tab of the browser for when the server begins anew.

A session lives in the memory of one process. When that is restarted, or a page is loaded anew, the
reader gets a new session; the tab tells it what stood there before, as a link would, and the reader
may open that again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from pricing_ui import links, live, state
from pricing_ui.plain import plain

import pricing

KEY = "kept"
MOST_SAVED = 50
"""Variants that are read back."""


@dataclass(frozen=True)
class Kept:
    """What a tab had kept."""

    opened: pricing.Scenario
    """The scenario as it was opened."""
    present: pricing.Scenario
    """The same with its changes."""
    saved: dict[str, pricing.Scenario]
    """Variants kept for comparison, by name."""
    lost: tuple[str, ...] = ()
    """Names of variants that cannot be read back."""


def pieces(here: state.Desk, whole: bool) -> dict[str, Any]:
    """What the tab keeps; what a move of a lever leaves as it is goes with the page only.

    A scenario too long for a link is not kept.
    """
    moved = {"present": _packed(here.scenario)}
    if not whole:
        return moved
    saved = {name: _packed(scenario) for name, scenario in here.saved.items()}
    short = {name: text for name, text in saved.items() if text is not None}
    return moved | {"opened": _packed(here.loaded), "saved": short}


def _packed(scenario: pricing.Scenario) -> str | None:
    try:
        return links.pack(scenario)
    except pricing.InputError:
        return None


def read(told: Any) -> Kept:
    """What a tab tells, with every limit of a link; a variant that is refused costs no other work.

    Raises
    ------
    InputError
        If it is not what :func:`pieces` wrote, or no longer valid.
    """
    match told:
        case {"opened": str(opened), "present": str(present), "saved": Mapping() as saved}:
            packed = list(saved.items())
        case _:
            raise pricing.InputError("what the tab kept is damaged")
    variants: dict[str, pricing.Scenario] = {}
    lost = [str(name) for name, _ in packed[MOST_SAVED:]]
    for name, text in packed[:MOST_SAVED]:
        try:
            variants[str(name)] = links.unpack(str(text))
        except pricing.InputError:
            lost.append(str(name))
    return Kept(links.unpack(opened), links.unpack(present), variants, tuple(lost))


@cache
def _keeper() -> Any:
    """An element that shows nothing."""
    js = Path(__file__).with_name("kept.js").read_text(encoding="utf-8")
    return st.components.v2.component("pricing_kept", js=js, isolate_styles=False)


def keep() -> None:
    """Let the tab keep the session; call it last on every page."""
    live.part("kept", lambda: state.desk().scenario, lambda _: _tell())


def _tell() -> None:
    here = state.desk()
    found = pieces(here, whole=not live.known("kept"))
    told = {"fresh": here.fresh, "offered": here.kept is not None, "pieces": found}
    _keeper()(key=KEY, data=told, on_kept_change=_found)
    if found["present"] is None:
        st.caption("Too long for this tab to keep: a restart would lose it. Save it as a file.")


def _found() -> None:
    """Take what the tab had kept from a session before this one."""
    here = state.desk()
    if not here.fresh:
        return  # the reader has begun something else meanwhile
    here.fresh, here.message = False, here.told  # what the first drawing told, it tells again
    try:
        here.kept = read(st.session_state[KEY]["kept"])
    except pricing.InputError as error:
        here.message = f"What stood here before cannot be opened again: {error}"
    st.rerun()


def offer() -> None:
    """Ask whether to open what the tab had kept."""
    kept = state.desk().kept
    if kept is None:
        return
    changed, saved = len(pricing.changes(kept.opened, kept.present)), len(kept.saved)
    parts = [f"{changed} change{'s' * (changed != 1)}"] * (changed > 0)
    parts += [f"{saved} kept variant{'s' * (saved != 1)}"] * (saved > 0)
    what = f", with {' and '.join(parts)}" if parts else ""
    with st.container(border=True):
        st.markdown(
            ":material/history: The page was loaded anew, by a reload or a link, or the server was "
            "restarted. This tab still has what stood here before: "
            f"**{plain(kept.present.document.title)}**{what}."
        )
        if kept.lost:
            st.markdown(
                f"Kept variants that cannot be opened again: {plain(', '.join(kept.lost))}."
            )
        with st.container(horizontal=True):
            st.button("Open it again", type="primary", on_click=_open, args=(kept,))
            st.button("Forget it", on_click=_forget)


def _open(kept: Kept) -> None:
    here = state.desk()
    state.open_scenario(kept.opened)
    state.change(kept.present)
    here.saved |= kept.saved
    here.kept = None


def _forget() -> None:
    state.desk().kept = None
