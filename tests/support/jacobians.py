"""Exact derivatives against central differences."""

from __future__ import annotations

import numpy as np

from pricing.equilibrium.conditions import scaled_conditions
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.jacobian import jacobian
from pricing.equilibrium.places import Places, whole
from pricing.equilibrium.program import Program
from pricing.equilibrium.starts import start


def against_differences(program: Program, seed: int) -> None:
    """Compare every column at a random point near the start, multipliers switched on."""
    rng = np.random.default_rng(seed)
    z = start(program) * rng.uniform(0.9, 1.1, (1, program.scale.size))
    z[:, program.multiplier_part] = rng.uniform(0.05, 0.3, (1, program.sizes[2]))
    core = program.core
    state = evaluate(program, z)
    matrix = whole(program, jacobian(program, state))
    free = (program.upper > program.lower)[0, :core]
    shut = np.setdiff1d(np.arange(core), Places.every(program).at)
    assert not free[shut].any()  # what has no place in a matrix never moves
    searched = program.searched  # open arcs alone have the same derivatives
    alone = whole(searched, jacobian(searched, evaluate(searched, z)))
    np.testing.assert_allclose(alone, matrix, rtol=1e-9, atol=1e-12 * np.abs(matrix).max())
    cost_slope = program.supply.marginal_cost_slope(state.level)
    levels = matrix[:, program.level_part, program.level_part]
    assert not levels.any()  # levels meet no other level: steps take them out on that ground
    ranks = np.arange(program.sizes[1]) + program.sizes[0]
    own = cost_slope * program.network.level_scale / program.level_price
    matrix[:, ranks, ranks] += own
    step = 1e-6
    kept = np.setdiff1d(np.arange(core), shut)
    for column in kept:
        up, down = z.copy(), z.copy()
        up[0, column] += step
        down[0, column] -= step
        high = scaled_conditions(program, evaluate(program, up))
        low = scaled_conditions(program, evaluate(program, down))
        slope = ((high - low) / (2 * step))[0, kept]
        scale = 1.0 + np.abs(slope).max()
        np.testing.assert_allclose(matrix[0, kept, column], slope, atol=2e-5 * scale)
