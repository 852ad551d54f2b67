"""Many scenarios at once give the numbers of one at a time, in any order and company."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import pricing
from benchmarks.policies import scenario
from pricing.economics.sourcing import Law
from pricing.equilibrium.build import terms_of, world
from pricing.equilibrium.columns import terms_of_rows
from pricing.errors import InputError, NoEquilibriumError
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import (
    LAWS,
    quantity,
    random_chain,
    scenario_on,
    two_lines,
    unending,
    with_contracts,
)
from tests.support.markets import Markets

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
    chain = unending(two_lines(2.0, 60.0, 1.0, 1.0, regions=("Maker", "Buyer")))
    ban = {"kind": "export_ban", "goods": ["wheat"], "origins": ["Maker"], "destinations": ["all"]}
    batch = pricing.solve_many([scenario_on(chain), scenario_on(chain, ban), scenario_on(chain)])
    assert list(batch.failures) == [1]
    assert batch.diagnostics[1] is None
    with pytest.raises(NoEquilibriumError):
        batch[1]
    assert np.isnan(batch.values("price")[1]).all()
    assert np.isfinite(batch.values("price")[[0, 2]]).any()


def test_a_batch_has_one_table_with_the_place_of_each_scenario(base: Scenario) -> None:
    batch = pricing.solve_many(base, {PATH: ["80 USD/kg", "120 USD/kg"]})
    table = batch.table()

    assert table.columns[0] == "case"
    assert table["case"].unique().tolist() == [0, 1]
    for case, price in enumerate((80, 120)):
        rows = table[table["case"] == case]
        one = pricing.solve(base.but({PATH: f"{price} USD/kg"})).table()
        assert rows["variable"].to_list() == one["variable"].to_list()
        assert set(rows[rows["variable"] == "reference_price"]["value"]) == {price * 1e3}


def test_a_slice_is_the_batch_of_those_scenarios(base: Scenario) -> None:
    batch = pricing.solve_many(base, {PATH: [f"{price} USD/kg" for price in (70, 90, 110, 130)]})
    some = batch[1::2]
    assert isinstance(some, pricing.Batch)
    np.testing.assert_array_equal(some.values("price"), batch.values("price")[1::2])
    assert [one.document for one in some.scenarios] == [batch.scenarios[n].document for n in (1, 3)]
    assert differ(some[-1], batch[3]) == 0.0
    assert len(batch[4:]) == 0
    assert batch[4:].table().empty


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


def test_two_columns_of_one_name_are_refused(base: Scenario) -> None:
    """One of them would not count."""
    table = pd.DataFrame([["80 USD/kg", "90 USD/kg"]], columns=[PATH, PATH])
    with pytest.raises(InputError, match="two columns have this name"):
        pricing.solve_many(base, table)


@pytest.mark.parametrize(
    "column", ["80 USD/kg", {"value": 80, "unit": "USD/kg"}, 80, {"80 USD/kg"}]
)
def test_a_column_is_a_list_of_values(base: Scenario, column: object) -> None:
    with pytest.raises(InputError, match="a column is a list of values"):
        pricing.solve_many(base, {PATH: column})


def test_scenarios_may_be_named() -> None:
    solved = pricing.solve("forge_oxide_only").solved
    alone = np.where(solved.program.open_origin, solved.state.price[0], np.nan)
    named = pricing.solve_many(["forge_oxide_only", "baseline"]).values("price")
    varied = pricing.solve_many("forge_oxide_only", {"id": ["a", "b"]}).values("price")
    for found in (named[0], varied[0], varied[1]):
        np.testing.assert_allclose(found, alone, rtol=1e-9)
    with pytest.raises(InputError, match="not NoneType"):
        pricing.solve_many(None)


def test_a_table_needs_one_scenario(base: Scenario) -> None:
    with pytest.raises(InputError, match="one scenario"):
        pricing.solve_many([base, base], {PATH: ["80 USD/kg"]})


def test_unknown_array(base: Scenario) -> None:
    with pytest.raises(InputError, match="Known: price"):
        pricing.solve_many([base]).values("prices")


def quota_and_guarantee(base: Scenario) -> Scenario:
    """The shipped scenario with two more policies whose numbers a table can vary."""
    guarantee = {
        "kind": "price_guarantee",
        "good": "oxide",
        "region": "United States",
        "strike": quantity(110, "USD/kg"),
        "upper": quantity(130, "USD/kg"),
        "share_up": quantity(30, "%"),
        "source": "forge_proposal",
    }
    quota = {
        "kind": "import_quota",
        "good": "magnet",
        "destinations": ["EU"],
        "quota": quantity(15_000, "t/yr"),
        "source": "forge_proposal",
    }
    return base.but({"policies.guarantee": guarantee, "policies.quota": quota})


COLUMNS = {
    PATH: ["80 USD/kg", "1.2e5 USD/t", "95 USD/kg", "70 USD/kg"],
    "policies.guarantee.strike": ["100 USD/kg", "120 USD/kg", "50 USD/lb", "130 USD/kg"],
    "policies.quota.quota": ["15 kt/yr", "19000 t/yr", "25000 t/yr", "12000 t/yr"],
}


def test_columns_enter_the_policies_at_once_and_give_the_terms_of_every_row(base: Scenario) -> None:
    """The terms with a scenario axis are those of each row put together by itself."""
    full = quota_and_guarantee(base)
    network = world(full.chain, full.document).network
    terms = terms_of_rows(full.document, network, COLUMNS)
    assert terms is not None
    alone = [full.but({p: c[n] for p, c in COLUMNS.items()}) for n in range(4)]
    single = [terms_of(one.document, network) for one in alone]
    reference = np.stack([one.top_ups[0].reference for one in single])
    assert np.array_equal(terms.top_ups[0].reference, reference)
    assert np.ravel(terms.supports[0].strike) == pytest.approx(
        [one.supports[0].strike for one in single]
    )
    for m, limit in enumerate(terms.limits):
        constants = [one.limits[m].constant for one in single]
        assert np.broadcast_to(np.ravel(limit.constant), 4) == pytest.approx(constants, rel=1e-15)
    batch = pricing.solve_many(full, COLUMNS)
    for n, one in enumerate(alone):
        assert differ(batch[n], pricing.solve(one)) <= CLOSE
    assert batch.scenarios[2].document == alone[2].document
    assert [one.document for one in batch.scenarios[1:3]] == [one.document for one in alone[1:3]]


@pytest.mark.parametrize(
    "table",
    [
        {"policies.quota.quota": ["0 t/yr", "100 t/yr"]},  # a quota of zero closes routes
        {"policies.guarantee.index.kind": ["own_price", "own_price"]},
        {"assumptions.elasticities": [{}, {}]},
        {"policies.guarantee.strike": [quantity(90, "USD/kg"), "95 USD/kg"]},
        {"policies.nobody.quota": ["1 t/yr", "2 t/yr"]},
        {"policies.guarantee.cap": ["1 t/yr", "2 t/yr"]},  # not there before
        {"policies.guarantee.strike": ["90 USD/kg", "190 USD/kg"]},  # above 'upper' in row 2
    ],
)
def test_other_tables_go_row_by_row(base: Scenario, table: dict) -> None:
    full = quota_and_guarantee(base)
    network = world(full.chain, full.document).network
    assert terms_of_rows(full.document, network, table) is None


def test_rules_between_fields_hold_in_every_row(base: Scenario) -> None:
    table = {"policies.guarantee.strike": ["90 USD/kg", "190 USD/kg", "100 USD/kg", "180 USD/kg"]}
    with pytest.raises(InputError) as caught:
        pricing.solve_many(quota_and_guarantee(base), table)
    said = [fault.problem for fault in caught.value.faults]
    assert [text[:6] for text in said] == ["row 2:", "row 4:"]
    assert all("upper" in text for text in said)


def test_a_quota_of_zero_in_one_row_is_its_own_structure(base: Scenario) -> None:
    full = quota_and_guarantee(base)
    tonnes = ["15000 t/yr", "0 t/yr", "14000 t/yr"]
    batch = pricing.solve_many(full, {"policies.quota.quota": tonnes})
    for n, quota in enumerate(tonnes):
        assert differ(batch[n], pricing.solve(full.but({"policies.quota.quota": quota}))) <= CLOSE


def test_pilots_change_no_result_and_neither_do_threads(base: Scenario) -> None:
    """A batch large enough for pilots and several chunks; the same bits whatever the threads."""
    rng = np.random.default_rng(11)
    count = 640
    table = {
        PATH: [f"{v} USD/kg" for v in rng.uniform(60, 130, count)],
        "policies.guarantee.strike": [f"{v} USD/kg" for v in rng.uniform(60, 125, count)],
        "policies.quota.quota": [f"{v} t/yr" for v in rng.uniform(8e3, 2e4, count)],
    }
    full = quota_and_guarantee(base)
    batch = pricing.solve_many(full, table)
    assert not batch.failures
    assert max(found.residual for found in batch.diagnostics if found) <= 1e-8
    again = pricing.solve_many(full, table, threads=2)
    assert np.array_equal(batch.values("price"), again.values("price"), equal_nan=True)
    assert np.array_equal(batch.values("level"), again.values("level"))
    for n in (1, 8, 333, 639):
        one = full.but({path: column[n] for path, column in table.items()})
        assert differ(batch[n], pricing.solve(one)) <= CLOSE


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (["80 USD/kg"], "a table is a mapping of columns, not list"),
        ({PATH: ["80 USD/kg"], PATH + ".value": [90.0]}, "of which '.*' sets a part"),
    ],
)
def test_what_is_no_table_of_columns_is_refused(base: Scenario, table: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        pricing.solve_many(base, table)


@pytest.mark.parametrize("threads", [0, -1, 2.5, True, "2"])
def test_threads_are_counted(base: Scenario, threads: Any) -> None:
    with pytest.raises(InputError, match="is no number of threads"):
        pricing.solve_many(base, threads=threads)


def test_plain_data_are_one_scenario(base: Scenario) -> None:
    """As they are where one is solved."""
    data = {"chain": base.document.chain} | base.data()
    assert len(pricing.solve_many(data)) == 1


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda base: pricing.load_chain([]), "a chain is a name or plain data, not list"),
        (lambda base: pricing.parse_scenario(None), "text is needed, not NoneType"),
        (lambda base: base.but([1]), "changes are a mapping, not list"),
        (lambda base: pricing.amend(base, {(): 1}), r"\(\) is no place in a scenario"),
    ],
)
def test_what_is_of_no_use_is_refused_in_words(base: Scenario, call: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        call(base)


def market(goods: tuple[str, ...], regions: tuple[str, ...] = ("Home", "Abroad")) -> Markets:
    """Home makes and uses each good, ``p`` tonnes of 100 - p; nobody does abroad."""
    made = Markets(goods, regions)
    for good in goods:
        made.supply(good, "Home", made.curve("linear", 1.0, 50.0, 50.0))
        made.demand(good, "Home", "linear", 1.0, 50.0, 50.0)
    made.route("Home", "Abroad", 5.0)
    return made


def test_every_fault_of_a_list_names_its_place(base: Scenario) -> None:
    with pytest.raises(InputError) as caught:
        pricing.solve_many([base, "nowhere", base, 3])  # type: ignore[list-item]
    said = [fault.problem for fault in caught.value.faults]
    assert said[0].startswith("row 2: no shipped scenario and no file is called 'nowhere'")
    assert said[1] == "row 4: a scenario, a name, a path or plain data is needed, not int"


def test_prices_that_nobody_pays_or_gets_are_no_numbers() -> None:
    """Abroad nothing is made or used: any price up to 55 would be an equilibrium."""
    batch = pricing.solve_many([scenario_on(market(("wheat",)).chain())])
    for name in ("price", "index"):
        home, abroad = batch.values(name)[0, 0]
        assert home == pytest.approx(50.0, rel=1e-9)
        assert np.isnan(abroad)
    assert batch.values("use")[0, 0].tolist() == pytest.approx([50.0, 0.0], abs=1e-9)


@pytest.mark.parametrize(
    ("other", "differ"),
    [
        (market(("rye",)), "other goods"),
        (market(("wheat",), ("Abroad", "Home")), "other regions"),
    ],
)
def test_arrays_of_other_places_are_not_stacked(other: Markets, differ: str) -> None:
    batch = pricing.solve_many([scenario_on(m.chain()) for m in (market(("wheat",)), other)])
    with pytest.raises(InputError, match=differ):
        batch.values("price")
