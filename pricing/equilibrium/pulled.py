r"""Conditions whose unknowns are held back to a point, and their linear pieces.

With a pull ``c >= 0`` every unknown but levels along an isoelastic cost curve has the condition

.. math:: F_c(z) = \frac{F(z) + c\,(z - z^0)}{1 + c}

in its box: at ``c = 0`` the equilibrium, for a large ``c`` close to the anchor ``z0``, where prices
stay and plants answer them. In between the conditions are piecewise smooth; a :class:`Piece` is
their linear form at one point.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pricing.chains.network import Array, BoolArray
from pricing.equilibrium.conditions import scaled_conditions
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.jacobian import jacobian
from pricing.equilibrium.places import whole
from pricing.equilibrium.point import PROXIMAL, LevelForm
from pricing.equilibrium.program import Program
from pricing.equilibrium.spatial import Elimination
from pricing.equilibrium.state import State

NEGLIGIBLE = 1e-3
"""Distance from a cost curve, as a share of the output price, below which marginal cost is
linearised: supply near a margin of zero would magnify it [1]."""
LONGEST, HALVINGS = 2.0, 12
"""Largest change of an unknown in a Newton step [1], and halvings of the step."""


@dataclass(frozen=True)
class Pulled:
    """The conditions of one scenario, held back to an anchor."""

    program: Program
    """The scenario."""
    anchor: Array
    """(1, n) scaled unknowns to which they are pulled."""

    @cached_property
    def free(self) -> Array:
        """(n,) pull on each unknown, as a share: relative to its size where that is large.

        A cost curve holds a process level by itself, unless it is flat.
        """
        free: Array = np.square(1.0 / np.maximum(1.0, np.abs(self.anchor[0])))
        part, held = self.program.level_part, np.ravel(self.program.supply.isoelastic)
        free[part] = np.where(held, 0.0, free[part])
        return free

    def at(self, z: Array, log_pull: float) -> Piece:
        """The conditions at one point (1, n)."""
        program, pull = self.program, float(np.exp(log_pull)) * self.free
        part, unit = program.level_part, program.level_price
        with np.errstate(over="ignore", invalid="ignore"):
            state = evaluate(program, z)
            conditions = (scaled_conditions(program, state) + pull * (z - self.anchor)) / (1 + pull)
            form = LevelForm.choose(program, state, state.margin)
            gap = np.abs(state.margin - state.cost)
            by_supply = form.by_supply & (gap > NEGLIGIBLE * unit)
            own = np.where(by_supply, z[:, part] - form.target, conditions[:, part])
            conditions[:, part] = own
            low, high = (z - program.lower) / program.weight, (z - program.upper) / program.weight
            values = np.clip(conditions, high, low)
        inside = (conditions < low) & (conditions > high) & (program.upper > program.lower)
        slope = np.where(by_supply, form.slope, 1.0)
        return Piece(self, z, pull, state, (by_supply, slope), conditions, values, inside)

    def solution(self, z: Array, log_pull: float, aim: float, most: int) -> tuple[Piece, int]:
        """Newton steps from a point (1, n) at a given pull: where they end, and their number."""
        low, high = self.program.lower, self.program.upper
        piece, steps = self.at(z, log_pull), 0
        while steps < most and not piece.size <= aim:
            steps += 1
            longest, scale = LONGEST * np.maximum(1.0, np.abs(piece.z)), 1.0
            step = np.clip(piece.towards(), -longest, longest)
            for _ in range(HALVINGS):
                trial = self.at(np.clip(piece.z + scale * step, low, high), log_pull)
                if (trial.values**2).sum() < (1.0 - 1e-4 * scale) * (piece.values**2).sum():
                    break
                scale *= 0.5
            piece = trial
        return piece, steps


@dataclass(frozen=True)
class Piece:
    """The linear form of the pulled conditions at one point."""

    of: Pulled
    """The conditions."""
    z: Array
    """(1, n) the point."""
    pull: Array
    """(n,) pull on each unknown [1]."""
    state: State
    """Everything that follows from the point."""
    form: tuple[BoolArray, Array]
    """(1, K) whether supply is used for a process level, and its slope in the margin."""
    condition: Array
    """(1, n) conditions."""
    values: Array
    """(1, n) residual: the middle of the condition and the weighted distances to the bounds."""
    inside: BoolArray
    """(1, n) which unknowns hold their condition; the others are at a bound."""

    @property
    def size(self) -> float:
        """Largest residual [1]; not a number where it overflows."""
        return float(np.abs(self.values).max())

    def towards(self) -> Array:
        """(n,) Newton direction at the given pull."""
        return self.solve(-self.values[0])

    def along(self) -> Array:
        """(n,) how the solution moves with the logarithm of the pull."""
        with np.errstate(over="ignore", invalid="ignore"):  # conditions may overflow at a bound
            moved = self.pull * (self.z - self.of.anchor - self.condition) / (1.0 + self.pull)
        return self.solve(-np.where(self.inside, moved, 0.0)[0])

    def solve(self, right: Array) -> Array:
        """Solve the linear form for a right-hand side (n,)."""
        from scipy.linalg import lu_solve

        program = self.of.program
        core, off = program.core, ~self.inside[0, : program.core]
        right = np.where(self.inside, right * (1.0 + self.pull), right)
        rest = right[:, :core].copy()
        if program.routes.size:
            flows = self._flows
            wanted = right[:, program.flow_part].reshape(flows.weight.shape)
            moved = np.where(flows.weight > 0.0, flows.weight, 1.0) * wanted
            flows.carry(rest, moved)
            rest[0, off] = right[0, :core][off]
        with np.errstate(over="ignore", invalid="ignore"):
            move = lu_solve(self._factors[0], rest[0], check_finite=False)[None]
        if program.routes.size:
            change = moved - flows.weight * flows.loss(move)
            move = np.concatenate([move, change.reshape(1, -1)], axis=1)
        return np.asarray(move[0])

    @property
    def sign(self) -> float:
        """Sign of the determinant."""
        return self._factors[1]

    @cached_property
    def _factors(self) -> tuple[Any, float]:
        """Triangular factors of the matrix without flows, and the sign of its determinant."""
        from scipy.linalg import lu_factor

        factors = lu_factor(self._matrix(), check_finite=False)
        swaps = np.count_nonzero(factors[1] != np.arange(factors[1].size))
        return factors, float(np.prod(np.sign(np.diag(factors[0]))) * (-1.0) ** swaps)

    def _matrix(self) -> Array:
        """(c, c) derivatives of the rows inside their boxes; unit rows at the bounds."""
        program, core = self.of.program, self.of.program.core
        by_supply, slope = self.form
        with np.errstate(over="ignore", invalid="ignore"):
            matrix = whole(program, jacobian(program, self.state))
            cost_slope = program.supply.marginal_cost_slope(self.state.level)
        own = cost_slope * program.network.level_scale / program.level_price
        part, every = program.level_part, np.arange(core)
        matrix[:, part] *= slope[:, :, None]
        ranks = every[part]
        matrix[:, ranks, ranks] += np.where(by_supply, 1.0, np.maximum(own, PROXIMAL))
        matrix[:, every, every] += self.pull[:core]
        if program.routes.size:
            self._flows.fold(matrix)
            loose = np.concatenate([prices.ravel() for prices in program.spatial_prices])
            matrix[:, loose, loose] += PROXIMAL
        off = np.flatnonzero(~self.inside[0, :core])
        matrix[0, off] = 0.0
        matrix[0, off, off] = 1.0 / program.weight[off]
        return np.asarray(matrix[0])

    @property
    def _flows(self) -> Elimination:
        """Flows of homogeneous goods: used routes hold their price condition, nearly."""
        program, part = self.of.program, self.of.program.flow_part
        shape = (1, *program.routes.flow_scale.shape)
        used, slope = self.inside[:, part].reshape(shape), PROXIMAL + self.pull[part].reshape(shape)
        weight = np.where(used, 1.0 / slope, 0.0)
        first = program.multiplier_part.start
        return Elimination(program.routes, program.spatial_prices, first, weight)
