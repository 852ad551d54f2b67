"""Tonnes under contract come to a subsidy of their discount, and to a cap on the other origin."""

from __future__ import annotations

import pytest

import pricing
from pricing.accounts.notices import Code
from pricing.chains.schema import Chain
from pricing.economics.sourcing import Law
from tests.support.chains import quantity, random_chain, scenario_on
from tests.support.markets import Markets


def a_dear_origin() -> Chain:
    """Home buys 100 t at any price: from A at 100, or from B, which makes 10 + (p - 100) t."""
    markets = Markets(("wheat",), ("Home", "A", "B"))
    markets.supply("wheat", "A", {"kind": "flat", "cost": quantity(100.0, "USD/t")})
    markets.supply("wheat", "B", markets.curve("linear", 10.0, 10.0, 100.0))
    markets.fixed_demand("wheat", "Home", 100.0, 100.0, limit=1e3)
    markets.route("A", "Home", 0.0)
    markets.route("B", "Home", 0.0)
    return markets.chain()


TAKEN = {"kind": "offtake", "good": "wheat", "region": "B", "buyer": "Home", "offtaker": "Home"}


@pytest.mark.parametrize("tonnes", [15.0, 30.0, 90.0])
@pytest.mark.parametrize("public", [True, False])
def test_tonnes_under_contract_are_a_subsidy_of_their_discount(tonnes: float, public: bool) -> None:
    """B makes the tonnes at 90 + t, users pay 100: t - 10 a tonne, from whoever takes them."""
    taken = pricing.solve(
        scenario_on(a_dear_origin(), TAKEN | {"tonnes": f"{tonnes} t/yr", "public": public})
    )
    discount = tonnes - 10.0
    paid = {"kind": "production_subsidy", "good": "wheat", "region": "B", "payer": "Home"}
    paid |= {"amount": f"{discount} USD/t"}
    subsidised = pricing.solve(scenario_on(a_dear_origin(), paid))

    assert float(taken.solved.state.flow[0, 0, 2, 0]) == pytest.approx(tonnes, rel=1e-7)
    for name in ("flow", "index", "output"):
        one, other = (getattr(r.solved.state, name) for r in (taken, subsidised))
        assert one == pytest.approx(other, rel=1e-6, abs=1e-6), name
    for name in ("users_by_region", "processes_by_region", "exporters"):
        one, other = (getattr(r.accounts.agents, name) for r in (taken, subsidised))
        assert one == pytest.approx(other, rel=1e-6, abs=1e-6), name
    agents = taken.accounts.agents
    payer, spared = (agents.treasuries, agents.licence_holders)[:: 1 if public else -1]
    assert float(payer[0, 0]) == pytest.approx(-discount * tonnes, rel=1e-6)
    assert float(subsidised.accounts.agents.treasuries[0, 0]) == pytest.approx(
        -discount * tonnes, rel=1e-6
    )
    assert float(spared.sum()) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("tonnes", [15.0, 30.0, 90.0])
def test_tonnes_under_contract_are_a_sourcing_cap_that_the_offtaker_pays_for(tonnes: float) -> None:
    """At most the rest from A: the same flows, and what the offtaker bore is shared by users."""
    taken = pricing.solve(scenario_on(a_dear_origin(), TAKEN | {"tonnes": f"{tonnes} t/yr"}))
    cap = {"kind": "sourcing_cap", "good": "wheat", "origins": ["A"], "buyers": ["Home"]}
    capped = pricing.solve(scenario_on(a_dear_origin(), cap | {"share": f"{100.0 - tonnes} %"}))

    for name in ("flow", "price", "output"):
        one, other = (getattr(r.solved.state, name) for r in (taken, capped))
        assert one == pytest.approx(other, rel=1e-6, abs=1e-6), name
    borne = float(taken.accounts.agents.licence_holders[0, 0])
    assert borne == pytest.approx(-(tonnes - 10.0) * tonnes, rel=1e-6)
    assert float(taken.accounts.agents.users_by_region[0, 0]) == pytest.approx(0.0, abs=1e-5)
    assert float(capped.accounts.agents.users_by_region[0, 0]) == pytest.approx(borne, rel=1e-6)


@pytest.mark.parametrize("seed", [15, 16, 32, 34])
def test_of_an_armington_good_users_take_what_a_twentieth_of_the_price_sells(seed: int) -> None:
    """Its law has no price of zero. However large the contract, the same tonnes arrive."""
    chain = random_chain(seed, stages=1, regions=5, laws=(Law.ARMINGTON,))
    base = pricing.solve(scenario_on(chain)).solved
    to = int(base.state.flow[0, 0, 0].argmax())
    used, scale = (
        float(base.state.use[0, 0, to]),
        float(base.program.network.setting.price_scale[0]),
    )
    contract = {"kind": "offtake", "good": "g0", "region": "r0"}
    contract |= dict.fromkeys(("buyer", "offtaker"), f"r{to}")
    arrived = []
    for times in (1.5, 1.75, 2.0):
        tonnes = f"{times * used!r} t/yr"
        result = pricing.solve(scenario_on(chain, contract | {"tonnes": tonnes}))
        assert all(check.passed for check in result.accounts.checks)
        (said,) = (w for w in result.warnings if w.code is Code.UNDELIVERED)
        assert "which leaves a twentieth of the base-year price" in said.text
        assert float(result.solved.state.landed[0, 0, 0, to]) == pytest.approx(0.05 * scale)
        arrived.append(float(result.solved.state.flow[0, 0, 0, to]))
        left = times * used - arrived[-1]
        due = float(result.solved.state.price[0, 0, 0]) * left
        assert said.numbers["paid"] == pytest.approx(due, rel=1e-7)
    assert arrived[0] > float(base.state.flow[0, 0, 0, to])
    assert arrived == pytest.approx([arrived[0]] * 3, rel=1e-7)
