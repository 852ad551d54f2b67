r"""Follow a path from the base year to the equilibrium: the method behind all others.

Unknowns are held back to the base year (:mod:`pricing.equilibrium.pulled`) and the pull falls from
a large number to nothing. The solutions for all pulls form a path. It may turn back: then the pull
rises for a while, which no method that only lowers it survives. So the path is followed by its
length. At a kink it goes on along the next linear piece; which way is told by the sign of the
determinant, which never changes relative to the direction of the path.

References
----------
.. [1] E. L. Allgower and K. Georg, *Introduction to Numerical Continuation Methods*, SIAM, 2003
   (section 12 on piecewise linear paths).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.program import Program
from pricing.equilibrium.pulled import Piece, Pulled

FIRST_PULL, LAST_PULL = 1e2, 1e-10
"""Pulls at the two ends of the path; the last is nothing beside the promise [1]."""
TRY_BELOW, TRY_EVERY = 1e-2, 0.1
"""Pull below which exact steps are tried, again whenever it fell by this factor [1]."""
FIRST_LENGTH, LONGEST, SHORTEST = 0.3, 4.0, 1e-7
"""Lengths of a step along the path [1]."""
FASTER, SLOWER, REFUSED = 1.8, 0.6, 0.35
"""Changes of the length after a quick step, a slow one, and one that failed [1]."""
QUICK, SLOW, MOST_CORRECTIONS = 3, 5, 8
"""Newton steps back to the path."""
NEAR_KINK = 1e-4
"""Length below which the piece on the far side of a kink is looked for [1]."""
LOOKS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2)
"""How far along the path to look for it [1]."""
AFTER_KINK = 0.05
"""Length of the first step after a kink [1]."""
TOLERANCES = (1e-10, 1e-6)
"""Smallest and largest residual on the path; between them a hundredth of the pull [1]."""
MOST_STEPS = 1200
"""Newton steps on the path after which it is given up."""
START_STEPS = 40
"""Newton steps to the first point of the path."""


@dataclass(frozen=True)
class Spot:
    """One point of the path."""

    piece: Piece
    """The conditions there."""
    log_pull: float
    """Logarithm of the pull."""

    def tangent(self, orientation: float) -> tuple[Array, float]:
        """Direction of the path: change of the unknowns (n,) and of the log pull, of length one."""
        along, core = self.piece.along(), self.piece.of.program.core
        length = float(np.sqrt((along[:core] ** 2).sum() + 1.0))
        way = -self.piece.sign * orientation
        return along * (way / length), way / length


class Path:
    """A walk along the path of one scenario."""

    def __init__(self, program: Program, anchor: Array) -> None:
        self.program = program
        self.conditions = Pulled(program.searched, anchor)
        self.last = anchor
        self.steps = 0

    def follow(self, finish: Callable[[Array], Array | None]) -> Array | None:
        """Walk until ``finish`` solves from a point of the path; None where the path is lost."""
        spot = self._begin()
        if spot is None:
            return None
        orientation, length, next_try = spot.piece.sign, FIRST_LENGTH, np.log(TRY_BELOW)
        while self.steps < MOST_STEPS:
            self.steps += 1  # a step that needs no correction is one too
            onward = self._advance(spot, orientation, length)
            if onward is None:
                return None
            spot, length = onward
            self.last = spot.piece.z
            if spot.log_pull < next_try or spot.log_pull < np.log(LAST_PULL):
                next_try = spot.log_pull + np.log(TRY_EVERY)
                found = finish(spot.piece.z)
                if found is not None or spot.log_pull < np.log(LAST_PULL):
                    return found
            if spot.log_pull > np.log(FIRST_PULL) + 1.0:
                return None
        return None

    def _begin(self) -> Spot | None:
        """The first point: prices as in the base year, plants and multipliers in answer to them."""
        anchor, log_pull = self.conditions.anchor, float(np.log(FIRST_PULL))
        piece, steps = self.conditions.solution(anchor, log_pull, TOLERANCES[1], START_STEPS)
        self.steps += steps
        return Spot(piece, log_pull) if piece.size <= TOLERANCES[1] else None

    def _boxed(self, z: Array) -> Array:
        return np.asarray(np.clip(z, self.program.lower, self.program.upper))

    def _advance(self, spot: Spot, orientation: float, length: float) -> tuple[Spot, float] | None:
        """Next point and the length to try from there; None where no step leads on."""
        tangent, looks = spot.tangent(orientation), iter(LOOKS)
        while length > SHORTEST and np.isfinite(tangent[0]).all():
            found, corrections = self._step(spot, tangent, length)
            if found is not None:
                change = FASTER if corrections <= QUICK else SLOWER if corrections > SLOW else 1.0
                return found, min(change * length, LONGEST)
            length *= REFUSED
            if length <= NEAR_KINK:
                other = self._beyond(spot, tangent, orientation, next(looks, None))
                if other is not None:
                    tangent, length = other, AFTER_KINK
        return None

    def _beyond(
        self, spot: Spot, tangent: tuple[Array, float], orientation: float, look: float | None
    ) -> tuple[Array, float] | None:
        """Tangent of the piece a little further on; None where it is the same piece."""
        if look is None:
            return None
        z, log_pull = spot.piece.z + look * tangent[0], spot.log_pull  # perhaps beyond a bound
        beyond = Spot(self.conditions.at(z, log_pull + look * tangent[1]), log_pull)
        if np.array_equal(beyond.piece.inside, spot.piece.inside):
            return None
        found = beyond.tangent(orientation)
        return found if np.isfinite(found[0]).all() else None

    def _step(
        self, spot: Spot, tangent: tuple[Array, float], length: float
    ) -> tuple[Spot | None, int]:
        """Go along the tangent, then back to the path at a right angle; and how many steps back."""
        core, (by_unknown, by_pull) = self.program.core, tangent
        ahead, log_ahead = spot.piece.z + length * by_unknown, spot.log_pull + length * by_pull
        z, log_pull = self._boxed(ahead), log_ahead
        for correction in range(MOST_CORRECTIONS):
            piece = self.conditions.at(z, log_pull)
            if not np.isfinite(piece.values).all():
                break
            if piece.size < np.clip(1e-2 * np.exp(log_pull), *TOLERANCES):
                return Spot(piece, log_pull), correction
            self.steps += 1
            towards, along = piece.towards(), piece.along()
            off = float(by_unknown[:core] @ (z - ahead)[0, :core]) + by_pull * (
                log_pull - log_ahead
            )
            gain = by_pull + float(by_unknown[:core] @ along[:core])
            by = -(off + float(by_unknown[:core] @ towards[:core])) / gain if gain else np.nan
            move = towards + along * by
            if not np.isfinite(move).all() or abs(by) > 2.0:
                break
            if np.abs(move[:core]).max() > 20.0 * length + 0.5:
                break
            z, log_pull = self._boxed(z + move), log_pull + by
        return None, MOST_CORRECTIONS
