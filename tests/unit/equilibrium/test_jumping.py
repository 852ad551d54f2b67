"""Regimes that are consistent with themselves: several, one, or none, on straight lines."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import pricing
from pricing.accounts.notices import Code
from pricing.equilibrium import jumping
from pricing.equilibrium.program import Program
from pricing.errors import NoEquilibriumError, NoRegimeError
from pricing.reporting.jumps import for_people
from pricing.reporting.prices import producer_price
from tests.oracle.test_substitution import DEMAND, SUPPLY, answer, metal
from tests.support.chains import quantity, scenario_on, two_lines
from tests.unit.equilibrium.lines import LINES, abroad, entry, price_of


def upside(cap: float) -> dict[str, Any]:
    """Half of what the price is above 1.5, at most ``cap`` a year, counted at the margin."""
    return {
        "kind": "price_guarantee",
        "good": "wheat",
        "region": "Home",
        "strike": "1 USD/t",
        "upper": "1.5 USD/t",
        "share_up": quantity(50.0, "%"),
        "cap_up": quantity(cap, "USD"),
        "cap_up_at": "margin",
    }


def capped(cap: float) -> pricing.Scenario:
    return scenario_on(two_lines(**LINES), upside(cap))


def test_a_duty_that_lowers_the_price_below_the_edge_keeps_itself() -> None:
    """Without a duty the price is 2. With 0.5 it is 1.75, below 0.92 x 2, and 0.5 is due."""
    result = pricing.solve(abroad(entry(0.5)))
    low, high = result.outcomes

    assert low is result
    assert price_of(low) == pytest.approx(2.0, rel=1e-9)
    assert price_of(high) == pytest.approx(1.75, rel=1e-9)
    assert high.accounts.agents.treasuries.sum() == pytest.approx(27.5, rel=1e-9)
    assert all(check.passed for one in (low, high) for check in one.accounts.checks)


def test_the_others_are_told_and_listed() -> None:
    result = pricing.solve(abroad(entry(0.5)))
    (told,) = [w for w in result.warnings if w.code is Code.SEVERAL_REGIMES]
    table = result.regimes()

    assert "another outcome is consistent too" in told.text
    assert table["outcome"].tolist() == [1, 2]
    assert table["regime"].tolist() == ["the undercut", "the maximum tariff"]
    assert table["value"].tolist() == pytest.approx([2.0, 1.75], rel=1e-9)
    assert "OTHER OUTCOMES" in result.report()
    shown = for_people(result)
    assert shown["regime"].tolist() == table["regime"].tolist()
    assert shown["world net [million USD/yr]"].tolist() == pytest.approx(table["net"] / 1e6)


def test_a_small_maximum_leaves_one_outcome() -> None:
    """A duty of 0.2 lowers the price to 1.9 only, which is above the edge at 1.84."""
    result = pricing.solve(abroad(entry(0.2)))

    assert result.outcomes == (result,)
    assert price_of(result) == pytest.approx(2.0, rel=1e-9)
    assert not [w for w in result.warnings if w.code is Code.SEVERAL_REGIMES]
    assert "OTHER OUTCOMES" not in result.report()


def test_far_above_the_market_only_the_maximum_holds() -> None:
    """At an entry price of 4 nothing is near it: the duty is 0.5 and the price 1.75."""
    result = pricing.solve(abroad(entry(0.5, price=4.0)))

    assert len(result.outcomes) == 1
    assert price_of(result) == pytest.approx(1.75, rel=1e-9)


def test_every_step_of_a_schedule_that_keeps_itself_is_found() -> None:
    """A duty t gives the price 2 - t / 2. In steps of 0.2 an undercut of t / 2 asks for t again
    at 0 and at 0.2, whose undercut of 0.1 is rounded up; 0.4, 0.6 and 0.8 ask for less. The maximum
    of 1.6 gives 1.2, which is 40 % below."""
    steps = {"step": quantity(10.0, "%"), "tolerance": quantity(40.0, "%")}
    result = pricing.solve(abroad(entry(1.6, **steps)))

    assert [price_of(one) for one in result.outcomes] == pytest.approx([2.0, 1.9, 1.2], rel=1e-7)


@pytest.mark.parametrize(
    ("cap", "price", "regime"), [(20.5, 65 / 30, "below the cap"), (14.0, 2.0, "cap reached")]
)
def test_makers_take_the_better_of_two_outputs(cap: float, price: float, regime: str) -> None:
    """Below the cap supply is 20 + 20 (P / 2 + 0.75): 65/30, and output beyond the cap gains
    20/3 + 40/3 = 20 less the cap. With the cap reached supply is 20 + 20 P: 2, and it gains
    5 + 9.375 = 14.375 less the cap. So 20.5 is never worth while and 14 always."""
    result = pricing.solve(capped(cap))

    assert price_of(result) == pytest.approx(price, rel=1e-9)
    assert result.regimes()["regime"].tolist() == [regime]
    assert all(check.passed for check in result.accounts.checks)


@pytest.mark.parametrize("cap", [15.0, 17.0, 19.5])
def test_between_the_two_no_regime_holds_and_the_error_is_the_proof(cap: float) -> None:
    with pytest.raises(NoRegimeError, match="no regime of the policies that jump") as caught:
        pricing.solve(capped(cap))
    error = caught.value

    assert error.complete
    assert len(error.attempts) == 2
    misses = {attempt.regimes[0]: attempt.miss * cap for attempt in error.attempts}
    assert misses["upside of 'p0': below the cap"] == pytest.approx(20.0 - cap, rel=1e-7)
    assert misses["upside of 'p0': cap reached"] == pytest.approx(cap - 14.375, rel=1e-7)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.attempts) == (str(error), error.attempts)


def test_a_cap_without_regime_is_a_proof_where_the_other_jumps_settle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Beside a cap between its two outputs stand two entry prices in steps, at which no price ever
    comes near: of 72 combinations four follow from the prices, and those are enough."""
    monkeypatch.setattr(jumping, "MOST_TRIED", 8)
    steps = {"step": quantity(2.0, "%")}
    chain = two_lines(**LINES, regions=("Home", "Elsewhere"))
    policies = [
        entry(0.1, price, **steps) | {"destinations": ["Elsewhere"]} for price in (0.01, 0.02)
    ]
    with pytest.raises(NoRegimeError) as caught:
        pricing.solve(scenario_on(chain, *policies, upside(17.0)))
    error = caught.value

    assert error.complete
    assert (error.possible, error.settled) == (72, 2)
    assert error.decided < 72
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.settled) == (str(error), 2)
    with pytest.raises(NoRegimeError, match="all 2 combinations of the jumps at whose edge"):
        raise again


def test_a_combination_that_could_not_be_solved_is_no_proof(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One of the two outputs of a cap between them is not solved: whether it holds is not known."""
    whole = jumping.solve_with_conduct

    def fails(program: Program, guess: Any = None) -> Any:
        if program.supports[0].lump_sum_up:
            raise NoEquilibriumError(program.name, "something", 1.0, "Try something else.")
        return whole(program, guess)

    monkeypatch.setattr(jumping, "solve_with_conduct", fails)
    with pytest.raises(NoRegimeError, match="1 of 2 combinations tried") as caught:
        pricing.solve(capped(17.0))
    assert len(caught.value.attempts) == 2
    assert not caught.value.complete


def test_a_table_of_scenarios_gives_the_same_numbers() -> None:
    base = abroad(entry(0.5))
    path = "policies.p0.max_tariff"
    batch = pricing.solve_many(base, {path: ["0.2 USD/t", "0.5 USD/t", "0.7 USD/t"]})
    alone = [pricing.solve(base.but({path: text})) for text in ("0.2 USD/t", "0.5 USD/t")]

    for n, one in enumerate(alone):
        np.testing.assert_array_equal(batch.values("price")[n], producer_price(one.solved))
        assert len(batch[n].outcomes) == len(one.outcomes)
        assert (batch[n].solved.z == one.solved.z).all()


def test_a_scenario_of_a_table_without_regime_is_its_error() -> None:
    batch = pricing.solve_many([capped(17.0), capped(14.0)])

    assert list(batch.failures) == [0]
    assert isinstance(batch.failures[0], NoRegimeError)
    assert price_of(batch[1]) == pytest.approx(2.0, rel=1e-9)


def test_many_routes_are_searched_in_order_and_the_result_says_so() -> None:
    policy = entry(16e3, 56e3) | {"good": "oxide", "destinations": ["EU", "Japan"]}
    result = pricing.solve(scenario_on(pricing.load_chain("ndfeb"), policy))
    found = result.solved.search

    assert found is not None
    routes = result.solved.program.open_arcs[1][:, [2, 3]].sum() - 2  # one of each is at home
    assert found.possible == 2**routes > 64  # a jump on a shut route is none
    assert not found.complete
    assert found.tried <= 64
    for one in result.outcomes:
        assert one.diagnostics.residual <= 1e-8
        assert all(check.passed for check in one.accounts.checks)
    (told,) = [w for w in result.warnings if w.code is Code.SEVERAL_REGIMES]
    assert f"of {found.possible:,} combinations" in told.text


RATE, SIGMA = 0.5, 2.5
REVERSED = {"ore": (200.0, 10.0, 0.4), "scrap": (50.0, 30.0, 0.8)}
"""Curves of ore and scrap whose elasticities have changed places."""


def heavy(threshold: float, supply: dict[str, tuple[float, float, float]]) -> pricing.Scenario:
    """Half the value of metal is due once it holds more scrap by weight than a threshold."""
    basis = {
        "kind": "full_value",
        "inputs": ["scrap"],
        "threshold": quantity(threshold, "1"),
        "rate": quantity(RATE, "1"),
    }
    policy = {"kind": "content_tariff", "good": "metal", "destinations": ["Abroad"], "basis": basis}
    return scenario_on(metal(SIGMA, "Abroad", supply), policy)


def test_a_duty_that_raises_the_content_keeps_itself() -> None:
    """Under the duty less metal is made, and scrap, whose supply is stiffer, becomes cheaper."""
    result = pricing.solve(heavy(0.51, SUPPLY))
    expected = [answer(SIGMA), answer(SIGMA, DEMAND[1] / (1.0 + RATE))]

    assert result.regimes()["regime"].tolist() == ["below the threshold", "above the threshold"]
    for outcome, (ore, scrap, made) in zip(result.outcomes, expected, strict=True):
        state = outcome.solved.state
        assert state.price[0, :2, 0] == pytest.approx([ore, scrap], rel=1e-9)
        assert state.output[0, 2, 0] == pytest.approx(made, rel=1e-9)
        assert all(check.passed for check in outcome.accounts.checks)
    assert result.outcomes[1].accounts.agents.treasuries.sum() > 0.0


def test_a_duty_that_lowers_the_content_below_the_threshold_has_no_outcome() -> None:
    """Without it metal holds 0.5 t of scrap, above 0.495; with it less, as scrap is dearer."""
    with pytest.raises(NoRegimeError) as caught:
        pricing.solve(heavy(0.495, REVERSED))
    misses = {attempt.regimes[0].split(": ")[1]: attempt.miss for attempt in caught.value.attempts}

    assert caught.value.complete
    assert misses["below the threshold"] == pytest.approx(0.005, rel=1e-6)
    assert 0.0 < misses["above the threshold"] < 0.02


def test_inputs_must_be_used_and_a_share_is_not_stated_beside_them() -> None:
    with pytest.raises(pricing.InputError, match="nobody makes ore from scrap"):
        pricing.solve(heavy(0.5, SUPPLY).but({"policies.p0.good": "ore"}))
    with pytest.raises(pricing.InputError, match="not both"):
        pricing.solve(heavy(0.5, SUPPLY).but({"policies.p0.basis.weight_share": "40 %"}))
