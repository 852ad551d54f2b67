"""Many scenarios at once give the numbers of one at a time, in any order and company."""

from __future__ import annotations

import numpy as np
import pytest

import pricing
from benchmarks.policies import scenario
from pricing.economics.sourcing import Law
from pricing.equilibrium.build import world
from pricing.errors import InputError, NoEquilibriumError
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import LAWS, random_chain, scenario_on, two_lines, with_contracts

PATH = "policies.oxide.level.prices.oxide"
CLOSE = 1e-9


@pytest.fixture(scope="module")
def base() -> Scenario:
    return pricing.load_scenario("forge_oxide_only")


def random_mixes(
    seed: int, laws: tuple[Law, ...], count: int, *, curves: bool = False
) -> list[Scenario]:
    """Scenarios of all structures on one random chain, without those that are refused."""
    chain = random_chain(seed, stages=3, regions=6, least=0.1, laws=laws, curves=curves)
    if curves:
        chain = with_contracts(chain, seed)
    plain = ScenarioDocument(id="plain", title="p", description="p", chain="random")
    network = world(chain, plain).network
    found = []
    for case in range(count):
        document = ScenarioDocument.model_validate(scenario(network, "random", [seed, case]))
        try:
            pricing.solve_many([Scenario(document, chain)])
        except InputError:
            continue
        found.append(Scenario(document, chain))
    return found


def differ(one: pricing.Result, other: pricing.Result) -> float:
    """Largest difference of prices and volumes, as a share of their scales."""
    scale = one.solved.program.network.setting
    price = np.abs(one.solved.state.price - other.solved.state.price).max(axis=(0, 2))
    level = np.abs(one.solved.state.level - other.solved.state.level)[0]
    size = one.solved.program.network.level_scale
    return float(max((price / scale.price_scale).max(), (level / size).max()))


def test_a_table_gives_the_numbers_of_single_solves(base: Scenario) -> None:
    prices = np.linspace(50.0, 160.0, 40)
    batch = pricing.solve_many(base, {PATH: [f"{p} USD/kg" for p in prices]})
    assert len(batch) == 40
    assert not batch.failures
    for n in (0, 13, 39):
        single = pricing.solve(base.but({PATH: f"{prices[n]} USD/kg"}))
        assert differ(batch[n], single) <= CLOSE
        net, alone = batch[n].accounts.agents.total, single.accounts.agents.total
        assert net == pytest.approx(alone, rel=1e-6, abs=1.0)


@pytest.mark.parametrize(
    ("laws", "curves"),
    [((Law.LOGIT,), False), ((Law.HOMOGENEOUS,), False), (LAWS, False), (LAWS, True)],
)
def test_mixed_structures_in_any_order_and_on_any_number_of_threads(
    laws: tuple[Law, ...], curves: bool
) -> None:
    cases = random_mixes(7, laws, 16, curves=curves)
    together = pricing.solve_many(cases)
    backwards = pricing.solve_many(cases[::-1], threads=3)
    for n, case in enumerate(cases):
        if n in together.failures:
            continue
        assert differ(together[n], backwards[len(cases) - 1 - n]) <= CLOSE
        single = pricing.solve(case)
        if single.uniqueness.verdict.value == "other":
            continue  # several equilibria: company may lead to another one
        assert differ(together[n], single) <= CLOSE


def test_every_result_keeps_the_promise_and_its_checks(base: Scenario) -> None:
    batch = pricing.solve_many(base, {PATH: ["70 USD/kg", "120 USD/kg"]}, threads=2)
    for n in range(2):
        assert batch.diagnostics[n].residual <= 1e-8
        assert all(check.passed for check in batch[n].accounts.checks)
    assert batch.values("price").shape == (2, 4, 12)
    assert np.isfinite(batch.values("flow")).all()


def test_one_without_an_equilibrium_does_not_take_the_others_along() -> None:
    chain = two_lines(2.0, 60.0, 1.0, 1.0, regions=("Maker", "Buyer"))
    ban = {"kind": "export_ban", "goods": ["wheat"], "origins": ["Maker"], "destinations": ["all"]}
    batch = pricing.solve_many([scenario_on(chain), scenario_on(chain, ban), scenario_on(chain)])
    assert list(batch.failures) == [1]
    assert batch.diagnostics[1] is None
    with pytest.raises(NoEquilibriumError):
        batch[1]
    assert np.isnan(batch.values("price")[1]).all()
    assert np.isfinite(batch.values("price")[[0, 2]]).any()


def test_faults_name_their_rows(base: Scenario) -> None:
    with pytest.raises(InputError) as caught:
        pricing.solve_many(base, {PATH: ["80 USD/kg", "80 apples", "-3 USD/kg"]})
    problems = [fault.problem for fault in caught.value.faults]
    assert any(problem.startswith("row 2: ") for problem in problems)
    assert any(problem.startswith("row 3: ") for problem in problems)
    assert not any(problem.startswith("row 1: ") for problem in problems)


@pytest.mark.parametrize(
    ("table", "said"),
    [({PATH: ["80 USD/kg"], "title": ["a", "b"]}, "differ in length"), ({}, "no columns")],
)
def test_a_table_with_holes_is_refused(base: Scenario, table: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        pricing.solve_many(base, table)


def test_a_table_needs_one_scenario(base: Scenario) -> None:
    with pytest.raises(InputError, match="one scenario"):
        pricing.solve_many([base, base], {PATH: ["80 USD/kg"]})


def test_unknown_array(base: Scenario) -> None:
    with pytest.raises(InputError, match="Known: price"):
        pricing.solve_many([base]).values("prices")
