"""Kinks: exact in results, rounded where a search asks for it."""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array


def plus(value: Array, width: Array | None) -> tuple[Array, Array]:
    """Positive part and its slope; rounded over ``width`` (Chen-Harker-Kanzow-Smale), exact at 0.

    References
    ----------
    .. [1] B. Chen and P. T. Harker, "A non-interior-point continuation method for linear
       complementarity problems", SIAM J. Matrix Anal. Appl. 14(4), 1993.
    """
    if width is None:
        return np.maximum(value, 0.0), (value > 0.0).astype(float)
    root = np.sqrt(value**2 + 4.0 * np.square(width))
    # For a negative value the textbook form (value + root) / 2 cancels; this one does not.
    cancelling = 2.0 * np.square(width) / (root - np.minimum(value, 0.0))
    rounded = np.where(value > 0.0, 0.5 * (value + root), cancelling)
    return rounded, rounded / root
