"""Solve many random policy mixes and count what fails.

Usage: ``python benchmarks/robustness.py --seed 1 --cases 5000``. With ``--random-chains`` every
tenth case gets a new chain of 1 to 6 stages and 2 to 20 regions with elasticities from 0.02. Each
case must solve to 1e-8 and pass the six accounting checks, or be refused with a reason. Exit code 1
if any case does not, or if more than 2 % are refused.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # small matrices run slower on two threads
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import platform
import sys
import time
from collections import Counter

import numpy as np

import pricing
from benchmarks.policies import scenario
from pricing.chains.schema import Chain
from pricing.equilibrium.build import world
from pricing.errors import InputError, NoEquilibriumError
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import LAWS, random_chain

MOST_REFUSED = 0.02


CASES_PER_CHAIN = 10


def chain_of(case: int, seed: int, name: str | None) -> Chain:
    """The named chain, or the random chain of a case."""
    if name is not None:
        return pricing.load_chain(name)
    rng = np.random.default_rng([seed, case // CASES_PER_CHAIN])
    stages, regions = int(rng.integers(1, 7)), int(rng.integers(2, 21))
    return random_chain(int(rng.integers(2**31)), stages, regions, least=0.02, laws=LAWS)


def run(seed: int, cases: int, chain: str | None) -> int:
    """Solve the cases, print a table, return the exit code."""
    counts: Counter[str] = Counter()
    seconds: list[float] = []
    worst, troubles = 0.0, []
    name = chain or "random"
    plain = ScenarioDocument(id="plain", title="plain", description="plain", chain=name)
    for case in range(cases):
        if case % CASES_PER_CHAIN == 0:
            loaded = chain_of(case, seed, chain)
            network = world(loaded, plain).network
        document = scenario(network, name, [seed, case])
        begin = time.perf_counter()
        try:
            result = pricing.solve(Scenario(ScenarioDocument.model_validate(document), loaded))
        except InputError as error:
            counts["refused"] += 1
            troubles.append(f"refused {document['id']}: {error}"[:160])
            continue
        except NoEquilibriumError as error:
            counts["unsolved"] += 1
            troubles.append(f"unsolved {document['id']}: {error}")
            continue
        seconds.append(time.perf_counter() - begin)
        counts[f"by {result.diagnostics.method}"] += 1
        worst = max(worst, result.diagnostics.residual)
        failed = [check.name for check in result.accounts.checks if not check.passed]
        if failed:
            counts["check failed"] += 1
            troubles.append(f"checks {document['id']}: {', '.join(failed)}")
    _print(seed, cases, counts, worst, seconds, troubles)
    bad = counts["unsolved"] + counts["check failed"]
    return int(bad > 0 or counts["refused"] > MOST_REFUSED * cases)


def _print(
    seed: int,
    cases: int,
    counts: Counter[str],
    worst: float,
    seconds: list[float],
    troubles: list[str],
) -> None:
    milliseconds = 1e3 * np.array(seconds or [np.nan])
    print(f"seed {seed}, {cases} cases, {platform.machine()}, Python {platform.python_version()}")
    for name in sorted(counts):
        print(f"  {name:<16}{counts[name]:>7}  {100.0 * counts[name] / cases:6.2f} %")
    print(f"  unsolved        {counts['unsolved']:>7}")
    print(f"  worst residual  {worst:.1e}")
    middle, high = np.percentile(milliseconds, [50, 95])
    print(f"  solve time      median {middle:.1f} ms, 95th percentile {high:.1f} ms")
    for line in troubles[:20]:
        print("  " + line)


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--chain", default="ndfeb")
    parser.add_argument("--random-chains", action="store_true")
    options = parser.parse_args()
    return run(options.seed, options.cases, None if options.random_chains else options.chain)


if __name__ == "__main__":
    sys.exit(main())
