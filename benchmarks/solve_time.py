"""Time of one cold solve of the NdFeB chain with policies, in process.

Cold means from the base year, with nothing kept from an earlier solve of the scenario. The stated
limit is 5 ms for building and solving; calibrating the chain anew and drawing up the accounts are
shown beside it. Usage: ``python benchmarks/solve_time.py``.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # small matrices run slower on two threads
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import platform
import statistics
import sys
import time
from collections.abc import Callable

import pricing
from pricing.chains.calibrate import calibrate
from pricing.equilibrium.build import build, world
from pricing.equilibrium.solver import solve

LIMIT_MS = 5.0
ROUNDS = 40


def timed(work: Callable[[], object]) -> list[float]:
    """Milliseconds of each round, after three to warm up."""
    for _ in range(3):
        work()
    found = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        found.append(1e3 * (time.perf_counter() - begin))
    return found


def shown(milliseconds: list[float]) -> str:
    """Median and spread from the 5th to the 95th percentile."""
    cuts = statistics.quantiles(milliseconds, n=20)
    return f"{statistics.median(milliseconds):7.2f} [{cuts[0]:6.2f}-{cuts[-1]:6.2f}]"


def main() -> int:
    """Print a table; exit code 1 if the median over scenarios is above the limit."""
    print(f"{platform.machine()}, Python {platform.python_version()}, one thread, ms")
    print(f"{'scenario':<26}{'build and solve':>25}{'calibrate':>25}{'accounts':>25}  method")
    medians = []
    for name in pricing.shipped_scenarios():
        scenario = pricing.load_scenario(name)
        if not scenario.document.policies:
            continue
        here = world(scenario.chain, scenario.document)
        solves = timed(lambda s=scenario, w=here: solve(build(s.document, w.network)))
        fits = timed(lambda s=scenario: calibrate(s.chain, s.document.assumptions, {}))
        draws = timed(lambda s=scenario: pricing.solve(s).accounts)
        accounts = [max(total - statistics.median(solves), 0.0) for total in draws]
        method = pricing.solve(scenario).diagnostics.method
        print(f"{name:<26}{shown(solves):>25}{shown(fits):>25}{shown(accounts):>25}  {method}")
        medians.append(statistics.median(solves))
    middle = statistics.median(medians)
    print(f"median over scenarios {middle:.2f} ms, limit {LIMIT_MS} ms")
    return int(middle > LIMIT_MS)


if __name__ == "__main__":
    sys.exit(main())
