"""Worlds are kept, shared between threads, and let go."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

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
        "scales demand for magnet everywhere, as assumptions.demand.0 does",
        "unknown benchmark 'nowhere'",
        "unknown region or zone 'atlantis'",
    ]


DATA = Path(__file__).resolve().parents[2] / "data"
NOTHING_LEFT = {
    "id": "quota",
    "kind": "import_quota",
    "source": "made_up",
    "good": "magnet",
    "destinations": ["Alpha"],
    "quota": "0 t/yr",
}
"""Alpha makes no magnets; without a choke price its users must have some."""


def test_no_equilibrium_is_no_fault_of_the_document(tmp_path: Path) -> None:
    chain = (DATA / "two_stage.yaml").read_text(encoding="utf-8")
    (tmp_path / "two_stage.yaml").write_text(chain.replace(", choke_multiple: 20 1", ""))
    shutil.copy(DATA / "two_stage_floor.yaml", tmp_path)
    floor = pricing.load_scenario(tmp_path / "two_stage_floor.yaml")

    unserved = pricing.amend(floor, {("policies", "quota"): NOTHING_LEFT})
    with pytest.raises(pricing.NoEquilibriumError, match="use of magnet in Alpha"):
        pricing.solve(unserved)

    (tmp_path / "unserved.yaml").write_text(unserved.to_yaml())
    assert pricing.load_scenario(tmp_path / "unserved.yaml").hash == unserved.hash


def test_old_worlds_are_let_go() -> None:
    scenario = pricing.load_scenario("baseline")
    regions = scenario.document.zones["forge"]
    for n in range(build._MOST_KEPT + 3):
        changed = scenario.but({f"zones.z{n}": list(regions)})
        build.world(changed.chain, changed.document)
    assert len(build._WORLDS) == build._MOST_KEPT


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
