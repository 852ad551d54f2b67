"""Solved examples for the accounts: small markets and random chains with every kind of cost."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from benchmarks.policies import scenario as draw
from pricing.accounts import Accounts, account
from pricing.chains.schema import Chain
from pricing.equilibrium.build import active_policies, build, world
from pricing.equilibrium.solver import solve
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import quantity, random_chain, scenario_on

ZONE = {"zones": {"zone": ["r1", "r2", "r3"]}}


def accounts_of(scenario: Scenario, **parts: Any) -> Accounts:
    """Accounts of a scenario object."""
    document, chain = scenario.document, scenario.chain
    here = world(chain, document)
    program = build(document, here.network)
    return account(
        program,
        solve(program)[1],
        here.reference.program,
        here.reference.state,
        policies=active_policies(document),
        **parts,
    )


def taxed_chain(seed: int, stages: int = 3, regions: int = 6) -> Chain:
    """A random chain with two duty layers, a specific duty, unrefunded VAT and inland costs."""
    data = random_chain(seed, stages, regions, least=0.1).model_dump()
    source = {"source": "test"}
    data["duties"] = [
        {"layer": "mfn", "good": "all", "importer": "all", "rate": quantity(0.6, "%"), **source},
        {
            "layer": "extra",
            "good": "g0",
            "importer": "r1",
            "origin": "r0",
            "rate": quantity(1.0, "%"),
            "specific": quantity(3.0, "USD/t"),
            **source,
        },
    ]
    data["export_vat"] = [{"good": "all", "region": "r0", "rate": quantity(0.4, "%"), **source}]
    data["inland"] = [{"cost": quantity(2.0, "USD/t"), **source}]
    return Chain.model_validate(data)


def random_accounts(seed: int, number: int, chain: Chain) -> Accounts:
    """Accounts of a random draw of policies on a chain; refusals are passed on."""
    blank = scenario_on(chain)
    network = world(chain, blank.document).network
    document = ScenarioDocument.model_validate(draw(network, "test", [seed, number]))
    return accounts_of(Scenario(document, chain))


def floor(mechanism: dict[str, Any], **levels: float) -> dict[str, Any]:
    """A reference price in the zone."""
    return {
        "kind": "reference_price",
        "zone": ["zone"],
        "level": {
            "kind": "fixed",
            "prices": {good: quantity(level, "USD/t") for good, level in levels.items()},
        },
        "mechanism": mechanism,
    }


def levels(chain: Chain, factor: float) -> dict[str, float]:
    """Benchmark price of every good times a factor."""
    network = world(chain, scenario_on(chain).document).network
    return {
        good: float(price) * factor
        for good, price in zip(network.goods, network.setting.price_scale, strict=True)
    }


def passed(accounts: Accounts) -> dict[str, bool]:
    """Name of each check and whether it passed."""
    return {check.name: check.passed for check in accounts.checks}


BORDER = {"kind": "border_levy"}


@lru_cache(maxsize=8)
def floored(capture=0.0, factor=1.3):
    """A border floor at every stage of a random chain."""
    chain = random_chain(5, 3, 6, least=0.1)
    mechanism = {**BORDER, "rent_capture": quantity(capture, "1")}
    return accounts_of(scenario_on(chain, floor(mechanism, **levels(chain, factor)), **ZONE))


def codes(accounts):
    return [warning.code for warning in accounts.warnings]
