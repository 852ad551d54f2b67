"""Derivatives against finite differences, with every kind of limit and support switched on."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.policies import scenario
from pricing.economics.sourcing import Law
from pricing.equilibrium.build import build, world
from pricing.equilibrium.conditions import evaluate, scaled_conditions
from pricing.equilibrium.jacobian import jacobian
from pricing.equilibrium.solver import start
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import LAWS, random_chain, with_contracts


@pytest.mark.parametrize("case", range(18))
def test_matches_central_differences(case: int) -> None:
    laws = LAWS if case > 14 else (Law.LOGIT,)
    chain = random_chain(100 + case, 3, 6, least=0.3, laws=laws, curves=case > 11)
    if case % 2:
        chain = with_contracts(chain, case)
    plain = ScenarioDocument(id="p", title="p", description="p", chain="test")
    draw = scenario(world(chain, plain).network, "test", [4, case])
    document = ScenarioDocument.model_validate(draw)
    program = build(document, world(chain, document).network)
    rng = np.random.default_rng(case)
    z = start(program) * rng.uniform(0.9, 1.1, (1, program.scale.size))
    z[:, program.multiplier_part] = rng.uniform(0.05, 0.3, (1, program.sizes[2]))
    core = program.core
    matrix, cost_slope = jacobian(program, evaluate(program, z))
    ranks = np.arange(program.sizes[1]) + program.sizes[0]
    own = cost_slope * program.network.level_scale / program.level_price
    matrix[:, ranks, ranks] += own
    step = 1e-6
    for column in range(core):
        up, down = z.copy(), z.copy()
        up[0, column] += step
        down[0, column] -= step
        high = scaled_conditions(program, evaluate(program, up))
        low = scaled_conditions(program, evaluate(program, down))
        slope = ((high - low) / (2 * step))[0, :core]
        scale = 1.0 + np.abs(slope).max()
        np.testing.assert_allclose(matrix[0, :, column], slope, atol=2e-5 * scale)
