"""The short text report: what it says, that it fits, and that its numbers are the accounts'."""

from typing import NamedTuple

import pytest

import pricing
from pricing.reporting.summary import groups, summarise
from pricing.reporting.words import (
    change,
    million,
    per_kg,
    percent,
    signed_kg,
    step,
    tonnes,
)
from tests.support.two_stage import TARIFF, changed, export_ban


class Said(NamedTuple):
    code: str
    subject: str
    text: str


def test_report_fits_and_names_everything_a_reader_needs(floor: pricing.Result):
    text = floor.report()
    lines = text.splitlines()

    assert max(len(line) for line in lines) <= 80
    assert len(lines) <= 70
    assert text.endswith("\n")
    for words in (
        floor.scenario.document.title,
        floor.scenario.hash[:12],
        pricing.__version__,
        "residual",
        "In the zone: Alpha, Beta.",
        "PRICES, USD/kg",
        "OUTPUT, t",
        "TREASURIES, change in receipts, million USD",
        "GAINS AND LOSSES, million USD",
        "Buyers' cost",
        "net",
        "PROTECTION",
        "ERP",
        "all 6 hold",
        "Not modelled: jobs, GDP",
    ):
        assert words in text, words


def test_report_gives_prices_before_and_after_with_the_reference(floor: pricing.Result):
    lines = floor.report().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("magnet        buyers pay"))

    # Users of the zone pay 350 t x 43,400 or 59,300 in Alpha and 49,678 in Beta before.
    before = (300 * 43_400 + 50 * 59_300 + 650 * 49_678.46) / 1000
    assert f"{before / 1000:.1f} ->" in lines[start]
    assert " 60.0 " in lines[start]
    assert "55.0 ->    68.9" in lines[start + 1]


def test_gains_add_up_to_the_accounts(floor: pricing.Result):
    summary = summarise(floor)

    assert summary.net == pytest.approx(float(floor.accounts.agents.total[0]))
    assert [name for name, _ in groups(summary.split)] == ["in the zone", "outside"]


def test_cost_of_public_funds_is_a_row_of_its_own():
    result = changed([TARIFF], assumptions={"cost_of_public_funds": "1.2 1"})
    summary = summarise(result)
    extra = [row.change for row in summary.gains if row.agent == "extra cost of public funds"]

    assert sum(extra) == pytest.approx(0.2 * float(result.accounts.agents.treasuries.sum()))
    assert summary.net == pytest.approx(float(result.accounts.agents.net_welfare.sum()))


def test_one_region_under_policy_is_named():
    text = changed([TARIFF]).report()

    assert "Alpha                others" in text
    assert "In the zone" not in text


def test_a_policy_on_every_importer_puts_its_origins_first():
    ban = export_ban("oxide", "Outside")
    split = summarise(changed([ban])).split

    assert (split.name, split.others) == ("Outside", "others")


def test_several_regions_that_are_no_zone():
    policies = [TARIFF, TARIFF | {"id": "other", "destinations": ["Outside"]}]

    assert summarise(changed(policies)).split.name == "under policy"


def test_without_policies_the_first_zone_stands_first(untouched: pricing.Result):
    text = untouched.report()

    assert "No policy is in force." in text
    assert "In the zone: Alpha, Beta." in text
    assert "no change" in text
    assert "PROTECTION" not in text


def test_without_zone_and_policy_the_world_is_one_group():
    text = changed([], zones={}, description="Nothing is set apart.").report()

    assert "world" in text
    assert "BOUGHT FROM" not in text
    assert "outside" not in text


def test_long_lists_are_cut(monkeypatch: pytest.MonkeyPatch):
    from pricing.reporting import text

    monkeypatch.setattr(text, "MOST_TREASURIES", 1)
    report = pricing.solve("forge_all_stages").report()

    assert " others  " in report
    assert max(len(line) for line in report.splitlines()) <= 80


def test_warnings_are_told_in_short(monkeypatch: pytest.MonkeyPatch, floor: pricing.Result):
    said = [
        Said("far", "oxide", "Floor not reached: makers get 61.5 % less. A second sentence."),
        Said("far", "metal", "Floor not reached: makers get 20 % less."),
        Said("shut", "plant", "The plant is shut."),
        Said("shut", "plant", "The plant is shut too."),
        *[Said(f"kind {n}", "x", "Something else.") for n in range(8)],
    ]
    monkeypatch.setitem(vars(floor), "warnings", said)
    text = floor.report()

    assert "WARNINGS (12)" in text
    assert "  - Floor not reached: makers get 61.5 % less. The same for: metal.\n" in text
    assert "  - The plant is shut. And 1 more like it.\n" in text
    assert "second sentence" not in text
    assert "  and 2 more kinds" in text


def test_failed_check_is_shown(monkeypatch: pytest.MonkeyPatch, floor: pricing.Result):
    from pricing.accounts.checks import Check

    monkeypatch.setattr(Check, "passed", property(lambda check: check.name != "volumes"))

    assert "Checks: FAILED: volumes (largest error" in floor.report()


def test_variants_of_the_benchmark_stand_side_by_side():
    base = pricing.load_scenario("forge_oxide_only")
    text = pricing.solve(base).report()

    assert "OTHER BENCHMARKS" in text
    for name in ("central", "home_bias", "proportional"):
        assert name in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_variant_without_equilibrium_shows_nothing(monkeypatch: pytest.MonkeyPatch):
    result = pricing.solve("forge_oxide_only")

    def fails(scenario: object) -> None:
        raise pricing.NoEquilibriumError("x", "zero profit", 1.0, "Try less.")

    monkeypatch.setattr("pricing.api.solve", fails)
    found = result.variants()

    assert list(found) == ["central", "home_bias", "proportional"]
    assert found["central"] is result
    assert found["home_bias"] is None
    lines = [line.split() for line in result.report().splitlines()]
    assert ["metal", "-", "-"] in [[line[0], *line[-2:]] for line in lines if len(line) > 4]


def test_numbers_in_words():
    assert per_kg(54_706.4) == "54.7"
    assert tonnes(12.34) == "12.3"
    assert million(-40.0) == "0.0"
    assert million(None) == percent(None) == signed_kg(None) == "-"
    assert signed_kg(-1_234.0) == "-1.23"
    assert percent(0.25) == "+25.0 %"
    assert change(0.0, 5.0) == "new"
    assert change(None, 5.0) == change(0.0, 0.0) == "-"
    assert step("1", "2", 4) == "   1 ->   2"
    assert step("-", "-", 4) == "          -"
