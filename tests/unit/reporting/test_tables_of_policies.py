"""Rows of the tidy table that policies add."""

from __future__ import annotations

import pytest

import pricing
from tests.support.two_stage import FLOOR, STOCK, STRIKE, changed, export_ban, pick


def test_levy_closes_the_gap_to_the_reference(floor: pricing.Result):
    landed = {"good": "magnet", "region": "Outside", "partner": "Beta"}
    price = pick(floor, "producer_price", good="magnet", region="Outside")
    cif = 1.01 * price + 1_000
    levy = pick(floor, "levy", instrument="reference_price", **landed)

    assert pick(floor, "landed_price", **landed) == pytest.approx(60_000)
    assert levy == pytest.approx(60_000 - 1.05 * cif)
    assert pick(floor, "reference_price", good="magnet", region="Beta") == 60_000
    paid = pick(floor, "money", instrument="reference_price", **landed)
    assert paid == pytest.approx(levy * pick(floor, "flow", **landed))


def test_covered_routes_without_a_gap_show_a_levy_of_zero():
    result = changed(
        [
            {
                "id": "low",
                "kind": "reference_price",
                "zone": ["allies"],
                "level": {"kind": "fixed", "prices": {"magnet": "1 USD/kg"}},
                "mechanism": {"kind": "border_levy"},
                "source": "made_up",
            }
        ]
    )

    assert pick(result, "levy", good="magnet", region="Outside", partner="Alpha") == 0.0


def test_captured_rent_raises_the_customs_value():
    capture = "policies.floor.mechanism.rent_capture"
    base = pricing.load_scenario(FLOOR)
    result = pricing.solve(base.but({capture: "100 %"}, id="captured"))
    where = {"good": "magnet", "region": "Outside", "partner": "Alpha"}
    price = pick(result, "producer_price", good="magnet", region="Outside")
    rent = pick(result, "seller_rent", **where)

    assert pick(result, "levy", **where) == 0.0
    assert pick(result, "duty", **where) == pytest.approx(0.05 * (price + rent))
    fob = price + rent
    assert pick(result, "landed_price", **where) == pytest.approx(1.01 * fob + 1_000 + 0.05 * fob)


def test_uniform_levy_is_a_row_by_route_and_a_multiplier_by_importer():
    base = pricing.load_scenario(FLOOR)
    result = pricing.solve(
        base.but({"policies.floor.mechanism": {"kind": "uniform_levy"}}, id="uniform")
    )
    levy = pick(result, "levy", good="magnet", region="Outside", partner="Beta")

    assert levy > 0.0
    assert pick(result, "multiplier", good="magnet", region="Beta", policy="floor") == levy
    assert pick(result, "producer_price", good="magnet", region="Beta") == pytest.approx(60_000)


def test_guarantee_support_purchases_and_multiplier():
    result = changed([STRIKE | {"cap": "100 t/yr"}, STOCK])
    bought = pick(result, "purchases", good="magnet", region="Beta")

    assert bought > 0.0
    assert pick(result, "producer_price", good="magnet", region="Beta") == pytest.approx(60_000)
    assert pick(result, "multiplier", policy="stock") == pytest.approx(bought)
    assert pick(result, "multiplier", policy="strike", process="separation_alpha") > 0.0
    assert pick(result, "support", process="separation_alpha") >= 0.0
    assert pick(result, "stock_value", good="magnet", region="Beta") > 0.0


def test_quota_multiplier_stands_at_the_importers():
    result = changed(
        [
            {
                "id": "limit",
                "kind": "import_quota",
                "good": "magnet",
                "destinations": ["allies"],
                "origins": ["Outside"],
                "quota": "300 t/yr",
                "rent_to": "exporter",
                "source": "made_up",
            }
        ]
    )
    where = {"good": "magnet", "instrument": "import_quota", "policy": "limit"}
    rent = pick(result, "multiplier", region="Alpha", **where)

    assert rent == pick(result, "multiplier", region="Beta", **where) > 0.0
    assert pick(result, "seller_rent", good="magnet", partner="Alpha") == pytest.approx(rent)
    flows = [
        row["value"]
        for row in result.records
        if row["scenario"] == "changed"
        and row["variable"] == "flow"
        and row["good"] == "magnet"
        and row["region"] == "Outside"
        and row["partner"] != "Outside"
    ]
    assert sum(flows) == pytest.approx(300)


def test_banned_route_has_a_flow_of_zero_and_no_price():
    result = changed([export_ban("oxide", "Outside", to="Beta")])
    own = [row for row in result.records if row["scenario"] == "changed"]
    route = {"good": "oxide", "region": "Outside", "partner": "Beta"}

    assert pick(result, "flow", **route) == 0.0
    prices = [row for row in own if row["variable"] == "landed_price"]
    assert not [row for row in prices if all(row[k] == v for k, v in route.items())]


def test_two_policies_of_a_kind_have_rows_of_their_own():
    """Two tariffs on one route: duty, payment and treasury of each, and their sum in the ledger."""
    rates = {"low": 0.1, "high": 0.3}
    route = {"good": "magnet", "origins": ["Outside"], "destinations": ["Beta"]}
    result = changed(
        [
            {"kind": "tariff", "id": name, "source": "made_up", **route}
            | {"rate": {"value": rate, "unit": "1"}}
            for name, rate in rates.items()
        ]
    )
    where = {"good": "magnet", "region": "Outside", "partner": "Beta", "instrument": "tariff"}
    duty, paid = (
        {name: pick(result, what, policy=name, **where) for name in rates}
        for what in ("duty", "money")
    )
    got = {
        name: pick(result, "surplus_change", region="Beta", receiver="treasuries", policy=name)
        for name in rates
    }
    assert duty["high"] == pytest.approx(3.0 * duty["low"], rel=1e-12)
    assert paid["high"] == pytest.approx(3.0 * paid["low"], rel=1e-12)
    assert got == pytest.approx(paid, rel=1e-12)
    columns = result.accounts.ledger.columns
    of_tariffs = columns["amount"][columns["instrument"] == "tariff"]
    assert sum(paid.values()) == pytest.approx(float(of_tariffs.sum()), rel=1e-12)


def test_treasury_lines_name_their_instrument(floor: pricing.Result):
    line = pick(
        floor,
        "surplus_change",
        region="Alpha",
        receiver="treasuries",
        instrument="reference_price",
        policy="floor",
    )
    levies = pick(floor, "money", instrument="reference_price", partner="Alpha")

    assert line == pytest.approx(levies)
