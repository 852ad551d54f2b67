r"""Who buys from whom: the logit sourcing law.

Shares and price index of a buyer with landed prices :math:`c_i`:

.. math:: S_i = a_i e^{-\theta c_i} / \sum_k a_k e^{-\theta c_k}, \qquad
          P = -\theta^{-1} \ln \sum_k a_k e^{-\theta c_k},

so that :math:`\partial P / \partial c_i = S_i` exactly, and tonnes are kept.

References
----------
.. [1] D. McFadden, "Econometric models of probabilistic choice", in *Structural Analysis of
   Discrete Data*, MIT Press, 1981 (log-sum as the dual of the choice probabilities).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def logit(log_weight: Array, theta: Array, landed: Array) -> tuple[Array, Array]:
    """Sourcing shares and price index.

    Parameters
    ----------
    log_weight : (..., G, R, R) array
        ``ln a`` by good, origin, destination; ``-inf`` where the arc is shut [1].
    theta : (..., G, R) array
        Sensitivity to the landed price, ``sigma / P0`` [t/USD].
    landed : (..., G, R, R) array
        Landed price by good, origin, destination [USD/t].

    Returns
    -------
    shares : (..., G, R, R) array
        Share of each origin in a destination's tonnes; zero columns where nothing is on offer [1].
    index : (..., G, R) array
        Price index ``P``; ``inf`` where nothing is on offer [USD/t].
    """
    utility = log_weight - theta[..., None, :] * landed
    top = utility.max(axis=-2, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    weight = np.exp(utility - top)
    total = weight.sum(axis=-2)
    empty = total == 0.0
    total = np.where(empty, 1.0, total)
    index = np.where(empty, np.inf, -(np.log(total) + top[..., 0, :]) / theta)
    return weight / total[..., None, :], index


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
        ``sigma / P0`` [t/USD]; 1 where there is no benchmark use.
    average : (..., G, R) array
        Average landed price ``P0 = sum S0 c0``; NaN where there is no benchmark use [USD/t].
    """
    has_use = share.sum(axis=-2) > 0.0
    average = np.where(has_use, (share * np.where(share > 0.0, landed, 0.0)).sum(axis=-2), np.nan)
    theta = np.where(has_use, sigma[..., None] / np.where(has_use, average, 1.0), 1.0)
    gap = np.where(share > 0.0, landed - average[..., None, :], 0.0)
    used = share > 0.0
    new = ~used & (parity > 0.0) & has_use[..., None, :]
    log_share = np.log(np.where(used, share, 1.0)) + theta[..., None, :] * gap
    log_parity = np.log(np.where(new, parity, 0.5)) - np.log1p(-np.where(new, parity, 0.5))
    log_weight = np.where(used, log_share, np.where(new, log_parity, -np.inf))
    return log_weight, theta, average
