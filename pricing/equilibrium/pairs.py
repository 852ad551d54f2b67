"""Distances from bounds and their duals at interior points, and their changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pricing.chains.network import Array, BoolArray

READY = 1e-4
"""Pairs of which one side is below this have found their side: exact steps may follow [1]."""


@dataclass(frozen=True)
class Move:
    """Changes of unknowns and duals; all but flows (N, c), flows (N, F)."""

    core: Array
    """All unknowns but flows."""
    low: Array
    """Their lower duals."""
    high: Array
    """Their upper duals."""
    flow: Array
    """Flows."""
    dual: Array
    """Duals of flows."""


@dataclass(frozen=True)
class Pairs:
    """Distances from bounds and their duals; all but flows (N, c), flows (N, F)."""

    free: BoolArray
    """Unknowns that may move."""
    bounded: BoolArray
    """Those with an upper bound."""
    below: Array
    """Distances from lower bounds; 1 where nothing moves."""
    above: Array
    """Distances from upper bounds; 1 where there is none."""
    low: Array
    """Duals of lower bounds; 0 where nothing moves."""
    high: Array
    """Duals of upper bounds; 0 where there is none."""
    flow: Array
    """Flows; 0 on closed routes."""
    dual: Array
    """Duals of flows; 1 on closed routes."""
    count: Array
    """(N,) number of pairs."""

    @cached_property
    def gap(self) -> Array:
        """(N,) average complementarity [1]."""
        total = (self.below * self.low).sum(axis=1) + (self.above * self.high).sum(axis=1)
        flows = np.einsum("nf,nf->n", self.flow, self.dual)
        return np.asarray((total + flows) / self.count)

    @property
    def ready(self) -> BoolArray:
        """(N,) whether every pair has found its side."""
        core = np.minimum(self.below, self.low), np.minimum(self.above, self.high)
        flows = np.minimum(self.flow, self.dual).max(axis=1, initial=0.0)
        apart = np.maximum(np.max([part.max(axis=1) for part in core], axis=0), flows)
        return np.asarray(apart < READY)

    @property
    def drowned(self) -> BoolArray:
        """(N,) whether a distance has drowned in rounding: nothing is left to gain."""
        return np.asarray(np.minimum(self.below, self.above).min(axis=1) <= 0.0)

    def reach(self, move: Move) -> Array:
        """(N,) how far a move can go before a distance or a dual is zero."""
        low, high, flow = self._divisors
        falls = (
            (move.core / self.below).min(axis=1, initial=0.0),
            (move.low / low).min(axis=1, initial=0.0),
            (move.high / high).min(axis=1, initial=0.0),
            (move.dual / self.dual).min(axis=1, initial=0.0),
            (move.flow / flow).min(axis=1, initial=0.0),
        )
        rises = (move.core * self.bounded / self.above).max(axis=1, initial=0.0)
        closing = np.maximum(rises, -np.min(falls, axis=0))
        return np.asarray(1.0 / np.maximum(closing, 1e-3))

    @cached_property
    def _divisors(self) -> tuple[Array, Array, Array]:
        """Duals and flows with ones where nothing moves; two moves are measured by them."""
        used = self.flow > 0.0
        return (
            np.where(self.free, self.low, 1.0),
            np.where(self.bounded, self.high, 1.0),
            self.flow if np.count_nonzero(used) == used.size else np.where(used, self.flow, 1.0),
        )

    def after(self, move: Move, length: Array) -> Array:
        """(N,) average complementarity after a move of some length [1]."""
        far = length[:, None]
        total = ((self.below + far * move.core) * (self.low + far * move.low)).sum(axis=1)
        above = self.above - far * move.core * self.bounded
        total += (above * (self.high + far * move.high)).sum(axis=1)
        total += np.einsum("nf,nf->n", self.flow + far * move.flow, self.dual + far * move.dual)
        return np.asarray(total / self.count)
