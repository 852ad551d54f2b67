"""Prices on arcs as affine forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, IntArray
from pricing.equilibrium.stacking import StructureDiffersError
from pricing.instruments.terms import NOTHING, Sparse

Asked = Mapping[int, Sequence[tuple[int, str, float]]]
"""Arc -> rents that sellers hold there: position of the limit, its policy, share that counts."""


@dataclass(frozen=True)
class Affine:
    """A price on arcs as ``slope p + rent r + freight t + constant``.

    Arrays are (G, R, R) or have a scenario axis.
    """

    slope: Array
    """Slope in the ex-works price of the origin [1]."""
    freight: Array
    """Slope in the price of transport of routes with carriers [1]."""
    constant: Array
    """Constant, freight of the other routes included [USD/t]."""
    rent: Array
    """Slope in rents that sellers hold: what a dollar on the invoice adds [1]."""

    def at(self, sparse: Sparse, regions: int) -> tuple[IntArray, Array, float]:
        """Places of ex-works prices, their coefficients, and the constant of a weighted sum.

        Raises
        ------
        StructureDiffersError
            If there is a scenario axis: the places of limits have none.
        """
        if self.slope.ndim > 3 or self.constant.ndim > 3:
            raise StructureDiffersError("prices that limits compare")
        arcs, weight = sparse
        return (
            arcs // regions,
            weight * self.slope.ravel()[arcs],
            float(weight @ self.constant.ravel()[arcs]),
        )

    def carried(self, sparse: Sparse, carriers: Mapping[int, int]) -> Sparse:
        """Positions of prices of transport among the limits, and their coefficients in the sum."""
        on = [n for n, arc in enumerate(sparse[0].tolist()) if arc in carriers]
        arcs, weight = sparse[0][on], sparse[1][on]
        freight = np.broadcast_to(self.freight, self.slope.shape).ravel()
        return np.array([carriers[arc] for arc in arcs.tolist()], np.intp), weight * freight[arcs]

    def asked(self, sparse: Sparse, sellers: Asked, policy: str) -> Sparse:
        """Positions of what sellers ask beside one policy, and its coefficients in the sum.

        Raises
        ------
        StructureDiffersError
            If the slope in it has a scenario axis: the links of limits have none.
        """
        found = [
            (m, weight * share, arc)
            for arc, weight in zip(sparse[0].tolist(), sparse[1].tolist(), strict=True)
            for m, owner, share in sellers.get(arc, ())
            if owner != policy
        ]
        if not found:
            return NOTHING
        if self.rent.ndim > 3:
            raise StructureDiffersError("duties on what limits compare")
        places, weights, on = (np.array(part) for part in zip(*found, strict=True))
        return places, weights * np.broadcast_to(self.rent, self.slope.shape).ravel()[on]
