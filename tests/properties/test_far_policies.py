"""Policies far beyond what a chain can do: solved, refused with a reason, or proved impossible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pricing
from pricing.chains.schema import Chain
from pricing.economics.sourcing import Law
from pricing.errors import InfeasibleError, InputError
from pricing.scenarios.scenario import Scenario
from tests.support.chains import quantity, random_chain, scenario_on

pytestmark = pytest.mark.slow


def outcome(case: Scenario) -> str:
    """What became of a scenario; anything but these three is an error."""
    try:
        result = pricing.solve(case)
    except InputError:
        return "refused"
    except InfeasibleError:
        return "proved"
    failed = [check.name for check in result.accounts.checks if not check.passed]
    assert not failed, failed
    assert result.diagnostics.residual <= 1e-8
    return "solved"


def purchase(rng: np.random.Generator, chain: Chain, used: np.ndarray, price: np.ndarray) -> Any:
    """A stock that buys up to a billion times what its region uses, in one of three ways."""
    good, region = (int(rng.integers(size)) for size in used.shape)
    tonnes = max(float(used[good, region]), 1.0) * 10 ** rng.uniform(0.0, 9.0)
    dear = float(price[good]) * 10 ** rng.uniform(-0.3, 4.0)
    rule = [
        {"kind": "quantity", "bought": quantity(tonnes, "t/yr")},
        {"kind": "budget", "budget": quantity(tonnes * price[good], "USD")},
        {
            "kind": "price_band",
            "buy_below": quantity(dear, "USD/t"),
            "most_bought": quantity(tonnes, "t/yr"),
        },
    ][int(rng.integers(3))]
    stock = {"kind": "stockpile", "good": chain.goods[good].id}
    return stock | {"region": chain.regions[region].id, "rule": rule}


@pytest.mark.parametrize("law", list(Law))
def test_stocks_that_buy_more_than_there_is(law: Law) -> None:
    found = set()
    for seed in range(20):
        rng = np.random.default_rng([seed, 1])
        stages, regions = int(rng.integers(1, 4)), int(rng.integers(2, 7))
        chain = random_chain(seed, stages, regions, laws=(law,))
        base = pricing.solve(scenario_on(chain)).solved
        price = base.program.network.setting.price_scale
        policy = purchase(rng, chain, base.state.use[0], price)
        found.add(outcome(scenario_on(chain, policy)))
    assert {"solved", "proved"} <= found


@pytest.mark.parametrize("law", list(Law))
def test_contracts_beyond_use_and_output(law: Law) -> None:
    """From a third of a route's tonnes to a million times its buyer's use."""
    found = set()
    for seed in range(30):
        rng = np.random.default_rng([seed, 2])
        chain = random_chain(seed, int(rng.integers(1, 3)), int(rng.integers(2, 7)), laws=(law,))
        state = pricing.solve(scenario_on(chain)).solved.state
        flow, good = state.flow[0, -1], chain.goods[-1].id
        origin, buyer = rng.permutation(np.argwhere(flow > 0.0))[0]
        tonnes = float(rng.choice([0.3, 1.0, 1.5, 3.0, 10.0, 1e3, 1e6])) * float(
            rng.choice([state.use[0, -1, buyer], flow[origin, buyer], flow[origin].sum()])
        )
        contract = {"kind": "offtake", "good": good, "region": f"r{origin}"}
        contract |= dict.fromkeys(("buyer", "offtaker"), f"r{buyer}")
        found.add(outcome(scenario_on(chain, contract | {"tonnes": quantity(tonnes, "t/yr")})))
    assert {"solved", "refused"} <= found
