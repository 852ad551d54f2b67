"""Layers of duty: what they come to, two ways, and what is refused."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import pricing
from pricing.chains.schema import Chain
from pricing.errors import InputError
from pricing.instruments.layers import charged, due, stacking_faults
from pricing.instruments.tariff import Tariff
from pricing.instruments.terms import Duty
from tests.support.chains import scenario_on
from tests.support.hand import hand_chain, hand_data
from tests.support.settings import refused

VALUE = 200.0


def duty(name: str, rate: float = 0.0, specific: float = 0.0, **rules: Any) -> Duty:
    kind = rules.pop("kind", "tariff")
    return Duty(name, kind, np.full((1, 1, 1), rate), np.full((1, 1, 1), specific), **rules)


def total(*duties: Duty) -> float:
    """What a tonne of VALUE pays; the same by both roads."""
    by_rate = sum(
        float(d.rate[0, 0, 0]) * VALUE + float(d.specific[0, 0, 0]) for d in charged(duties)
    )
    by_money = sum(m.item() for m in due(duties, np.full((1, 1, 1), VALUE)).values())
    assert by_money == pytest.approx(by_rate, rel=1e-12, abs=1e-12)
    return by_rate


def problems(*duties: Duty) -> list[str]:
    return [fault.problem for fault in stacking_faults(duties)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_a_real_stack_in_any_order(order: tuple[int, ...]):
    """MFN 2.5, 301 of 25, 232 of 50, and a reciprocal rate of 34 that gives way to 232."""
    stack = (
        duty("mfn", 0.025, kind="existing_duty"),
        duty("section_301", 0.25),
        duty("section_232", 0.50),
        duty("reciprocal", 0.34, yields_to=("section_232",)),
    )
    assert total(*(stack[n] for n in order)) == pytest.approx(0.775 * VALUE)


def test_a_layer_of_size_zero_changes_nothing():
    assert total(duty("a", 0.0), duty("b", 0.1, yields_to=("a",))) == pytest.approx(0.1 * VALUE)
    assert total(duty("a", 0.1), duty("b", 0.0, higher_of=("a",))) == pytest.approx(0.1 * VALUE)


def test_a_rate_that_yields_is_not_included_either():
    # c includes a and b; b gives way to a: the higher of 5 and 15.
    stack = (
        duty("a", 0.05),
        duty("b", 0.3, yields_to=("a",)),
        duty("c", 0.15, higher_of=("a", "b")),
    )
    assert total(*stack) == pytest.approx(0.15 * VALUE)
    assert problems(*stack) == []


def test_one_of_two_inclusive_rates_may_give_way():
    stack = (
        duty("mfn", 0.02),
        duty("framework", 0.15, higher_of=("mfn",), yields_to=("timber",)),
        duty("timber", 0.10, higher_of=("mfn",)),
    )
    assert total(*stack) == pytest.approx(0.10 * VALUE)
    assert problems(*stack) == []


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        (
            (duty("a", 0.1), duty("b", 0.1, yields_to=("c",))),
            "'c' is no other duty layer or tariff",
        ),
        ((duty("a", 0.1, yields_to=("a",)),), "'a' is no other duty layer or tariff"),
        (
            (duty("q", 0.1, kind="tariff_rate_quota"), duty("b", 0.1, higher_of=("q",))),
            "'q' is no other duty layer or tariff",
        ),
        (
            (duty("mfn", 0.1, kind="existing_duty"), duty("mfn", 0.1)),
            "the chain has a duty layer called 'mfn' already",
        ),
        (
            (duty("a", 0.1, yields_to=("b",)), duty("b", 0.1, yields_to=("a",))),
            "'a' yields to 'b', which yields to 'a' on the same route: whether 'a' is charged "
            "there is not said",
        ),
        (
            (
                duty("a", 0.1, yields_to=("b",)),
                duty("b", 0.1, yields_to=("c",)),
                duty("c", 0.1),
            ),
            "'a' yields to 'b', which yields to 'c' on the same route: whether 'a' is charged "
            "there is not said",
        ),
        (
            (duty("a", 0.1), duty("b", 0.0, 5.0, higher_of=("a",))),
            "'b' and 'a' are a share of value and an amount per tonne: which is higher depends on "
            "the price",
        ),
        (
            (
                duty("mfn", 0.1),
                duty("a", 0.2, higher_of=("mfn",)),
                duty("b", 0.3, higher_of=("mfn",)),
            ),
            "'a' and 'b' both include another layer on one route: what they come to together is "
            "not said",
        ),
        (
            (duty("a", 0.2, higher_of=("b",)), duty("b", 0.3, higher_of=("a",))),
            "'a' and 'b' both include another layer on one route: what they come to together is "
            "not said",
        ),
    ],
)
def test_what_is_not_well_defined_is_refused(stack: tuple[Duty, ...], said: str):
    assert said in problems(*stack)
    assert all(fault.remedy for fault in stacking_faults(stack))


def test_three_that_name_each_other_rightly_are_taken():
    stack = (
        duty("a", 0.1, yields_to=("b", "c")),
        duty("b", 0.2, yields_to=("c",)),
        duty("c", 0.3),
    )
    assert problems(*stack) == []
    assert total(*stack) == pytest.approx(0.3 * VALUE)


def test_layers_that_never_meet_need_no_rule():
    here, there = np.array([[[0.1, 0.0]]]), np.array([[[0.0, 0.2]]])
    none = np.zeros((1, 1, 2))
    stack = (
        Duty("a", "tariff", here, none, yields_to=("b",)),
        Duty("b", "tariff", there, none, yields_to=("a",)),
    )
    assert problems(*stack) == []
    assert sum(d.rate for d in charged(stack)).tolist() == [[[0.1, 0.2]]]


def test_one_rule_for_each_layer():
    fields = {"good": "ore", "destinations": ["all"], "rate": "5 %"}
    said = refused(Tariff, **fields, yields_to=["mfn"], higher_of=["mfn"])
    assert said == "'mfn' stands in 'yields_to' and in 'higher_of'"


def test_a_scenario_names_the_field():
    stated = {"kind": "tariff", "good": "metal", "destinations": ["South"], "rate": "5 %"}
    with pytest.raises(InputError) as caught:
        pricing.solve(scenario_on(hand_chain(), stated | {"yields_to": ["section_9"]}))
    (fault,) = caught.value.faults
    assert fault.field == "policies.p0.yields_to"
    assert "mfn" in fault.remedy


def test_rows_of_a_table_agree_with_single_solves():
    """Also where the duty that others give way to is zero in one row."""
    first = {"id": "first", "kind": "tariff", "good": "metal", "destinations": ["South"]}
    base = scenario_on(
        hand_chain(),
        first | {"rate": "10 %"},
        first | {"id": "second", "rate": "20 %", "yields_to": ["first"]},
    )
    rates = ["0 %", "5 %", "30 %"]
    many = pricing.solve_many(base, {"policies.first.rate": rates})
    for n, rate in enumerate(rates):
        alone = pricing.solve(base.but({"policies.first.rate": rate}))
        assert many[n].solved.state.landed == pytest.approx(alone.solved.state.landed, rel=1e-9)


def stacked(**layers: Any) -> pricing.Scenario:
    """MFN 5 %, 301 of 25 % and a surcharge of 40 % of the chain itself, on all metal into South."""
    rows = [("mfn", "5 %"), ("section_301", "25 %"), ("surcharge", "40 %")]
    data = hand_data() | {"duty_layers": layers}
    data["duties"] = [
        {"layer": layer, "good": "metal", "importer": "South", "rate": rate, "source": "test"}
        for layer, rate in rows
    ]
    return scenario_on(Chain.model_validate(data))


@pytest.mark.parametrize(
    ("layers", "rate"),
    [
        ({}, 0.70),
        ({"surcharge": {"yields_to": ["section_301"]}}, 0.30),
        ({"surcharge": {"higher_of": ["mfn"]}}, 0.65),
        ({"surcharge": {"higher_of": ["mfn", "section_301"]}}, 0.40),
    ],
)
def test_layers_of_a_chain_meet_as_it_says(layers: dict[str, Any], rate: float) -> None:
    """The base year is landed with what is charged, and comes back."""
    result = pricing.solve(stacked(**layers))
    state, network = result.solved.state, result.solved.program.network
    north, south = network.regions.index("North"), network.regions.index("South")
    metal = network.goods.index("metal")
    fob = float(state.price[0, metal, north]) * (1.0 + network.export_vat[metal, north, south])
    cif = fob * (1.0 + network.insurance[metal, north, south])
    cif += float(network.freight[metal, north, south])
    value = fob if network.customs_fob[south] else cif

    assert state.landed[0, metal, north, south] == pytest.approx(cif + rate * value, rel=1e-10)
    assert all(check.passed for check in result.accounts.checks)
    made = np.isfinite(network.price)
    assert state.price[0][made] == pytest.approx(network.price[made], rel=1e-9)


def test_a_tariff_gives_way_to_a_layer_that_is_charged() -> None:
    """The surcharge of the chain yields to 301; a tariff that yields to 301 as well is not charged
    either, one that yields to the surcharge is refused: whether it is charged is not said."""
    base = stacked(surcharge={"yields_to": ["section_301"]})
    plain = {"kind": "tariff", "good": "metal", "origins": ["North"], "destinations": ["South"]}
    rate = plain | {"rate": "34 %"}
    both = pricing.solve(
        scenario_on(base.chain, rate | {"yields_to": ["section_301", "surcharge"]})
    )
    assert both.solved.state.price == pytest.approx(pricing.solve(base).solved.state.price)
    with pytest.raises(InputError, match="which yields to 'section_301' on the same route"):
        pricing.solve(scenario_on(base.chain, rate | {"yields_to": ["surcharge"]}))


def test_rules_name_layers_of_the_chain_and_do_not_contradict() -> None:
    with pytest.raises(ValueError, match="no other layer of duties is called 'section_232'"):
        stacked(surcharge={"yields_to": ["section_232"]})
    with pytest.raises(InputError, match="both include another layer") as caught:
        pricing.solve(stacked(surcharge={"higher_of": ["mfn"]}, section_301={"higher_of": ["mfn"]}))
    assert caught.value.faults[0].field.startswith("duty_layers.")
