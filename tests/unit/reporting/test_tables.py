"""The tidy table: columns, units, keys, and numbers that can be checked by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

import pricing
from pricing.reporting.tidy import COLUMNS, KEYS, UNITS, Table
from tests.support.two_stage import CHAIN, FLOOR, TARIFF, changed, export_ban, pick


def test_rows_hold_plain_values_in_the_agreed_columns_and_units(floor: pricing.Result):
    for row in floor.records:
        assert tuple(row) == COLUMNS
        assert type(row["value"]) is float
        assert math.isfinite(row["value"])
        assert row["unit"] in UNITS
        assert row["year"] == 2024
        for label in set(COLUMNS) - {"value", "year"}:
            assert row[label] is None or type(row[label]) is str


def test_labels_tell_all_rows_apart(floor: pricing.Result):
    keys = [tuple(row[name] for name in KEYS) for row in floor.records]

    assert len(set(keys)) == len(keys)


def test_table_has_no_nan_and_the_same_rows(floor: pricing.Result):
    table = floor.table()

    assert tuple(table.columns) == COLUMNS
    assert len(table) == len(floor.records)
    assert table["value"].dtype == "float64"
    assert not table.map(lambda cell: isinstance(cell, float) and math.isnan(cell)).any(axis=None)
    assert table.loc[table["variable"] == "use", "partner"].isna().all()


def test_reference_stands_beside_the_scenario(floor: pricing.Result):
    names = {row["scenario"] for row in floor.records}

    assert names == {"two_stage_floor", "two_stage_floor (no policy)"}


def test_no_policy_gives_the_benchmark_numbers(untouched: pricing.Result):
    assert pick(
        untouched, "production", good="oxide", region="Alpha", process=None
    ) == pytest.approx(100)
    assert pick(untouched, "production", process="magnet_beta") == pytest.approx(400)
    assert pick(untouched, "use", good="oxide", region="Beta") == pytest.approx(200)
    assert pick(untouched, "input_use", process="magnet_beta") == pytest.approx(200)
    assert pick(untouched, "demand", region="Alpha", process="motors") == pytest.approx(350)
    assert pick(
        untouched, "flow", good="magnet", region="Outside", partner="Alpha"
    ) == pytest.approx(300)
    assert pick(untouched, "producer_price", good="oxide", region="Outside") == pytest.approx(
        50_000
    )


def test_own_use_has_the_region_as_partner(untouched: pricing.Result):
    assert pick(untouched, "flow", good="magnet", region="Beta", partner="Beta") == pytest.approx(
        350
    )
    assert pick(untouched, "landed_price", good="magnet", region="Beta", partner="Beta") == 55_000


def test_landed_price_and_duty_by_hand(untouched: pricing.Result):
    # FOB 40,000; insurance 1 %, freight 1,000: CIF 41,400. Alpha charges 5 % on FOB, Beta on CIF.
    where = {"good": "magnet", "region": "Outside"}

    assert pick(untouched, "duty", partner="Alpha", **where) == pytest.approx(2_000)
    assert pick(untouched, "duty", partner="Beta", **where) == pytest.approx(2_070)
    assert pick(untouched, "landed_price", partner="Alpha", **where) == pytest.approx(43_400)
    assert pick(untouched, "landed_price", partner="Beta", **where) == pytest.approx(43_470)


def test_buyer_price_is_the_average_landed_price_and_the_index_at_the_benchmark(
    untouched: pricing.Result,
):
    # Beta buys 350 t at home for 55,000 and 300 t from Outside for 43,470.
    average = (350 * 55_000 + 300 * 43_470) / 650

    assert pick(untouched, "buyer_price", good="magnet", region="Beta") == pytest.approx(average)
    assert pick(untouched, "price_index", good="magnet", region="Beta") == pytest.approx(average)


def test_origins_that_make_nothing_have_no_price(untouched: pricing.Result):
    priced = {
        (row["good"], row["region"])
        for row in untouched.records
        if row["variable"] == "producer_price"
    }

    assert priced == {
        ("oxide", "Alpha"),
        ("oxide", "Outside"),
        ("magnet", "Beta"),
        ("magnet", "Outside"),
    }


def test_must_run_output_that_nobody_takes_is_disposed_of(tmp_path: Path):
    chain = CHAIN.read_text(encoding="utf-8")
    old = "capacity: 150 t/yr"
    (tmp_path / "two_stage.yaml").write_text(
        chain.replace(old, f"{old}, minimum: 100 t/yr"), encoding="utf-8"
    )
    (tmp_path / "floor.yaml").write_bytes(FLOOR.read_bytes())
    ban = export_ban("oxide", "Alpha")
    base = pricing.load_scenario(tmp_path / "floor.yaml")
    result = pricing.solve(base.but(policies=[ban], id="stuck"))

    assert pick(result, "disposal", good="oxide", region="Alpha") == pytest.approx(100)
    assert pick(result, "producer_price", good="oxide", region="Alpha") == 0.0


def test_shortage_where_nothing_else_is_on_offer():
    result = changed([export_ban("magnet", "Outside", "Beta", to="Alpha")])

    assert pick(result, "shortage", good="magnet", region="Alpha") > 0.0
    assert pick(result, "use", good="magnet", region="Alpha") == pytest.approx(0.0, abs=1e-9)


def test_capacity_rent_where_capacity_binds():
    result = changed(
        [],
        assumptions={
            "capacities": [
                {"process": "separation_alpha", "capacity": "90 t/yr", "source": "made_up"}
            ]
        },
    )

    assert pick(result, "production", process="separation_alpha") == pytest.approx(90)
    assert pick(result, "capacity", process="separation_alpha") == 90.0
    assert pick(result, "capacity_rent", process="separation_alpha") > 0.0


def test_surplus_changes_add_up_to_the_accounts(floor: pricing.Result):
    changes = [row["value"] for row in floor.records if row["variable"] == "surplus_change"]

    assert sum(changes) == pytest.approx(float(floor.accounts.agents.total[0]))


def test_indicators_and_protection_have_their_own_names(floor: pricing.Result):
    variables = {row["variable"] for row in floor.records}

    assert "indicator_import_dependence" in variables
    assert {"value_added", "value_added_change", "erp_nominal", "erp_equilibrium"} <= variables
    before = 55_000 - 0.5 * (51_000 + 61_100) / 2
    rows = [
        row
        for row in floor.records
        if row["variable"] == "value_added"
        and row["process"] == "magnet_beta"
        and row["scenario"] == "two_stage_floor (no policy)"
    ]
    assert [row["value"] for row in rows] == [pytest.approx(before)]


def test_only_indicators_and_protection_have_rows_for_zones(floor: pricing.Result):
    names = {"Alpha", "Beta", "Outside", None}
    others = {row["variable"] for row in floor.records if row["region"] not in names}

    assert all(name.startswith(("zone_", "world_")) for name in others)
    alone = {row["variable"] for row in floor.records if row["region"] in names}
    assert not any(name.startswith(("zone_", "world_")) for name in alone)


def test_year_is_that_of_the_data_whatever_policies_are_chosen():
    result = changed([], assumptions={"year": 2030})

    assert {row["year"] for row in result.records} == {2024}


def test_surplus_changes_and_the_cost_of_public_funds_add_up_to_the_net():
    result = changed([TARIFF], assumptions={"cost_of_public_funds": "1.3 1"})
    summed = {"surplus_change", "public_funds_cost"}
    total = sum(row["value"] for row in result.records if row["variable"] in summed)

    assert total == pytest.approx(float(result.accounts.agents.net_welfare.sum()))
    assert pick(result, "public_funds_cost", region="Alpha") > 0.0


def test_other_units_are_refused():
    with pytest.raises(ValueError, match="USD/kg"):
        Table("x", 2024, {}).add("price", 1.0, "USD/kg")


def test_undefined_numbers_have_no_row():
    table = Table("x", 2024, {})
    table.add("price", None, "USD/t")
    table.add("price", math.nan, "USD/t")

    assert table.rows == []


def test_records_survive_json(floor: pricing.Result):
    import json

    content = json.loads(floor.to_json())

    assert list(content) == ["scenario", "hash", "version", "residual", "records"]
    assert content["records"] == floor.records


def test_empty_table_keeps_its_columns():
    from pricing.reporting.tables import frame

    assert tuple(frame([]).columns) == COLUMNS
    assert isinstance(frame([]), pd.DataFrame)
