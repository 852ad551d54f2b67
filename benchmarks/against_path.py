"""Homogeneous goods against PATH, the reference solver for complementarity problems.

Cases are the generated spatial equilibrium of four stages and ten regions (520 unknowns, below the
1,000 of the demo licence that GAMSPy carries) with drawn duties at two importers of each stage.
Both programs solve them on one core from the same start: *cold* from the points through which the
curves are stated, without any trade, and *near* from the solution without drawn duties. PATH runs
in this process on a model instance that is kept, so that only what changes is handed over. Counted
is the processor time of the solves alone. Our rate must be 50 times PATH's, goal 100, and prices
must agree to 1e-7 where goods move.

Growth with regions is measured beside it, six stages, cold, our program alone: in NumPy, and with
compiled steps (the extra ``fast``), the reading of which is not counted.

Usage: ``pip install -e .[oracle]``, then ``python -m benchmarks.against_path [--cases 100]``.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # small matrices run slower on two threads
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import importlib.util
import platform
import statistics
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricing.chains.assumptions import Assumptions
from pricing.chains.baseyear import first_guess, plain
from pricing.chains.calibrate import calibrate
from pricing.chains.network import Network
from pricing.equilibrium import kernel
from pricing.equilibrium.batch import Case, solve_together
from pricing.equilibrium.reduce import assemble
from pricing.equilibrium.solver import solve
from pricing.errors import NoEquilibriumError
from pricing.instruments.terms import Duty, Terms
from tests.support.oracles import numbers
from tests.support.spatial import spe_chain
from tests.support.spe import random_spe

Array = NDArray[np.float64]
Inputs = dict[str, Any]
LEAST, GOAL = 50.0, 100.0
AGREE = 1e-7
"""PATH stops at a residual of 1e-6, which leaves some 1e-8 in prices [1]."""
ROUNDS = 5
REGIONS = (10, 20, 40, 60)
STAGES = 6
LIMIT_MS, GOAL_MS = 200.0, 50.0
"""Stated limit and goal of a cold solve with six stages and sixty regions."""


def network_of(inputs: Inputs) -> Network:
    """The family's chain with no base year: prices and levels of a plausible size, no trade."""
    chain = spe_chain(inputs)
    return calibrate(chain, plain(Assumptions()), {}, first_guess(chain))


def drawn(inputs: Inputs, cases: int, seed: int) -> Array:
    """(cases, S, R, R) duties of 0 to 40 % on top, at two importers of each stage."""
    rng, stages, regions = np.random.default_rng(seed), inputs["S"], inputs["R"]
    more = np.zeros((cases, stages, regions, regions))
    for s in range(stages):
        buyers = [(2 * s) % regions, (2 * s + 1) % regions]
        more[:, s, :, buyers] = rng.uniform(0.0, 0.4, cases)[:, None]
    return np.where(np.eye(regions, dtype=bool), 0.0, more)


def cases_of(network: Network, more: Array) -> list[Case]:
    """One case for each draw of duties."""
    found = []
    for n, rate in enumerate(more):
        terms = Terms((rate.shape[0], rate.shape[1]))
        terms.duties.append(Duty("drawn", "tariff", rate, np.zeros_like(rate)))
        found.append(Case(f"draw {n}", network, terms))
    return found


@dataclass
class Path:
    """The family as a complementarity problem in GAMSPy, kept in memory between solves."""

    model: Any
    duty: Any
    price: Any

    @classmethod
    def of(cls, inputs: Inputs) -> Path:
        """State the problem; solve it without drawn duties."""
        import gamspy as gp

        c = gp.Container()
        s = gp.Set(c, "s", records=[f"s{n}" for n in range(inputs["S"])])
        i = gp.Set(c, "i", records=[f"r{n}" for n in range(inputs["R"])])
        j = gp.Alias(c, "j", i)

        def given(name: str, domain: list[Any]) -> Any:
            return gp.Parameter(c, f"k_{name}", domain=domain, records=np.array(inputs[name]))

        level, cost, eta, cap = (given(n, [s, i]) for n in ("A", "M0", "eta", "K"))
        freight, duty = given("c", [s, i, j]), given("tau", [s, i, j])
        base, top, eps = (given(n, [i]) for n in ("B", "PB", "eps"))
        yields, usual = given("yl", [s]), given("P0", [s])
        ps, pd, y = (gp.Variable(c, n, "positive", domain=[s, i]) for n in ("ps", "pd", "y"))
        x = gp.Variable(c, "x", "positive", domain=[s, i, j])
        sold, bought, profit = (gp.Equation(c, f"e{n}", domain=[s, i]) for n in range(3))
        route = gp.Equation(c, "e3", domain=[s, i, j])
        end = gp.Ord(s) == gp.Card(s)
        final = (base[j] * (pd[s, j] / top[j]) ** (-eps[j])).where[end]
        onward = (y[s + 1, j] / yields[s + 1]).where[gp.Ord(s) < gp.Card(s)]
        input_cost = (pd[s - 1, i] / yields[s]).where[gp.Ord(s) > 1]
        sold[s, i] = y[s, i] >= gp.Sum(j, x[s, i, j])
        bought[s, j] = gp.Sum(i, x[s, i, j]) >= onward + final
        profit[s, i] = (
            cost[s, i] * (y[s, i] / level[s, i]) ** (1 / eta[s, i]) + input_cost >= ps[s, i]
        )
        route[s, i, j] = (1 + duty[s, i, j]) * ps[s, i] + freight[s, i, j] >= pd[s, j]
        y.up[s, i] = cap[s, i]
        y.lo[s, i], pd.lo[s, i] = 1e-6 * level[s, i], 1e-3 * top[i]  # powers need positive bases
        ps.l[s, i], pd.l[s, i], y.l[s, i] = usual[s], usual[s], level[s, i]
        pairs = {sold: ps, bought: pd, profit: y, route: x}
        return cls(gp.Model(c, "spe", problem="MCP", matches=pairs), duty, ps)

    def solve_all(self, rates: Array, *, near: bool) -> tuple[float, list[Array]]:
        """Seconds, and producer prices, of a run over (cases, S, R, R) duties."""
        import gamspy as gp

        if near:
            self.model.solve(solver="path")
        options = gp.FreezeOptions(update_type="base_case")
        self.model.freeze(modifiables=[self.duty])
        seconds, prices = 0.0, []
        for rate in rates:
            self.duty.setRecords(rate)
            begin = time.process_time()
            self.model.solve(solver="path", freeze_options=options)
            seconds += time.process_time() - begin
            if self.model.status.name not in ("OptimalGlobal", "OptimalLocal"):
                raise RuntimeError(f"PATH ended with {self.model.status.name}")
            prices.append(np.array(self.price.toDense()))
        self.model.unfreeze()
        return seconds, prices


def ours(cases: list[Case], guess: Array | None) -> tuple[float, list[tuple[Array, Array]]]:
    """Best seconds of several runs; producer prices and sales (S, R) of each case."""
    best = np.inf
    for _ in range(ROUNDS):
        begin = time.process_time()
        outcomes = solve_together(cases, guess=guess)
        best = min(best, time.process_time() - begin)
    found = []
    for outcome in outcomes:
        if isinstance(outcome, NoEquilibriumError):
            raise outcome
        found.append((outcome.state.price[0], outcome.state.flow[0].sum(axis=2)))
    return best, found


def against(count: int) -> bool:
    """Print rates and differences; whether what is stated is met."""
    inputs = numbers("spe_generated_S4_R10_seed0")["inputs"]
    network, more = network_of(inputs), drawn(inputs, count, seed=1)
    base = solve(assemble("base", network, Terms(more.shape[1:3])))[0]
    cases, rates = cases_of(network, more), np.array(inputs["tau"]) + more
    good = True
    print(f"{count} cases of 4 stages and 10 regions; solves a second on one core")
    for name, guess in (("cold", None), ("near", base)):
        own, found = ours(cases, guess)
        path, prices = min(
            (Path.of(inputs).solve_all(rates, near=name == "near") for _ in range(2)),
            key=lambda run: run[0],
        )
        gap = max(
            float(np.abs(a / b - 1.0)[sales > 1e-4].max())
            for (a, sales), b in zip(found, prices, strict=True)
        )
        ratio = path / own
        print(
            f"{name}: ours {count / own:8,.0f}, PATH {count / path:6,.1f}, ratio {ratio:6.1f} "
            f"(stated {LEAST:.0f}, goal {GOAL:.0f}); largest difference of a price {gap:.1e}"
        )
        good &= ratio >= LEAST and gap <= AGREE
    return good


def growth() -> bool:
    """Print how a cold solve grows with regions; whether the largest is fast enough either way."""
    print(f"growth with regions, {STAGES} stages, cold, assemble and solve, ms:")
    networks = {regions: network_of(random_spe(0, STAGES, regions)) for regions in REGIONS}
    good = True
    for compiled in (False, True):
        for regions, network in networks.items():
            program = assemble("cold", network, Terms((STAGES, regions)))
            if compiled and not kernel.STEPS.load(program):
                print("No compiled steps: numba is not installed (pip install -e .[fast]).")
                return good
            times = []
            for _ in range(1 + ROUNDS):
                begin = time.process_time()
                *_, diagnostics = solve(assemble("cold", network, Terms((STAGES, regions))))
                times.append(1e3 * (time.process_time() - begin))
            middle = statistics.median(times[1:])
            print(
                f"{regions:4d} regions {middle:8.1f} [{min(times[1:]):.1f} to "
                f"{max(times[1:]):.1f}], {diagnostics.method}, {diagnostics.iterations} steps, "
                f"residual {diagnostics.residual:.0e}"
            )
        good &= middle <= LIMIT_MS
    print(f"stated for {REGIONS[-1]} regions: {LIMIT_MS:.0f}, goal {GOAL_MS:.0f}")
    return good


def main() -> int:
    """Read the arguments and run; exit code 1 if something stated is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100)
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, one thread")
    good = growth()
    if importlib.util.find_spec("gamspy") is None:
        print("No comparison with PATH: GAMSPy is not installed (pip install -e .[oracle]).")
    else:
        from gamspy.exceptions import FatalError

        try:
            good &= against(options.cases)
        except FatalError as error:
            good = False
            print(f"No comparison with PATH, GAMS does not run: {error}")
            print("The demo licence in gamspy_base runs out; a newer release has a newer one.")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
