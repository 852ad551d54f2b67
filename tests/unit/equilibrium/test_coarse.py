"""Larger units change no condition and no solution."""

from __future__ import annotations

import numpy as np
import pytest

import pricing
from pricing.equilibrium import conditions
from pricing.equilibrium.coarse import SMALLEST, coarser
from pricing.equilibrium.evaluate import evaluate


@pytest.mark.parametrize("name", ["forge_all_stages", "australia_reserve", "mp_price_guarantee"])
def test_a_point_meets_the_same_conditions_in_larger_units(name: str) -> None:
    solved = pricing.solve(name).solved
    program, z = solved.program, solved.z
    coarse = coarser(program)
    unit = program.scale / coarse.scale
    assert (unit <= 1.0).all()
    assert (unit < 1.0).any()
    sizes = coarse.network.setting.quantity_scale
    assert (sizes >= SMALLEST * sizes.max(axis=1, keepdims=True)).all()

    away = z * (1.0 + 0.01 * np.sin(np.arange(z.size)))
    values = conditions.scaled_conditions(program, evaluate(program, away))
    larger = conditions.scaled_conditions(coarse, evaluate(coarse, away * unit))
    assert larger * coarse.condition_scale == pytest.approx(
        values * program.condition_scale, rel=1e-9, abs=1e-9
    )
    assert conditions.distance(coarse, z * unit) <= 1e-8
