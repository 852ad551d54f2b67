"""Numbers and their sources."""

import pytest

import pricing
from pricing.core.sources import Grade
from pricing.reporting.provenance import MEANING, grades, numbers, source_table


@pytest.fixture(scope="module")
def scenario() -> pricing.Scenario:
    return pricing.load_scenario("forge_all_stages")


def test_numbers_of_the_file_are_listed(scenario: pricing.Scenario):
    table = numbers(scenario)
    own = table[(table["document"] == scenario.id) & table["path"].str.startswith("policies.")]
    stated = own[own["path"].str.endswith(".oxide")]

    assert stated["unit"].to_list() == ["USD/kg"]
    assert stated["value"].iloc[0] > 0.0
    assert stated["grade"].iloc[0] == "illustrative"
    assert stated["estimate"].iloc[0]


def test_every_number_of_the_chain_has_source_date_and_grade(scenario: pricing.Scenario):
    table = numbers(scenario)
    chain = table[table["document"] == scenario.chain.id]

    assert len(chain) > 100
    assert chain[["source", "date", "grade", "unit"]].notna().all().all()
    estimates = chain[chain["estimate"].astype(bool)]
    assert estimates["derivation"].notna().all()


def test_every_source_is_listed(scenario: pricing.Scenario):
    table = source_table(scenario)

    assert len(table) == len(scenario.document.sources) + len(scenario.chain.sources)


def test_grades_count_every_number_once(floor: pricing.Result):
    table = grades(floor.scenario)

    assert table["numbers"].sum() == len(numbers(floor.scenario))
    assert table["share"].sum() == pytest.approx(100.0)
    assert table["means"].str.len().gt(10).all()
    assert set(map(str, Grade)) == set(map(str, MEANING))
