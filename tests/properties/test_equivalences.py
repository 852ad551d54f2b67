"""Instruments that come to the same as another one: two code paths, one outcome.

More of them stand in ``test_every_instrument``: quotas and tariffs, tariff rate quotas, guarantees
and subsidies, levies.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

import pricing
from pricing.chains.schema import Chain
from pricing.reporting.prices import producer_price
from tests.support.chains import quantity, scenario_on, two_lines
from tests.support.every_instrument import (
    ABROAD,
    GOOD,
    HOME,
    INPUT,
    MAKER,
    ROUTE,
    WORLD,
    Document,
    chain,
    network,
    solved,
)
from tests.support.markets import Markets


def customs_value(result: pricing.Result) -> float:
    """What a tonne from abroad is worth to the customs at home [USD/t]."""
    fob = float(result.solved.state.price[0, 1, 0])
    if network().customs_fob[1]:
        return fob
    return fob * (1.0 + float(network().insurance[1, 0, 1])) + float(network().freight[1, 0, 1])


def same(one: pricing.Result, other: pricing.Result, *agents: str) -> None:
    """Flows and prices agree, and the accounts named."""
    for name in ("flow", "price", "index", "output"):
        found, due = (getattr(result.solved.state, name) for result in (one, other))
        assert found == pytest.approx(due, rel=1e-7, abs=1e-7), name
    for name in agents:
        found, due = (getattr(result.accounts.agents, name) for result in (one, other))
        assert found == pytest.approx(due, rel=1e-6, abs=1.0), name


ALL_AGENTS = ("treasuries", "licence_holders", "exporters", "processes_by_region")


def duty(usd: float) -> Document:
    """A specific tariff on the route."""
    return {"kind": "tariff", "id": "p", **ROUTE, "specific": f"{usd!r} USD/t"}


def route(kind: str, **more: Any) -> Document:
    return {"kind": kind, "id": "p", **ROUTE, **more}


@pytest.mark.parametrize("times", [1.3, 2.0, 3.0])
def test_a_stepped_safeguard_is_a_tariff_of_the_steps_it_has_reached(times: float) -> None:
    """Article 5.5: 30 % of a fall beyond 10 %, 50 % beyond 40, 70 % beyond 60, 90 % beyond 75."""
    trigger = times * customs_value(solved())
    stepped = solved(route("stepped_safeguard", trigger=f"{trigger!r} USD/t"))
    fall = 1.0 - customs_value(stepped) / trigger
    ends = [(0.1, 0.4, 0.3), (0.4, 0.6, 0.5), (0.6, 0.75, 0.7), (0.75, 1.0, 0.9)]
    due = trigger * sum(rate * max(0.0, min(fall, end) - start) for start, end, rate in ends)

    assert due > 0.0
    same(stepped, solved(duty(due)), *ALL_AGENTS)


@pytest.mark.parametrize(("times", "at_most"), [(1.03, False), (1.5, True)])
def test_an_entry_price_is_the_gap_within_the_tolerance_and_the_maximum_beyond(
    times: float, at_most: bool
) -> None:
    value = customs_value(solved())
    entry, most = times * value, 0.2 * value
    stated = {"entry_price": f"{entry!r} USD/t", "max_tariff": f"{most!r} USD/t"}
    entered = solved(route("entry_price", **stated))
    gap = entry - customs_value(entered)

    assert gap > 0.0
    assert (gap >= 0.08 * entry) == at_most
    same(entered, solved(duty(most if at_most else gap)), *ALL_AGENTS)


@pytest.mark.parametrize(("content", "as_tariff"), [(100.0, 50.0), (30.0, 25.5), (0.0, 15.0)])
def test_a_tariff_on_content_is_a_tariff_on_the_value_by_its_share(
    content: float, as_tariff: float
) -> None:
    """50 % on the metal and 15 % on the rest: all metal, 30 % of it, none."""
    basis = {"kind": "metal_value", "value_share": f"{content} %"}
    basis |= {"rate": "50 %", "rate_on_rest": "15 %"}
    tariff = solved(route("tariff", rate=f"{as_tariff} %"))

    same(solved(route("content_tariff", basis=basis)), tariff, *ALL_AGENTS)


def per_tonne(region: int) -> float:
    """Tonnes of the input in a tonne of the good where a region makes it."""
    setting = network().setting
    (maker,) = setting.makers(1, region)
    return float(setting.inputs[maker, 0] / setting.output[maker, 1])


def test_a_tariff_on_the_gap_of_content_is_the_gap_times_what_is_inside() -> None:
    reference = 1.2 * float(network().setting.price_scale[0])
    basis = {"kind": "embedded_reference_gap", "references": {INPUT: f"{reference!r} USD/t"}}
    charged = solved(route("content_tariff", basis=basis))
    gap = reference - float(charged.solved.state.price[0, 0, 0])

    assert gap > 0.0
    same(charged, solved(duty(gap * per_tonne(0))), *ALL_AGENTS)


def test_an_input_subsidy_is_a_production_subsidy_by_the_recipe() -> None:
    """Of a fixed recipe: whoever sells the input gets the same, whichever tonne is paid for."""
    amount = 0.15 * float(network().setting.price_scale[0])
    of_input = {"kind": "input_subsidy", "good": INPUT, "region": HOME, "amount": f"{amount} USD/t"}
    of_output = {
        "kind": "production_subsidy",
        **MAKER,
        "amount": f"{amount * per_tonne(1)!r} USD/t",
    }

    same(solved(of_input), solved(of_output), *ALL_AGENTS)


def test_a_priced_offtake_beyond_output_is_a_subsidy_of_its_gap() -> None:
    setting = network().setting
    price = 1.2 * float(setting.price_scale[1])
    tonnes = 10.0 * float(setting.benchmark_output[1, 1])
    contract = {"price": f"{price!r} USD/t", "tonnes": f"{tonnes!r} t/yr"}
    taken = solved({"kind": "offtake", **MAKER, **contract, "offtaker": HOME, "public": True})
    gap = price - float(taken.solved.state.price[0, 1, 1])

    assert gap > 0.0
    assert taken.solved.state.output[0, 1, 1] < tonnes
    paid = solved({"kind": "production_subsidy", **MAKER, "amount": f"{gap!r} USD/t"})
    same(taken, paid, *ALL_AGENTS)


def two_origins() -> Chain:
    """Home makes 40 t at 60 and buys 100 t; A sells up to 500 t at 100, B at 120."""
    markets = Markets(("wheat",), ("Home", "A", "B"))
    for place, cost, most in (("Home", 60.0, 40.0), ("A", 100.0, 500.0), ("B", 120.0, 500.0)):
        flat = {"kind": "flat", "cost": quantity(cost, "USD/t")}
        markets.supply("wheat", place, flat, capacity=quantity(most, "t/yr"))
    markets.fixed_demand("wheat", "Home", 100.0, 100.0, limit=1e3)
    markets.route("A", "Home", 0.0)
    markets.route("B", "Home", 0.0)
    return markets.chain()


def test_a_margin_guarantee_is_a_price_guarantee_where_costs_and_output_are_fixed() -> None:
    """40 t at a cost of 60 and a price of 100: a strike of 130 or cash of 70 a tonne pays 1,200."""
    here = {"good": "wheat", "region": "Home"}
    cash = {"floor": f"{40.0 * (130.0 - 60.0)} USD", "fixed_cash_cost": "0 USD"}
    margin, price = (
        pricing.solve(scenario_on(two_origins(), here | guarantee))
        for guarantee in (
            {"kind": "margin_guarantee", **cash},
            {"kind": "price_guarantee", "strike": "130 USD/t"},
        )
    )

    same(margin, price, *ALL_AGENTS)
    assert float(price.accounts.agents.treasuries[0, 0]) == pytest.approx(-1200.0, rel=1e-6)


@pytest.mark.parametrize("share", [20.0, 35.0, 50.0])
def test_a_sourcing_cap_is_a_quota_of_its_tonnes_whose_rent_goes_to_buyers(share: float) -> None:
    """Use is fixed. Users keep under the cap what holders of the quota earn."""
    cap = {"kind": "sourcing_cap", "good": "wheat", "origins": ["A"], "buyers": ["Home"]}
    limit = {"kind": "import_quota", "good": "wheat", "origins": ["A"], "destinations": ["Home"]}
    capped = pricing.solve(scenario_on(two_origins(), cap | {"share": f"{share} %"}))
    tonnes = float(capped.solved.state.flow[0, 0, 1, 0])
    quota = pricing.solve(scenario_on(two_origins(), limit | {"quota": f"{tonnes!r} t/yr"}))

    assert tonnes == pytest.approx(share, rel=1e-6)
    assert quota.solved.state.flow == pytest.approx(capped.solved.state.flow, rel=1e-6, abs=1e-6)
    under_cap, under_quota = capped.accounts.agents, quota.accounts.agents
    held = float(under_quota.licence_holders[0].sum())
    assert held == pytest.approx(20.0 * tonnes, rel=1e-6)
    kept = float((under_cap.users_by_region - under_quota.users_by_region)[0].sum())
    assert kept == pytest.approx(held, rel=1e-6)
    makers = (agents.processes_by_region for agents in (under_cap, under_quota))
    assert next(makers) == pytest.approx(next(makers), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("floor", [2.1, 2.25, 3.0])
def test_an_intervention_is_a_stock_that_buys_the_same_tonnes(floor: float) -> None:
    """In a closed market, where a stock buys from the same makers."""
    chain = two_lines(
        regions=("Home", "Home"),
        price=2.0,
        amount=60.0,
        supply_elasticity=2.0 / 3.0,
        demand_elasticity=2.0 / 3.0,
    )
    here = {"good": "wheat", "region": "Home"}
    bought = 40.0 * (floor - 2.0)
    held, stock = (
        pricing.solve(scenario_on(chain, here | policy))
        for policy in (
            {"kind": "intervention_purchase", "floor": f"{floor} USD/t"},
            {"kind": "stockpile", "rule": {"kind": "quantity", "bought": f"{bought!r} t/yr"}},
        )
    )

    for name in ("price", "index", "output"):
        found, due = (getattr(result.solved.state, name) for result in (held, stock))
        assert found == pytest.approx(due, rel=1e-7), name
    for name in (*ALL_AGENTS, "users_by_region"):
        found, due = (getattr(result.accounts.agents, name) for result in (held, stock))
        assert found == pytest.approx(due, rel=1e-6, abs=1e-6), name


GOODS = {"goods": [GOOD], "origins": [ABROAD]}


def test_a_minimum_import_price_is_a_levy_whose_receipts_exporters_keep() -> None:
    level = f"{1.3 * customs_value(solved())!r} USD/t"
    fixed = {"kind": "fixed", "prices": {GOOD: level}}
    levied = {"kind": "reference_price", "zone": [HOME], "level": fixed}
    levied |= {"mechanism": {"kind": "border_levy", "rent_capture": "100 %"}}
    least = {"kind": "minimum_import_price", "prices": {GOOD: level}, "destinations": [HOME]}

    same(solved(least), solved(levied), *ALL_AGENTS)


@pytest.mark.parametrize("share", [0.9, 0.5])
def test_an_export_quota_is_an_export_tax_of_the_size_of_its_rent(share: float) -> None:
    leaves = float(solved().solved.state.flow[0, 1, 0, 1:].sum())
    limit = {"kind": "export_quota", "good": GOOD, "origins": [ABROAD]}
    limited = solved(limit | {"quota": f"{share * leaves!r} t/yr"})
    rent = float(limited.solved.state.multiplier[0, 0])

    assert rent > 0.0
    taxed = solved({"kind": "export_tax", **GOODS, "specific": f"{rent!r} USD/t"})
    same(limited, taxed, "processes_by_region", "users_by_region")


def test_a_licence_for_a_share_is_a_quota_of_its_tonnes() -> None:
    """For one destination; who gets the gap is told apart, so makers and users alone agree."""
    used_to_leave = float(network().setting.benchmark_flow[1, 0, 1])
    licensed = {"kind": "export_licence", **GOODS, "destinations": [HOME], "approved": "60 %"}
    limit = route("import_quota", quota=f"{0.6 * used_to_leave!r} t/yr")

    same(solved(licensed), solved(limit), "processes_by_region", "users_by_region")


def test_a_ban_is_a_licence_for_nearly_nothing() -> None:
    banned = solved({"kind": "export_ban", **GOODS, "destinations": [HOME]})
    few = {"kind": "export_licence", **GOODS, "destinations": [HOME], "approved": "1e-7 1"}

    assert banned.solved.state.flow[0, 1, 0, 1] == 0.0
    assert banned.solved.state.price == pytest.approx(solved(few).solved.state.price, rel=1e-5)


@pytest.mark.parametrize("share", [0.95, 0.7])
def test_a_subsidy_beside_a_production_quota_adds_to_its_rent_alone(share: float) -> None:
    """A quota is a tax of its rent: what a payment on output would undo, the rent takes."""
    made = float(solved().solved.state.output[0, 1, 1])
    limit = {"kind": "production_quota", "good": GOOD, "regions": [HOME]}
    limited = solved(limit | {"quota": f"{share * made!r} t/yr"})
    assert float(limited.solved.state.output[0, 1, 1]) == pytest.approx(share * made, rel=1e-9)
    rent = float(limited.solved.state.multiplier[0, 0])
    paid = {"kind": "production_subsidy", "id": "s", **MAKER, "amount": f"{0.5 * rent!r} USD/t"}
    both = solved({**limit, "id": "q", "quota": f"{share * made!r} t/yr"}, paid)

    assert both.solved.state.price == pytest.approx(limited.solved.state.price, rel=1e-7)
    assert float(both.solved.state.multiplier[0, 0]) == pytest.approx(1.5 * rent, rel=1e-6)


def guaranteed(**more: Any) -> Document:
    return {"kind": "price_guarantee", "id": "p", "good": GOOD, "region": HOME, **more}


QUARTERLY = {"settlement": "quarterly", "spread": "0 %"}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"cap": "1 t/yr"},
        {"budget": "1000 USD"},
        {"budget": "1000 USD", "budget_rule": "pro_rata"},
        {"upper": "1 USD/t", "share_up": "30 %", "cap_up": "100 USD"},
    ],
)
def test_quarters_of_one_price_are_settled_as_a_year(more: Document) -> None:
    price = float(solved().solved.state.price[0, 1, 1])
    strike = "1 USD/t" if "upper" in more else f"{1.1 * price!r} USD/t"
    one, other = (solved(guaranteed(strike=strike, **more, **how)) for how in ({}, QUARTERLY))

    assert one.accounts.agents.treasuries.any()
    same(one, other, *ALL_AGENTS)


SPREADS = ["0 %", "10 %", "20 %", "40 %", "80 %"]


@pytest.mark.parametrize("more", [{}, {"share_down": "50 %", "cap": "1000000 t/yr"}])
def test_quarters_further_apart_are_paid_more_and_lower_the_price(more: Document) -> None:
    """A shortfall is convex in the price; at 5 % below it, only wide spreads are paid."""
    strike = 0.95 * float(solved().solved.state.price[0, 1, 1])
    found = [
        solved(guaranteed(strike=f"{strike!r} USD/t", settlement="quarterly", spread=s, **more))
        for s in SPREADS
    ]
    paid = [-float(one.accounts.agents.treasuries[0, 1]) for one in found]
    prices = [float(one.solved.state.price[0, 1, 1]) for one in found]

    assert paid[0] == pytest.approx(0.0, abs=1e-6)
    assert all(late > early for early, late in pairwise(paid))
    assert all(late < early for early, late in pairwise(prices))


@pytest.mark.parametrize("path", ["spread", "strike", "share_down"])
@pytest.mark.parametrize("more", [{}, {"budget": "1000 USD"}, {"cap": "1 t/yr"}])
def test_a_table_of_quarterly_guarantees_is_its_rows_one_by_one(path: str, more: Document) -> None:
    strike = float(solved().solved.state.price[0, 1, 1])
    document = guaranteed(strike=f"{strike!r} USD/t", settlement="quarterly", spread="20 %", **more)
    base = scenario_on(chain(), document | {"share_down": "80 %"}, assumptions=WORLD)
    stated = [f"{x * strike!r} USD/t" for x in (0.9, 1.0, 1.2)]
    values = {"strike": stated}.get(path, ["5 %", "40 %", "90 %"])
    batch = pricing.solve_many(base, {f"policies.p.{path}": values})

    for row, value in zip(batch.values("price"), values, strict=True):
        alone = pricing.solve(base.but({f"policies.p.{path}": value}))
        assert row == pytest.approx(producer_price(alone.solved), rel=1e-8, nan_ok=True)
