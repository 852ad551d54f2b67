"""Figures: numbers equal the tidy table's, words are whole, templates know no data."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import altair as alt
import numpy as np
import pytest

import pricing
from pricing.errors import InputError
from pricing.reporting import figures
from pricing.reporting.theme import Look, register

BOTH = (
    figures.prices_by_stage,
    figures.output_by_region,
    figures.protection,
    figures.trade_change,
    figures.who_pays,
    figures.treasury,
    figures.chain_flow,
    lambda result, base: figures.trade_matrix(result, base, result.scenario.chain.goods[0].id),
    lambda result, base: figures.market(result, base, "oxide", "Beta"),
    lambda result, base: figures.cost_curve(result, base, "magnet"),
    lambda result, base: figures.price_build_up(result, base, "magnet", "Outside", "Alpha"),
)

KEYED = (
    figures.prices_by_stage,
    figures.output_by_region,
    figures.protection,
    figures.who_pays,
    figures.treasury,
    figures.trade_change,
)
"""Figures whose rows stay one mark when the data change."""


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
    assert not figure.table.empty
    assert not next(iter(figure.data.values())).empty
    spoken = [rows["sentence"] for rows in figure.data.values() if "sentence" in rows]
    assert spoken
    for sentences in spoken:
        assert sentences.str.endswith(".").all()


@pytest.mark.parametrize(
    ("draw", "given"),
    [
        (figures.market, ("steel", "Alpha")),
        (figures.market, ("magnet", "Mars")),
        (figures.cost_curve, ("steel",)),
        (figures.price_build_up, ("magnet", "Mars", "Alpha")),
        (figures.trade_matrix, ("steel",)),
        (figures.trade_matrix, ("magnet", "everything")),
    ],
)
def test_unknown_names_are_refused(draw, given, floor: pricing.Result, untouched: pricing.Result):
    with pytest.raises(InputError):
        draw(floor, untouched, *given)


def test_nothing_to_draw_is_a_picture_that_says_so(untouched: pricing.Result):
    figure = figures.who_pays(untouched, untouched)
    assert figure.empty
    assert b"nothing changed" in figures.save(figure, ".svg")


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


def test_bars_of_a_price_end_at_the_landed_price(floor: pricing.Result, untouched: pricing.Result):
    for result, state in ((floor, "scenario"), (untouched, "baseline")):
        figure = figures.price_build_up(floor, untouched, "magnet", "Outside", "Alpha")
        bars = figure.table[figure.table["state"] == state].set_index("step")
        table = tidy(result, "landed_price").set_index(["good", "region", "partner"])["value"]
        landed = table["magnet", "Outside", "Alpha"] / 1000.0

        parts = bars.drop("landed price")
        assert bars.loc["landed price", "x2"] == pytest.approx(landed)
        assert parts["amount"].sum() == pytest.approx(landed)
        assert parts["x"].to_list()[1:] == pytest.approx(parts["x2"].to_list()[:-1])


def test_a_closed_route_has_no_price():
    ban = pricing.solve("china_export_ban")
    closed = np.argwhere(ban.reference.program.open_arcs & ~ban.solved.program.open_arcs)
    network = ban.solved.program.network
    g, i, j = closed[0]

    figure = figures.price_build_up(
        ban,
        figures.NoPolicy.of(ban),
        network.goods[g],
        network.regions[i],
        network.regions[j],
    )

    assert figure.table.query("state == 'scenario'")["amount"].eq(0.0).all()
    assert (
        figure.table.query("state == 'baseline' and step == 'landed price'")["amount"].gt(0).all()
    )
    assert "no sale" in figure.data["steps"]["label"].iloc[-1]


def test_steps_of_a_market_are_its_flows_and_landed_prices(
    floor: pricing.Result, untouched: pricing.Result
):
    figure = figures.market(floor, untouched, "oxide", "Beta")
    keys = ["good", "region", "partner"]
    flow, landed = (tidy(floor, name).set_index(keys)["value"] for name in ("flow", "landed_price"))
    blocks = figure.table.groupby("place").agg({"tonnes": "first", "y2": "max", "x": "first"})
    for origin, block in blocks.iterrows():
        assert block["tonnes"] == pytest.approx(flow["oxide", origin, "Beta"])
        assert block["y2"] == pytest.approx(landed["oxide", origin, "Beta"] / 1000.0)
    assert blocks.sort_values("x")["y2"].is_monotonic_increasing
    used = figure.data["points"].set_index("state")["x"]
    assert used["scenario"] == pytest.approx(blocks["tonnes"].sum())
    # The demand curve passes through the point of the solution.
    curve = figure.data["demand"].query("state == 'scenario'")
    point = figure.data["points"].set_index("state").loc["scenario"]
    assert np.hypot(*(curve[axis] / point[axis] - 1.0 for axis in "xy")).min() < 1e-9
    assert figure.data["floors"]["y"].to_list() == [70.0]


def test_first_shown_is_the_good_that_moves_and_its_main_trade(floor: pricing.Result):
    # A levy of some 16 USD/kg on 600 t of magnets, of some 19 on 100 t of oxide.
    assert figures.most_moved(floor) == "magnet"
    assert figures.most_moved(pricing.solve("mp_price_guarantee")) == "oxide"
    # A ban moves no money; without China's metal its price in the zone rises thirtyfold.
    assert figures.most_moved(pricing.solve("china_export_ban")) == "metal"
    # Only Beta uses oxide among the allies.
    assert figures.main_buyer(floor, "oxide") == "Beta"
    assert figures.usual_origin(floor, "oxide", "Beta") in ("Alpha", "Outside")
    assert figures.usual_origin(floor, "magnet", "Outside") == "Outside"


def test_ribbons_keep_their_size_and_fill_their_nodes(
    floor: pricing.Result, untouched: pricing.Result
):
    figure = figures.chain_flow(floor, untouched)
    ends = figure.data["ribbons"].groupby("link").agg(["first", "last"])
    thick = ends["y2"] - ends["y"]
    nodes = figure.data["nodes"]
    numbers = figure.table.query("use == 'final users'").groupby("state")["equivalent [t/yr]"].sum()

    assert thick["first"].to_list() == pytest.approx(thick["last"].to_list())
    last = nodes[nodes["x2"] == nodes["x2"].max()]
    size = (last["y2"] - last["y"]).to_numpy()
    assert size.sum() / size.max() > 1.0
    arriving = ends[ends["x"]["last"] == last["x"].iloc[0]]
    heights = (arriving["y2"]["last"] - arriving["y"]["last"]).sum()
    assert heights == pytest.approx(size.sum())
    top, below = last.iloc[: len(last) // 2], last.iloc[len(last) // 2 :]
    ratio = (below["y2"] - below["y"]).sum() / (top["y2"] - top["y"]).sum()
    assert ratio == pytest.approx(numbers["scenario"] / numbers["baseline"])


def test_agents_are_told_apart_without_colour(floor: pricing.Result, untouched: pricing.Result):
    figure = figures.who_pays(floor, untouched)
    parts = figure.data["parts"]
    span = parts.groupby("place")["change"].agg(lambda x: x.clip(lower=0.0).sum())
    span = (
        span.max() - parts.groupby("place")["change"].agg(lambda x: x.clip(upper=0.0).sum()).min()
    )

    wide = parts[parts["change"].abs() > 0.05 * span]
    assert len(wide)
    assert (wide["label"].str.len() == 1).all()
    assert wide.groupby("label")["agent"].nunique().eq(1).all()
    assert "label" not in figure.shown
    text = json.dumps(figure.spec)
    for letter, agent in wide[["label", "agent"]].drop_duplicates().itertuples(index=False):
        assert f'\\"{agent}\\": \\"{letter}\\"' in text  # the legend says what letters mean


def test_parts_lie_end_to_end_with_their_letter_in_the_middle(
    floor: pricing.Result, untouched: pricing.Result
):
    parts = figures.who_pays(floor, untouched).data["parts"]
    assert (parts["x2"] - parts["x"]).to_list() == pytest.approx(parts["change"].to_list())
    assert ((parts["x"] + parts["x2"]) / 2.0).to_list() == pytest.approx(parts["middle"].to_list())
    sides = parts.groupby(["place", parts["change"] > 0.0])
    assert sides.size().max() > 1
    for _, side in sides:
        assert side["x"].to_list() == pytest.approx([0.0, *side["x2"].iloc[:-1]])


def test_parts_of_a_step_are_named_where_they_fit(floor: pricing.Result, untouched: pricing.Result):
    figure = figures.market(floor, untouched, "oxide", "Beta")
    named, blocks = figure.data["kinds"], figure.data["blocks"]

    assert "levy" in set(named["label"])
    for kind in named.itertuples():
        inside = blocks[
            (blocks["x"] < kind.x)
            & (kind.x < blocks["x2"])
            & (blocks["y"] < kind.y)
            & (kind.y < blocks["y2"])
        ]
        assert inside["part"].to_list() == [kind.label]


def test_treasuries_name_policies_as_their_writer_did(floor: pricing.Result):
    (policy,) = floor.scenario.document.policies
    base = figures.NoPolicy.of(floor)
    figure = figures.treasury(floor, base)
    own = figure.table[figure.table["place"].str.contains(policy.label)]
    assert len(own)
    assert own["sentence"].str.contains(policy.label).all()

    twin = floor.scenario.data()["policies"][0] | {"id": "twin", "label": policy.label}
    both = floor.scenario.but(policies=[*floor.scenario.data()["policies"], twin])
    places = figures.treasury(pricing.solve(both), base).table["place"]
    assert not places.str.contains(policy.label).any()  # one label for two: ids tell them apart
    assert places.str.contains(policy.id).any()


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


def units(spec: dict[str, Any], data: str | None = None) -> Iterator[tuple[str | None, Any]]:
    """Every mark of a template with the dataset that it draws."""
    data = spec.get("data", {}).get("name", data)
    for layer in spec.get("layer", ()):
        yield from units(layer, data)
    if "mark" in spec:
        yield data, spec


@pytest.mark.parametrize(
    "name", ["forge_all_stages", "gallium_export_ban", "ndpr_guarantee_outside"]
)
def test_rows_that_stay_one_mark_when_the_data_change_are_told_apart(name: str):
    result = pricing.solve(name)
    base = figures.NoPolicy.of(result)
    drawn = [
        *(draw(result, base) for draw in KEYED),
        figures.compared_gains({"one": result, "two": result}),
    ]
    checked = 0
    for figure in drawn:
        for data, unit in units(dict(figure.spec)):
            key = unit.get("encoding", {}).get("key", {}).get("field")
            if key is not None:
                values = [row[key] for row in figure.drawn[data].rows]
                assert len(set(values)) == len(values), (figure.name, data)
                checked += 1
    assert checked > len(drawn)


def test_marks_say_their_sentence_or_nothing():
    result = pricing.solve("forge_all_stages")
    figure = figures.prices_by_stage(result, figures.NoPolicy.of(result))
    said = [unit["encoding"].get("description") for _, unit in units(dict(figure.spec))]
    silent = [unit["mark"].get("aria") is False for _, unit in units(dict(figure.spec))]
    assert {"field": "sentence", "type": "nominal"} in said
    assert all((words is None) == quiet for words, quiet in zip(said, silent, strict=True))
