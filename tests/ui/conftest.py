"""The app's modules as a server would load them, and one page with a scenario of the test's own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import pricing

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
from pricing_ui import live, sidebar, state, told
from pricing_ui.pages import {page}

state.begin()
live.begin()
told.message()
sidebar.draw()
{page}.page()
"""
Show = Callable[[str, pricing.Scenario], AppTest]


@pytest.fixture(autouse=True)
def own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit puts the script of a page into the place of the main module: put it back.

    Processes that other tests start would run that script.
    """
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def own_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fresh modules of the app for one test."""
    monkeypatch.syspath_prepend(str(ROOT / "ui"))
    for name in [name for name in sys.modules if name.partition(".")[0] == "pricing_ui"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.fixture
def show(own_modules: None) -> Show:
    """Draws one page on a scenario."""

    def draw(page: str, scenario: pricing.Scenario) -> AppTest:
        from pricing_ui.state import DESK, Desk

        app = AppTest.from_string(SCRIPT.format(page=page), default_timeout=60)
        app.session_state[DESK] = Desk.on(scenario)
        app.run()
        assert not app.exception
        return app

    return draw


@pytest.fixture
def now() -> Callable[[AppTest], pricing.Scenario]:
    """The scenario that an app shows."""
    return lambda app: app.session_state["desk"].scenario
