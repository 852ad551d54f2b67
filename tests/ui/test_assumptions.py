"""Assumptions: every input holds at once where it is valid, says why where not, and goes back."""

from __future__ import annotations

import pytest

import pricing
from pricing.editing.elasticities import elasticities
from tests.support.hand import rich

BASE = pricing.load_scenario("forge_oxide_only")


def told(app) -> list[str]:
    return [text.value for text in app.markdown if text.value.startswith(":material/error:")]


@pytest.mark.parametrize(
    ("widget", "field", "value"),
    [
        ("selectbox", "horizon", "long"),
        ("selectbox", "case", "high"),
        ("selectbox", "benchmark", "home_bias"),
        ("multiselect", "latent", ["mp_10x"]),
        ("toggle", "existing_duties", False),
        ("number_input", "year", 2026),
    ],
)
def test_an_input_holds_at_once_and_goes_back(show, now, widget: str, field: str, value):
    app = show("assumptions", BASE)
    getattr(app, widget)(key=f"assume0/{field}").set_value(value).run()

    assert not app.exception
    assert now(app).hash == BASE.but({f"assumptions.{field}": value}).hash
    app.button(key=f"opened_{field}").click().run()
    assert now(app).hash == BASE.hash
    assert f"opened_{field}" not in [button.key for button in app.button]


def test_default_and_opened_are_two_ways_back(show, now):
    opened = BASE.but({"assumptions.horizon": "long"})
    app = show("assumptions", opened)
    app.button(key="default_horizon").click().run()

    assert now(app).document.assumptions.horizon == "short"
    app.button(key="opened_horizon").click().run()
    assert now(app).hash == opened.hash


def test_rows_are_told_until_they_are_whole(show, now):
    app = show("assumptions", BASE)
    app.button(key="assume0/demand.rows+").click().run()
    assert len(told(app)) == 3
    assert now(app).hash == BASE.hash
    row = "assume0#0/demand.0"
    app.selectbox(key=f"{row}.good").set_value("magnet").run()
    app.selectbox(key=f"{row}.region").set_value("all").run()
    app.number_input(key=f"{row}.factor.value").set_value(120.0).run()

    assert told(app) == []
    change = now(app).document.assumptions.demand[0]
    assert (change.good, change.region, change.factor.fraction) == ("magnet", "all", 1.2)
    assert change.source == "own_choice"
    app.button(key="assume0/demand.rows-0").click().run()
    assert now(app).hash == BASE.hash


def test_a_wrong_number_is_told_beside_its_field_and_the_scenario_stays(show, now):
    app = show("assumptions", BASE)
    app.button(key="assume0/parity_shares.rows+").click().run()
    row = "assume0#0/parity_shares.0"
    for field, name in (("good", "oxide"), ("origin", "Brazil"), ("destination", "EU")):
        app.selectbox(key=f"{row}.{field}").set_value(name).run()
    app.number_input(key=f"{row}.share.value").set_value(150.0).run()

    assert len(told(app)) == 1
    assert "share lies between 0 and 1" in told(app)[0].replace("\\", "")
    assert now(app).hash == BASE.hash


SET_PRICES = pricing.load_scenario("forge_oxide_set_prices")


@pytest.mark.parametrize(
    "scenario", [BASE, rich(), SET_PRICES], ids=["shipped", "rich", "set_prices"]
)
def test_the_page_changes_nothing_by_itself(show, now, scenario):
    app = show("assumptions", scenario)

    assert now(app).hash == scenario.hash
    assert told(app) == []


def test_how_exporters_set_prices_is_a_form(show, now):
    app = show("assumptions", SET_PRICES)
    row = "assume0#0/conduct.0"
    app.number_input(key=f"{row}.rule.weight.value").set_value(10.0).run()

    assert not app.exception
    (group,) = now(app).document.assumptions.conduct
    assert group.rule.weight.fraction == 0.1
    assert pricing.solve(now(app)).diagnostics.residual < 1e-8


def test_an_elasticity_has_its_range_an_own_value_and_a_way_back(show, now):
    app = show("assumptions", BASE)
    app.get("button_group")[0].set_value("high").run()
    assert now(app).hash == BASE.but({"assumptions.elasticities": {"mine_supply": "high"}}).hash
    app.get("button_group")[0].set_value("own").run()
    revision = app.session_state["desk"].revision
    app.number_input(key=f"elasticity{revision}_mine_supply_own").set_value(0.2).run()
    (first, *_) = elasticities(now(app))
    assert (first.name, first.own, first.value) == ("mine_supply", 0.2, 0.2)
    assert "own_choice" in now(app).document.sources
    app.button(key="opened_mine_supply").click().run()
    assert now(app).hash == BASE.hash


def test_every_elasticity_says_where_its_range_comes_from():
    found = elasticities(BASE)

    assert [choice.name for choice in found] == list(BASE.chain.elasticities)
    for choice in found:
        assert list(choice.stated.values()) == sorted(choice.stated.values())
        assert choice.source
        assert choice.value == choice.stated[choice.usual]
