"""Long-run supply against the closed structure it stands for, integrals and finite differences."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq

from pricing.economics.capacity import LongRunSupply, annuity_factor, plant_rent
from pricing.economics.curves import Array, SupplyCurves


def plant(eta: float | None = None, line: tuple[float, float] = (0.0, 0.0)) -> SupplyCurves:
    """An isoelastic plant of 100 t at 50 USD/t, or a straight line."""
    one = np.ones(1)
    return SupplyCurves(
        isoelastic=np.array([eta is not None]),
        level=100.0 * one,
        cost=50.0 * one,
        elasticity=(eta or 1.0) * one,
        intercept=line[0] * one,
        slope=line[1] * one,
    )


def long_run(
    curves: SupplyCurves,
    annuity: float,
    response: float,
    low: float = 0.0,
    high: float = np.inf,
    most: float = np.inf,
    kept: float = 1.0,
) -> LongRunSupply:
    one = np.ones(1)
    return LongRunSupply(
        plant=curves,
        low=low * one,
        high=high * one,
        annuity=annuity * one,
        response=response * one,
        most=most * one,
        stated=np.nan * one,
        kept=kept * np.ones((1, 1)),
    )


def at(values: Array) -> float:
    return float(np.ravel(values)[0])


CURVES = {
    "isoelastic": plant(0.4),
    "elastic": plant(2.5),
    "line": plant(line=(20.0, 0.5)),
    "line below zero": plant(line=(-25.0, 1.25)),
}
BOUNDS = {"free": (0.0, np.inf), "full": (0.0, 90.0), "must run": (60.0, 150.0)}


def chosen(supply: LongRunSupply, margin: float) -> tuple[float, float]:
    """Level and capacity at a margin from the pair's own condition, by search."""
    kappa, paid = at(supply.response), at(supply.annuity) * at(supply.kept)
    here = np.array([margin])
    rent = at(plant_rent(supply.plant, here, supply.low, supply.high))
    k = max(rent / paid, 0.0) ** kappa
    run = np.clip(at(supply.plant.supplied(here)), at(supply.low), at(supply.high))
    return float(run) * k, k


@pytest.mark.parametrize("bounds", BOUNDS)
@pytest.mark.parametrize("curve", CURVES)
@given(response=st.floats(0.05, 5.0), margin=st.floats(1.0, 300.0), kept=st.floats(0.3, 1.0))
def test_marginal_cost_and_capacity_solve_the_condition_of_the_pair(
    curve: str, bounds: str, response: float, margin: float, kept: float
):
    low, high = BOUNDS[bounds]
    supply = long_run(CURVES[curve], 3000.0, response, low, high, kept=kept)
    level, k = chosen(supply, margin)
    if level > 1e-9:
        assert at(supply.marginal_cost(np.array([level]))) == pytest.approx(margin, rel=1e-9)
        assert at(supply.capacity(np.array([level]))) == pytest.approx(k, rel=1e-9)
        assert at(supply.supplied(np.array([margin]))) == pytest.approx(level, rel=1e-9)


@pytest.mark.parametrize("bounds", BOUNDS)
@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("response", [0.3, 1.0, 4.0])
def test_what_owners_earn_is_the_area_of_supply_and_the_balance_of_the_pair(
    curve: str, bounds: str, response: float
):
    """``m x - k C(x/k) - (1 - g)`` of the capital cost equals the integral of supply over m."""
    low, high = BOUNDS[bounds]
    supply = long_run(CURVES[curve], 3000.0, response, low, high, kept=0.8)
    (first, last), start = supply._pieces.margins[:, 0, 0], at(supply._pieces.base[0])
    for margin in (40.0, 75.0, 110.0, 260.0):
        level = np.array([chosen(supply, margin)[0]])
        made = margin * level - supply.variable_cost(level) - 0.8 * supply.capital_cost(level)
        ends = sorted({start, margin, *(m for m in (first, last) if start < m < margin)})
        area = sum(
            quad(lambda m: at(supply.supplied(np.array([m]))), a, b, epsrel=1e-10)[0]
            for a, b in pairwise(ends)
        )
        assert at(made) == pytest.approx(at(supply.quasi_rent(np.array([margin]))), rel=1e-9)
        assert at(made) == pytest.approx(area, rel=1e-7, abs=1e-6)


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("level", [20.0, 80.0, 140.0, 400.0])
def test_slopes_against_finite_differences(curve: str, level: float):
    supply = long_run(CURVES[curve], 3000.0, 0.7, *BOUNDS["must run"])
    step = 1e-5 * level
    up, down = (at(supply.marginal_cost(np.array([level + d]))) for d in (step, -step))
    here = np.array([level])
    assert at(supply.marginal_cost_slope(here)) == pytest.approx((up - down) / (2 * step), rel=1e-6)
    margin = supply.marginal_cost(here)
    inverse = at(supply.supplied_slope(margin)) * at(supply.marginal_cost_slope(here))
    assert inverse == pytest.approx(1.0, rel=1e-9)


def test_total_response_of_an_isoelastic_plant_is_isoelastic():
    """``x ~ m^(eta + kappa (1 + eta))``: with 0.4 and 0.6 / 1.4 that is an elasticity of one."""
    annuity = 50.0 * 100.0 / 1.4
    supply = long_run(plant(0.4), annuity, 0.6 / 1.4)
    for margin in (25.0, 50.0, 200.0):
        assert at(supply.supplied(np.array([margin]))) == pytest.approx(2.0 * margin, rel=1e-12)


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("bounds", BOUNDS)
def test_constant_returns_are_flat_where_rent_pays_the_annuity(curve: str, bounds: str):
    low, high = BOUNDS[bounds]
    supply = long_run(CURVES[curve], 3000.0, np.inf, low, high)

    def short_of(margin: float) -> float:
        return at(plant_rent(supply.plant, np.array([margin]), supply.low, supply.high)) - 3000.0

    cost = brentq(short_of, 0.0, 1e4, xtol=1e-12)
    for level in (0.0, 1.0, 500.0):
        assert at(supply.marginal_cost(np.array([level]))) == pytest.approx(cost, rel=1e-10)
        assert at(supply.marginal_cost_slope(np.array([level]))) == 0.0
    spent = at(supply.variable_cost(np.array([500.0])) + supply.capital_cost(np.array([500.0])))
    assert spent == pytest.approx(500.0 * cost, rel=1e-10)


def test_one_project_is_flat_up_to_its_size_and_then_its_own_curve():
    """20 + 0.5 x, annuity 900: entry at 20 + sqrt(900) = 50, 60 t; 90 t cost 65."""
    supply = long_run(CURVES["line"], 900.0, np.inf, high=100.0, most=1.0)
    cost = [at(supply.marginal_cost(np.array([x]))) for x in (1.0, 59.0, 90.0, 100.0)]
    assert cost == pytest.approx([50.0, 50.0, 65.0, 70.0], rel=1e-12)
    assert at(supply.capacity(np.array([30.0]))) == pytest.approx(0.5)
    assert at(supply.capacity(np.array([90.0]))) == 1.0


def test_an_annuity_above_the_rent_of_a_full_line_is_paid_by_a_rent_of_capacity():
    """20 + 0.5 x up to 100 t earns 2,500 when full; an annuity of 3,000 needs 5 USD/t more."""
    supply = long_run(CURVES["line"], 3000.0, np.inf, high=100.0, most=1.0)
    assert at(supply.marginal_cost(np.array([100.0]))) == pytest.approx(75.0, rel=1e-12)
    assert at(supply.capacity(np.array([100.0]))) == 1.0


def test_fixed_plants_keep_their_curve():
    curves = plant(0.4)
    supply = long_run(curves, 3000.0, 0.0)
    levels, margins = np.array([30.0]), np.array([70.0])
    assert at(supply.marginal_cost(levels)) == at(curves.marginal_cost(levels))
    assert at(supply.supplied(margins)) == at(curves.supplied(margins))
    assert at(supply.quasi_rent(margins)) == at(curves.quasi_rent(margins))
    assert at(supply.capital_cost(levels)) == 0.0
    assert at(supply.capacity(levels)) == 1.0


def test_scenarios_may_have_grants_of_their_own():
    supply = long_run(plant(0.4), 3000.0, np.inf).granted(np.array([[0.0], [0.5]]))
    cost = supply.marginal_cost(np.array([[10.0], [10.0]]))
    assert cost[1, 0] / cost[0, 0] == pytest.approx(0.5 ** (1.0 / 1.4), rel=1e-12)


def test_annuity_factor():
    """A loan of 100 at 8 % over 20 years is repaid by 10.185 a year (any table of annuities)."""
    assert annuity_factor(0.08, 20.0) == pytest.approx(0.10185221, rel=1e-7)
    left = 1.0
    for _ in range(20):
        left = left * 1.08 - annuity_factor(0.08, 20.0)
    assert left == pytest.approx(0.0, abs=1e-12)
