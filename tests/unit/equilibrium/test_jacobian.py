"""Derivatives against finite differences, with every kind of limit and support switched on."""

from __future__ import annotations

import pytest

from benchmarks.policies import scenario
from pricing.economics.sourcing import Law
from pricing.equilibrium.build import build, world
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import LAWS, random_chain, scenario_on, with_contracts
from tests.support.every_instrument import chain as small_chain
from tests.support.every_instrument import duty_by_content, policy
from tests.support.jacobians import against_differences


@pytest.mark.parametrize("case", range(18))
def test_matches_central_differences(case: int) -> None:
    laws = LAWS if case > 14 else (Law.LOGIT,)
    chain = random_chain(100 + case, 3, 6, least=0.3, laws=laws, curves=case > 11)
    if case % 2:
        chain = with_contracts(chain, case)
    plain = ScenarioDocument(id="p", title="p", description="p", chain="test")
    draw = scenario(world(chain, plain).network, "test", [4, case])
    document = ScenarioDocument.model_validate(draw)
    program = build(document, world(chain, document).network)
    against_differences(program, seed=case)


@pytest.mark.parametrize("law", [Law.LOGIT, Law.ARMINGTON])
@pytest.mark.parametrize(
    "kind", ["stepped_safeguard", "entry_price", "full_value", "embedded_reference_gap"]
)
def test_a_levy_that_counts_a_duty_beyond_the_ordinary_ones(kind: str, law: Law) -> None:
    found, levy = small_chain(law), policy("reference_price", 1.0, "levy", law)
    content = kind in ("full_value", "embedded_reference_gap")
    duty = duty_by_content(kind, "duty") if content else policy(kind, 0.75, "duty", law)
    document = scenario_on(found, levy, duty).document
    program = build(document, world(found, document).network)
    assert program.along.following is not None
    against_differences(program, seed=3)
