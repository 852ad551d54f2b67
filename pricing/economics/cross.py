r"""Demand that answers the prices of other goods.

Other prices move the quantity at the demand's own base price from :math:`D_0` to
:math:`D_0 s`:

.. math:: s = \prod_h (P_h/P_{h0})^{c_h} \quad \text{(isoelastic)}, \qquad
          s = 1 + \sum_h c_h (P_h/P_{h0} - 1) \quad \text{(straight line)}.

Consumer surplus of such demand is a line integral, :math:`-\sum_g \int D_g\,dP_g`. It does not
depend on the path where slopes are symmetric, :math:`\partial D_g/\partial P_h = \partial
D_h/\partial P_g`; elsewhere a path has to be stated. Here prices move one good at a time, in the
order in which the chain lists its goods.

References
----------
.. [1] R. D. Willig, "Consumer's surplus without apology", American Economic Review 66(4), 1976.
.. [2] R. E. Just, D. L. Hueth and A. Schmitz, *The Welfare Economics of Public Policy*, Edward
   Elgar, 2004, chapter 5 (path dependence, symmetric slopes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricing.economics.curves import SATIATION, DemandCurves

Array = NDArray[np.float64]
IntArray = NDArray[np.intp]


@dataclass(frozen=True)
class CrossPrices:
    """Effects of other prices on demands, one after the other (C)."""

    demand: IntArray
    """(C,) demand that is moved."""
    place: IntArray
    """(C,) ``g R + region`` of the other price."""
    elasticity: Array
    """(C,) positive for substitutes, negative for complements [1]."""
    price: Array
    """(C,) other price at which there is no effect [USD/t]."""
    ceiling: Array
    """(C,) where its users' demand ends, above which the other price means nothing [USD/t]."""

    def _range(self, curves: DemandCurves) -> tuple[Array, Array]:
        """(C,) lowest and highest other price that moves anything [USD/t]."""
        low = np.where(curves.isoelastic[self.demand], SATIATION * self.price, -np.inf)
        return low, np.maximum(self.ceiling, low)

    def _read(self, curves: DemandCurves, prices: Array) -> tuple[Array, Array]:
        """(N, C) other prices as they are read, and whether they move anything."""
        other = prices[:, self.place]
        read = np.clip(other, *self._range(curves))
        return read, read == other

    def shift(self, curves: DemandCurves, prices: Array) -> Array:
        """(N, D) quantity at the own base price, as a share of ``D0`` [1].

        ``prices`` are (N, G R) price indices [USD/t].
        """
        return self._total(curves, self._term(curves, self._read(curves, prices)[0]))

    def _term(self, curves: DemandCurves, read: Array) -> Array:
        """(N, C) part of the shift that each other price makes: to multiply, or to add."""
        isoelastic, ratio = curves.isoelastic[self.demand], read / self.price
        log = self.elasticity * np.log(np.where(isoelastic, ratio, 1.0))
        return np.where(isoelastic, log, self.elasticity * (ratio - 1.0))

    def _total(self, curves: DemandCurves, term: Array) -> Array:
        total = np.zeros((term.shape[0], curves.quantity.size))
        at: tuple[Any, ...] = (slice(None), self.demand)
        np.add.at(total, at, term)
        with np.errstate(over="ignore"):
            return np.where(curves.isoelastic, np.exp(total), 1.0 + total)

    def slope(self, curves: DemandCurves, prices: Array, demanded: Array) -> Array:
        """(N, C) change of a demand with the other price [t per USD/t]."""
        read, moves = self._read(curves, prices)
        now, base = demanded[:, self.demand], curves.quantity[self.demand]
        curved = self.elasticity * now / np.where(read > 0.0, read, 1.0)
        line = np.where(now > 0.0, self.elasticity * base / self.price, 0.0)
        return np.where(moves, np.where(curves.isoelastic[self.demand], curved, line), 0.0)
