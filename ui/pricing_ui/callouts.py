"""What a reader must know before using the numbers."""

from __future__ import annotations

import streamlit as st
from pricing_ui.state import View

MOST_OPEN = 1
"""Warnings shown at once; the others wait behind a click."""


def callouts(view: View) -> None:
    """Warnings of the library, most important first."""
    found = view.result.warnings
    for warning in found[:MOST_OPEN]:
        st.warning(warning.text)
    if len(found) > MOST_OPEN:
        with st.expander(f"{len(found) - MOST_OPEN} more warnings"):
            for warning in found[MOST_OPEN:]:
                st.warning(warning.text)
