"""Supply and demand curves against numerical integrals and finite differences."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import quad

from pricing.economics.curves import SATIATION, Array, DemandCurves, SupplyCurves


def isoelastic_supply(level: float = 100.0, cost: float = 50.0, eta: float = 0.4) -> SupplyCurves:
    one = np.ones(1)
    return SupplyCurves(np.array([True]), level * one, cost * one, eta * one, 0 * one, 0 * one)


def straight_supply(intercept: float = 20.0, slope: float = 0.5) -> SupplyCurves:
    one = np.ones(1)
    return SupplyCurves(np.array([False]), one, one, one, intercept * one, slope * one)


def demand(
    *,
    isoelastic: bool = True,
    quantity: float = 100.0,
    price: float = 50.0,
    elasticity: float = 0.3,
    choke: float = np.inf,
) -> DemandCurves:
    one = np.ones(1)
    return DemandCurves(
        np.array([isoelastic]), quantity * one, price * one, elasticity * one, choke * one
    )


def at(function: Callable[[Array], Array], value: float) -> float:
    return float(function(np.array([value]))[0])


def integral(function: Callable[[Array], Array], low: float, high: float, *kinks: float) -> float:
    """Numerical integral, split where the integrand has a kink."""
    inner = sorted(kink for kink in kinks if min(low, high) < kink < max(low, high))
    ends = [low, *(inner if low < high else inner[::-1]), high]
    parts = pairwise(ends)
    return sum(quad(lambda x: at(function, x), a, b, epsabs=0, epsrel=1e-11)[0] for a, b in parts)


def slope(function: Callable[[Array], Array], value: float) -> float:
    step = 1e-5 * max(abs(value), 1.0)
    return (at(function, value + step) - at(function, value - step)) / (2.0 * step)


SUPPLIES = {
    "isoelastic": isoelastic_supply(),
    "elastic": isoelastic_supply(eta=2.5),
    "unit": isoelastic_supply(eta=1.0),
    "straight": straight_supply(),
    "negative intercept": straight_supply(intercept=-25.0, slope=1.25),
}
DEMANDS = {
    "isoelastic": demand(),
    "elastic": demand(elasticity=2.0),
    "unit": demand(elasticity=1.0),
    "straight": demand(isoelastic=False),
    "steep": demand(isoelastic=False, elasticity=1.5),
}


class TestSupply:
    def test_an_isoelastic_curve_passes_its_point_with_its_elasticity(self):
        curve = isoelastic_supply()

        assert at(curve.marginal_cost, 100.0) == pytest.approx(50.0)
        assert at(curve.supplied, 50.0) == pytest.approx(100.0)
        assert at(curve.supplied, 50.0 * 1.1) == pytest.approx(100.0 * 1.1**0.4)
        assert at(curve.supplied, -3.0) == 0.0

    def test_a_straight_line_starts_at_its_intercept(self):
        curve = straight_supply()

        assert at(curve.marginal_cost, 0.0) == 20.0
        assert at(curve.marginal_cost, 100.0) == 70.0
        assert at(curve.supplied, 70.0) == pytest.approx(100.0)
        assert at(curve.supplied, 19.0) == 0.0

    def test_a_flat_line_supplies_anything(self):
        flat = straight_supply(slope=0.0)

        assert at(flat.supplied, 25.0) == np.inf
        assert at(flat.supplied_slope, 25.0) == 0.0

    @pytest.mark.parametrize("name", SUPPLIES)
    @pytest.mark.parametrize("level", [1.0, 60.0, 100.0, 170.0])
    def test_variable_cost_is_the_area_below(self, name: str, level: float):
        curve = SUPPLIES[name]

        area = integral(curve.marginal_cost, 0.0, level)
        assert at(curve.variable_cost, level) == pytest.approx(area, rel=1e-8)

    @pytest.mark.parametrize("name", SUPPLIES)
    @pytest.mark.parametrize("margin", [30.0, 50.0, 90.0])
    def test_quasi_rent_is_the_area_beside(self, name: str, margin: float):
        curve = SUPPLIES[name]
        first = 0.0 if curve.isoelastic[0] else float(curve.intercept[0])

        area = integral(curve.supplied, first, margin)
        assert at(curve.quasi_rent, margin) == pytest.approx(area, rel=1e-8)
        level = at(curve.supplied, margin)
        rest = margin * level - at(curve.variable_cost, level)
        assert at(curve.quasi_rent, margin) == pytest.approx(rest, rel=1e-9)

    def test_nothing_below_the_first_tonne(self):
        assert at(isoelastic_supply().quasi_rent, -1.0) == 0.0
        assert at(straight_supply().quasi_rent, 10.0) == 0.0

    @pytest.mark.parametrize("name", SUPPLIES)
    @pytest.mark.parametrize("value", [30.0, 50.0, 120.0])
    def test_slopes(self, name: str, value: float):
        curve = SUPPLIES[name]

        assert at(curve.marginal_cost_slope, value) == pytest.approx(
            slope(curve.marginal_cost, value), rel=1e-6
        )
        assert at(curve.supplied_slope, value) == pytest.approx(
            slope(curve.supplied, value), rel=1e-6
        )

    def test_mixed_curves_and_a_scenario_axis(self):
        mixed = SupplyCurves(
            np.array([True, False]),
            np.array([100.0, 1.0]),
            np.array([50.0, 1.0]),
            np.array([0.4, 1.0]),
            np.array([0.0, 20.0]),
            np.array([0.0, 0.5]),
        )
        level = np.array([[100.0, 100.0], [50.0, 0.0]])

        found = mixed.marginal_cost(level)
        assert found[0] == pytest.approx([50.0, 70.0])
        assert found[1] == pytest.approx([50.0 * 0.5**2.5, 20.0])


@given(
    st.floats(1.0, 1e5),
    st.floats(1.0, 1e5),
    st.floats(0.01, 5.0),
    st.floats(0.5, 2.0),
)
def test_supply_and_marginal_cost_are_inverses(
    level: float, cost: float, eta: float, factor: float
):
    curve = isoelastic_supply(level, cost, eta)

    assert at(curve.marginal_cost, at(curve.supplied, cost * factor)) == pytest.approx(
        cost * factor, rel=1e-9
    )
    assert at(curve.marginal_cost_slope, at(curve.supplied, cost * factor)) * at(
        curve.supplied_slope, cost * factor
    ) == pytest.approx(1.0, rel=1e-8)


class TestDemand:
    def test_curves_pass_their_point_with_their_elasticity(self):
        for name, curve in DEMANDS.items():
            e = float(curve.elasticity[0])
            assert at(curve.demanded, 50.0) == pytest.approx(100.0), name
            assert at(curve.demanded_slope, 50.0) == pytest.approx(-e * 100.0 / 50.0), name

    def test_satiation_below_a_twentieth_of_the_price(self):
        curve = demand()
        most = 100.0 * SATIATION**-0.3

        for price in (2.5, 1.0, 0.0, -10.0):
            assert at(curve.demanded, price) == pytest.approx(most)
        assert at(curve.demanded_slope, 1.0) == 0.0

    def test_demand_at_the_choke_and_above(self):
        curve = demand(choke=500.0)

        assert at(curve.demanded, 500.0) == pytest.approx(100.0 * 10.0**-0.3)
        assert at(curve.demanded, 9e9) == at(curve.demanded, 500.0)
        assert at(curve.demanded_slope, 501.0) == 0.0

    def test_a_straight_line_ends_at_zero(self):
        curve = DEMANDS["steep"]  # nothing is bought above 50 (1 + 1/1.5)

        assert at(curve.demanded, 50.0 * (1.0 + 1.0 / 1.5) + 1e-6) == 0.0
        assert at(curve.demanded_slope, 90.0) == 0.0
        assert at(curve.demanded, 0.0) == pytest.approx(250.0)

    @pytest.mark.parametrize("name", DEMANDS)
    @pytest.mark.parametrize("price", [4.0, 40.0, 50.0, 70.0])
    def test_slopes(self, name: str, price: float):
        curve = DEMANDS[name]

        assert at(curve.demanded_slope, price) == pytest.approx(
            slope(curve.demanded, price), rel=1e-5
        )

    @pytest.mark.parametrize("name", DEMANDS)
    @pytest.mark.parametrize("price", [-5.0, 0.0, 1.0, 30.0, 75.0, 400.0])
    @pytest.mark.parametrize("choke", [np.inf, 150.0])
    def test_surplus_is_the_area_beside_demand(self, name: str, price: float, choke: float):
        base = DEMANDS[name]
        curve = DemandCurves(
            base.isoelastic, base.quantity, base.price, base.elasticity, np.array([choke])
        )
        stop = min(price, choke)
        kinks = (SATIATION * 50.0, 0.0, 50.0 * (1.0 + 1.0 / float(base.elasticity[0])))

        area = integral(curve.demanded, 60.0, stop, *kinks)
        found = float(curve.surplus_change(np.array([price]), np.array([60.0]))[0])
        assert found == pytest.approx(-area, rel=1e-8, abs=1e-8)

    @pytest.mark.parametrize("name", DEMANDS)
    @pytest.mark.parametrize("quantity", [40.0, 80.0, 100.0, 130.0])
    def test_benefit_is_the_area_below_inverse_demand(self, name: str, quantity: float):
        curve = DEMANDS[name]
        e = float(curve.elasticity[0])

        def inverse(q: Array) -> Array:
            if curve.isoelastic[0]:
                return 50.0 * (q / 100.0) ** (-1.0 / e)
            return 50.0 * (1.0 + (1.0 - q / 100.0) / e)

        area = integral(inverse, 100.0, quantity)
        assert at(curve.benefit, quantity) == pytest.approx(area, rel=1e-8, abs=1e-9)

    def test_what_is_rationed_is_worth_the_choke_price(self):
        curve = demand(choke=500.0)
        least = at(curve.demanded, 500.0)

        lost = at(curve.benefit, least) - at(curve.benefit, 0.5 * least)
        assert lost == pytest.approx(0.5 * least * 500.0)

    def test_demand_of_zero_gives_zero(self):
        curve = demand(quantity=0.0)

        assert at(curve.demanded, 60.0) == 0.0
        assert at(curve.benefit, 0.0) == 0.0
        assert float(curve.surplus_change(np.array([90.0]), np.array([60.0]))[0]) == 0.0


@given(st.floats(0.01, 4.0), st.floats(5.0, 300.0), st.floats(5.0, 300.0), st.booleans())
def test_surplus_by_price_and_by_quantity_agree(e: float, price: float, base: float, iso: bool):
    curve = demand(elasticity=e, isoelastic=iso)
    if not iso:
        assume(max(price, base) < 50.0 * (1.0 + 1.0 / e))
    one, other = at(curve.demanded, price), at(curve.demanded, base)
    gain = at(curve.benefit, one) - price * one - at(curve.benefit, other) + base * other

    found = float(curve.surplus_change(np.array([price]), np.array([base]))[0])
    assert found == pytest.approx(gain, rel=1e-7, abs=1e-6 * 100.0 * max(price, base))


@given(st.floats(0.01, 4.0), st.floats(1.0, 300.0), st.floats(1.0, 300.0), st.floats(1.0, 300.0))
def test_surplus_changes_add_up(e: float, one: float, two: float, three: float):
    curve = demand(elasticity=e, choke=200.0)

    def change(price: float, base: float) -> float:
        return float(curve.surplus_change(np.array([price]), np.array([base]))[0])

    assert change(two, one) + change(three, two) == pytest.approx(change(three, one), abs=1e-6)
    assert change(max(one, two), min(one, two)) <= 0.0
