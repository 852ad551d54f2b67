"""Arithmetic vectors for contracts and duties, through the public library.

Sources: MP Materials' price protection agreement (2025), Lynas-JARE (2026), and the stacked duty of
a real tariff line; each result was computed by hand.
"""

from __future__ import annotations

from typing import Any

import pytest

import pricing
from tests.support.chains import quantity, scenario_on, two_lines


def guaranteed(price: float, tonnes: float, **terms: Any) -> pricing.Result:
    """Makers at capacity, so that price and output stay where they are."""
    chain = two_lines(price, tonnes, 0.5, 0.5, capacity=tonnes)
    policy = {"kind": "price_guarantee", "good": "wheat", "region": "Home", **terms}
    return pricing.solve(scenario_on(chain, policy))


def treasury(result: pricing.Result) -> float:
    """Change in the purse of all treasuries [USD]."""
    return float(result.accounts.agents.treasuries.sum())


def test_one_sided_guarantee() -> None:
    """M = 62, K = 110 USD/kg, 718 t: pays 34.464 million USD."""
    result = guaranteed(62e3, 718.0, strike="110 USD/kg")
    assert treasury(result) == pytest.approx(-34.464e6, rel=1e-9)


def test_upside_share() -> None:
    """M = 123, K = U = 110 USD/kg, share 30 %: the producer keeps 119.1 USD/kg.

    A cap that never binds settles the share as a lump sum, so that output and M stay put.
    """
    result = guaranteed(
        123e3,
        1000.0,
        strike="110 USD/kg",
        upper="110 USD/kg",
        share_up=quantity(30, "%"),
        cap_up="1 billion USD",
    )
    kept = 123e3 - treasury(result) / 1000.0
    assert kept == pytest.approx(119.1e3, rel=1e-9)


@pytest.mark.parametrize(
    ("market", "handed_back"),
    [(140.0, 0.0), (156.0, 9.0e6), (156.0 + 2.0 / 3.0, 10.0e6), (170.0, 10.0e6)],
)
def test_capped_upside_of_a_buyers_floor(market: float, handed_back: float) -> None:
    """5,000 t/yr, 30 % above 150 USD/kg, at most 10 million USD a year: binds above 156.67."""
    result = guaranteed(
        market * 1e3,
        5000.0,
        strike="110 USD/kg",
        upper="150 USD/kg",
        share_up=quantity(30, "%"),
        cap_up="10 million USD",
    )
    assert treasury(result) == pytest.approx(handed_back, rel=1e-9, abs=1e-6)


def test_stacked_duty() -> None:
    """Value 14,172.00; 2.9 % + 25 % + 50 %, all on customs value: 11,039.99, which is 77.90 %."""
    chain = two_lines(14172.0, 100.0, 0.5, 0.5, regions=("Maker", "Buyer"))
    layers = [
        {
            "kind": "tariff",
            "good": "wheat",
            "destinations": ["Buyer"],
            "rate": quantity(rate, "%"),
        }
        for rate in (2.9, 25.0, 50.0)
    ]
    result = pricing.solve(scenario_on(chain, *layers))
    state = result.solved.state
    price, tonnes = float(state.price[0, 0, 0]), float(state.flow[0, 0, 0, 1])
    duty = treasury(result) / tonnes
    assert duty / price == pytest.approx(0.779, rel=1e-12)
    assert round(duty / price * 14172.0, 2) == 11039.99


def test_tariff_on_straight_lines_between_two_countries() -> None:
    """Exports 20 + 20 P, imports 100 - 20 P, duty 0.5: 100 - 20 (P + 0.5) = 20 + 20 P at 1.75."""
    chain = two_lines(2.0, 60.0, 40.0 / 60.0, 40.0 / 60.0, regions=("Maker", "Buyer"))
    duty = {
        "kind": "tariff",
        "good": "wheat",
        "destinations": ["Buyer"],
        "specific": "0.5 USD/t",
    }
    result = pricing.solve(scenario_on(chain, duty))
    state = result.solved.state
    assert state.price[0, 0, 0] == pytest.approx(1.75, rel=1e-9)
    assert state.landed[0, 0, 0, 1] == pytest.approx(2.25, rel=1e-9)
    assert state.flow[0, 0, 0, 1] == pytest.approx(55.0, rel=1e-9)
    assert treasury(result) == pytest.approx(27.5, rel=1e-9)


def test_variable_levy_lands_at_the_trigger_price() -> None:
    """One outsider, no home output: a border levy lifts the landed price to the reference."""
    chain = two_lines(2.0, 60.0, 40.0 / 60.0, 40.0 / 60.0, regions=("Maker", "Buyer"))
    policy = {
        "kind": "reference_price",
        "zone": ["Buyer"],
        "level": {"kind": "fixed", "prices": {"wheat": "2.6 USD/t"}},
        "mechanism": {"kind": "border_levy", "compare_at": "cif"},
    }
    result = pricing.solve(scenario_on(chain, policy))
    state = result.solved.state
    # Imports 100 - 20 x 2.6 = 48 are made at (48 - 20) / 20 = 1.4, so the levy is 1.2.
    assert state.flow[0, 0, 0, 1] == pytest.approx(48.0, rel=1e-9)
    assert state.price[0, 0, 0] == pytest.approx(1.4, rel=1e-9)
    assert treasury(result) == pytest.approx(48.0 * 1.2, rel=1e-9)


def test_import_quota_gives_the_rent_of_the_equivalent_tariff() -> None:
    """A quota of 55 on the same lines: rent 0.5 a tonne, to licence holders."""
    chain = two_lines(2.0, 60.0, 40.0 / 60.0, 40.0 / 60.0, regions=("Maker", "Buyer"))
    policy = {
        "kind": "import_quota",
        "good": "wheat",
        "destinations": ["Buyer"],
        "quota": "55 t/yr",
    }
    result = pricing.solve(scenario_on(chain, policy))
    assert result.solved.state.multiplier[0, 0] == pytest.approx(0.5, rel=1e-9)
    rents = float(result.accounts.agents.licence_holders.sum())
    assert rents == pytest.approx(27.5, rel=1e-9)


def test_volume_cap_stops_output_at_the_cap() -> None:
    """Supply 20 + 20 P, strike 2.5 for 65 t: output 65, price 1.75, payment 0.75 x 65."""
    chain = two_lines(2.0, 60.0, 40.0 / 60.0, 40.0 / 60.0)
    policy = {
        "kind": "price_guarantee",
        "good": "wheat",
        "region": "Home",
        "strike": "2.5 USD/t",
        "cap": "65 t/yr",
    }
    result = pricing.solve(scenario_on(chain, policy))
    state = result.solved.state
    assert state.level[0, 0] == pytest.approx(65.0, rel=1e-9)
    assert state.price[0, 0, 0] == pytest.approx(1.75, rel=1e-9)
    assert treasury(result) == pytest.approx(-0.75 * 65.0, rel=1e-9)


def test_budget_rules_differ() -> None:
    """Budget 30 where the uncapped guarantee would pay 70 (strike 2.5).

    With output Q the price is (100 - Q) / 20. Per contract the full gap is paid on Q tonnes, so
    (2.5 - P) Q = 30. Pro rata producers see P + 30 / Q, and supply says Q = 20 + 20 (P + 30 / Q).
    """
    chain = two_lines(2.0, 60.0, 40.0 / 60.0, 40.0 / 60.0)
    base = {
        "kind": "price_guarantee",
        "good": "wheat",
        "region": "Home",
        "strike": "2.5 USD/t",
        "budget": "30 USD",
    }
    contract = pricing.solve(scenario_on(chain, base))
    pro_rata = pricing.solve(scenario_on(chain, base | {"budget_rule": "pro_rata"}))
    # (2.5 - (100 - Q) / 20) Q = 30  <=>  Q^2 / 20 - 2.5 Q - 30 = 0
    by_contract = (2.5 + (2.5**2 + 4 * 30 / 20) ** 0.5) / (2 / 20)
    assert contract.solved.state.level[0, 0] == pytest.approx(by_contract, rel=1e-9)
    # Q = 20 + 100 - Q + 600 / Q  <=>  2 Q^2 - 120 Q - 600 = 0
    by_share = (120 + (120**2 + 4 * 2 * 600) ** 0.5) / 4
    assert pro_rata.solved.state.level[0, 0] == pytest.approx(by_share, rel=1e-9)
    for result in (contract, pro_rata):
        assert treasury(result) == pytest.approx(-30.0, rel=1e-9)
