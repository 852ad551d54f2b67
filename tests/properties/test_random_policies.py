"""Random policy mixes: each solves to 1e-8 and passes its checks, or is refused with a reason.

A small sample of what ``benchmarks/robustness.py`` does by the thousand.
"""

from __future__ import annotations

from collections import Counter

import pytest

import pricing
from benchmarks.policies import in_the_long_run, scenario
from pricing.chains.schema import Chain
from pricing.equilibrium.build import world
from pricing.errors import InputError
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import random_chain

PLAIN = ScenarioDocument(id="plain", title="plain", description="plain", chain="test")


def outcomes(chain: Chain, seeds: list[list[int]]) -> Counter[str]:
    network = world(chain, PLAIN).network
    counts: Counter[str] = Counter()
    for seed in seeds:
        drawn = in_the_long_run(scenario(network, "test", seed), network, seed)
        document = ScenarioDocument.model_validate(drawn)
        try:
            result = pricing.solve(Scenario(document, chain))
        except InputError:
            counts["refused"] += 1
            continue
        assert result.diagnostics.residual <= 1e-8, seed
        failed = [check.name for check in result.accounts.checks if not check.passed]
        assert not failed, (seed, failed)
        counts["solved"] += 1
    return counts


@pytest.mark.slow
def test_ndfeb() -> None:
    counts = outcomes(pricing.load_chain("ndfeb"), [[2, case] for case in range(150)])
    assert counts["refused"] <= 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_random_chains(seed: int) -> None:
    chain = random_chain(seed, stages=1 + seed % 4, regions=4 + seed % 7, least=0.02)
    counts = outcomes(chain, [[seed, case] for case in range(12)])
    assert counts["solved"] >= 10
