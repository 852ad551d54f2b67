"""Price guarantee: a support, and a limit where there is a cap or a budget."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pricing.instruments.price_guarantee import BELOW, PriceGuarantee
from tests.support.settings import LEFT, METAL, MINE, PORT, applied, only_fault, policy, refused

STATED = {"good": "metal", "region": "Left", "strike": "1.5 USD/kg"}


def guarantee(**fields: Any) -> PriceGuarantee:
    return policy(PriceGuarantee, **STATED | fields)


def test_one_sided_on_every_maker():
    terms = applied(guarantee())
    (support,) = terms.supports

    assert support.process.tolist() == [2, 3]
    assert support.good.tolist() == [METAL, METAL]
    assert (support.strike, support.down) == (1500.0, 1.0)
    assert (support.upper, support.up, support.up_cap) == (np.inf, 0.0, np.inf)
    assert support.payer == LEFT
    expected = np.zeros((2, 12))
    expected[:, METAL * 4 + LEFT] = 1.0
    assert support.index.tolist() == expected.tolist()
    assert (support.policy, support.instrument) == ("p", "price_guarantee")
    assert terms.limits == []


def test_two_sided_with_a_capped_upside():
    stated = guarantee(share_down="80 %", upper="2 USD/kg", share_up="30 %", cap_up="1 million USD")
    (support,) = applied(stated).supports

    assert (support.upper, support.up, support.up_cap) == (2000.0, 0.3, 1e6)
    assert support.down == pytest.approx(0.8)


def test_another_index_payer_and_choice_of_plants():
    stated = guarantee(
        index={"kind": "region_price", "region": "Mine"},
        payer="Port",
        processes=["smelt_left_2"],
    )
    (support,) = applied(stated).supports

    assert support.process.tolist() == [3]
    assert support.payer == PORT
    assert np.flatnonzero(support.index).tolist() == [METAL * 4 + MINE]


def test_a_cap_on_tonnes():
    (limit,) = applied(guarantee(cap="20 t/yr")).limits

    assert (limit.constant, limit.condition_scale, limit.upper) == (20.0, 20.0, 1.0)
    assert limit.level[0].tolist() == [2, 3]
    assert limit.level[1].tolist() == [1.0, 0.5]  # tonnes per tonne of level
    assert (limit.acts_on_support, limit.payment) == (0, None)
    assert limit.name == "volume cap of 'p'"


@pytest.mark.parametrize(("rule", "reduced"), [("per_contract", False), ("pro_rata", True)])
def test_a_budget(rule: str, reduced: bool):
    (limit,) = applied(guarantee(budget="2 million USD", budget_rule=rule)).limits

    assert (limit.constant, limit.upper, limit.scale) == (2e6, 1.0, 1.0)
    assert (limit.payment, limit.acts_on_support) == (0, 0)
    assert limit.payment_reduced is reduced
    assert limit.name == "budget of 'p'"


def test_limits_point_at_their_own_support():
    from pricing.instruments.terms import Terms
    from tests.support.settings import setting

    terms = Terms((3, 4))
    guarantee().apply(setting(), terms)
    guarantee(id="q", cap="0 t/yr").apply(setting(), terms)

    assert len(terms.supports) == 2
    assert terms.limits[0].acts_on_support == 1
    assert terms.limits[0].condition_scale == 1.0


def test_four_settlements_are_four_rows_of_a_quarter_of_the_output():
    (support,) = applied(guarantee(settlement="quarterly", spread="30 %")).supports

    assert support.process.tolist() == [2] * 4 + [3] * 4
    assert support.part == 0.25
    assert (support.strike, support.down) == (1500.0, 1.0)
    quarters = support.index[:, METAL * 4 + LEFT]
    assert quarters == pytest.approx([0.7, 0.9, 1.1, 1.3] * 2, rel=1e-15)


def test_a_cap_on_tonnes_counts_every_tonne_once():
    stated = guarantee(settlement="quarterly", spread="30 %", cap="20 t/yr")
    (limit,) = applied(stated).limits

    counted = np.bincount(limit.level[0], limit.level[1])
    assert counted.tolist() == [0.0, 0.0, 1.0, 0.5]


def test_sold_tonnes_point_at_the_share_that_finds_no_buyer():
    support, (unsold, cap) = (
        (terms := applied(guarantee(eligible="sold", cap="20 t/yr"))).supports[0],
        terms.limits,
    )

    market = METAL * 4 + LEFT
    assert (support.unsold, unsold.unsold, cap.unsold) == (0, 0, 0)
    assert (unsold.lower, unsold.upper, unsold.purchases) == (0.0, 1.0, market)
    assert unsold.flow[0].tolist() == [market * 4 + j for j in range(4)]
    assert unsold.flow[1].tolist() == [-1.0] * 4  # conditions take flows with a minus
    assert unsold.level[0].tolist() == [2, 3]
    assert unsold.level[1].tolist() == [1.0, 0.5]
    assert (cap.acts_on_support, unsold.acts_on_support) == (0, None)


TOGETHER = "'settlement: quarterly' and 'spread' go together"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"spread": "10 %"}, TOGETHER),
        ({"settlement": "quarterly"}, TOGETHER),
        ({"settlement": "quarterly", "spread": "101 %"}, "a share lies between 0 and 1"),
        ({"upper": "1.4 USD/kg"}, BELOW),
        ({"share_up": "10 %"}, "'share_up' and 'cap_up' need 'upper'"),
        ({"cap_up": "1 USD"}, "'share_up' and 'cap_up' need 'upper'"),
        ({"cap": "1 t/yr", "budget": "1 USD"}, "give 'cap' (tonnes) or 'budget' (money), not both"),
    ],
)
def test_contradictions(fields: dict[str, str], problem: str):
    assert refused(PriceGuarantee, **STATED | fields).startswith(problem)


def test_strike_and_upper_are_compared_in_one_basis():
    contained = {"value": 180.0, "unit": "USD/t", "basis": "t contained"}  # 90 USD/t of ore
    ore = {"good": "ore", "region": "Mine"}
    fault = only_fault(guarantee(**ore, strike="100 USD/t", upper=contained))
    assert (fault.field, fault.problem) == ("policies.p.upper", BELOW)

    (support,) = applied(guarantee(**ore, strike=contained, upper="100 USD/t")).supports
    assert (support.strike, support.upper) == (90.0, 100.0)


@pytest.mark.parametrize(
    ("fields", "field", "problem"),
    [
        ({"good": "oar"}, "good", "unknown good 'oar'"),
        ({"region": "club"}, "region", "unknown region 'club'"),
        ({"region": "Port"}, "region", "nothing in Port makes metal"),
        ({"payer": "x"}, "payer", "unknown region 'x'"),
        ({"processes": ["smelt_left", "dig"]}, "processes", "dig does not make metal in Left"),
        ({"processes": []}, "processes", "names no process"),
        (
            {"index": {"kind": "region_price", "region": "x"}},
            "index.region",
            "unknown region 'x'",
        ),
        (
            {"index": {"kind": "region_price", "region": "Port"}},
            "index.region",
            "Port makes no metal, so it has no price to index on",
        ),
    ],
)
def test_faults(fields: dict[str, Any], field: str, problem: str):
    fault = only_fault(guarantee(**fields))

    assert (fault.field, fault.problem) == (f"policies.p.{field}", problem)
    assert fault.remedy
