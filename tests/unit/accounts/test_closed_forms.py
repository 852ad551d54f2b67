"""Money in markets whose answer is known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pricing.accounts.payments import build as ledger_of
from pricing.equilibrium.build import build, world
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.starts import start
from tests.support.chains import line_market, quantity, scenario_on, two_lines
from tests.unit.accounts.worlds import accounts_of, passed

EXACT = 1e-9
AT_HOME = {"good": "wheat", "region": "Home"}


def market():
    """Demand 100 - 20 P, supply 20 + 20 P."""
    return line_market((20.0, 20.0), (100.0, 20.0), 2.0)


def guarantee(strike, **parts):
    return {"kind": "price_guarantee", **AT_HOME, "strike": quantity(strike, "USD/t"), **parts}


def test_deficiency_payment():
    accounts = accounts_of(scenario_on(market(), guarantee(2.5)))
    agents = accounts.agents
    assert accounts.state.price[0, 0, 0] == pytest.approx(1.5, rel=EXACT)
    assert accounts.state.level[0, 0] == pytest.approx(70.0, rel=EXACT)
    assert agents.treasuries[0, 0] == pytest.approx(-70.0, rel=EXACT)
    # (2.0 - 1.5) (60 + 70) / 2, (2.5 - 2.0) (60 + 70) / 2, and the triangle between
    assert agents.users[0, 0] == pytest.approx(32.5, rel=EXACT)
    assert agents.processes[0, 0] == pytest.approx(32.5, rel=EXACT)
    assert agents.total[0] == pytest.approx(-5.0, rel=EXACT)
    assert all(passed(accounts).values())


def test_floor_purchase():
    policy = {"kind": "intervention_purchase", **AT_HOME, "floor": quantity(2.5, "USD/t")}
    accounts = accounts_of(scenario_on(market(), policy))
    agents = accounts.agents
    assert agents.stocks.tonnes[0, 0, 0] == pytest.approx(20.0, rel=EXACT)
    assert agents.stocks.market_value[0, 0, 0] == pytest.approx(50.0, rel=EXACT)
    assert agents.treasuries[0, 0] == pytest.approx(-50.0, rel=EXACT)
    assert agents.users[0, 0] == pytest.approx(-27.5, rel=EXACT)
    assert agents.processes[0, 0] == pytest.approx(32.5, rel=EXACT)
    assert agents.total[0] == pytest.approx(-45.0, rel=EXACT)
    assert all(passed(accounts).values())


def test_exhausted_purchase_pays_its_floor_above_the_market():
    policy = {
        "kind": "intervention_purchase",
        **AT_HOME,
        "floor": quantity(2.5, "USD/t"),
        "cap": quantity(8.0, "t/yr"),
    }
    accounts = accounts_of(scenario_on(market(), policy))
    # 20 + 20 P - 8 = 100 - 20 P
    assert accounts.state.price[0, 0, 0] == pytest.approx(2.2, rel=EXACT)
    assert accounts.agents.treasuries[0, 0] == pytest.approx(-20.0, rel=EXACT)
    # 0.2 (60 + 64) / 2 on the market, and 0.3 x 8 as a lump sum
    assert accounts.agents.processes[0, 0] == pytest.approx(12.4 + 2.4, rel=EXACT)
    assert all(passed(accounts).values())


@pytest.mark.parametrize(
    ("parts", "level", "paid"),
    [
        # the cap holds output at 66: price 1.7, payment 0.8 on 66
        ({"cap": quantity(66.0, "t/yr")}, 66.0, 52.8),
        # far below output: no effect at the margin, 0.5 on 30
        ({"cap": quantity(30.0, "t/yr")}, 60.0, 15.0),
        # 20 USD are gone before the margin: 60 t, 2.0 USD/t, 0.5 x 60 = 30 > 20
        ({"budget": quantity(20.0, "USD")}, 60.0, 20.0),
    ],
)
def test_capped_guarantees_pay_in_full_up_to_their_cap(parts, level, paid):
    accounts = accounts_of(scenario_on(market(), guarantee(2.5, **parts)))
    assert accounts.state.level[0, 0] == pytest.approx(level, rel=EXACT)
    assert accounts.agents.treasuries[0, 0] == pytest.approx(-paid, rel=EXACT)
    assert all(passed(accounts).values())


def test_pro_rata_budget_lowers_the_payment_at_the_margin():
    parts = {"budget": quantity(20.0, "USD"), "budget_rule": "pro_rata"}
    accounts = accounts_of(scenario_on(market(), guarantee(2.5, **parts)))
    output, price = accounts.state.level[0, 0], accounts.state.price[0, 0, 0]
    assert output > 60.0
    assert accounts.agents.treasuries[0, 0] == pytest.approx(-20.0, rel=EXACT)
    # supply answers the price plus the average payment
    assert 20.0 + 20.0 * (price + 20.0 / output) == pytest.approx(output, rel=EXACT)
    assert all(passed(accounts).values())


def test_capped_upside_is_a_lump_sum_to_the_treasury():
    parts = {
        "upper": quantity(1.6, "USD/t"),
        "share_up": quantity(0.5, "1"),
        "cap_up": quantity(9.0, "USD"),
    }
    accounts = accounts_of(scenario_on(market(), guarantee(1.5, **parts)))
    # the price stays at 2.0: 0.5 x 0.4 x 60 = 12 is more than the cap of 9
    assert accounts.state.price[0, 0, 0] == pytest.approx(2.0, rel=EXACT)
    assert accounts.agents.treasuries[0, 0] == pytest.approx(9.0, rel=EXACT)
    assert accounts.agents.processes[0, 0] == pytest.approx(-9.0, rel=EXACT)
    assert all(passed(accounts).values())


def test_guarantee_vector():
    """M = 62, K = 110 USD/kg, 718 t: 34.464 million USD."""
    chain = two_lines(62e3, 718.0, 0.5, 0.5, capacity=718.0)
    accounts = accounts_of(scenario_on(chain, guarantee(110e3)))
    assert accounts.state.price[0, 0, 0] == pytest.approx(62e3, rel=EXACT)
    assert accounts.agents.treasuries[0, 0] == pytest.approx(-34.464e6, rel=EXACT)


def test_stacked_duties_all_on_the_customs_value():
    """Value 14,172.00 at 2.9 % + 25 % + 50 %: 11,039.99."""
    chain = two_lines(14172.0, 1.0, 0.5, 0.5, regions=("Abroad", "Home"), freight=700.0)
    policies = [
        {
            "kind": "tariff",
            "good": "wheat",
            "destinations": ["Home"],
            "rate": quantity(rate, "%"),
        }
        for rate in (2.9, 25.0, 50.0)
    ]
    scenario = scenario_on(chain, *policies)
    network = world(chain, scenario.document).network
    program = build(scenario.document, network)
    state = evaluate(program, start(program))  # benchmark prices, not solved
    lines = {
        block.policy: block.rate[0].reshape(1, 2, 2)[0, 0, 1]
        for block in ledger_of(program, state).blocks
        if block.instrument == "tariff"
    }
    assert round(lines["p0"], 2) == 410.99
    assert round(sum(lines.values()), 2) == 11039.99
    landed = state.landed[0, 0, 0, 1]
    assert landed == pytest.approx(14172.0 + 700.0 + 11039.988, rel=EXACT)


def test_binding_quota_goes_to_whoever_holds_the_licences():
    chain = two_lines(2.0, 60.0, 2.0 / 3.0, 2.0 / 3.0, regions=("Abroad", "Home"))
    quota = {
        "kind": "import_quota",
        "good": "wheat",
        "destinations": ["Home"],
        "quota": quantity(50.0, "t/yr"),
    }
    rents = {}
    for holder in ("importer", "exporter"):
        accounts = accounts_of(scenario_on(chain, {**quota, "rent_to": holder}))
        agents = accounts.agents
        # supply 20 + 20 p, demand 100 - 20 P at 50 t: p 1.5, P 2.5
        rents[holder] = float(agents.licence_holders.sum()), float(agents.exporters.sum())
        assert agents.total[0] == pytest.approx(-5.0, rel=EXACT)
        assert all(passed(accounts).values())
    assert rents["importer"] == pytest.approx((50.0, 0.0), abs=1e-7)
    assert rents["exporter"] == pytest.approx((0.0, 50.0), abs=1e-7)


def test_cost_of_public_funds_weighs_treasuries_in_net_welfare_only():
    plain = accounts_of(scenario_on(market(), guarantee(2.5))).agents
    dear = accounts_of(scenario_on(market(), guarantee(2.5)), cost_of_public_funds=1.3).agents
    assert np.array_equal(plain.treasuries, dear.treasuries)
    assert plain.total == pytest.approx(dear.total)
    assert float(dear.net_welfare.sum()) == pytest.approx(-5.0 - 0.3 * 70.0, rel=EXACT)
