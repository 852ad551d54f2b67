"""The linear system of one step, in the form that the program's structure allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.equilibrium.blocks import Blocks
from pricing.equilibrium.jacobian import jacobian
from pricing.equilibrium.linear import solve_linear
from pricing.equilibrium.places import Places
from pricing.equilibrium.program import Program
from pricing.equilibrium.spatial import Elimination
from pricing.equilibrium.state import State


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
    moves: BoolArray
    """(c,) unknowns that move in some scenario."""

    def factor(self, program: Program, state: State) -> Factored:
        """Blocks where the structure has them, one dense matrix elsewhere."""
        if program.blocks is None:
            return Dense.of(program, state, self)
        flat = state.index.reshape(state.index.shape[0], -1)
        slope = program.network.demand.demanded_slope(
            flat[:, program.lasting.demand_place], state.shift
        )
        use = program.routes.use_scale.ravel()
        demand = slope @ program.lasting.demand_map * program.scale[program.delivered_part] / use
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
    """(N, m, m) system once flows have left; nothing is read in fixed rows."""
    at: IntArray
    """(m,) unknowns that have a place in it; the others do not move."""
    flows: Elimination | None
    """How flows left; None where there are none."""
    fixed: BoolArray
    """(N, c) unknowns whose move is given."""
    levels: slice
    """Positions of the process levels in the matrix, where they meet no other level."""

    @classmethod
    def of(cls, program: Program, state: State, system: System) -> Dense:
        """Assemble the matrix."""
        where = Places.moving(program, system.moves)
        at, levels, factor = where.at, where.levels, system.level_factor
        matrix = jacobian(program, state, where)
        if np.count_nonzero(factor != 1.0):
            matrix[:, levels] *= factor[:, :, None]
        every = np.arange(at.size)
        matrix[:, every, every] += system.diagonal[:, at]
        flows = None
        if program.routes.size:
            first = program.multiplier_part.start
            flows = Elimination(program.routes, program.spatial_prices, first, system.weight)
            flows.fold(matrix)
        return cls(matrix, at, flows, system.fixed, levels)

    def solve(self, right: Array, moved: Array) -> tuple[Array, Array]:
        """See :class:`Factored`."""
        move, known = np.zeros_like(right), right
        if self.flows is not None:
            right = right.copy()
            self.flows.carry(right, moved)
            right = np.where(self.fixed, known, right)
        inside: BoolArray = np.logical_not(self.fixed[:, self.at])
        move[:, self.at] = solve_linear(self.matrix, right[:, self.at], inside, self.levels)
        return move, moved if self.flows is None else self.flows.loss(move)
