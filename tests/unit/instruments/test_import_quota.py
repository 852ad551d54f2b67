"""Import quota: one limit on the sum of flows, or closed arcs."""

from __future__ import annotations

import numpy as np
import pytest

from pricing.instruments.export_quota import ExportQuota
from pricing.instruments.import_quota import ImportQuota
from pricing.instruments.terms import Wedge
from tests.support.settings import METAL, MINE, PORT, RIGHT, applied, only_fault, policy, refused

STATED = {"good": "metal", "destinations": ["club"], "quota": "3 kt/yr"}


def arc(good: int, origin: int, destination: int) -> int:
    return (good * 4 + origin) * 4 + destination


def test_one_limit_on_all_arcs_together():
    terms = applied(policy(ImportQuota, **STATED))
    (limit,) = terms.limits
    covered = [arc(METAL, i, j) for i in (MINE, PORT) for j in (1, RIGHT)]

    assert limit.acts_on_arcs.tolist() == covered
    assert limit.flow[0].tolist() == covered
    assert limit.flow[1].tolist() == [1.0] * 4
    assert (limit.constant, limit.condition_scale) == (3000.0, 3000.0)
    assert (limit.upper, limit.scale, limit.unit) == (np.inf, 1000.0, "USD/t")
    assert limit.wedge is Wedge.IMPORTER
    assert (limit.policy, limit.instrument) == ("p", "import_quota")
    assert limit.name == "quota 'p' on metal"
    assert terms.closed == []


def test_sellers_may_hold_the_licences():
    terms = applied(policy(ImportQuota, **STATED, origins=["Mine"], rent_to="exporter"))

    assert terms.limits[0].wedge is Wedge.SELLER
    assert terms.limits[0].acts_on_arcs.size == 2


def test_a_quota_of_zero_closes_the_arcs():
    terms = applied(policy(ImportQuota, **STATED | {"quota": "0 t/yr"}))
    ((name, closed),) = terms.closed

    assert (name, terms.limits) == ("p", [])
    assert np.flatnonzero(closed).size == 4


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"good": "oar"}, "policies.p.good"),
        ({"origins": ["x"]}, "policies.p.origins"),
        ({"destinations": ["x"]}, "policies.p.destinations"),
    ],
)
def test_unknown_names(change: dict[str, object], field: str):
    assert only_fault(policy(ImportQuota, **STATED | change)).field == field


@pytest.mark.parametrize("kind", [ImportQuota, ExportQuota])
def test_a_quota_that_is_neither_trade_nor_none_is_refused(kind: type):
    stated = {"good": "metal", "destinations": ["club"], "origins": ["Mine"]}
    least = {**stated, "quota": "1e-24 t/yr"}
    assert applied(policy(kind, **least)).limits[0].constant == 1e-24
    assert refused(kind, **stated, quota="1e-300 t/yr").startswith("a quota below 1e-24 t")
