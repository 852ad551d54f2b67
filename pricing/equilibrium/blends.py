r"""Caps on origins that leave nothing to buy.

Caps on shares hold at any size of trade, so what they allow a buyer is a cone of flows: he can buy
as much as he likes, or nothing. A linear program tells which,

.. math::

    \max \sum_i f_{ij} \quad \text{with} \quad \sum_i f_{ij} \le 1, \quad w_m \cdot f \le 0
    \text{ for every cap } m, \quad f \ge 0 \text{ on usable routes},

and where the answer is nothing its multipliers name the caps that contradict each other: weights
with which they add up to the purchase itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray, Network
from pricing.errors import Fault
from pricing.instruments.terms import Limit, Terms

COUNTS = 1e-9
"""Multiplier of a cap from which on it belongs to the contradiction [1]."""

Faults = dict[tuple[str, str], Fault]


def blend_faults(network: Network, terms: Terms, usable: BoolArray) -> Faults:
    """Buyers who can buy nothing of a good that caps are on, by the caps."""
    faults: Faults = {}
    regions = len(network.regions)
    by_good: dict[int, list[Limit]] = {}
    for limit in terms.limits:
        if _is_cap(limit):
            by_good.setdefault(int(limit.flow[0][0]) // regions**2, []).append(limit)
    for good, caps in by_good.items():
        weight = np.zeros((len(caps), regions, regions))
        for row, cap in zip(weight, caps, strict=True):
            row.ravel()[cap.flow[0] % regions**2] = cap.flow[1]
        for buyer in np.flatnonzero((weight != 0.0).any(axis=(0, 1)) & usable[good].any(axis=0)):
            blamed = _contradicting(weight, usable[good], int(buyer))
            names = list(dict.fromkeys(caps[m].policy for m in blamed))
            if names:
                faults[names[-1], names[0]] = _fault(network, terms, names, good, int(buyer))
    return faults


def _is_cap(limit: Limit) -> bool:
    """Whether a limit is on shares of trade alone, and hard."""
    shares = bool(limit.flow[0].size) and limit.constant == 0.0 and limit.upper == np.inf
    others = limit.link, limit.level, limit.price, limit.buyer_price
    return shares and not any(part[0].size for part in others)


def _contradicting(weight: Array, usable: BoolArray, buyer: int) -> IntArray:
    """Positions of the caps (M, R, R) that leave a buyer nothing; none where he can buy."""
    free = usable[:, buyer] & (weight[:, :, buyer] <= 0.0).all(axis=0)
    if free.any():
        return np.zeros(0, dtype=np.intp)  # no cap counts what he buys there
    from scipy.optimize import linprog

    bought = np.zeros(usable.shape)
    bought[:, buyer] = 1.0
    rows = np.stack([bought, *weight])[:, usable]
    right = np.zeros(len(rows))
    right[0] = 1.0
    found = linprog(-bought[usable], rows, right)
    if found.status != 0 or -found.fun > 0.5:  # it is 1 or 0
        return np.zeros(0, dtype=np.intp)
    return np.flatnonzero(-found.ineqlin.marginals[1:] > COUNTS)


def _fault(network: Network, terms: Terms, names: Sequence[str], good: int, buyer: int) -> Fault:
    """What the caps do together, and the policies that shut other origins."""
    caps = " and ".join(f"'{name}'" for name in names)
    shut = dict.fromkeys(name for name, closed in terms.closed if closed[good, :, buyer].any())
    beside = "".join(f", with the routes that '{name}' shuts" for name in shut)
    verb = "leave" if len(names) > 1 else "leaves"
    return Fault(
        f"{caps} {verb} nothing that {network.regions[buyer]} may buy of {network.goods[good]}"
        f"{beside}: every mix of the origins that are open to it breaks a cap",
        f"policies.{names[-1]}.share",
        remedy="Raise a share, cap fewer origins, or leave one of them out",
    )
