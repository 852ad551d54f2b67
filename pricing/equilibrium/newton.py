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
    price_scale,
    residual,
    scaled_conditions,
)
from pricing.equilibrium.jacobian import jacobian
from pricing.equilibrium.program import Program

AIM = 1e-12
"""Scaled residual at which the iteration stops [1]."""
PRICE_WEIGHT = 0.01
"""Weight of excess supply against the price in the test for a price of zero [1]."""
SHRINK, GROW = 0.25, 4.0
"""A price or level moves at most by these factors in one step [1]."""
NEAR = 0.3
"""Relative distance from the cost curve within which marginal cost is linearised [1]."""
OVERSHOOT = 10.0
"""Unit losses above this many output prices are an overshoot [1]."""
TIES = (1e-8, 1e-6, 1e-3)
"""Distances from a kink at which its other side is tried when a step fails [1]."""
HALVINGS = 25
"""Halvings of a step before the iteration is called stalled."""


@dataclass(frozen=True)
class Point:
    """A point, its Newton system, and how far it is from a solution."""

    z: Array
    """(1, n) scaled unknowns."""
    matrix: Array
    """(1, n, n) generalised Jacobian of ``values``."""
    values: Array
    """(1, n) residual that Newton works on."""
    merit: float
    """Sum of squared ``values``; ``inf`` where they overflow."""
    size: float
    """Largest natural residual [1]; ``inf`` where it overflows."""


def newton(program: Program, z: Array, most: int) -> tuple[Array, int, float]:
    """Take Newton steps with a line search.

    Parameters
    ----------
    program : Program
        The scenario.
    z : (1, n) array
        Scaled starting point.
    most : int
        Largest number of steps.

    Returns
    -------
    z : (1, n) array
        Last point.
    steps : int
        Steps taken.
    size : float
        Largest natural residual there [1]; the caller judges it.
    """
    now = _measure(program, z)
    for step in range(most):
        if now.size <= AIM:
            return now.z, step, now.size
        new = _search(program, now)
        for tie in TIES:
            new = new or _search(program, _measure(program, now.z, tie))
        if new is None:
            return now.z, step, now.size
        now = new
    return now.z, most, now.size


def _search(program: Program, now: Point) -> Point | None:
    """First point along the Newton direction that lowers the merit; None where there is none."""
    direction = solve_linear(now.matrix, -now.values)
    if direction is None:
        return None
    scale = 1.0
    for _ in range(HALVINGS):
        new = _measure(program, _limited(program, now.z, scale * direction))
        if new.merit <= (1.0 - 1e-4 * scale) * now.merit or new.size <= AIM:
            return new
        scale *= 0.5
    return None


def _measure(program: Program, z: Array, tie: float = 0.0) -> Point:
    with np.errstate(over="ignore", invalid="ignore"):
        state = evaluate(program, z)
        conditions = scaled_conditions(program, state)
        matrix, values = newton_system(program, z, state, conditions, tie)
        size = float(np.abs(residual(program, z, conditions)).max())
        merit = float((values**2).sum())
    if not (np.isfinite(merit) and np.isfinite(size)):
        merit = size = np.inf
    return Point(z, matrix, values, merit, size)


def newton_system(
    program: Program, z: Array, state: State, conditions: Array, tie: float = 0.0
) -> tuple[Array, Array]:
    """Residual ``(z - mid(lower, upper, pulled)) / weight`` and its generalised Jacobian.

    ``pulled`` is ``z - weight F`` for prices and multipliers. For process levels it is supply at
    the margin, or the level less its unit loss. Pairs within ``tie`` of their kink are taken as
    inside the box: a plant at zero level whose margin is zero may be about to start.
    """
    prices, levels, _ = program.sizes
    part, ranks = slice(prices, prices + levels), np.arange(levels)
    weight = np.ones(z.shape[1])
    weight[:prices] = PRICE_WEIGHT
    matrix, cost_slope = jacobian(program, state)
    level = level_form(program, state, state.margin, cost_slope)
    pulled = z - weight * conditions
    pulled[:, part] = np.where(level.by_supply, level.target, pulled[:, part])
    inside = (pulled > program.lower - tie) & (pulled < program.upper + tie)
    inside &= program.upper > program.lower
    values = (z - np.clip(pulled, program.lower, program.upper)) / weight
    matrix[:, part] *= np.where(level.by_supply, level.slope, 1.0)[:, :, None]
    matrix[:, prices + ranks, prices + ranks] += np.where(level.by_supply, 1.0, level.cost_slope)
    outside = ~inside
    matrix[outside] = 0.0
    n, i = np.nonzero(outside)
    matrix[n, i, i] = 1.0 / weight[i]
    return matrix, values


@dataclass(frozen=True)
class LevelForm:
    """How the condition of each process level is written (all (N, K), scaled)."""

    by_supply: BoolArray
    """Supply at the margin is used, not marginal cost at the level."""
    target: Array
    """Supply at the margin [1]."""
    slope: Array
    """Slope of supply in the margin [1]."""
    cost_slope: Array
    """Slope of marginal cost in the level [1]."""


def level_form(program: Program, state: State, margin: Array, cost_slope: Array) -> LevelForm:
    """Choose supply where a level must grow along a steep cost curve or shrink along a flat one.

    There the linearised cost curve would overshoot or creep; steep means an elasticity below one.
    Supply is also used where an overshoot has to be taken back. Close to the curve marginal cost
    is used throughout: supply near a margin of zero would magnify rounding.
    """
    supply = program.network.supply
    scale, unit = program.network.level_scale, price_scale(program)
    cost = supply.marginal_cost(state.level)
    steep, far = supply.elasticity < 1.0, np.abs(margin - cost) > NEAR * np.maximum(margin, cost)
    overshot = steep & (cost - margin > OVERSHOOT * unit)
    wanted = far & (((margin > cost) == steep) | overshot)
    by_supply = supply.isoelastic & wanted & (margin > 0.0)
    usable = np.where(by_supply, margin, supply.cost)
    return LevelForm(
        by_supply=by_supply,
        target=supply.supplied(usable) / scale,
        slope=supply.supplied_slope(usable) * unit / scale,
        cost_slope=cost_slope * scale / unit,
    )


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


def _limited(program: Program, z: Array, direction: Array) -> Array:
    """Take a step, but let no price or level change by more than a factor at once."""
    prices, levels, _ = program.sizes
    trial = z + direction
    part = slice(0, prices + levels)
    old, new = z[:, part], trial[:, part]
    low = np.where(new <= program.lower[:, part] + 1e-14, 0.0, SHRINK * old)
    trial[:, part] = np.clip(new, low, GROW * np.maximum(old, 0.05))
    return np.clip(trial, program.lower, program.upper)
