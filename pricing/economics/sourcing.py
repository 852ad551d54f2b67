r"""Who buys from whom: the sourcing laws.

``logit``: shares and price index of a buyer with landed prices :math:`c_i`,

.. math:: S_i = a_i e^{-\theta c_i} / \sum_k a_k e^{-\theta c_k}, \qquad
          P = -\theta^{-1} \ln \sum_k a_k e^{-\theta c_k},

so that :math:`\partial P / \partial c_i = S_i` exactly, and tonnes are kept.

``armington``: constant elasticity of substitution between origins, in value,

.. math:: P = \Big(\sum_k b_k c_k^{1-\sigma}\Big)^{1/(1-\sigma)}, \qquad
          S_i = \partial P/\partial c_i = b_i (c_i / P)^{-\sigma},

with flows :math:`f_i = S_i U`: the buyer's composite ``U`` costs :math:`P U = \sum_i c_i f_i`, and
tonnes do not add up to it.

``homogeneous``: the cheapest origins serve a buyer; flows and delivered prices are unknowns of
their own (:mod:`pricing.equilibrium.spatial`).

References
----------
.. [1] D. McFadden, "Econometric models of probabilistic choice", in *Structural Analysis of
   Discrete Data*, MIT Press, 1981 (log-sum as the dual of the choice probabilities).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Law(StrEnum):
    """Who buys from whom."""

    LOGIT = "logit"
    """Shares move with landed prices; tonnes are kept."""
    HOMOGENEOUS = "homogeneous"
    """The cheapest origins serve a buyer."""
    ARMINGTON = "armington"
    """Constant elasticity of substitution between origins, in value."""


class Offers(Protocol):
    """How values of arcs belong to buyers; the last axes of values are arcs or buyers."""

    def highest(self, values: Array) -> Array:
        """Largest of the values of each buyer's arcs."""

    def total(self, values: Array) -> Array:
        """Sum of the values of each buyer's arcs."""

    def each(self, values: Array) -> Array:
        """A value of each arc's buyer."""


class Table:
    """Arcs as (..., origin, destination), buyers as (..., destination)."""

    def highest(self, values: Array) -> Array:
        """Largest of each column."""
        return np.asarray(values.max(axis=-2))

    def total(self, values: Array) -> Array:
        """Sum of each column."""
        return np.asarray(values.sum(axis=-2))

    def each(self, values: Array) -> Array:
        """The same for every origin."""
        return values[..., None, :]


TABLE = Table()


def logit(
    log_weight: Array, theta: Array, landed: Array, offers: Offers = TABLE
) -> tuple[Array, Array]:
    """Sourcing shares and price index.

    Parameters
    ----------
    log_weight : (..., R, R) array
        ``ln a`` by origin and destination, or along a list of arcs; ``-inf`` where shut [1].
    theta : (..., R) array
        Sensitivity of each buyer to the landed price, ``sigma / P0`` [t/USD].
    landed : (..., R, R) array
        Landed price, along the same arcs [USD/t].
    offers : Offers
        Which arcs are whose, where they are a list.

    Returns
    -------
    shares : (..., R, R) array
        Share of each origin in a destination's tonnes; zero columns where nothing is on offer [1].
    index : (..., R) array
        Price index ``P``; ``inf`` where nothing is on offer [USD/t].
    """
    utility = log_weight - offers.each(theta) * landed
    top = offers.highest(utility)
    top = np.where(np.isfinite(top), top, 0.0)
    weight = np.exp(utility - offers.each(top))
    total = offers.total(weight)
    empty = total == 0.0
    total = np.where(empty, 1.0, total)
    index = np.where(empty, np.inf, -(np.log(total) + top) / theta)
    return weight / offers.each(total), index


def armington(
    log_weight: Array, sigma: Array, landed: Array, offers: Offers = TABLE
) -> tuple[Array, Array]:
    """Tonnes of each origin in a unit of the composite, and its price.

    Parameters
    ----------
    log_weight : (..., R, R) array
        ``ln b`` by origin and destination, or along a list of arcs; ``-inf`` where shut [1].
    sigma : (..., R) array
        Elasticity of substitution of each buyer, above one [1].
    landed : (..., R, R) array
        Landed price, along the same arcs, positive [USD/t].
    offers : Offers
        Which arcs are whose, where they are a list.

    Returns
    -------
    shares : (..., R, R) array
        ``S``; they do not add up to one [t/t].
    index : (..., R) array
        Price ``P`` of the composite; ``inf`` where nothing is on offer [USD/t].
    """
    power = sigma - 1.0
    log_cost = np.log(np.maximum(landed, 1e-300))
    term = log_weight - offers.each(power) * log_cost
    top = offers.highest(term)
    empty = ~np.isfinite(top)
    top = np.where(empty, 0.0, top)
    total = offers.total(np.exp(term - offers.each(top)))
    log_index = -(np.log(np.where(empty, 1.0, total)) + top) / power
    shares = np.exp(log_weight - offers.each(sigma) * (log_cost - offers.each(log_index)))
    index = np.where(empty, np.inf, np.exp(log_index))
    return np.where(offers.each(empty), 0.0, shares), index


def calibrate(
    share: Array, landed: Array, sigma: Array, parity: Array
) -> tuple[Array, Array, Array]:
    """Weights of the logit law that reproduce benchmark shares.

    Parameters
    ----------
    share : (..., G, R, R) array
        Benchmark shares ``S0`` by good, origin, destination [1].
    landed : (..., G, R, R) array
        Benchmark landed prices ``c0`` [USD/t].
    sigma : (..., G) array
        Elasticity at benchmark prices [1].
    parity : (..., G, R, R) array
        Share that an origin without benchmark flow would take if it landed at the average
        price, ``a = s / (1 - s)``; zero keeps the arc shut [1].

    Returns
    -------
    log_weight : (..., G, R, R) array
        ``ln a``; ``-inf`` for shut arcs [1].
    theta : (..., G, R) array
        ``sigma / P0`` [t/USD]; 1 where there is no benchmark use, or no price.
    average : (..., G, R) array
        Average landed price ``P0 = sum S0 c0``; NaN where there is no benchmark use [USD/t].
    """
    has_use = share.sum(axis=-2) > 0.0
    average = np.where(has_use, (share * np.where(share > 0.0, landed, 0.0)).sum(axis=-2), np.nan)
    priced = has_use & (average > 0.0)  # a homogeneous good may be free in its base year
    theta = np.where(priced, sigma[..., None] / np.where(priced, average, 1.0), 1.0)
    gap = np.where(share > 0.0, landed - average[..., None, :], 0.0)
    used = share > 0.0
    new = ~used & (parity > 0.0) & has_use[..., None, :]
    log_share = np.log(np.where(used, share, 1.0)) + theta[..., None, :] * gap
    log_parity = np.log(np.where(new, parity, 0.5)) - np.log1p(-np.where(new, parity, 0.5))
    log_weight = np.where(used, log_share, np.where(new, log_parity, -np.inf))
    return log_weight, theta, average


def calibrate_armington(share: Array, landed: Array, sigma: Array) -> Array:
    """Weights ``ln b`` for which the composite costs the average landed price at the benchmark.

    With ``P0 = sum S0 c0`` and flows ``f0 = S0 U0``, ``b = S0 (c0 / P0)^sigma`` gives back flows
    and price, because ``sum b c0^(1 - sigma) = P0^(1 - sigma)``.

    Parameters
    ----------
    share : (G, R, R) array
        Benchmark shares ``S0`` by good, origin, destination [1].
    landed : (G, R, R) array
        Benchmark landed prices ``c0`` [USD/t].
    sigma : (G,) array
        Elasticity of substitution [1].

    Returns
    -------
    log_weight : (G, R, R) array
        ``ln b``; ``-inf`` for shut arcs [1].
    """
    used = share > 0.0
    average = (share * np.where(used, landed, 0.0)).sum(axis=-2, keepdims=True)
    priced = used & (landed > 0.0)  # goods of other laws, passed over later, may be free
    ratio = np.where(priced, landed, 1.0) / np.where(priced, average, 1.0)
    weight = np.log(np.where(used, share, 1.0)) + sigma[:, None, None] * np.log(ratio)
    return np.where(used, weight, -np.inf)


def homogeneous_premium(share: Array, landed: Array) -> Array:
    """Constant per route that makes benchmark trade an equilibrium of one price per buyer [USD/t].

    Data never obey the law of one price. A used route that lands above or below the average carries
    the difference as a fixed preference; an unused one that would undercut the average carries what
    keeps it unused. Zero where the benchmark is a spatial equilibrium already.
    """
    used = share > 0.0
    bought = share.sum(axis=-2, keepdims=True) > 0.0
    average = (share * np.where(used, landed, 0.0)).sum(axis=-2, keepdims=True)
    known = bought & np.isfinite(landed)
    gap = np.where(known, average - np.where(known, landed, 0.0), 0.0)
    return np.where(used, gap, np.maximum(gap, 0.0))
