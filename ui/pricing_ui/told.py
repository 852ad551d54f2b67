"""What a page of results says before its numbers."""

from __future__ import annotations

from typing import Any

import streamlit as st


def failure(view: Any) -> None:
    """Say that the numbers below are not those of the present inputs, and why."""
    if view.failure is not None:
        st.error(f"Not solved. {view.failure} Below stands the last result that could be solved.")
