"""Selectors that several pages share."""

from __future__ import annotations

from typing import Any

import streamlit as st


def good_of(chain: Any, key: str) -> str:
    """Id of the good that the reader picked."""
    labels = {good.id: good.label for good in chain.goods}
    return st.selectbox("Good", list(labels), format_func=labels.__getitem__, key=key)
