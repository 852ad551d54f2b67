"""Compiled steps against those in NumPy and against single solves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from threading import Event
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("numba", reason="there is no numba for this machine")

import pricing
from pricing.chains.network import Network
from pricing.chains.schema import Chain
from pricing.economics.curves import DemandCurves, Law, SupplyCurves
from pricing.economics.sourcing import Law as Sourcing
from pricing.equilibrium import batch, company, kernel
from pricing.equilibrium.batch import Answer, Case, solve_together
from pricing.equilibrium.build import world
from pricing.equilibrium.compiled import curves as compiled_curves
from pricing.equilibrium.reduce import assemble
from pricing.equilibrium.refine import POLISH
from pricing.equilibrium.solver import Method, solve
from pricing.equilibrium.ties import strip_ends
from pricing.instruments.terms import Duty, Terms
from pricing.many import Batch
from pricing.reporting.prices import producer_price
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import quantity, random_chain, scenario_on
from tests.support.spatial import Lines, spe_chain
from tests.support.spe import random_spe

Array = NDArray[np.float64]
PLAIN = ScenarioDocument(id="p", title="p", description="p", chain="test")
ROWS = company.FEWEST + 8


@pytest.fixture
def in_numpy(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """As if numba were not installed, until undone."""
    monkeypatch.setattr(kernel, "installed", lambda: False)
    return monkeypatch


def duties(network: Network, seed: int) -> list[Case]:
    """Cases with drawn duties at two importers of each good."""
    goods, regions = len(network.goods), len(network.regions)
    rng = np.random.default_rng(seed)
    away = ~np.eye(regions, dtype=bool)
    cases = []
    for n in range(ROWS):
        rate = np.zeros((goods, regions, regions))
        for g in range(goods):
            rate[g][:, rng.integers(regions, size=2)] = rng.uniform(0.0, 0.4)
        terms = Terms((goods, regions))
        terms.duties.append(Duty("drawn", "tariff", rate * away, np.zeros_like(rate)))
        cases.append(Case(f"draw {n}", network, terms))
    return cases


def answers(cases: list[Case], threads: int = 1) -> list[Answer]:
    found = solve_together(cases, threads)
    assert all(isinstance(outcome, Answer) for outcome in found)
    return [outcome for outcome in found if isinstance(outcome, Answer)]


def methods(found: list[Answer]) -> set[Method]:
    return {answer.diagnostics.method for answer in found}


def agree(ours: list[Answer], theirs: list[Answer]) -> None:
    for one, other in zip(ours, theirs, strict=True):
        assert max(one.diagnostics.residual, other.diagnostics.residual) <= POLISH
        for name in ("price", "level", "index", "flow"):
            a, b = getattr(one.state, name)[0], getattr(other.state, name)[0]
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9 * np.abs(b).max())


def two_inputs_and_twins(seed: int) -> Chain:
    """The last good is made of both before it, and every plant stands twice."""
    data = spe_chain(random_spe(seed, 3, 4)).model_dump(mode="json")
    for technology in data["technologies"]:
        if "g2" in technology["outputs"]:
            technology["inputs"]["g0"] = quantity(0.2, "t/t")
    twins = [process | {"id": process["id"] + "b"} for process in data["processes"]]
    data["processes"] += twins
    return Chain.model_validate(data)


def straight_lines(regions: int) -> Chain:
    """One good, straight supply and demand; names in no order of price."""
    rng = np.random.default_rng(regions)
    names = [f"r{n}" for n in range(regions)]
    costs = {(i, j): float(rng.uniform(0.1, 0.4)) for i in names for j in names if i != j}
    market = Lines(2.0, costs)
    for name in names:
        b, d = rng.uniform(10.0, 40.0, 2)
        market.region(name, (float(rng.uniform(-5.0, 5.0)), b), (float(100.0 + 2 * d), d))
    return market.chain()


CHAINS = {
    "one good": lambda: spe_chain(random_spe(1, 1, 7)),
    "three stages": lambda: spe_chain(random_spe(2, 3, 5)),
    "five stages": lambda: spe_chain(random_spe(3, 5, 4)),
    "two inputs, twin plants": lambda: two_inputs_and_twins(5),
    "straight lines": lambda: straight_lines(5),
}


@pytest.mark.parametrize("name", CHAINS)
def test_compiled_steps_lead_where_those_in_numpy_do(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = world(CHAINS[name](), PLAIN).network
    cases = duties(network, seed=11)
    compiled = answers(cases)
    assert Method.COMPILED in methods(compiled)
    monkeypatch.setattr(kernel, "installed", lambda: False)
    plain = answers(cases)
    assert Method.COMPILED not in methods(plain)
    agree(compiled, plain)


def test_they_equal_single_solves_in_any_order_on_any_number_of_threads() -> None:
    network = world(spe_chain(random_spe(7, 3, 5)), PLAIN).network
    cases = duties(network, seed=3)
    together = answers(cases)
    agree(together, answers(cases[::-1], threads=3)[::-1])
    for case, answer in list(zip(cases, together, strict=True))[::9]:
        state = solve(assemble(case.name, case.network, case.terms))[1]
        np.testing.assert_allclose(answer.state.price, state.price, rtol=1e-9)
        np.testing.assert_allclose(answer.state.level, state.level, rtol=1e-9, atol=1e-9)


def shut(good: str, origin: str, destination: str) -> dict[str, Any]:
    return {
        "kind": "export_ban",
        "goods": [good],
        "origins": [origin],
        "destinations": [destination],
    }


def table(name: str) -> dict[str, list[str]]:
    rng = np.random.default_rng(4)
    return {f"policies.{name}.rate": [f"{v} %" for v in rng.uniform(0.0, 40.0, ROWS)]}


def tariff(good: str, destination: str) -> dict[str, Any]:
    return {
        "kind": "tariff",
        "good": good,
        "destinations": [destination],
        "rate": quantity(10.0, "%"),
    }


def spread(solved: Batch) -> set[Method]:
    assert not solved.failures
    return {found.method for found in solved.diagnostics if found is not None}


def check_rows(solved: Batch) -> None:
    """Some rows against scenarios of their own."""
    prices = solved.values("price")
    for n in range(0, len(solved), 13):
        alone = producer_price(pricing.solve(solved.scenarios[n]).solved)
        np.testing.assert_allclose(prices[n], alone, rtol=1e-9, atol=1e-9 * np.nanmax(alone))


def test_routes_that_are_shut_stay_shut() -> None:
    chain = spe_chain(random_spe(6, 3, 5))
    base = scenario_on(chain, tariff("g1", "r2"), shut("g1", "r0", "r2"), shut("g2", "r3", "r1"))
    solved = pricing.solve_many(base, table("p0"))
    assert Method.COMPILED in spread(solved)
    flow = solved.values("flow")
    assert not flow[:, 1, 0, 2].any()
    assert not flow[:, 2, 3, 1].any()
    check_rows(solved)


QUOTA = {
    "kind": "import_quota",
    "good": "g1",
    "destinations": ["r2"],
    "quota": quantity(5.0, "t/yr"),
    "rent_to": "importer",
}


def test_limits_and_other_laws_take_the_steps_in_numpy() -> None:
    """A limit adds a row, a logit good has no blocks: nothing is compiled, and the rows agree."""
    with_limit = scenario_on(spe_chain(random_spe(6, 3, 5)), tariff("g1", "r1"), QUOTA)
    data = random_chain(7, stages=2, regions=3, laws=(Sourcing.LOGIT,)).model_dump(mode="json")
    data["goods"][0]["sourcing"] = {"law": "homogeneous"}
    mixed = Chain.model_validate(data)
    region = mixed.regions[0].id
    other = scenario_on(mixed, tariff(mixed.goods[0].id, region))
    for base in (with_limit, other):
        solved = pricing.solve_many(base, table("p0"))
        assert Method.COMPILED not in spread(solved)
        check_rows(solved)


def test_ties_are_settled_as_in_single_solves() -> None:
    """Transport that costs the same everywhere ties routes; those rows are solved alone."""
    market = Lines(2.0, {(i, j): 0.2 for i in "abc" for j in "abc" if i != j})
    for name, intercept in zip("abc", (10.0, 20.0, 30.0), strict=True):
        market.region(name, (intercept, 20.0), (100.0 - intercept, 10.0))
    base = scenario_on(market.chain(), tariff("wheat", "a"))
    solved = pricing.solve_many(base, table("p0"))
    assert not solved.failures
    for n in range(0, len(solved), 17):
        alone = pricing.solve(solved.scenarios[n]).solved.state
        for name in ("price", "flow"):
            ours, single = solved.values(name)[n], getattr(alone, name)[0]
            np.testing.assert_allclose(ours, single, rtol=1e-9, atol=1e-9 * single.max())


def test_what_compiled_steps_leave_is_taken_up_in_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "EXACT_STEPS", 0)
    found = answers(duties(world(spe_chain(random_spe(2, 3, 5)), PLAIN).network, seed=1))
    assert methods(found) == {Method.INTERIOR}


def test_without_numba_the_diagnostics_say_so(in_numpy: pytest.MonkeyPatch) -> None:
    cases = duties(world(spe_chain(random_spe(2, 3, 5)), PLAIN).network, seed=1)
    assert methods(answers(cases)) == {Method.INTERIOR}
    in_numpy.undo()
    assert methods(answers(cases)) == {Method.COMPILED}


@pytest.fixture
def not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has not asked for compiled steps."""
    monkeypatch.setattr(kernel, "STEPS", replace(kernel.STEPS, asked_for=Event()))


def test_small_batches_do_not_wait_for_a_compiler(not_loaded: None) -> None:
    cases = duties(world(spe_chain(random_spe(2, 3, 5)), PLAIN).network, seed=1)
    assert Method.COMPILED not in methods(answers(cases[: company.FEWEST - 1]))


def test_wide_chains_take_them_too_though_few_rows_are_worked_on_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cases = duties(world(spe_chain(random_spe(2, 3, 5)), PLAIN).network, seed=1)
    whole = answers(cases)
    monkeypatch.setattr(batch, "CHUNK_NUMBERS", 10 * cases[0].network.flow.size)
    parts = answers(cases)
    taken = [answer.diagnostics.method for answer in parts]
    assert taken.count(Method.COMPILED) >= 0.9 * len(taken)
    agree(parts, whole)


@pytest.mark.parametrize("name", CHAINS)
def test_single_solves_and_small_batches_take_them_once_asked_for(
    name: str, not_loaded: None
) -> None:
    chain = CHAINS[name]()
    everywhere = {"destinations": [region.id for region in chain.regions]}
    scenario = scenario_on(chain, tariff(chain.goods[0].id, "r0") | everywhere)
    plain = pricing.solve(scenario)
    assert plain.diagnostics.method is Method.INTERIOR
    assert pricing.warm_up(scenario)
    quick = pricing.solve(scenario)
    several = pricing.solve_many(scenario, {"policies.p0.rate": ["0 %", "10 %", "10 %"]})
    assert quick.diagnostics.method is Method.COMPILED
    assert spread(several) == {Method.COMPILED}
    for other in (quick, several[1], several[2]):
        assert other.diagnostics.residual <= POLISH
        for part in ("price", "level", "index", "flow"):
            a, b = getattr(other.solved.state, part), getattr(plain.solved.state, part)
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9 * np.abs(b).max())


def test_chains_that_cannot_take_them_are_only_calibrated(not_loaded: None) -> None:
    composite = random_chain(5, stages=1, regions=3, laws=(Sourcing.ARMINGTON,))
    assert not pricing.warm_up(scenario_on(composite, tariff("g0", "r1")))
    quota = scenario_on(spe_chain(random_spe(6, 3, 5)), QUOTA)
    assert pricing.warm_up(quota)
    assert pricing.solve(quota).diagnostics.method is not Method.COMPILED


def test_what_a_compiled_single_solve_leaves_is_taken_up_in_numpy(
    not_loaded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = scenario_on(spe_chain(random_spe(2, 3, 5)), tariff("g1", "r2"))
    pricing.warm_up(scenario)
    monkeypatch.setattr(kernel, "EXACT_STEPS", 0)
    assert pricing.solve(scenario).diagnostics.method is Method.INTERIOR


def read(law: Law, value: Array) -> Array:
    """What the coefficients of a curve say, by their definition."""
    at = np.clip(value, law.lowest, law.highest)
    curved = law.height * np.where(law.curved, at / law.at, 1.0) ** law.power
    return np.where(law.curved, curved, np.maximum(law.constant + law.slope * at, law.least))


def curves() -> tuple[SupplyCurves, DemandCurves]:
    bent = np.array([True, False, True])
    supply = SupplyCurves(
        isoelastic=bent,
        level=np.array([2.0, 1.0, 5.0]),
        cost=np.array([30.0, 1.0, 7.0]),
        elasticity=np.array([0.5, 1.0, 3.0]),
        intercept=np.array([0.0, -4.0, 0.0]),
        slope=np.array([0.0, 2.5, 0.0]),
    )
    demand = DemandCurves(
        isoelastic=bent,
        quantity=np.array([10.0, 20.0, 30.0]),
        price=np.array([1.0, 2.0, 3.0]),
        elasticity=np.array([0.4, 0.7, 1.2]),
        choke=np.array([np.inf, np.inf, 9.0]),
    )
    return supply, demand


@pytest.mark.parametrize("value", [0.01, 0.9, 2.0, 4.0, 40.0])
def test_coefficients_say_what_curves_do(value: float) -> None:
    supply, demand = curves()
    at = np.full(3, value)
    np.testing.assert_allclose(read(supply.law, at), supply.marginal_cost(at), rtol=1e-14)
    np.testing.assert_allclose(read(demand.law, at), demand.demanded(at), rtol=1e-13)
    units, sizes = np.array([2.0, 3.0, 5.0]), np.array([7.0, 11.0, 13.0])
    for law in (supply.law, demand.law):
        scaled = read(law.scaled(units, sizes), at / units) * sizes
        np.testing.assert_allclose(scaled, read(law, at), rtol=1e-13)


def test_the_same_circles_are_left_of_graphs() -> None:
    rng = np.random.default_rng(8)
    graphs = rng.random((300, 6, 6)) < rng.uniform(0.05, 0.5, (300, 1, 1))
    ours, theirs = graphs.copy(), graphs.copy()
    kernel.strip_ends(ours)
    strip_ends(theirs)
    assert np.array_equal(ours, theirs)
    left = ours.any(axis=(1, 2))
    assert left.any()
    assert not left.all()


def test_columns_of_compiled_curves_are_the_parts_of_a_law() -> None:
    for n, field in enumerate(fields(Law)):
        assert getattr(compiled_curves, field.name.upper()) == n
