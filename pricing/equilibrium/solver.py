"""Solve one program: Newton first, then interior-point steps, then a path from the base year.

What is handed out always ends with exact Newton steps and is checked by its own residual; an
unconverged result cannot exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.conditions import (
    State,
    describe,
    evaluate,
    residual,
    scaled_conditions,
)
from pricing.equilibrium.endless import refuse_endless
from pricing.equilibrium.infeasible import contracts_exceed_a_limit, refuse_infeasible
from pricing.equilibrium.interior import FIRST_GAP, Interior
from pricing.equilibrium.newton import newton
from pricing.equilibrium.path import Path
from pricing.equilibrium.program import Program
from pricing.equilibrium.ties import closest_flows
from pricing.errors import NoEquilibriumError
from pricing.instruments.terms import Wedge

PROMISE = 1e-8
"""Largest scaled residual of a result that is handed out [1]."""
POLISH = 1e-11
"""Residual above which a point that keeps the promise is improved further, if it can be [1]."""
FINE = 1e-9
"""Residual above which a short path from a solution looks for a closer one: accounts of a world add
up residuals of many markets [1]."""
DIRECT_STEPS = 40
"""Newton steps before interior-point steps take over."""
FIRST_STEPS = 12
"""The same where goods are homogeneous: Newton finds a new pattern of trade seldom or at once."""
INTERIOR_STEPS = 150
"""Interior-point steps before they are given up."""
TRY_EVERY = 3
"""Interior-point steps between tries of exact Newton steps."""
TRY_EXACT_BELOW = 1e-6
"""Gap below which exact Newton steps are tried where interior-point steps end [1]."""
OTHER_GAPS = (0.1, 30.0)
"""Where interior points fail from the first gap, they may succeed from nearer or further [1]."""
MOST_STEPS = 3000
"""Steps of all kinds after which a solve gives up."""
FINER_STEPS = 60
"""Steps that a point which keeps the promise, if barely, may take to become finer."""
LIFTS = (1.0, 1.3, 0.8)
"""Prices from which paths start, as shares of the base year's [1]."""


class Method(StrEnum):
    """What led to the solution."""

    NEWTON = "newton"
    """Newton steps from the start."""
    INTERIOR = "interior"
    """Interior-point steps, then Newton."""
    COMPILED = "compiled"
    """The same by compiled code, in batches."""
    PATH = "path"
    """A path from the base year, along which prices are held back less and less."""


@dataclass(frozen=True)
class Diagnostics:
    """How a solution was found."""

    residual: float
    """Largest scaled residual [1]."""
    worst: str
    """Condition with the largest residual."""
    iterations: int
    """Newton and interior-point steps together."""
    method: Method
    """What led to it."""


@dataclass
class _Search:
    """Counts steps over the stages of one solve."""

    program: Program
    steps: int = 0
    last: Array | None = None
    """Where the last Newton steps on the whole problem ended, for the error message."""

    def exact(
        self,
        program: Program,
        z: Array,
        *,
        patient: bool = False,
        most: int = DIRECT_STEPS,
        aim: float = PROMISE,
    ) -> Array | None:
        """Newton steps; the point if its residual is small. None once too many were taken."""
        if self.steps > MOST_STEPS:
            return None
        z, (steps,), (size,) = newton(program, z, most, patient=patient)
        self.steps += int(steps)
        if not patient and POLISH < size <= PROMISE:
            z, (steps,), (size,) = newton(program, z, DIRECT_STEPS, patient=True)
            self.steps += int(steps)
        if program is self.program:
            self.last = z
        return z if size <= aim else None

    def interior(self, program: Program, z: Array, gap: float = FIRST_GAP) -> Array | None:
        """Interior-point steps with exact Newton steps at the end."""
        point, tried = Interior.begin(program, z, gap=gap), -TRY_EVERY
        for step in range(INTERIOR_STEPS if self.steps <= MOST_STEPS else 0):
            further = point.step()
            if not np.isfinite(further.z).all():
                break
            point = further
            self.steps += 1
            if point.pairs.ready[0] and step - tried >= TRY_EVERY:
                tried = step
                exact = self.exact(program, np.clip(point.z, program.lower, program.upper))
                if exact is not None:
                    return exact
        if float(point.pairs.gap[0]) > TRY_EXACT_BELOW:
            return None
        return self.exact(program, np.clip(point.z, program.lower, program.upper), patient=True)

    def path(self, z: Array, most: int = MOST_STEPS) -> Array | None:
        """Follow the path from a point, with exact Newton steps at the end."""
        walk = Path(self.program, z, min(most, MOST_STEPS - self.steps))
        found = walk.follow(lambda at: self.exact(self.program, at, aim=POLISH))
        self.steps += walk.steps
        if found is not None:
            return found
        ends = [walk.last, self.exact(self.program, walk.last, patient=True)]
        known = [(distance(self.program, end), end) for end in ends if end is not None]
        size, self.last = min(known, key=lambda pair: pair[0])
        return self.last if size <= PROMISE else None

    def paths(self) -> Array | None:
        """Paths from the base year, and from prices above and below it where that one is lost.

        Last Newton steps from levies at their ceilings.
        """
        for lift in LIFTS:
            anchor = start(self.program)
            for part in (slice(0, self.program.level_part.start), self.program.delivered_part):
                anchor[:, part] *= lift
            found = self.path(np.clip(anchor, self.program.lower, self.program.upper))
            if found is None and self.last is not None:
                found = self.path(self.last)  # held back to where it ended, it ends closer
            if found is not None:
                return found
        return self.exact(self.program, used_up(self.program), patient=True)

    def either(self, program: Program, z: Array) -> Array | None:
        """Newton steps, or interior-point steps where those fail."""
        inside = np.clip(z, program.lower, program.upper)
        found = self.exact(program, inside)
        return self.interior(program, inside) if found is None else found

    def settle_ties(self, z: Array, state: State) -> Array:
        """The solution nearest to base-year trade, where routes tie and exact steps confirm it."""
        closest = closest_flows(self.program, state, z)
        if closest is z:
            return z
        confirmed = self.exact(self.program, closest)
        return z if confirmed is None else confirmed


def distance(program: Program, z: Array, state: State | None = None) -> float:
    """Largest scaled residual at a point (1, n); infinite where it is not a number [1]."""
    state = evaluate(program, z) if state is None else state
    gap = np.abs(residual(program, z, scaled_conditions(program, state))).max()
    return float(gap) if np.isfinite(gap) else np.inf


def second_opinion(program: Program, guess: Array) -> Array | None:
    """Solution reached from another start by Newton or interior points; None where they fail."""
    return _Search(program).either(program, guess)


def start(program: Program) -> Array:
    """Scaled starting point (1, n): the benchmark, where no policy has a multiplier."""
    network, homogeneous = program.network, program.routes.goods
    scale = network.setting.price_scale[:, None]
    guess = np.where(np.isfinite(network.price), network.price, network.buyer_price)
    guess = np.where(np.isfinite(guess), guess, scale)
    delivered = np.where(np.isfinite(network.buyer_price), network.buyer_price, scale)
    parts = (
        guess.ravel(),
        network.level,
        program.limit.base,
        delivered[homogeneous].ravel(),
        (network.flow - network.contracted)[homogeneous].ravel(),
    )
    z = np.concatenate(parts) / program.scale
    return np.clip(z[None], program.lower, program.upper)


def used_up(program: Program) -> Array:
    """Scaled starting point (1, n): the benchmark with levies at their ceilings.

    A levy that cannot lift the price to its reference ends there, far from where a path began.
    """
    z, first = start(program), program.multiplier_part.start
    for m, limit in enumerate(program.limits):
        most = program.upper[:, first + m]
        if limit.wedge is Wedge.LEVY and np.isfinite(most).all():
            z[:, first + m] = most
    return z


def solve(program: Program, guess: Array | None = None) -> tuple[Array, State, Diagnostics]:
    """Solve one program.

    Parameters
    ----------
    program : Program
        The scenario.
    guess : (1, n) array, optional
        Scaled starting point; the benchmark where absent.

    Returns
    -------
    z : (1, n) array
        Scaled unknowns.
    state : State
        Everything that follows from them.
    diagnostics : Diagnostics
        Residual, steps and method.

    Raises
    ------
    EndlessError, InfeasibleError
        If it is proved that there is no equilibrium.
    NoEquilibriumError
        If the conditions cannot be met to :data:`PROMISE`; the worst one is named.
    """
    refuse_endless(program)
    if contracts_exceed_a_limit(program):
        refuse_infeasible(program)
    first = start(program) if guess is None else guess
    search = _Search(program)
    most = FIRST_STEPS if program.routes.size else DIRECT_STEPS
    most = 0 if program.blocks else most
    method, z = Method.NEWTON, search.exact(program, first, most=most)
    if z is None:
        method, z = Method.INTERIOR, search.interior(program, first)
    state = None if z is None else evaluate(program, z)
    if z is not None and state is not None and distance(program, z, state) > FINE:
        finer = search.path(z, FINER_STEPS)
        if finer is not None and distance(program, finer) < distance(program, z, state):
            z, state = finer, None
    if z is None:
        refuse_infeasible(program)
        others = (search.interior(program, first, gap) for gap in OTHER_GAPS)
        z = next((found for found in others if found is not None), None)
    if z is None:
        method, z = Method.PATH, search.paths()
    if z is None:
        assert search.last is not None
        z = search.last
    state = evaluate(program, z) if state is None else state
    if program.routes.size:
        settled = search.settle_ties(z, state)
        z, state = settled, state if settled is z else evaluate(program, settled)
    gap = np.abs(residual(program, z, scaled_conditions(program, state)))[0]
    worst = int(np.argmax(np.where(np.isfinite(gap), gap, np.inf)))
    if not gap.max() <= PROMISE:
        raise NoEquilibriumError(
            program.name,
            describe(program, worst),
            float(gap[worst]),
            "Try a smaller step from the baseline, or a max_levy, cap or choke price.",
        )
    return z, state, Diagnostics(float(gap.max()), describe(program, worst), search.steps, method)
