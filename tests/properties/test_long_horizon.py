"""The long horizon on random chains: the base year, the condition of capacity, grants, batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pricing
from pricing.chains.schema import Chain
from pricing.economics.capacity import LongRunSupply, plant_rent
from pricing.equilibrium.build import world
from pricing.scenarios.scenario import Scenario
from tests.support.chains import LAWS, quantity, random_chain, scenario_on

EXPANSIONS = ("rising_cost", "constant_cost", "none")


def chain(seed: int) -> Chain:
    return random_chain(seed, stages=3, regions=6, least=0.05, laws=LAWS)


def long(expansion: str = "rising_cost", **more: Any) -> dict[str, Any]:
    return {"assumptions": {"horizon": "long", "expansion": expansion, **more}}


def grant(share: float, good: str = "g1", region: str = "r0") -> dict[str, Any]:
    share_of = quantity(share, "1")
    return {"kind": "capital_grant", "good": good, "region": region, "share": share_of}


def tariff(rate: float) -> dict[str, Any]:
    return {"kind": "tariff", "good": "g1", "destinations": ["r1", "r2"], "rate": f"{rate} 1"}


@pytest.mark.parametrize("expansion", EXPANSIONS)
@pytest.mark.parametrize("seed", range(4))
def test_the_base_year_is_an_equilibrium(seed: int, expansion: str):
    here = world(chain(seed), scenario_on(chain(seed), **long(expansion)).document)
    network, state = here.network, here.reference.state
    made = np.isfinite(network.price)
    np.testing.assert_allclose(state.price[0][made], network.price[made], rtol=1e-9)
    np.testing.assert_allclose(state.level[0], network.level, rtol=1e-9)


@pytest.mark.parametrize("expansion", EXPANSIONS[:2])
@pytest.mark.parametrize("seed", range(6))
def test_capacity_earns_its_annuity_where_there_is_any(seed: int, expansion: str):
    """``0 <= K ⟂ (1 - g) A K^(1/kappa) - V >= 0``, with ``V`` as a plant of one unit earns it."""
    result = pricing.solve(scenario_on(chain(seed), tariff(0.5), grant(0.4), **long(expansion)))
    program, state = result.solved.program, result.solved.state
    supply = program.supply
    assert isinstance(supply, LongRunSupply)
    k = supply.capacity(state.level)[0]
    earned = plant_rent(supply.plant, state.margin, supply.low, supply.high)[0]
    kappa = np.where(supply.adjusts, supply.response, 1.0)
    cost = supply.kept[0] * supply.annuity * k ** (1.0 / kappa)
    loss = ((cost - earned) / supply.annuity)[supply.adjusts]
    assert supply.adjusts.sum() > 5
    assert (loss >= -1e-7).all()
    assert np.abs(np.minimum(k[supply.adjusts], loss)).max() < 1e-7
    run = state.level[0] / np.where(k > 0.0, k, 1.0)
    assert (run <= supply.high * (1.0 + 1e-9)).all()


@pytest.mark.parametrize("expansion", EXPANSIONS[:2])
def test_a_grant_of_nothing_changes_nothing(expansion: str):
    result = pricing.solve(scenario_on(chain(1), grant(0.0), **long(expansion)))
    base = result.reference.state
    np.testing.assert_allclose(result.solved.state.level, base.level, rtol=1e-9)
    assert float(np.abs(result.accounts.agents.treasuries).max()) == 0.0
    assert all(check.passed for check in result.accounts.checks)


@pytest.mark.parametrize("expansion", EXPANSIONS[:2])
@pytest.mark.parametrize("seed", [0, 3])
def test_more_grant_more_output_a_lower_price_and_a_larger_outlay(seed: int, expansion: str):
    found = []
    for share in (0.0, 0.2, 0.5, 0.8):
        result = pricing.solve(scenario_on(chain(seed), grant(share), **long(expansion)))
        state = result.solved.state
        outlay = -float(result.accounts.agents.treasuries[0, 0])
        found.append((state.output[0, 1, 0], -state.price[0, 1, 0], outlay))
    assert (np.diff(found, axis=0)[:, [0, 2]] > 0.0).all()
    assert (np.diff(found, axis=0)[:, 1] > -1e-9).all()


def test_a_cheap_loan_is_a_grant_of_what_it_saves():
    """Annuity factors of a table, 0.067216 at 3 % and 0.101852 at 8 % over 20 years: 17.003 %."""
    lent = {"share": "50 %", "rate": "3 %", "market_rate": "8 %", "years": "20 years"}
    saved = 0.5 * (1.0 - 0.067216 / 0.101852)
    loan, granted = (
        pricing.solve(scenario_on(chain(3), policy, **long()))
        for policy in (grant(0.0) | {"loan": lent}, grant(saved))
    )
    for name in ("price", "level", "flow"):
        found, due = (getattr(result.solved.state, name) for result in (loan, granted))
        np.testing.assert_allclose(found, due, rtol=2e-5, atol=1e-4)
    outlays = (result.accounts.agents.treasuries[0] for result in (loan, granted))
    np.testing.assert_allclose(next(outlays), next(outlays), rtol=2e-5)


def test_many_equal_one_by_one():
    base = scenario_on(chain(2), tariff(0.3), grant(0.1), **long())
    shares = [f"{share} 1" for share in np.linspace(0.0, 0.9, 7)]
    batch = pricing.solve_many(base, {"policies.p1.share": shares})
    for n, share in enumerate(shares):
        alone = pricing.solve(base.but({"policies.p1.share": share})).solved.state
        np.testing.assert_allclose(batch[n].solved.state.price, alone.price, rtol=1e-9)
        np.testing.assert_allclose(batch[n].solved.state.level, alone.level, rtol=1e-9)
        assert all(check.passed for check in batch[n].accounts.checks)
    mixed: list[Scenario] = [base.but({"assumptions.expansion": name}) for name in EXPANSIONS[:2]]
    for one, result in zip(mixed, pricing.solve_many(mixed), strict=True):
        again = pricing.solve(one).solved.state
        np.testing.assert_allclose(result.solved.state.price, again.price, rtol=1e-9)


def test_a_chain_without_a_base_year_has_the_same_one_in_both_horizons():
    """Its base year is solved with capacity fixed, so capacity pays exactly what it costs."""
    data = chain_with_points()
    scenario = scenario_on(data, **long())
    here = world(data, scenario.document)
    assert isinstance(here.network.supply, LongRunSupply)
    np.testing.assert_allclose(here.reference.state.level[0], here.network.level, rtol=1e-9)
    np.testing.assert_allclose(here.network.supply.capacity(here.network.level), 1.0, rtol=1e-9)


def chain_with_points() -> Chain:
    """One stage, homogeneous, supply through stated points, no benchmark."""
    data = random_chain(3, stages=1, regions=3, laws=LAWS[:1]).model_dump()
    rows = data["benchmarks"].pop("central")["rows"]
    data["goods"][0]["sourcing"] = {"law": "homogeneous"}
    made = {r["process"]: r["value"] for r in rows if r["variable"] == "production"}
    supply = data["technologies"][0]["supply"]
    data["elasticities"]["supply0"]["of"] = "margin"
    for process in data["processes"]:
        point = {
            "quantity": quantity(made[process["id"]], "t/yr"),
            "price": quantity(10_000.0, "USD/t"),
        }
        process["supply"] = supply | {"through": point}
    data["technologies"][0]["supply"] = data["processes"][0]["supply"]
    for demand, row in zip(
        data["demands"], (r for r in rows if r["variable"] == "use"), strict=True
    ):
        point = {"quantity": quantity(row["value"], "t/yr"), "price": quantity(11_000.0, "USD/t")}
        demand["curve"] = demand["curve"] | {"through": point}
    return Chain.model_validate(data)
