"""The page of shipped scenarios: all are there, with their paragraph, and open."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

import pricing

SCRIPT = """
from functools import partial

import streamlit as st
from pricing_ui import live, state
from pricing_ui.pages import scenarios, what_if

start = st.Page(what_if.page, title="What if", url_path="what-if")
first = st.Page(partial(scenarios.page, start), title="S", url_path="s", default=True)
chosen = st.navigation([first, start])
state.begin()
live.begin()
chosen.run()
"""


@pytest.fixture
def app(own_modules: None, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("PRICING_SCENARIO", "forge_oxide_only")
    drawn = AppTest.from_string(SCRIPT, default_timeout=60).run()
    assert not drawn.exception
    return drawn


def offered(app: AppTest) -> set[str]:
    return {button.key.removeprefix("open_") for button in app.button}


def test_every_shipped_scenario_has_its_paragraph(app: AppTest) -> None:
    assert offered(app) == set(pricing.shipped_scenarios())
    text = " ".join(each.value.replace("\\", "") for each in app.markdown)
    for name in pricing.shipped_scenarios():
        document = pricing.load_scenario(name).document
        assert document.title in text
        assert document.description.split(".")[0] in text


def test_they_are_found_by_chain_and_by_words(app: AppTest) -> None:
    app.selectbox(key="scenarios_chain").set_value("gallium").run()
    gallium = {
        "forge_gallium",
        "gallium_ban_on_us",
        "gallium_export_ban",
        "australia_reserve_gallium",
        "project_vault_gallium",
    }
    assert offered(app) == gallium
    app.text_input(key="scenarios_text").set_value("ban of gallium").run()
    assert offered(app) == {"gallium_ban_on_us"}
    app.selectbox(key="scenarios_chain").set_value("all").run()
    app.text_input(key="scenarios_text").set_value("price guarantee").run()
    kinds = {name: pricing.load_scenario(name).document.policies for name in offered(app)}
    assert any(p.kind == "price_guarantee" for policies in kinds.values() for p in policies)


def test_one_opens_where_its_levers_are(app: AppTest) -> None:
    app.button(key="open_mp_price_guarantee").click().run()
    assert not app.exception
    assert app.title[0].value == "What if"
    desk = app.session_state["desk"]
    assert desk.scenario.hash == pricing.load_scenario("mp_price_guarantee").hash
    assert desk.loaded is desk.scenario
