"""Callouts: every warning has a title and a weight, and nothing changed says why."""

from __future__ import annotations

import pytest

import pricing
from pricing.accounts.notices import Code
from pricing.reporting.callouts import NO_POLICY, TITLES, Weight, callouts, policy_states

BASE = pricing.load_scenario("forge_oxide_only")


def test_every_kind_of_warning_has_a_title_of_its_own():
    assert set(TITLES) == set(Code)
    assert len({title for title, _ in TITLES.values()}) == len(TITLES)


def test_no_policy_is_said_to_be_none():
    assert callouts(pricing.solve("baseline")) == (NO_POLICY,)


def test_nothing_changed_says_why():
    """Oxide lands at 55 USD/kg and more: a reference of 20 asks for nothing anywhere."""
    low = pricing.solve(BASE.but({"policies.oxide.level.prices.oxide": "20 USD/kg"}))
    found, years = callouts(low)

    assert years.title == "Base year partly assumed"
    assert found.title == "Nothing changed"
    assert "'oxide': slack at 12 of 12 places." in found.texts[0]


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"policies.oxide.active": False}, "switched off"),
        ({"policies.oxide.start": "2030-01-01", "assumptions.year": 2026}, "not in force"),
        ({}, "binding at 12 of 12 places"),
    ],
)
def test_what_a_policy_does(change: dict[str, object], state: str):
    result = pricing.solve(BASE.but(change) if change else BASE)

    assert policy_states(result) == {"oxide": state}


def test_one_callout_for_each_kind_heavy_ones_first():
    result = pricing.solve("forge_all_stages")
    found = callouts(result)

    told = [callout for callout in found if callout.title != "Base year partly assumed"]
    assert len(told) == len(found) - 1
    assert sum(len(callout.texts) for callout in told) == len(result.warnings)
    assert found[0].title == "Floor not reached"
    order = [list(Weight).index(callout.weight) for callout in found]
    assert order == sorted(order)
    assert not any(text.startswith("Floor not reached") for text in found[0].texts)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "title", "words"),
    [
        ("forge_all_stages", "Floor not reached", "Makers of concentrate in the zone get"),
        ("forge_all_stages", "Inverted floor", "does not cover the reference prices of its inputs"),
        ("forge_all_stages", "Negative protection", "lowers the value added of makers"),
        ("zimbabwe_lithium_ban", "Process shut", "mine_zimbabwe makes less than 1 %"),
        (
            "derivative_duty_content",
            "Routes stay shut",
            "1 route that 'content' covers had no trade",
        ),
        ("forge_all_stages", "Routes stay shut", "had no trade in the base year and stay shut"),
        ("lynas_jare", "Budget or cap used up", "the next tonne gets nothing."),
        ("eu_magnets_cut", "Quota binds", "leave to ship one more tonne is worth 48.12 USD/kg"),
        ("china_export_ban", "Shortage", "goes without"),
    ],
)
def test_each_callout_in_words(scenario: str, title: str, words: str):
    said = {callout.title: callout.texts for callout in callouts(pricing.solve(scenario))}

    assert any(words in text for text in said[title])
