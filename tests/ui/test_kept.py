"""What a tab of the browser keeps, and what is read back of it."""

from __future__ import annotations

from typing import Any

import pytest

import pricing

pytestmark = pytest.mark.usefixtures("own_modules")


def desk() -> Any:
    from pricing_ui import state

    opened = pricing.load_scenario("forge_all_stages")
    changed = opened.but({"policies.reference.level.price": "88 USD/kg"})
    return state.Desk([state.Step(opened, changed)], saved={"lower": changed})


def test_what_is_kept_is_read_back_to_the_last_digit() -> None:
    from pricing_ui import kept

    here = desk()
    found = kept.read(kept.pieces(here, whole=True))
    assert found.opened.hash == here.loaded.hash
    assert found.present.hash == here.scenario.hash
    assert {name: variant.hash for name, variant in found.saved.items()} == {
        "lower": here.scenario.hash
    }


def test_a_move_tells_the_present_scenario_alone() -> None:
    from pricing_ui import kept

    assert kept.pieces(desk(), whole=False).keys() == {"present"}


def test_a_scenario_too_long_for_a_link_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from pricing_ui import kept, links

    monkeypatch.setattr(links, "MOST_PACKED", 100)
    assert kept.pieces(desk(), whole=True) == {"present": None, "opened": None, "saved": {}}


@pytest.mark.parametrize(
    "told", [None, [], {}, {"opened": 1, "present": "AAAA", "saved": {}}, {"present": "AAAA"}]
)
def test_what_is_no_work_of_ours_is_refused(told: Any) -> None:
    from pricing_ui import kept

    with pytest.raises(pricing.InputError, match="damaged"):
        kept.read(told)


@pytest.mark.parametrize("place", ["opened", "present"])
def test_every_part_has_the_limits_of_a_link(place: str) -> None:
    from pricing_ui import kept, links

    told = kept.pieces(desk(), whole=True)
    told[place] = "A" * (links.MOST_PACKED + 1)
    with pytest.raises(pricing.InputError, match="too long"):
        kept.read(told)


def test_a_variant_that_is_refused_is_named_and_costs_no_other_work() -> None:
    from pricing_ui import kept, links

    told = kept.pieces(desk(), whole=True)
    told["saved"] |= {"long": "A" * (links.MOST_PACKED + 1), "damaged": "AAAA"}
    found = kept.read(told)
    assert found.present.hash == desk().scenario.hash
    assert found.saved.keys() == {"lower"}
    assert found.lost == ("long", "damaged")


def test_more_variants_than_are_read_back_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from pricing_ui import kept

    monkeypatch.setattr(kept, "MOST_SAVED", 1)
    told = kept.pieces(desk(), whole=True)
    told["saved"] |= {"higher": told["present"]}
    found = kept.read(told)
    assert (found.saved.keys(), found.lost) == ({"lower"}, ("higher",))
