"""Figures: numbers equal the tidy table's, words are whole, templates know no data."""

import json
import sys

import altair as alt
import pytest

import pricing
from pricing.reporting import figures
from pricing.reporting.theme import Look, register

BOTH = (
    figures.prices_by_stage,
    figures.output_by_region,
    figures.protection,
    figures.trade_change,
    figures.who_pays,
    figures.treasury,
    lambda result, base: figures.trade_matrix(result, base, result.scenario.chain.goods[0].id),
)


def tidy(result: pricing.Result, variable: str):
    """Rows of one variable of the scenario itself, from the tidy table."""
    table = result.table()
    return table[(table["scenario"] == result.scenario.id) & (table["variable"] == variable)]


@pytest.mark.parametrize("draw", BOTH)
def test_figure_is_whole(draw, floor: pricing.Result, untouched: pricing.Result):
    figure = draw(floor, untouched)

    for words in (figure.title, figure.unit, figure.caption, figure.source, figure.alt):
        assert words.strip()
    assert floor.scenario.hash[:12] in figure.source
    assert pricing.__version__ in figure.source
    for rows in figure.data.values():
        assert not rows.empty
        assert rows["sentence"].str.endswith(".").all()


@pytest.mark.parametrize("draw", BOTH)
def test_template_is_the_same_for_other_numbers(
    draw, floor: pricing.Result, untouched: pricing.Result
):
    first, second = draw(floor, untouched).spec, draw(untouched, untouched).spec

    assert first is second
    text = json.dumps(first)
    assert '"values"' not in text
    assert '"datasets"' not in text


@pytest.mark.parametrize("look", list(Look))
@pytest.mark.parametrize("draw", BOTH)
def test_specification_is_valid(draw, look, floor: pricing.Result, untouched: pricing.Result):
    chart = draw(floor, untouched).chart(look)

    assert chart.to_dict(validate=True)["datasets"]


def test_output_equals_the_tidy_table(floor: pricing.Result, untouched: pricing.Result):
    drawn = figures.output_by_region(floor, untouched).table.set_index("place")
    table = tidy(floor, "production")
    for row in table[table["process"].isna()].itertuples():
        if row.value > 0.0:
            shown = drawn.loc[f"{row.good}, {row.region}", "scenario_output"]
            assert shown == pytest.approx(row.value)


def test_prices_lie_between_those_of_the_regions(floor: pricing.Result, untouched: pricing.Result):
    drawn = figures.prices_by_stage(floor, untouched).table.set_index("place")
    table = tidy(floor, "buyer_price")
    for good in floor.scenario.chain.goods:
        regional = table[table["good"] == good.id]["value"] / 1000.0
        places = [place for place in drawn.index if place.startswith(f"{good.id}, landed, ")]
        assert places
        for place in places:
            price = drawn.loc[place, "scenario"]
            assert regional.min() * (1 - 1e-9) <= price <= regional.max() * (1 + 1e-9)
    references = tidy(floor, "reference_price").groupby("good")["value"].max() / 1000.0
    for good, price in references.items():
        assert drawn.loc[f"{good}, landed, in the zone", "floor"] == pytest.approx(price)


@pytest.mark.parametrize("show", list(figures.Show))
def test_trade_matrix_equals_the_tidy_table(show, floor: pricing.Result, untouched: pricing.Result):
    for good in (good.id for good in floor.scenario.chain.goods):
        cells = figures.trade_matrix(floor, untouched, good, show).table
        value = cells.set_index(["origin", "destination"])["value"]
        after, before = (tidy(result, "flow") for result in (floor, untouched))
        keys = ["good", "region", "partner"]
        after, before = after.set_index(keys)["value"], before.set_index(keys)["value"]
        expected = {
            figures.Show.SCENARIO: after,
            figures.Show.BASELINE: before,
            figures.Show.DIFFERENCE: after - before,
        }[show][good]
        shared = value.index.intersection(expected.index)
        assert len(shared) > 0
        assert value[shared].to_list() == pytest.approx(expected[shared].to_list(), abs=1e-6)
        assert value.sum() == pytest.approx(expected.sum(), abs=1e-6)


def test_parts_sum_to_the_net_and_to_the_tidy_table(
    floor: pricing.Result, untouched: pricing.Result
):
    figure = figures.who_pays(floor, untouched)
    parts = figure.data["parts"].groupby("place")["change"].sum()
    net = figure.data["net"].set_index("place")["net"]
    rows = [tidy(floor, name) for name in ("surplus_change", "public_funds_cost")]
    world = sum(table["value"].sum() for table in rows) / 1e6

    assert parts.to_dict() == pytest.approx(net.to_dict())
    assert world != 0.0
    assert net.sum() == pytest.approx(world)


def test_treasury_equals_the_accounts(floor: pricing.Result, untouched: pricing.Result):
    drawn = figures.treasury(floor, untouched).table["change"].sum()

    # Changes below 1 USD are left out of the figure.
    expected = tidy(floor, "indicator_treasury_change")["value"].sum() / 1e6
    assert drawn == pytest.approx(expected, abs=1e-4)


def test_nothing_moves_against_itself(untouched: pricing.Result):
    figure = figures.trade_change(untouched, untouched)

    assert figure.table.empty
    assert "No flow differs" in figure.alt


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<svg")])
def test_pictures(suffix: str, start: bytes, floor: pricing.Result, untouched: pricing.Result):
    assert figures.save(figures.who_pays(floor, untouched), suffix).startswith(start)
    assert figures.picture(figures.overview(floor), suffix).startswith(start)


def test_overview_names_scenario_units_and_version(floor: pricing.Result):
    text = json.dumps(figures.overview(floor))

    for words in ("(USD/kg)", "(million USD a year)", floor.scenario.hash[:12]):
        assert words in text
    assert pricing.__version__ in text


def test_other_formats_are_refused(floor: pricing.Result):
    with pytest.raises(pricing.InputError, match=r"\.png or \.svg"):
        figures.picture(figures.overview(floor), ".bmp")


def test_missing_package_names_the_extra(floor: pricing.Result, monkeypatch: pytest.MonkeyPatch):
    spec = figures.overview(floor)
    monkeypatch.setitem(sys.modules, "vl_convert", None)

    with pytest.raises(pricing.InputError, match=r"critical-minerals-pricing\[export\]"):
        figures.picture(spec, ".png")


def test_looks_are_registered_with_altair():
    register()
    try:
        assert alt.theme.active == "pricing_light"
        assert "pricing_dark" in alt.theme.names()
    finally:
        alt.theme.enable("default")
