"""Prices that rest at the edge of a duty that jumps."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import pricing
from pricing.accounts.notices import Code
from pricing.equilibrium.measures import measured
from pricing.instruments.jumps import CustomsValue
from tests.support.chains import quantity, scenario_on
from tests.unit.equilibrium.lines import abroad, entry, price_of

EDGE = 0.92 * 2.1
"""Where 8 % below an entry price of 2.1 is reached."""


def test_a_maximum_that_brings_the_price_back_over_the_edge_holds_it_there() -> None:
    """Supply is 20 + 20 p, demand 100 - 20 (p + t), so p = 2 - t / 2. The undercut of 2.1 gives
    4 - 2.1 = 1.9, below the edge at 1.932; the maximum of 0.1 gives 1.95, above it. At the edge the
    average duty is 2 (2 - 1.932) = 0.136, between 0.1 and 2.1 - 1.932 = 0.168."""
    result = pricing.solve(abroad(entry(0.1, price=2.1)))
    duty = 2.0 * (2.0 - EDGE)

    assert price_of(result) == pytest.approx(EDGE, rel=2e-7)
    assert result.accounts.agents.treasuries.sum() == pytest.approx(
        duty * (20.0 + 20.0 * EDGE), rel=1e-5
    )
    assert result.regimes()["regime"].tolist() == ["between the undercut and the maximum tariff"]
    assert all(check.passed for check in result.accounts.checks)
    (told,) = [w for w in result.warnings if w.code is Code.RESTS_AT_EDGE]
    share = (duty - 0.1) / (2.1 - EDGE - 0.1)
    assert f"{100.0 * share:.0f} % of the tonnes in 'the undercut'" in told.text
    assert "the rest in 'the maximum tariff'" in told.text
    assert not [w for w in result.warnings if w.code is Code.SEVERAL_REGIMES]


@pytest.mark.parametrize(("most", "edge"), [(0.15, None), (0.136, EDGE), (0.1, EDGE), (0.0, EDGE)])
def test_it_rests_there_only_while_the_maximum_is_too_low(most: float, edge: float | None) -> None:
    """A maximum above 0.136 keeps the price, 2 - most / 2, below the edge by itself."""
    result = pricing.solve(abroad(entry(most, price=2.1)))

    assert price_of(result) == pytest.approx(edge or 2.0 - most / 2.0, rel=2e-7)
    assert len(result.outcomes) == 1


def test_the_edge_is_the_same_as_a_tariff_of_the_average_duty() -> None:
    """Another road to the same prices: a specific tariff instead of the entry price."""
    held = pricing.solve(abroad(entry(0.1, price=2.1)))
    duty = float(held.accounts.agents.treasuries.sum()) / float(held.solved.state.flow[0, 0, 0, 1])
    plain = {"kind": "tariff", "good": "wheat", "origins": ["Maker"], "destinations": ["Buyer"]}
    other = pricing.solve(abroad(plain | {"specific": quantity(duty, "USD/t")}))

    assert price_of(held) == pytest.approx(price_of(other), rel=1e-9)
    assert held.solved.state.flow == pytest.approx(other.solved.state.flow, rel=1e-9)


def test_the_last_step_of_a_schedule_may_be_the_edge() -> None:
    """In steps of 4 % to 8 % of 2.1 the last step is 0.168 and gives 2 - 0.084 = 1.916, below the
    edge; the step before, 0.084, gives 1.958, below 0.96 x 2.1 = 2.016. The maximum of 0.1 gives
    1.95, above the edge."""
    steps = {"step": quantity(4.0, "%")}
    result = pricing.solve(abroad(entry(0.1, price=2.1, **steps)))

    assert price_of(result) == pytest.approx(EDGE, rel=2e-7)
    regime = "between a duty of 0.08 of the entry price and the maximum tariff"
    assert result.regimes()["regime"].tolist() == [regime]
    assert all(check.passed for check in result.accounts.checks)


@pytest.mark.parametrize("price", [75e3, 78457.0, 79604.0, 80206.0, 81.3e3])
def test_prices_rest_exactly_where_no_combination_of_duties_holds(price: float) -> None:
    """Metal into the EU has four origins. Every combination of the undercut and the maximum is
    solved by itself, as plain tariffs and safeguards, and held against the prices that follow."""
    chain, origins = pricing.load_chain("ndfeb"), ("China", "Japan", "Vietnam", "Rest of world")
    to = {"good": "metal", "destinations": ["EU"]}
    most, edge, consistent = 700.0, 0.92 * price, 0
    for maxima in product((False, True), repeat=len(origins)):
        policies = [
            to | {"kind": "tariff", "origins": [origin], "specific": quantity(most, "USD/t")}
            if maximum
            else to
            | {
                "kind": "stepped_safeguard",
                "origins": [origin],
                "trigger": quantity(price, "USD/t"),
            }
            | {"bands": [{"fall": quantity(0.0, "%"), "rate": quantity(100.0, "%")}]}
            for origin, maximum in zip(origins, maxima, strict=True)
        ]
        solved = pricing.solve(scenario_on(chain, *policies)).solved
        values = [value_into_eu(solved, origin) for origin in origins]
        consistent += all((v <= edge) is m for v, m in zip(values, maxima, strict=True))
    result = pricing.solve(scenario_on(chain, to | entry(most, price) | to))
    table = result.regimes()

    rests = table["regime"].str.startswith("between").any()
    assert rests == (consistent == 0)
    assert rests == (price not in (75e3, 79604.0))
    assert all(check.passed for check in result.accounts.checks)


def value_into_eu(solved: Any, origin: str) -> float:
    regions = solved.program.network.regions
    place = 2, regions.index(origin), regions.index("EU")
    arc = CustomsValue(int(np.ravel_multi_index(place, solved.program.open_arcs.shape)))
    return measured(arc, solved.program, solved.state)
