"""Charts: what they show, that their text does not depend on the numbers, and their files."""

import sys
from pathlib import Path

import pytest

import pricing
from pricing.reporting import charts
from pricing.reporting.summary import summarise


def test_tables_hold_what_the_charts_show(floor: pricing.Result):
    summary = summarise(floor)
    prices = charts.prices_table(summary)
    gains = charts.gains_table(summary)

    held = prices[(prices["good"] == "magnet") & (prices["group"] == "in the zone")]
    assert set(held["reference"]) == {60.0}
    assert list(held["state"]) == ["before", "after"]
    by_group = gains.groupby("group")[["change", "net"]].sum()
    assert by_group["change"].to_list() == pytest.approx(by_group["net"].to_list())
    output = charts.output_table(summary)
    after, before = output["after"], output["before"]
    assert output["change"].to_list() == pytest.approx((100 * (after / before - 1)).to_list())


@pytest.mark.parametrize(
    ("draw", "table"),
    [
        (charts.prices_by_stage, charts.prices_table),
        (charts.output_change, charts.output_table),
        (charts.who_pays, charts.gains_table),
    ],
)
def test_only_the_data_change_with_the_result(
    draw, table, floor: pricing.Result, untouched: pricing.Result
):
    specs = [
        draw(table(summarise(result))).to_dict(context={"datasets": {}})
        for result in (floor, untouched)
    ]
    for spec in specs:
        spec.pop("datasets", None)
        spec.pop("data", None)

    assert specs[0] == specs[1]


def test_axes_carry_units(floor: pricing.Result):
    text = charts.overview(floor).to_json()

    for unit in ("(USD/kg)", "(%)", "(million USD a year)"):
        assert unit in text
    assert floor.scenario.hash[:12] in text
    assert pricing.__version__ in text


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("a.svg", b"<svg")])
def test_chart_is_saved(tmp_path: Path, floor: pricing.Result, name: str, start: bytes):
    charts.save_chart(charts.overview(floor), tmp_path / name)

    assert (tmp_path / name).read_bytes().startswith(start)


def test_other_formats_are_refused(tmp_path: Path, floor: pricing.Result):
    with pytest.raises(pricing.InputError, match=r"\.png or \.svg"):
        charts.save_chart(charts.overview(floor), tmp_path / "a.bmp")


def test_missing_package_names_the_extra(
    tmp_path: Path, floor: pricing.Result, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "vl_convert", None)

    with pytest.raises(pricing.InputError, match=r"critical-minerals-pricing\[export\]"):
        charts.save_chart(charts.overview(floor), tmp_path / "a.png")
