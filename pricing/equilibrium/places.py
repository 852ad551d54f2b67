"""Which unknowns have a place in the matrix of a step, and where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.equilibrium.program import Program


@dataclass(frozen=True)
class Places:
    """Where the unknowns of a matrix are in it; producer prices (P) come first."""

    at: IntArray
    """(c,) positions of its unknowns among all."""
    active: IntArray
    """Limits whose multipliers have a place."""
    prices: int
    """Number of prices."""
    levels: slice
    """Process levels, at the end where nothing is homogeneous."""
    multipliers: slice
    """Multipliers."""

    @classmethod
    def every(cls, program: Program) -> Places:
        """The prices that move, every level, multiplier and delivered price."""
        return cls._of(program, np.arange(len(program.limits)))

    @classmethod
    def moving(cls, program: Program, mask: BoolArray) -> Places:
        """The same, but for multipliers that do not move, of (c,) unknowns.

        Flows are folded in by the order of all unknowns, so where there are any, all have a place.
        """
        if program.routes.size:
            return cls.every(program)
        return cls._of(program, np.flatnonzero(mask[program.multiplier_part]))

    @classmethod
    def _of(cls, program: Program, active: IntArray) -> Places:
        prices = program.entries.prices
        levels = np.arange(program.level_part.start, program.level_part.stop)
        multipliers = program.multiplier_part.start + active
        if program.routes.size:
            every = np.arange(program.core)
            return cls(every, active, prices.size, program.level_part, program.multiplier_part)
        last = prices.size + active.size
        return cls(
            np.concatenate([prices, multipliers, levels]),
            active,
            prices.size,
            slice(last, last + levels.size),
            slice(prices.size, last),
        )


def whole(program: Program, matrix: Array) -> Array:
    """(N, c, c) matrix over all unknowns but flows, from its places; zero beside."""
    at = Places.every(program).at
    every = np.zeros((matrix.shape[0], program.core, program.core))
    every[:, at[:, None], at] = matrix
    return every


def delivered_at(program: Program) -> IntArray:
    """(G R,) position of a place's delivered price among the unknowns; -1 where it has none."""
    position = np.full(program.network.price.shape, -1, dtype=np.intp)
    if program.routes.size:
        position[program.routes.goods] = program.spatial_prices[1]
    return position.ravel()
