"""Uniform levies one at a time: the last resort where they push each other.

Every levy has a solution for given other levies: its condition is continuous, so it is slack at
zero, not reached at the ceiling, or met between. Sweeping over the levies finds a point from which
exact Newton steps on all conditions together converge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.conditions import evaluate, scaled_conditions
from pricing.equilibrium.program import Program
from pricing.instruments.terms import Wedge

SWEEPS = 40
"""Sweeps over all levies before giving up."""
HALVINGS = 45
"""Halvings of the bracket of one levy."""


class Solver(Protocol):
    """Solves a program from a start; None where it fails."""

    def __call__(self, program: Program, z: Array) -> Array | None:
        """Scaled unknowns of a solution, or None."""


@dataclass(frozen=True)
class LevySweep:
    """Solves for uniform levies in turn, all other conditions held together."""

    program: Program
    """The scenario."""
    inner: Solver
    """Solver for a program in which at most one levy is free."""

    @property
    def positions(self) -> list[int]:
        """Positions of the levies that can be charged among the unknowns."""
        first = self.program.level_part.stop
        return [
            first + m
            for m, limit in enumerate(self.program.limits)
            if limit.wedge is Wedge.LEVY and self.program.upper[0, first + m] > 0.0
        ]

    def run(self, z: Array, finish: Solver) -> Array | None:
        """Sweep until Newton steps on everything converge."""
        for _ in range(SWEEPS):
            before = z[0, self.positions]
            for position in self.positions:
                settled = self._settle(z, position)
                if settled is None:
                    return None
                z = settled
            finished = finish(self.program, z)
            if finished is not None:
                return finished
            if np.abs(z[0, self.positions] - before).max() < 1e-13:
                return None
        return None

    def _settle(self, z: Array, position: int) -> Array | None:
        """Solve with one levy free, the others where they are."""
        ceiling = float(self.program.upper[0, position])
        found = self.inner(self._held(z, position, None), z)
        if found is not None:
            return found
        low, high = 0.0, ceiling
        for value in (ceiling, 0.0):
            found = self.inner(self._held(z, position, value), z)
            if found is not None and self._settled(found, position, value, ceiling):
                return found
        for _ in range(HALVINGS):
            value = 0.5 * (low + high)
            tried = self.inner(self._held(z, position, value), z)
            if tried is None:
                return found
            found = tried
            low, high = (value, high) if self._short(found, position) < 0.0 else (low, value)
        return found

    def _held(self, z: Array, free: int, value: float | None) -> Program:
        """The program with every levy held but one; that one too if it has a value."""
        lower, upper = self.program.lower.copy(), self.program.upper.copy()
        for position in self.positions:
            if position != free:
                lower[0, position] = upper[0, position] = z[0, position]
            elif value is not None:
                lower[0, position] = upper[0, position] = value
        return replace(self.program, lower=lower, upper=upper)

    def _short(self, z: Array, position: int) -> float:
        """Internal price less reference of one levy, scaled."""
        return float(scaled_conditions(self.program, evaluate(self.program, z))[0, position])

    def _settled(self, z: Array, position: int, value: float, ceiling: float) -> bool:
        """Whether a levy at its ceiling falls short, or one at zero is not needed."""
        short = self._short(z, position)
        return short <= 0.0 if value == ceiling else short >= 0.0
