"""What must not matter does not: order, units, policies of size zero, the start."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import pricing
from pricing.chains.schema import Chain
from pricing.equilibrium.build import build, world
from pricing.equilibrium.solver import solve
from pricing.equilibrium.starts import start
from tests.support.chains import quantity, random_chain, scenario_on

SEEDS = range(5)
ZONE = {"zones": {"zone": ["r1", "r2", "r3"]}}


def prices(result: pricing.Result) -> np.ndarray:
    state, program = result.solved.state, result.solved.program
    return np.where(program.open_origin, state.price[0], np.nan)


def reference(level: float, good: str = "g1", **mechanism: Any) -> dict[str, Any]:
    return {
        "kind": "reference_price",
        "zone": ["zone"],
        "level": {"kind": "fixed", "prices": {good: quantity(level, "USD/t")}},
        "mechanism": {"kind": "border_levy", **mechanism},
    }


def tariff(rate: float, origin: str = "r0") -> dict[str, Any]:
    return {
        "kind": "tariff",
        "good": "g1",
        "origins": [origin],
        "destinations": ["zone"],
        "rate": quantity(rate, "1"),
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_returns_to_the_base_year_from_anywhere(seed: int) -> None:
    scenario = scenario_on(random_chain(seed, stages=3, least=0.1))
    network = world(scenario.chain, scenario.document).network
    program = build(scenario.document, network)
    first = start(program)
    guess = first * np.random.default_rng(seed).uniform(0.5, 2.0, first.shape)
    _, state, _ = solve(program, np.clip(guess, program.lower, program.upper))
    known = np.isfinite(network.price)
    np.testing.assert_allclose(state.price[0][known], network.price[known], rtol=1e-9)
    np.testing.assert_allclose(state.flow[0], network.flow, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "policy",
    [
        tariff(0.0),
        reference(1.0),
        {"kind": "price_guarantee", "good": "g1", "region": "r0", "strike": quantity(1, "USD/t")},
        {
            "kind": "intervention_purchase",
            "good": "g1",
            "region": "r0",
            "floor": quantity(1, "USD/t"),
        },
        {
            "kind": "import_quota",
            "good": "g1",
            "destinations": ["zone"],
            "quota": quantity(1e9, "Mt/yr"),
        },
    ],
    ids=lambda policy: policy["kind"],
)
def test_policy_of_size_zero_changes_nothing(seed: int, policy: dict[str, Any]) -> None:
    result = pricing.solve(scenario_on(random_chain(seed, stages=2), policy, **ZONE))
    np.testing.assert_allclose(
        result.solved.state.flow, result.reference.state.flow, rtol=1e-10, atol=1e-9
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_order_of_policies(seed: int) -> None:
    chain = random_chain(seed, stages=3, least=0.1)
    policies = [
        tariff(0.3),
        reference(9e4, "g2"),
        {
            "kind": "price_guarantee",
            "good": "g0",
            "region": "r0",
            "strike": quantity(15, "USD/kg"),
        },
    ]
    there = pricing.solve(scenario_on(chain, *policies, **ZONE))
    named = [{"id": f"p{2 - n}", **policy} for n, policy in enumerate(reversed(policies))]
    back = pricing.solve(scenario_on(chain, *named, **ZONE))
    np.testing.assert_allclose(prices(there), prices(back), rtol=1e-9)


def shuffled(chain: Chain, seed: int) -> Chain:
    order = np.random.default_rng(seed).permutation(len(chain.regions))
    return chain.revised(
        regions=tuple(chain.regions[i] for i in order),
        processes=tuple(reversed(chain.processes)),
        demands=tuple(reversed(chain.demands)),
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_order_of_regions_and_processes(seed: int) -> None:
    chain = random_chain(seed, stages=3, least=0.1)
    policies = (tariff(0.3), reference(9e4, "g2"))
    first = pricing.solve(scenario_on(chain, *policies, **ZONE))
    second = pricing.solve(scenario_on(shuffled(chain, seed), *policies, **ZONE))
    by_name = dict(zip(second.solved.program.network.regions, prices(second).T, strict=True))
    again = np.array([by_name[name] for name in first.solved.program.network.regions]).T
    np.testing.assert_allclose(prices(first), again, rtol=1e-9)


def in_other_units(chain: Chain, money: float, tonnes: float) -> Chain:
    factors = {"producer_price": money / tonnes, "prior_share": 1.0}
    rows = [
        row.revised(value=row.value * factors.get(row.variable, tonnes))
        for row in chain.benchmarks["central"].rows
    ]
    central = chain.benchmarks["central"].revised(rows=tuple(rows))
    price = quantity(chain.freight[0].cost.value * money / tonnes, "USD/t")
    processes = [
        p.revised(capacity=quantity(p.capacity.value * tonnes, "t/yr")) if p.capacity else p
        for p in chain.processes
    ]
    return chain.revised(
        benchmarks={"central": central},
        freight=(chain.freight[0].revised(cost=price),),
        processes=tuple(processes),
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_units_of_money_and_mass(seed: int) -> None:
    chain = random_chain(seed, stages=3, least=0.1)
    money, tonnes = 7.2, 1e-3
    plain = pricing.solve(scenario_on(chain, reference(9e4, "g2"), **ZONE))
    policy = reference(9e4 * money / tonnes, "g2")
    scaled = pricing.solve(scenario_on(in_other_units(chain, money, tonnes), policy, **ZONE))
    np.testing.assert_allclose(prices(scaled), prices(plain) * money / tonnes, rtol=1e-9)
    np.testing.assert_allclose(
        scaled.solved.state.shares, plain.solved.state.shares, rtol=1e-8, atol=1e-12
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("capture", [0.25, 1.0])
def test_rent_capture_moves_money_not_goods(seed: int, capture: float) -> None:
    chain = random_chain(seed, stages=3, least=0.1)
    plain = pricing.solve(scenario_on(chain, reference(9e4, "g2"), **ZONE))
    share = {"rent_capture": quantity(capture, "1")}
    kept = pricing.solve(scenario_on(chain, reference(9e4, "g2", **share), **ZONE))
    np.testing.assert_allclose(
        kept.solved.state.flow, plain.solved.state.flow, rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_higher_tariff_means_less_from_that_origin(seed: int) -> None:
    chain = random_chain(seed, stages=3, least=0.1)
    base = pricing.solve(scenario_on(chain)).solved.state.flow[0, 1]
    origin, buyer = np.unravel_index(np.argmax(base * (1.0 - np.eye(12))), base.shape)
    flows = []
    for rate in (0.0, 0.1, 0.5, 2.0):
        policy = tariff(rate, f"r{origin}") | {"destinations": [f"r{buyer}"]}
        result = pricing.solve(scenario_on(chain, policy))
        flows.append(float(result.solved.state.flow[0, 1, origin, buyer]))
    assert all(more > less for more, less in pairwise(flows))


@pytest.mark.parametrize("seed", SEEDS)
def test_quota_and_specific_duty_at_the_same_rent(seed: int) -> None:
    """A quota's rent, charged as a specific duty, gives the same prices and flows."""
    chain = random_chain(seed, stages=3, least=0.1)
    free = pricing.solve(scenario_on(chain, **ZONE))
    into = free.solved.state.flow[0, 1][:, 1:4]
    outside = into.sum() - np.trace(into[1:4])
    quota = {
        "kind": "import_quota",
        "good": "g1",
        "destinations": ["zone"],
        "quota": quantity(0.8 * outside, "t/yr"),
    }
    limited = pricing.solve(scenario_on(chain, quota, **ZONE))
    rent = float(limited.solved.state.multiplier[0, 0])
    assert rent > 0.0
    duty = {
        "kind": "tariff",
        "good": "g1",
        "destinations": ["zone"],
        "specific": quantity(rent, "USD/t"),
    }
    taxed = pricing.solve(scenario_on(chain, duty, **ZONE))
    np.testing.assert_allclose(
        taxed.solved.state.flow, limited.solved.state.flow, rtol=1e-8, atol=1e-8
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_same_bits_twice(seed: int) -> None:
    scenario = scenario_on(random_chain(seed), reference(9e4, "g2"), **ZONE)
    first, second = pricing.solve(scenario), pricing.solve(scenario)
    assert np.array_equal(first.solved.z, second.solved.z)


def test_keener_logit_buyers_come_near_to_buyers_of_the_cheapest():
    """The homogeneous law is the limit of the logit law: the distance falls as 1/sigma."""
    duty = pricing.load_scenario("section_301_magnets")
    goods = [good.id for good in duty.chain.goods]
    source = next(iter(duty.document.sources))
    cheapest = pricing.solve(duty.but({"assumptions.homogeneous": goods}))

    def distance(sigma: float) -> float:
        keen = {f"sourcing_{good}": {"value": f"{sigma} 1", "source": source} for good in goods}
        found = pricing.solve(duty.but({"assumptions.elasticities": keen}))
        one, other = (result.solved.state.index[0, -1] for result in (found, cheapest))
        return float(np.abs(one / other - 1.0).max())

    near, nearer = distance(500.0), distance(2000.0)
    assert near < 0.01
    assert nearer == pytest.approx(near / 4.0, rel=0.02)
