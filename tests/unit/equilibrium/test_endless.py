"""Payments without end, against costs by hand.

Ore costs 10 in Pit, as much as is wanted, and 1 to move to Mill, where a tonne of metal takes two
tonnes of it and 5 of conversion: 27 a tonne. Users buy ``100 - P``.
"""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import pricing
from pricing.errors import EndlessError
from pricing.scenarios.scenario import Scenario
from tests.support.chains import quantity, scenario_on
from tests.support.markets import Markets

COST = 27.0
MONEY = quantity(270.0, "USD")
SHARED = {"upper": quantity(30.0, "USD/t"), "share_up": quantity(0.3, "1")}
"""Thirty per cent of what a price exceeds 30 is handed back."""


def case(policy: dict[str, Any], **mill: Any) -> Scenario:
    markets = Markets(("ore", "metal"), ("Pit", "Mill"))
    markets.supply("ore", "Pit", {"kind": "flat", "cost": quantity(10.0, "USD/t")})
    smelting = {"kind": "flat", "cost": quantity(5.0, "USD/t")}
    inputs = {"ore": quantity(2.0, "t/t")}
    markets.supply("metal", "Mill", smelting, inputs=inputs, **mill)
    markets.demand("metal", "Mill", "linear", 1.0, 50.0, 50.0)
    markets.route("Pit", "Mill", 1.0)
    return scenario_on(markets.chain(), {"region": "Mill"} | policy)


def subsidy(amount: float) -> dict[str, Any]:
    return {"kind": "production_subsidy", "good": "metal", "amount": quantity(amount, "USD/t")}


def guarantee(strike: float, **more: Any) -> dict[str, Any]:
    strike_at = {"strike": quantity(strike, "USD/t")}
    return {"kind": "price_guarantee", "good": "metal", **strike_at, **more}


def bought(floor: float, **more: Any) -> dict[str, Any]:
    floor_at = {"floor": quantity(floor, "USD/t")}
    return {"kind": "intervention_purchase", "good": "metal", **floor_at, **more}


def on_ore(amount: float) -> dict[str, Any]:
    return {"kind": "input_subsidy", "good": "ore", "amount": quantity(amount, "USD/t")}


@pytest.mark.parametrize(
    ("policy", "payment"),
    [
        (subsidy(28.0), 28.0),
        (guarantee(27.5), 27.5),
        (guarantee(27.5, **SHARED), 27.5),
        (on_ore(14.0), 28.0),
        (bought(27.5), 27.5),
    ],
)
def test_a_payment_above_unit_cost(policy: dict[str, Any], payment: float) -> None:
    with pytest.raises(EndlessError, match="output of metal_Mill has no end: 'p0' pays") as caught:
        pricing.solve(case(policy))
    error = caught.value
    assert (error.process, error.policies) == ("metal_Mill", ("p0",))
    assert error.payment == pytest.approx(payment, rel=1e-12)
    assert error.cost == pytest.approx(COST, rel=1e-12)
    assert "Cap the payment" in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    ("policy", "paid"),
    [(subsidy(26.0), 26.0), (guarantee(26.0, **SHARED), 0.0), (on_ore(13.0), 26.0)],
)
def test_below_unit_cost_the_price_takes_the_rest(policy: dict[str, Any], paid: float) -> None:
    state = pricing.solve(case(policy)).solved.state
    assert state.price[0, 1, 1] == pytest.approx(COST - paid, rel=1e-9)
    assert state.level[0, 1] == pytest.approx(100.0 - COST + paid, rel=1e-9)


def test_what_ends_is_solved() -> None:
    """A capacity, or a cap on the tonnes paid for: the rest of the tonnes pay for themselves."""
    full = pricing.solve(case(subsidy(28.0), capacity=quantity(120.0, "t/yr"))).solved.state
    assert full.level[0, 1] == pytest.approx(120.0, rel=1e-9)  # 20 t are thrown away
    for capped in (guarantee(40.0, cap=quantity(60.0, "t/yr")), bought(27.0, budget=MONEY)):
        state = pricing.solve(case(capped)).solved.state
        assert state.price[0, 1, 1] == pytest.approx(COST, rel=1e-9)


def test_the_long_run_at_constant_cost() -> None:
    """The shipped chain: the price of magnets in Japan is 54 USD/kg, and so is their cost there."""
    constant = {"horizon": "long", "expansion": "constant_cost"}
    plain = pricing.load_scenario("baseline").but(assumptions=constant)
    text = {"text": "test", "date": "2026", "grade": "illustrative", "derivation": "for a test"}

    def floor(strike: float) -> Scenario:
        policy = guarantee(strike) | {"good": "magnet", "region": "Japan"}
        policy |= {"id": "floor", "source": "test", "strike": quantity(strike, "USD/kg")}
        return plain.but(policies=(policy,), sources={"test": text})

    with pytest.raises(EndlessError, match="magnet_japan"):
        pricing.solve(floor(56.0))
    assert pricing.solve(floor(53.0)).diagnostics.residual < 1e-8


def test_a_host_whose_output_a_public_buyer_takes_at_any_amount() -> None:
    """What a host earns by its by-product comes on top; its own cost is 10 a tonne."""

    def floor(height: float) -> Scenario:
        markets = Markets(("host", "by"), ("Home",))
        host = markets.supply("host", "Home", {"kind": "flat", "cost": quantity(10.0, "USD/t")})
        feed = {"host": host["id"], "recovery": quantity(0.1, "t/t"), "host_sees_revenue": True}
        flat = {"kind": "flat", "cost": quantity(20.0, "USD/t")}
        markets.supply("by", "Home", flat, by_product_of=feed)
        markets.demand("host", "Home", "linear", 1.0, 50.0, 50.0)
        markets.demand("by", "Home", "linear", 1.0, 50.0, 50.0)
        return scenario_on(markets.chain(), bought(height) | {"good": "host", "region": "Home"})

    with pytest.raises(EndlessError, match="pays 11 USD per tonne even where users pay nothing"):
        pricing.solve(floor(11.0))
    state = pricing.solve(floor(5.0)).solved.state
    # the by-product pays for the rest: 10 = 5 + 0.1 (P - 20), so that users buy 100 - 70 of it
    assert state.level[0] == pytest.approx([300.0, 30.0], rel=1e-9)
    assert state.purchases.sum() == pytest.approx(300.0 - 95.0, rel=1e-9)
