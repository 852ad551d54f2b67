"""Markets at their ends: a millionth of what curves are drawn for, and prices of just zero."""

from __future__ import annotations

import pytest

import pricing
from pricing.chains.schema import Chain
from tests.support.chains import quantity, scenario_on, two_lines
from tests.support.markets import Markets

SUBSIDY = {"kind": "production_subsidy", "good": "wheat", "region": "Home"}


def nearly_nothing(tonnes: float, kind: str) -> Chain:
    """Demand ``120 - 30 P`` meets a supply curve at so few tonnes."""
    price = 4.0 - tonnes / 30.0
    market = Markets(("wheat",), ("Home",))
    market.demand("wheat", "Home", "linear", 1.0, 60.0, 2.0)
    market.supply("wheat", "Home", market.curve(kind, 1.0, tonnes, price))
    return market.chain()


@pytest.mark.parametrize("kind", ["isoelastic", "linear"])
@pytest.mark.parametrize("tonnes", [1e-5, 1e-6, 1e-7, 1e-9])
def test_a_sole_plant_of_next_to_nothing(tonnes: float, kind: str) -> None:
    chain = nearly_nothing(tonnes, kind)
    alone = pricing.solve(scenario_on(chain))
    assert float(alone.solved.state.use[0, 0, 0]) == pytest.approx(tonnes, abs=1e-13)
    helped = pricing.solve(scenario_on(chain, SUBSIDY | {"amount": quantity(0.1, "USD/t")}))
    for result in (alone, helped):
        assert result.diagnostics.residual <= 1e-8
        assert all(check.passed for check in result.accounts.checks)


@pytest.mark.parametrize("homogeneous", [(), ("wheat",)])
@pytest.mark.parametrize("tonnes", [1e-3, 1e-5, 1e-7, 1e-9])
def test_a_plant_that_is_all_but_closed(tonnes: float, homogeneous: tuple[str, ...]) -> None:
    """Farms of 60 t get a capacity of next to nothing, and users pay what ends their demand."""
    chain = two_lines(2.0, 60.0, 1.0, 1.0, regions=("Maker", "Buyer"), capacity=60.0)
    change = {"process": "farms", "capacity": quantity(tonnes, "t/yr"), "source": "test"}
    case = scenario_on(chain, assumptions={"homogeneous": homogeneous, "capacities": [change]})
    result = pricing.solve(case)
    state = result.solved.state
    assert float(state.level[0, 0]) == pytest.approx(tonnes, abs=1e-13)
    assert float(state.index[0, 0, 1]) == pytest.approx(4.0 - tonnes / 30.0, rel=1e-12)
    assert all(check.passed for check in result.accounts.checks)


@pytest.mark.parametrize("most", [79.0, 80.0, 81.0])
def test_use_at_a_price_of_zero_is_just_what_is_made(most: float) -> None:
    """Fixed output of 50 t and supply of 30 + v/10 meet use of D - p/2: p = (D - 80)/0.6, or none.

    At 80 t the price is zero and nothing is left over: price and surplus are both at their bounds.
    """
    market = Markets(("wheat",), ("Home",))
    line = market.curve("linear", 2.0 / 32.0, 32.0, 20.0)
    market.supply("wheat", "Home", line)
    fixed = market.supply("wheat", "Home", market.curve("linear", 1.0, 50.0, 20.0))
    size = {"value": 50.0, "unit": "t/yr"}
    fixed |= {"id": "fixed", "capacity": size, "minimum": size}
    market.parts["technologies"][1]["id"] = fixed["technology"] = "fixed"
    use = most - 10.0
    market.demand("wheat", "Home", "linear", 10.0 / use, use, 20.0)
    state = pricing.solve(scenario_on(market.chain())).solved.state
    price = max((most - 80.0) / 0.6, 0.0)
    assert state.price[0, 0, 0] == pytest.approx(price, abs=1e-9)
    assert state.output[0, 0, 0] == pytest.approx(80.0 + price / 10.0, abs=1e-9)


@pytest.mark.parametrize("least", [205.0, 250.0, 1_000.0])
def test_a_plant_that_must_run_gives_away_what_it_makes(least: float) -> None:
    """Users take 200 - 2 P at any price above zero, 200 t for nothing; the rest is left over."""
    market = Markets(("wheat",), ("Home",))
    plant = market.supply("wheat", "Home", market.curve("linear", 1.0, 100.0, 40.0))
    plant["minimum"] = quantity(least, "t/yr")
    market.demand("wheat", "Home", "linear", 1.0, 100.0, 50.0)
    result = pricing.solve(scenario_on(market.chain()))
    state = result.solved.state
    assert float(state.price[0, 0, 0]) == pytest.approx(0.0, abs=1e-10)
    assert float(state.use[0, 0, 0]) == pytest.approx(200.0, rel=1e-11)
    assert float(state.output[0, 0, 0]) == pytest.approx(least, rel=1e-12)
    assert not {check.name: check.error for check in result.accounts.checks if not check.passed}
