"""Intervention purchase: tonnes bought against a floor price."""

from __future__ import annotations

import numpy as np
import pytest

from pricing.instruments.intervention_purchase import InterventionPurchase
from tests.support.settings import LEFT, METAL, applied, only_fault, policy

STATED = {"good": "metal", "region": "Left", "floor": "1.2 USD/kg"}


def test_one_limit_whose_multiplier_is_the_tonnes_bought():
    terms = applied(policy(InterventionPurchase, **STATED))
    (limit,) = terms.limits

    assert limit.constant == -1200.0
    assert limit.price[0].tolist() == limit.acts_on_balance[0].tolist() == [METAL * 4 + LEFT]
    assert limit.price[1].tolist() == limit.acts_on_balance[1].tolist() == [1.0]
    assert (limit.upper, limit.unit, limit.scale) == (np.inf, "t", 30.0)
    assert limit.condition_scale == 1000.0
    assert (limit.policy, limit.instrument) == ("p", "intervention_purchase")
    assert limit.name == "purchases of metal in Left ('p')"


@pytest.mark.parametrize(
    ("change", "most"),
    [
        ({"cap": "2 t/yr"}, 2.0),
        ({"budget": "3600 USD"}, 3.0),
        ({"cap": "2 t/yr", "budget": "3600 USD"}, 2.0),
        ({"cap": "9 t/yr", "budget": "3600 USD"}, 3.0),
        ({"floor": "0 USD/t", "budget": "3600 USD"}, np.inf),
    ],
)
def test_cap_and_budget(change: dict[str, str], most: float):
    (limit,) = applied(policy(InterventionPurchase, **STATED | change)).limits

    assert limit.upper == pytest.approx(most)


def test_a_floor_in_another_basis():
    floor = {"value": 100.0, "unit": "USD/t", "basis": "t contained"}
    stated = {"good": "ore", "region": "Mine", "floor": floor, "budget": "500 USD"}
    (limit,) = applied(policy(InterventionPurchase, **stated)).limits

    assert (limit.constant, limit.upper) == (-50.0, 10.0)


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"good": "oar"}, "policies.p.good", "unknown good 'oar'"),
        ({"region": "club"}, "policies.p.region", "unknown region 'club'"),
        ({"region": "Port"}, "policies.p.region", "Port has no output of metal to buy"),
    ],
)
def test_faults(change: dict[str, str], field: str, problem: str):
    fault = only_fault(policy(InterventionPurchase, **STATED | change))

    assert (fault.field, fault.problem) == (field, problem)
    assert fault.remedy
