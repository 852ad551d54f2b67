"""Chains and scenarios from plain data, which a program puts together."""

from __future__ import annotations

import pytest

import pricing
from pricing.errors import InputError
from tests.support.chains import SOURCES, two_lines

CHAIN = two_lines(2.0, 60.0, 1.0, 1.0)
DATA = CHAIN.model_dump(mode="json", exclude_none=True)
CASE = {"id": "case", "title": "case", "description": "case", "sources": SOURCES}
SUBSIDY = {"kind": "production_subsidy", "id": "paid", "source": "test", "good": "wheat"}


def test_plain_data_are_solved_like_a_file() -> None:
    """Supply ``30 P`` and demand ``120 - 30 P``: 0.50 USD/t paid to makers lower 2 to 1.75."""
    policies = [SUBSIDY | {"region": "Home", "amount": "0.5 USD/t"}]
    scenario = pricing.Scenario.on(pricing.load_chain(DATA), CASE | {"policies": policies})
    assert pricing.solve(scenario).solved.state.price[0, 0, 0] == pytest.approx(1.75, rel=1e-9)


def test_faults_of_a_chain_in_plain_data_have_their_place() -> None:
    bread = DATA["demands"][0]
    with pytest.raises(InputError, match="unknown good 'corn'") as caught:
        pricing.load_chain(DATA | {"demands": [bread | {"good": "corn"}]})
    assert "demands.0.good" in {fault.field for fault in caught.value.faults}
    with pytest.raises(InputError, match="no entry 'nowhere' in 'sources'"):
        pricing.load_chain(DATA | {"demands": [bread | {"source": "nowhere"}]})


def test_faults_of_a_scenario_in_plain_data_come_at_once() -> None:
    policies = [SUBSIDY | {"region": "Hme", "amount": "0.5 apples"}]
    with pytest.raises(InputError) as caught:
        pricing.Scenario.on(CHAIN, CASE | {"policies": policies})
    problems = " ".join(fault.problem for fault in caught.value.faults)
    assert "'Hme'" in problems
    assert "'apples'" in problems
