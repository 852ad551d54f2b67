"""A by-product with its host, in closed form: gallium out of alumina, straight lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

import pricing
from pricing.chains.schema import Chain
from pricing.equilibrium.build import build, world
from pricing.equilibrium.infeasible import refuse_infeasible
from pricing.errors import InfeasibleError
from tests.support.chains import frame, quantity, scenario_on
from tests.support.markets import Markets

EXACT = 1e-9
RECOVERY, COST = 0.02, 30.0
HOST = (10.0, 2.0)
"""Alumina supply ``10 + 2 v``."""
ALUMINA, GALLIUM = (200.0, 3.0), (8.0, 0.05)
"""Demands ``c - d P``."""


def market(*, seen: bool, cost: float = COST) -> Chain:
    """One region: alumina, and gallium that comes out of it at a flat cost."""
    found = Markets(("alumina", "gallium"), ("Home",))
    (a, b), at = HOST, 40.0
    line = found.curve("linear", b * at / (a + b * at), a + b * at, at)
    found.supply("alumina", "Home", line)
    flat = {"kind": "flat", "cost": quantity(cost, "USD/t")}
    own = {
        "host": "alumina_Home",
        "recovery": quantity(RECOVERY, "t/t"),
        "host_sees_revenue": seen,
    }
    found.supply("gallium", "Home", flat, by_product_of=own)
    for good, (c, d) in (("alumina", ALUMINA), ("gallium", GALLIUM)):
        used = c - d * at
        found.demand(good, "Home", "linear", d * at / used, used, at)
    return found.chain()


def host_level(*, seen: bool, strike: float | None = None) -> tuple[float, float]:
    """Level of the host and rent of the feed, all feed being used."""
    (a, b), (c, d), (e, f) = HOST, ALUMINA, GALLIUM
    if not seen:
        level = (a / b + c / d) / (1.0 / b + 1.0 / d)
    elif strike is not None:
        level = (a / b + c / d + RECOVERY * (strike - COST)) / (1.0 / b + 1.0 / d)
    else:
        # (x - a) / b = (c - x) / d + r ((e - r x) / f - cost)
        right = a / b + c / d + RECOVERY * (e / f - COST)
        level = right / (1.0 / b + 1.0 / d + RECOVERY**2 / f)
    price = (e - RECOVERY * level) / f
    return level, (price if strike is None else strike) - COST


def solved(chain: Chain, *policies: dict[str, Any]) -> pricing.Result:
    """The result, with all six checks holding."""
    result = pricing.solve(scenario_on(chain, *policies))
    assert not {c.name: c.error for c in result.accounts.checks if not c.passed}
    assert result.diagnostics.residual < 1e-10
    return result


@pytest.mark.parametrize("seen", [False, True])
def test_scarce_feed_has_a_rent(seen: bool) -> None:
    level, rent = host_level(seen=seen)
    result = solved(market(seen=seen))
    state = result.solved.state
    np.testing.assert_allclose(state.level[0], [level, RECOVERY * level], rtol=EXACT)
    assert state.price[0, 1, 0] == pytest.approx(COST + rent, rel=EXACT)
    (row,) = [
        r
        for r in result.records
        if r["variable"] == "by_product_rent" and r["scenario"] == result.scenario.id
    ]
    assert row["value"] == pytest.approx(rent, rel=EXACT)


@pytest.mark.parametrize("seen", [False, True])
def test_who_gains_from_a_guaranteed_by_product(seen: bool) -> None:
    """A price guarantee of 180: a host that sees it makes more of both."""
    strike = 180.0
    guarantee = {
        "kind": "price_guarantee",
        "good": "gallium",
        "region": "Home",
        "strike": quantity(strike, "USD/t"),
    }
    (before, old), (after, new) = host_level(seen=seen), host_level(seen=seen, strike=strike)
    result = solved(market(seen=seen), guarantee)
    np.testing.assert_allclose(result.solved.state.level[0], [after, RECOVERY * after], rtol=EXACT)
    assert (after > before) == seen
    plants = result.accounts.agents.processes[0]
    feed = RECOVERY * (new * after - old * before)
    if seen:
        # The plant passes its rent on; the host gains the integral of its supply line.
        gain = (after**2 - before**2) / (2.0 * HOST[1])
        np.testing.assert_allclose(plants, [gain, 0.0], rtol=1e-8, atol=1e-7)
    else:
        np.testing.assert_allclose(plants, [0.0, feed], rtol=1e-8, atol=1e-7)


def test_what_a_host_makes_at_an_absurd_price_counts_the_rent_that_it_sees() -> None:
    """Its margin there is a million times the base year's prices, ``10 + 2 (p + 0.02 P)``."""
    chain = market(seen=True)
    alumina, gallium = pricing.solve(scenario_on(chain)).solved.state.price[0, :, 0]
    rule = {"kind": "quantity", "bought": quantity(1e12, "t/yr")}
    stock = {"kind": "stockpile", "good": "alumina", "region": "Home", "rule": rule}
    document = scenario_on(chain, stock).document
    with pytest.raises(InfeasibleError) as caught:
        refuse_infeasible(build(document, world(chain, document).network))
    most = HOST[0] + HOST[1] * 1e6 * (alumina + RECOVERY * gallium)
    limits = [(part.what, part.tonnes) for part in caught.value.certificate.limits]
    assert limits == [("output of alumina_Home", pytest.approx(most, rel=EXACT))]


def test_abundant_feed_has_none() -> None:
    """At a cost of 130 users want less than the host leaves: the price is the cost."""
    result = solved(market(seen=True, cost=130.0))
    state = result.solved.state
    assert state.price[0, 1, 0] == pytest.approx(130.0, rel=EXACT)
    assert state.level[0, 1] == pytest.approx(GALLIUM[0] - GALLIUM[1] * 130.0, rel=EXACT)
    level, _ = host_level(seen=False)
    assert state.level[0, 0] == pytest.approx(level, rel=EXACT)


def changed(chain: Chain, **host: Any) -> Chain:
    """The same chain with gallium bought by the logit law, and other settings of the host."""
    data = chain.model_dump(exclude_unset=True)
    at = data["goods"][1]
    at["sourcing"] = {"law": "logit", "sigma": "e0"}
    data["processes"] = list(data["processes"])
    data["processes"][0] = data["processes"][0] | host
    return frame(**{k: v for k, v in data.items() if k not in ("schema_version", "kind")})


def test_a_logit_by_product_needs_a_host_that_cannot_stop() -> None:
    with pytest.raises(ValidationError) as caught:
        changed(market(seen=False))
    text = str(caught.value)
    assert "processes.gallium_Home.by_product_of: buyers of gallium want some from Home" in text
    assert "Give alumina_Home a minimum (must-run), or make gallium homogeneous" in text
    with pytest.raises(ValidationError) as caught:
        changed(market(seen=False), minimum=quantity(5.0, "t/yr"))
    assert "host" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("mine", "unknown host 'mine'"),
        ("gallium_Home", "unknown host 'gallium_Home'"),
    ],
)
def test_hosts_exist(host: str, says: str) -> None:
    data = market(seen=True).model_dump(exclude_unset=True)
    data["processes"][1]["by_product_of"]["host"] = host
    with pytest.raises(ValidationError, match=says):
        frame(**{k: v for k, v in data.items() if k not in ("schema_version", "kind")})


@pytest.mark.parametrize("seen", [True, False])
def test_a_floor_under_earnings_counts_what_feed_costs(seen: bool) -> None:
    """All that a plant of flat cost earns is the rent of its feed; the host may get it."""
    level, rent = host_level(seen=seen)
    earned = 0.0 if seen else rent * RECOVERY * level
    floor = 1.5 * rent * RECOVERY * level
    guarantee = {"kind": "margin_guarantee", "good": "gallium", "region": "Home"}
    stated = {"floor": f"{floor!r} USD", "fixed_cash_cost": "0 USD"}
    result = solved(market(seen=seen), guarantee | stated)
    outlay = -float(result.accounts.agents.treasuries[0].sum())
    assert outlay == pytest.approx(floor - earned, rel=1e-9)
