r"""Interior-point steps for the box conditions: the fallback where Newton stalls at a bound.

Every bound carries a dual: :math:`F(z) = s - t`, :math:`(z - l) s = \mu`, :math:`(u - z) t = \mu`,
with :math:`\mu` taken to zero. Supply curves that are almost vertical are linearised as supply at
the margin plus duals where the level must grow (see :mod:`pricing.equilibrium.newton`).

References
----------
.. [1] S. J. Wright, *Primal-Dual Interior-Point Methods*, SIAM, 1997.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.equilibrium.conditions import State, evaluate, scaled_conditions
from pricing.equilibrium.jacobian import jacobian
from pricing.equilibrium.newton import LevelForm, solve_linear, steepest_level
from pricing.equilibrium.program import Program
from pricing.equilibrium.spatial import Elimination

FIRST_GAP = 0.1
"""Complementarity at the start [1]."""
LAGGING, HOLD = 1e2, 0.9
"""Where conditions are off by more than this many gaps, the gap must wait for them [1]."""
INSIDE = 0.9
"""Share of the way to a bound that a step may go [1]."""
STIFFEST = 1e-10
"""A flow gives way at least by this slope [1]."""
GROW = 3.0
"""A price or level grows at most by this share of itself in one step [1]."""


@dataclass(frozen=True)
class Interior:
    """Strictly interior points of N scenarios with their duals."""

    program: Program
    """The scenarios."""
    z: Array
    """(N, n) scaled unknowns, strictly inside their boxes (or fixed)."""
    low: Array
    """(N, n) duals of lower bounds."""
    high: Array
    """(N, n) duals of upper bounds."""
    length: Array
    """(N,) length of the last step [1]."""
    patient: bool = False
    """Whether the gap waits where the conditions lag behind it."""

    @classmethod
    def begin(cls, program: Program, start: Array, *, patient: bool = False) -> Interior:
        """Move a start into the interior and set every pair to the first gap."""
        lower, upper = program.lower, program.upper
        free, bounded = _boxes(program)
        space = np.minimum(0.1, 0.25 * np.where(bounded, upper - lower, np.inf))
        space = np.where(free, space, 0.0)
        z = np.clip(start, lower + space, np.where(bounded, upper - space, np.inf))
        z = np.where(free, z, lower)
        low = np.where(free, FIRST_GAP / np.where(free, z - lower, 1.0), 0.0)
        high = np.where(bounded, FIRST_GAP / np.where(bounded, upper - z, 1.0), 0.0)
        return cls(program, z, low, high, np.ones(z.shape[0]), patient)

    def rows(self, chosen: IntArray) -> Interior:
        """The points of some scenarios."""
        z, low, high = self.z[chosen], self.low[chosen], self.high[chosen]
        program = self.program.rows(chosen)
        return Interior(program, z, low, high, self.length[chosen], self.patient)

    @property
    def gap(self) -> Array:
        """(N,) average complementarity of the pairs [1]."""
        free, bounded = _boxes(self.program)
        below, above = self._distances(free, bounded)
        total = (below * self.low * free + above * self.high * bounded).sum(axis=1)
        return np.asarray(total / (free.sum(axis=1) + bounded.sum(axis=1)))

    def _distances(self, free: BoolArray, bounded: BoolArray) -> tuple[Array, Array]:
        below = np.where(free, self.z - self.program.lower, 1.0)
        above = np.where(bounded, np.where(bounded, self.program.upper, 0.0) - self.z, 1.0)
        return below, above

    def step(self) -> Interior:
        """One step towards a smaller gap; NaN where the system cannot be solved."""
        free, bounded = _boxes(self.program)
        below, above = self._distances(free, bounded)
        gap = self.gap
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            state = evaluate(self.program, self.z, np.minimum(0.1, gap))
            off = self.low - self.high - scaled_conditions(self.program, state)
        aim = gap * np.where(self.length > 0.9, 0.1, np.where(self.length > 0.5, 0.3, 0.7))
        if self.patient:
            lags = ~(np.abs(np.where(free, off, 0.0)).max(axis=1) <= LAGGING * gap)
            aim = np.where(lags, np.maximum(aim, HOLD * gap), aim)
        # A distance that has drowned in rounding leaves nothing to gain: NaN from here on.
        drowned = (np.minimum(below, above).min(axis=1) <= 0.0)[:, None]
        below, above = np.where(drowned, np.nan, below), np.where(drowned, np.nan, above)
        push_low = aim[:, None] / below - self.low
        push_high = np.where(bounded, aim[:, None] / above - self.high, 0.0)
        stiff = np.where(free, self.low / below, 0.0) + self.high / above
        with np.errstate(over="ignore", invalid="ignore"):
            matrix, right, highest = self._system(state, off, push_low - push_high, stiff)
        flows = self._flows(right, stiff, free) if self.program.routes.size else None
        if flows is not None:
            flows.take_out(matrix, right)
        core = self.program.core
        n, i = np.nonzero(~free[:, :core])
        matrix[n, i] = 0.0
        matrix[n, i, i] = 1.0
        right = np.where(free, right, 0.0)[:, :core]
        move = solve_linear(matrix, right, np.asarray(free[:, :core].any(axis=0)))
        if flows is not None:
            move = np.concatenate([move, flows.put_back(move)], axis=1)
        low = np.where(free, push_low - self.low / below * move, 0.0)
        high = np.where(bounded, push_high + self.high / above * move, 0.0)
        longest = (
            INSIDE * _longest(below, np.where(free, move, 0.0)),
            INSIDE * _longest(above, np.where(bounded, -move, 0.0)),
            INSIDE * _longest(self.low, low),
            INSIDE * _longest(self.high, high),
            self._growth(move),
        )
        length = np.minimum(1.0, np.min(longest, axis=0))
        far = length[:, None]
        z = self.z + far * move
        part = self.program.level_part
        lower = self.program.lower[:, part]
        highest = np.maximum(highest, lower + 0.1 * (self.z[:, part] - lower))
        z[:, part] = np.where(free[:, part], np.minimum(z[:, part], highest), z[:, part])
        return replace(
            self,
            z=z,
            low=self.low + far * low,
            high=self.high + far * high,
            length=length,
        )

    def _system(
        self, state: State, off: Array, push: Array, stiff: Array
    ) -> tuple[Array, Array, Array]:
        """Reduced system in the unknowns alone, the duals eliminated; and the highest levels."""
        program, z = self.program, self.z
        prices, levels, _ = program.sizes
        part, ranks = slice(prices, prices + levels), np.arange(levels)
        dual = self.low - self.high
        right = off + push
        matrix, cost_slope = jacobian(program, state)
        margin = state.margin + dual[:, part] * program.level_price
        form = LevelForm.choose(program, state, margin)
        cost = cost_slope * program.network.level_scale / program.level_price
        slope = np.where(form.by_supply, form.slope, 1.0)
        by_supply = (form.target - z[:, part]) / slope + push[:, part]
        right[:, part] = np.where(form.by_supply, by_supply, right[:, part])
        own = np.where(form.by_supply, 1.0 / slope, cost)
        matrix[:, prices + ranks, prices + ranks] += own
        every = np.arange(program.core)
        matrix[:, every, every] += stiff[:, : program.core]
        return matrix, right, steepest_level(program, state)

    def _flows(self, right: Array, stiff: Array, free: BoolArray) -> Elimination:
        """Flows give way by the stiffness of their bound."""
        program, part = self.program, self.program.flow_part
        shape = (self.z.shape[0], *program.routes.flow_scale.shape)
        weight = np.where(free[:, part], 1.0 / np.maximum(stiff[:, part], STIFFEST), 0.0)
        return Elimination(
            at=program.routes,
            prices=program.spatial_prices,
            first=program.multiplier_part.start,
            weight=weight.reshape(shape),
            target=right[:, part].reshape(shape),
            known=np.zeros(shape),
        )

    def _growth(self, move: Array) -> Array:
        """Longest step that keeps prices and levels from growing too fast."""
        longest = np.full(move.shape[0], np.inf)
        for part in (slice(0, self.program.level_part.stop), self.program.delivered_part):
            room = _longest(np.maximum(self.z[:, part], 0.1), -move[:, part])
            longest = np.minimum(longest, room)
        return GROW * longest


def _boxes(program: Program) -> tuple[BoolArray, BoolArray]:
    """Masks of unknowns that may move, and of those with an upper bound."""
    free = program.upper > program.lower
    return free, free & np.isfinite(program.upper)


def _longest(value: Array, change: Array) -> Array:
    """(N,) longest steps that keep positive values from going below zero."""
    falls = change < 0.0
    ratio = np.where(falls, value / np.where(falls, -change, 1.0), np.inf)
    return np.asarray(ratio.min(axis=1, initial=np.inf))
