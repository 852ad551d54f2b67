"""The app as a reader uses it: move, undo, keep, compare, share, bring in; the numbers match."""

from __future__ import annotations

import base64
import html
import re
import tomllib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import pricing
from pricing.launch import SETTINGS, app_file, command
from pricing.reporting import figures
from pricing.reporting.headline import headline
from pricing.reporting.theme import PALETTES, Look

ROOT = Path(__file__).resolve().parents[2]
OXIDE = "policies.oxide.level.prices.oxide"


@pytest.fixture(autouse=True)
def oxide_only(own_modules: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opens one small scenario."""
    monkeypatch.setenv("PRICING_SCENARIO", "forge_oxide_only")


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(app_file()), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def shown(app: AppTest) -> list[str]:
    """Numbers of the summary strip."""
    (strip,) = (part.proto.body for part in app.get("html") if "<dl" in part.proto.body)
    return [html.unescape(value) for value in re.findall(r'<dd class="value">(.*?)</dd>', strip)]


def library(scenario: pricing.Scenario) -> list[str]:
    return [number.shown for number in headline(pricing.solve(scenario))]


def test_command_and_app_agree_on_what_opens() -> None:
    from pricing_ui import state

    from pricing import launch

    assert (state.SCENARIO, state.DEFAULT) == (launch.SCENARIO, launch.DEFAULT)


def test_opens_with_the_numbers_of_the_library() -> None:
    app = opened()
    assert shown(app) == library(pricing.load_scenario("forge_oxide_only"))
    elements = [element.proto.component_name for element in app.get("bidi_component")]
    charts = ["pricing_charts", *["pricing_chart"] * 5, "pricing_chart_news"]
    assert sorted(elements) == sorted([*charts, "pricing_kept"])


def test_a_page_says_that_the_tab_cannot_keep_what_is_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from pricing_ui import links

    told = "Too long for this tab to keep"
    assert not any(told in caption.value for caption in opened().caption)
    monkeypatch.setattr(links, "MOST_PACKED", 100)
    assert any(told in caption.value for caption in opened().caption)


@pytest.mark.parametrize("kind", ["slider", "box"])
def test_moving_a_lever_gives_the_numbers_of_the_library(kind: str) -> None:
    app = opened()
    widget = app.slider if kind == "slider" else app.number_input
    widget(key=f"{kind}_{OXIDE}").set_value(80.0).run()
    assert not app.exception
    base = pricing.load_scenario("forge_oxide_only")
    assert shown(app) == library(base.but({OXIDE: "80 USD/kg"}))
    assert app.slider(key=f"slider_{OXIDE}").value == 80.0
    assert app.number_input(key=f"box_{OXIDE}").value == 80.0


def test_an_open_table_follows_a_move() -> None:
    app = AppTest.from_file(str(app_file()), default_timeout=60)
    app.session_state["what_if_prices_by_stage_extras"] = True
    app.run()
    app.slider(key=f"slider_{OXIDE}").set_value(80.0).run()
    result = pricing.solve(app.session_state["desk"].scenario)
    drawn = figures.prices_by_stage(result, figures.NoPolicy.of(result)).shown
    pd.testing.assert_frame_equal(app.dataframe[0].value, drawn.reset_index(drop=True))
    assert len(app.dataframe) == 1


def test_undo_redo_and_taking_one_change_back() -> None:
    app = opened()
    first = shown(app)
    app.slider(key=f"slider_{OXIDE}").set_value(80.0).run()
    moved = shown(app)
    assert moved != first
    app.button(key="undo").click().run()
    assert shown(app) == first
    app.button(key="redo").click().run()
    assert shown(app) == moved
    app.button(key=f"drop_{OXIDE}").click().run()
    assert shown(app) == first
    app.button(key="undo").click().run()
    app.button(key="reset").click().run()
    assert shown(app) == first


def test_back_at_the_opened_number_nothing_has_changed() -> None:
    app = opened()
    desk = app.session_state["desk"]
    app.slider(key=f"slider_{OXIDE}").set_value(80.0).run()
    assert "own_choice" in desk.scenario.document.sources
    app.button(key=f"opened_{OXIDE}").click().run()
    assert desk.scenario.hash == desk.loaded.hash
    assert app.button(key="reset").disabled


def test_each_number_goes_back_by_itself() -> None:
    app = opened()
    capture = "policies.oxide.mechanism.rent_capture"
    app.number_input(key=f"box_{capture}").set_value(0.4).run()
    assert (
        app.session_state["desk"].scenario.document.policies[0].mechanism.rent_capture.value == 0.4
    )
    app.button(key=f"opened_{capture}").click().run()
    desk = app.session_state["desk"]
    assert desk.scenario.hash == desk.loaded.hash


def test_a_link_in_the_address_goes_with_the_next_change() -> None:
    app = opened()
    app.query_params["s"] = "what was shared"
    app.slider(key=f"slider_{OXIDE}").set_value(80.0).run()
    assert "s" not in app.query_params


def test_compare_lists_what_differs() -> None:
    app = opened()
    app.slider(key=f"slider_{OXIDE}").set_value(80.0).run()
    desk = app.session_state["desk"]
    found = pricing.compare(desk.loaded, desk.scenario).inputs()
    assert [path for path in found["path"] if "oxide" in path]


def test_a_link_brings_every_number_back() -> None:
    from pricing_ui import links

    changed = pricing.load_scenario("forge_oxide_only").but({OXIDE: "77.7 USD/kg"})
    app = opened(s=links.pack(changed))
    assert app.session_state["desk"].scenario.hash == changed.hash
    assert shown(app) == library(changed)


def packed(text: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(text, 9)).decode()


@pytest.mark.parametrize(
    "link",
    [
        "not base64 at all!",
        "AAAA",
        packed(b"x" * 10_000_000),
        packed(b"a: &x [1]\nb: *x\n"),
        packed(b"id: x\n"),
        packed(b"extends: ../../secrets\nid: x\n"),
        "A" * 50_000,
    ],
    ids=["letters", "damaged", "bomb", "alias", "incomplete", "path", "long"],
)
def test_a_bad_link_is_told_and_the_default_opens(link: str) -> None:
    app = opened(s=link)
    assert "link could not be opened" in app.error[0].value
    first = {each.type for each in app.main[0].children.values()}
    assert "error" in first  # above the page: at its foot nobody would see it
    assert shown(app) == library(pricing.load_scenario("forge_oxide_only"))


def test_without_an_equilibrium_the_last_result_stays_and_the_reason_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = opened()
    before, solve = shown(app), pricing.solve

    def fails_at_81(scenario: pricing.Scenario) -> pricing.Result:
        if any(lever.value == 81.0 for lever in pricing.levers(scenario)):
            raise pricing.NoEquilibriumError(
                "case", "clearance of oxide in Japan", 0.1, "Step back."
            )
        return solve(scenario)

    monkeypatch.setattr(pricing, "solve", fails_at_81)
    app.slider(key=f"slider_{OXIDE}").set_value(81.0).run()
    assert not app.exception
    (told,) = [error.value for error in app.error if "Not solved" in error.value]
    assert "clearance of oxide in Japan" in told
    assert shown(app) == before
    assert not app.warning  # what there was to know is of the last result, not of these inputs
    app.button(key="undo").click().run()
    assert not app.error
    assert app.warning


def flat(settings: dict[str, Any], above: str) -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{name}.")
        else:
            yield above + name, str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("look", list(Look))
def test_page_and_charts_have_the_same_colours(look: Look) -> None:
    palette = PALETTES[look]
    named = {
        "primaryColor": palette.category[0],
        "backgroundColor": palette.paper,
        "textColor": palette.ink,
    }
    assert named == {name: SETTINGS[f"theme.{look}.{name}"] for name in named}


def test_started_from_a_package_the_settings_are_those_of_the_checkout() -> None:
    text = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert dict(flat(tomllib.loads(text), "")) == SETTINGS
    assert "--server.address=127.0.0.1" in command(8501)


def test_a_server_on_every_interface_does_not_ask_others_for_its_address() -> None:
    """Streamlit asks a host outside for its own address unless one is stated."""
    assert "--browser.serverAddress=127.0.0.1" in command(8501, "0.0.0.0")
