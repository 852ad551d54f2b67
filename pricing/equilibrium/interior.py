r"""Interior-point steps for the box conditions, with Mehrotra's predictor and corrector.

Every bound carries a dual: :math:`F(z) = s - t`, :math:`(z - l) s = \mu`, :math:`(u - z) t = \mu`,
with :math:`\mu` taken to zero. A first move aims at :math:`\mu = 0`; how far it gets says which
:math:`\mu` is within reach, and its products of changes are what the linear system leaves out. Both
moves share one factorisation, and every part goes equally far: unequal lengths would break
conditions in which levels and duals meet.

Supply curves that are almost vertical are linearised as supply at the margin plus duals where the
level must grow (see :mod:`pricing.equilibrium.newton`). Flows of homogeneous goods are bounded
below only and never enter a matrix: with :math:`x` a flow and :math:`g` its dual,
:math:`dx = (\mu - x F - x\,dF)/(g + \rho x)`, where :math:`\rho` holds every unknown back a little
(a proximal term [3]_).

References
----------
.. [1] S. Mehrotra, "On the implementation of a primal-dual interior point method", SIAM J.
   Optimization 2(4), 1992.
.. [2] S. J. Wright, *Primal-Dual Interior-Point Methods*, SIAM, 1997.
.. [3] R. Schwan, Y. Jiang, D. Kuhn and C. N. Jones, "PIQP: A proximal interior-point quadratic
   programming solver", CDC, 2023.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.equilibrium.conditions import between, scaled_conditions
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.pairs import Move, Pairs
from pricing.equilibrium.point import LevelForm, cheapening, steepest_level
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.equilibrium.system import Factored, System

FIRST_GAP = 0.3
"""Complementarity at the start [1]."""
INSIDE = 0.95
"""Share of the way to a bound that a step may go at least; more as the gap closes [1]."""
LEAST_AIM = 1e-6
"""A step aims at no smaller share of the gap [1]."""
BLOCKED, BLOCKED_AIM = 0.05, 0.3
"""If the first move gets no further than this, its products are of no use, and the aim is at least
that share of the gap [1]."""
CORRECTED = 5.0
"""A correction is at most this many gaps [1]."""
HELD_BACK = 1e-8
"""Slope by which a step holds every unknown back to where it is. Where routes tie nothing else
determines a flow, and steps would drown in rounding; a solution is not moved by it [1]."""
GROW = 3.0
"""A price or level grows at most by this share of itself in one step [1]."""
CHEAPER = 0.75
"""A discount takes at most this share of an armington good's price in one step [1]."""
LOWEST = 1e3
"""A price without a lower bound is taken to be above minus this multiple of its scale [1]."""
FURTHEST = 0.5
"""A condition further off than this counts as that far off at the start [1]."""


@dataclass(frozen=True)
class Interior:
    """Strictly interior points of N scenarios with their duals."""

    program: Program
    """The scenarios."""
    z: Array
    """(N, n) scaled unknowns, strictly inside their boxes (or fixed)."""
    low: Array
    """(N, n) duals of lower bounds; of no meaning where nothing moves."""
    high: Array
    """(N, c) duals of upper bounds, of all but flows."""

    @classmethod
    def begin(cls, program: Program, start: Array, *, gap: float = FIRST_GAP) -> Interior:
        """The point nearest to a start and its conditions at which every pair has the first gap.

        With ``d`` the distance from the lower bound and ``F`` the condition, distance and dual are
        the two numbers whose difference is ``d - F`` and whose product is the gap.
        """
        program = _with_lower_bounds(program.searched)
        lower, upper = program.lower, program.upper
        free, bounded = upper > lower, (upper > lower) & np.isfinite(upper)
        z = np.clip(start, lower, upper)
        with np.errstate(over="ignore", invalid="ignore"):
            conditions = scaled_conditions(program, evaluate(program, z, np.full(1, gap)))
        bent = np.clip(np.nan_to_num(conditions), -FURTHEST, FURTHEST)
        difference = np.where(free, z - lower, 0.0) - bent
        distance = 0.5 * (difference + np.sqrt(difference**2 + 4.0 * gap))
        room = np.where(bounded, upper, np.inf) - lower
        distance = np.minimum(distance, np.maximum(room - 0.1, 0.75 * room))
        distance = np.where(free, distance, 1.0)
        z = np.where(free, lower + distance, lower)
        high = np.where(bounded, gap / np.where(bounded, upper - z, 1.0), 0.0)
        return cls(program, z, gap / distance, high[:, : program.core])

    def rows(self, chosen: IntArray) -> Interior:
        """The points of some scenarios."""
        z, low, high = self.z[chosen], self.low[chosen], self.high[chosen]
        return Interior(self.program.rows(chosen), z, low, high)

    @cached_property
    def pairs(self) -> Pairs:
        """Distances from bounds and their duals."""
        program, core = self.program, self.program.core
        lower, upper, z = program.lower[:, :core], program.upper[:, :core], self.z[:, :core]
        free = upper > lower
        bounded = free & np.isfinite(upper)
        flow = self.z[:, core:]
        return Pairs(
            free=free,
            bounded=bounded,
            below=np.where(free, z - lower, 1.0),
            above=np.where(bounded, upper - z, 1.0),
            low=np.where(free, self.low[:, :core], 0.0),
            high=self.high,
            flow=flow,
            dual=self.low[:, core:],
            count=free.sum(axis=1) + bounded.sum(axis=1) + np.count_nonzero(program.routes.open),
        )

    def step(self) -> Interior:
        """One step towards a smaller gap; NaN where the system cannot be solved."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return self._step()

    def _step(self) -> Interior:
        pairs = self.pairs
        here = _Here.at(self, pairs)
        gap = pairs.gap
        first = here.move(np.zeros_like(gap))
        reach = np.minimum(1.0, np.minimum(pairs.reach(first), here.growth(first)))
        share = np.clip((pairs.after(first, reach) / gap) ** 3, LEAST_AIM, 1.0)
        aim = gap * np.where(reach < BLOCKED, np.maximum(share, BLOCKED_AIM), share)
        most = np.where(reach < BLOCKED, 0.0, CORRECTED * gap)
        move = here.move(aim, (first, most))
        inside = np.where(reach > 0.9, np.maximum(INSIDE, 1.0 - 10.0 * gap), INSIDE)
        length = np.minimum(1.0, np.minimum(inside * pairs.reach(move), here.growth(move)))
        length = np.where(pairs.drowned, np.nan, length)
        return self._moved(move, length[:, None], here.highest)

    def _moved(self, move: Move, far: Array, highest: Array) -> Interior:
        """Take a move; no level goes higher than its highest."""
        program, core = self.program, self.program.core
        z, low = np.empty_like(self.z), np.empty_like(self.low)
        for old, new, change in ((self.z, z, move.core), (self.low, low, move.low)):
            np.add(old[:, :core], far * change, out=new[:, :core])
        for old, new, change in ((self.z, z, move.flow), (self.low, low, move.dual)):
            np.add(old[:, core:], far * change, out=new[:, core:])
        part = program.level_part
        lower, free = program.lower[:, part], program.upper[:, part] > program.lower[:, part]
        highest = np.maximum(highest, lower + 0.1 * (self.z[:, part] - lower))
        z[:, part] = np.where(free, np.minimum(z[:, part], highest), z[:, part])
        return replace(self, z=z, low=low, high=self.high + far * move.high)


@dataclass(frozen=True)
class _Here:
    """The conditions at a point, linearised once for both moves of a step."""

    program: Program
    point: Interior
    pairs: Pairs
    conditions: Array
    """(N, n) scaled conditions."""
    form: LevelForm
    """How conditions of process levels are written."""
    weight: Array
    """(N, H, R, R) how far flows give way."""
    system: Factored
    """The linear system."""
    highest: Array
    """(N, K) highest scaled levels."""
    state: State
    """What follows from the point."""

    @classmethod
    def at(cls, point: Interior, pairs: Pairs) -> _Here:
        """Evaluate, linearise and factor."""
        program, part = point.program, point.program.level_part
        supply, shape = program.supply, (point.z.shape[0], *program.routes.flow_scale.shape)
        state = evaluate(program, point.z, np.minimum(0.1, pairs.gap))
        conditions = scaled_conditions(program, state)
        dual = (pairs.low - pairs.high)[:, part]
        form = LevelForm.choose(program, state, state.margin + dual * program.level_price)
        cost = supply.marginal_cost_slope(state.level) * program.network.level_scale
        diagonal = pairs.low / pairs.below + pairs.high / pairs.above
        diagonal += HELD_BACK / np.square(np.maximum(point.z[:, : program.core], 1.0))
        steep = np.where(form.by_supply, 1.0 / form.slope, cost / program.level_price)
        diagonal[:, part] += steep
        weight = pairs.flow / (pairs.dual + _held_back(pairs.flow))
        still = ~pairs.free
        moves: BoolArray = np.asarray(pairs.free.any(axis=0))
        system = System(diagonal, np.ones_like(dual), weight.reshape(shape), still, moves)
        factored = system.factor(program, state)
        highest = steepest_level(program, state)
        weight = system.weight
        return cls(program, point, pairs, conditions, form, weight, factored, highest, state)

    def move(self, aim: Array, first: tuple[Move, Array] | None = None) -> Move:
        """Newton's move to pairs of complementarity ``aim``, corrected by the products of a first.

        No product counts for more than the (N,) size beside the first move. Supply is linearised at
        the margin where the form says so.
        """
        pairs, part, core = self.pairs, self.program.level_part, self.program.core
        target = aim[:, None]
        low, high, flow = (target, target, target) if first is None else _corrected(target, *first)
        push_low = np.where(pairs.free, low / pairs.below - pairs.low, 0.0)
        push_high = np.where(pairs.bounded, high / pairs.above - pairs.high, 0.0)
        push = push_low - push_high
        right = pairs.low - pairs.high - self.conditions[:, :core] + push
        excess = (self.form.target - self.point.z[:, part]) / self.form.slope
        by_supply = excess + push[:, part]
        right[:, part] = np.where(self.form.by_supply, by_supply, right[:, part])
        loss = self.conditions[:, core:]
        moved = pairs.flow * loss
        np.subtract(flow, moved, out=moved)
        moved /= pairs.dual + _held_back(pairs.flow)
        closed = ~self.program.routes.open
        shape, some = self.weight.shape, bool(closed.any())
        if some:
            moved = np.where(closed.ravel(), 0.0, moved)
        step, rise = self.system.solve(np.where(pairs.free, right, 0.0), moved.reshape(shape))
        rise = rise.reshape(moved.shape)
        change = self.weight.reshape(moved.shape) * rise
        np.subtract(moved, change, out=change)
        safe = np.where(closed.ravel(), 1.0, pairs.flow) if some else pairs.flow
        dual = pairs.dual * change
        np.subtract(flow, dual, out=dual)
        dual /= safe
        dual -= pairs.dual
        return Move(
            core=step,
            low=np.where(pairs.free, push_low - pairs.low / pairs.below * step, 0.0),
            high=np.where(pairs.bounded, push_high + pairs.high / pairs.above * step, 0.0),
            flow=change,
            dual=np.where(closed.ravel(), 0.0, dual) if some else dual,
        )

    def growth(self, move: Move) -> Array:
        """(N,) longest step in which no price or level grows too fast, no discount takes all."""
        most = np.full(move.core.shape[0], 1e-300)
        for part in (slice(0, self.program.level_part.stop), self.program.delivered_part):
            relative = move.core[:, part] / np.maximum(self.point.z[:, part], 0.1)
            most = np.maximum(most, relative.max(axis=1, initial=0.0))
        falls = cheapening(self.program, self.state, move.core)
        return np.asarray(1.0 / np.maximum(most / GROW, falls / CHEAPER))


def _with_lower_bounds(program: Program) -> Program:
    """The same with a bound far below for prices that have none: every distance is a number."""
    if np.isfinite(program.lower).all():
        return program
    return replace(program, lower=np.maximum(program.lower, -LOWEST))


def _held_back(flow: Array) -> Array:
    """What is added to the dual of a flow; beyond the flow's scale it is a share of the flow."""
    return HELD_BACK * np.minimum(flow, 1.0 / np.maximum(flow, 1.0))


def _corrected(target: Array, first: Move, most: Array) -> tuple[Array, Array, Array]:
    """The aims less the products of changes, which a linear system leaves out."""
    products = first.core * first.low, -first.core * first.high, first.flow * first.dual
    largest = most[:, None]
    low, high, flow = (target - between(part, -largest, largest) for part in products)
    return low, high, flow
