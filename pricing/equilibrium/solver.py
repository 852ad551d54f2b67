"""Solve one program: Newton first, then interior-point steps, then levies bit by bit or in turn.

What is handed out always ends with exact Newton steps and is checked by its own residual; an
unconverged result cannot exist.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
from pricing.equilibrium.interior import Interior
from pricing.equilibrium.levies import LevySweep
from pricing.equilibrium.newton import newton
from pricing.equilibrium.program import Program
from pricing.equilibrium.ties import closest_flows
from pricing.errors import NoEquilibriumError
from pricing.instruments.terms import Wedge

PROMISE = 1e-8
"""Largest scaled residual of a result that is handed out [1]."""
POLISH = 1e-11
"""Residual above which a point that keeps the promise is improved further, if it can be [1]."""
DIRECT_STEPS = 40
"""Newton steps before interior-point steps take over."""
FIRST_STEPS = 12
"""The same where goods are homogeneous: Newton finds a new pattern of trade seldom or at once."""
INTERIOR_STEPS = 150
"""Interior-point steps before the levy ceilings are raised bit by bit."""
TRY_EXACT_BELOW = 1e-6
"""Gap below which exact Newton steps are tried from an interior point [1]."""
MOST_STEPS = 4000
"""Steps of all kinds after which a solve gives up."""
MOST_RISES = 16
"""Rises of the levy ceilings before levies are solved for one at a time."""


class Method(StrEnum):
    """What led to the solution."""

    NEWTON = "newton"
    """Newton steps from the start."""
    INTERIOR = "interior"
    """Interior-point steps, then Newton."""
    CEILINGS = "ceilings"
    """Levies allowed to rise bit by bit to their ceilings."""
    SWEEPS = "sweeps"
    """Levies solved for one at a time, then all together."""


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
        self, program: Program, z: Array, *, patient: bool = False, most: int = DIRECT_STEPS
    ) -> Array | None:
        """Newton steps; the point if it keeps the promise. None once too many were taken."""
        if self.steps > MOST_STEPS:
            return None
        z, (steps,), (size,) = newton(program, z, most, patient=patient)
        self.steps += int(steps)
        if not patient and POLISH < size <= PROMISE:
            z, (steps,), (size,) = newton(program, z, DIRECT_STEPS, patient=True)
            self.steps += int(steps)
        if program is self.program:
            self.last = z
        return z if size <= PROMISE else None

    def interior(self, program: Program, z: Array, *, patient: bool = False) -> Array | None:
        """Interior-point steps with exact Newton steps at the end."""
        point = Interior.begin(program, z, patient=patient)
        for step in range(INTERIOR_STEPS if self.steps <= MOST_STEPS else 0):
            further = point.step()
            if not np.isfinite(further.z).all():
                break
            point = further
            self.steps += 1
            if float(point.gap[0]) < TRY_EXACT_BELOW and step % 4 == 0:
                exact = self.exact(program, np.clip(point.z, program.lower, program.upper))
                if exact is not None:
                    return exact
        if float(point.gap[0]) > TRY_EXACT_BELOW:
            return None
        return self.exact(program, np.clip(point.z, program.lower, program.upper), patient=True)

    def either(self, program: Program, z: Array) -> Array | None:
        """Newton steps, or interior-point steps where those fail."""
        inside = np.clip(z, program.lower, program.upper)
        found = self.exact(program, inside)
        return self.interior(program, inside) if found is None else found

    def ceilings(self, z: Array) -> Array | None:
        """Let levies rise bit by bit: with a ceiling near zero they are plain small duties."""
        program = self.program
        levy = np.array([limit.wedge is Wedge.LEVY for limit in program.limits], dtype=bool)
        if not levy.any():
            return None
        part = self.program.multiplier_part
        done, rise = 0.0, 0.01
        for _ in range(MOST_RISES):
            share = min(1.0, done + rise)
            upper = program.upper.copy()
            upper[:, part] *= np.where(levy, share, 1.0)
            found = self.either(replace(program, upper=upper), z)
            if found is None:
                rise *= 0.4
                continue
            z, done, rise = found, share, 2.0 * rise
            if done >= 1.0:
                return z
        return None

    def settle_ties(self, z: Array, state: State) -> Array:
        """The solution nearest to base-year trade, where routes tie and exact steps confirm it."""
        closest = closest_flows(self.program, state, z)
        if closest is z:
            return z
        confirmed = self.exact(self.program, closest)
        return z if confirmed is None else confirmed

    def sweeps(self, z: Array) -> Array | None:
        """Solve for levies one at a time."""
        sweep = LevySweep(self.program, self.either)
        return sweep.run(z, self.exact) if sweep.positions else None


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
    NoEquilibriumError
        If the conditions cannot be met to :data:`PROMISE`; the worst one is named.
    """
    first = start(program) if guess is None else guess
    search = _Search(program)
    most = FIRST_STEPS if program.routes.size else DIRECT_STEPS
    method, z = Method.NEWTON, search.exact(program, first, most=most)
    if z is None:
        method, z = Method.INTERIOR, search.interior(program, first)
    if z is None:
        method, z = Method.INTERIOR, search.interior(program, first, patient=True)
    if z is None:
        method, z = Method.NEWTON, search.exact(program, first, patient=True)
    if z is None:
        method, z = Method.CEILINGS, search.ceilings(start(program))
    if z is None:
        method, z = Method.SWEEPS, search.sweeps(start(program))
    if z is None:
        assert search.last is not None
        z = search.last
    state = evaluate(program, z)
    if program.routes.size:
        z = search.settle_ties(z, state)
        state = evaluate(program, z)
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
