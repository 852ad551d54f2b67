"""The hash of a scenario changes with everything that can move a result, and with nothing else."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.scenarios.scenario import Scenario
from pricing.scenarios.schema import ScenarioDocument
from tests.support.hand import hand_chain, rich


def numbers_in(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Places of every number below."""
    if isinstance(data, dict):
        return [place for key, item in data.items() for place in numbers_in(item, (*path, key))]
    if isinstance(data, list):
        return [place for n, item in enumerate(data) for place in numbers_in(item, (*path, n))]
    return [path] if isinstance(data, float) else []


def again(data: dict[str, Any]) -> Scenario:
    return Scenario(ScenarioDocument.model_validate(data), rich().chain)


PLACES = numbers_in(rich().data())


class TestHash:
    def test_it_is_the_same_every_time(self):
        assert rich().hash == again(rich().data()).hash
        assert len(rich().hash) == 64

    @pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
    def test_every_number_counts(self, place: tuple[Any, ...]):
        data = copy.deepcopy(rich().data())
        node = data
        for part in place[:-1]:
            node = node[part]
        node[place[-1]] = node[place[-1]] * (1.0 - 1e-12) or 1e-12

        assert again(data).hash != rich().hash

    @given(st.sampled_from(PLACES), st.floats(0.01, 0.99))
    @settings(max_examples=40, deadline=None)
    def test_by_any_amount(self, place: tuple[Any, ...], factor: float):
        data = copy.deepcopy(rich().data())
        node = data
        for part in place[:-1]:
            node = node[part]
        before = node[place[-1]]
        node[place[-1]] = before * factor
        if place[-2] == "upper":  # the upper price stays above the strike
            node[place[-1]] = before * (1.0 + factor)

        assert (again(data).hash == rich().hash) == (node[place[-1]] == before)

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("assumptions.case", "high"),
            ("assumptions.horizon", "long"),
            ("assumptions.year", 2030),
            ("assumptions.existing_duties", False),
            ("assumptions.latent", []),
            ("policies.p0.start", "2030-01-01"),
            ("policies.p0.destinations", ["North"]),
            ("policies.p1.budget_rule", "pro_rata"),
            ("policies.p3.rent_to", "exporter"),
            ("policies.p4.mechanism.pooled", True),
            ("policies.p0", None),
        ],
    )
    def test_every_choice_counts(self, path: str, value: Any):
        assert rich().but({path: value}).hash != rich().hash

    def test_names_for_people_do_not_count(self):
        named = rich().but(id="other", title="Other", description="Other", chain_hash="0" * 64)

        assert named.hash == rich().hash

    def test_the_chain_counts(self):
        other = replace(rich(), chain=hand_chain(("freight.0.cost.value", 10.001)))

        assert other.hash != rich().hash
