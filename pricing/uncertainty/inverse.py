"""Quantile functions of the declared distributions: from (0, 1) to values."""

from __future__ import annotations

import math
from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from pricing.scenarios.uncertain import (
    Discrete,
    Distribution,
    Lognormal,
    Normal,
    Pert,
    Triangular,
    Uniform,
)

Array = NDArray[np.float64]


@singledispatch
def quantile(distribution: Distribution, share: Array) -> Array:
    """Value below which a share of the distribution lies.

    Parameters
    ----------
    distribution : Distribution
        As declared; of :class:`Discrete`, the position of the value is returned.
    share : array
        Shares strictly between 0 and 1 [1].

    Returns
    -------
    array
        Values in the unit of the distribution.
    """
    raise TypeError(type(distribution).__name__)


@quantile.register
def _(distribution: Uniform, share: Array) -> Array:
    return distribution.low + (distribution.high - distribution.low) * share


@quantile.register
def _(distribution: Normal, share: Array) -> Array:
    center, spread = distribution.mean, distribution.sd
    low, high = distribution.low, distribution.high
    below = None if low is None else (low - center) / spread
    above = None if high is None else (high - center) / spread
    return _clipped(center + spread * _normal(share, below, above), low, high)


@quantile.register
def _(distribution: Lognormal, share: Array) -> Array:
    center, spread = math.log(distribution.median), distribution.sigma
    low, high = distribution.low, distribution.high
    below = None if low is None or low <= 0.0 else (math.log(low) - center) / spread
    above = None if high is None else (math.log(max(high, 1e-300)) - center) / spread
    return _clipped(np.exp(center + spread * _normal(share, below, above)), low, high)


def _normal(share: Array, below: float | None, above: float | None) -> Array:
    """Standard normal score at a share of what lies between two scores."""
    from scipy.special import ndtr, ndtri

    least = 0.0 if below is None else float(ndtr(below))
    most = 1.0 if above is None else float(ndtr(above))
    return np.asarray(ndtri(least + (most - least) * share))


def _clipped(value: Array, low: float | None, high: float | None) -> Array:
    """Rounding must not carry a value over the cut."""
    low, high = (-np.inf if low is None else low), (np.inf if high is None else high)
    return np.clip(value, low, high)


@quantile.register
def _(distribution: Triangular, share: Array) -> Array:
    low, mode, high = distribution.low, distribution.mode, distribution.high
    width = high - low
    rising = low + np.sqrt(share * width * (mode - low))
    falling = high - np.sqrt((1.0 - share) * width * (high - mode))
    return np.where(share * width < mode - low, rising, falling)


@quantile.register
def _(distribution: Pert, share: Array) -> Array:
    from scipy.special import betaincinv

    low, mode, high = distribution.low, distribution.mode, distribution.high
    width = high - low
    first = 1.0 + distribution.weight * (mode - low) / width
    second = 1.0 + distribution.weight * (high - mode) / width
    return np.asarray(low + width * betaincinv(first, second, share))


@quantile.register
def _(distribution: Discrete, share: Array) -> Array:
    weights = np.array(distribution.weights or [1.0] * len(distribution.values))
    steps = np.cumsum(weights) / weights.sum()
    last = int(np.flatnonzero(weights)[-1])
    return np.minimum(np.searchsorted(steps, share, side="right"), last).astype(float)
