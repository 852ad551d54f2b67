"""Solve one program: Newton first, then interior-point steps, then a path from the base year.

What is handed out always ends with exact Newton steps and is checked by its own residual; an
unconverged result cannot exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium import kernel
from pricing.equilibrium.coarse import coarser
from pricing.equilibrium.conditions import describe, distance, residual, scaled_conditions
from pricing.equilibrium.endless import refuse_endless
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.infeasible import contracts_exceed_a_limit, refuse_infeasible
from pricing.equilibrium.interior import FIRST_GAP, Interior
from pricing.equilibrium.newton import newton
from pricing.equilibrium.path import Path
from pricing.equilibrium.program import Program
from pricing.equilibrium.refine import POLISH, Refinement
from pricing.equilibrium.starts import at_floors, start, used_up
from pricing.equilibrium.state import State
from pricing.equilibrium.ties import closest_flows
from pricing.errors import NoEquilibriumError

PROMISE = 1e-8
"""Largest scaled residual of a result that is handed out [1]."""
DIRECT_STEPS = 40
"""Newton steps before interior-point steps take over."""
FIRST_STEPS = 12
"""The same where goods are homogeneous: Newton finds a new pattern of trade seldom or at once."""
INTERIOR_STEPS = 150
"""Interior-point steps before they are given up."""
TRY_EVERY = 3
"""Interior-point steps between tries of exact Newton steps."""
TRY_AGAIN = 0.1
"""Share to which the gap has fallen before they are tried again [1]."""
STALLED, DEEP = 12, 1e-9
"""Interior-point steps in which a gap as small as this has to halve; above it, plants and routes
that nearly tie may take many short steps and still arrive [1]."""
TRY_EXACT_BELOW = 1e-6
"""Gap below which exact Newton steps are tried where interior-point steps end [1]."""
NEAR_GAP = 1e-6
"""Gap of interior-point steps from a point that is nearly a solution [1]."""
LIFTS = (1.0, 1.3, 0.8)
"""Prices from which paths start, as shares of the base year's [1]."""


class Method(StrEnum):
    """What led to the solution."""

    NEWTON = "newton"
    """Newton steps from the start."""
    INTERIOR = "interior"
    """Interior-point steps, then Newton."""
    COMPILED = "compiled"
    """The same by compiled code (:mod:`pricing.equilibrium.kernel`)."""
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
    """The methods of one solve; steps are counted, and the nearest point is kept."""

    program: Program
    steps: int = 0
    nearest: tuple[float, Array] | None = None
    """Lowest residual with which steps ended and its point, for the error message."""

    def find(self, first: Array) -> tuple[Method, Array]:
        """The first method that solves from a point, and the solution.

        Where none does, the nearest point with which any of them ended.

        Raises
        ------
        InfeasibleError
            If it is proved that there is no equilibrium, before paths are followed.
        """
        homogeneous = self.program.routes.size
        most = 0 if self.program.blocks else FIRST_STEPS if homogeneous else DIRECT_STEPS
        z = self.exact(first, most=most)
        if z is not None:
            return Method.NEWTON, z
        z = self.compiled(first)
        if z is not None:
            return Method.COMPILED, z
        z = self.interior(first)
        if z is not None:
            return Method.INTERIOR, z
        refuse_infeasible(self.program)
        z = self.held()
        if z is not None:
            return Method.NEWTON, z
        z = self.coarse(first)
        if z is None:
            z = self.accepted(self.finer(self.near()))
        if z is not None:
            return Method.INTERIOR, z
        refuse_infeasible(self.program, delivered=True)
        z = self.paths()
        return Method.PATH, self.near() if z is None else z

    def near(self) -> Array:
        """The nearest point with which steps ended."""
        assert self.nearest is not None
        return self.nearest[1]

    def exact(
        self,
        z: Array,
        *,
        patient: bool = False,
        most: int = DIRECT_STEPS,
        aim: float = PROMISE,
    ) -> Array | None:
        """Newton steps; the point if its residual is small."""
        z, (steps,), (size,) = newton(self.program, z, most, patient=patient)
        self.steps += int(steps)
        if not patient and POLISH < size <= PROMISE:
            return self.accepted(self.finer(z), aim)
        return self.accepted(z, aim, float(size))

    def accepted(self, z: Array, aim: float = PROMISE, size: float | None = None) -> Array | None:
        """The point if its residual is small; kept in any case if none before was nearer."""
        size = distance(self.program, z) if size is None else size
        if self.nearest is None or size < self.nearest[0]:
            self.nearest = size, z
        return z if size <= aim else None

    def finer(self, z: Array) -> Array:
        """The finest point that is reached from one that is nearly a solution."""
        refinement = Refinement(self.program)
        finest = refinement.finest(z)
        self.steps += refinement.steps
        return finest

    def compiled(self, z: Array) -> Array | None:
        """Interior-point and exact steps by compiled code, where it is at hand."""
        if not kernel.STEPS.ready(self.program):
            return None
        room, alone = kernel.room_for(self.program), np.zeros(1, dtype=np.intp)
        found, (steps,), (solved,) = kernel.search(
            room, self.program, alone, z, FIRST_GAP, INTERIOR_STEPS
        )
        self.steps += int(steps)
        return found if solved else None

    def interior(self, z: Array, gap: float = FIRST_GAP) -> Array | None:
        """Interior-point steps with exact Newton steps at the end."""
        program = self.program
        point, tried, tried_at = Interior.begin(program, z, gap=gap), -TRY_EVERY, np.inf
        lowest, since = np.inf, 0
        for step in range(INTERIOR_STEPS):
            further = point.step()
            if not np.isfinite(further.z).all():
                break
            point = further
            self.steps += 1
            gap = float(point.pairs.gap[0])
            again = step - tried >= TRY_EVERY and gap <= TRY_AGAIN * tried_at
            if point.pairs.ready[0] and again:
                tried, tried_at = step, gap
                exact = self.exact(np.clip(point.z, program.lower, program.upper))
                if exact is not None:
                    return exact
            if gap <= 0.5 * lowest:
                lowest, since = gap, step
            if gap < DEEP and step - since >= STALLED:
                break
        if float(point.pairs.gap[0]) > TRY_EXACT_BELOW:
            return None
        return self.accepted(self.finer(np.clip(point.z, program.lower, program.upper)))

    def coarse(self, z: Array) -> Array | None:
        """Interior-point steps in larger units, and exact steps in the program's own."""
        search = _Search(coarser(self.program))
        unit = self.program.scale / search.program.scale
        if np.all(unit == 1.0):
            return None
        found = search.interior(z * unit)
        self.steps += search.steps
        if found is None and search.nearest is not None:
            _, found = search.nearest
        return None if found is None else self.exact(found / unit)

    def held(self) -> Array | None:
        """Newton steps from prices at which a public buyer holds them."""
        floors = at_floors(self.program)
        return None if floors is None else self.exact(floors)

    def path(self, z: Array) -> Array | None:
        """Follow the path from a point, with exact Newton steps at the end."""
        walk = Path(self.program, z)

        def finish(at: Array) -> Array | None:
            z = self.exact(at, aim=POLISH)
            return self.accepted(self.finer(at), POLISH) if z is None else z

        found = walk.follow(finish)
        self.steps += walk.steps
        if found is not None:
            return found
        return self.accepted(self.finer(walk.last))

    def paths(self) -> Array | None:
        """Paths from the base year, and from prices above and below it where that one is lost.

        After each interior-point steps from where any method came nearest, and last Newton steps
        from levies at their ceilings.
        """
        for lift in LIFTS:
            anchor = start(self.program)
            for part in (slice(0, self.program.level_part.start), self.program.delivered_part):
                anchor[:, part] *= lift
            found = self.path(np.clip(anchor, self.program.lower, self.program.upper))
            if found is None:
                found = self.interior(self.near(), NEAR_GAP)
            if found is not None:
                return found
        return self.exact(used_up(self.program), patient=True)

    def either(self, z: Array) -> Array | None:
        """Newton steps, or interior-point steps where those fail."""
        inside = np.clip(z, self.program.lower, self.program.upper)
        found = self.exact(inside)
        return self.interior(inside) if found is None else found

    def settle_ties(self, z: Array, state: State) -> Array:
        """The solution nearest to base-year trade, where routes tie and exact steps confirm it."""
        closest = closest_flows(self.program, state, z)
        if closest is z:
            return z
        confirmed = self.exact(closest, patient=True)
        return z if confirmed is None else confirmed


def second_opinion(program: Program, guess: Array) -> Array | None:
    """Solution reached from another start by Newton or interior points; None where they fail."""
    return _Search(program).either(guess)


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
    search = _Search(program)
    method, z = search.find(start(program) if guess is None else guess)
    state = evaluate(program, z)
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
