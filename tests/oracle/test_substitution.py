"""Inputs that stand in for one another, against the closed form and a search for the optimum."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.optimize import brentq, minimize_scalar

import pricing
from pricing.chains.schema import Chain
from pricing.economics.substitution import Nests
from pricing.errors import InputError
from tests.support.chains import elasticity, quantity, scenario_on
from tests.support.jacobians import against_differences
from tests.support.markets import Markets

EXACT = 1e-9
TONNES, AT = (2.0, 0.5), (10.0, 30.0)
"""Tonnes of ore and scrap per tonne of metal, at their prices [USD/t]."""
SUPPLY = {"ore": (200.0, 10.0, 0.8), "scrap": (50.0, 30.0, 0.4)}
DEMAND = (100.0, 60.0, 0.5)
COST = 25.0


def metal(
    sigma: float, buyer: str = "Home", supply: dict[str, tuple[float, float, float]] = SUPPLY
) -> Chain:
    """A smelter at home that uses ore and scrap, in a nest with this elasticity."""
    found = Markets(("ore", "scrap", "metal"), tuple(dict.fromkeys(("Home", buyer))))
    if buyer != "Home":
        found.route("Home", buyer, 0.0)
    for good, (tonnes, price, eta) in supply.items():
        found.supply(good, "Home", found.curve("isoelastic", eta, tonnes, price))
    inputs = dict(zip(("ore", "scrap"), (quantity(a, "t/t") for a in TONNES), strict=True))
    flat = {"kind": "flat", "cost": quantity(COST, "USD/t")}
    found.supply("metal", "Home", flat, inputs=inputs)
    found.demand("metal", buyer, "isoelastic", DEMAND[2], DEMAND[0], DEMAND[1])
    found.elasticities["sigma"] = elasticity(sigma, "input_price")
    at = dict(zip(("ore", "scrap"), (quantity(p, "USD/t") for p in AT), strict=True))
    nest = {"inputs": ["ore", "scrap"], "elasticity": "sigma", "at": at}
    found.parts["technologies"][-1]["substitution"] = nest
    return found.chain()


def answer(
    sigma: float,
    at: float = DEMAND[1],
    supply: dict[str, tuple[float, float, float]] = SUPPLY,
) -> tuple[float, float, float]:
    """Prices of ore and scrap, and output, by nested root finding on the CES in ratio form.

    ``at`` is the ex-works price at which the stated tonnes are bought: less with a duty.
    """

    def output(ore: float, scrap: float) -> tuple[float, float, float]:
        share = TONNES[0] * AT[0] / (TONNES[0] * AT[0] + TONNES[1] * AT[1])
        base = TONNES[0] * AT[0] + TONNES[1] * AT[1]
        a, b = ore / AT[0], scrap / AT[1]
        if sigma == 1.0:
            cost = base * a**share * b ** (1.0 - share)
        else:
            power = 1.0 - sigma
            cost = base * (share * a**power + (1.0 - share) * b**power) ** (1.0 / power)
        made = DEMAND[0] * ((cost + COST) / at) ** -DEMAND[2]
        up = (cost / base) ** sigma
        return made, TONNES[0] * a**-sigma * up * made, TONNES[1] * b**-sigma * up * made

    def supplied(good: str, price: float) -> float:
        tonnes, point, eta = supply[good]
        return float(tonnes * (price / point) ** eta)

    def scrap_at(ore: float) -> float:
        return float(
            brentq(lambda s: supplied("scrap", s) - output(ore, s)[2], 1.0, 900.0, xtol=1e-13)
        )

    def gap(ore: float) -> float:
        return float(supplied("ore", ore) - output(ore, scrap_at(ore))[1])

    ore = float(brentq(gap, 1.0, 300.0, xtol=1e-13))
    return ore, scrap_at(ore), output(ore, scrap_at(ore))[0]


@pytest.mark.parametrize("sigma", [0.3, 1.0, 2.5])
def test_a_smelter_between_ore_and_scrap(sigma: float) -> None:
    result = pricing.solve(scenario_on(metal(sigma)))
    ore, scrap, made = answer(sigma)
    state = result.solved.state
    np.testing.assert_allclose(state.price[0, :2, 0], [ore, scrap], rtol=EXACT)
    assert state.output[0, 2, 0] == pytest.approx(made, rel=EXACT)
    used = state.inputs[0, 2, :2]
    np.testing.assert_allclose(used * made, state.use[0, :2, 0], rtol=EXACT)
    assert not {c.name for c in result.accounts.checks if not c.passed}


def test_a_policy_moves_the_mix_and_the_accounts_hold() -> None:
    """A quota on ore: the smelter turns to scrap, dearer metal, and all six checks hold."""
    quota: dict[str, Any] = {"kind": "production_quota", "good": "ore", "regions": ["Home"]}
    result = pricing.solve(scenario_on(metal(2.5), quota | {"quota": quantity(120.0, "t/yr")}))
    state, base = result.solved.state, result.reference.state
    assert state.use[0, 0, 0] == pytest.approx(120.0, rel=1e-9)
    assert state.inputs[0, 2, 0] < base.inputs[0, 2, 0]
    assert state.inputs[0, 2, 1] > base.inputs[0, 2, 1]
    assert not {c.name: c.error for c in result.accounts.checks if not c.passed}
    assert result.diagnostics.residual < 1e-10
    (used,) = [
        r["value"]
        for r in result.records
        if r["variable"] == "input_use" and r["good"] == "ore" and r["scenario"] == "case"
    ]
    assert used == pytest.approx(120.0)


def test_derivatives() -> None:
    against_differences(pricing.solve(scenario_on(metal(0.6))).solved.program, seed=1)


def nest(sigma: float) -> Nests:
    """The nest of the smelter alone."""
    two = np.arange(2)
    return Nests(
        process=np.zeros(2, dtype=np.intp),
        good=two,
        place=two,
        coefficient=np.array(TONNES),
        price=np.array(AT),
        elasticity=np.full(2, sigma),
        same=np.ones((2, 2), dtype=bool),
    )


@pytest.mark.parametrize("sigma", [0.3, 2.5])
def test_the_mix_is_the_cheapest_that_makes_a_tonne(sigma: float) -> None:
    """Along the CES isoquant through the base mix no other mix costs less."""
    prices = np.array([[14.0, 21.0]])
    chosen = nest(sigma).coefficients(prices)[0]
    power = (sigma - 1.0) / sigma
    weight = np.array(TONNES) * np.array(AT)
    weight = weight / weight.sum()

    def scrap_for(ore: float) -> float:
        rest = 1.0 - weight[0] * (ore / TONNES[0]) ** power
        return float(TONNES[1] * (rest / weight[1]) ** (1.0 / power))

    assert scrap_for(chosen[0]) == pytest.approx(chosen[1], rel=1e-9)
    found = minimize_scalar(
        lambda ore: prices[0, 0] * ore + prices[0, 1] * scrap_for(ore),
        bracket=(0.9 * chosen[0], 1.1 * chosen[0]),
        tol=1e-12,
    )
    assert found.fun == pytest.approx(float(prices[0] @ chosen), rel=1e-10)


def test_slopes_match_differences() -> None:
    found, prices, step = nest(0.7), np.array([[8.0, 44.0]]), 1e-5
    a, b, slope = found.slopes(prices)
    for n in range(a.size):
        up, down = prices.copy(), prices.copy()
        up[0, b[n]] += step
        down[0, b[n]] -= step
        change = found.coefficients(up) - found.coefficients(down)
        assert slope[0, n] == pytest.approx(change[0, a[n]] / (2.0 * step), rel=1e-7)


def test_what_is_refused() -> None:
    data = metal(0.5).model_dump(exclude_unset=True)
    for change, says in (
        ({"inputs": ["ore", "slag"]}, "'slag' is no input. Inputs: ore, scrap"),
        ({"inputs": ["ore", "ore"]}, "the input 'ore' stands twice"),
        ({"at": {}}, "without a benchmark the price of ore needs 'at'"),
    ):
        changed = [dict(t) for t in data["technologies"]]
        changed[-1]["substitution"] = changed[-1]["substitution"] | change
        with pytest.raises(ValidationError, match=says):
            Chain.model_validate(data | {"technologies": changed})


def test_inputs_that_replace_one_another_keep_the_dense_matrix() -> None:
    """Blocks know no slope of a coefficient in a price; steps that lack it go astray."""
    program = pricing.solve(scenario_on(metal(0.5))).solved.program
    assert program.network.nests.process.size
    assert program.blocks is None


def test_a_payment_for_one_input_of_a_nest_is_refused() -> None:
    """It would move what plants use: at an elasticity of 2, by root finding as in `answer`, they
    would buy 56.0 t of scrap; paid by base-year recipes they bought 51.0."""
    policy = {"kind": "input_subsidy", "region": "Home", "amount": quantity(10.0, "USD/t")}
    with pytest.raises(InputError, match="stand in for scrap in metal_Home"):
        pricing.solve(scenario_on(metal(2.0), policy | {"good": "scrap"}))
