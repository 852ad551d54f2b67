"""Indicators, read from outside: prices, dependence, embodied shares, costs and pass-through."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.support.chains import random_chain, scenario_on, two_lines
from tests.unit.accounts.worlds import (
    BORDER,
    ZONE,
    accounts_of,
    floor,
    floored,
    levels,
)


def indicator(accounts, name, good="", region="", detail=""):
    rows = [
        row
        for row in accounts.indicators
        if (row.name, row.good, row.region, row.detail) == (name, good, region, detail)
    ]
    assert len(rows) == 1, (name, rows)
    return rows[0]


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
