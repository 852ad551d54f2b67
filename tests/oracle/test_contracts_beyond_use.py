"""Contracts that bring more than users want: how far prices fall, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pricing
from pricing.chains.schema import Chain
from pricing.errors import InfeasibleError
from tests.support.chains import quantity, scenario_on
from tests.support.hand import hand_chain
from tests.support.markets import Markets

BOUND = 0.9
BASE = 790.0 / 13.6
"""Metal of the base year: 1000 - 10 m - 2 (0.8 m + 5) = 200 + 2 m [t]."""


def smelting() -> Chain:
    """Ore ``2.5 p`` of the South, two tonnes for one of metal at ``200 + 2 m``; use 100 - P/10."""
    markets = Markets(("ore", "metal"), ("South", "North"))
    markets.supply("ore", "South", markets.curve("linear", 1.0, 100.0, 40.0))
    conversion = markets.curve("linear", 3.0, 50.0, 300.0)
    markets.supply("metal", "North", conversion, inputs={"ore": quantity(2.0, "t/t")})
    markets.demand("metal", "North", "linear", 1.0, 50.0, 500.0)
    markets.route("South", "North", 5.0)
    bound = {"good": "ore", "origin": "South", "destination": "North", "source": "test"}
    bound["share"] = quantity(BOUND, "1")
    data = markets.chain().model_dump(exclude_unset=True)
    return Chain.model_validate(data | {"contracts": [bound]})


def fallen(factor: float, good: str = "metal") -> dict[str, Any]:
    """Use of a good in the North at a share of the base year's."""
    change = {"good": good, "region": "North", "factor": quantity(factor, "1"), "source": "test"}
    return {"demand": [change]}


@pytest.mark.parametrize("factor", [0.5, 0.05, 0.01])
def test_ore_under_contract_is_smelted_even_where_that_only_costs(factor: float) -> None:
    """Metal is worth nothing: a tonne more of ore costs its smelter half of what smelting does."""
    result = pricing.solve(scenario_on(smelting(), assumptions=fallen(factor)))
    assert not {c.name: c.error for c in result.accounts.checks if not c.passed}
    state, ore = result.solved.state, BOUND * 2.0 * BASE
    assert state.price[0, 1, 1] == pytest.approx(0.0, abs=1e-9)
    assert state.price[0, 0, 0] == pytest.approx(ore / 2.5, rel=1e-9)
    assert state.flow[0, 0, 0, 1] == pytest.approx(ore, rel=1e-9)
    assert state.index[0, 0, 1] == pytest.approx(-(200.0 + ore) / 2.0, rel=1e-9)
    assert state.use[0, 1, 1] == pytest.approx(100.0 * factor, rel=1e-9)


def test_more_ore_than_smelters_may_take_is_refused_with_the_proof() -> None:
    """Five tonnes of metal may be made, of ten tonnes of ore."""
    limit = {"kind": "production_quota", "good": "metal", "regions": ["North"]}
    with pytest.raises(InfeasibleError) as caught:
        pricing.solve(scenario_on(smelting(), limit | {"quota": quantity(5.0, "t/yr")}))
    certificate = caught.value.certificate
    assert certificate.needed == pytest.approx(BOUND * 2.0 * BASE, rel=1e-9)
    assert certificate.available == pytest.approx(10.0, rel=1e-9)


def test_more_than_users_take_for_nothing_is_refused_under_the_logit_law() -> None:
    """20 t are bound of what users, who are gone, bought."""
    routes = [{"good": "metal", "origin": a, "destination": "North"} for a in ("North", "South")]
    terms = {"share": quantity(0.8, "1"), "source": "test"}
    chain = hand_chain(("contracts", [route | terms for route in routes]))
    with pytest.raises(InfeasibleError, match="what users of metal in North take even for nothing"):
        pricing.solve(scenario_on(chain, assumptions=fallen(0.0)))


def half_spoken_for() -> pricing.Scenario:
    """Wheat ``p`` of the South, 50 t for users who take ``100 - P``; 48 t are bound."""
    markets = Markets(("wheat",), ("South", "North"))
    markets.supply("wheat", "South", markets.curve("linear", 1.0, 50.0, 40.0))
    markets.demand("wheat", "North", "linear", 1.0, 50.0, 50.0)
    markets.route("South", "North", 10.0)
    bound = {"good": "wheat", "origin": "South", "destination": "North", "source": "test"}
    data = markets.chain().model_dump(exclude_unset=True)
    chain = Chain.model_validate(data | {"contracts": [bound | {"share": quantity(0.96, "1")}]})
    return scenario_on(chain, assumptions=fallen(1.0, "wheat"))


@pytest.mark.parametrize("listed", [True, False])
def test_a_world_that_takes_less_than_is_bound_fails_alone_in_a_batch(listed: bool) -> None:
    """A tenth of 100 - P is at most 10 t. Of half of it, 50 - P / 2, 48 t are taken at 4."""
    case, path, factors = half_spoken_for(), "assumptions.demand.0.factor", ["1", "0.1", "0.5"]
    rows = [f"{factor} 1" for factor in factors]
    asked = [case.but({path: row}) for row in rows] if listed else case
    batch = pricing.solve_many(asked, None if listed else {path: rows})
    assert list(batch.failures) == [1]
    error = batch.failures[1]
    assert isinstance(error, InfeasibleError)
    assert error.certificate.needed == pytest.approx(48.0)
    assert error.certificate.available == pytest.approx(10.0)
    index = batch.values("index")[:, 0, 1]
    assert index[[0, 2]] == pytest.approx([50.0, 4.0], rel=1e-9)
    assert np.isnan(index[1])
    assert set(batch.table()["case"]) == {0, 2}
    with pytest.raises(InfeasibleError, match="what users of wheat in North take"):
        batch[1]


def test_a_table_of_a_world_without_an_equilibrium_is_solved_where_rows_leave_it() -> None:
    path = "assumptions.demand.0.factor"
    nowhere = half_spoken_for().but({path: "0.1 1"})
    assert len(pricing.solve_many(nowhere, {"title": ["one", "other"]}).failures) == 2
    batch = pricing.solve_many(nowhere, {path: ["1 1", "0.5 1"]})
    assert batch.values("index")[:, 0, 1] == pytest.approx([50.0, 4.0], rel=1e-9)
