"""Public stocks: what they count, what they owe, and money as a limit."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

import pricing
from pricing.accounts.notices import Code
from pricing.equilibrium.build import build, world
from pricing.instruments.stockpile import Stockpile
from tests.support.chains import frame, line_market, random_chain, scenario_on, two_lines
from tests.support.jacobians import against_differences
from tests.support.markets import Markets
from tests.support.settings import refused

CHAIN = line_market((20.0, 20.0), (100.0, 20.0), 2.0)
"""20 + 20 P meets 100 - 20 P at P = 2 and 60 t."""
STOCK = {"kind": "stockpile", "good": "wheat", "region": "Home", "id": "stock"}
BOUGHT = {"rule": {"kind": "quantity", "bought": "10 t/yr"}}
RELEASED = {"rule": {"kind": "quantity", "released": "10 t/yr"}, "opening": "30 t"}


def solved(**fields: Any) -> Any:
    result = pricing.solve(scenario_on(CHAIN, STOCK | fields))
    assert [check.name for check in result.accounts.checks if not check.passed] == []
    return result


def net(**fields: Any) -> float:
    return float(solved(**fields).accounts.agents.net_welfare[0].sum())


def test_what_a_purchase_counts():
    """At 2.25 buyers lose 0.25 (60 + 55) / 2, makers gain 0.25 (60 + 65) / 2; 22.5 are paid."""
    people = 15.625 - 14.375
    assert net(**BOUGHT) == pytest.approx(people - 22.5)
    assert net(**BOUGHT, valued="market") == pytest.approx(people)
    assert net(**BOUGHT, valued="cost") == pytest.approx(people)
    held = {"carrying_cost": "0.1 USD/t"}
    assert net(**BOUGHT, valued="cost", **held) == pytest.approx(people - 1.0)


def test_what_a_release_counts():
    """At 1.75 buyers gain 0.25 (60 + 65) / 2, makers lose 0.25 (60 + 55) / 2; 17.5 come in."""
    people = 15.625 - 14.375
    assert net(**RELEASED) == pytest.approx(people + 17.5)
    assert net(**RELEASED, valued="market") == pytest.approx(people)
    assert net(**RELEASED, valued="cost") == pytest.approx(people)


def test_what_must_be_bought_back_is_shown_beside_the_sum():
    free, bound = solved(**RELEASED), solved(**RELEASED, replaced_at="3 USD/t")
    totals = [float(r.accounts.agents.net_welfare[0].sum()) for r in (free, bound)]
    assert totals[0] == pytest.approx(totals[1])
    owed = [r for r in bound.records if r["variable"] == "stock_liability"]
    assert [(r["value"], r["good"], r["region"]) for r in owed] == [(-30.0, "wheat", "Home")]
    assert not [r for r in free.records if r["variable"] == "stock_liability"]


def test_a_sum_buys_the_same_at_any_split_of_homogeneous_buyers():
    """Two sellers at one price: B = P b with the price of the last tonne, 100 + b."""
    markets = Markets(("wheat",), ("Home", "Abroad"))
    markets.supply("wheat", "Abroad", markets.curve("linear", 1.0, 100.0, 100.0))
    markets.demand("wheat", "Home", "linear", 1e-3, 100.0, 100.0)
    markets.route("Abroad", "Home", 0.0)
    rule = {"rule": {"kind": "budget", "budget": "1200 USD"}}
    result = pricing.solve(scenario_on(markets.chain(), STOCK | rule))
    price = float(result.solved.state.index[0, 0, 0])
    spent = -float(result.accounts.agents.treasuries[0].sum())
    assert spent == pytest.approx(1200.0, rel=1e-9)
    # Supply is p; demand 100.1 - p / 1000; the rest is the stock's: p (1.001 p - 100.1) = 1200.
    assert 1.001 * price**2 - 100.1 * price == pytest.approx(1200.0, rel=1e-9)
    assert result.accounts.checks[4].passed


@pytest.mark.parametrize("rule", ["budget", "price_band"])
@pytest.mark.parametrize("seed", range(3))
def test_derivatives_of_money_spent(rule: str, seed: int):
    chain = random_chain(40 + seed, 3, 5, least=0.3)
    good, region = chain.goods[1].id, chain.regions[2].id
    money = {"kind": rule, "budget": "1 million USD"}
    band = money | {"buy_below": "100 USD/kg"} if rule == "price_band" else money
    scenario = scenario_on(chain, STOCK | {"good": good, "region": region, "rule": band})
    document = scenario.document
    against_differences(build(document, world(chain, document).network), seed)


def test_more_money_buys_more_and_a_tiny_sum_next_to_nothing():
    prices = [
        float(
            solved(rule={"kind": "budget", "budget": f"{budget} USD"}).solved.state.price[0, 0, 0]
        )
        for budget in (1e-9, 1.0, 10.0, 100.0)
    ]
    assert prices[0] == pytest.approx(2.0, abs=1e-9)
    assert prices == sorted(prices)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (
            {"kind": "price_band", "buy_below": "2 USD/t"},
            "'buy_below' goes together with 'most_bought' or 'budget'",
        ),
        (
            {"kind": "price_band", "sell_above": "2 USD/t", "budget": "2 USD"},
            "'buy_below' goes together with 'most_bought' or 'budget'",
        ),
    ],
)
def test_bands_that_say_too_little(rule: dict[str, Any], problem: str):
    assert refused(Stockpile, good="ore", region="Left", rule=rule) == problem


@pytest.mark.parametrize("rule", [BOUGHT, RELEASED])
def test_a_stock_where_nothing_is_on_offer_deals_with_nobody(rule: dict[str, Any]):
    """All routes to the buyers are shut, and nobody makes it at home."""
    chain = two_lines(2.0, 60.0, 0.5, 0.5, regions=("Maker", "Buyer"))
    chain = frame(**chain.model_dump(mode="json", exclude_none=True) | {"demands": choked(chain)})
    ban = {"kind": "export_ban", "goods": ["wheat"], "origins": ["Maker"]}
    stock = STOCK | {"region": "Buyer"} | rule
    result = pricing.solve(scenario_on(chain, ban | {"destinations": ["Buyer"]}, stock))
    assert [check.name for check in result.accounts.checks if not check.passed] == []
    assert float(result.accounts.agents.treasuries[0].sum()) == 0.0
    assert [w.subject for w in result.warnings if w.code is Code.STOCK_IDLE] == ["stock"]


def choked(chain: Any) -> list[dict[str, Any]]:
    """The demands of a chain with a price above which nothing is bought."""
    (demand,) = chain.model_dump(mode="json", exclude_none=True)["demands"]
    curve = demand["curve"] | {"choke_multiple": {"value": 2.0, "unit": "1"}}
    return [demand | {"curve": curve}]


CLUB = {"members": ["Home", "Ally"], "opening": "60 t"}


def club(**fields: Any) -> pricing.Result:
    """Three markets too far apart to trade: supply 20 + 20 p in each, demand 100 - 20 P at Home and
    outside, 140 - 20 P at the ally's, so that prices are 2, 2 and 3."""
    markets = Markets(("wheat",), ("Home", "Ally", "Outside"))
    for region, tonnes, price in (("Home", 60.0, 2.0), ("Ally", 80.0, 3.0), ("Outside", 60.0, 2.0)):
        slope = 20.0 * price / tonnes
        markets.supply("wheat", region, markets.curve("linear", slope, tonnes, price))
        markets.demand("wheat", region, "linear", slope, tonnes, price)
        markets.route(region, region, 0.0)
    for origin, destination in permutations(markets.regions, 2):
        markets.route(origin, destination, 9.0)
    result = pricing.solve(scenario_on(markets.chain(), STOCK | CLUB | fields))
    assert [check.name for check in result.accounts.checks if not check.passed] == []
    return result


@pytest.mark.parametrize(
    ("rule", "prices", "income"),
    [
        # All of 10 t go to the ally: 20 + 20 P + 10 = 140 - 20 P.
        ({"kind": "quantity", "released": "10 t/yr"}, [2.0, 2.75], 27.5),
        # 60 t bring both to one price: 50 to the ally, 10 to Home.
        ({"kind": "quantity", "released": "60 t/yr"}, [1.75, 1.75], 105.0),
        # At 2.5 the ally wants 20 t and Home none.
        ({"kind": "price_band", "sell_above": "2.5 USD/t"}, [2.0, 2.5], 50.0),
    ],
)
def test_members_draw_where_a_tonne_fetches_most(
    rule: dict[str, Any], prices: list[float], income: float
) -> None:
    result = club(rule=rule)

    assert result.solved.state.index[0, 0] == pytest.approx([*prices, 2.0], rel=1e-9)
    assert result.accounts.agents.treasuries[0] == pytest.approx([income, 0.0, 0.0], abs=1e-7)


def test_a_small_stock_of_a_club_is_used_up() -> None:
    """10 t at the ally's 2.75, above the 2.5 at which it begins to sell."""
    rule = {"kind": "price_band", "sell_above": "2.5 USD/t"}
    result = club(rule=rule, opening="10 t")
    assert result.solved.state.index[0, 0] == pytest.approx([2.0, 2.75, 2.0], rel=1e-9)


@pytest.mark.parametrize("valued", ["zero", "market", "cost"])
def test_a_club_counts_its_stock_at_its_holder(valued: str) -> None:
    """At Home's price of 1.75 the 60 t are worth 105, and they fetched 105 in both markets."""
    rule = {"kind": "quantity", "released": "60 t/yr"}
    gains = club(rule=rule, valued=valued).accounts.agents
    free = club(rule=rule).accounts.agents
    assert float(gains.total[0] - free.total[0]) == pytest.approx(
        0.0 if valued == "zero" else -105.0
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_club_of_one_is_its_region_alone(seed: int) -> None:
    """The same under logit, with trade: no member but the holder."""
    chain = random_chain(40 + seed, 3, 5, least=0.3)
    good, region = chain.goods[1].id, chain.regions[2].id
    used = float(pricing.solve(scenario_on(chain)).solved.state.use[0, 1, 2])
    tonnes = f"{0.2 * used!r} t/yr"
    stock = STOCK | {"good": good, "region": region, "opening": tonnes.replace("/yr", "")}
    stock |= {"rule": {"kind": "quantity", "released": tonnes}}
    alone = pricing.solve(scenario_on(chain, stock)).solved.state
    member = pricing.solve(scenario_on(chain, stock | {"members": [region]}))

    assert member.solved.state.price == pytest.approx(alone.price, rel=1e-8)
    assert all(check.passed for check in member.accounts.checks)


@pytest.mark.parametrize("seed", range(3))
def test_derivatives_of_what_a_club_draws(seed: int) -> None:
    chain = random_chain(40 + seed, 3, 5, least=0.3)
    good, region = chain.goods[1].id, chain.regions[2].id
    rule = {"kind": "price_band", "sell_above": "1 USD/kg"}
    body = {"good": good, "region": region, "rule": rule, "opening": "100 t", "members": ["all"]}
    document = scenario_on(chain, STOCK | body).document
    against_differences(build(document, world(chain, document).network), seed)


def test_members_need_something_to_draw_on() -> None:
    with pytest.raises(ValueError, match="this rule releases nothing"):
        club(rule={"kind": "quantity", "bought": "10 t/yr"})
