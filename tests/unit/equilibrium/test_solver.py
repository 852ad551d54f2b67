"""What the solver hands out, and which method gets there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import pricing
from benchmarks.policies import scenario
from pricing.chains.network import Array
from pricing.equilibrium import solver
from pricing.equilibrium.build import Solved, build, world
from pricing.equilibrium.conditions import describe, residual, scaled_conditions
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.point import Point
from pricing.equilibrium.program import Program
from pricing.equilibrium.solver import Method
from pricing.equilibrium.starts import start
from pricing.errors import NoEquilibriumError
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import line_market, quantity, random_chain, scenario_on
from tests.unit.equilibrium.zone_prices import ZONE, reference


def drawn(seed: list[int]) -> pricing.Result:
    chain = pricing.load_chain("ndfeb")
    plain = ScenarioDocument(id="plain", title="plain", description="plain", chain="ndfeb")
    return pricing.solve(scenario(world(chain, plain).network, "ndfeb", seed))


def checked(solved: Solved) -> float:
    """Residual measured once more."""
    gap = residual(
        solved.program,
        solved.z,
        scaled_conditions(solved.program, evaluate(solved.program, solved.z)),
    )
    return float(np.abs(gap).max())


def test_shipped_scenarios_keep_the_promise() -> None:
    for name in pricing.shipped_scenarios():
        result = pricing.solve(name)
        found = checked(result.solved)
        assert found <= 1e-8
        told = result.diagnostics.residual
        markups = result.scenario.document.assumptions.conduct  # whose conditions are told as well
        assert told >= found if markups else told == found
        assert all(check.passed for check in result.accounts.checks)


def test_base_year_needs_no_step() -> None:
    result = pricing.solve("baseline")
    assert result.diagnostics.iterations == 0
    assert result.diagnostics.method is Method.NEWTON


def test_ban_is_solved_by_interior_points() -> None:
    result = pricing.solve("china_export_ban")
    assert result.diagnostics.method is Method.INTERIOR


def test_newton_passes_the_choke_price_and_comes_back() -> None:
    """Demand of elasticity 0.015 meets a quota: the price goes from 1 to the choke at 20 at once.

    The residual has to rise on the way, and whole steps get there without interior points.
    """
    quota = {
        "id": "quota",
        "kind": "import_quota",
        "good": "magnet",
        "destinations": ["EU"],
        "quota": quantity(14_000, "t/yr"),
        "source": "forge_proposal",
    }
    base = pricing.load_scenario("forge_oxide_only")
    result = pricing.solve(base.but({"policies.quota": quota}))
    assert result.diagnostics.method is Method.NEWTON
    assert result.diagnostics.iterations <= 15
    network, eu = result.solved.program.network, 2
    assert network.regions[eu] == "EU"
    choke = network.demand.choke[np.flatnonzero(network.demand_region == eu)[0]]
    assert result.solved.state.index[0, 3, eu] == pytest.approx(choke, rel=1e-9)
    imported = result.solved.state.flow[0, 3, :, eu].sum() - result.solved.state.flow[0, 3, eu, eu]
    assert imported == pytest.approx(14_000, rel=1e-9)


@pytest.mark.parametrize("price", range(75, 191, 5))
def test_far_from_the_base_year_newton_needs_few_evaluations(
    price: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Europe's separation stands still, and begins above some 105 USD/kg of concentrate.

    A plant that began with all that its margin would pay for, and was stopped again, led around in
    circles: up to 160 evaluations.
    """
    seen: list[Point] = []
    at = Point.at

    def counted(program: Program, z: Array) -> Point:
        seen.append(at(program, z))
        return seen[-1]

    monkeypatch.setattr(Point, "at", counted)
    base = pricing.load_scenario("forge_all_stages")
    result = pricing.solve(base.but({"policies.reference.level.price": f"{price} USD/kg"}))
    assert result.diagnostics.method is Method.NEWTON
    assert len(seen) <= 40


def test_levies_that_push_each_other_are_solved() -> None:
    """A draw on which Newton fails: inside, and along the path."""
    result = drawn([5, 1010])
    assert result.diagnostics.method is not Method.NEWTON
    assert checked(result.solved) <= 1e-8
    found = solver._Search(result.solved.program).paths()
    assert found is not None
    assert checked(replace(result.solved, z=found)) <= 1e-8


@pytest.mark.slow
def test_a_levy_that_ends_at_its_ceiling_far_from_the_base_year() -> None:
    """At constant cost Chinese oxide at a tenth of its capital cost makes Japanese metal cheaper
    than its reference whatever the levy on metal. At its ceiling it is a tariff of ten times the
    base-year price, which needs no levy to be found."""

    def japan(goods: dict[str, float], *more: dict[str, Any]) -> pricing.Scenario:
        prices = {good: quantity(price, "USD/t") for good, price in goods.items()}
        levy = {"kind": "reference_price", "zone": ["Japan"], "mechanism": {"kind": "uniform_levy"}}
        grant = {"kind": "capital_grant", "good": "oxide", "region": "China"}
        policies = (
            levy | {"level": {"kind": "fixed", "prices": prices}},
            grant | {"share": quantity(90.0, "%")},
        )
        assumptions = {"horizon": "long", "expansion": "constant_cost"}
        return scenario_on(pricing.load_chain("ndfeb"), *policies, *more, assumptions=assumptions)

    levied = pricing.solve(japan({"oxide": 54146.9, "metal": 40100.8})).solved
    ceiling = next(m.upper for m in levied.program.limits if "Japan on metal" in m.name)
    tariff = {"kind": "tariff", "good": "metal", "origins": ["all"], "destinations": ["Japan"]}
    other = pricing.solve(
        japan({"oxide": 54146.9}, tariff | {"specific": quantity(ceiling, "USD/t")})
    )

    made = levied.state.output > 1e-6  # what nobody makes has no one price
    assert levied.state.price[made] == pytest.approx(other.solved.state.price[made], rel=1e-7)
    assert levied.state.output == pytest.approx(other.solved.state.output, rel=1e-7, abs=1e-4)
    assert levied.state.price[0, 2, 3] < 40100.8


def test_each_fallback_reaches_the_same_answer() -> None:
    """Uniform levies of one member: every method finds the one equilibrium."""
    program = levy_of_japan("80 USD/kg")
    search = solver._Search(program)
    first = start(program)
    found = [method(first) for method in (search.exact, search.interior, search.path)]
    known = [z for z in found if z is not None]
    assert len(known) == 3
    levy = program.level_part.stop
    assert known[0][0, levy] > 0.0
    for z in known[1:]:
        np.testing.assert_allclose(z, known[0], rtol=1e-7, atol=1e-9)


def test_unsolved_names_the_worst_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    case = scenario_on(random_chain(1, stages=2), **ZONE)
    program = build(case.document, world(case.chain, case.document).network)
    monkeypatch.setattr(solver, "newton", lambda program, z, most, **_: (z * 1.5, [1], [np.inf]))
    monkeypatch.setattr(solver._Search, "interior", lambda *_: None)
    monkeypatch.setattr(solver._Search, "finer", lambda _, z: z)
    monkeypatch.setattr(solver._Search, "path", lambda *_: None)
    with pytest.raises(NoEquilibriumError) as caught:
        solver.solve(program)
    text = str(caught.value)
    assert text.startswith("case: no equilibrium. Worst condition: ")
    assert "of its scale" in text
    assert "max_levy" in text
    assert caught.value.residual > 1e-8


def test_higher_of_two_border_levies_holds() -> None:
    chain = random_chain(4, stages=2)
    low = reference(kind="border_levy")
    high = low | {"level": {"kind": "fixed", "prices": {"g1": quantity(30, "USD/kg")}}}
    both = pricing.solve(scenario_on(chain, low, high, **ZONE))
    one = pricing.solve(scenario_on(chain, high, **ZONE))
    np.testing.assert_allclose(both.solved.state.flow, one.solved.state.flow, rtol=1e-9)


def test_levy_without_trade_is_held_at_zero() -> None:
    chain = random_chain(4, stages=2)
    base = pricing.solve(scenario_on(chain)).solved
    idle = int(np.flatnonzero(base.state.use[0, 0] == 0.0)[0])
    level = {"kind": "fixed", "prices": {"g0": quantity(90, "USD/kg")}}
    policy = reference(kind="uniform_levy") | {"zone": [f"r{idle}"], "level": level}
    result = pricing.solve(scenario_on(chain, policy))
    assert result.solved.program.upper[0, result.solved.program.level_part.stop] == 0.0
    assert result.solved.state.multiplier[0, 0] == 0.0


def test_a_shared_world_cannot_be_written_to() -> None:
    reference_run = pricing.solve("baseline").reference
    with pytest.raises(ValueError, match="read-only"):
        reference_run.state.price[0, 0, 0] = 1.0


def test_price_of_zero_is_disposal() -> None:
    """Makers who must run sell to buyers who need less: the price is zero, the rest is waste."""
    chain = line_market((20.0, 20.0), (100.0, 20.0), 2.0)
    must_run = chain.revised(
        processes=(chain.processes[0].revised(minimum=quantity(59.0, "t/yr")),)
    )
    ban_of_use = {
        "demand": [{"good": "wheat", "region": "all", "factor": "0.1 1", "source": "test"}]
    }
    case = scenario_on(must_run, assumptions=ban_of_use)
    result = pricing.solve(case)
    state = result.solved.state
    assert state.price[0, 0, 0] == 0.0
    assert state.level[0, 0] == pytest.approx(59.0)
    assert state.flow[0, 0, 0, 0] == pytest.approx(10.0)  # a tenth of 100 - 20 x 0


def test_describe_covers_every_unknown() -> None:
    program = pricing.solve("forge_uniform_levy").solved.program
    names = [describe(program, n) for n in range(sum(program.sizes))]
    assert names[0] == "market clearance of concentrate in China"
    assert "zero profit of magnet_eu" in names
    assert any(name.startswith("levy of EU on oxide") for name in names)


def test_program_is_not_changed_by_solving() -> None:
    case = scenario_on(random_chain(4, stages=2), reference(kind="border_levy"), **ZONE)
    program = build(case.document, world(case.chain, case.document).network)
    before = replace(program)
    solver.solve(program)
    assert np.array_equal(before.lower, program.lower)
    assert np.array_equal(before.upper, program.upper)


def levy_of_japan(price: str) -> Program:
    """One uniform levy: Japan holds up metal alone."""
    level = {"kind": "fixed", "prices": {"metal": price}}
    case = pricing.load_scenario("forge_uniform_levy").but(
        {"policies.reference.zone": ["Japan"], "policies.reference.level": level}
    )
    return build(case.document, world(case.chain, case.document).network)


@pytest.mark.parametrize(("price", "levy"), [("20 USD/kg", 0.0), ("9000 USD/kg", 10.0)])
def test_one_levy_at_its_bounds(price: str, levy: float) -> None:
    """A reference below the price needs no levy; one far above it stands at the ceiling."""
    program = levy_of_japan(price)
    found, _, _ = solver.solve(program)
    assert found[0, program.level_part.stop] == pytest.approx(levy)


def test_residual_is_not_lost_behind_a_huge_multiplier() -> None:
    """A multiplier of 1e81 beside a condition that is off by one: the pair is off by one."""
    program = pricing.solve("forge_uniform_levy").solved.program
    z = start(program)
    condition = np.zeros_like(z)
    position = program.level_part.stop
    z[0, position], condition[0, position] = 5.0, 1.0
    far = replace(program, upper=np.full_like(program.upper, np.inf))
    for size in (5.0, 5e81):
        z[0, position] = size
        assert residual(far, z, condition)[0, position] == 1.0
