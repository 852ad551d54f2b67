"""Reference price: levels, ladders, levies per origin and per territory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pricing.instruments.reference_price import ReferencePrice
from pricing.instruments.terms import CompareAt, Wedge
from tests.support.settings import (
    LEFT,
    METAL,
    MINE,
    ORE,
    PART,
    PORT,
    RIGHT,
    applied,
    only_fault,
    policy,
)

FIXED = {"kind": "fixed", "prices": {"ore": "120 USD/t", "metal": "1.1 USD/kg"}}
UNIFORM = {"kind": "uniform_levy", "max_levy": "50 %"}


def reference(**fields: Any) -> ReferencePrice:
    stated = {"zone": ["club"], "level": FIXED, "mechanism": {"kind": "border_levy"}}
    return policy(ReferencePrice, **stated | fields)


def test_a_border_levy_is_a_top_up_on_outsiders():
    terms = applied(reference())
    (top_up,) = terms.top_ups
    expected = np.full((3, 4, 4), -np.inf)
    for origin in (MINE, PORT):
        expected[ORE, origin, [LEFT, RIGHT]] = 120.0
        expected[METAL, origin, [LEFT, RIGHT]] = 1100.0

    assert top_up.reference.tolist() == expected.tolist()
    assert (top_up.compare_at, top_up.layers, top_up.capture) == (CompareAt.DUTY_PAID, None, 0.0)
    assert (top_up.policy, top_up.instrument) == ("p", "reference_price")
    assert terms.limits == []


def test_choices_of_a_border_levy():
    mechanism = {
        "kind": "border_levy",
        "compare_at": "duty_paid",
        "layers": ["mfn"],
        "rent_capture": "40 %",
    }
    (top_up,) = applied(reference(mechanism=mechanism)).top_ups

    assert (top_up.compare_at, top_up.layers) == (CompareAt.DUTY_PAID, ("mfn",))
    assert top_up.capture == pytest.approx(0.4)


@pytest.mark.parametrize("compare_at", ["fob", "cif"])
def test_layers_need_a_duty_paid_price(compare_at: str):
    mechanism = {"kind": "border_levy", "compare_at": compare_at, "layers": ["mfn"]}
    with pytest.raises(ValueError, match="it needs 'duty_paid'"):
        reference(mechanism=mechanism)


def test_a_ladder_by_hand():
    # metal = 2 t ore at 90 + 700; part = a quarter of a tonne of metal + 330.
    level = {
        "kind": "ladder",
        "anchor": "ore",
        "price": {"value": 180.0, "unit": "USD/t", "basis": "t contained"},
        "margins": {"part": "330 USD/t", "metal": "700 USD/t"},
    }
    (top_up,) = applied(reference(level=level)).top_ups

    assert top_up.reference[[ORE, METAL, PART], MINE, LEFT].tolist() == [
        90.0,
        2.0 * 90.0 + 700.0,
        0.25 * 880.0 + 330.0,
    ]


@pytest.mark.parametrize(
    ("anchor", "margins", "field", "problem"),
    [
        (
            "ore",
            {"part": "1 USD/t"},
            "margins",
            "the ladder does not reach part: metal has no rung",
        ),
        (
            "metal",
            {"ore": "1 USD/t"},
            "margins",
            "the ladder does not reach ore: it has no input",
        ),
        ("oar", {"metal": "1 USD/t"}, "anchor", "unknown good 'oar'"),
        ("ore", {"mettle": "1 USD/t"}, "margins.mettle", "unknown good 'mettle'"),
        (
            "ore",
            {"metal": {"value": 1, "unit": "USD/t", "basis": "x"}},
            "margins.metal",
            "'x' is not a basis of metal",
        ),
    ],
)
def test_ladders_that_lead_nowhere(anchor: str, margins: dict[str, Any], field: str, problem: str):
    level = {"kind": "ladder", "anchor": anchor, "price": "90 USD/t", "margins": margins}
    fault = only_fault(reference(level=level))

    assert (fault.field, fault.problem) == (f"policies.p.level.{field}", problem)
    assert fault.remedy


def test_a_uniform_levy_has_one_multiplier_for_each_good_and_territory():
    terms = applied(reference(zone=["wide"], mechanism=UNIFORM))

    assert [limit.name for limit in terms.limits] == [
        "levy of Union on ore ('p')",
        "levy of Port on ore ('p')",
        "levy of Union on metal ('p')",
        "levy of Port on metal ('p')",
    ]
    union = terms.limits[2]
    assert (union.constant, union.upper, union.scale) == (-1100.0, 500.0, 1000.0)
    assert (union.condition_scale, union.unit, union.wedge) == (1000.0, "USD/t", Wedge.LEVY)
    # Left makes all the metal of the union: its price is the internal price.
    assert union.price[0].tolist() == [METAL * 4 + LEFT, METAL * 4 + RIGHT]
    assert union.price[1].tolist() == [1.0, 0.0]
    assert union.buyer_price[0].size == 0
    assert union.acts_on_arcs.tolist() == [METAL * 16 + MINE * 4 + j for j in (LEFT, RIGHT)]
    port = terms.limits[3]
    assert port.price[0].size == 0
    assert port.buyer_price[0].tolist() == [METAL * 4 + PORT]
    assert port.buyer_price[1].tolist() == [1.0]
    assert port.acts_on_arcs.tolist() == [METAL * 16 + MINE * 4 + PORT]


def test_a_pooled_levy_for_the_whole_zone():
    limits = applied(reference(zone=["wide"], mechanism=UNIFORM | {"pooled": True})).limits

    assert [limit.name for limit in limits] == [
        "levy of the zone on ore ('p')",
        "levy of the zone on metal ('p')",
    ]
    # Nobody in the zone makes ore: the levy looks at the average of the three price indices.
    assert limits[0].buyer_price[1] == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    assert limits[1].acts_on_arcs.size == 3


def test_the_default_ceiling_is_ten_times_the_price():
    (limit, _) = applied(reference(mechanism={"kind": "uniform_levy"})).limits

    assert limit.upper == pytest.approx(10.0 * 100.0)


def test_a_customs_union_is_in_or_out_as_a_whole():
    fault = only_fault(reference(zone=["half", "Port"]))

    assert (fault.field, fault.problem) == (
        "policies.p.zone",
        "customs territory Union is only partly in the zone",
    )
    assert "has one tariff" in fault.remedy


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"zone": ["x"]}, "zone"),
        ({"level": {"kind": "fixed", "prices": {"oar": "1 USD/t"}}}, "level.prices.oar"),
        (
            {
                "level": {
                    "kind": "fixed",
                    "prices": {"metal": {"value": 1, "unit": "USD/t", "basis": "x"}},
                }
            },
            "level.prices.metal",
        ),
    ],
)
def test_unknown_names(fields: dict[str, Any], field: str):
    assert only_fault(reference(**fields)).field == f"policies.p.{field}"
