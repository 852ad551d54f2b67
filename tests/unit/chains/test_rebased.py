"""Long-run curves of a chain without a base year pass the one that it finds, by hand.

One region each; the chain states elasticities of the short and of the long run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pricing
from pricing.chains.schema import Chain
from tests.support.chains import elasticity, quantity, scenario_on
from tests.support.markets import Markets


def answering(made: Markets, curve: dict[str, Any], short: float, long: float) -> dict[str, Any]:
    """A curve whose elasticity is another one in the long run."""
    of = made.elasticities[curve["elasticity"]]["of"]
    made.elasticities[curve["elasticity"]] = elasticity(short, of, long)
    return curve


def long(expansion: str = "rising_cost", **more: Any) -> dict[str, Any]:
    return {"assumptions": {"horizon": "long", "expansion": expansion, **more}}


def paid(amount: float, good: str = "wheat") -> dict[str, Any]:
    """A subsidy on output."""
    payment = {"amount": quantity(amount, "USD/t")}
    return {"kind": "production_subsidy", "good": good, "region": "Home", **payment}


def of_constant_elasticities() -> Chain:
    """``100 (p/50)^0.5 = 200 (p/50)^-0.5`` at 100; twice and four times as elastic later."""
    made = Markets(("wheat",), ("Home",))
    supply = made.curve("isoelastic", 0.5, 100.0, 50.0)
    made.supply("wheat", "Home", answering(made, supply, 0.5, 2.0))
    answering(made, made.demand("wheat", "Home", "isoelastic", 0.5, 200.0, 50.0), 0.5, 1.0)
    return made.chain()


@pytest.mark.parametrize("expansion", ["rising_cost", "constant_cost", "none"])
def test_the_base_year_does_not_move_with_the_horizon(expansion: str) -> None:
    for given in ({}, long(expansion)):
        state = pricing.solve(scenario_on(of_constant_elasticities(), **given)).solved.state
        assert state.price[0, 0, 0] == pytest.approx(100.0, rel=1e-9)
        assert state.output[0, 0, 0] == pytest.approx(100.0 * np.sqrt(2.0), rel=1e-9)


def test_supply_and_demand_of_the_long_run_pass_the_base_year() -> None:
    """Makers who get 121 offer 1.1^4 times as much, which buyers take at 100 / 1.1^4."""
    price = 100.0 / 1.1**4
    subsidy = paid(121.0 - price)
    state = pricing.solve(scenario_on(of_constant_elasticities(), subsidy, **long())).solved.state
    assert state.price[0, 0, 0] == pytest.approx(price, rel=1e-9)
    assert state.output[0, 0, 0] == pytest.approx(141.4213562373095 * 1.1**4, rel=1e-9)


def test_an_elasticity_that_a_scenario_sets_does_not_move_it_either() -> None:
    """Demand of 2 in the long run: 1.1^4 times as much is taken at 100 / 1.1^2."""
    given = {"e1": {"value": quantity(2.0, "1"), "source": "test"}}
    price = 100.0 / 1.1**2
    subsidy = paid(121.0 - price)
    chain = of_constant_elasticities()
    state = pricing.solve(scenario_on(chain, subsidy, **long(elasticities=given))).solved.state
    assert state.price[0, 0, 0] == pytest.approx(price, rel=1e-9)


def test_a_straight_line_keeps_the_slope_that_it_has_at_its_point() -> None:
    """``D = 150 - P`` and ``S = P`` meet at 75; later ``D = 75 - 2 (P - 75)``, so 65 with 30."""
    made = Markets(("wheat",), ("Home",))
    made.supply("wheat", "Home", made.curve("isoelastic", 1.0, 50.0, 50.0))
    answering(made, made.demand("wheat", "Home", "linear", 0.5, 100.0, 50.0), 0.5, 1.0)
    chain = made.chain()
    plain = pricing.solve(scenario_on(chain, **long())).solved.state
    assert plain.price[0, 0, 0] == pytest.approx(75.0, rel=1e-9)
    state = pricing.solve(scenario_on(chain, paid(30.0), **long())).solved.state
    assert state.price[0, 0, 0] == pytest.approx(65.0, rel=1e-9)
    assert state.output[0, 0, 0] == pytest.approx(95.0, rel=1e-9)


@pytest.mark.parametrize("kind", ["linear", "isoelastic"])
def test_other_prices_start_from_the_base_year_too(kind: str) -> None:
    """Rye costs 20 and, with 5 of subsidy, 15; wheat is made at its own price, ``S = P``.

    Straight: ``100 (1.2 - (P/50 - 1) / 2)`` is 85 at 85, later ``85 - 2 (P - 85) + 4 (R - 20)``,
    which is 235 / 3 at 15. Curved: ``100 (P/50)^-1 2^0.2`` meets it at ``B^2 = 5000 2^0.2``, later
    ``B (P/B)^-2 (R/20)^0.4``.
    """
    made = Markets(("wheat", "rye"), ("Home",))
    made.supply("wheat", "Home", made.curve("isoelastic", 1.0, 50.0, 50.0))
    flat = {"kind": "flat", "cost": quantity(20.0, "USD/t")}
    made.supply("rye", "Home", flat)
    made.demand("rye", "Home", "isoelastic", 0.5, 10.0, 20.0)
    short, later = (0.5, 1.0) if kind == "linear" else (1.0, 2.0)
    curve = answering(made, made.demand("wheat", "Home", kind, short, 100.0, 50.0), short, later)
    cross = made.cross(0.2, "rye", "substitute", 10.0)
    curve["cross"] = [answering(made, cross, 0.2, 0.4)]
    chain = made.chain()
    base, moved = 85.0, 235.0 / 3.0
    if kind == "isoelastic":
        base = np.sqrt(5000.0 * 2.0**0.2)
        moved = base * 0.75 ** (0.4 / 3.0)
    for policies, expected in (((), base), ((paid(5.0, "rye"),), moved)):
        state = pricing.solve(scenario_on(chain, *policies, **long())).solved.state
        assert state.price[0, 0, 0] == pytest.approx(expected, rel=1e-9)


def test_buyers_who_go_without_at_their_choke_price_do_so_in_the_long_run() -> None:
    """20 t are all there is; 100 t would be bought at the choke, ten times the stated price."""
    made = Markets(("wheat",), ("Home",))
    flat = {"kind": "flat", "cost": quantity(5.0, "USD/t")}
    made.supply("wheat", "Home", flat, capacity=quantity(20.0, "t/yr"))
    curve = made.demand("wheat", "Home", "isoelastic", 0.5, 100.0 * np.sqrt(10.0), 50.0)
    answering(made, curve, 0.5, 1.0)
    curve["choke_multiple"] = quantity(10.0, "1")
    for given in ({}, long()):
        state = pricing.solve(scenario_on(made.chain(), **given)).solved.state
        assert state.index[0, 0, 0] == pytest.approx(500.0, rel=1e-9)
        assert state.use[0, 0, 0] == pytest.approx(20.0, rel=1e-9)
