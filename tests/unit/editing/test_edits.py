"""Edits, changes and levers: what is put comes back, what is wrong is told whole."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

import pricing
from pricing.core.declared import Names
from pricing.core.quantities import Money, Price, Ratio, Scaled, Share, Tonnes
from pricing.editing.bands import BaseYear, band_at, bands_of, base_year_of
from pricing.editing.edits import OWN_CHOICE, faults_below, value_at
from pricing.editing.names import known_names

BASE = pricing.load_scenario("forge_oxide_only")
OXIDE = pricing.levers(BASE)[0]
QUOTA = {
    "id": "quota",
    "kind": "import_quota",
    "source": OWN_CHOICE,
    "good": "magnet",
    "destinations": ["forge"],
    "quota": {"value": 50.0, "unit": "kt/yr"},
}


class TestAmend:
    def test_what_is_put_stands_there(self):
        changed = pricing.amend(BASE, {("policies", "quota"): QUOTA})

        assert [policy.id for policy in changed.document.policies] == ["oxide", "quota"]
        assert changed.document.policies[1].quota.tonnes == 50_000.0
        assert pricing.solve(changed).diagnostics.residual < 1e-8

    def test_own_numbers_bring_their_source_and_take_it_away(self):
        changed = pricing.amend(BASE, {("policies", "quota"): QUOTA})
        assert OWN_CHOICE in changed.document.sources

        back = pricing.amend(changed, {("policies", "quota"): None})
        assert back.hash == BASE.hash

    def test_a_policy_keeps_its_position_when_renamed(self):
        two = pricing.amend(BASE, {("policies", "quota"): QUOTA})
        data = value_at(two.data(), ("policies", "oxide")) | {"id": "floor"}
        renamed = pricing.amend(two, {("policies", "oxide"): data})

        assert [policy.id for policy in renamed.document.policies] == ["floor", "quota"]

    def test_every_fault_at_once_and_the_scenario_stays(self):
        bad = QUOTA | {"good": None, "quota": {"value": -1.0, "unit": "stone"}}
        bad = {key: value for key, value in bad.items() if value is not None}
        with pytest.raises(pricing.InputError) as caught:
            pricing.amend(BASE, {("policies", "quota"): bad})

        here, others = faults_below(caught.value.faults, ("policies.quota",))
        assert set(here) == {"good", "quota.value", "quota.unit"}
        assert others == []
        assert len(BASE.document.policies) == 1

    def test_names_are_looked_up(self):
        bad = QUOTA | {"good": "gold", "destinations": ["Atlantis"]}
        with pytest.raises(pricing.InputError) as caught:
            pricing.amend(BASE, {("policies", "quota"): bad})

        here, _ = faults_below(caught.value.faults, ("policies.quota",))
        assert set(here) == {"good", "destinations.0"}

    def test_switched_off_it_does_nothing_and_says_so(self):
        off = pricing.solve(pricing.amend(BASE, {("policies", "oxide", "active"): False}))

        assert (off.solved.state.price == off.reference.state.price).all()
        assert "switched off" in off.warnings[0].text


class TestChanges:
    def test_none_for_the_same(self):
        assert pricing.changes(BASE, BASE) == ()

    def test_each_can_be_taken_back_by_itself(self):
        moved = pricing.move(BASE, BASE, OXIDE, 80.0)
        both = pricing.amend(
            moved,
            {
                ("policies", "quota"): QUOTA,
                ("assumptions", "case"): "high",
                ("zones", "forge"): ["United States", "Japan"],
            },
        )
        found = pricing.changes(BASE, both)
        assert [(c.label, c.before, c.after) for c in found] == [
            ("Zones: forge", "United States; EU; Japan; Korea; Australia; Malaysia",
             "United States; Japan"),
            ("Case", "central", "high"),
            ("Reference price of oxide: level, prices, oxide", "110 USD/kg", "80 USD/kg"),
            ("quota", "none", "import quota"),
        ]  # fmt: skip
        for change in found:
            both = pricing.undone(BASE, both, change.place)
        assert both.hash == BASE.hash

    def test_a_removed_policy_comes_back_to_its_place(self):
        two = pricing.amend(BASE, {("policies", "quota"): QUOTA})
        one = pricing.amend(two, {("policies", "oxide"): None})
        (change,) = pricing.changes(two, one)

        assert (change.before, change.after) == ("reference price", "none")
        assert pricing.undone(two, one, change.place).hash == two.hash

    def test_another_kind_of_rule_is_one_change(self):
        ladder = pricing.load_scenario("forge_all_stages")
        level = {"kind": "fixed", "prices": {"oxide": {"value": 90.0, "unit": "USD/kg"}}}
        fixed = pricing.amend(ladder, {("policies", "reference", "level"): level})
        (change,) = pricing.changes(ladder, fixed)

        assert change.before.startswith("ladder (anchor concentrate, price 96.48 USD/kg, margins ")
        assert change.after == "fixed (prices oxide 90 USD/kg)"
        assert pricing.undone(ladder, fixed, change.place).hash == ladder.hash


class TestLevers:
    def test_a_moved_number_says_who_chose_it(self):
        moved = pricing.move(BASE, BASE, OXIDE, 80.0)
        (lever, *_) = pricing.levers(moved)

        assert lever.value == 80.0
        assert lever.source.startswith("Chosen by the author of this scenario (illustrative")

    def test_moved_back_it_is_the_opened_one_again(self):
        moved = pricing.move(BASE, BASE, OXIDE, 80.0)

        assert pricing.move(moved, BASE, OXIDE, OXIDE.value).hash == BASE.hash

    def test_the_basis_stays(self):
        price = {"value": 100.0, "unit": "USD/kg", "basis": "t contained Nd+Pr+Dy+Tb"}
        place = ("policies", "oxide", "level", "prices", "oxide")
        based = pricing.amend(BASE, {place: price})
        (lever, *_) = pricing.levers(based)
        moved = pricing.move(based, based, lever, 90.0)

        assert value_at(moved.data(), place)["basis"] == price["basis"]

    @pytest.mark.parametrize("name", pricing.shipped_scenarios())
    def test_every_lever_has_bands_help_and_a_source(self, name: str):
        for lever in pricing.levers(pricing.load_scenario(name)):
            assert len(lever.bands) >= 2, lever.path
            assert lever.band
            assert lever.help
            assert lever.source
            assert 0.0 <= lever.value <= lever.high

    def test_the_default_is_in_the_unit_of_the_file(self):
        place = ("policies", "oxide", "mechanism", "rent_capture")
        changed = pricing.amend(BASE, {place: {"value": 50.0, "unit": "%"}})
        lever = pricing.levers(changed)[1]

        assert (lever.label, lever.default, lever.high) == ("Rent capture", 0.0, 100.0)

    def test_a_price_names_its_good(self):
        found = pricing.levers(pricing.load_scenario("forge_all_stages"))

        assert [lever.label for lever in found][:2] == ["Price: concentrate", "Margin: oxide"]


class TestBands:
    def test_base_year_of_the_shipped_chain(self):
        """Chinese oxide is 55 USD/kg and most of what is sold; nobody sells it for the double."""
        found = base_year_of(BASE.chain, None, "oxide")

        assert found is not None
        assert 55_000.0 <= found.price <= 70_000.0
        assert base_year_of(BASE.chain, None, "gold") is None

    @pytest.mark.parametrize(
        ("kind", "scaled", "unit", "value", "name"),
        [
            (Price, None, "USD/kg", 49.0, "below the base-year price of 50 USD/kg"),
            (Price, None, "USD/kg", 50.0, "one to two times the base-year price of 50 USD/kg"),
            (Price, None, "USD/t", 1e6, "over twice the base-year price of 50,000 USD/t"),
            (Price, Scaled.MARKUP, "USD/kg", 0.0, "none"),
            (Price, Scaled.MARKUP, "USD/kg", 5.0, "10 to 50 % of the base-year price of 50 USD/kg"),
            (Tonnes, None, "kt/yr", 1.0, "1 to 10 % of the base-year world sales of 100 kt/yr"),
            (
                Money,
                None,
                "billion USD",
                6.0,
                "more than the base-year world sales of 5 billion USD",
            ),
            (Ratio, Scaled.DUTY, "%", 0.0, "none"),
            (Ratio, Scaled.DUTY, "%", 1.9, "nuisance (below 2 %)"),
            (Ratio, Scaled.DUTY, "1", 0.15, "tariff peak (15 % or more)"),
            (Share, None, "%", 100.0, "all"),
            (Share, None, "1", 0.5, "half or more"),
            (Ratio, None, "1", 1.0, "100 %"),
        ],
    )
    def test_a_number_lies_in_its_band(self, kind, scaled, unit, value, name):
        found = band_at(bands_of(kind, unit, BaseYear(5e4, 1e5), scaled), value)

        assert found is not None
        assert found.name == name

    @pytest.mark.parametrize("kind", [Price, Tonnes, Money])
    def test_without_a_base_year_there_is_nothing_to_compare_with(self, kind):
        assert bands_of(kind, next(iter(kind.factors)), None) == ()

    def test_bands_leave_no_gap(self):
        usual = [(kind, None) for kind in (Price, Tonnes, Money, Share, Ratio)]
        for kind, scaled in [*usual, (Price, Scaled.MARKUP), (Ratio, Scaled.DUTY)]:
            unit = next(iter(kind.factors))
            bands = bands_of(kind, unit, BaseYear(5e4, 1e5), scaled)
            wide = [band for band in bands if band.low != band.high]
            assert wide[0].low == 0.0
            for left, right in pairwise(wide):
                assert left.high == right.low
            assert wide[-1].high == (1.0 if kind is Share else math.inf)


@pytest.mark.parametrize("what", Names)
def test_names_are_known_for_everything_that_can_be_named(what: Names):
    found = known_names(BASE, what)

    assert found or what is Names.OWN
    assert all(found.values())


def test_places_are_zones_everywhere_and_regions():
    found = list(known_names(BASE, Names.PLACE))

    assert found[:3] == ["forge", "all", "China"]


@pytest.mark.parametrize("value", [0.0, 1e-20, 1e300, 1.7e308])
def test_a_slider_has_finite_ends_whatever_the_number(value):
    scenario = pricing.load_scenario("drc_cobalt_quota")
    [lever] = pricing.levers(scenario)
    [moved] = pricing.levers(pricing.move(scenario, scenario, lever, value))
    assert moved.value == value
    assert 0.0 < moved.step < moved.high < math.inf
