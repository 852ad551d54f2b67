"""Solves per second in batches, one process a core, against the stated rates.

NdFeB: reference prices at all stages by border levies, a guarantee with a cap, an import quota and
a public purchase on twelve regions, with prices, strike and quota drawn; at least 5,000 solves a
second on two cores, goal 20,000. Spatial family of four stages and ten regions with drawn duties:
at least 3,000, goal 8,000. Counted is everything from the drawn numbers to solved arrays: reading
and checking the documents, what the policies add, and the solve.

Usage: ``python benchmarks/throughput.py [--cases 4000] [--workers 2]``.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # small matrices run slower on two threads
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import platform
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

import pricing
from pricing.equilibrium.batch import solve_together
from pricing.scenarios.scenario import Scenario
from tests.support.chains import quantity, scenario_on
from tests.support.oracles import numbers
from tests.support.spatial import spe_chain

ROUNDS = 5
LEAST = {"ndfeb": (5_000, 20_000), "spatial": (3_000, 8_000)}
"""Stated rate and goal, solves a second on two cores."""


def ndfeb(cases: int, seed: int) -> tuple[Scenario, dict[str, list[str]]]:
    """The NdFeB chain with four kinds of policy and the table of their numbers."""
    base = pricing.load_scenario("forge_oxide_only")
    source = base.document.policies[0].source
    more = [
        {
            "id": "guarantee",
            "kind": "price_guarantee",
            "good": "oxide",
            "region": "United States",
            "strike": quantity(110, "USD/kg"),
            "cap": quantity(5000, "t/yr"),
        },
        {
            "id": "quota",
            "kind": "import_quota",
            "good": "magnet",
            "destinations": ["EU"],
            "quota": quantity(15_000, "t/yr"),
            "rent_to": "importer",
        },
        {
            "id": "purchase",
            "kind": "intervention_purchase",
            "good": "metal",
            "region": "Japan",
            "floor": quantity(70, "USD/kg"),
            "cap": quantity(1000, "t/yr"),
        },
    ]
    policies = [p.model_dump(mode="json", exclude_none=True) for p in base.document.policies]
    full = base.but(policies=[*policies, *({**policy, "source": source} for policy in more)])
    rng = np.random.default_rng(seed)
    return full, {
        "policies.oxide.level.prices.oxide": [f"{v} USD/kg" for v in rng.uniform(60, 130, cases)],
        "policies.guarantee.strike": [f"{v} USD/kg" for v in rng.uniform(60, 140, cases)],
        "policies.quota.quota": [f"{v} t/yr" for v in rng.uniform(8e3, 2e4, cases)],
        "policies.purchase.floor": [f"{v} USD/kg" for v in rng.uniform(50, 90, cases)],
    }


def spatial(cases: int, seed: int) -> tuple[Scenario, dict[str, list[str]]]:
    """A spatial equilibrium of four stages and ten regions with four drawn duties."""
    inputs = numbers("spe_generated_S4_R10_seed0")["inputs"]
    tariffs = [
        {
            "kind": "tariff",
            "good": f"g{s}",
            "destinations": [f"r{2 * s}", f"r{2 * s + 1}"],
            "rate": quantity(10, "%"),
        }
        for s in range(4)
    ]
    rng = np.random.default_rng(seed)
    return scenario_on(spe_chain(inputs), *tariffs), {
        f"policies.p{s}.rate": [f"{v} %" for v in rng.uniform(0, 40, cases)] for s in range(4)
    }


MAKERS = {"ndfeb": ndfeb, "spatial": spatial}


def work(name: str, cases: int, seed: int) -> tuple[float, float, int]:
    """Seconds in all, seconds of solving alone, and unsolved cases of one worker."""
    scenario, table = MAKERS[name](cases, seed)
    first = {path: values[:8] for path, values in table.items()}
    cases_again = pricing.solve_many(scenario, first).cases  # loads the chain, warms caches
    solve_together(cases_again)
    begin = time.perf_counter()
    batch = pricing.solve_many(scenario, table)
    done = time.perf_counter() - begin
    begin = time.perf_counter()
    solve_together(batch.cases)
    return done, time.perf_counter() - begin, len(batch.failures)


def main() -> int:
    """Read the arguments, run, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000, help="cases a worker and round")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, {options.workers} workers")
    short = False
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        for name, (least, goal) in LEAST.items():
            rates, bare, failed = [], [], 0
            for round_ in range(ROUNDS):
                seeds = [round_ * options.workers + n for n in range(options.workers)]
                many = [options.cases] * len(seeds)
                found = list(pool.map(work, [name] * len(seeds), many, seeds))
                rates.append(sum(options.cases / whole for whole, _, _ in found))
                bare.append(sum(options.cases / alone for _, alone, _ in found))
                failed += sum(unsolved for _, _, unsolved in found)
            middle = statistics.median(rates)
            print(
                f"{name:<8} {middle:8,.0f} /s [{min(rates):,.0f} to {max(rates):,.0f}], solving "
                f"alone {statistics.median(bare):,.0f} /s; stated {least:,}, goal {goal:,}; "
                f"unsolved {failed}"
            )
            short |= middle < least or failed > 0
    return int(short)


if __name__ == "__main__":
    sys.exit(main())
