"""Solve many random policy mixes and count what fails.

Usage: ``python benchmarks/robustness.py --seed 1 --cases 5000``. With ``--random-chains`` every
tenth case gets a new chain of 1 to 6 stages and 2 to 20 regions with elasticities from 0.02, half
of them with a joint product. ``--all-instruments`` adds up to three instruments of any kind and
disguised origins to every mix (``benchmarks/mixes.py``), and duties of the base year to half of the
random chains. Each case must solve to 1e-8 and pass the
six accounting checks, or be refused with a reason, or have no equilibrium with a certificate. Exit
code 1 if any case does not, or if more than 2 % are refused.

A long run may be made in parts: with ``--records FILE`` every case leaves a line in FILE, and cases
that are there are not solved again; ``--seconds N`` stops after about N seconds; ``--processes 2``
uses two cores. The table counts every case in the file.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # small matrices run slower on two threads
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import platform
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import pricing
from benchmarks import mixes, policies
from benchmarks.policies import in_the_long_run
from pricing.chains.schema import Chain
from pricing.equilibrium.build import world
from pricing.errors import InfeasibleError, InputError, NoEquilibriumError, NoRegimeError
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import LAWS, random_chain
from tests.support.duties import with_duties
from tests.support.joint_chains import with_joint_product

MOST_REFUSED = 0.02
CASES_PER_CHAIN = 10
SHOWN = 20
LONGEST = 400
"""Characters of a reason that are printed; the records have all of it."""


@dataclass(frozen=True)
class Record:
    """What became of one case."""

    case: int
    outcome: str
    """``solved``, ``check failed``, ``refused``, ``infeasible`` (certified) or ``unsolved``."""
    reason: str
    seconds: float
    """CPU time: other work on the machine does not count."""
    residual: float
    method: str
    steps: int


@dataclass(frozen=True)
class Draws:
    """The cases of one seed."""

    seed: int
    chain: str | None
    """Name of the chain; random chains where None."""
    every: bool = False
    """Whether any instrument may be drawn, or the six plain ones."""

    def chain_of(self, group: int) -> Chain:
        """The named chain, or the random chain of a group of cases."""
        if self.chain is not None:
            return pricing.load_chain(self.chain)
        rng = np.random.default_rng([self.seed, group])
        stages, regions = int(rng.integers(1, 7)), int(rng.integers(2, 21))
        seed = int(rng.integers(2**31))
        joint, curves = rng.random() < 0.5, bool(rng.random() < 0.5)
        curves = curves and not joint
        made = random_chain(seed, stages, regions, least=0.02, laws=LAWS, curves=curves)
        made = with_joint_product(made, seed) if joint else made
        return with_duties(made, seed) if self.every and rng.random() < 0.5 else made

    def solve(self, group: int, cases: list[int]) -> list[Record]:
        """Solve some cases of one group."""
        name, chain = self.chain or "random", self.chain_of(group)
        plain = ScenarioDocument(id="plain", title="plain", description="plain", chain=name)
        network = world(chain, plain).network
        records = []
        for case in cases:
            draw = mixes.scenario if self.every else policies.scenario
            drawn = draw(network, name, [self.seed, case])
            document = in_the_long_run(drawn, network, [self.seed, case])
            records.append(_solve(case, Scenario(ScenarioDocument.model_validate(document), chain)))
        return records


def _solve(case: int, drawn: Scenario) -> Record:
    begin = time.process_time()
    try:
        result = pricing.solve(drawn)
    except InputError as error:
        return Record(case, "refused", str(error), 0.0, 0.0, "", 0)
    except NoEquilibriumError as error:
        seconds = time.process_time() - begin
        proved = isinstance(error, InfeasibleError) or (
            isinstance(error, NoRegimeError) and error.complete
        )
        outcome = "infeasible" if proved else "unsolved"
        return Record(case, outcome, str(error), seconds, 0.0, "", 0)
    seconds = time.process_time() - begin
    found = result.diagnostics
    failed = [check.name for check in result.accounts.checks if not check.passed]
    outcome = "check failed" if failed else "solved"
    parts = (", ".join(failed), seconds, found.residual, str(found.method), found.iterations)
    return Record(case, outcome, *parts)


def run(draws: Draws, cases: int, path: Path | None, seconds: float, processes: int) -> int:
    """Solve what is not on file yet, print a table, return the exit code."""
    records = _read(path)
    left = [case for case in range(cases) if case not in records]
    groups: dict[int, list[int]] = {}
    for case in left:
        groups.setdefault(case // CASES_PER_CHAIN, []).append(case)
    for new in _solved(draws, groups, time.monotonic() + seconds, processes):
        records.update((record.case, record) for record in new)
        if path is not None:
            with path.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(record)) + "\n" for record in new)
    return _print(draws, cases, [records[case] for case in sorted(records)])


def _read(path: Path | None) -> dict[int, Record]:
    if path is None or not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {record.case: record for record in (Record(**json.loads(line)) for line in lines)}


def _solved(
    draws: Draws, groups: dict[int, list[int]], deadline: float, processes: int
) -> Iterator[list[Record]]:
    """Records of groups as they are done, none begun after the deadline."""
    waiting = iter(groups.items())
    with ProcessPoolExecutor(processes) as pool:
        running = {pool.submit(draws.solve, *group) for group in _first(waiting, processes)}
        while running:
            done = next(as_completed(running))
            running.remove(done)
            yield done.result()
            if time.monotonic() < deadline:
                running |= {pool.submit(draws.solve, *group) for group in _first(waiting, 1)}


def _first(waiting: Iterator[tuple[int, list[int]]], count: int) -> Iterator[tuple[int, list[int]]]:
    for _, group in zip(range(count), waiting, strict=False):
        yield group


def _print(draws: Draws, cases: int, records: list[Record]) -> int:
    """Print the table and what went wrong; the exit code."""
    done = max(len(records), 1)
    what = draws.chain or "random chains"
    print(f"seed {draws.seed}, {what}: {len(records)} of {cases} cases")
    print(f"  {platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}")
    outcomes = Counter({"solved": 0, "unsolved": 0, "check failed": 0})
    outcomes.update(record.outcome for record in records)
    solved = [r for r in records if r.outcome in ("solved", "check failed")]
    methods = Counter(f"by {record.method}" for record in solved)
    for name, count in [*outcomes.most_common(), *methods.most_common()]:
        print(f"  {name:<16}{count:>7}  {100.0 * count / done:6.2f} %")
    if solved:
        print(f"  worst residual  {max(record.residual for record in solved):.1e}")
        times = 1e3 * np.array([record.seconds for record in records if record.seconds > 0.0])
        quantiles = np.percentile(times, [50, 95, 99, 100])
        names = ("median", "95 %", "99 %", "slowest")
        line = ", ".join(f"{n} {q:.0f}" for n, q in zip(names, quantiles, strict=True))
        print(f"  CPU time [ms]   {line}")
        slow = sorted(solved, key=lambda record: -record.seconds)[:3]
        print("  slowest cases   " + ", ".join(f"{r.case} ({r.seconds:.1f} s)" for r in slow))
    refused = Counter(r.reason.splitlines()[0] for r in records if r.outcome == "refused")
    kinds: Counter[str] = Counter()
    for reason, count in refused.items():
        kinds[_kind(reason)] += count
    for reason, count in kinds.most_common(SHOWN):
        print(f"  refused {count:>5}: {reason}")
    bad = [r for r in records if r.outcome in ("unsolved", "check failed")]
    for record in bad[:SHOWN]:
        print(f"  {record.outcome} {record.case}: {record.reason[:LONGEST]}")
    return int(bool(bad) or outcomes["refused"] > MOST_REFUSED * done)


def _kind(reason: str) -> str:
    """A reason without the names in it, so that equal reasons add up."""
    words = reason.split(": ", 1)[-1].split()
    return " ".join(
        "..." if "'" in word or any(c.isdigit() for c in word) else word for word in words
    )


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--chain", default="ndfeb")
    parser.add_argument("--random-chains", action="store_true")
    parser.add_argument("--all-instruments", action="store_true")
    parser.add_argument("--records", type=Path, help="file of finished cases, one JSON line each")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    chain = None if options.random_chains else options.chain
    draws = Draws(options.seed, chain, options.all_instruments)
    return run(draws, options.cases, options.records, options.seconds, options.processes)


if __name__ == "__main__":
    sys.exit(main())
