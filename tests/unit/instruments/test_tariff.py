"""Tariff: rates on the arcs that it covers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from pydantic import ValidationError

from pricing.instruments.tariff import Tariff
from tests.support.settings import (
    LEFT,
    MINE,
    ORE,
    PORT,
    RIGHT,
    applied,
    only_fault,
    policy,
    refused,
)


def test_rate_and_specific_duty_at_the_border_only():
    duty = policy(
        Tariff,
        good="ore",
        origins=["Mine", "Left"],
        destinations=["club"],
        rate="5 %",
        specific="2 USD/kg",
    )
    terms = applied(duty)
    (found,) = terms.duties

    assert (found.policy, found.instrument) == ("p", "tariff")
    pays = np.zeros((3, 4, 4))
    pays[ORE, MINE, [LEFT, RIGHT]] = 1.0  # Left to Right stays inside the union
    assert found.rate == pytest.approx(0.05 * pays)
    assert found.specific == pytest.approx(2000.0 * pays)
    assert [*terms.limits, *terms.top_ups, *terms.supports, *terms.closed] == []


def test_everyone_pays_if_no_origin_is_named():
    (found,) = applied(policy(Tariff, good="ore", destinations=["Port"], rate="0.1 1")).duties

    assert found.rate[ORE, :, PORT].tolist() == [0.1, 0.1, 0.1, 0.0]
    assert found.rate.sum() == pytest.approx(0.3)
    assert not found.specific.any()


def test_a_specific_duty_in_another_basis():
    stated = {"value": 10.0, "unit": "USD/t", "basis": "t contained"}
    (found,) = applied(policy(Tariff, good="ore", destinations=["Port"], specific=stated)).duties

    assert found.specific[ORE, MINE, PORT] == 5.0
    assert not found.rate.any()


def test_it_needs_a_number():
    assert (
        refused(Tariff, good="ore", destinations=["all"]) == "a tariff needs 'rate' or 'specific'"
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"good": "oar"}, "policies.p.good"),
        ({"origins": ["x"]}, "policies.p.origins"),
        ({"destinations": ["x"]}, "policies.p.destinations"),
        ({"specific": {"value": 1, "unit": "USD/t", "basis": "x"}}, "policies.p.specific"),
    ],
)
def test_unknown_names(change: dict[str, object], field: str):
    stated = {"good": "ore", "destinations": ["Port"], "rate": "5 %"} | change

    assert only_fault(policy(Tariff, **stated)).field == field


@pytest.mark.parametrize("start", [0, 86400, "86400", 2026, "2026", 1.5, True])
def test_a_number_is_no_day(start: object):
    """Pydantic alone reads seconds since 1970."""
    places = {"good": "ore", "destinations": ["Left"], "rate": "5 %"}
    with pytest.raises(ValidationError, match="is no day: write year, month and day"):
        policy(Tariff, **places, start=start)


def test_days_are_read_as_they_are_written():
    places = {"good": "ore", "destinations": ["Left"], "rate": "5 %"}
    for start in ("2026-02-04", dt.date(2026, 2, 4)):
        assert policy(Tariff, **places, start=start).start == dt.date(2026, 2, 4)
    with pytest.raises(ValidationError):
        policy(Tariff, **places, start="2026-13-04")
