"""Every chain built from raw figures and rules: rebuilt, balanced, accounted for, solved."""

import csv
import io
import re

import numpy as np
import pytest

import pricing
from benchmarks.policies import in_the_long_run, scenario
from pricing.chains.building.build import build
from pricing.chains.building.facts import Facts
from pricing.chains.building.files import built_chains
from pricing.chains.building.report import checked, render
from pricing.core.documents import read_document
from pricing.core.resources import configs_root
from pricing.equilibrium.build import build as program_of
from pricing.equilibrium.build import world
from pricing.equilibrium.solver import solve
from pricing.equilibrium.starts import start
from pricing.errors import InputError
from pricing.questions.resting import headlines
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.schema import ScenarioDocument

CHAINS = built_chains()
PLAIN = ScenarioDocument(id="plain", title="plain", description="plain", chain="test")


@pytest.fixture(scope="module")
def built():
    return {name: build(name, configs_root()) for name in CHAINS}


def on(chain, **more):
    return Scenario(PLAIN.revised(**more), chain)


def test_there_are_some():
    assert "gallium" in CHAINS


@pytest.mark.parametrize("name", CHAINS)
def test_rebuild_gives_the_committed_tables(built, name):
    chain = pricing.load_chain(name)  # checks the hashes of the tables
    assert tuple(chain.benchmarks) == tuple(built[name].variants)
    for variant, year in built[name].variants.items():
        path = configs_root() / "data" / f"{name}_benchmark_{variant}.csv"
        there = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        here = list(csv.DictReader(io.StringIO(year.text)))
        keys = set(here[0]) - {"value"}
        assert [[r[k] for k in keys] for r in there] == [[r[k] for k in keys] for r in here]
        np.testing.assert_allclose(
            [float(r["value"]) for r in here], [float(r["value"]) for r in there], rtol=1e-10
        )


@pytest.mark.parametrize("name", CHAINS)
def test_every_raw_row_has_one_fate(built, name):
    """The table and the report hold the same rows: none is dropped, none stands twice."""
    document = read_document(configs_root() / "chains" / f"{name}.yaml").data
    raw = []
    for table in dict.fromkeys((name, document.get("extends", name))):
        path = configs_root() / "data" / f"{table}_raw.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            raw += [row["id"] for row in csv.DictReader(stream)]
    ids = [fate.row.id for fate in built[name].fates]
    assert sorted(set(ids)) == sorted(ids)
    assert set(raw) <= set(ids)
    assert all(fate.use == "used" for fate in built[name].fates if fate.row.id not in raw)
    assert all(fate.rule and fate.why for fate in built[name].fates if fate.use != "used")


@pytest.mark.parametrize("name", CHAINS)
def test_a_factor_of_our_own_says_what_it_is(built, name):
    """A number that no raw row holds is derived in its reason, or said to be free or a guess."""
    own = [f for f in built[name].recipe.formulas() if f.factor not in (1.0, -1.0)]
    said = re.compile(r"\d|half|third|quarter|fifth|free|no figure", re.IGNORECASE)
    assert [f.why for f in own if not said.search(f.why)] == []


@pytest.mark.parametrize("name", CHAINS)
def test_report_shows_every_adjustment_and_every_rule(built, name):
    text = render(built[name])
    shown = [a.item for a in built[name].totals.adjustments]
    shown += [a.item for year in built[name].variants.values() for a in year.trade]
    shown += [f.rule for f in built[name].fates if f.use != "used"]
    shown += [f.row.id for f in built[name].fates if f.use != "used"]
    shown += [d.subject for d in built[name].recipe.decisions]
    assert [word for word in shown if word not in text] == []


@pytest.mark.parametrize("name", CHAINS)
def test_checks_lie_within_a_factor_of_two(built, name):
    """Figures that were not used bear the central base year out; a larger gap needs a decision."""
    central = next(iter(built[name].variants.values()))
    for check in built[name].recipe.checks:
        there, here = checked(built[name], central, check)
        assert 0.5 < here / there < 2.0, check.item


@pytest.mark.parametrize("name", CHAINS)
def test_no_policy_returns_the_base_year_from_anywhere(name):
    chain = pricing.load_chain(name)
    for variant in chain.benchmarks:
        document = PLAIN.revised(assumptions={"benchmark": variant})
        network = world(chain, document).network
        program = program_of(document, network)
        first = start(program)
        for seed in range(3):
            rng = np.random.default_rng(seed)
            guess = first * rng.uniform(0.5, 2.0, first.shape)
            _, state, _ = solve(program, np.clip(guess, program.lower, program.upper))
            made = network.price > 0.0
            np.testing.assert_allclose(state.price[0][made], network.price[made], rtol=1e-9)
            np.testing.assert_allclose(state.level[0], network.level, rtol=1e-9)
            scale = network.flow.sum(axis=1, keepdims=True)
            gap = np.abs(state.flow[0] - network.flow) / np.where(scale > 0.0, scale, 1.0)
            assert gap.max() < 1e-9


@pytest.mark.parametrize("case", ["low", "central", "high"])
@pytest.mark.parametrize("horizon", ["short", "long"])
@pytest.mark.parametrize("name", CHAINS)
def test_every_case_and_horizon_has_its_base_year(name, horizon, case):
    chain = pricing.load_chain(name)
    result = pricing.solve(on(chain, assumptions={"horizon": horizon, "case": case}))
    network = result.solved.program.network
    made = network.price > 0.0
    np.testing.assert_allclose(result.solved.state.price[0][made], network.price[made], rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHAINS)
def test_random_policies_leave_none_unsolved(name):
    """A small sample of ``benchmarks/robustness.py --chain NAME``."""
    chain = pricing.load_chain(name)
    network = world(chain, PLAIN).network
    refused = 0
    for case in range(100):
        drawn = in_the_long_run(scenario(network, "test", [7, case]), network, [7, case])
        try:
            result = pricing.solve(Scenario(ScenarioDocument.model_validate(drawn), chain))
        except InputError:
            refused += 1  # policies that contradict one another
            continue
        assert result.diagnostics.residual <= 1e-8, case
        assert [c.name for c in result.accounts.checks if not c.passed] == [], case
    assert refused <= 10


@pytest.mark.parametrize("name", CHAINS)
def test_a_scenario_is_shipped_and_solves(name):
    scenarios = map(pricing.load_scenario, pricing.shipped_scenarios())
    own = [one for one in scenarios if one.document.chain == name]
    assert own
    for one in own:
        result = pricing.solve(one)
        assert all(check.passed for check in result.accounts.checks)
        assert headlines(result)  # what `pricing sources` is about
        text = result.report()
        assert max(len(line) for line in text.splitlines()) <= 80
        assert not re.search(r"[%-]\d[\d,]* ->", text)  # a figure that touches the one before


def test_every_common_row_is_used_by_some_chain(built):
    common = Facts.load(configs_root() / "data" / "common_raw.csv")
    used = {fate.row.id for one in built.values() for fate in one.fates}
    assert [row.id for row in common.rows if row.id not in used] == []


def test_a_floor_on_one_joint_product_moves_the_others():
    """A guarantee for NdPr from rock presses its price, so that less clay is separated."""
    before, after = (
        pricing.solve(scenario).solved.state
        for scenario in (
            on(pricing.load_chain("magnet_rare_earths")),
            pricing.load_scenario("ndpr_guarantee_outside"),
        )
    )
    goods = [good.id for good in pricing.load_chain("magnet_rare_earths").goods]
    china = 0  # the first region
    change = after.price[0, :, china] / before.price[0, :, china] - 1.0
    assert change[goods.index("ndpr")] < -0.01
    # Both come from clay alone, in fixed proportions, and both have the same demand elasticity.
    assert change[goods.index("dysprosium")] > 0.01
    assert change[goods.index("terbium")] == pytest.approx(change[goods.index("dysprosium")], 1e-2)
