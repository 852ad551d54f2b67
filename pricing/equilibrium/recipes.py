"""What processes use and make per tonne of level: nonzero pairs, and a matrix over places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, IntArray


@dataclass(frozen=True)
class Pairs:
    """Nonzero input or output coefficients as parallel arrays."""

    process: IntArray
    """Process of each pair."""
    good: IntArray
    """Good of each pair."""
    region: IntArray
    """Region of the process."""
    place: IntArray
    """``g R + region``."""
    coefficient: Array
    """Tonnes per tonne of level [t/t]."""

    @classmethod
    def of(cls, coefficients: Array, region: IntArray, regions: int) -> Pairs:
        """Pairs of a (K, G) matrix."""
        process, good = np.nonzero(coefficients)
        at = region[process]
        return cls(process, good, at, good * regions + at, coefficients[process, good])


def spread(coefficients: Array, region: IntArray, regions: int) -> Array:
    """(rows, G) coefficients put at the region of each row: (rows, G R)."""
    rows, goods = coefficients.shape
    spread = np.zeros((rows, goods, regions))
    spread[np.arange(rows), :, region] = coefficients
    return spread.reshape(rows, goods * regions)
