"""A price floor as a put option."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from pricing.economics.contracts import Array


def put(forward: Array, strike: Array | float, deviation: Array) -> Array:
    r"""Expected shortfall of a lognormal price below a strike (Black 1976), not discounted.

    :math:`K \Phi(-d_2) - F \Phi(-d_1)` with :math:`d_{1,2} = \ln(F/K)/s \pm s/2`.

    Parameters
    ----------
    forward : array
        Expected price :math:`F` [USD/t].
    strike : array or float
        Strike :math:`K` [USD/t].
    deviation : array
        Standard deviation :math:`s` of the logarithm of the price [1].

    Returns
    -------
    array
        :math:`E \max(0, K - M)` [USD/t].

    References
    ----------
    .. [1] F. Black, "The pricing of commodity contracts", J. Financial Economics 3, 1976.

    Examples
    --------
    >>> value = put(np.array(20.0), 20.0, np.array(0.25 * (4 / 12) ** 0.5))
    >>> round(float(np.exp(-0.09 * 4 / 12) * value), 2)  # Hull, Options, Futures, ..., ch. 18
    1.12
    """
    d1 = np.log(forward / strike) / deviation + 0.5 * deviation
    return np.asarray(strike * ndtr(deviation - d1) - forward * ndtr(-d1))
