"""Level rules of reference prices: each to the number that a pocket calculator gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

import pricing
from pricing.errors import InputError
from pricing.instruments.levels import Level, LevelRule
from tests.support.chains import scenario_on
from tests.support.hand import hand_chain, network
from tests.support.settings import METAL, ORE, setting

COST_PLUS = {"kind": "cost_plus", "producers": {"ore": "dig", "metal": "smelt_left"}}
PAST = [
    {"good": "ore", "year": year, "price": f"{price} USD/t"}
    for year, price in ((2021, 90), (2022, 150), (2023, 120), (2024, 100))
]
ESCALATOR = {
    "kind": "escalator",
    "prices": {"metal": "1 USD/kg"},
    "rate": "2 %",
    "first_year": 2024,
}


def rule(**stated: Any) -> LevelRule:
    return TypeAdapter(Level).validate_python(stated)


def percentile(share: str, makers: str = "club") -> dict[str, Any]:
    stated = {"kind": "cost_percentile", "goods": ["metal"], "makers": [makers]}
    return stated | {"percentile": share}


def average(years: int, past: list[dict[str, Any]]) -> dict[str, Any]:
    return {"kind": "moving_average", "years": years, "past": past}


def resolved(year: int | None = None, **stated: Any) -> dict[int, float]:
    return rule(**stated).resolve(setting(year), "at")


def problem(year: int | None = None, **stated: Any) -> tuple[str, str]:
    with pytest.raises(InputError) as caught:
        resolved(year, **stated)
    (fault,) = caught.value.faults
    assert fault.remedy
    return fault.field, fault.problem


def test_cost_plus_is_inputs_and_conversion_and_a_mark_up():
    # ore 40; metal 2 x 60 + 780 = 900; both with 15 % on top.
    assert resolved(**COST_PLUS) == pytest.approx({ORE: 40.0, METAL: 900.0})
    assert resolved(**COST_PLUS, markup="15 %") == pytest.approx({ORE: 46.0, METAL: 1035.0})


def test_cost_plus_counts_a_tonne_of_the_good_not_of_the_plant():
    # 700 USD a tonne of level, which makes half a tonne.
    found = resolved(kind="cost_plus", producers={"metal": "smelt_left_2"})
    assert found == pytest.approx({METAL: 1400.0})


def test_without_mark_up_a_running_plant_costs_what_its_output_sold_for():
    """Zero profit: ore 100; metal 500 in North and 600 in South, of the chain worked by hand."""
    of = network().setting
    for plant, price in (("mine", 100.0), ("smelter_north", 500.0), ("smelter_south", 600.0)):
        good = "ore" if plant == "mine" else "metal"
        level = rule(kind="cost_plus", producers={good: plant})
        assert level.resolve(of, "") == pytest.approx({of.good(good, ""): price})


@pytest.mark.parametrize(
    ("share", "makers", "level"),
    [
        # 25 t at 900, then 30 x 0.5 = 15 t at 1,400: the step lies at 62.5 %.
        ("0 %", "club", 900.0),
        ("62.5 %", "club", 900.0),
        ("63 %", "club", 1400.0),
        ("100 %", "club", 1400.0),
        # With 10 t at 600 in front of them the steps lie at 20 and 70 %.
        ("20 %", "all", 600.0),
        ("21 %", "all", 900.0),
        ("70 %", "all", 900.0),
        ("71 %", "all", 1400.0),
    ],
)
def test_percentile_of_a_cost_curve_of_named_plants(share: str, makers: str, level: float):
    assert resolved(**percentile(share, makers)) == pytest.approx({METAL: level})


def test_moving_average_of_the_years_before():
    assert resolved(2025, **average(3, PAST)) == pytest.approx({ORE: (150 + 120 + 100) / 3})
    assert resolved(2024, **average(2, PAST)) == pytest.approx({ORE: (150 + 120) / 2})


def test_past_prices_of_another_basis():
    contained = {"value": 200.0, "unit": "USD/t", "basis": "t contained"}
    past = [{"good": "ore", "year": 2024, "price": contained}]
    assert resolved(2025, **average(1, past)) == pytest.approx({ORE: 100.0})


def test_escalator_compounds_from_its_first_year():
    # Two per cent over six years: 1.02^6 = 1.126162419264
    assert resolved(2030, **ESCALATOR) == pytest.approx({METAL: 1126.162419264}, rel=1e-12)
    assert resolved(2024, **ESCALATOR) == pytest.approx({METAL: 1000.0})


@pytest.mark.parametrize(
    ("stated", "year", "field", "text"),
    [
        (
            COST_PLUS | {"producers": {"ore": "smelt_left"}},
            None,
            "at.producers.ore",
            "smelt_left does not make ore",
        ),
        (
            COST_PLUS | {"producers": {"ore": "diggings"}},
            None,
            "at.producers.ore",
            "unknown process 'diggings'",
        ),
        (percentile("50 %", "Port"), None, "at.makers", "no plant of Port makes metal"),
        (
            average(3, PAST),
            2026,
            "at.past",
            "no price of ore in 2025",
        ),
        (
            average(3, PAST),
            None,
            "at",
            "this level depends on the year, and the scenario has none",
        ),
        (ESCALATOR, 2023, "at.first_year", "the scenario's year 2023 lies before 2024"),
    ],
)
def test_levels_that_do_not_exist(stated: dict[str, Any], year: int | None, field: str, text: str):
    assert problem(year, **stated) == (field, text)


def test_a_plant_without_a_cost_is_refused():
    of = setting()
    of.unit_cost[0] = np.nan
    with pytest.raises(InputError, match="dig has no base-year cost of ore"):
        rule(kind="cost_plus", producers={"ore": "dig"}).resolve(of, "at")


def test_one_price_a_year():
    with pytest.raises(ValueError, match="two prices of ore in 2021; state one"):
        rule(**average(1, [PAST[0], PAST[0]]))
    with pytest.raises(ValueError, match="can fall by 100 %"):
        rule(**ESCALATOR | {"rate": "-100 %"})


@pytest.mark.parametrize(
    ("level", "price", "words"),
    [
        (
            {"kind": "cost_plus", "producers": {"metal": "smelter_south"}, "markup": "10 %"},
            660.0,
            "metal at the cost of smelter_south (0.6 USD/kg), plus 10 %.",
        ),
        (
            {
                "kind": "escalator",
                "prices": {"metal": "600 USD/t"},
                "rate": "10 %",
                "first_year": 2024,
            },
            660.0,
            "stated prices of 2024, changed by 10 % a year to 2025.",
        ),
    ],
)
def test_a_rule_is_the_fixed_level_of_the_same_size_and_reports_say_how(
    level: dict[str, Any], price: float, words: str
):
    floor = {
        "id": "floor",
        "kind": "reference_price",
        "zone": ["South"],
        "mechanism": {"kind": "border_levy"},
    }
    fixed = {"kind": "fixed", "prices": {"metal": f"{price} USD/t"}}
    results = [
        pricing.solve(
            scenario_on(hand_chain(), floor | {"level": each}).but({"assumptions.year": 2025})
        )
        for each in (level, fixed)
    ]
    flows = [result.solved.state.flow for result in results]
    assert flows[0] == pytest.approx(flows[1], rel=1e-9)
    text = " ".join(results[0].report().split())
    assert f"Reference prices of 'floor' (metal {price / 1e3:g} USD/kg): {words}" in text
    assert "Reference prices of 'floor'" not in results[1].report()
