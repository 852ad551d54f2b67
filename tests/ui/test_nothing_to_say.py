"""What pages say where nothing moves, nobody stands outside, or no good is made of another."""

from __future__ import annotations

import json

import pricing
from pricing.reporting import figures
from pricing.reporting.figures import save
from pricing.reporting.theme import PALETTES, Look
from tests.ui.conftest import Show

NICKEL = "indonesia_nickel_quota"


def test_where_all_regions_are_inside_the_net_of_the_world_is_said_once(show: Show) -> None:
    said = show("who_pays", pricing.load_scenario(NICKEL)).metric
    assert [metric.label for metric in said] == ["Net, world [million USD/yr]"]
    both = show("who_pays", pricing.load_scenario("forge_all_stages")).metric
    assert len(both) == 3


def test_a_chart_without_rows_says_so() -> None:
    result = pricing.solve(NICKEL)
    base = figures.NoPolicy.of(result)
    empty = figures.treasury(result, base)
    assert empty.empty
    assert "Nothing to draw" in json.dumps(empty.template)
    assert "Nothing to draw" in json.dumps(empty.vega_lite())
    for look in Look:  # in the ink of the look: black letters on black are none
        drawn = save(empty, ".svg", look).decode()
        assert f'fill="{PALETTES[look].ink}">Nothing to draw' in drawn
    full = figures.who_pays(result, base)
    assert full.template is full.spec


def test_a_chain_whose_goods_are_not_made_of_each_other_has_no_factors_to_name() -> None:
    result = pricing.solve("gallium_export_ban")
    caption = figures.chain_flow(result, figures.NoPolicy.of(result)).caption
    assert caption.startswith("No good here is made of another one")
    assert "()" not in caption


def test_a_shortage_names_the_use_in_words() -> None:
    texts = [str(warning) for warning in pricing.solve("gallium_export_ban").warnings]
    assert any("(all uses) goes without" in text for text in texts)


def test_the_reason_to_doubt_that_prices_are_unique_is_a_sentence(show: Show) -> None:
    said = [it.value for it in show("method", pricing.load_scenario("gallium_export_ban")).caption]
    assert any(
        text.endswith(r"Asked because a by\-product depends on its host.") for text in said
    ), said
