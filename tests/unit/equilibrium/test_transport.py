"""The cheapest trade where routes all but tie: a closed form, and draws that were not solved."""

from __future__ import annotations

import numpy as np
import pytest

import pricing
from benchmarks.robustness import CASES_PER_CHAIN, Draws
from pricing.equilibrium.conditions import distance
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.newton import newton
from pricing.equilibrium.spatial import route_loss
from pricing.equilibrium.transport import cheapest_trade
from tests.support.chains import quantity, scenario_on
from tests.support.spatial import Lines

FREIGHT, NAMES = 10.0, ("A", "B", "C", "D")
SUPPLY = np.array([[0.0, 0.5], [0.0, 0.4], [0.0, 0.1], [0.0, 0.1]])
"""Intercepts and slopes of ``a + b P``."""
DEMAND = np.array([[30.0, 0.1], [30.0, 0.1], [50.0, 0.2], [70.0, 0.2]])
"""Intercepts and slopes of ``c - d P``."""


def two_by_two(dearer: float) -> tuple[pricing.Result, np.ndarray, np.ndarray]:
    """A and B sell to C and D at one freight; a small tariff makes A in D a little dearer.

    A has more to sell than C buys. So it serves D too, beside B, and nothing goes from B to C.
    Prices differ by freights along the three routes in use; they clear the sum of all markets.
    Returns the result, those prices and the (2, 2) exports to C and D.
    """
    costs = {(i, j): FREIGHT for i in NAMES for j in NAMES if i != j}
    lines = Lines(80.0, costs)
    for name, (a, b), (c, d) in zip(NAMES, SUPPLY, DEMAND, strict=True):
        lines.region(name, (a, b), (c, d))
    above = np.array([0.0, dearer, FREIGHT, FREIGHT + dearer])
    fixed, slope = SUPPLY[:, 0] - DEMAND[:, 0], SUPPLY[:, 1] + DEMAND[:, 1]
    prices = above - (fixed.sum() + slope @ above) / slope.sum()
    net = fixed + slope * prices
    exports = np.array([[-net[2], net[0] + net[2]], [0.0, net[1]]])
    assert (exports.ravel()[[0, 1, 3]] > 2.0).all()
    tariff = {
        "kind": "tariff",
        "good": "wheat",
        "origins": ["A"],
        "destinations": ["D"],
        "specific": quantity(dearer, "USD/t"),
    }
    return pricing.solve(scenario_on(lines.chain(), tariff)), prices, exports


@pytest.mark.parametrize("dearer", [1e-5, 1e-6, 2e-7])
def test_routes_that_all_but_tie_have_one_cheapest_trade(dearer: float) -> None:
    """Pivots find it from trade in a circle; Newton steps then give prices to the last digit."""
    result, prices, exports = two_by_two(dearer)
    program, z, at = result.solved.program, result.solved.z, result.solved.program.routes
    flow_scale, part = at.flow_scale[0], program.flow_part
    circled = z.copy()
    circle = np.zeros((4, 4))
    circle[:2, 2:] = [[-1.5, 1.5], [1.5, -1.5]]
    circled[0, part] += (circle / flow_scale).ravel()
    assert distance(program, circled) > 1e-10
    found = cheapest_trade(program, circled)
    moved = (found[0, part].reshape(4, 4) * flow_scale)[:2, 2:]
    np.testing.assert_allclose(moved, exports, atol=1e-6)
    state = evaluate(program, found)
    loss = route_loss(at, at.of(state.landed), at.of(state.index))[0, 0, :2, 2:]
    np.testing.assert_allclose(loss, [[0.0, 0.0], [dearer, 0.0]], atol=1e-12 * prices.max())
    settled, _, (size,) = newton(program, found, 5)
    assert size <= 1e-12
    np.testing.assert_allclose(evaluate(program, settled).price[0, 0], prices, rtol=1e-12)


def test_where_no_route_ties_trade_stays() -> None:
    """A solution is the cheapest trade between its own ends."""
    result, _, _ = two_by_two(1.0)
    z = result.solved.z
    np.testing.assert_allclose(cheapest_trade(result.solved.program, z), z, atol=1e-9)


# Draws whose steps ended at 2e-8, with tonnes left to move around a circle of routes.
@pytest.mark.slow
@pytest.mark.parametrize(("seed", "case"), [(2032, 1438), (2031, 1236)])
def test_draws_that_were_not_solved(seed: int, case: int) -> None:
    (record,) = Draws(seed, None).solve(case // CASES_PER_CHAIN, [case])
    assert record.outcome == "solved", record.reason
    assert record.residual <= 1e-11
