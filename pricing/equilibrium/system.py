"""The linear system of one step, in the form that the program's structure allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pricing.chains.network import Array, BoolArray
from pricing.equilibrium.blocks import Blocks
from pricing.equilibrium.conditions import State
from pricing.equilibrium.jacobian import jacobian
from pricing.equilibrium.linear import solve_linear
from pricing.equilibrium.program import Program
from pricing.equilibrium.spatial import Elimination


class Factored(Protocol):
    """A system that serves several right-hand sides."""

    def solve(self, right: Array, moved: Array) -> tuple[Array, Array]:
        """Moves (N, c) of all but flows, and the changes (N, H, R, R) of route losses.

        ``right`` (N, c) holds the right-hand sides, in fixed rows the move itself; ``moved``
        (N, H, R, R) the moves of flows at unchanged prices. NaN where nothing is finite.
        """


@dataclass(frozen=True)
class System:
    """What a method adds to the derivatives of the conditions (N scenarios, c core unknowns)."""

    diagonal: Array
    """(N, c) added to the diagonal; in rows of levels it includes the slope of cost."""
    level_factor: Array
    """(N, K) factor on the derivatives in the rows of process levels."""
    weight: Array
    """(N, H, R, R) how far flows give way to a change of their route's loss."""
    fixed: BoolArray
    """(N, c) unknowns whose move is given."""

    def factor(self, program: Program, state: State) -> Factored:
        """Blocks where the structure has them, one dense matrix elsewhere."""
        if program.blocks is None:
            return Dense.of(program, state, self)
        flat = state.index.reshape(state.index.shape[0], -1)
        slope = program.network.demand.demanded_slope(flat[:, program.demand_place], state.shift)
        use = program.routes.use_scale.ravel()
        demand = slope @ program.demand_map * program.scale[program.delivered_part] / use
        parts = (slice(0, program.level_part.start), program.level_part, program.delivered_part)
        prices, levels, delivered = (self.diagonal[:, part] for part in parts)
        fixed = tuple(self.fixed[:, part] for part in parts)
        return Blocks.factor(
            program,
            program.blocks,
            (prices, levels, delivered - demand),
            self.level_factor,
            self.weight,
            (fixed[0], fixed[1], fixed[2]),
        )


@dataclass(frozen=True)
class Dense:
    """One matrix, which any structure has."""

    matrix: Array
    """(N, c, c) system once flows have left; fixed rows are rows of the unit matrix."""
    flows: Elimination | None
    """How flows left; None where there are none."""
    fixed: BoolArray
    """(N, c) unknowns whose move is given."""
    levels: slice
    """Positions of the process levels, which meet no other level."""

    @classmethod
    def of(cls, program: Program, state: State, system: System) -> Dense:
        """Assemble the matrix."""
        with np.errstate(over="ignore", invalid="ignore"):
            matrix = jacobian(program, state)
            matrix[:, program.level_part] *= system.level_factor[:, :, None]
            every = np.arange(program.core)
            matrix[:, every, every] += system.diagonal
        flows = None
        if program.routes.size:
            first = program.multiplier_part.start
            flows = Elimination(program.routes, program.spatial_prices, first, system.weight)
            flows.fold(matrix)
        n, i = np.nonzero(system.fixed)
        matrix[n, i] = 0.0
        matrix[n, i, i] = 1.0
        return cls(matrix, flows, system.fixed, program.level_part)

    def solve(self, right: Array, moved: Array) -> tuple[Array, Array]:
        """See :class:`Factored`."""
        inside: BoolArray = np.logical_not(self.fixed)
        if self.flows is None:
            return solve_linear(self.matrix, right, inside, self.levels), moved
        known, right = right, right.copy()
        self.flows.carry(right, moved)
        right = np.where(self.fixed, known, right)
        move = solve_linear(self.matrix, right, inside, self.levels)
        return move, self.flows.loss(move)
