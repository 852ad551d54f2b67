"""Instruments at the border against formulas written down again, and another root finder.

Home buys wheat from itself, from A and from B, by the logit law. Origins differ in price, freight
and so in customs value; insurance is 2 %, the duty 10 % of CIF. Supply and demand are straight.

    c = ((p + s)(1 + ins) + freight)(1 + t) + levy,   shares a exp(-theta c) / sum
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.optimize import brentq, fsolve

import pricing
from pricing.chains.schema import Chain
from tests.support.chains import (
    elasticity,
    frame,
    good,
    places,
    quantity,
    row,
    scenario_on,
    technology,
)

PLACES = ("Home", "A", "B")
P0, Q0 = np.array([100.0, 80.0, 85.0]), np.array([40.0, 35.0, 25.0])
FREIGHT, INSURED = np.array([0.0, 10.0, 8.0]), np.array([1.0, 1.02, 1.02])
DUTY, ABROAD = np.array([0.0, 0.1, 0.1]), np.array([0.0, 1.0, 1.0])

Array = np.ndarray


def cif(price: Array) -> Array:
    return price * INSURED + FREIGHT


def paid(price: Array) -> Array:
    return cif(price) * (1.0 + DUTY)


C0 = paid(P0)
AVERAGE = float(Q0 @ C0) / 100.0
THETA = 4.0 / AVERAGE
WEIGHT = Q0 / 100.0 * np.exp(THETA * (C0 - AVERAGE))


class Market(NamedTuple):
    """One equilibrium of the formulas."""

    price: Array
    landed: Array
    index: float
    flow: Array


def bought(landed: Array) -> tuple[float, Array]:
    """Index and tonnes by origin."""
    taken = WEIGHT * np.exp(-THETA * landed)
    index = float(-np.log(taken.sum()) / THETA)
    return index, taken / taken.sum() * 100.0 * (1.0 - 0.5 * (index / AVERAGE - 1.0))


def market(landed: Callable[[Array], Array]) -> Market:
    """Prices at which what is offered is bought, by a root finder of scipy."""

    def excess(price: Array) -> Array:
        return Q0 * (1.0 + 0.8 * (price / P0 - 1.0)) - bought(landed(price))[1]

    price = fsolve(excess, P0, xtol=1e-13)
    assert np.abs(excess(price)).max() < 1e-8
    return Market(price, landed(price), *bought(landed(price)))


def at_rent(rule: Callable[[float], Market], miss: Callable[[Market], float]) -> tuple[float, Any]:
    """The rent at which something is as much as it should be, and the market there."""
    rent = brentq(lambda x: miss(rule(x)), 0.0, 200.0, xtol=1e-12)
    return rent, rule(rent)


def chain() -> Chain:
    """The same market as a chain."""
    freight = [{"cost": quantity(10.0, "USD/t"), "insurance": quantity(2, "%"), "source": "test"}]
    freight += [freight[0] | {"origin": "B", "destination": "Home", "cost": quantity(8.0, "USD/t")}]
    return frame(
        goods=[good("wheat")],
        regions=places(PLACES, "cif"),
        elasticities={
            "sigma": elasticity(4.0, "landed_price"),
            "growing": elasticity(0.8, "output_price"),
            "eating": elasticity(0.5, "buyer_price"),
        },
        technologies=[technology("farming", "wheat", "linear", "growing")],
        processes=[
            {"id": f"farms {name}", "technology": "farming", "region": name, "source": "test"}
            for name in PLACES
        ],
        demands=[
            {"good": "wheat", "region": "Home", "use": "bread", "source": "test"}
            | {"curve": {"kind": "linear", "elasticity": "eating"}}
        ],
        freight=freight,
        duties=[
            {"layer": "mfn", "good": "wheat", "importer": "Home", "rate": quantity(10, "%")}
            | {"source": "test"}
        ],
        benchmarks={
            "base": {
                "title": "base",
                "rows": [
                    *(
                        part
                        for name, p, q in zip(PLACES, P0, Q0, strict=True)
                        for part in (
                            row("producer_price", p, good="wheat", region=name),
                            row("production", q, process=f"farms {name}"),
                            row("flow", q, good="wheat", region=name, partner="Home"),
                        )
                    ),
                    row("use", 100.0, good="wheat", region="Home", use="bread"),
                ],
            }
        },
    )


HOME = {"good": "wheat", "destinations": ["Home"]}


def same(policy: dict[str, Any], due: Market, treasury: Array, **held: float) -> None:
    """Prices, tonnes, receipts (by origin, per tonne), and what exporters or licences hold."""
    result = pricing.solve(scenario_on(chain(), policy))
    state, agents = result.solved.state, result.accounts.agents
    for found, expected in (
        (state.price[0, 0], due.price),
        (state.landed[0, 0, :, 0], due.landed),
        (state.index[0, 0, 0], due.index),
        (state.flow[0, 0, :, 0], due.flow),
        (agents.treasuries[0, 0], treasury @ due.flow - (DUTY * cif(P0)) @ Q0),
        (agents.exporters.sum(), held.get("exporters", 0.0)),
        (agents.licence_holders.sum(), held.get("licences", 0.0)),
    ):
        assert found == pytest.approx(expected, rel=1e-7, abs=1e-6)
    assert all(check.passed for check in result.accounts.checks)


@pytest.mark.parametrize("kept", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("at", "reference"), [("fob", 95.0), ("cif", 108.0), ("duty_paid", 118.0)])
def test_a_levy_by_origin_on_each_base_and_share_of_rent(at: str, reference: float, kept: float):
    def parts(price: Array) -> tuple[Array, Array]:
        base = {"fob": price, "cif": cif(price), "duty_paid": paid(price)}[at]
        gap = np.maximum(0.0, reference - base) * ABROAD
        closes = {"fob": 1.0, "cif": INSURED, "duty_paid": INSURED * (1.0 + DUTY)}[at]
        return kept * gap / closes, (1.0 - kept) * gap

    def landed(price: Array) -> Array:
        rent, levy = parts(price)
        return paid(price + rent) + levy

    due = market(landed)
    rent, levy = parts(due.price)
    policy = {
        "kind": "reference_price",
        "zone": ["Home"],
        "level": {"kind": "fixed", "prices": {"wheat": f"{reference} USD/t"}},
        "mechanism": {"kind": "border_levy", "compare_at": at, "rent_capture": f"{100 * kept} %"},
    }
    receipts = levy + DUTY * cif(due.price + rent)
    same(policy, due, receipts, exporters=float(rent @ due.flow))


def test_one_levy_holds_the_price_of_home_makers():
    def rule(levy: float) -> Market:
        return market(lambda price: paid(price) + levy * ABROAD)

    levy, due = at_rent(rule, lambda found: found.price[0] - 110.0)
    policy = {"kind": "reference_price", "zone": ["Home"], "mechanism": {"kind": "uniform_levy"}}
    policy |= {"level": {"kind": "fixed", "prices": {"wheat": "110 USD/t"}}}
    same(policy, due, DUTY * cif(due.price) + levy * ABROAD)


@pytest.mark.parametrize("seller", [False, True])
def test_a_quota_whose_rent_is_in_the_invoice_or_on_top(seller: bool):
    def rule(rent: float) -> Market:
        asked, on_top = (rent * ABROAD, 0.0) if seller else (0.0, rent * ABROAD)
        return market(lambda price: paid(price + asked) + on_top)

    rent, due = at_rent(rule, lambda found: found.flow[1:].sum() - 40.0)
    policy = {"kind": "import_quota", **HOME, "quota": "40 t/yr"}
    policy |= {"rent_to": "exporter"} if seller else {}
    receipts = DUTY * cif(due.price + seller * rent * ABROAD)
    same(policy, due, receipts, **{"exporters" if seller else "licences": 40.0 * rent})


@pytest.mark.parametrize("quota", [80.0, 45.0, 20.0])
def test_licences_of_a_tariff_rate_quota_go_to_the_origin_that_saves_most(quota: float):
    """5 and 25 %. A's duty is worth less. Of 45 t B takes what it sells, A pays the high rate on
    the rest, and licences cost what A saves; 20 t are all B's, which pays the high rate too."""
    licence = {
        80.0: lambda value: 0.0,
        45.0: lambda value: 0.2 * value[1],
        20.0: lambda value: 0.2 * value[2],
    }[quota]

    def duty(price: Array) -> Array:
        value = cif(price)
        return ABROAD * np.minimum(0.05 * value + licence(value), 0.25 * value)

    due = market(lambda price: paid(price) + duty(price))
    value, flow = cif(due.price), due.flow
    within = {80.0: flow, 45.0: np.array([0.0, 45.0 - flow[2], flow[2]])}.get(quota)
    within = np.array([0.0, 0.0, quota]) if within is None else within
    rate = DUTY + ABROAD * (0.25 - 0.2 * within / flow)
    policy = {"kind": "tariff_rate_quota", **HOME, "quota": f"{quota} t/yr"}
    policy |= {"in_quota": "5 %", "over_quota": "25 %"}
    same(policy, due, rate * value, licences=float(licence(value)) * min(quota, flow[1:].sum()))


def test_a_cap_on_one_origin_is_a_blend_without_net_money():
    def rule(price_of_share: float) -> Market:
        blend = price_of_share * np.array([-0.2, 0.8, -0.2])
        return market(lambda price: paid(price) + blend)

    _, due = at_rent(rule, lambda found: found.flow[1] - 0.2 * found.flow.sum())
    policy = {"kind": "sourcing_cap", "good": "wheat", "origins": ["A"], "buyers": ["Home"]}
    same(policy | {"share": "20 %"}, due, DUTY * cif(due.price))


@pytest.mark.parametrize("volume", [1000.0, 45.0])
def test_an_undertaking_lands_at_its_price_or_higher_where_its_volume_is_scarce(volume: float):
    """A customs value of 100, or whatever brings imports down to the volume; else 100 %."""

    def rule(value: float) -> Market:
        return market(lambda price: np.where(ABROAD > 0.0, 1.1 * value, paid(price)))

    due = rule(100.0)
    if due.flow[1:].sum() > volume:
        _, due = at_rent(rule, lambda found: found.flow[1:].sum() - volume)
    declared = due.landed / 1.1
    rent = ABROAD * (declared - cif(due.price)) / INSURED
    policy = {"kind": "undertaking", **HOME, "origins": ["A", "B"], "price": "100 USD/t"}
    policy |= {"volume": f"{volume} t/yr", "fallback": "100 %"}
    same(policy, due, DUTY * declared, exporters=float(rent @ due.flow))
