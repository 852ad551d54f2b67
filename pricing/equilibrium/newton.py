"""Semismooth Newton steps on the natural residual; kinks are exact.

Process levels use whichever form of their condition linearises better: supply at the margin, or
marginal cost at the level. Both describe the same curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, BoolArray
from pricing.equilibrium.conditions import (
    State,
    evaluate,
    residual,
    scaled_conditions,
)
from pricing.equilibrium.jacobian import jacobian
from pricing.equilibrium.program import Program
from pricing.equilibrium.spatial import Elimination

AIM = 1e-12
"""Scaled residual at which the iteration stops [1]."""
SHRINK, GROW = 0.25, 4.0
"""A price or level moves at most by these factors in one step [1]."""
NEAR = 0.3
"""Relative distance from the cost curve within which marginal cost is linearised [1]."""
STEEPER = 3.0
"""Marginal cost may exceed the margin by this factor after a step, if both are extreme [1]."""
OVERSHOOT = 10.0
"""Unit losses above this many output prices are an overshoot [1]."""
TIES = (1e-8, 1e-6, 1e-3)
"""Distances from a kink at which its other side is tried when a step fails [1]."""
CLOSE = 0.01
"""Natural residual below which the other sides of kinks are tried [1]."""
PROXIMAL = 1e-7
"""Slope by which used routes of homogeneous goods, and their prices, give way in a step [1]."""
HALVINGS = 10
"""Halvings of a step before the iteration is called stalled."""
PATIENT_HALVINGS = 25
"""The same for a patient search."""


@dataclass(frozen=True)
class LevelForm:
    """How the condition of each process level is written (all (N, K), scaled)."""

    by_supply: BoolArray
    """Supply at the margin is used, not marginal cost at the level."""
    target: Array
    """Supply at the margin [1]."""
    slope: Array
    """Slope of supply in the margin [1]."""

    @classmethod
    def choose(cls, program: Program, state: State, margin: Array) -> LevelForm:
        """Use supply where a level must grow along a steep cost curve or shrink along a flat one.

        There the linearised cost curve would overshoot or creep; steep means an elasticity below
        one. Supply is also used where an overshoot has to be taken back. Close to the curve
        marginal cost is used throughout: supply near a margin of zero would magnify rounding.
        """
        supply, unit = program.network.supply, program.level_price
        cost = supply.marginal_cost(state.level)
        steep, far = (
            supply.elasticity < 1.0,
            np.abs(margin - cost) > NEAR * np.maximum(margin, cost),
        )
        overshot = steep & (cost - margin > OVERSHOOT * unit)
        wanted = far & (((margin > cost) == steep) | overshot)
        by_supply = supply.isoelastic & wanted & (margin > 0.0)
        usable = np.where(by_supply, margin, supply.cost)
        scale = program.network.level_scale
        return cls(
            by_supply=by_supply,
            target=supply.supplied(usable) / scale,
            slope=supply.supplied_slope(usable) * unit / scale,
        )


@dataclass(frozen=True)
class Point:
    """A point and the residual that Newton works on there."""

    program: Program
    """The scenario."""
    z: Array
    """(1, n) scaled unknowns."""
    state: State
    """Everything that follows from them."""
    form: LevelForm
    """How the conditions of process levels are written here."""
    condition: Array
    """(1, n) conditions; for a process level, where supply is used, the level less supply."""
    values: Array
    """(1, n) residual: the middle of ``(z - upper) / w``, the condition and ``(z - lower) / w``."""
    merit: float
    """Sum of squared ``values``; ``inf`` where they overflow."""
    size: float
    """Largest natural residual [1]; ``inf`` where it overflows."""

    @classmethod
    def at(cls, program: Program, z: Array) -> Point:
        """Evaluate everything but derivatives."""
        part = program.level_part
        with np.errstate(over="ignore", invalid="ignore"):
            state = evaluate(program, z)
            conditions = scaled_conditions(program, state)
            size = float(np.abs(residual(program, z, conditions)).max())
            form = LevelForm.choose(program, state, state.margin)
            own = np.where(form.by_supply, z[:, part] - form.target, conditions[:, part])
            conditions[:, part] = own
            low, high = cls._room(program, z)
            values = np.clip(conditions, high, low)
            merit = float((values**2).sum())
        if not (np.isfinite(merit) and np.isfinite(size)):
            merit = size = np.inf
        return cls(program, z, state, form, conditions, values, merit, size)

    @staticmethod
    def _room(program: Program, z: Array) -> tuple[Array, Array]:
        """Weighted distances above the lower and (negative) below the upper bounds."""
        return (z - program.lower) / program.weight, (z - program.upper) / program.weight

    def direction(self, tie: float = 0.0) -> Array | None:
        """Newton direction; pairs within ``tie`` of their kink are taken as inside the box.

        A plant at zero level whose margin is zero may be about to start.
        """
        program, form = self.program, self.form
        prices, levels, _ = program.sizes
        with np.errstate(over="ignore", invalid="ignore"):
            matrix, cost_slope = jacobian(program, self.state)
        low, high = self._room(program, self.z)
        slack = tie / program.weight
        inside = (self.condition < low + slack) & (self.condition > high - slack)
        inside &= program.upper > program.lower
        own = cost_slope * program.network.level_scale / program.level_price
        matrix[:, program.level_part] *= np.where(form.by_supply, form.slope, 1.0)[:, :, None]
        ranks = np.arange(prices, prices + levels)
        matrix[:, ranks, ranks] += np.where(form.by_supply, 1.0, own)
        right, core = -self.values[:, : program.core], program.core
        flows = self._flows(inside) if program.routes.size else None
        if flows is not None:
            right = right.copy()
            flows.take_out(matrix, right)
            loose = np.concatenate([part.ravel() for part in program.spatial_prices])
            matrix[:, loose, loose] += PROXIMAL
        n, i = np.nonzero(~inside[:, :core])
        matrix[n, i] = 0.0
        matrix[n, i, i] = 1.0 / program.weight[i]
        right[n, i] = -self.values[n, i]
        move = solve_linear(matrix, right)
        if move is None or flows is None:
            return move
        return np.concatenate([move, flows.put_back(move)], axis=1)

    def _flows(self, inside: BoolArray) -> Elimination:
        """Used routes hold their price condition, nearly; the others go to their bound.

        A route gives way by ``1 / PROXIMAL``: routes that tie, and prices where nothing is sold,
        then have a solution, and the residual, which has no such term, decides when to stop.
        """
        program, part = self.program, self.program.flow_part
        shape = (self.z.shape[0], *program.routes.flow_scale.shape)
        used, values = inside[:, part].reshape(shape), self.values[:, part].reshape(shape)
        return Elimination(
            at=program.routes,
            prices=program.spatial_prices,
            first=program.multiplier_part.start,
            weight=np.where(used, 1.0 / PROXIMAL, 0.0),
            target=-values,
            known=np.where(used, 0.0, -values),
        )


def newton(
    program: Program, z: Array, most: int, *, patient: bool = False
) -> tuple[Array, int, float]:
    """Take Newton steps with a line search.

    Parameters
    ----------
    program : Program
        The scenario.
    z : (1, n) array
        Scaled starting point.
    most : int
        Largest number of steps.
    patient : bool
        Search long for a better point, and try the other sides of kinks from anywhere.

    Returns
    -------
    z : (1, n) array
        Last point.
    steps : int
        Steps taken.
    size : float
        Largest natural residual there [1]; the caller judges it.
    """
    now = Point.at(program, z)
    for step in range(most):
        if now.size <= AIM:
            return now.z, step, now.size
        halvings = PATIENT_HALVINGS if patient else HALVINGS
        new = _search(now, 0.0, halvings)
        for tie in TIES if patient or now.size < CLOSE else ():
            new = new or _search(now, tie, halvings)
        if new is None:
            return now.z, step, now.size
        now = new
    return now.z, most, now.size


def _search(now: Point, tie: float, halvings: int) -> Point | None:
    """First point along the Newton direction that lowers the merit; None where there is none."""
    direction = now.direction(tie)
    if direction is None:
        return None
    scale = 1.0
    for _ in range(halvings):
        new = Point.at(now.program, _limited(now, scale * direction))
        if new.merit <= (1.0 - 1e-4 * scale) * now.merit or new.size <= AIM:
            return new
        scale *= 0.5
    return None


def solve_linear(matrix: Array, right: Array) -> Array | None:
    """Solve (N, n, n) systems; a singular one gets a small ridge. None where nothing is finite."""
    if not (np.isfinite(matrix).all() and np.isfinite(right).all()):
        return None
    for ridge in (0.0, 1e-9):
        try:
            shifted = matrix + ridge * np.eye(matrix.shape[-1]) if ridge else matrix
            return np.asarray(np.linalg.solve(shifted, right[..., None])[..., 0])
        except np.linalg.LinAlgError:
            continue
    return None


def steepest_level(program: Program, state: State) -> Array:
    """(N, K) highest scaled level that a step may reach: there marginal cost is extreme already.

    Along a cost curve of elasticity 0.01 a level 50 % too high costs 1e17 times as much, and
    coming back takes long.
    """
    supply, unit = program.network.supply, program.level_price
    highest = supply.supplied(np.maximum(OVERSHOOT * unit, STEEPER * np.abs(state.margin)))
    return np.where(supply.isoelastic, highest / program.network.level_scale, np.inf)


def _limited(now: Point, direction: Array) -> Array:
    """Take a step, but let no price or level change by more than a factor at once."""
    program, z = now.program, now.z
    trial = z + direction
    part = slice(0, program.level_part.stop)
    old, new = z[:, part], trial[:, part]
    low = np.where(new <= program.lower[:, part] + 1e-14, 0.0, SHRINK * old)
    trial[:, part] = np.clip(new, low, GROW * np.maximum(old, 0.05))
    part = program.delivered_part
    old, new = z[:, part], trial[:, part]
    low = old - (1.0 - SHRINK) * np.maximum(np.abs(old), 0.3)
    trial[:, part] = np.clip(new, low, GROW * np.maximum(old, 0.05))
    highest = steepest_level(program, now.state)
    trial[:, program.level_part] = np.minimum(trial[:, program.level_part], highest)
    return np.clip(trial, program.lower, program.upper)
