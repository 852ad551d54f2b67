"""A million draws of FORGE with every indicator kept, against the stated bar.

``forge_uncertain``: reference prices at four stages, the anchor and three margins drawn (Sobol),
all indicators written to Parquet. The bar is 6 minutes on two cores with less than 2 GB of memory
and no draw without a solution; goal 90 seconds; quantiles read back in less than a second. With
fewer draws the time of a million is extrapolated: from the rate once the workers have started, and
from their processor time, which says what it takes where nothing else runs.

Usage: ``python benchmarks/million.py [--draws 1000000] [--workers 2] [--keep DIR]``.
"""

from __future__ import annotations

import argparse
import platform
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pricing
from pricing.runs.executors import Processes
from pricing.runs.plan import make_plan, write_plan
from pricing.runs.results import Results
from pricing.runs.run import Progress, collect, run

MILLION = 1_000_000
BAR, GOAL, MEMORY, READ = 360.0, 90.0, 2.0, 1.0
"""Seconds, seconds, GB, seconds."""
STARTING = 4.0
"""Processor time that a worker takes to start [s]."""
INDICATOR = "output(magnet, forge)"


class Clock:
    """Time of the first report and of the last."""

    def __init__(self) -> None:
        self.reports: list[tuple[float, int]] = []

    def __call__(self, progress: Progress) -> None:
        self.reports.append((time.perf_counter(), progress.rows))

    def rate(self) -> float:
        """Draws a second between the first part that is done and the last."""
        (begin, first), (end, last) = self.reports[1], self.reports[-1]
        return (last - first) / (end - begin)


def largest(workers: int) -> float:
    """Memory of this process and, at most, of all workers together [GB]."""
    own, one = (
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return (own + workers * one) * 1024 / 1e9


def main() -> int:
    """Read the arguments, run, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=MILLION)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", metavar="DIR", type=Path, help="where the sweep stays")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp())
    try:
        return measure(folder, options.draws, options.workers)
    finally:
        if options.keep is None:
            shutil.rmtree(folder)


def measure(folder: Path, draws: int, workers: int) -> int:
    """Time every step of a sweep."""
    clock, begin = Clock(), time.perf_counter()
    plan, drawn = make_plan(pricing.load_scenario("forge_uncertain"), draws=draws)
    write_plan(plan, drawn, folder)
    planned = time.perf_counter()
    found = run(folder, Processes(workers), tell=clock)
    ran = time.perf_counter()
    collect(folder)
    collected = time.perf_counter()
    median = Results.of(folder).quantiles(INDICATOR)[2].value
    read = time.perf_counter() - collected
    size = sum(path.stat().st_size for path in (folder / "parts").iterdir()) / draws
    rate, memory = clock.rate() if plan.parts > 1 else draws / (ran - planned), largest(workers)
    whole = ran - begin if draws == MILLION else MILLION / rate
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = (used.ru_utime + used.ru_stime - STARTING * workers) / draws
    print(f"{platform.machine()}, Python {platform.python_version()}, {workers} workers")
    print(
        f"{draws:,} draws, {len(plan.labels)} indicators, {plan.parts} parts of {plan.part_rows:,}"
    )
    print(
        f"plan {planned - begin:.1f} s, run {ran - planned:.1f} s, collect {collected - ran:.1f} s"
    )
    print(f"{rate:,.0f} draws a second once started; {size:,.0f} bytes a draw")
    kind = "measured" if draws == MILLION else "extrapolated"
    print(f"a million: {whole:,.0f} s {kind}; bar {BAR:.0f}, goal {GOAL:.0f}")
    print(
        f"{1e6 * processor:,.0f} microseconds of processor time a draw: a million in "
        f"{processor * MILLION / workers:,.0f} s on {workers} cores that do nothing else"
    )
    print(f"memory at most {memory:.2f} GB; bar {MEMORY}")
    print(f"quantiles of {INDICATOR} read in {read:.2f} s (median {median:,.1f}); bar {READ}")
    print(f"unsolved {found.unsolved}")
    return int(whole > BAR or memory > MEMORY or read > READ or found.unsolved > 0)


if __name__ == "__main__":
    sys.exit(main())
