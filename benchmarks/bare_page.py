"""The least that Streamlit can do: one slider and its value. See app_latency.py."""

import streamlit as st

st.text(f"value {st.slider('Bare', 0.0, 290.0, 96.48, step=2.0)}")
