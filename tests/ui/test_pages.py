"""Pages of markets, trade, money, sources and method, each drawn on a made-up chain."""

import importlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import pricing
from pricing.reporting import figures
from pricing.reporting.for_people import party
from pricing.reporting.summary import summarise
from tests.support.chains import scenario_on, two_lines

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("compare", "markets", "trade", "who_pays", "sources", "method")


@dataclass(frozen=True)
class View:
    """What a page is given."""

    scenario: pricing.Scenario
    result: pricing.Result
    base: pricing.Result
    failure: str | None
    seconds: float


@pytest.fixture(scope="module")
def view() -> View:
    result = pricing.solve(ROOT / "tests" / "data" / "two_stage_floor.yaml")
    base = pricing.solve(result.scenario.but(id="base", policies=[]))
    return View(result.scenario, result, base, None, 0.012)


@pytest.fixture
def show(view: View, monkeypatch: pytest.MonkeyPatch):
    """Draws one page with a view in the place of the app's state."""
    monkeypatch.syspath_prepend(str(ROOT / "ui"))

    def draw(
        name: str,
        failure: str | None = None,
        opened: str | None = None,
        saved=None,
        of: View = view,
    ):
        given = View(of.scenario, of.result, of.base, failure, of.seconds)
        desk = SimpleNamespace(loaded=of.base.scenario, scenario=of.scenario, saved=saved or {})
        module = ModuleType("pricing_ui.state")
        module.current = lambda: given
        module.desk = lambda: desk
        module.solved = pricing.solve
        module.open_scenario = lambda scenario: setattr(desk, "scenario", scenario)
        for known in [name for name in sys.modules if name.partition(".")[0] == "pricing_ui"]:
            monkeypatch.delitem(sys.modules, known)
        package = importlib.import_module("pricing_ui")
        monkeypatch.setitem(sys.modules, "pricing_ui.state", module)
        monkeypatch.setattr(package, "state", module, raising=False)
        script = f"from pricing_ui.pages import {name}\n{name}.page()\n"
        app = AppTest.from_string(script, default_timeout=30)
        if opened:
            app.session_state[opened] = True
        return app.run()

    return draw


def charts(app: AppTest) -> list[dict]:
    """What each chart of a page is given: its template and words, and its data."""
    return [json.loads(chart.proto.json)["drawing"] for chart in app.get("bidi_component")]


@pytest.mark.parametrize("name", PAGES)
def test_page_draws_without_an_exception(show, name: str):
    app = show(name)

    assert not app.exception
    assert len(app.title) == 1


@pytest.mark.parametrize(("name", "count"), [("markets", 6), ("trade", 3), ("who_pays", 3)])
def test_charts_have_alt_text_a_table_and_no_data_in_the_spec(show, name: str, count: int):
    app = show(name)

    assert len(charts(app)) == count
    for drawn in charts(app):
        assert drawn["page"]["alt"]
        assert '"values"' not in json.dumps(drawn["page"]["spec"])
        assert any(len(values) for each in drawn["datasets"].values() for values in each.values())


def test_an_open_chart_has_its_table_and_four_files(show, view: View):
    app = show("trade", opened="trade_change_extras")
    drawn = figures.trade_change(view.result, view.base).table

    assert app.dataframe[0].value["change"].to_list() == pytest.approx(drawn["change"].to_list())
    assert [button.label for button in app.get("download_button")] == [
        "CSV",
        "PNG",
        "SVG",
        "Vega-Lite",
    ]


def test_a_stale_result_is_said_to_be_stale(show):
    app = show("markets", failure="no equilibrium")

    assert sum("Last result" in caption.value for caption in app.caption) == len(charts(app))


def test_other_good_changes_the_matrix(show, view: View):
    app = show("trade")
    goods = [good.label for good in view.scenario.chain.goods]

    app.selectbox(key="trade_good").set_value(view.scenario.chain.goods[-1].id).run()

    assert not app.exception
    assert any(goods[-1] in text.value for text in app.markdown)


def test_ledger_filter_leaves_matching_rows(show, view: View):
    app = show("who_pays")
    payer = app.multiselect(key="ledger_payer").options[0]

    app.multiselect(key="ledger_payer").set_value([payer]).run()

    assert not app.exception
    ledger = next(f.value for f in app.dataframe if "payer" in f.value.columns)
    assert set(ledger["payer"]) == {payer}
    assert len(ledger) == sum(party(row.payer) == payer for row in view.result.accounts.ledger.rows)


def test_sources_can_be_searched(show, view: View):
    app = show("sources")
    whole = len(app.dataframe[1].value)

    app.text_input(key="sources_text").set_value("policies.").run()

    shown = app.dataframe[1].value
    assert 0 < len(shown) < whole
    assert shown["path"].str.contains("policies.", regex=False).any()


def test_method_shows_all_checks_and_regimes(show, view: View):
    app = show("method")
    assert "Solved in 12 ms." in [caption.value for caption in app.caption]
    tables = [frame.value for frame in app.dataframe]

    assert len(tables[1]) == len(view.result.accounts.regimes)
    assert set(tables[1]["unit"]) == {"USD/kg"}
    checks = app.table[0].value
    assert checks["check"].to_list() == [c.name for c in view.result.accounts.checks]


def test_method_shows_where_outcomes_of_a_jump_differ(show):
    """Supply 20 + 20 p, demand 100 - 20 P: no duty keeps itself, and 0.5 below 1.84 does too."""
    entry = {
        "kind": "entry_price",
        "good": "wheat",
        "destinations": ["Buyer"],
        "entry_price": "2 USD/t",
        "max_tariff": "0.5 USD/t",
    }
    chain = two_lines(2.0, 60.0, 2 / 3, 2 / 3, regions=("Maker", "Buyer"))
    result = pricing.solve(scenario_on(chain, entry))
    base = pricing.solve(scenario_on(chain))
    app = show("method", of=View(result.scenario, result, base, None, 0.012))

    assert not app.exception
    shown = app.dataframe[0].value
    assert shown["outcome"].to_list() == [1, 2]
    assert shown["regime"].to_list() == ["the undercut", "the maximum tariff"]


def test_compare_shows_all_that_were_kept_and_what_differs(show, view: View):
    dear = view.scenario.but({"policies.floor.level.prices.oxide": "80 USD/kg"})

    app = show("compare", saved={"dear": dear})

    names = ["as opened", "dear", "present"]
    assert app.multiselect[0].value == names
    inputs, results = (frame.value for frame in app.dataframe[:2])
    row = inputs[inputs["path"] == "policies.floor.level.prices.oxide"].iloc[0]
    assert row[names].to_list() == ["-", "80 USD/kg", "70 USD/kg"]
    net = results.query("what == 'net' and regions == 'world'").iloc[0]
    own = summarise(view.result).net / 1e6
    assert net["present"] == pytest.approx(own)
    assert net["as opened"] == pytest.approx(0.0, abs=1e-9)
    assert len(charts(app)) == 3

    app = show("compare", saved={"same": view.scenario})
    assert app.multiselect[0].value == ["as opened", "same"]

    app.multiselect[0].set_value(["forge_oxide_only", "present"]).run()

    assert not app.exception
    assert any("other goods or regions" in warning.value for warning in app.warning)


def test_compare_asks_for_a_scenario_and_forgets_a_kept_one(show, view: View):
    saved = {"kept": view.scenario}
    app = show("compare", saved=saved)

    app.multiselect[0].set_value([]).run()
    assert any("Choose at least one" in info.value for info in app.info)

    app.button(key="forget_kept").click().run()
    assert saved == {}


def test_a_kept_scenario_is_opened_again(show, view: View):
    dear = view.scenario.but({"policies.floor.level.prices.oxide": "80 USD/kg"})
    saved = {"dear": dear}
    app = show("compare", saved=saved)
    assert app.multiselect[0].value == ["as opened", "dear", "present"]

    app.button(key="open_dear").click().run()
    assert app.multiselect[0].value == ["as opened", "dear"]  # the present one is the kept one
    assert saved == {"dear": dear}


@pytest.mark.parametrize("name", ["present", "as opened", "forge_oxide_only", "no policy", "good"])
def test_compare_keeps_nothing_under_the_name_of_something_else(show, name: str):
    saved: dict[str, pricing.Scenario] = {}
    app = show("compare", saved=saved)
    app.text_input(key="variant_name").set_value(name)
    next(button for button in app.button if button.label == "Keep").click().run()

    assert not app.exception
    assert saved == {}
    assert any("Choose another name" in error.value for error in app.error)


def test_a_column_has_room_for_its_longest_number(show):
    show("compare")
    from pricing_ui.table_block import AROUND, DIGIT, roomy

    rows = pd.DataFrame({"n": [1.5, 12_345.25, None], "empty": [None] * 3, "word": ["a"] * 3})
    given = {"n": {"label": "N"}}

    found = roomy(rows.astype({"empty": float}), given)
    assert set(found) == {"n", "empty"}
    assert found["n"] == {"label": "N", "width": DIGIT * len("12345.2500") + AROUND}
    assert given == {"n": {"label": "N"}}
