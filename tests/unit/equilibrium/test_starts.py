"""Far from the base year: floors that nobody else would pay, plants at the foot of their curves."""

from __future__ import annotations

import pytest

import pricing
from pricing.chains.schema import Chain
from pricing.equilibrium import solver
from pricing.equilibrium.point import FOOT, Point
from pricing.equilibrium.refine import POLISH
from pricing.equilibrium.starts import at_floors
from tests.support.chains import quantity, scenario_on, two_lines, unending


@pytest.mark.parametrize("homogeneous", [(), ("wheat",)])
@pytest.mark.parametrize("price", [1e6, 1e9])
def test_a_floor_that_hardly_any_user_pays(price: float, homogeneous: tuple[str, ...]) -> None:
    """Users buy ``120 (P / 2)^-1``, farms make all of 200 t, and the treasury buys the rest."""
    chain = unending(two_lines(2.0, 120.0, 1.0, 1.0, capacity=200.0, regions=("Maker", "Buyer")))
    floor = {"kind": "intervention_purchase", "good": "wheat", "region": "Maker"}
    case = scenario_on(
        chain,
        floor | {"floor": quantity(price, "USD/t")},
        assumptions={"homogeneous": homogeneous},
    )
    result = pricing.solve(case)
    state = result.solved.state
    assert state.price[0, 0, 0] == pytest.approx(price, rel=1e-12)
    assert state.use[0, 0, 1] == pytest.approx(240.0 / price, rel=1e-6)
    assert state.level[0, 0] == pytest.approx(200.0, rel=1e-12)
    assert state.purchases[0, 0, 0] == pytest.approx(200.0 - 240.0 / price, rel=1e-12)
    assert result.diagnostics.iterations < solver.INTERIOR_STEPS * 2  # no path is followed
    assert all(check.passed for check in result.accounts.checks)


def test_a_floor_below_the_price_is_no_start() -> None:
    floor = {"kind": "intervention_purchase", "good": "wheat", "region": "Home"}
    case = scenario_on(two_lines(2.0, 60.0, 1.0, 1.0), floor | {"floor": quantity(1.0, "USD/t")})
    assert at_floors(pricing.solve(case).solved.program) is None


def steep() -> Chain:
    """Users buy ``66 - 3 P``; farms offer ``60 (v / 2)^0.05`` at a margin of ``v``."""
    chain = two_lines(2.0, 60.0, 0.05, 0.1)
    (farming,) = chain.technologies
    supply = {"kind": "isoelastic", "elasticity": "supply"}
    return chain.revised(technologies=(farming.revised(supply=supply),))


def test_a_plant_at_the_foot_of_its_curve_is_not_polished() -> None:
    """A quota of 18 t takes all of a price of 16 but ``2 (18 / 60)^20``, or 7e-11 USD.

    A rent that takes 1e-10 USD more makes a loss that no step takes back: there a search for finer
    points spent a second. At the base year, where the cost is the price, the loss is no such one.
    """
    missed = FOOT / 2.0
    quota = {"kind": "production_quota", "good": "wheat", "regions": ["Home"]}
    quota["quota"] = quantity(18.0, "t/yr")
    solved = pricing.solve(scenario_on(steep(), quota)).solved
    assert solved.state.price[0, 0, 0] == pytest.approx(16.0, rel=1e-9)
    z, rent = solved.z.copy(), solved.program.multiplier_part.start
    z[0, rent] += missed * 2.0 / solved.program.scale[rent]
    point = Point.at(solved.program, z)
    assert point.size[0] == pytest.approx(missed, rel=0.1)
    assert point.unsettled[0] < POLISH
    base = pricing.solve(scenario_on(steep())).solved
    z = base.z.copy()
    z[0, 0] -= missed
    point = Point.at(base.program, z)
    assert point.unsettled[0] == point.size[0] == pytest.approx(missed, rel=0.1)
