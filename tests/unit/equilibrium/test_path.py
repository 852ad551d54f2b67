"""The path from the base year: its derivatives, its turns, and draws that only it solves."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.policies import scenario
from benchmarks.robustness import CASES_PER_CHAIN, Draws
from pricing.equilibrium import solver
from pricing.equilibrium.build import build, world
from pricing.equilibrium.path import Path, Spot
from pricing.equilibrium.program import Program
from pricing.equilibrium.pulled import Pulled
from pricing.equilibrium.starts import start
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import quantity, random_chain, scenario_on


def drawn(seed: int, case: int) -> Program:
    """One case of ``benchmarks/robustness.py --random-chains``."""
    chain = Draws(seed, None).chain_of(case // CASES_PER_CHAIN)
    plain = ScenarioDocument(id="plain", title="plain", description="plain", chain="random")
    data = scenario(world(chain, plain).network, "random", [seed, case])
    document = ScenarioDocument.model_validate(data)
    return build(document, world(chain, document).network)


def levies(price: float = 60e3) -> Program:
    policy = {
        "kind": "reference_price",
        "zone": ["r1", "r2"],
        "level": {"kind": "fixed", "prices": {"g1": quantity(price, "USD/t")}},
        "mechanism": {"kind": "uniform_levy"},
    }
    case = scenario_on(random_chain(3, 3, 4, least=0.05), policy)
    return build(case.document, world(case.chain, case.document).network)


class Recorded(Path):
    """A path that keeps its pulls."""

    def __init__(self, program: Program, anchor: np.ndarray) -> None:
        super().__init__(program, anchor)
        self.log_pulls: list[float] = []

    def _advance(self, spot: Spot, orientation: float, length: float) -> tuple[Spot, float] | None:
        self.log_pulls.append(spot.log_pull)
        return super()._advance(spot, orientation, length)


def corrected(conditions: Pulled, z: np.ndarray, log_pull: float) -> np.ndarray:
    """The solution at a pull, by Newton steps from close by."""
    for _ in range(20):
        piece = conditions.at(z, log_pull)
        if piece.size < 1e-13:
            break
        z = z + piece.towards()
    assert piece.size < 1e-12
    return z


def test_derivative_along_the_path() -> None:
    """How a solution moves with the pull, against two solutions nearby."""
    program = levies()
    conditions = Pulled(program, start(program))
    z = corrected(conditions, start(program), float(np.log(1e2)))
    for log_pull in np.log([30.0, 10.0, 3.0]):
        z = corrected(conditions, z, float(log_pull))
    small = 1e-5
    apart = [corrected(conditions, z, log_pull + way * small) for way in (1.0, -1.0)]
    slope = (apart[0] - apart[1])[0] / (2.0 * small)
    along = conditions.at(z, log_pull).along()
    assert np.abs(slope).max() > 1e-3
    np.testing.assert_allclose(along, slope, rtol=1e-5, atol=1e-7)


# Draws on which Newton steps, interior points, rising ceilings of levies and levies one at a time
# had all failed: two joint-product chains, quotas beside a purchase, and a budget.
@pytest.mark.slow
@pytest.mark.parametrize("case", [56, 94, 315, 630])
def test_draws_that_defeated_every_other_method(case: int) -> None:
    program = drawn(11, case)
    z, _, diagnostics = solver.solve(program)
    assert solver.distance(program, z) <= 1e-8
    assert diagnostics.residual <= 1e-8


@pytest.mark.slow
def test_a_path_that_turns_back() -> None:
    """The pull rises for a while, and the path still arrives."""
    program = drawn(11, 1320)
    path = Recorded(program, start(program))
    search = solver._Search(program)
    path.follow(search.exact)
    assert (np.diff(path.log_pulls) > 0.0).sum() > 10
    z, _, _ = solver.solve(program)
    assert solver.distance(program, z) <= 1e-8


def test_a_path_that_is_lost_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    program = levies()
    monkeypatch.setattr(Path, "_step", lambda *_: (None, 8))
    search = solver._Search(program)
    assert Path(program, start(program)).follow(search.exact) is None
