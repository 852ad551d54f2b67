"""Solves per second in batches, one process a core, against the stated rates.

NdFeB: reference prices at all stages by border levies, a guarantee with a cap, an import quota and
a public purchase on twelve regions, with prices, strike and quota drawn; at least 5,000 solves a
second on two cores, goal 20,000. Spatial family of four stages and ten regions with drawn duties:
at least 3,000, goal 8,000. Counted is everything from the drawn numbers to unknowns whose residual
was checked: reading and checking the numbers of every row, what the policies add, and the solve.
States and accounts are computed when they are asked for and are not counted, and neither is the
half second in which a process reads compiled steps.

A rate is stated for processes, one a core, and once for threads of one process, whose Python parts
take turns. Solves per second of processor time say what a core does where other work runs too.

Usage: ``python benchmarks/throughput.py [--cases 2000] [--workers 2]``.
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
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

import pricing
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


def work(name: str, cases: int, seed: int, threads: int = 1) -> tuple[float, float, Counter[str]]:
    """Seconds of one worker, of its processor, and how many cases each method solved."""
    scenario, table = MAKERS[name](cases, seed)
    pricing.warm_up(scenario)  # compiled steps, where the extra `fast` is installed
    pricing.solve_many(scenario, {path: values[:8] for path, values in table.items()})
    begin, used = time.perf_counter(), time.process_time()
    batch = pricing.solve_many(scenario, table, threads=threads)
    seconds, used = time.perf_counter() - begin, time.process_time() - used
    return (
        seconds,
        used,
        Counter("unsolved" if found is None else str(found.method) for found in batch.diagnostics),
    )


def main() -> int:
    """Read the arguments, run, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000, help="cases a worker and round")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    workers, cases = options.workers, options.cases
    print(f"{platform.machine()}, Python {platform.python_version()}, {workers} workers")
    short = False
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for name, (least, goal) in LEAST.items():
            rates, cores, methods = [], [], Counter[str]()
            for round_ in range(ROUNDS):
                seeds = [round_ * workers + n for n in range(workers)]
                found = list(pool.map(work, [name] * workers, [cases] * workers, seeds))
                rates.append(sum(cases / seconds for seconds, _, _ in found))
                cores += [cases / used for _, used, _ in found]
                methods.update(sum((count for _, _, count in found), Counter()))
            middle, total = statistics.median(rates), sum(methods.values())
            shares = ", ".join(f"{how} {n / total:.1%}" for how, n in methods.most_common())
            threaded = cases / work(name, cases, 0, workers)[0]
            print(
                f"{name:<8} {middle:7,.0f} /s [{min(rates):,.0f} to {max(rates):,.0f}], "
                f"{middle / workers:,.0f} a core, {statistics.median(cores):,.0f} a second of "
                f"processor time; stated {least:,}, goal {goal:,}"
            )
            print(f"         {shares}; {workers} threads of one process {threaded:,.0f} /s")
            short |= middle < least or methods["unsolved"] > 0
    return int(short)


if __name__ == "__main__":
    sys.exit(main())
