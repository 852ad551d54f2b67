"""Comparisons: what differs between two documents and between two results."""

import json

import pytest

import pricing
from pricing.reporting import inputs
from pricing.reporting.compare import _differs, flatten, input_changes, output_changes, to_json
from tests.support.two_stage import FLOOR, export_ban


@pytest.fixture(scope="module")
def comparison() -> pricing.Comparison:
    base = pricing.load_scenario(FLOOR)
    higher = pricing.load_scenario(FLOOR, ("higher",))
    return pricing.compare(base, higher.but(id="higher"))


def test_inputs_that_differ_have_paths_with_ids(comparison: pricing.Comparison):
    table = comparison.inputs()

    assert table.to_dict("records") == [
        {
            "path": "policies.floor.level.prices.oxide",
            "baseline": "70 USD/kg",
            "scenario": "80 USD/kg",
        },
        {
            "path": "policies.floor.level.prices.magnet",
            "baseline": "60 USD/kg",
            "scenario": "70 USD/kg",
        },
    ]


def test_policies_that_one_side_lacks(floor: pricing.Result, untouched: pricing.Result):
    changes = input_changes(untouched.scenario, floor.scenario)
    kind = next(row for row in changes if row["path"] == "policies.floor.kind")

    assert (kind["baseline"], kind["scenario"]) == (None, "reference_price")
    assert all(row["baseline"] is None for row in changes)


def test_flatten_keeps_quantities_whole():
    node = {
        "id": "x",
        "zones": {"a": ["A", "B"]},
        "empty": {},
        "list": [{"price": {"value": 1.5, "unit": "USD/kg", "basis": "t metal"}}],
        "share": {"value": 0.5, "unit": "1"},
    }

    assert flatten(node) == {
        "id": "x",
        "zones.a": "A, B",
        "list.0.price": "1.5 USD/kg",
        "list.0.price.basis": "t metal",
        "share": "0.5",
    }


def test_outputs_are_joined_on_their_labels(comparison: pricing.Comparison):
    table = comparison.table()
    rows = table[
        (table["variable"] == "landed_price")
        & (table["good"] == "magnet")
        & (table["region"] == "Outside")
        & (table["partner"] == "Alpha")
    ]

    assert rows["baseline"].to_list() == pytest.approx([60_000])
    assert rows["scenario"].to_list() == pytest.approx([70_000])
    assert rows["difference"].to_list() == pytest.approx([10_000])
    assert rows["relative"].to_list() == pytest.approx([1 / 6])


def test_missing_volumes_are_zero_and_missing_prices_are_null(floor: pricing.Result):
    base = floor.scenario
    ban = export_ban("oxide", "Outside", to="Beta")
    rows = output_changes(floor, pricing.solve(base.but(policies=[ban], id="banned")))
    route = [
        r for r in rows if (r["good"], r["region"], r["partner"]) == ("oxide", "Outside", "Beta")
    ]
    price = next(r for r in route if r["variable"] == "landed_price")
    money = next(r for r in route if r["variable"] == "money")

    assert price["scenario"] is None
    assert price["difference"] is None
    assert money["scenario"] == 0.0
    assert money["relative"] == -1.0


def test_same_scenario_twice_differs_in_nothing(floor: pricing.Result):
    twice = pricing.Comparison(floor, floor)

    assert twice.inputs().empty
    assert twice.table().empty
    assert "no difference" in twice.report()


def test_rounding_is_no_difference():
    row = {"baseline": 0.0, "scenario": 1e-9, "unit": "t"}

    assert not _differs(row)
    assert _differs(row | {"scenario": 1e-3})
    assert _differs(row | {"scenario": None})


def test_public_objects_are_what_reports_read(
    comparison: pricing.Comparison, floor: pricing.Result
):
    assert isinstance(floor, inputs.Result)
    assert isinstance(comparison, inputs.Comparison)


def test_report_lists_inputs_before_outputs(comparison: pricing.Comparison):
    text = comparison.report()

    assert max(len(line) for line in text.splitlines()) <= 80
    assert text.index("INPUTS THAT DIFFER (2)") < text.index("PRICES EX WORKS, USD/kg")
    assert "policies.floor.level.prices.oxide: 70 USD/kg -> 80 USD/kg" in text
    assert "numbers differ in all" in text


def test_names_are_never_cut():
    from pricing.reporting.words import row_of

    name = "  a good with a name, a region with a very long name of its own"
    assert row_of(name, 46, "cells") == [name, " " * 46 + "cells"]


def test_lower_average_under_a_higher_floor_is_explained():
    from pricing.reporting.compare import _cheaper_under_a_higher_floor

    place = {"good": "oxide", "region": "Alpha"}
    rows = [
        {"variable": "reference_price", "difference": 10.0, **place},
        {"variable": "buyer_price", "difference": -1.0, **place},
    ]

    hint = " ".join(_cheaper_under_a_higher_floor(rows))
    assert "oxide in Alpha" in hint
    assert "who is bought from changes" in " ".join(hint.split())
    assert not list(_cheaper_under_a_higher_floor(rows[:1]))


def test_long_lists_are_cut(comparison: pricing.Comparison, monkeypatch: pytest.MonkeyPatch):
    from pricing.reporting import compare

    monkeypatch.setattr(compare, "MOST_INPUTS", 1)
    monkeypatch.setattr(compare, "MOST_ROWS", 1)

    assert comparison.report().count("more") >= 2


def test_json_is_one_object(comparison: pricing.Comparison):
    content = json.loads(to_json(comparison))

    assert list(content) == ["baseline", "scenario", "version", "inputs", "outputs"]
    assert content["scenario"]["scenario"] == "higher"
    assert content["outputs"]
