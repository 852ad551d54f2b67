"""Selectors that several pages share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pricing.reporting import figures


def good_of(result: Any, key: str) -> str:
    """Id of the good that the reader picked; at first the one whose price moves most."""
    labels = {good.id: good.label for good in result.scenario.chain.goods}
    first = list(labels).index(figures.most_moved(result))
    return st.selectbox("Good", list(labels), first, format_func=labels.__getitem__, key=key)


def one_of(
    label: str, known: Sequence[str], first: str, key: str, words: Callable[[str], str] = str
) -> str:
    """One of several names, ``first`` until the reader picks another."""
    return st.selectbox(label, known, list(known).index(first), format_func=words, key=key)
