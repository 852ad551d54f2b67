"""The blocks of homogeneous goods against the dense matrix of the same step."""

from __future__ import annotations

import numpy as np
import pytest

import pricing
from pricing.chains.schema import Chain
from pricing.economics.sourcing import Law
from pricing.equilibrium.build import World, world
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.program import Program
from pricing.equilibrium.starts import start
from pricing.equilibrium.system import Dense, System
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import quantity, random_chain, scenario_on
from tests.support.spatial import spe_chain
from tests.support.spe import random_spe

PLAIN = ScenarioDocument(id="p", title="p", description="p", chain="test")


def spatial_world(seed: int, stages: int, regions: int) -> World:
    return world(spe_chain(random_spe(seed, stages, regions)), PLAIN)


def two_inputs(seed: int) -> Chain:
    """A chain in which the last good is made of both goods before it."""
    data = spe_chain(random_spe(seed, 3, 4)).model_dump(mode="json")
    for technology in data["technologies"]:
        if "g2" in technology["outputs"]:
            technology["inputs"]["g0"] = quantity(0.2, "t/t")
    return Chain.model_validate(data)


def compare(program: Program, seed: int) -> None:
    """Moves of both systems for random diagonals, weights, right-hand sides and fixed rows."""
    rng = np.random.default_rng(seed)
    shape = (3, *program.routes.flow_scale.shape)
    z = start(program) * rng.uniform(0.9, 1.1, (3, program.scale.size))
    z[:, program.flow_part] += rng.uniform(0.1, 0.5, z[:, program.flow_part].shape)
    system = System(
        diagonal=rng.uniform(0.1, 2.0, (3, program.core)),
        level_factor=rng.uniform(0.5, 2.0, (3, len(program.network.processes))),
        weight=rng.uniform(0.0, 2.0, shape),
        fixed=rng.random((3, program.core)) < 0.2,
        moves=np.ones(program.core, dtype=bool),
    )
    right, moved = rng.normal(size=(3, program.core)), rng.normal(size=shape)
    state = evaluate(program, z)
    blocks = system.factor(program, state)
    assert not isinstance(blocks, Dense)
    dense = Dense.of(program, state, system)
    for ours, theirs in zip(blocks.solve(right, moved), dense.solve(right, moved), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-9 * np.abs(theirs).max())


@pytest.mark.parametrize(("stages", "regions"), [(1, 3), (2, 4), (4, 5)])
def test_blocks_move_as_the_dense_matrix_does(stages: int, regions: int) -> None:
    for seed in range(3):
        compare(spatial_world(seed, stages, regions).reference.program, seed)


def test_goods_that_are_made_of_two_goods_have_blocks_too() -> None:
    program = world(two_inputs(5), PLAIN).reference.program
    assert ((program.network.inputs > 0.0).sum(axis=1) > 1).any()
    compare(program, 0)


def test_several_plants_in_one_region() -> None:
    """The same with two plants for each output: their sums meet in one place."""
    inputs = random_spe(3, 2, 4)
    chain = spe_chain(inputs).model_dump(mode="json")
    twins = [process | {"id": process["id"] + "b"} for process in chain["processes"]]
    chain["processes"] += twins
    program = world(Chain.model_validate(chain), PLAIN).reference.program
    assert len(program.network.processes) == 16
    compare(program, 1)


def test_other_structures_keep_the_dense_matrix() -> None:
    """A logit good, or a policy with a multiplier or a support, and there are no blocks."""
    data = random_chain(7, stages=2, regions=3, laws=(Law.LOGIT,)).model_dump(mode="json")
    data["goods"][0]["sourcing"] = {"law": "homogeneous"}
    mixed = world(Chain.model_validate(data), PLAIN).reference.program
    assert set(mixed.network.law) == {Law.HOMOGENEOUS, Law.LOGIT}
    assert mixed.blocks is None
    chain = spe_chain(random_spe(2, 2, 4))
    limits = {
        "kind": "import_quota",
        "good": "g0",
        "destinations": ["r1"],
        "quota": quantity(10.0, "t/yr"),
        "rent_to": "importer",
    }
    pays = {
        "kind": "price_guarantee",
        "good": "g1",
        "region": "r0",
        "strike": quantity(400.0, "USD/t"),
    }
    tariff = {
        "kind": "tariff",
        "good": "g0",
        "destinations": ["r1"],
        "rate": quantity(10.0, "%"),
    }
    for policy, has in ((limits, False), (pays, False), (tariff, True)):
        program = pricing.solve(scenario_on(chain, policy)).solved.program
        assert (program.blocks is not None) == has, policy["kind"]
