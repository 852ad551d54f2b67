"""Production quota: one limit on output whose multiplier lowers the margin."""

from __future__ import annotations

import numpy as np
import pytest

import pricing
from pricing.errors import InputError
from pricing.instruments.production_quota import ProductionQuota
from tests.support.chains import line_market, quantity, scenario_on
from tests.support.settings import METAL, applied, only_fault, policy, refused, setting

STATED = {"good": "metal", "regions": ["all"], "quota": "3 kt/yr"}


def test_one_limit_on_all_makers_together():
    (limit,) = applied(policy(ProductionQuota, **STATED)).limits
    makers = np.flatnonzero(setting().output[:, METAL])

    assert limit.level[0].tolist() == makers.tolist()
    assert limit.acts_on_margin[0].tolist() == makers.tolist()
    assert limit.acts_on_margin[1].tolist() == setting().output[makers, METAL].tolist()
    assert (limit.constant, limit.upper, limit.unit) == (3000.0, np.inf, "USD/t")
    assert limit.name == "production quota 'p' on metal"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"good": "oar"}, "policies.p.good"),
        ({"regions": ["x"]}, "policies.p.regions"),
        ({"processes": ["x"]}, "policies.p.processes"),
    ],
)
def test_unknown_names(change: dict[str, object], field: str):
    assert only_fault(policy(ProductionQuota, **STATED | change)).field == field


def test_a_quota_of_zero_is_refused_with_a_way_out():
    problem = refused(ProductionQuota, **STATED | {"quota": "0 t/yr"})
    assert problem == "a quota of zero shuts plants: set their capacity to 0 instead"


def test_a_wide_quota_is_slack_and_a_binding_one_is_a_capacity():
    """Supply -2 + P, demand 14 - P: 6 t at 8; a quota of 4 t does what a capacity of 4 t does."""
    chain = line_market((-2.0, 1.0), (14.0, 1.0), 8.0)
    body = {"kind": "production_quota", "good": "wheat", "regions": ["Home"]}
    for tonnes, rent, regime in ((7.0, 0.0, "slack"), (4.0, 4.0, "binding")):
        result = pricing.solve(scenario_on(chain, body | {"quota": quantity(tonnes, "t/yr")}))
        (row,) = result.accounts.regimes
        assert (row.process, str(row.regime)) == ("farms", regime)
        assert row.value == pytest.approx(rent, abs=1e-9)


def test_the_same_quota_twice_is_refused():
    chain = line_market((-2.0, 1.0), (14.0, 1.0), 8.0)
    body = {
        "kind": "production_quota",
        "good": "wheat",
        "regions": ["Home"],
        "quota": quantity(4.0, "t/yr"),
    }
    with pytest.raises(InputError, match="put the same quota on the same output of farms"):
        pricing.solve(scenario_on(chain, body, body))
