"""Homogeneous goods against another method: a sequence of convex programmes (Clarabel)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pricing
from tests.support import qp
from tests.support.chains import scenario_on
from tests.support.oracles import numbers
from tests.support.spatial import spe_chain
from tests.support.spe import random_spe, worst_residual

CASES = [(seed, 1 + seed % 4, 3 + seed % 8) for seed in range(16)]


def distance(one: Any, other: Any, where: Any) -> float:
    """Largest relative difference where goods move."""
    return float(np.abs(np.asarray(one) / np.asarray(other) - 1.0)[where].max())


@pytest.mark.parametrize("name", ["spe_generated_S1_R10_seed0", "spe_generated_S4_R10_seed0"])
def test_the_second_solver_finds_the_published_prices(name: str) -> None:
    data = numbers(name)
    made, used, _, flow = qp.solve(data["inputs"])
    known, moves = data["outputs"], flow.sum(axis=2) > 1e-4
    gaps = (
        distance(made, known["ps"], moves),
        distance(used, known["pd"], flow.sum(axis=1) > 1e-4),
    )
    assert max(gaps) <= 1e-9, gaps


def test_both_solvers_agree(record_property: Callable[[str, object], None]) -> None:
    """Prices to 1e-8 where goods move; each meets the conditions as written."""
    worst: dict[str, float] = {"prices": 0.0, "ours": 0.0, "theirs": 0.0}
    for seed, stages, regions in CASES:
        inputs = random_spe(seed, stages, regions, least=0.3)
        theirs = qp.solve(inputs)
        state = pricing.solve(scenario_on(spe_chain(inputs))).solved.state
        price = state.price[0]
        ours = (price, state.index[0], state.level[0].reshape(price.shape), state.flow[0])
        moves = (ours[3].sum(axis=2) > 1e-4) & (theirs[3].sum(axis=2) > 1e-4)
        worst["prices"] = max(worst["prices"], distance(ours[0], theirs[0], moves))
        worst["ours"] = max(worst["ours"], worst_residual(inputs, ours))
        worst["theirs"] = max(worst["theirs"], worst_residual(inputs, theirs))
    shown = ", ".join(f"{name} {value:.1e}" for name, value in worst.items())
    record_property(f"second solver, largest differences over {len(CASES)} cases", shown)
    assert worst["prices"] <= 1e-8, worst
    assert worst["ours"] <= 1e-8, worst
    assert worst["theirs"] <= 1e-7, worst
