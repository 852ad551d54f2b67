"""Worlds are kept, shared between threads, and let go."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

import pricing
from pricing.equilibrium import build


def test_world_is_made_once_for_the_same_assumptions() -> None:
    scenario = pricing.load_scenario("forge_all_stages")
    first = build.world(scenario.chain, scenario.document)
    other = scenario.but({"policies.reference.level.price": "80 USD/kg"})
    assert build.world(other.chain, other.document) is first
    longer = scenario.but({"assumptions.horizon": "long"})
    assert build.world(longer.chain, longer.document) is not first


def test_faults_of_assumptions_do_not_hide_those_of_policies() -> None:
    scenario = pricing.load_scenario("forge_oxide_only")
    twice = {"good": "magnet", "region": "all", "factor": "90 %", "source": "level_illustrative"}
    wrong = scenario.but(
        {
            "assumptions.benchmark": "nowhere",
            "assumptions.demand": [twice, twice],
            "policies.oxide.zone": ["atlantis"],
            "variants": ["elsewhere"],
            "zones.forge": ["United States", "Mars"],
        }
    )
    found = [fault.problem for fault in build.scenario_faults(wrong.chain, wrong.document)]
    assert found == [
        "unknown region 'Mars'",
        "unknown benchmark 'elsewhere'",
        "demand for 'magnet' in 'all' is scaled 2 times",
        "unknown benchmark 'nowhere'",
        "unknown region or zone 'atlantis'",
    ]


def test_old_worlds_are_let_go() -> None:
    scenario = pricing.load_scenario("baseline")
    regions = scenario.document.zones["forge"]
    for n in range(build._MOST_WORLDS + 3):
        changed = scenario.but({f"zones.z{n}": list(regions)})
        build.world(changed.chain, changed.document)
    assert len(build._WORLDS) == build._MOST_WORLDS


def test_threads_get_the_same_bits() -> None:
    prices = [f"{level} USD/kg" for level in range(70, 110, 5)] * 3
    base = pricing.load_scenario("forge_oxide_only")
    cases = [base.but({"policies.oxide.level.prices.oxide": price}) for price in prices]
    alone = [pricing.solve(case).solved.z for case in cases]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda case: pricing.solve(case).solved.z, cases))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_policies_out_of_force_do_nothing() -> None:
    scenario = pricing.load_scenario("section_301_magnets")
    before = pricing.solve(scenario.but({"assumptions.year": 2024}))
    after = pricing.solve(scenario.but({"assumptions.year": 2026}))
    np.testing.assert_allclose(before.solved.state.flow, before.reference.state.flow, rtol=1e-12)
    assert not np.allclose(after.solved.state.flow, after.reference.state.flow, rtol=1e-3)
