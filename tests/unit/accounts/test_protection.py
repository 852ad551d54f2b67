"""Rates of protection, read from outside."""

from __future__ import annotations

import pytest

import pricing
from pricing.accounts.notices import Code
from tests.support.chains import line_market, quantity, random_chain, scenario_on
from tests.unit.accounts.worlds import (
    BORDER,
    ZONE,
    accounts_of,
    codes,
    floor,
    floored,
    levels,
)

SIX = {"United States", "EU", "Japan", "Korea", "Australia", "Malaysia"}


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


def test_zone_rows_weigh_announced_plants_by_their_level_in_the_base():
    accounts = pricing.solve("forge_with_new_plants").accounts
    network, base = accounts.program.network, accounts.base
    makers = [p for p in accounts.protection if p.good == "metal" and p.region in SIX]
    weight = {p.subject: float(base.level[0, network.processes.index(p.subject)]) for p in makers}
    assert network.level[network.processes.index("mp_metal")] == 0.0 < weight["mp_metal"]
    zone = next(p for p in accounts.protection if (p.subject, p.good) == ("forge", "metal"))
    mean = sum(weight[p.subject] * p.change for p in makers) / sum(weight.values())
    assert zone.change == pytest.approx(mean)


def test_levies_that_stop_trade_give_no_rate_of_protection():
    rows = pricing.solve("forge_uniform_levy").accounts.protection
    zone = {row.good: row for row in rows if row.subject == "forge"}
    assert zone["oxide"].stops_trade
    assert zone["oxide"].nominal is None
    assert zone["oxide"].equilibrium is not None
    assert not any(row.stops_trade for row in floored().protection)
