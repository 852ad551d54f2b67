"""Derivatives against finite differences, with every kind of limit and support switched on."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.policies import scenario
from pricing.equilibrium.build import build, world
from pricing.equilibrium.conditions import evaluate, scaled_conditions
from pricing.equilibrium.jacobian import jacobian
from pricing.equilibrium.solver import start
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import random_chain


@pytest.mark.parametrize("case", range(12))
def test_matches_central_differences(case: int) -> None:
    chain = random_chain(100 + case, stages=3, regions=6, least=0.3)
    plain = ScenarioDocument(id="p", title="p", description="p", chain="test")
    draw = scenario(world(chain, plain).network, "test", [4, case])
    document = ScenarioDocument.model_validate(draw)
    program = build(document, world(chain, document).network)
    rng = np.random.default_rng(case)
    z = start(program) * rng.uniform(0.9, 1.1, (1, sum(program.sizes)))
    z[:, sum(program.sizes[:2]) :] = rng.uniform(0.05, 0.3, (1, program.sizes[2]))
    matrix, cost_slope = jacobian(program, evaluate(program, z))
    ranks = np.arange(program.sizes[1]) + program.sizes[0]
    own = cost_slope * program.network.level_scale / program.level_price
    matrix[:, ranks, ranks] += own
    step = 1e-6
    for column in range(z.shape[1]):
        up, down = z.copy(), z.copy()
        up[0, column] += step
        down[0, column] -= step
        high = scaled_conditions(program, evaluate(program, up))
        low = scaled_conditions(program, evaluate(program, down))
        slope = ((high - low) / (2 * step))[0]
        scale = 1.0 + np.abs(slope).max()
        np.testing.assert_allclose(matrix[0, :, column], slope, atol=2e-5 * scale)
