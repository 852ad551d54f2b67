"""The strip: whose numbers they are, and numbers that equal the tidy table's."""

import pytest

import pricing
from pricing.reporting.headline import Headline, headline
from tests.support.two_stage import export_ban


def labels(found: tuple[Headline, ...]) -> list[str]:
    return [number.label for number in found]


def test_a_zone_is_named_with_its_members(floor: pricing.Result):
    price, output, *_ = headline(floor)

    assert price.label == "magnet, price in the zone"
    assert "in the zone (Alpha, Beta)" in price.help
    table = floor.table()
    rows = table[(table["scenario"] == floor.scenario.id) & (table["variable"] == "production")]
    rows = rows[rows["process"].isna() & (rows["good"] == "magnet")]
    made = rows[rows["region"].isin(["Alpha", "Beta"])]["value"].sum()
    assert output.shown == f"{made:,.0f}"


def test_without_policy_nothing_points_up_or_down(untouched: pricing.Result):
    assert {number.change for number in headline(untouched)} == {None, "±0"}
    assert "guarantees pay" in labels(headline(untouched))
    assert "none" in [number.shown for number in headline(untouched)]


def test_what_nobody_there_makes_gives_way_to_what_the_policy_acts_on():
    """The United States makes oxide and no magnets; on magnets its duty acts all the same."""
    guarantee = pricing.solve("mp_price_guarantee")
    output = headline(guarantee)[1]
    assert output.label == "oxide, output in United States"
    table = guarantee.table()
    rows = table[table["process"].eq("separation_united_states")]
    made = rows.query("variable == 'production' and scenario == 'mp_price_guarantee'")
    assert output.shown == f"{made['value'].sum():,.0f}"

    duty = headline(pricing.solve("section_301_magnets"))
    assert duty[0].label == "magnet, price in United States"


def test_what_acts_on_exporters_shows_where_it_is_felt(untouched: pricing.Result):
    ban = export_ban("oxide", "Outside")
    found = headline(pricing.solve(untouched.scenario.but(policies=[ban])))

    assert "magnet, price outside Outside" in labels(found)
    assert "buyers' cost outside Outside" in labels(found)


@pytest.mark.slow
def test_a_country_that_only_mines_gives_way_to_those_who_buy():
    found = headline(pricing.solve("zimbabwe_lithium_ban"))

    assert found[0].label == "chemical, price outside Zimbabwe"
    assert float(found[0].shown) > 0.0
