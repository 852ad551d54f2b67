"""Figures: numbers equal the tidy table's, words are whole, templates know no data."""

from __future__ import annotations

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
from pricing.reporting.figures.templates_gains import named, stacked
from pricing.reporting.theme import Look, register

BOTH = (
    figures.prices_by_stage,
    figures.output_by_region,
    figures.protection,
    figures.trade_change,
    figures.who_pays,
    figures.producers,
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
    figures.producers,
    figures.treasury,
    figures.trade_change,
)
"""Figures whose rows stay one mark when the data change."""


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
    first, second = draw(floor, untouched).spec, draw(floor, floor).spec

    assert first is second
    text = json.dumps(first)
    assert '"values"' not in text
    assert '"datasets"' not in text


@pytest.mark.parametrize("look", list(Look))
@pytest.mark.parametrize("draw", BOTH)
def test_specification_is_valid(draw, look, floor: pricing.Result, untouched: pricing.Result):
    chart = draw(floor, untouched).chart(look)

    assert chart.to_dict(validate=True)["datasets"]


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


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<svg")])
def test_pictures(suffix: str, start: bytes, floor: pricing.Result, untouched: pricing.Result):
    assert figures.save(figures.who_pays(floor, untouched), suffix).startswith(start)
    assert figures.picture(figures.overview(floor), suffix).startswith(start)


def test_every_part_of_the_overview_has_its_own_legend(floor: pricing.Result):
    svg = figures.picture(figures.overview(floor), ".svg").decode()
    names = [svg.count(f">{name}<") for name in ("baseline", "reference price", "T treasuries")]
    assert names == [2, 1, 1]  # prices and output, prices, gains


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


@pytest.mark.parametrize("draw", BOTH)
def test_axes_go_by_the_rows_and_not_by_what_a_chart_showed_before(
    draw, floor: pricing.Result, untouched: pricing.Result
):
    figure = draw(floor, untouched)

    assert '"sort": null' not in json.dumps(figure.spec)
    for rows in (*figure.vega_lite()["datasets"].values(), *_sent(figure)):
        assert [row["rank"] for row in rows] == list(range(len(rows)))
    assert "rank" not in figure.shown


def _sent(figure: figures.Figure) -> Iterator[list[dict[str, Any]]]:
    """What the app sends to a browser."""
    sent = (rows.plain() for rows in figure.drawn.values())
    return ([dict(zip(c, row, strict=True)) for row in zip(*c.values(), strict=True)] for c in sent)


def test_an_agent_has_one_colour_whoever_stands_beside_it(
    floor: pricing.Result, untouched: pricing.Result
):
    usual = figures.who_pays(floor, untouched).spec
    more = stacked("x", named([{"agent": "exporters (rent)"}]))

    few, many = _colours_of_agents(usual), _colours_of_agents(more)
    assert "exporters (rent)" in set(many) - set(few)
    assert few == {agent: many[agent] for agent in few}


def _colours_of_agents(spec: Any) -> dict[str, str]:
    scale = spec["layer"][0]["encoding"]["color"]["scale"]
    return {a: c["expr"] for a, c in zip(scale["domain"], scale["range"], strict=True)}


def test_changes_of_trade_and_treasuries_are_grouped(
    floor: pricing.Result, untouched: pricing.Result
):
    up = (figures.trade_change(floor, untouched).table["change"] > 0.0).to_list()
    assert 0 < sum(up) < len(up)
    assert up == sorted(up, reverse=True)

    regions = figures.treasury(floor, untouched).table["place"].str.partition("\n")[0].to_list()
    assert len(set(regions)) > 1
    assert sorted(regions, key=list(dict.fromkeys(regions)).index) == regions


def test_rows_travel_as_plain_columns_and_what_is_no_number_is_none() -> None:
    rows = ({"a": np.float64(0.1), "b": np.nan}, {"a": -np.inf, "b": np.int64(3), "c": "left out"})
    sent = json.loads(json.dumps(figures.Rows(rows, ("a", "b", "d")).plain(), allow_nan=False))
    assert sent == {"a": [0.1, None], "b": [None, 3], "d": [None, None], "rank": [0, 1]}
