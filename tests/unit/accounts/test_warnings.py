"""Warnings, and the regimes that policies are in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import pricing
from pricing.accounts.notices import Code
from pricing.accounts.origin import not_in_force
from pricing.accounts.regimes import Regime
from tests.support.chains import line_market, quantity, random_chain, scenario_on, two_lines
from tests.unit.accounts.worlds import (
    BORDER,
    ZONE,
    accounts_of,
    codes,
    floor,
    floored,
    levels,
)


def test_floor_not_reached_says_where_goods_land():
    accounts = floored()
    warning = next(w for w in accounts.warnings if w.code is Code.FLOOR_NOT_REACHED)
    assert warning.numbers["internal_price"] < warning.numbers["reference"]
    assert warning.numbers["lowest_landed"] == pytest.approx(warning.numbers["reference"])
    assert "hold" in warning.text


def landing(policy_mechanism, factor):
    """Warnings about a floor on g1, and what they say about goods from outside."""
    chain = random_chain(5, 2, 6, least=0.1)
    policy = floor(policy_mechanism, g1=factor * levels(chain, 1.0)["g1"])
    accounts = accounts_of(scenario_on(chain, policy, **ZONE))
    return [w for w in accounts.warnings if w.code is Code.FLOOR_NOT_REACHED]


def test_floor_that_does_not_hold_at_the_border_does_not_say_so():
    capped = {"kind": "uniform_levy", "max_levy": quantity(1.0, "%")}
    [low] = landing(capped, 3.0)
    assert low.numbers["lowest_landed"] < low.numbers["reference"]
    assert "holds at the border" not in low.text
    assert "below the reference." in low.text

    [early] = landing({**BORDER, "compare_at": "fob"}, 1.3)
    assert early.numbers["lowest_landed"] > early.numbers["reference"]
    assert "holds at the border" not in early.text
    assert "above the reference." in early.text

    [dear] = landing(BORDER, 1000.0)
    assert "Nothing is bought from outside." in dear.text
    assert "lowest_landed" not in dear.numbers


def test_output_that_falls_though_average_value_added_rises():
    scenario = pricing.load_scenario("forge_all_stages")
    result = pricing.solve(scenario.but({"assumptions.benchmark": "proportional"}, id="mixed"))
    found = [w for w in result.accounts.warnings if w.code is Code.NEGATIVE_AT_MARGIN]
    metal = next(w for w in found if w.subject == "metal")
    row = next(p for p in result.accounts.protection if p.subject == "metal_japan")
    assert row.change > 0.0
    k = result.accounts.program.network.processes.index("metal_japan")
    fall = float(result.accounts.state.level[0, k] / result.accounts.base.level[0, k]) - 1.0
    assert fall < -0.005
    assert metal.numbers["metal_japan"] == pytest.approx(fall)
    assert "at the margin inputs cost more" in metal.text


def test_policies_that_are_not_in_force_are_named():
    document = pricing.load_scenario("mp_price_guarantee").document
    early = document.revised(assumptions=document.assumptions.revised(year=2024))
    [warning] = not_in_force(early)
    assert warning.code is Code.NOT_IN_FORCE
    assert warning.subject == document.policies[0].id
    assert "not in force in 2024 (from 2025-10-01 until 2035-09-30)" in warning.text
    assert not list(not_in_force(document))


def test_inverted_floors_are_found():
    chain = random_chain(5, 2, 6, least=0.1)
    price = levels(chain, 1.0)
    policy = floor(BORDER, g0=2.0 * price["g0"], g1=price["g1"])
    accounts = accounts_of(scenario_on(chain, policy, **ZONE))
    assert Code.INVERTED_FLOOR in codes(accounts)
    steep = floor(BORDER, g0=price["g0"], g1=3.0 * price["g1"])
    assert Code.INVERTED_FLOOR not in codes(accounts_of(scenario_on(chain, steep, **ZONE)))


def test_quotas_bind_or_prohibit():
    chain = two_lines(2.0, 60.0, 0.5, 0.5, regions=("Abroad", "Home"))
    quota = {"kind": "import_quota", "good": "wheat", "destinations": ["Home"]}
    tight = accounts_of(scenario_on(chain, {**quota, "quota": quantity(50.0, "t/yr")}))
    assert codes(tight) == [Code.QUOTA_BINDING]
    assert [row.regime for row in tight.regimes] == [Regime.BINDING]
    loose = accounts_of(scenario_on(chain, {**quota, "quota": quantity(70.0, "t/yr")}))
    assert codes(loose) == [Code.NOTHING_CHANGED]
    assert [row.regime for row in loose.regimes] == [Regime.SLACK]


def test_exhausted_levies_purchases_and_budgets():
    chain = random_chain(5, 2, 6, least=0.1)
    price = levels(chain, 1.0)
    uniform = {"kind": "uniform_levy", "max_levy": quantity(1.0, "%")}
    maker = {"good": "g1", "region": "r0"}
    policies = [
        floor(uniform, g1=3.0 * price["g1"]),
        {
            "kind": "intervention_purchase",
            **maker,
            "floor": quantity(2.0 * price["g1"], "USD/t"),
            "cap": quantity(1.0, "t/yr"),
        },
        {
            "kind": "price_guarantee",
            **maker,
            "strike": quantity(2.0 * price["g1"], "USD/t"),
            "budget": quantity(1000.0, "USD"),
        },
    ]
    accounts = accounts_of(scenario_on(chain, *policies, **ZONE))
    found = codes(accounts)
    assert Code.LEVY_EXHAUSTED in found
    assert found.count(Code.LIMIT_EXHAUSTED) == 2
    by_policy = {row.policy: set() for row in accounts.regimes}
    for row in accounts.regimes:
        by_policy[row.policy].add(row.regime)
    assert Regime.EXHAUSTED in by_policy["p0"]
    assert by_policy["p1"] == {Regime.EXHAUSTED}
    assert by_policy["p2"] == {Regime.EXHAUSTED}


def test_a_guarantee_on_an_outside_price_behind_a_floor_pays_twice():
    chain = random_chain(5, 2, 6, least=0.1)
    price = levels(chain, 1.0)
    network = accounts_of(scenario_on(chain, **ZONE)).program.network
    home = next(r for r in ZONE["zones"]["zone"] if network.setting.makers(1, int(r[1])).size)
    pays = {
        "kind": "price_guarantee",
        "good": "g1",
        "region": home,
        "strike": quantity(1.3 * price["g1"], "USD/t"),
        "index": {"kind": "region_price", "region": "r0"},
    }
    behind = floor(BORDER, g1=1.3 * price["g1"])
    assert Code.PAYS_TWICE in codes(accounts_of(scenario_on(chain, behind, pays, **ZONE)))
    assert Code.PAYS_TWICE not in codes(accounts_of(scenario_on(chain, pays, **ZONE)))


def test_trade_that_a_duty_chokes_is_named():
    """Chinese magnets at eleven times their price: users have eleven other origins."""
    scenario = pricing.load_scenario("section_301_magnets")
    [lever] = pricing.levers(scenario)
    mild, choking = (pricing.move(scenario, scenario, lever, rate) for rate in (25.0, 1000.0))
    assert Code.TRADE_SHUT not in codes(pricing.solve(mild).accounts)
    [warning] = [w for w in pricing.solve(choking).accounts.warnings if w.code is Code.TRADE_SHUT]
    base = pricing.solve(mild).accounts.base.flow[0]
    network = pricing.solve(mild).accounts.program.network
    g = network.goods.index("magnet")
    i, j = network.regions.index("China"), network.regions.index("United States")
    assert warning.subject == "section_301"
    assert warning.numbers == {"routes": 1.0, "tonnes": pytest.approx(base[g, i, j])}
    assert f"magnet from China to United States ({base[g, i, j]:,.0f} t)" in warning.text
    assert Code.TRADE_SHUT not in codes(pricing.solve("china_export_ban").accounts)


def test_bans_close_routes_and_starve_makers():
    chain = random_chain(5, 2, 6, least=0.1)
    everywhere = [f"r{n}" for n in range(6)]
    ban = {"kind": "export_ban", "goods": ["g0"], "origins": everywhere, "destinations": ["all"]}
    accounts = accounts_of(scenario_on(chain, ban, **ZONE))
    assert {row.regime for row in accounts.regimes} == {Regime.CLOSED}
    assert Code.ROUTES_WITHOUT_TRADE not in codes(accounts)
    tariff = {"kind": "tariff", "good": "g0", "destinations": ["all"], "rate": "10 %"}
    assert Code.ROUTES_WITHOUT_TRADE in codes(accounts_of(scenario_on(chain, tariff, **ZONE)))
    starved = set(np.flatnonzero(~accounts.program.open_process).tolist())
    shut = {name for w in accounts.warnings if w.code is Code.PROCESS_SHUT for name in w.numbers}
    assert {accounts.program.network.processes[k] for k in starved} <= shut
    for row in accounts.protection[: len(accounts.program.network.processes)]:
        k = accounts.program.network.processes.index(row.subject)
        assert (row.change is None) == (k in starved)


def test_shortage_and_worthless_goods_are_said():
    chain = two_lines(2.0, 60.0, 0.5, 0.5, regions=("Abroad", "Home"))
    data = chain.model_dump()
    data["demands"][0]["curve"]["choke_multiple"] = quantity(1.2, "1")
    chain = type(chain).model_validate(data)
    quota = {
        "kind": "import_quota",
        "good": "wheat",
        "destinations": ["Home"],
        "quota": quantity(5.0, "t/yr"),
    }
    accounts = accounts_of(scenario_on(chain, quota))
    assert Code.SHORTAGE in codes(accounts)
    assert all(check.passed for check in accounts.checks)
    wide = line_market((20.0, 20.0), (100.0, 20.0), 2.0)
    strike = {"kind": "price_guarantee", "good": "wheat", "region": "Home"}
    flooded = accounts_of(scenario_on(wide, {**strike, "strike": quantity(9.0, "USD/t")}))
    # supply at 9 is 200, demand at a price of zero 100
    assert Code.PRICE_ZERO in codes(flooded)
    assert flooded.state.price[0, 0, 0] == 0.0
    assert all(check.passed for check in flooded.checks)


def test_failed_checks_are_the_first_warning():
    accounts = floored()
    broken = replace(accounts.checks[3], error=1.0)
    spoiled = replace(accounts, checks=(*accounts.checks[:3], broken))
    assert spoiled.warnings[0].code is Code.CHECK_FAILED
    assert "volumes" in spoiled.warnings[0].text


def test_a_tariff_is_not_blamed_for_suppliers_that_it_does_not_cover():
    chain = random_chain(5, 2, 6, least=0.1)
    tariff = {"kind": "tariff", "destinations": ["zone"], "rate": quantity(50.0, "%")}
    on_inputs = accounts_of(scenario_on(chain, {**tariff, "good": "g0"}, **ZONE))
    hurt = [w.subject for w in on_inputs.warnings if w.code is Code.NEGATIVE_PROTECTION]
    assert "g1" in hurt
    on_output = accounts_of(scenario_on(chain, {**tariff, "good": "g1"}, **ZONE))
    hurt = [w.subject for w in on_output.warnings if w.code is Code.NEGATIVE_PROTECTION]
    assert "g0" not in hurt


def test_regimes_of_tariffs_and_guarantees():
    chain = random_chain(5, 2, 6, least=0.1)
    price = levels(chain, 1.0)
    tariff = {
        "kind": "tariff",
        "good": "g1",
        "destinations": ["zone"],
        "rate": quantity(50000.0, "%"),
    }
    network = accounts_of(scenario_on(chain, **ZONE)).program.network
    home = next(r for r in network.regions if network.setting.makers(1, int(r[1])).size)
    pays = {"kind": "price_guarantee", "good": "g1", "region": home}
    policies = [
        tariff,
        {**pays, "strike": quantity(0.1 * price["g1"], "USD/t"), "share_down": quantity(50, "%")},
        {**pays, "strike": quantity(1.2 * price["g1"], "USD/t"), "share_down": quantity(10, "%")},
    ]
    accounts = accounts_of(scenario_on(chain, *policies, **ZONE))
    found = {name: set() for name in ("p0", "p1", "p2")}
    for row in accounts.regimes:
        found[row.policy].add(row.regime)
    assert Regime.PROHIBITIVE in found["p0"]
    assert (found["p1"], found["p2"]) == ({Regime.SLACK}, {Regime.BINDING})


@pytest.mark.parametrize("capacity", [30.0, 0.0])
def test_a_capacity_below_what_a_plant_must_make_is_said(capacity: float) -> None:
    chain = two_lines(2.0, 60.0, 1.0, 1.0)
    plants = tuple(p.revised(minimum=quantity(50.0, "t/yr")) for p in chain.processes)
    chain = chain.revised(processes=plants)
    change = {"process": "farms", "capacity": quantity(capacity, "t/yr"), "source": "test"}
    result = pricing.solve(scenario_on(chain, assumptions={"capacities": [change]}))
    (said,) = (w for w in result.warnings if w.code is Code.MINIMUM_LOWERED)
    assert said.text.startswith(
        f"farms must make 50 t, and the scenario gives it a capacity of {capacity:g} t"
    )
    assert result.solved.state.level[0, 0] == pytest.approx(capacity, abs=1e-6)
    assert not [w for w in pricing.solve(scenario_on(chain)).warnings if w.code is said.code]
