"""Proximal steps: what they leave of the conditions, and draws that nothing else solved."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.robustness import CASES_PER_CHAIN, Draws
from pricing.equilibrium.build import build, world
from pricing.equilibrium.conditions import distance, scaled_conditions
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.program import Program
from pricing.equilibrium.proximal import proximal_points
from pricing.equilibrium.pulled import Pulled
from pricing.equilibrium.solver import solve
from tests.support.chains import LAWS, quantity, random_chain, scenario_on


def tied() -> Program:
    """A homogeneous good whose base-year routes all tie, under a tariff that moves them apart."""
    policy = {
        "kind": "tariff",
        "good": "g0",
        "origins": ["all"],
        "destinations": ["r1"],
        "rate": quantity(1e-6, "1"),
    }
    case = scenario_on(random_chain(4, 2, 6, least=0.05, laws=LAWS[1:2]), policy)
    program = build(case.document, world(case.chain, case.document).network)
    assert program.routes.size
    return program


def test_a_step_leaves_the_pull_times_the_move() -> None:
    """At a pulled solution ``F = -c (z - z0)`` holds wherever an unknown is off its bounds."""
    program, pull = tied(), 1e-3
    z = solve(program)[0]
    anchor = np.clip(z + 1e-3, program.lower, program.upper)
    pulled = Pulled(program.searched, anchor)
    piece, _ = pulled.solution(anchor, float(np.log(pull)), 1e-13, 30)
    conditions = scaled_conditions(program, evaluate(program, piece.z))
    left = -pull * pulled.free * (piece.z - anchor)
    assert np.abs(left).max() > 1e-8
    inside = piece.inside
    assert inside.sum() > 20
    np.testing.assert_allclose(conditions[inside], left[inside], atol=1e-12)


def test_proximal_points_settle_trade_that_nearly_ties() -> None:
    """From a solution that was shaken, however nearly routes tie."""
    program = tied()
    z = solve(program)[0]
    shaken = np.clip(z * (1.0 + 1e-4 * np.cos(np.arange(z.size))), program.lower, program.upper)
    assert distance(program, shaken) > 1e-6
    found, steps = proximal_points(program, shaken, 200)
    assert distance(program, found) <= 1e-11
    assert steps <= 200
    flat = slice(0, program.level_part.start)  # prices are unique
    np.testing.assert_allclose(found[:, flat], z[:, flat], rtol=1e-9)


# Draws that were not solved, or whose accounts did not add up, when interior points drowned in
# rounding where routes tie, or used up the steps of the path: hosts whose product is worth next
# to nothing, levies on tied routes, quotas that hardly bind, a mine at the foot of its cost curve
# that crept towards zero, a quota whose rent is 450 times the price; and two levies on one route of
# which a small step of the price chose the other; small plants that the long run multiplies; and
# prices that rise along the tail of demand until a plant enters, one of them of a joint product,
# one beside a plant that interior points left at a trickle.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "case"),
    [
        (2028, 179),
        (2028, 783),
        (2031, 234),
        (2031, 1212),
        (2031, 1236),
        (2031, 2915),
        (2036, 680),
        (2038, 2010),
        (2051, 8656),
        (2053, 438),
        (2060, 4401),
        (2072, 80),
        (2101, 9860),
    ],
)
def test_draws_that_were_not_solved(seed: int, case: int) -> None:
    (record,) = Draws(seed, None).solve(case // CASES_PER_CHAIN, [case])
    assert record.outcome == "solved", record.reason
    assert record.residual <= 1e-8
