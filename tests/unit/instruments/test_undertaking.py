"""Undertaking: a minimum price, an export quota, and a tariff, by volume and duty."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pricing
from pricing.accounts.notices import Code
from pricing.accounts.regimes import Regime
from pricing.instruments.undertaking import Undertaking
from tests.support.chains import quantity, random_chain, scenario_on
from tests.support.markets import Markets
from tests.support.settings import applied, only_fault, policy

STATED = {
    "good": "metal",
    "origins": ["Mine"],
    "destinations": ["club"],
    "price": "3 USD/kg",
    "volume": "3 kt/yr",
    "fallback": "30 %",
}
CHAIN = random_chain(3, stages=2, regions=5)
GOOD = CHAIN.goods[-1].id
ABROAD, HERE = [region.id for region in CHAIN.regions[1:]], CHAIN.regions[0].id
TARIFF = {
    "kind": "tariff",
    "good": GOOD,
    "destinations": [HERE],
    "rate": quantity(7.0, "%"),
}


def promised(price: float, tonnes: float, fallback: float) -> dict[str, Any]:
    return {
        "kind": "undertaking",
        "good": GOOD,
        "origins": ABROAD,
        "destinations": [HERE],
        "price": quantity(price, "USD/t"),
        "volume": quantity(tonnes, "t/yr"),
        "fallback": quantity(fallback, "%"),
    }


def solved(*policies: dict[str, Any]) -> pricing.Result:
    result = pricing.solve(scenario_on(CHAIN, TARIFF, *policies))
    assert result.diagnostics.residual <= 1e-8
    assert [check.name for check in result.accounts.checks if not check.passed] == []
    return result


def price_now() -> float:
    """Customs value of what comes from abroad with the tariff alone, on average [USD/t]."""
    state = solved().solved.state
    flow = state.flow[0, -1, 1:, 0]
    return float(flow @ state.price[0, -1, 1:] / flow.sum())


def test_without_end_of_volume_it_is_a_minimum_import_price():
    ceiling = 1.3 * price_now()
    floor = {
        "kind": "minimum_import_price",
        "prices": {GOOD: quantity(ceiling, "USD/t")},
        "origins": ABROAD,
        "destinations": [HERE],
        "compare_at": "fob" if CHAIN.regions[0].customs_value == "fob" else "cif",
    }
    one, other = solved(promised(ceiling, 1e12, 900.0)), solved(floor)

    assert one.solved.state.price == pytest.approx(other.solved.state.price, rel=1e-7)
    trade = one.solved.program.open_arcs
    landed = [result.solved.state.landed[0][trade] for result in (one, other)]
    assert landed[0] == pytest.approx(landed[1], rel=1e-7)
    rents = [result.accounts.agents.exporters[0] for result in (one, other)]
    assert rents[0].sum() > 0.0
    assert rents[0] == pytest.approx(rents[1], rel=1e-6)


def test_with_next_to_no_volume_it_is_a_tariff():
    duty = {"kind": "tariff", "good": GOOD, "destinations": [HERE], "rate": quantity(12.0, "%")}
    one, other = solved(promised(1.5 * price_now(), 1e-9, 12.0)), solved(duty)

    assert one.solved.state.price == pytest.approx(other.solved.state.price, rel=1e-7)
    takes = [result.accounts.agents.treasuries[0] for result in (one, other)]
    assert takes[0] == pytest.approx(takes[1], rel=1e-6)


def test_a_price_dearer_than_the_duty_is_kept_by_nobody_and_its_volume_is_not_used_up():
    duty = {"kind": "tariff", "good": GOOD, "destinations": [HERE], "rate": quantity(12.0, "%")}
    tonnes = 0.2 * float(solved().solved.state.flow[0, -1, 1:, 0].sum())
    one, other = solved(promised(1.5 * price_now(), tonnes, 12.0)), solved(duty)

    assert one.solved.state.price == pytest.approx(other.solved.state.price, rel=1e-9)
    assert np.abs(one.accounts.agents.exporters).max() == pytest.approx(0.0, abs=1e-6)
    rows = [row for row in one.accounts.regimes if row.instrument == "undertaking"]
    assert {row.regime for row in rows} == {Regime.BINDING}
    assert [w.subject for w in one.warnings if w.code is Code.PROMISE_NOT_KEPT] == ["p1"]

    flooded = solved(promised(1.02 * price_now(), tonnes, 12.0))
    rows = [row for row in flooded.accounts.regimes if row.instrument == "undertaking"]
    assert Regime.EXHAUSTED in {row.regime for row in rows}
    assert flooded.accounts.agents.exporters.sum() > 0.0
    assert Code.PROMISE_NOT_KEPT not in {w.code for w in flooded.warnings}


def test_more_volume_never_lowers_imports_nor_raises_the_treasurys_take():
    volumes = np.array([0.01, 0.2, 0.5, 0.8, 1.2])
    traded = float(solved().solved.state.flow[0, -1, 1:, 0].sum())
    imports, takes = [], []
    for share in volumes:
        result = solved(promised(1.05 * price_now(), share * traded, 25.0))
        imports.append(float(result.solved.state.flow[0, -1, 1:, 0].sum()))
        takes.append(float(result.accounts.agents.treasuries[0].sum()))

    assert np.all(np.diff(imports) >= -1e-6 * traded)
    assert np.all(np.diff(takes) <= 1e-6 * takes[0])


def test_a_price_that_is_asked_anyway_changes_nothing():
    alone, beside = solved(), solved(promised(0.1 * price_now(), 1e12, 50.0))

    assert beside.solved.state.price == pytest.approx(alone.solved.state.price, rel=1e-9)
    assert np.abs(beside.accounts.agents.exporters).max() == 0.0


def test_one_volume_and_three_limits_a_route():
    terms = applied(policy(Undertaking, **STATED))
    volume, *others = terms.limits

    assert (volume.constant, volume.acts_on_arcs.size) == (3000.0, 2)
    assert len(others) == 6
    assert sum(limit.over_quota for limit in others) == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"good": "oar"}, "policies.p.good"),
        ({"origins": ["x"]}, "policies.p.origins"),
        ({"destinations": ["x"]}, "policies.p.destinations"),
    ],
)
def test_unknown_names(change: dict[str, object], field: str):
    assert only_fault(policy(Undertaking, **STATED | change)).field == field


@pytest.mark.parametrize(
    ("change", "says"),
    [({"volume": "0 t/yr"}, "use a tariff"), ({"fallback": "0 %"}, "state one above zero")],
)
def test_without_volume_or_duty_it_is_something_else(change: dict[str, object], says: str):
    with pytest.raises(ValueError, match=says):
        policy(Undertaking, **STATED | change)


def test_beside_a_levy_on_the_same_routes_it_is_refused():
    levy = {
        "kind": "reference_price",
        "zone": [HERE],
        "level": {"kind": "fixed", "prices": {GOOD: "9 USD/kg"}},
        "mechanism": {"kind": "border_levy"},
    }
    with pytest.raises(pricing.InputError, match="both hold up the price"):
        solved(levy, promised(1e4, 10.0, 20.0))


def market(customs: str) -> Markets:
    """Wheat that one region buys from two others, each with a freight and a duty of its own."""
    of = Markets(("wheat",), ("Buyer", "Near", "Far"), customs)
    of.demand("wheat", "Buyer", "linear", 1.0, 100.0, 2.0)
    for seller, freight, duty in (("Near", 0.1, 0.05), ("Far", 0.3, 0.2)):
        of.supply("wheat", seller, of.curve("linear", 1.0, 50.0, 1.5))
        of.route(seller, "Buyer", freight)
        of.duty("Buyer", seller, duty)
    return of


def wheat(price: float, *origins: str) -> dict[str, Any]:
    return promised(price, 1e3, 500.0) | {
        "good": "wheat",
        "origins": list(origins),
        "destinations": ["Buyer"],
    }


@pytest.mark.parametrize(
    ("customs", "price", "landed"),
    [("cif", 1.9, 1.9 * 1.2), ("fob", 1.5, 1.5 * 1.2 + 0.3)],
)
def test_of_one_origin_of_a_homogeneous_good_the_price_is_the_customs_value(
    customs: str, price: float, landed: float
):
    """Worked by hand: a duty of 20 % comes on top of it, and on FOB a freight of 0.3."""
    result = pricing.solve(scenario_on(market(customs).chain(), wheat(price, "Far")))
    state = result.solved.state

    assert state.flow[0, 0, 2, 0] > 1.0
    assert state.landed[0, 0, 2, 0] == pytest.approx(landed, rel=1e-9)
    assert state.index[0, 0, 0] == pytest.approx(landed, rel=1e-9)
    assert [check.name for check in result.accounts.checks if not check.passed] == []
    assert Code.ONE_LEVY not in [warning.code for warning in result.warnings]


def test_several_origins_of_a_homogeneous_good_ask_one_gap_and_results_say_so():
    result = pricing.solve(scenario_on(market("cif").chain(), wheat(2.6, "Near", "Far")))
    state = result.solved.state

    assert state.index[0, 0, 0] == pytest.approx(2.6, rel=1e-9)
    rent = state.landed[0, 0, 1:, 0] / [1.05, 1.2] - state.price[0, 0, 1:] - [0.1, 0.3]
    assert rent[0] == pytest.approx(rent[1], rel=1e-9)
    (warning,) = [found for found in result.warnings if found.code is Code.ONE_LEVY]
    assert "held against the delivered price, duties included" in warning.text
    assert [check.name for check in result.accounts.checks if not check.passed] == []


def test_two_undertakings_towards_one_buyer_of_a_homogeneous_good_are_refused():
    one, other = wheat(1.9, "Near") | {"id": "near"}, wheat(1.9, "Far") | {"id": "far"}
    with pytest.raises(pricing.InputError, match="who sells to them would be open"):
        pricing.solve(scenario_on(market("cif").chain(), one, other))


def minimum(price: float, origin: str) -> dict[str, Any]:
    return {
        "kind": "minimum_import_price",
        "id": f"minimum of {origin}",
        "prices": {"wheat": f"{price} USD/t"},
        "origins": [origin],
        "destinations": ["Buyer"],
        "compare_at": "duty_paid",
    }


@pytest.mark.parametrize(
    ("promise", "floor", "price"),
    [
        (("Far", 1.9), ("Near", 2.0), 2.28),
        (("Far", 1.9), ("Near", 2.5), 2.5),
        (("Near", 1.9), ("Far", 2.28), 2.28),
        (("Near", 1.7), ("Far", 2.4), 2.4),
    ],
)
def test_beside_a_minimum_price_of_another_origin_the_lower_floor_sells_all_it_offers(
    promise: tuple[str, float], floor: tuple[str, float], price: float
):
    """The promise is 1.9 x 1.2 = 2.28 delivered from Far, and 1.05 times as much from Near.

    Buyers pay the higher of the two floors. The origin of the lower one sells what it makes at that
    price, ``50 / 1.5`` a dollar ex works; the other the rest of ``200 - 50 P``.
    """
    policies = wheat(promise[1], promise[0]), minimum(floor[1], floor[0])
    result = pricing.solve(scenario_on(market("cif").chain(), *policies))
    state = result.solved.state
    assert state.index[0, 0, 0] == pytest.approx(price, rel=1e-9)

    delivered = promise[1] * {"Near": 1.05, "Far": 1.2}[promise[0]]
    free = promise[0] if delivered < floor[1] else floor[0]
    ex_works = {"Near": price / 1.05 - 0.1, "Far": price / 1.2 - 0.3}[free]
    sold = {"Near": state.flow[0, 0, 1, 0], "Far": state.flow[0, 0, 2, 0]}
    assert sold[free] == pytest.approx(ex_works * 50.0 / 1.5, rel=1e-7)
    assert sum(sold.values()) == pytest.approx(200.0 - 50.0 * price, rel=1e-7)
    assert all(check.passed for check in result.accounts.checks)


def test_beside_a_minimum_price_that_its_origin_cannot_reach_nothing_comes_from_there():
    """Near covers all use below 2.5: ``200 - 50 P = (P / 1.05 - 0.1) 50 / 1.5``."""
    policies = wheat(1.9, "Near"), minimum(2.5, "Far")
    state = pricing.solve(scenario_on(market("cif").chain(), *policies)).solved.state
    price = (200.0 + 5.0 / 1.5) / (50.0 + 50.0 / 1.5 / 1.05)
    assert state.index[0, 0, 0] == pytest.approx(price, rel=1e-9)
    assert state.flow[0, 0, 2, 0] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    "policies",
    [
        (wheat(1.9, "Far"), minimum(2.28, "Near")),
        (minimum(2.28, "Near"), wheat(1.9, "Far")),
        (minimum(2.0, "Near"), minimum(2.0, "Far")),
    ],
)
def test_two_floors_at_one_price_of_a_homogeneous_good_are_refused(
    policies: tuple[dict[str, Any], ...],
):
    """A promise of 1.9 from Far lands at 1.9 x 1.2 = 2.28."""
    with pytest.raises(pricing.InputError, match=r"to the same 2.* who sells to them would"):
        pricing.solve(scenario_on(market("cif").chain(), *policies))
