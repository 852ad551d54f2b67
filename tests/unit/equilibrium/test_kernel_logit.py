"""Compiled Newton steps of the logit law against those in NumPy and against single solves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("numba", reason="there is no numba for this machine")

import pricing
from benchmarks.policies import scenario
from benchmarks.throughput import ndfeb
from pricing.chains.schema import Chain
from pricing.economics.sourcing import Law
from pricing.equilibrium import company, kernel, kernel_logit
from pricing.equilibrium.build import build, world
from pricing.equilibrium.coefficients import net_of
from pricing.equilibrium.compiled.logit.conditions import measure
from pricing.equilibrium.compiled.logit.net import CONDITION, FREE, UNKNOWN, Z
from pricing.equilibrium.compiled.logit.system import aim, assemble, order
from pricing.equilibrium.jacobian import jacobian
from pricing.equilibrium.places import whole
from pricing.equilibrium.point import PROXIMAL, Point
from pricing.equilibrium.program import Program
from pricing.equilibrium.refine import POLISH
from pricing.equilibrium.solver import Method
from pricing.equilibrium.starts import start
from pricing.many import Batch
from pricing.reporting.prices import producer_price
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import quantity, random_chain, scenario_on, with_contracts

Array = NDArray[np.float64]
ROWS = company.FEWEST + 8


def chain_of(seed: int) -> Chain:
    """Logit goods with all kinds of curves, contracts and routes with a price; no cross prices."""
    chain = random_chain(seed, stages=3, regions=6, least=0.1, laws=(Law.LOGIT,), curves=True)
    data = chain.model_dump(mode="json", exclude_unset=True)
    for demand in data["demands"]:
        demand["curve"].pop("cross", None)
    return with_contracts(Chain.model_validate(data), seed)


def programs(seed: int, count: int) -> Iterator[Program]:
    """Programs of random mixes of policies that the compiled steps know everything of."""
    chain = chain_of(seed)
    plain = ScenarioDocument(id="plain", title="p", description="p", chain="random")
    network = world(chain, plain).network
    for case in range(count):
        document = ScenarioDocument.model_validate(scenario(network, "random", [seed, case]))
        try:
            program = build(document, world(chain, document).network).searched
        except pricing.PricingError:
            continue
        if kernel_logit.STEPS.usable(program):
            yield program


def compiled_system(program: Program, z: Array, tie: float) -> tuple[Array, Array, Array, Array]:
    """Conditions, unknowns with a place, which of them are free, and the matrix, compiled."""
    net, rules, cases = net_of(program), kernel_logit._rules(1), kernel_logit._cases(program, z)
    core, unknowns = net.core, z.shape[1]
    core[:4, :unknowns], core[Z, :unknowns] = cases.core[0], z[0]
    net.payment[:4] = cases.payments[0]
    measure(net, rules)
    aim(net, rules, tie)
    _, count = order(net, rules.firm)
    assemble(net, count)
    at = net.at[UNKNOWN, :count].astype(int)
    matrix = net.matrix[: (count + 1) ** 2].reshape(count + 1, count + 1)[:count, :count]
    return core[CONDITION, :unknowns], at, core[FREE, at] > 0, matrix


def system_in_numpy(program: Program, point: Point) -> Array:
    """The matrix of a step over all unknowns, by the one definition."""
    matrix = whole(program, jacobian(program, point.state))[0]
    levels, form = program.level_part, point.form
    slope = program.supply.marginal_cost_slope(point.state.level)[0]
    own = slope * program.network.level_scale / program.level_price
    matrix[levels] *= form.slope[0][:, None]
    ranks = np.arange(levels.start, levels.stop)
    matrix[ranks, ranks] += np.where(form.by_supply[0], 1.0, np.maximum(own, PROXIMAL))
    return matrix


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_conditions_and_derivatives_are_those_of_the_one_definition(seed: int) -> None:
    """At random points, multipliers on, of random mixes: also far from where a search would go."""
    rng, tried = np.random.default_rng(seed), 0
    for program in programs(seed, 12):
        z = start(program) * rng.uniform(0.8, 1.2, (1, program.scale.size))
        limits = rng.uniform(0.0, 0.3, (1, program.sizes[2])) * rng.integers(0, 2)
        z[:, program.multiplier_part] = limits
        z = np.clip(z, program.lower, program.upper)
        point = Point.at(program, z)
        every = system_in_numpy(program, point)
        for tie in (0.0, 1e-3):
            condition, at, free, matrix = compiled_system(program, z, tie)
            np.testing.assert_allclose(condition, point.condition[0], rtol=1e-9, atol=1e-12)
            rows = np.where(free[:, None], every[np.ix_(at, at)], np.eye(at.size))
            np.testing.assert_allclose(matrix, rows, rtol=1e-9, atol=1e-12 * np.abs(rows).max())
        tried += 1
    assert tried >= 8


def tariff(good: str, destination: str) -> dict[str, Any]:
    return {
        "kind": "tariff",
        "good": good,
        "destinations": [destination],
        "rate": quantity(10.0, "%"),
    }


def rates(policy: str) -> dict[str, list[str]]:
    rng = np.random.default_rng(4)
    return {f"policies.{policy}.rate": [f"{v} %" for v in rng.uniform(0.0, 40.0, ROWS)]}


def methods(batch: Batch) -> set[Method]:
    return {found.method for found in batch.diagnostics if found is not None}


def agree(ours: Batch, theirs: Batch) -> None:
    assert list(ours.failures) == list(theirs.failures)
    for name in ("price", "level", "index", "flow"):
        a, b = ours.values(name), theirs.values(name)
        scale = np.nanmax(np.abs(b), axis=tuple(range(2, b.ndim)), keepdims=True)
        assert np.nanmax(np.abs(a - b) / np.maximum(scale, 1e-300)) <= 1e-9


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Batches of these tests are large enough for compiled steps."""
    monkeypatch.setattr(company, "LARGE", company.FEWEST)
    return monkeypatch


def ndfeb_rows() -> tuple[Scenario, dict[str, list[str]]]:
    """Levies, a capped guarantee, a quota and a purchase, some of which bind and some do not."""
    return ndfeb(ROWS, seed=5)


def in_numpy(monkeypatch: pytest.MonkeyPatch, base: Scenario, table: dict[str, list[str]]) -> Batch:
    """The same as if numba were not installed."""
    with monkeypatch.context() as without:
        without.setattr(kernel, "installed", lambda: False)
        batch = pricing.solve_many(base, table)
    assert Method.COMPILED not in methods(batch)
    return batch


def test_rows_equal_those_in_numpy_and_single_solves(at_once: pytest.MonkeyPatch) -> None:
    base, table = ndfeb_rows()
    batch = pricing.solve_many(base, table)
    assert methods(batch) == {Method.COMPILED}
    agree(batch, in_numpy(at_once, base, table))
    prices = batch.values("price")
    for n in range(0, ROWS, 9):
        alone = producer_price(pricing.solve(batch.scenarios[n]).solved)
        np.testing.assert_allclose(prices[n], alone, rtol=1e-9)
    backwards = {path: values[::-1] for path, values in table.items()}
    turned = pricing.solve_many(base, backwards, threads=3).values("price")[::-1]
    np.testing.assert_allclose(prices, turned, rtol=1e-9)


@pytest.mark.parametrize(("seed", "case"), [(3, 0), (3, 1), (6, 2), (9, 2)])
def test_rows_of_random_mixes_equal_those_in_numpy(
    seed: int, case: int, at_once: pytest.MonkeyPatch
) -> None:
    chain = chain_of(seed)
    plain = ScenarioDocument(id="plain", title="p", description="p", chain="random")
    draw = scenario(world(chain, plain).network, "random", [seed, case])
    duty = tariff("g1", "r2") | {"id": "drawn", "source": draw["policies"][0]["source"]}
    draw["policies"].append(duty)
    base = Scenario(ScenarioDocument.model_validate(draw), chain)
    batch = pricing.solve_many(base, rates("drawn"))
    assert methods(batch) == {Method.COMPILED}
    agree(batch, in_numpy(at_once, base, rates("drawn")))


def test_other_laws_and_structures_take_the_steps_in_numpy(at_once: pytest.MonkeyPatch) -> None:
    """A composite, prices of other goods, and capacity that adjusts are not known there."""
    composite = random_chain(5, stages=1, regions=3, laws=(Law.ARMINGTON,))
    crossed = random_chain(5, stages=2, regions=3, laws=(Law.LOGIT,), curves=True)
    plain = random_chain(5, stages=2, regions=3, laws=(Law.LOGIT,))
    others = (
        scenario_on(composite, tariff("g0", "r1")),
        scenario_on(crossed, tariff("g1", "r1")),
        scenario_on(plain, tariff("g1", "r1"), assumptions={"horizon": "long"}),
    )
    for base in others:
        assert Method.COMPILED not in methods(pricing.solve_many(base, rates("p0")))
    known = scenario_on(plain, tariff("g1", "r1"))
    assert methods(pricing.solve_many(known, rates("p0"))) == {Method.COMPILED}


def test_what_compiled_steps_leave_is_taken_up_in_numpy(at_once: pytest.MonkeyPatch) -> None:
    base, table = ndfeb_rows()
    at_once.setattr(company, "COMPILED_STEPS", 2)
    batch = pricing.solve_many(base, table)
    assert Method.NEWTON in methods(batch)
    assert max(found.residual for found in batch.diagnostics if found) <= POLISH


def test_a_batch_that_is_not_large_waits_for_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    base, table = ndfeb_rows()
    monkeypatch.setattr(kernel_logit, "STEPS", replace(kernel_logit.STEPS, asked_for=Event()))
    assert Method.COMPILED not in methods(pricing.solve_many(base, table))
    assert pricing.warm_up(base)
    few = {path: values[:3] for path, values in table.items()}
    assert methods(pricing.solve_many(base, few)) == {Method.COMPILED}
