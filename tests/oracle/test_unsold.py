"""A guarantee on what is sold, where some output finds no buyer: straight lines, in closed form.

Makers offer ``50 + v / 2`` for what a tonne earns, users take ``150 - p / 2``: at a price of zero
150 t. At a strike of 400 each maker counts on ``v = 400 sold / output``.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import pytest

import pricing
from pricing.economics.sourcing import Law
from pricing.equilibrium.build import build, world
from pricing.equilibrium.uniqueness import Verdict
from tests.support.chains import LAWS, random_chain, scenario_on, two_lines
from tests.support.jacobians import against_differences
from tests.support.joint_chains import with_joint_product
from tests.support.markets import Markets

EXACT = 1e-9
GUARANTEE = {
    "kind": "price_guarantee",
    "good": "wheat",
    "region": "Home",
    "strike": "400 USD/t",
    "eligible": "sold",
}
LINES = two_lines(price=100, amount=100, supply_elasticity=0.5, demand_elasticity=0.5)


def solved(*policies: dict[str, Any], chain: Any = LINES) -> pricing.Result:
    """The result, with all six checks holding."""
    result = pricing.solve(scenario_on(chain, *policies))
    assert not {c.name: c.error for c in result.accounts.checks if not c.passed}
    assert result.diagnostics.residual < 1e-10
    return result


def output(result: pricing.Result) -> float:
    """Tonnes made."""
    return float(result.solved.state.output[0, 0, 0])


def outlay(result: pricing.Result) -> float:
    """What the treasury pays [USD]."""
    return -float(result.accounts.agents.treasuries[0, 0])


def test_a_cap_on_sold_tonnes_is_slack_where_output_exceeds_it() -> None:
    """160 t are covered and 150 sold; of what is made 160 would be too few."""
    result = solved(GUARANTEE | {"cap": "160 t/yr"})
    assert output(result) == pytest.approx(200.0, rel=EXACT)
    assert outlay(result) == pytest.approx(60_000.0, rel=EXACT)
    made = solved(GUARANTEE | {"cap": "160 t/yr", "eligible": "produced"})
    assert output(made) == pytest.approx(160.0, rel=EXACT)
    assert outlay(made) == pytest.approx(64_000.0, rel=EXACT)


def test_a_cap_that_binds_leaves_nothing_unsold() -> None:
    """Output stops at 120 t, which fetch 60: the guarantee pays 340 on them."""
    result = solved(GUARANTEE | {"cap": "120 t/yr"})
    assert output(result) == pytest.approx(120.0, rel=EXACT)
    assert result.solved.state.price[0, 0, 0] == pytest.approx(60.0, rel=EXACT)
    assert outlay(result) == pytest.approx(340.0 * 120.0, rel=EXACT)


def test_a_budget_shared_pro_rata() -> None:
    """48,000 of 60,000 are paid: v = 320 x 150 / Q, so Q^2 - 50 Q = 24,000."""
    result = solved(GUARANTEE | {"budget": "48000 USD", "budget_rule": "pro_rata"})
    assert output(result) == pytest.approx(25.0 + sqrt(625.0 + 24_000.0), rel=EXACT)
    assert outlay(result) == pytest.approx(48_000.0, rel=EXACT)


def test_a_budget_per_contract() -> None:
    """The full gap on what is sold takes all of it: (400 - p)(150 - p / 2) = 48,000."""
    result = solved(GUARANTEE | {"budget": "48000 USD"})
    price = 350.0 - sqrt(350.0**2 - 24_000.0)
    assert result.solved.state.price[0, 0, 0] == pytest.approx(price, rel=EXACT)
    assert output(result) == pytest.approx(150.0 - price / 2.0, rel=EXACT)
    assert outlay(result) == pytest.approx(48_000.0, rel=EXACT)


def test_public_purchases_are_sales() -> None:
    """The state takes 30 t at 10 and the price falls through: v = 400 x 180 / Q."""
    purchase = {"kind": "intervention_purchase", "good": "wheat", "region": "Home"}
    result = solved(GUARANTEE, purchase | {"floor": "10 USD/t", "cap": "30 t/yr"})
    assert output(result) == pytest.approx(25.0 + sqrt(625.0 + 36_000.0), rel=EXACT)
    assert outlay(result) == pytest.approx(400.0 * 180.0 + 10.0 * 30.0, rel=EXACT)


def two_makers() -> Any:
    """Lines ``30 + v / 10`` and ``50``, whatever it earns; users take ``100 - p / 2``."""
    found = Markets(("wheat",), ("Home",))
    line = found.curve("linear", 0.1 * 20.0 / 32.0, 32.0, 20.0)
    found.supply("wheat", "Home", line)
    steady = found.supply("wheat", "Home", found.curve("linear", 1.0, 50.0, 20.0))
    size = {"value": 50.0, "unit": "t/yr"}
    steady |= {"id": "steady", "capacity": size, "minimum": size}
    found.parts["technologies"][1]["id"] = steady["technology"] = "steady"
    found.demand("wheat", "Home", "linear", 0.5 * 20.0 / 90.0, 90.0, 20.0)
    return found.chain()


def test_makers_without_a_guarantee_share_what_finds_no_buyer() -> None:
    """Of Q + 50 t 100 are sold: v = 400 x 100 / (Q + 50) and Q = 30 + v / 10."""
    result = solved(GUARANTEE | {"processes": ["wheat_Home"]}, chain=two_makers())
    made = -10.0 + sqrt(10.0**2 + 1500.0 + 4000.0)
    assert output(result) == pytest.approx(made + 50.0, rel=EXACT)
    assert outlay(result) == pytest.approx(400.0 * made * 100.0 / (made + 50.0), rel=EXACT)
    assert result.uniqueness.verdict is Verdict.SAME


def test_regimes_and_report_say_what_is_unsold() -> None:
    result = solved(GUARANTEE)
    (row,) = [row for row in result.accounts.regimes if row.unit == "1"]
    assert (row.policy, row.good, row.region, row.value) == ("p0", "wheat", "Home", 0.25)
    text = str(result.report())
    assert "75 % of output finds a buyer, and only that is paid for" in " ".join(text.split())


def test_a_batch_finds_what_single_solves_find() -> None:
    strikes = [150.0, 300.0, 400.0, 900.0]
    scenarios = [
        scenario_on(LINES, GUARANTEE | {"strike": f"{strike} USD/t"}) for strike in strikes
    ]
    batch = pricing.solve_many(scenarios)
    for scenario, together in zip(scenarios, batch, strict=True):
        alone = output(pricing.solve(scenario))
        assert output(together) == pytest.approx(alone, rel=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
def test_without_disposal_sold_is_produced(seed: int) -> None:
    """A price above zero clears the market, joint products and other indices included."""
    chain = with_joint_product(random_chain(seed, 2, 4, least=0.1), seed)
    goods = [good.id for good in chain.goods]
    network = world(chain, scenario_on(chain).document).network
    good = seed % len(goods)
    makers = [r for r in range(4) if network.setting.makers(good, r).size]
    strike = float(network.setting.price_scale[good]) * 1.2
    policy = {"kind": "price_guarantee", "good": goods[good], "strike": f"{strike} USD/t"}
    policy["region"] = network.regions[makers[0]]
    if seed % 2:
        index = {"kind": "region_price", "region": network.regions[makers[-1]]}
        policy["index"] = index
    made, sold = (solved(policy | {"eligible": e}, chain=chain) for e in ("produced", "sold"))
    assert made.solved.state.price[0, good, makers[0]] > 0.0
    old, new = made.solved.state, sold.solved.state
    large = 1e-6 * network.setting.quantity_scale.max()
    np.testing.assert_allclose(new.output, old.output, rtol=1e-6, atol=large)
    np.testing.assert_allclose(
        sold.accounts.agents.treasuries, made.accounts.agents.treasuries, rtol=1e-6, atol=1.0
    )


MORE: list[dict[str, Any]] = [
    {},
    {"cap": "5 t/yr"},
    {"budget": "1000 USD"},
    {"budget": "1000 USD", "budget_rule": "pro_rata"},
    {"settlement": "quarterly", "spread": "20 %"},
]


@pytest.mark.parametrize("more", MORE)
@pytest.mark.parametrize("law", list(Law))
def test_derivatives(law: Law, more: dict[str, Any]) -> None:
    chain = random_chain(201, 2, 4, least=0.3, laws=LAWS if law is Law.ARMINGTON else (law,))
    network = world(chain, scenario_on(chain).document).network
    scale = float(network.setting.price_scale[1])
    region = next(r for r in range(4) if network.setting.makers(1, r).size)
    where = {"good": chain.goods[1].id, "region": network.regions[region]}
    policy = GUARANTEE | where | {"strike": f"{1.5 * scale} USD/t"} | more
    bought = {"kind": "intervention_purchase", "floor": f"{scale} USD/t", "cap": "3 t/yr"}
    document = scenario_on(chain, policy, bought | where).document
    against_differences(build(document, world(chain, document).network), seed=7)
