"""Points in the unit cube: Latin hypercube, scrambled Sobol, or plain random numbers.

Point ``k`` of a design depends on the design alone, whoever asks for it and in whatever batches.
Each dimension has a name; under ``latin_hypercube`` and ``random`` its coordinates depend on the
name and the seed only, under ``sobol`` also on its place among the sorted names.
"""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pricing.errors import Fault, InputError

Array = NDArray[np.float64]

MOST_DIMENSIONS = 21_201
"""Dimensions for which direction numbers of Sobol points are known (Joe and Kuo, 2008)."""


class Method(StrEnum):
    """How the unit cube is filled."""

    SOBOL = "sobol"
    """Scrambled Sobol points: even in all dimensions together. Best with a power of two."""
    LATIN_HYPERCUBE = "latin_hypercube"
    """Even in each dimension by itself. Keeps 8 bytes a draw and dimension in memory."""
    RANDOM = "random"
    """Independent random numbers."""
    GRID = "grid"
    """Every combination of evenly spaced shares; as many draws as levels to the power of numbers.
    What a grid finds is no distribution: its quantiles mean nothing."""


@dataclass(frozen=True)
class Design:
    """Points that are made when they are asked for."""

    method: Method
    """How they lie."""
    draws: int
    """How many."""
    seed: int
    """Seed; the same one gives the same points anywhere."""
    names: tuple[str, ...]
    """Dimensions, sorted; those of every scenario that shares the draws."""

    def __post_init__(self) -> None:
        """Refuse what no points can be made for."""
        if not 1 <= self.draws <= 2**30:
            raise InputError([Fault(f"{self.draws} draws", remedy="Ask for 1 to 2^30")])
        if not 0 <= self.seed < 2**63:
            raise InputError([Fault(f"seed {self.seed}", remedy="Use 0 to 2^63 - 1")])
        if len(self.names) > MOST_DIMENSIONS or list(self.names) != sorted(set(self.names)):
            raise InputError([Fault("names of dimensions must be different, sorted, and few")])
        if self.method is Method.GRID and self.levels ** len(self.names) != self.draws:
            near = [max(self.levels + more, 1) ** len(self.names) for more in (0, 1)]
            problem = f"{self.draws} draws are no grid of {len(self.names)} numbers"
            raise InputError([Fault(problem, remedy=f"Ask for {near[0]} or {near[1]}")])

    @property
    def levels(self) -> int:
        """Values of each number in a grid."""
        return max(int(self.draws ** (1.0 / max(len(self.names), 1)) + 1e-9), 1)

    def points(self, first: int, last: int) -> Array:
        """(last - first, D) points from ``first`` up to ``last``, strictly inside (0, 1)."""
        if self.method is Method.SOBOL:
            found = _sobol(self, first, last)
        elif self.method is Method.GRID:
            found = _grid(self, np.arange(first, last))
        else:
            column = _hypercube if self.method is Method.LATIN_HYPERCUBE else _random
            parts = [column(self.draws, self.seed, name)[first:last] for name in self.names]
            found = np.stack(parts, axis=1) if parts else np.zeros((last - first, 0))
        return np.clip(found, 2.0**-40, 1.0 - 2.0**-40)


def _sobol(design: Design, first: int, last: int) -> Array:
    from scipy.stats import qmc

    if not design.names:
        return np.zeros((last - first, 0))
    generator = np.random.default_rng([design.seed, 0])
    points = qmc.Sobol(len(design.names), scramble=True, bits=30, seed=generator)
    if first:
        points.fast_forward(first)
    with warnings.catch_warnings():  # the design is even, whatever part of it is asked for
        warnings.filterwarnings("ignore", "The balance properties of Sobol", UserWarning)
        found = points.random(last - first)
    # Points are multiples of 2^-30; half a step keeps them off zero.
    return np.asarray(found) + 2.0**-31


def _grid(design: Design, rows: NDArray[np.intp]) -> Array:
    """The last number moves fastest."""
    count, levels = len(design.names), design.levels
    digits = [rows // levels ** (count - 1 - n) % levels for n in range(count)]
    return (np.stack(digits, axis=1) + 0.5) / levels


def _stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers of one dimension."""
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:16], "little")])


@lru_cache(maxsize=64)
def _hypercube(draws: int, seed: int, name: str) -> Array:
    """(N,) one coordinate of a Latin hypercube: a point in every interval of length 1/N."""
    stream = _stream(seed, name)
    return (stream.permutation(draws) + stream.random(draws)) / draws


@lru_cache(maxsize=64)
def _random(draws: int, seed: int, name: str) -> Array:
    return _stream(seed, name).random(draws)
