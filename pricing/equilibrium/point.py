"""A point of the search: residuals, merit, and the semismooth Newton direction; kinks are exact.

Process levels use whichever form of their condition linearises better: supply at the margin, or
marginal cost at the level. Both describe the same curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.equilibrium.conditions import between, scaled_conditions
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.equilibrium.system import System

SHRINK, GROW = 0.25, 4.0
"""A price or level moves at most by these factors in one step [1]."""
LEAST = 0.05
"""Scaled price or level that counts as nothing to grow from [1]."""
NEAR = 0.3
"""Distance from the cost curve within which marginal cost is linearised, as a share of price,
margin or marginal cost, whichever is most [1]."""
STEEPER = 3.0
"""Marginal cost may exceed the margin by this factor after a step, if both are extreme [1]."""
OVERSHOOT = 10.0
"""Unit losses above this many output prices are an overshoot [1]."""
FOOT = 1e-10
"""Unit loss below which a plant at the foot of its cost curve is left where it is: its cost is next
to nothing for any level there, and it would creep towards zero with all that hangs on it [1]."""
PROXIMAL = 1e-7
"""Slope by which used routes of homogeneous goods, and their prices, give way in a step [1]."""


@dataclass(frozen=True)
class LevelForm:
    """How the condition of each process level is written (all (N, K), scaled)."""

    by_supply: BoolArray
    """Supply at the margin is used, not marginal cost at the level."""
    target: Array
    """Supply at the margin [1]."""
    slope: Array
    """Slope of supply in the margin; 1 where it is not used [1]."""

    def rows(self, chosen: IntArray) -> LevelForm:
        """Some scenarios."""
        return LevelForm(self.by_supply[chosen], self.target[chosen], self.slope[chosen])

    @classmethod
    def choose(cls, program: Program, state: State, margin: Array) -> LevelForm:
        """Use supply where a level must grow along a steep cost curve or shrink along a flat one.

        There the linearised cost curve would overshoot or creep; steep means an elasticity below
        one. Supply is also used where an overshoot has to be taken back. Close to the curve
        marginal cost is used throughout: supply near a margin of zero would magnify rounding, and
        a plant that begins would offer far more at once than its users take.
        """
        supply, unit, cost = program.supply, program.level_price, state.cost
        short, steep = cost - margin, supply.steep
        far = np.abs(short) > NEAR * np.maximum(np.maximum(margin, cost), unit)
        overshot = steep & (short > OVERSHOOT * unit)
        wanted = far & (((short < 0.0) == steep) | overshot)
        by_supply: BoolArray = np.asarray(supply.isoelastic & wanted & (margin > 0.0))
        if not np.count_nonzero(by_supply):
            return cls(by_supply, np.zeros(cost.shape), np.ones(cost.shape))
        usable = np.where(by_supply, margin, supply.cost)
        scale = program.network.level_scale
        return cls(
            by_supply=by_supply,
            target=supply.supplied(usable) / scale,
            slope=np.where(by_supply, supply.supplied_slope(usable) * unit / scale, 1.0),
        )


@dataclass(frozen=True)
class Point:
    """Points of N scenarios and the residuals that Newton works on there."""

    program: Program
    """The scenarios."""
    z: Array
    """(N, n) scaled unknowns."""
    state: State
    """Everything that follows from them."""
    form: LevelForm
    """How the conditions of process levels are written here."""
    condition: Array
    """(N, n) conditions; for a process level, where supply is used, the level less supply."""
    values: Array
    """(N, n) residual: the middle of ``(z - upper) / w``, the condition and ``(z - lower) / w``."""
    merit: Array
    """(N,) sum of squared ``values``; ``inf`` where they overflow."""
    size: Array
    """(N,) largest natural residual [1]; ``inf`` where it overflows."""
    room: tuple[Array, Array]
    """(N, n) weighted distances above the lower and (negative) below the upper bounds."""

    @classmethod
    def at(cls, program: Program, z: Array) -> Point:
        """Evaluate everything but derivatives; what overflows is lost, and the caller lets it."""
        part = program.level_part
        state = evaluate(program, z)
        conditions = scaled_conditions(program, state)
        low, high = z - program.lower, z - program.upper
        size = np.abs(between(conditions, high, low)).max(axis=1)
        form = LevelForm.choose(program, state, state.margin)
        if np.count_nonzero(form.by_supply):
            own = np.where(form.by_supply, z[:, part] - form.target, conditions[:, part])
            conditions[:, part] = own
        low, high = low / program.weight, high / program.weight
        values = between(conditions, high, low)
        merit = np.square(values).sum(axis=1)
        lost = ~np.isfinite(merit + size)
        if np.count_nonzero(lost):
            merit, size = np.where(lost, np.inf, merit), np.where(lost, np.inf, size)
        return cls(program, z, state, form, conditions, values, merit, size, (low, high))

    def rows(self, chosen: IntArray) -> Point:
        """The points of some scenarios."""
        low, high = self.room
        return Point(
            self.program.rows(chosen),
            self.z[chosen],
            self.state.rows(chosen),
            self.form.rows(chosen),
            self.condition[chosen],
            self.values[chosen],
            self.merit[chosen],
            self.size[chosen],
            (low[chosen], high[chosen]),
        )

    @property
    def _slopes(self) -> tuple[Array, BoolArray]:
        """(N, K) scaled slopes of marginal cost, and plants at the foot of their curves."""
        program, supply = self.program, self.program.supply
        slope = supply.marginal_cost_slope(self.state.level)
        own = slope * program.network.level_scale / program.level_price
        return own, supply.isoelastic & ~self.form.by_supply & (own < PROXIMAL)

    @property
    def unsettled(self) -> Array:
        """(N,) largest residual but for plants that steps leave at the foot of their curves [1]."""
        program, part = self.program, self.program.level_part
        conditions, (_, at_foot) = scaled_conditions(program, self.state), self._slopes
        missed = np.abs(between(conditions, self.z - program.upper, self.z - program.lower))
        missed[:, part][at_foot & (missed[:, part] < FOOT)] = 0.0
        return np.asarray(missed.max(axis=1))

    def beyond(self, chosen: IntArray) -> Array:
        """(C, n) ties within which pairs of C scenarios would count as inside the box [1].

        Infinite where nothing moves.
        """
        low, high = (room[chosen] for room in self.room)
        condition, program = self.condition[chosen], self.program
        moves = np.broadcast_to(program.upper > program.lower, self.z.shape)[chosen]
        far = np.maximum(condition - low, high - condition) * program.weight
        return np.where(moves, far, np.inf)

    def direction(self, tie: Array) -> Array:
        """(N, n) Newton direction; pairs within ``tie`` of their kink count as inside the box.

        A plant at zero level whose margin is zero may be about to start. NaN where there is none.
        """
        program, form = self.program, self.form
        low, high = self.room
        if np.count_nonzero(tie):
            slack = np.reshape(tie, (-1, 1)) / program.weight
            low, high = low + slack, high - slack
        inside = (self.condition < low) & (self.condition > high)
        inside &= program.upper > program.lower
        core, spatial = program.core, program.routes.size > 0
        slope, at_foot = self._slopes
        own = np.maximum(slope, PROXIMAL)  # plants of flat and equal cost tie
        diagonal = np.zeros((self.z.shape[0], core))
        diagonal[:, program.level_part] = np.where(form.by_supply, 1.0, own)
        if spatial:
            for positions in program.spatial_prices:
                diagonal[:, positions.ravel()] += PROXIMAL
        # condition and residual differ on the far side of a tie
        wanted = np.where(inside, self.condition, self.values * program.weight)
        if np.count_nonzero(at_foot):
            losses = wanted[:, program.level_part]
            losses[at_foot & (np.abs(losses) < FOOT)] = 0.0
        right = -wanted[:, :core]
        shape = (self.z.shape[0], *program.routes.flow_scale.shape)
        weight = moved = np.zeros(shape)
        if spatial:
            # A used route holds its price condition and gives way by 1 / PROXIMAL, nearly: routes
            # that tie, and prices where nothing is sold, then have a solution, and the residual,
            # which has no such term, decides when to stop. The others go to their bound.
            used = inside[:, program.flow_part].reshape(shape)
            weight = np.where(used, 1.0 / PROXIMAL, 0.0)
            moved = np.where(used, weight, 1.0) * -wanted[:, program.flow_part].reshape(shape)
        moves: BoolArray = np.asarray((inside[:, :core] | (right != 0.0)).any(axis=0))
        system = System(diagonal, form.slope, weight, ~inside[:, :core], moves)
        move, loss = system.factor(program, self.state).solve(right, moved)
        if not spatial:
            return move
        return np.concatenate([move, (moved - weight * loss).reshape(shape[0], -1)], axis=1)


def steepest_level(program: Program, state: State) -> Array:
    """(N, K) highest scaled level that a step may reach: there marginal cost is extreme already.

    Along a cost curve of elasticity 0.01 a level 50 % too high costs 1e17 times as much, and
    coming back takes long.
    """
    supply, unit = program.supply, program.level_price
    highest = supply.supplied(np.maximum(OVERSHOOT * unit, STEEPER * np.abs(state.margin)))
    return np.where(supply.isoelastic, highest / program.network.level_scale, np.inf)


def shortened(program: Program, point: Point, direction: Array) -> Array:
    """Directions short enough that no price grows by more than a factor.

    Quota rents and the prices they hold up rise together, or trade would jump from one side to the
    other: so the whole direction is shortened, not the price alone. So it is where a discount would
    take more than a share of an armington good's price.
    """
    prices = slice(0, program.level_part.start)
    space = (GROW - 1.0) * np.maximum(point.z[:, prices], LEAST)
    longest = (direction[:, prices] / space).max(axis=1, initial=1.0)
    longest = np.maximum(longest, cheapening(program, point.state, direction) / (1.0 - SHRINK))
    return np.asarray(direction / longest[:, None])


def cheapening(program: Program, state: State, move: Array) -> Array:
    """(N,) largest share of its price that a discounted armington good loses by a move [1]."""
    along = program.along
    on = along.reduced
    if not on.size:
        return np.zeros(move.shape[0])
    landed = state.landed.reshape(move.shape[0], -1)[:, on]
    part, acting = program.multiplier_part, program.limit.on_arcs
    made = (move * program.scale[: move.shape[1]])[:, along.origin[on]]
    rents = move[:, part][:, acting] * program.scale[part][acting]
    change = along.landed_slope[:, on] * made + rents @ along.charged[:, on]
    change = change + along.fob_gain[:, on] * (rents @ along.seller[:, on])
    share = -change / np.where(landed > 0.0, landed, np.inf)
    return np.asarray(share.max(axis=1, initial=0.0))


def limited(program: Program, z: Array, step: Array, highest: Array) -> Array:
    """Take a step, but let no price or level change by more than a factor at once."""
    trial = z + step
    part = slice(0, program.level_part.stop)
    old, new = z[:, part], trial[:, part]
    low = np.where(new <= program.lower[:, part] + 1e-14, 0.0, SHRINK * old)
    trial[:, part] = between(new, low, GROW * np.maximum(old, LEAST))
    if program.routes.size:
        part = program.delivered_part
        old, new = z[:, part], trial[:, part]
        low = old - (1.0 - SHRINK) * np.maximum(np.abs(old), 0.3)
        trial[:, part] = between(new, low, GROW * np.maximum(old, LEAST))
    trial[:, program.level_part] = np.minimum(trial[:, program.level_part], highest)
    return between(trial, program.lower, program.upper)
