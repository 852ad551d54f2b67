"""Scenarios: what is shipped, each with a paragraph on what it shows; one click opens it."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pricing_ui import state
from pricing_ui.plain import plain

import pricing
from pricing.editing.forms import policy_forms

ALL = "all"
"""Choice that leaves every chain in."""


def page(start: Any) -> None:
    """Draw the page; ``start`` is the page that a scenario opens on."""
    st.title("Scenarios")
    st.caption(
        "Each opens as it is shipped, for you to change. What is open now goes: keep it under "
        "Compare, or take it away under Files and links."
    )
    known = _shipped()
    chains = {scenario.chain.id: scenario.chain.title for scenario in known.values()}
    with st.container(horizontal=True):
        chain = st.selectbox(
            "Supply chain",
            [ALL, *sorted(chains, key=chains.__getitem__)],
            format_func=lambda name: chains.get(name, "All of them"),
            key="scenarios_chain",
        )
        sought = st.text_input("Find in titles, texts and instruments", key="scenarios_text")
    found = [
        name
        for name, scenario in known.items()
        if chain in (ALL, scenario.chain.id) and sought.casefold() in _text(scenario).casefold()
    ]
    st.caption(f"{len(found)} of {len(known)} scenarios.")
    for name in found:
        _card(name, known[name], start)


def _card(name: str, scenario: pricing.Scenario, start: Any) -> None:
    """One scenario: title, paragraph, what it is made of, and the button that opens it."""
    with st.container(border=True, key=f"scenario_{name}"):
        st.markdown(f"**{plain(scenario.document.title)}**")
        st.markdown(plain(scenario.document.description))
        st.caption(plain(f"{scenario.chain.title}. {_instruments(scenario)}. File: {name}"))
        if st.button("Open", key=f"open_{name}"):
            state.open_scenario(scenario)
            st.switch_page(start)


def _text(scenario: pricing.Scenario) -> str:
    """What a reader may look for."""
    document = scenario.document
    return " ".join((document.id, document.title, document.description, _instruments(scenario)))


def _instruments(scenario: pricing.Scenario) -> str:
    """Kinds of its policies, in words."""
    forms = policy_forms()
    kinds = dict.fromkeys(forms[policy.kind].label for policy in scenario.document.policies)
    return ", ".join(kinds) or "No policy"


@st.cache_resource(show_spinner="Reading the shipped scenarios")
def _shipped() -> dict[str, pricing.Scenario]:
    """Every shipped scenario by name."""
    return {name: pricing.load_scenario(name) for name in pricing.shipped_scenarios()}
