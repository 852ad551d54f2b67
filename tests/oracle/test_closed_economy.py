"""Published and analytic cases with straight lines, through the public library."""

from __future__ import annotations

import re
from typing import Any

import pytest

import pricing
from tests.support.chains import line_market, quantity, scenario_on
from tests.support.oracles import oracle

EXACT = 1e-9


def line(text: str) -> tuple[float, float]:
    """``100-20P`` or ``20+20*producer_price`` as (100, 20)."""
    match = re.fullmatch(r"(\d+)[-+](\d+)\*?(P|producer_price)", text)
    assert match is not None
    return float(match[1]), float(match[2])


def market(inputs: dict[str, Any]) -> tuple[Any, float]:
    """The chain of a case and its price without policy."""
    (c, d), (a, b) = line(inputs["demand"]), line(inputs["supply"])
    price = (c - a) / (d + b)
    return line_market((a, b), (c, d), price), price


def value(result: pricing.Result, variable: str, **where: str) -> float:
    rows = [
        row
        for row in result.records
        if row["scenario"] == result.scenario.id
        and row["variable"] == variable
        and all(row[key] == wanted for key, wanted in where.items())
    ]
    assert len(rows) == 1, (variable, rows)
    return float(rows[0]["value"])


def change(result: pricing.Result, kind: str) -> float:
    """Change in surplus of one kind of account [USD]."""
    return float(getattr(result.accounts.agents, kind).sum())


def test_deficiency_payment() -> None:
    data = oracle("analytic_deficiency_payment")
    chain, free = market(data["inputs"])
    expected = data["outputs"]["recomputed"]
    assert free == pytest.approx(expected["free_market_price"], rel=EXACT)
    strike = data["inputs"]["strike"]
    policy = {
        "kind": "price_guarantee",
        "good": "wheat",
        "region": "Home",
        "strike": quantity(strike, "USD/t"),
    }
    result = pricing.solve(scenario_on(chain, policy))
    price = value(result, "producer_price", region="Home")
    assert price == pytest.approx(expected["market_price"], rel=EXACT)
    supply = value(result, "production", process="farms")
    assert supply == pytest.approx(expected["supply"], rel=EXACT)
    budget = -change(result, "treasuries")
    assert budget == pytest.approx(expected["budget"], rel=EXACT)
    assert budget / supply == pytest.approx(expected["payment_per_unit"], rel=EXACT)


def test_floor_defended_by_purchases() -> None:
    data = oracle("analytic_floor_purchase_closed")
    chain, _ = market(data["inputs"])
    expected = data["outputs"]["recomputed"]
    result = pricing.solve(scenario_on(chain, purchase(data["inputs"]["floor"])))
    assert value(result, "producer_price", region="Home") == pytest.approx(expected["price"])
    assert value(result, "production", process="farms") == pytest.approx(expected["supply"])
    assert value(result, "use", region="Home") == pytest.approx(expected["demand"], rel=EXACT)
    assert value(result, "purchases", region="Home") == pytest.approx(
        expected["purchases"], rel=EXACT
    )
    assert -change(result, "treasuries") == pytest.approx(expected["gross_cost"], rel=EXACT)
    assert change(result, "users") == pytest.approx(expected["dCS"], rel=EXACT)
    assert change(result, "processes") == pytest.approx(expected["dPS"], rel=EXACT)


def test_united_states_wheat_1985() -> None:
    data = oracle("wheat_1985_price_support_production_quota")
    chain, free = market(data["inputs"])
    expected = data["outputs"]["recomputed"]
    assert free == pytest.approx(expected["free_price"], rel=EXACT)
    result = pricing.solve(scenario_on(chain, purchase(data["inputs"]["support_price"])))
    assert value(result, "production", process="farms") == pytest.approx(
        expected["supply"], rel=EXACT
    )
    assert value(result, "use", region="Home") == pytest.approx(expected["demand"], rel=EXACT)
    assert value(result, "purchases", region="Home") == pytest.approx(
        expected["government_purchases"], rel=EXACT
    )
    cost = -change(result, "treasuries")
    assert cost == pytest.approx(expected["government_cost"], rel=EXACT)
    users, makers = change(result, "users"), change(result, "processes")
    assert users == pytest.approx(expected["dCS"], rel=EXACT)
    assert makers == pytest.approx(expected["dPS"], rel=EXACT)
    net = users + makers - cost
    assert net == pytest.approx(expected["net_welfare_if_stock_worthless"], rel=EXACT)


def test_wheat_1985_with_a_production_limit() -> None:
    """The limit binds at 2,425; the support price stays, so the state buys 143 less."""
    data = oracle("wheat_1985_price_support_production_quota")
    chain, _ = market(data["inputs"])
    expected = data["outputs"]["recomputed"]["with_production_limit_2425"]
    limit = production_quota(data["inputs"]["production_limit"])
    result = pricing.solve(scenario_on(chain, purchase(data["inputs"]["support_price"]), limit))
    assert value(result, "production", process="farms") == pytest.approx(
        expected["supply"], rel=EXACT
    )
    assert value(result, "purchases", region="Home") == pytest.approx(
        expected["government_purchases"], rel=EXACT
    )
    assert -change(result, "treasuries") == pytest.approx(expected["government_cost"], rel=EXACT)
    assert all(check.passed for check in result.accounts.checks)


def test_quota_on_output_at_home() -> None:
    """Inverse demand 14 - Q, inverse supply 2 + Q: a quota of 4 gives a price of 10."""
    data = oracle("acemicro_quota")
    expected = data["outputs"]["published"]
    quota = data["inputs"]["quota"]
    chain = line_market((-2.0, 1.0), (14.0, 1.0), 8.0)
    result = pricing.solve(scenario_on(chain, production_quota(quota)))
    price = value(result, "producer_price", region="Home")
    assert price == pytest.approx(expected["price"], rel=EXACT)
    assert value(result, "production", process="farms") == pytest.approx(quota, rel=EXACT)
    free_surplus = 0.5 * 6.0 * 6.0  # of users and of producers alike
    assert change(result, "users") + free_surplus == pytest.approx(expected["CS"], rel=EXACT)
    assert change(result, "processes") + free_surplus == pytest.approx(expected["PS"], rel=EXACT)
    lost = change(result, "users") + change(result, "processes")
    assert -lost == pytest.approx(expected["DWL"], rel=EXACT)
    assert all(check.passed for check in result.accounts.checks)


def production_quota(tonnes: float) -> dict[str, Any]:
    return {
        "kind": "production_quota",
        "good": "wheat",
        "regions": ["Home"],
        "quota": quantity(tonnes, "t/yr"),
    }


def purchase(floor: float) -> dict[str, Any]:
    return {
        "kind": "intervention_purchase",
        "good": "wheat",
        "region": "Home",
        "floor": quantity(floor, "USD/t"),
    }
