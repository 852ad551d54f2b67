"""Homogeneous and armington goods: derivatives, ties, stated curves, one levy per importer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

import pricing
from benchmarks.policies import scenario
from pricing.accounts.notices import Code
from pricing.chains.schema import Chain
from pricing.economics.sourcing import Law
from pricing.equilibrium.build import build, world
from pricing.equilibrium.conditions import scaled_conditions
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.jacobian import jacobian
from pricing.equilibrium.places import whole
from pricing.equilibrium.spatial import Elimination
from pricing.equilibrium.starts import start
from pricing.equilibrium.ties import ties
from pricing.errors import InputError
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import LAWS, frame, quantity, random_chain, scenario_on
from tests.support.spatial import Lines, homogeneous, through

EXACT = 1e-9


def two_regions(**costs: float) -> Lines:
    lines = Lines(1.5, {(i, j): costs.get(f"{i}_{j}", 0.1) for i, j in ("AB", "BA")})
    lines.region("A", (20.0, 20.0), (100.0, 20.0))
    return lines.region("B", (40.0, 20.0), (80.0, 20.0))


@pytest.mark.parametrize("case", range(8))
def test_steps_match_central_differences(case: int) -> None:
    """With flows eliminated: D df + dF = r must hold for every row of a step."""
    laws = (Law.HOMOGENEOUS,) if case % 2 else (Law.HOMOGENEOUS, Law.HOMOGENEOUS, *LAWS)
    chain = random_chain(100 + case, stages=3, regions=5, least=0.3, laws=laws)
    plain = ScenarioDocument(id="p", title="p", description="p", chain="test")
    draw = scenario(world(chain, plain).network, "test", [4, case])
    document = ScenarioDocument.model_validate(draw)
    program = build(document, world(chain, document).network)
    assert program.routes.size
    rng = np.random.default_rng(case)
    z = start(program) * rng.uniform(0.9, 1.1, (1, program.scale.size))
    z[:, program.multiplier_part] = rng.uniform(0.05, 0.3, (1, len(program.limits)))
    z[:, program.flow_part] += rng.uniform(0.1, 0.5, z[:, program.flow_part].shape)
    shape = (1, *program.routes.flow_scale.shape)
    give = rng.uniform(0.5, 2.0, shape)
    target = rng.normal(size=shape)
    right = rng.normal(size=(1, program.core))
    state = evaluate(program, z)
    matrix = whole(program, jacobian(program, state))
    cost_slope = program.supply.marginal_cost_slope(state.level)
    diagonal, stiff = np.zeros((1, program.core)), 0.7  # keeps rows of shut origins solvable
    own = cost_slope * program.network.level_scale / program.level_price
    diagonal[:, program.level_part] = own
    matrix += np.eye(program.core) * (diagonal + stiff)
    flows = Elimination(
        at=program.routes,
        prices=program.spatial_prices,
        first=program.multiplier_part.start,
        weight=1.0 / give,
    )
    wanted, moved = right.copy(), target / give
    flows.fold(matrix)
    flows.carry(right, moved)
    move = np.linalg.solve(matrix, right[..., None])[..., 0]
    change = (moved - flows.weight * flows.loss(move)).reshape(1, -1)
    full = np.concatenate([move, change], axis=1)
    size = 1.0 / np.abs(full).max()
    full *= size
    high, low = (
        scaled_conditions(program, evaluate(program, z + step * full)) for step in (1e-6, -1e-6)
    )
    slope = (high - low) / 2e-6
    core = slice(0, program.core)
    scale = 1.0 + np.abs(slope).max()
    np.testing.assert_allclose(
        slope[:, core] + stiff * full[:, core], size * wanted, atol=3e-5 * scale
    )
    routed = slope[:, program.flow_part] + give.reshape(1, -1) * full[:, program.flow_part]
    np.testing.assert_allclose(routed, size * target.reshape(1, -1), atol=3e-5 * scale)


def test_nobody_ships_both_ways() -> None:
    """Free transport: prices are one, and only the net moves."""
    chain = two_regions(A_B=0.0, B_A=0.0).chain()
    result = pricing.solve(scenario_on(chain))
    assert Code.ROUTES_TIE in [warning.code for warning in result.warnings]
    solved = result.solved
    flow = solved.state.flow[0, 0]
    assert solved.state.price[0, 0] == pytest.approx(np.array([1.5, 1.5]), rel=EXACT)
    assert min(flow[0, 1], flow[1, 0]) == pytest.approx(0.0, abs=1e-9)
    assert max(flow[0, 1], flow[1, 0]) == pytest.approx(20.0, rel=EXACT)
    (tie,) = ties(solved.program, solved.state)
    assert tie.good == "wheat"
    assert ("B", "A") in tie.routes


def test_costly_transport_leaves_no_tie() -> None:
    solved = pricing.solve(scenario_on(two_regions().chain())).solved
    assert solved.state.price[0, 0, 0] - solved.state.price[0, 0, 1] == pytest.approx(0.1)
    assert not ties(solved.program, solved.state)


def test_prohibitive_transport_is_autarky() -> None:
    solved = pricing.solve(scenario_on(two_regions(A_B=5.0, B_A=5.0).chain())).solved
    assert solved.state.price[0, 0] == pytest.approx(np.array([2.0, 1.0]), rel=EXACT)
    assert solved.state.flow[0, 0, 0, 1] == 0.0


def test_border_levy_is_one_levy_and_says_so() -> None:
    levy = {
        "kind": "reference_price",
        "zone": ["A"],
        "level": {"kind": "fixed", "prices": {"wheat": quantity(1.8, "USD/t")}},
        "mechanism": {"kind": "border_levy"},
    }
    result = pricing.solve(scenario_on(two_regions().chain(), levy))
    assert result.solved.state.index[0, 0, 0] == pytest.approx(1.8, rel=EXACT)
    assert Code.ONE_LEVY in [warning.code for warning in result.warnings]
    assert all(check.passed for check in result.accounts.checks)


@pytest.mark.parametrize("more", [{"compare_at": "fob"}, {"rent_capture": quantity(0.5, "1")}])
def test_levies_that_differ_by_origin_are_refused(more: dict[str, Any]) -> None:
    levy = {
        "kind": "reference_price",
        "zone": ["A"],
        "level": {"kind": "fixed", "prices": {"wheat": quantity(1.8, "USD/t")}},
        "mechanism": {"kind": "border_levy"} | more,
    }
    with pytest.raises(InputError, match="one delivered price"):
        pricing.solve(scenario_on(two_regions().chain(), levy))


def test_armington_that_feeds_a_process_is_refused() -> None:
    chain = random_chain(3, stages=2, regions=3)
    data = chain.model_dump(mode="json")
    data["goods"][0]["sourcing"]["law"] = "armington"
    with pytest.raises(InputError, match="not tonnes"):
        pricing.solve(scenario_on(Chain.model_validate(data)))


@pytest.mark.parametrize("law", list(Law))
def test_the_base_year_comes_back(law: Law) -> None:
    chain = random_chain(11, stages=1, regions=6, laws=(law,))
    solved = pricing.solve(scenario_on(chain)).solved
    network = solved.program.network
    made = network.flow.sum(axis=2) > 0.0
    assert solved.state.price[0][made] == pytest.approx(network.price[made], rel=EXACT)
    assert solved.state.flow[0] == pytest.approx(network.flow, rel=1e-7, abs=1e-6)


# --- one market by hand: named plants, fixed demand --------------------------------------------


def plants(demand: dict[str, Any], *steps: tuple[float, float]) -> Chain:
    """One region; plants of capacity and flat cost; no base year."""
    return frame(
        goods=[homogeneous("wheat")],
        regions=[{"id": "Home", "customs_value": "fob", "source": "test"}],
        elasticities={
            "demand": {
                "of": "buyer_price",
                "short": {"low": 1.0, "central": 1.0, "high": 1.0},
                "long": {"low": 1.0, "central": 1.0, "high": 1.0},
                "source": "test",
            }
        },
        technologies=[
            {
                "id": "milling",
                "label": "milling",
                "outputs": {"wheat": quantity(1.0, "t/t")},
                "supply": {"kind": "flat", "cost": quantity(1.0, "USD/t")},
                "source": "test",
            }
        ],
        processes=[
            {
                "id": f"plant_{n}",
                "technology": "milling",
                "region": "Home",
                "capacity": quantity(capacity, "t/yr"),
                "supply": {"kind": "flat", "cost": quantity(cost, "USD/t")},
                "source": "test",
            }
            for n, (capacity, cost) in enumerate(steps)
        ],
        demands=[
            {"good": "wheat", "region": "Home", "use": "bread", "curve": demand, "source": "test"}
        ],
    )


LINE = {"kind": "linear", "elasticity": "demand", "through": through(50.0, 5.0)}
"""Demand ``100 - 10 P``."""


@pytest.mark.parametrize(
    ("steps", "price", "levels"),
    [
        ([(30.0, 2.0), (60.0, 4.0), (20.0, 9.0)], 4.0, [30.0, 30.0, 0.0]),  # inside a step
        ([(30.0, 2.0), (30.0, 3.0), (20.0, 9.0)], 4.0, [30.0, 30.0, 0.0]),  # between two steps
        ([(10.0, 2.0), (20.0, 3.0), (10.0, 4.0)], 6.0, [10.0, 20.0, 10.0]),  # all full
        ([(30.0, 2.0), (0.0, 3.0), (60.0, 4.0)], 4.0, [30.0, 0.0, 30.0]),  # one without capacity
    ],
)
def test_step_curve(steps: list[tuple[float, float]], price: float, levels: list[float]) -> None:
    result = pricing.solve(scenario_on(plants(LINE, *steps)))
    state = result.solved.state
    assert state.price[0, 0, 0] == pytest.approx(price, rel=EXACT)
    assert state.level[0] == pytest.approx(np.array(levels), abs=1e-7)


def test_plants_of_equal_cost_share_what_is_left() -> None:
    state = pricing.solve(scenario_on(plants(LINE, (50.0, 4.0), (50.0, 4.0)))).solved.state
    assert state.price[0, 0, 0] == pytest.approx(4.0, rel=EXACT)
    assert state.level[0].sum() == pytest.approx(60.0, rel=EXACT)


def test_fixed_demand_is_rationed_at_the_value_of_lost_load() -> None:
    """40 t can be made, 50 t are wanted: 10 t go without at 20 USD/t; a quota of 30 t leaves 20."""
    fixed = {
        "kind": "fixed",
        "value_of_lost_load": quantity(20.0, "USD/t"),
        "through": through(50.0, 5.0),
    }
    chain = plants(fixed, (30.0, 2.0), (10.0, 4.0))
    quota = {
        "kind": "production_quota",
        "good": "wheat",
        "regions": ["Home"],
        "quota": quantity(30.0, "t/yr"),
    }
    result = pricing.solve(scenario_on(chain, quota))
    base, state = result.reference.state, result.solved.state
    assert base.price[0, 0, 0] == pytest.approx(20.0, rel=EXACT)
    assert base.level[0] == pytest.approx(np.array([30.0, 10.0]), rel=EXACT)
    assert state.level[0].sum() == pytest.approx(30.0, rel=EXACT)
    # The last ten tonnes were worth 20 and cost 4, whoever gets them.
    assert result.accounts.agents.total[0] == pytest.approx(-160.0, rel=1e-7)
    assert all(check.passed for check in result.accounts.checks)


def test_fixed_demand_with_enough_capacity_pays_the_marginal_plant() -> None:
    fixed = {
        "kind": "fixed",
        "value_of_lost_load": quantity(20.0, "USD/t"),
        "through": through(50.0, 5.0),
    }
    state = pricing.solve(scenario_on(plants(fixed, (30.0, 2.0), (40.0, 4.0)))).solved.state
    assert state.price[0, 0, 0] == pytest.approx(4.0, rel=EXACT)
    assert state.level[0] == pytest.approx(np.array([30.0, 20.0]), rel=EXACT)


def test_without_a_base_year_everything_missing_is_named() -> None:
    data = plants(LINE, (30.0, 2.0)).model_dump(mode="json")
    data["demands"][0]["curve"].pop("through")
    data["goods"][0]["sourcing"] = {"law": "logit", "sigma": "demand"}
    with pytest.raises(ValidationError) as caught:
        Chain.model_validate(data)
    text = str(caught.value)
    assert "needs the law 'homogeneous'" in text
    assert "needs 'through'" in text


def test_a_stated_curve_must_pass_the_base_year() -> None:
    chain = random_chain(5, stages=1, regions=3)
    data = chain.model_dump(mode="json")
    data["demands"][0]["curve"]["through"] = through(1.0, 1.0)
    with pytest.raises(InputError, match="pass through the benchmark"):
        pricing.solve(scenario_on(Chain.model_validate(data)))
