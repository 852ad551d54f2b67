"""Whoever is not logged in sees nothing, where the operator asks for it."""

from __future__ import annotations

import os

import streamlit as st

ASKED = "PRICING_LOGIN"
"""Environment variable that asks for a login by OpenID Connect, set to any text."""


def gate() -> None:
    """Stop here until the reader is logged in; without the variable, let everybody through.

    Streamlit needs its extra ``streamlit[auth]`` and ``[auth]`` in ``.streamlit/secrets.toml``;
    without them nobody gets in.
    """
    if not os.environ.get(ASKED):
        return
    inside = getattr(st.user, "is_logged_in", None)  # it knows no such thing before it is set up
    if not inside:
        st.title("Price floors for critical minerals")
        if inside is None:
            st.error("A login is asked for, but none is set up. Please tell whoever runs this.")
            st.stop()
        st.button("Log in", key="log_in", type="primary", on_click=st.login)
        st.stop()
    with st.sidebar:
        st.button("Log out", key="log_out", type="tertiary", on_click=st.logout)
