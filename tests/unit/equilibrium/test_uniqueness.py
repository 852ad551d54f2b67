"""The second start: where it is needed, and a case where it finds another equilibrium."""

from __future__ import annotations

import numpy as np
import pytest

import pricing
from pricing.accounts.notices import Code
from pricing.equilibrium import uniqueness
from pricing.equilibrium.conditions import residual, scaled_conditions
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.uniqueness import Verdict
from tests.support.chains import quantity, random_chain, scenario_on
from tests.support.markets import Markets


def levies(seed: int, regions: int, price: float) -> pricing.Result:
    """Uniform levies of two members that sell to each other."""
    policy = {
        "kind": "reference_price",
        "zone": ["r1", "r2"],
        "level": {"kind": "fixed", "prices": {"g1": quantity(price, "USD/t")}},
        "mechanism": {"kind": "uniform_levy"},
    }
    return pricing.solve(scenario_on(random_chain(seed, 2, regions, least=0.05), policy))


@pytest.mark.parametrize("name", ["baseline", "forge_all_stages", "section_301_magnets"])
def test_unique_by_structure(name: str) -> None:
    assert pricing.solve(name).uniqueness.verdict is Verdict.STRUCTURE


@pytest.mark.parametrize("name", ["forge_uniform_levy", "mp_price_guarantee"])
def test_second_start_agrees(name: str) -> None:
    result = pricing.solve(name)
    assert result.uniqueness.verdict is Verdict.SAME
    assert result.uniqueness.reason
    assert not any(warning.code is Code.NOT_UNIQUE for warning in result.warnings)


def test_either_member_may_be_the_one_that_levies() -> None:
    """Both points satisfy every condition: one member levies and the other need not, or not."""
    result = levies(76, 5, 28975.088294821016)
    found = result.uniqueness
    assert found.verdict is Verdict.OTHER
    program = result.solved.program
    other = uniqueness.second_opinion(program, uniqueness._far_start(program))
    assert other is not None
    for z in (result.solved.z, other):
        gap = residual(program, z, scaled_conditions(program, evaluate(program, z)))
        assert np.abs(gap).max() < 1e-8
    first = program.level_part.stop
    assert np.abs(result.solved.z - other)[0, first : first + 2].max() > 0.1
    warning = next(w for w in result.warnings if w.code is Code.NOT_UNIQUE)
    assert warning.text.startswith("Another equilibrium exists, because several levies of 'p0'")


def test_a_second_start_that_fails_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uniqueness, "second_opinion", lambda *_: None)
    result = pricing.solve("mp_price_guarantee")
    assert result.uniqueness.verdict is Verdict.NOT_REACHED
    assert "did not converge" in result.warnings[0].text


def test_joint_products_and_several_inputs_are_doubted() -> None:
    program = pricing.solve("baseline").solved.program
    network = program.network
    for field in ("inputs", "outputs"):
        several = np.ones_like(getattr(network, field))
        doubt = uniqueness._doubt(_with(program, field, several))
        assert doubt == f"a process has several {field}"


def _with(program: object, field: str, value: np.ndarray) -> object:
    from dataclasses import replace

    return replace(program, network=replace(program.network, **{field: value}))  # type: ignore[attr-defined, type-var]


def test_a_chain_that_changed_since_export_is_said() -> None:
    scenario = pricing.load_scenario("forge_oxide_only").but(chain_hash="0" * 64)
    first = pricing.solve(scenario).warnings[0]
    assert first.code is Code.CHAIN_CHANGED
    assert "changed since this scenario was exported" in first.text


def three_places() -> Markets:
    """Abroad makes and sells to Home, which makes some; in a third place nobody uses wheat."""
    markets = Markets(("wheat",), ("Abroad", "Home", "Nowhere"))
    for place, tonnes in (("Abroad", 200.0), ("Home", 40.0)):
        markets.supply("wheat", place, markets.curve("linear", 0.8, tonnes, 100.0))
        markets.demand("wheat", place, "linear", 0.6, 120.0, 100.0)
    for origin in ("Abroad", "Home"):
        for destination in ("Abroad", "Home", "Nowhere"):
            if origin != destination:
                markets.route(origin, destination, 2.0)
    return markets


def test_a_subsidy_pays_on_no_price() -> None:
    subsidy = {"kind": "production_subsidy", "good": "wheat", "region": "Home"}
    subsidy |= {"amount": "5 USD/t"}
    result = pricing.solve(scenario_on(three_places().chain(), subsidy))
    assert result.uniqueness.verdict is Verdict.STRUCTURE


def test_a_price_at_which_nobody_buys_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any delivered price below the landed ones will do there; elsewhere a difference counts."""
    guarantee = {"kind": "price_guarantee", "good": "wheat", "region": "Home"}
    guarantee |= {"strike": "110 USD/t", "index": {"kind": "region_price", "region": "Abroad"}}
    result = pricing.solve(scenario_on(three_places().chain(), guarantee))
    program, z = result.solved.program, result.solved.z

    def moved(n: int) -> uniqueness.Uniqueness:
        other = z.copy()
        other[:, program.delivered_part.start + n] -= 0.05
        monkeypatch.setattr(uniqueness, "second_opinion", lambda *_: other)
        return uniqueness.look_for_another(program, z)

    assert moved(2).verdict is Verdict.SAME
    assert moved(1).verdict is Verdict.OTHER
    assert moved(1).reason == "'p0' pays on the price of another region"


def step_curve(use: float) -> pricing.Result:
    """Plants of 40, 60 and 50 t at 10, 20 and 30 USD/t in three regions, below one fixed use."""
    plants = {"East": (40.0, 10.0), "Home": (60.0, 20.0), "West": (50.0, 30.0)}
    market = Markets(("wheat",), tuple(plants))
    for region, (tonnes, cost) in plants.items():
        flat = {"kind": "flat", "cost": quantity(cost, "USD/t")}
        market.supply("wheat", region, flat, capacity=quantity(tonnes, "t/yr"))
    market.fixed_demand("wheat", "Home", use, 50.0, 100.0)
    return pricing.solve(scenario_on(market.chain()))


@pytest.mark.parametrize(
    ("use", "lowest", "highest"), [(90.0, 20.0, 20.0), (100.0, 20.0, 30.0), (150.0, 30.0, 100.0)]
)
def test_a_step_that_ends_where_fixed_use_stands(use: float, lowest: float, highest: float) -> None:
    """On a step the price is its cost; at its end any price up to the next step's holds."""
    result = step_curve(use)
    assert lowest - 1e-5 <= result.solved.state.index[0, 0, 1] <= highest + 1e-5
    expected = Verdict.STRUCTURE if lowest == highest else Verdict.OTHER
    assert result.uniqueness.verdict is expected
    if expected is Verdict.OTHER:
        assert result.uniqueness.reason == (
            "nobody makes or uses other tonnes of wheat at another price"
        )


@pytest.mark.parametrize(
    ("smelted", "expected"), [(50.0, Verdict.OTHER), (49.0, Verdict.STRUCTURE)]
)
def test_capacities_in_a_row_that_fit_leave_the_price_between_them_open(
    smelted: float, expected: Verdict
) -> None:
    """Mines of 100 t feed smelters of 50 t at 2 t a tonne; with 49 t the mines have room."""
    market = Markets(("ore", "metal"), ("Home",))
    mine, smelter = (
        market.curve("linear", 1.0, 100.0, 10.0),
        market.curve("linear", 1.0, 50.0, 10.0),
    )
    market.supply("ore", "Home", mine, capacity=quantity(100.0, "t/yr"))
    market.supply(
        "metal",
        "Home",
        smelter,
        capacity=quantity(smelted, "t/yr"),
        inputs={"ore": quantity(2.0, "t/t")},
    )
    market.demand("metal", "Home", "linear", 1.0, 100.0, 100.0)
    result = pricing.solve(scenario_on(market.chain()))
    assert result.solved.state.price[0, 1, 0] == pytest.approx(200.0 - smelted, rel=1e-9)
    assert result.uniqueness.verdict is expected
