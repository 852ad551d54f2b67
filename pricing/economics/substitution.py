r"""Substitution between named inputs of a process: a CES nest, in tonnes per tonne of level.

With coefficients :math:`a_0` at prices :math:`P_0`, :math:`C_0 = \sum a_{g0} P_{g0}` and value
shares :math:`w_g = a_{g0} P_{g0}/C_0`,

.. math:: C/C_0 = \Big(\sum_g w_g (P_g/P_{g0})^{1-\sigma}\Big)^{1/(1-\sigma)}, \qquad
          a_g = \partial C/\partial P_g = a_{g0} (P_g/P_{g0})^{-\sigma} (C/C_0)^{\sigma},

so that :math:`\sum_g a_g P_g = C`. Every ``a`` is tonnes of that good bought on its market; their
sum may change: saving on one input is what the nest is for. Prices are read down to 5 % of ``P0``.

References
----------
.. [1] K. J. Arrow, H. B. Chenery, B. S. Minhas and R. M. Solow, "Capital-labor substitution and
   economic efficiency", Review of Economics and Statistics 43(3), 1961.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricing.economics.curves import SATIATION

Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]

NEAR_ONE = 1e-9
"""Elasticities this close to one are taken as one: Cobb and Douglas [1]."""


@dataclass(frozen=True)
class Nests:
    """Inputs (E) that stand in for one another; a process has one nest at most."""

    process: IntArray
    """(E,) process."""
    good: IntArray
    """(E,) input."""
    place: IntArray
    """(E,) ``g R + region`` of the input."""
    coefficient: Array
    """(E,) ``a0``, tonnes per tonne of level at ``price`` [t/t]."""
    price: Array
    """(E,) ``P0`` [USD/t]."""
    elasticity: Array
    """(E,) ``sigma`` of the nest [1]."""
    same: BoolArray
    """(E, E) inputs of one nest."""

    def _read(self, prices: Array) -> tuple[Array, Array]:
        """(N, E) prices as they are read, and cost of the nest over its base cost."""
        read = np.maximum(prices[:, self.place], SATIATION * self.price)
        worth = self.coefficient * self.price
        share = worth / (self.same @ worth)
        log = np.log(read / self.price)
        power = 1.0 - self.elasticity
        unit = np.abs(power) < NEAR_ONE
        safe = np.where(unit, 1.0, power)
        together = self.same.T.astype(float)
        summed = np.log((share * np.exp(safe * log)) @ together) / safe
        return read, np.where(unit, (share * log) @ together, summed)

    def coefficients(self, prices: Array) -> Array:
        """(N, E) tonnes per tonne of level at (N, G R) price indices [t/t]."""
        read, log_cost = self._read(prices)
        log = self.elasticity * (log_cost - np.log(read / self.price))
        return np.asarray(self.coefficient * np.exp(log))

    def slopes(self, prices: Array) -> tuple[IntArray, IntArray, Array]:
        """Entries whose coefficient moves, entries whose price moves it, and (N, M) slopes."""
        read, _ = self._read(prices)
        now = self.coefficients(prices)
        cost = (now * read) @ self.same.astype(float)
        a, b = np.nonzero(self.same)
        own = np.where(a == b, 1.0 / read[:, a], 0.0)
        slope = self.elasticity[a] * now[:, a] * (now[:, b] / cost[:, a] - own)
        moves = prices[:, self.place] >= SATIATION * self.price
        return a, b, np.where(moves[:, b], slope, 0.0)

    def replaceable(self, inputs: Array) -> BoolArray:
        """(K, G) inputs for which others stand in, among all ``inputs`` (K, G)."""
        mask = np.zeros(inputs.shape, dtype=bool)
        mask[self.process, self.good] = True
        return mask

    def put(self, base: Array, coefficients: Array) -> Array:
        """(N, K, G) all input coefficients, those of the nests put into ``base`` (K, G) [t/t]."""
        whole = np.repeat(base[None], coefficients.shape[0], axis=0)
        at: tuple[Any, ...] = (slice(None), self.process, self.good)
        whole[at] = coefficients
        return whole
