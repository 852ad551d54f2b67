"""A contracted share of a route: what cannot switch, what is bought at spot, and both prices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

import pricing
from pricing.accounts.notices import Code, Warning_
from pricing.chains.schema import Chain
from pricing.equilibrium import solver
from pricing.equilibrium.build import build, world
from pricing.errors import InfeasibleError, InputError
from tests.support.chains import quantity, scenario_on
from tests.support.hand import hand_chain
from tests.support.markets import Markets

EXACT = 1e-9


def contract(good: str, origin: str, destination: str, share: float, **more: Any) -> dict[str, Any]:
    """A contract as it stands in a file."""
    route = {"good": good, "origin": origin, "destination": destination}
    return route | {"share": quantity(share, "1"), "source": "test"} | more


def tariff(rate: float) -> dict[str, Any]:
    """A tariff on the ore that the South buys."""
    return {
        "kind": "tariff",
        "good": "metal",
        "origins": ["South"],
        "destinations": ["North"],
        "rate": quantity(rate, "%"),
    }


def solved(chain: Chain, *policies: dict[str, Any]) -> pricing.Result:
    """The result, with all six checks holding."""
    result = pricing.solve(scenario_on(chain, *policies))
    assert not {c.name: c.error for c in result.accounts.checks if not c.passed}
    assert result.diagnostics.residual < 1e-10
    return result


def test_bound_tonnes_stay_and_the_rest_follows_the_logit_law() -> None:
    """South's metal in the North: 60 % is bound; spot shares obey the law on what is left."""
    chain = hand_chain(("contracts", [contract("metal", "South", "North", 0.6)]))
    result = solved(chain, tariff(50.0))
    state, base = result.solved.state, result.reference.state
    network = result.solved.program.network
    np.testing.assert_allclose(base.flow, network.flow[None], rtol=EXACT, atol=1e-9)
    bound = np.zeros_like(network.flow[1, :, 0])
    bound[1] = 0.6 * 5.0
    spot, old = state.flow[0, 1, :, 0] - bound, network.flow[1, :, 0] - bound
    landed, was = state.landed[0, 1, :, 0], base.landed[0, 1, :, 0]
    theta = 4.0 / (old @ was / old.sum())
    share = old * np.exp(-theta * (landed - was))
    np.testing.assert_allclose(spot / spot.sum(), share / share.sum(), rtol=1e-9)
    free = solved(hand_chain(), tariff(50.0)).solved.state
    assert free.flow[0, 1, 1, 0] < state.flow[0, 1, 1, 0]


def test_both_prices_are_reported_and_the_gap_is_a_transfer() -> None:
    """A contract at 550 where the spot price moves: sellers and buyers settle the difference."""
    agreed = contract("metal", "South", "North", 0.6, price=quantity(550.0, "USD/t"))
    plain = contract("metal", "South", "North", 0.6)
    cheap = solved(hand_chain(("contracts", [agreed])), tariff(50.0))
    par = solved(hand_chain(("contracts", [plain])), tariff(50.0))
    np.testing.assert_allclose(cheap.solved.state.price, par.solved.state.price, rtol=EXACT)
    found = {
        r["variable"]: r["value"]
        for r in cheap.records
        if r["scenario"] == "case" and r["variable"].startswith(("contract_", "spot_"))
    }
    spot = float(cheap.solved.state.price[0, 1, 1])
    assert found == {
        "contract_price": 550.0,
        "contract_tonnes": pytest.approx(3.0),
        "spot_price": pytest.approx(spot),
    }
    paid = [b for b in cheap.accounts.ledger.blocks if b.instrument == "contract"]
    buyers, sellers = (
        sum(float(b.amount.sum()) for b in paid if b.receiver.account.value == account)
        for account in ("contracts", "processes")
    )
    assert buyers == pytest.approx((550.0 - spot) * 3.0, rel=1e-9)
    assert sellers == pytest.approx(buyers, rel=1e-12)
    # Both base years hold the contract too, so only the move of the spot price is a change.
    for name in ("users", "processes"):
        one, other = (getattr(r.accounts.agents, name) for r in (cheap, par))
        np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-7)


def trade() -> Markets:
    """Wheat from the South: 100 t at 40 meet demand of 100 t at 50 in the North."""
    found = Markets(("wheat",), ("South", "North"))
    found.supply("wheat", "South", found.curve("linear", 1.0, 100.0, 40.0))
    found.demand("wheat", "North", "linear", 1.0, 100.0, 50.0)
    found.route("South", "North", 10.0)
    return found


def test_homogeneous_trade_in_closed_form() -> None:
    """Bound or not, one route carries all: prices are the same, the contract is a transfer."""
    chain = trade().chain()
    data = chain.model_dump(exclude_unset=True)
    bound = contract("wheat", "South", "North", 0.5, price=quantity(40.0, "USD/t"))
    levy = {"kind": "tariff", "good": "wheat", "destinations": ["North"]}
    levy["specific"] = quantity(9.0, "USD/t")
    result = solved(Chain.model_validate(data | {"contracts": [bound]}), levy)
    # 2.5 p = 200 - 2 (p + 19)
    price = (200.0 - 38.0) / 4.5
    assert result.solved.state.price[0, 0, 0] == pytest.approx(price, rel=EXACT)
    tonnes = 2.5 * price
    agents, settled = result.accounts.agents, (40.0 - price) * 50.0
    makers = (tonnes**2 - 100.0**2) / 5.0 + settled
    assert agents.processes[0, 0] == pytest.approx(makers, rel=1e-8)
    area = -0.5 * (tonnes + 100.0) * (price + 19.0 - 50.0)
    # Bound tonnes are invoiced at spot and settled at 40: landed 40 + 10 + 9.
    assert agents.users[0, 0] == pytest.approx(area - settled, rel=1e-8)
    assert agents.treasuries.sum() == pytest.approx(9.0 * tonnes, rel=1e-9)


def test_settlements_count_towards_guaranteed_earnings_of_sellers() -> None:
    """At a price of 36 makers earn 1,620 and 200 from the contract; 180 are made up."""
    bound = contract("wheat", "South", "North", 0.5, price=quantity(40.0, "USD/t"))
    data = trade().chain().model_dump(exclude_unset=True)
    levy = {"kind": "tariff", "good": "wheat", "destinations": ["North"]}
    levy["specific"] = quantity(9.0, "USD/t")
    result = solved(
        Chain.model_validate(data | {"contracts": [bound]}), levy, earnings("wheat", 2_000.0)
    )
    price = (200.0 - 38.0) / 4.5
    cash = (2.5 * price) * price / 2.0 + (40.0 - price) * 50.0
    assert made_up(result) == pytest.approx(2_000.0 - cash, rel=1e-9)


def test_settlements_count_towards_guaranteed_earnings_of_buyers() -> None:
    """What a contract asks for ore beyond the spot price is made up, dollar by dollar."""
    agreed = contract("ore", "North", "South", 0.5, price=quantity(120.0, "USD/t"))
    plain = contract("ore", "North", "South", 0.5)
    dear, par = (
        solved(hand_chain(("contracts", [terms])), earnings("metal", 1e6))
        for terms in (agreed, plain)
    )
    bound = float(dear.solved.program.contracted[0, 0, 1])
    spot = float(dear.solved.state.price[0, 0, 0])
    assert bound > 0.0
    assert made_up(dear) - made_up(par) == pytest.approx((120.0 - spot) * bound, rel=1e-6)


def earnings(good: str, floor: float) -> dict[str, Any]:
    """A floor under what the makers of a good in the South earn."""
    return {
        "kind": "margin_guarantee",
        "good": good,
        "region": "South",
        "floor": quantity(floor, "USD"),
        "fixed_cash_cost": quantity(0.0, "USD"),
    }


def made_up(result: pricing.Result) -> float:
    """What treasuries pay under margin guarantees [USD]."""
    blocks = result.accounts.ledger.blocks
    return sum(float(b.amount.sum()) for b in blocks if b.instrument == "margin_guarantee")


def test_a_buyer_with_more_than_it_needs_values_a_tonne_less() -> None:
    """Demand falls to 60 % with 80 % bound: tonnes stay, the index falls below spot."""
    both = [contract("metal", a, "North", 0.8) for a in ("North", "South")]
    chain = hand_chain(("contracts", both))
    fall = {"good": "metal", "region": "North", "factor": quantity(0.6, "1"), "source": "test"}
    result = pricing.solve(scenario_on(chain, assumptions={"demand": [fall]}))
    state = result.solved.state
    np.testing.assert_allclose(state.flow[0, 1, :, 0], [16.0, 4.0], rtol=1e-8)
    limits = [limit.instrument for limit in result.solved.program.limits]
    m = limits.index("spot")
    assert state.multiplier[0, m] > 0.0
    assert not {c.name: c.error for c in result.accounts.checks if not c.passed}


def test_what_is_refused() -> None:
    with pytest.raises(ValidationError, match="leaves no spot price"):
        hand_chain(("contracts", [contract("metal", "South", "North", 1.0)]))
    with pytest.raises(ValidationError, match="stands twice"):
        hand_chain(("contracts", [contract("metal", "South", "North", 0.1)] * 2))
    with pytest.raises(InputError, match="has no base-year trade to bind"):
        pricing.solve(
            scenario_on(hand_chain(("contracts", [contract("metal", "North", "South", 0.1)])))
        )


def test_a_quota_below_a_contract_is_refused_with_the_proof() -> None:
    """Five tonnes come from the South, three of them bound; a quota lets two of them in."""
    chain = hand_chain(("contracts", [contract("metal", "South", "North", 0.6)]))
    quota = {
        "kind": "import_quota",
        "good": "metal",
        "origins": ["South"],
        "destinations": ["North"],
        "quota": quantity(2.0, "t/yr"),
    }
    with pytest.raises(InfeasibleError) as caught:
        pricing.solve(scenario_on(chain, quota))
    certificate = caught.value.certificate
    (need,), (limit,) = certificate.needs, certificate.limits
    assert (need.what, need.tonnes, need.weight) == (
        "contract for metal from South to North",
        pytest.approx(3.0),
        1.0,
    )
    assert (limit.tonnes, limit.weight) == (2.0, 1.0)
    solved(chain, quota | {"quota": quantity(3.1, "t/yr")})


def quota_on_metal(tonnes: float) -> dict[str, Any]:
    """What the North lets in of the South's metal, of which three tonnes are bound."""
    route = {"origins": ["South"], "destinations": ["North"], "quota": quantity(tonnes, "t/yr")}
    return {"kind": "import_quota", "good": "metal", **route}


def test_a_quota_below_a_contract_is_refused_before_any_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chain = hand_chain(("contracts", [contract("metal", "South", "North", 0.6)]))
    case = scenario_on(chain, quota_on_metal(2.0))
    program = build(case.document, world(chain, case.document).network)

    def searched(*_: object, **__: object) -> None:
        raise AssertionError("a search began")

    monkeypatch.setattr(solver._Search, "exact", searched)
    with pytest.raises(InfeasibleError, match="contract for metal from South to North 3 t"):
        solver.solve(program)


def test_a_quota_at_the_contract_says_what_its_rent_is() -> None:
    """The rent is what keeps spot buyers away: by the logit law it grows as -ln(tonnes) / theta."""
    chain = hand_chain(("contracts", [contract("metal", "South", "North", 0.6)]))

    def binding(tonnes: float) -> tuple[float, Warning_]:
        result = solved(chain, quota_on_metal(tonnes))
        (found,) = (w for w in result.warnings if w.code.value.startswith("quota"))
        return found.numbers["rent"], found

    rents, told = zip(*(binding(3.0 + left) for left in (1.0, 1e-5, 1e-6, 1e-7)), strict=True)
    assert [w.code for w in told] == [Code.QUOTA_BINDING] + 3 * [Code.QUOTA_PROHIBITIVE]
    assert "Contracts bind 3 t of it" in told[1].text
    assert "Contracts" not in told[0].text
    assert rents[3] - rents[2] == pytest.approx(rents[2] - rents[1], rel=1e-3)


def test_contracts_above_what_their_makers_may_make_are_refused_with_the_proof() -> None:
    """South must sell 20 t at home and 3 t to the North, and may make 20 t."""
    both = [
        contract("metal", "South", "North", 0.6),
        contract("metal", "South", "South", 0.8),
    ]
    chain = hand_chain(("contracts", both))
    quota = {"kind": "production_quota", "good": "metal", "regions": ["South"]}
    with pytest.raises(InfeasibleError) as caught:
        pricing.solve(scenario_on(chain, quota | {"quota": quantity(20.0, "t/yr")}))
    certificate = caught.value.certificate
    assert certificate.needed == pytest.approx(3.0 + 20.0)
    assert certificate.available == pytest.approx(20.0)
