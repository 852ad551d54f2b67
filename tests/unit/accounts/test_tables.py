"""Ledger rows, agents, indicators, protection, regimes and warnings, read from outside."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

import pricing
from pricing.accounts.notices import Code
from pricing.accounts.origin import not_in_force
from pricing.accounts.regimes import Regime
from tests.support.chains import line_market, quantity, random_chain, scenario_on, two_lines
from tests.unit.accounts.worlds import ZONE, accounts_of, floor, levels, taxed_chain

BORDER = {"kind": "border_levy"}
SIX = {"United States", "EU", "Japan", "Korea", "Australia", "Malaysia"}


@lru_cache(maxsize=8)
def floored(capture=0.0, factor=1.3):
    """A border floor at every stage of a random chain."""
    chain = random_chain(5, 3, 6, least=0.1)
    mechanism = {**BORDER, "rent_capture": quantity(capture, "1")}
    return accounts_of(scenario_on(chain, floor(mechanism, **levels(chain, factor)), **ZONE))


def indicator(accounts, name, good="", region="", detail=""):
    rows = [
        row
        for row in accounts.indicators
        if (row.name, row.good, row.region, row.detail) == (name, good, region, detail)
    ]
    assert len(rows) == 1, (name, rows)
    return rows[0]


def codes(accounts):
    return [warning.code for warning in accounts.warnings]


def test_rows_carry_labels_and_add_up():
    accounts = floored()
    rows = list(accounts.ledger.rows)
    paid = {row.payer for row in rows}
    process = accounts.program.network.processes[0]
    assert {"sellers:r0", "market:r1", "users:r1/final", f"processes:{process}"} <= paid
    for row in rows:
        assert row.amount == pytest.approx(row.tonnes * row.rate, rel=1e-9, abs=1e-6)
        assert row.money is (row.receiver != "nobody")
    levies = [row for row in rows if row.instrument == "reference_price"]
    assert all(row.receiver == f"treasuries:{row.partner}" for row in levies)
    total = sum(row.amount for row in levies)
    line = accounts.agents.treasury_lines["reference_price", "p0"]
    assert total == pytest.approx(float(line.sum()))


def test_clearing_accounts_keep_nothing():
    accounts = floored()
    balance: dict[str, float] = {}
    for row in accounts.ledger.rows:
        balance[row.payer] = balance.get(row.payer, 0.0) - row.amount
        balance[row.receiver] = balance.get(row.receiver, 0.0) + row.amount
    scale = accounts.checks[0].scale
    for name, left in balance.items():
        if name.startswith(("market:", "sellers:")):
            assert abs(left) < 1e-9 * scale


def test_agents_add_up_to_the_total():
    agents = floored(0.5).agents
    rows = [row for row in agents.rows if row.in_total]
    assert sum(row.change for row in rows) == pytest.approx(float(agents.total[0]))
    assert any(row.account == "exporters" and row.change > 0.0 for row in rows)
    bystanders = [row for row in agents.rows if not row.in_total]
    assert {row.name for row in bystanders} == {"sourcing"}


def test_capture_moves_the_levy_to_exporters_and_nothing_else():
    levy, shared = floored(), floored(1.0)
    assert levy.state.flow == pytest.approx(shared.state.flow, rel=1e-6, abs=1e-6)
    taken = float(levy.agents.treasuries.sum())
    kept = float(shared.agents.exporters.sum())
    # invoices that are raised pay insurance of 2 % on the rise
    assert kept * 1.02 == pytest.approx(taken, rel=1e-6)
    assert Code.RENT_TO_EXPORTERS in codes(shared)
    assert Code.RENT_TO_EXPORTERS not in codes(levy)


def test_prices_and_money_among_the_indicators():
    accounts = floored()
    network, state, base = accounts.program.network, accounts.state, accounts.base
    g, weight = 1, accounts.program.network.setting.benchmark_output[1].copy()
    weight[[0, 4, 5]] = 0.0
    inside = indicator(accounts, "internal_price", "g1", "zone")
    assert inside.value == pytest.approx(float(weight @ state.price[0, g] / weight.sum()))
    assert inside.base == pytest.approx(float(weight @ base.price[0, g] / weight.sum()))
    gap = indicator(accounts, "price_gap", "g1", "zone")
    outside = indicator(accounts, "outside_price", "g1", "zone")
    assert gap.value == pytest.approx(inside.value - outside.value)
    paid = float((state.flow * state.landed)[0, 2, :, 1].sum() / state.flow[0, 2, :, 1].sum())
    assert indicator(accounts, "buyer_price", "g2", "r1").value == pytest.approx(paid)
    local = indicator(accounts, "local_sourcing_elasticity", "g2", "r1")
    assert local.base == pytest.approx(network.sigma[2])
    assert indicator(accounts, "levy_revenue", "", "world").base == 0.0
    assert indicator(accounts, "levy_revenue", "", "world").value == pytest.approx(
        float(accounts.agents.treasuries.sum())
    )
    loss = indicator(accounts, "deadweight_loss", "", "world").value
    assert loss == pytest.approx(-indicator(accounts, "net_welfare", "", "world").value)
    assert loss > 0.0


def test_every_indicator_is_a_number_or_missing():
    for row in (*floored().indicators, *floored().exposure("r0")):
        for number in (row.value, row.base):
            assert number is None or math.isfinite(number)
        assert row.unit in {"USD/t", "t", "USD", "1"}


def test_dependence_by_hand():
    chain = two_lines(2.0, 60.0, 0.5, 0.5, regions=("Abroad", "Home"))
    accounts = accounts_of(scenario_on(chain, zones={"zone": ["Home"]}))
    assert indicator(accounts, "import_dependence", "wheat", "Home").value == pytest.approx(1.0)
    top = indicator(accounts, "top_supplier_share", "wheat", "Home")
    assert (top.partner, top.value) == ("Abroad", pytest.approx(1.0))
    assert indicator(accounts, "supply_herfindahl", "wheat", "Home").value == pytest.approx(1.0)
    assert indicator(accounts, "self_sufficiency", "wheat", "zone").value == 0.0
    risk = {(row.name, row.region): row.value for row in accounts.exposure("Abroad")}
    assert risk["supply_at_risk", "Home"] == pytest.approx(1.0)
    assert risk["value_at_risk", "world"] == pytest.approx(120.0)


def test_embodied_shares_follow_the_chain_by_hand():
    """A good made at home of inputs from two origins carries their shares."""
    accounts = floored()
    network, state = accounts.base_program.network, accounts.base
    made_from = state.shares[0, 0]  # g0 bought by makers of g1
    expected = np.zeros(6)
    for i in range(6):  # origins of g1 used in r1
        expected += state.shares[0, 1, i, 1] * made_from[:, i]
    expected /= expected.sum()
    top = indicator(accounts, "embodied_top_share", "g1", "r1", "g0")
    assert top.base == pytest.approx(float(expected.max()))
    largest = indicator(accounts, "embodied_largest_maker", "g1", "r1", "g0")
    maker = int(state.output[0, 0].argmax())
    assert largest.partner == network.regions[maker]
    assert largest.base == pytest.approx(float(expected[maker]))


def test_supply_at_risk_counts_every_step():
    accounts = floored()
    direct = {
        (row.name, row.good, row.region): row.value
        for row in accounts.exposure("r0")
        if row.name != "value_at_risk"
    }
    for (name, good, region), share in direct.items():
        assert -1e-12 <= share <= 1.0 + 1e-12
        if name == "supply_at_risk":
            assert share >= direct["direct_supply_at_risk", good, region] - 1e-12


def test_protection_of_a_guaranteed_maker_is_the_payment():
    chain = line_market((20.0, 20.0), (100.0, 20.0), 2.0)
    policy = {
        "kind": "price_guarantee",
        "good": "wheat",
        "region": "Home",
        "strike": quantity(2.5, "USD/t"),
    }
    row = accounts_of(scenario_on(chain, policy)).protection[0]
    assert (row.value_added_base, row.value_added) == (pytest.approx(2.0), pytest.approx(2.5))
    assert row.change == pytest.approx(0.5)
    assert row.nominal == pytest.approx(0.25)  # 0.5 on 2.0 at benchmark prices
    assert row.equilibrium == pytest.approx(0.25)
    assert not row.thin_margin


def test_floor_on_inputs_alone_is_negative_protection_downstream():
    chain = random_chain(5, 2, 6, least=0.1)
    policy = floor(BORDER, g0=2.0 * levels(chain, 1.0)["g0"])
    accounts = accounts_of(scenario_on(chain, policy, **ZONE))
    makers = [row for row in accounts.protection if row.subject == "zone" and row.good == "g1"]
    assert makers[0].nominal < 0.0
    assert makers[0].change < 0.0
    assert Code.NEGATIVE_PROTECTION in codes(accounts)


def test_thin_margins_have_no_rate():
    accounts = floored()
    for row in accounts.protection:
        assert (row.equilibrium is None) == (row.thin_margin or row.change is None)


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


def test_zone_rows_weigh_announced_plants_by_their_level_in_the_base():
    accounts = pricing.solve("forge_with_new_plants").accounts
    network, base = accounts.program.network, accounts.base
    makers = [p for p in accounts.protection if p.good == "metal" and p.region in SIX]
    weight = {p.subject: float(base.level[0, network.processes.index(p.subject)]) for p in makers}
    assert network.level[network.processes.index("mp_metal")] == 0.0 < weight["mp_metal"]
    zone = next(p for p in accounts.protection if (p.subject, p.good) == ("forge", "metal"))
    mean = sum(weight[p.subject] * p.change for p in makers) / sum(weight.values())
    assert zone.change == pytest.approx(mean)


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


def test_levies_that_stop_trade_give_no_rate_of_protection():
    rows = pricing.solve("forge_uniform_levy").accounts.protection
    zone = {row.good: row for row in rows if row.subject == "forge"}
    assert zone["oxide"].stops_trade
    assert zone["oxide"].nominal is None
    assert zone["oxide"].equilibrium is not None
    assert not any(row.stops_trade for row in floored().protection)


def test_costs_and_pass_through_only_where_one_policy_is_to_blame():
    names = {row.name for row in floored().indicators}
    assert "fiscal_cost_per_extra_tonne" not in names
    linked = [row for row in floored().indicators if row.name == "pass_through"]
    assert linked
    assert all(row.good == row.detail for row in linked)

    chain = random_chain(5, 3, 6, least=0.1)
    policy = floor(BORDER, g0=1.3 * levels(chain, 1.0)["g0"])
    alone = accounts_of(scenario_on(chain, policy, **ZONE)).indicators
    costs = [row for row in alone if row.name == "buyers_cost_per_extra_tonne"]
    assert [(row.good, row.region) for row in costs] == [("g0", "zone")]
    assert ("g2", "g0") in {(r.good, r.detail) for r in alone if r.name == "pass_through"}


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


def test_existing_duties_are_levels_in_rows_and_changes_in_agents():
    accounts = accounts_of(scenario_on(taxed_chain(1), **ZONE))
    duties = [row for row in accounts.ledger.rows if row.instrument == "existing_duty"]
    assert sum(row.amount for row in duties) > 0.0
    assert not accounts.agents.treasuries.any()
    assert Code.NOTHING_CHANGED not in codes(accounts)


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
