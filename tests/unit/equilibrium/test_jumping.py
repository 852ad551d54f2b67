"""Regimes that are consistent with themselves: several, one, or none, on straight lines."""

from __future__ import annotations

import pickle
from itertools import product
from typing import Any

import numpy as np
import pytest

import pricing
from pricing.accounts.notices import Code
from pricing.equilibrium import jumping
from pricing.equilibrium.measures import measured
from pricing.equilibrium.program import Program
from pricing.errors import NoEquilibriumError, NoRegimeError
from pricing.instruments.jumps import CustomsValue
from pricing.reporting.jumps import for_people
from tests.oracle.test_substitution import DEMAND, SUPPLY, answer, metal
from tests.support.chains import quantity, scenario_on, two_lines

LINES = {"price": 2.0, "amount": 60.0, "supply_elasticity": 2 / 3, "demand_elasticity": 2 / 3}
"""Supply 20 + 20 p and demand 100 - 20 P."""


def entry(most: float, price: float = 2.0, **more: Any) -> dict[str, Any]:
    return {
        "kind": "entry_price",
        "good": "wheat",
        "destinations": ["Buyer"],
        "entry_price": quantity(price, "USD/t"),
        "max_tariff": quantity(most, "USD/t"),
        **more,
    }


def abroad(*policies: dict[str, Any]) -> pricing.Scenario:
    return scenario_on(two_lines(**LINES, regions=("Maker", "Buyer")), *policies)


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


def price_of(result: pricing.Result) -> float:
    return float(result.solved.state.price[0, 0, 0])


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
        assert (batch.values("price")[n] == one.solved.state.price[0]).all()
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
