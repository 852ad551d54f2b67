"""What a page of results says before its numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import streamlit as st
from pricing_ui import state
from pricing_ui.plain import plain

import pricing

STALE = """<style>
.pricing-chart, [data-testid=stMetric], [data-testid=stDataFrame],
[data-testid=stTable], .headline { opacity: 0.35; filter: grayscale(1); }
</style>"""
"""Greys every number of a result that is not of the present inputs; a page shows one result."""

STICKY = """<style>[data-testid=stLayoutWrapper]:has(> .st-key-message) {
  position: sticky; top: 1rem; z-index: 100; backdrop-filter: blur(1rem); }</style>"""
"""Keeps a message in view."""

Asked, Found = ParamSpec("Asked"), TypeVar("Found")


def or_why(
    ask: Callable[Asked, Found], *arguments: Asked.args, **named: Asked.kwargs
) -> Found | str:
    """An answer, or in words why there is none."""
    try:
        return ask(*arguments, **named)
    except pricing.PricingError as error:
        return str(error)


def failure(view: Any) -> None:
    """Grey the numbers of a page that are not of the present inputs, and say why."""
    if view.failure is not None:
        st.html(STALE)
        solved = view.result.scenario.document.title
        st.error(
            f"**Not solved.** {plain(view.failure)} Undo, or change the inputs. Below stands, in "
            f"grey, the last result that could be solved: {plain(solved)}.",
            icon=":material/block:",
        )


def message() -> None:
    """Say once what the last step could not do, where it is seen however far a reader scrolled."""
    here = state.desk()
    if here.message:
        with st.container(key="message"):
            st.html(STICKY)
            lines = map(plain, here.message.splitlines())
            st.error("  \n".join(lines), icon=":material/error:")
        here.told, here.message = here.message, ""
