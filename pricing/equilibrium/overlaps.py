"""Limits that say the same thing twice, and contracts that a limit forbids."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.chains.network import Array, BoolArray, Network
from pricing.errors import Fault
from pricing.instruments.terms import IntArray, Limit, Terms

SAME = 1e-6
"""Limits nearer than this share of the larger one are the same limit [1]."""

Faults = dict[tuple[str, str], Fault]


def overlap_faults(network: Network, terms: Terms) -> Faults:
    """All faults of limits that meet, by the two policies."""
    usable: BoolArray = np.isfinite(network.log_weight).astype(bool)
    for _, closed in terms.closed:
        usable = np.asarray(usable & ~closed)
    return _limited_twice(network, terms, usable.ravel())


def _limited_twice(network: Network, terms: Terms, usable: BoolArray) -> Faults:
    """The same quota twice on the same arcs or plants: whose rent it is would be arbitrary.

    Routes without base-year trade or shut by a policy carry nothing and do not tell quotas apart.
    """
    alike: dict[tuple[bytes, bytes], list[Limit]] = {}
    faults: Faults = {}
    for limit in terms.limits:
        arcs, weight = limit.flow
        plants, _ = limit.acts_on_margin
        if not ((weight > 0.0) & usable[arcs]).any() and not plants.size:
            continue
        group = alike.setdefault((_sorted(arcs[usable[arcs]]), _sorted(plants)), [])
        for other in group:
            if other.policy != limit.policy and _same(limit, other, usable):
                what = (
                    f"trade in {network.goods[int(arcs[0]) // len(network.regions) ** 2]}"
                    if arcs.size
                    else f"output of {network.processes[int(plants[0])]}"
                )
                faults[limit.policy, other.policy] = Fault(
                    f"'{limit.policy}' and '{other.policy}' put the same quota on the same {what}",
                    f"policies.{limit.policy}",
                    remedy="Keep one of them, or make one the tighter",
                )
                break
        group.append(limit)
    return faults


def _same(one: Limit, other: Limit, usable: BoolArray) -> bool:
    """Whether two limits on the same arcs and plants are one but for rounding."""
    pairs = zip(_numbers(one, usable), _numbers(other, usable), strict=True)
    return all(np.allclose(a, b, rtol=SAME, atol=0.0) for a, b in pairs)


def _numbers(limit: Limit, usable: BoolArray) -> Iterator[Array]:
    """Tonnes of a limit, and its coefficients on usable arcs and on plants in their order."""
    yield np.array([limit.constant])
    arcs, weight = limit.flow
    kept = usable[arcs]
    yield weight[kept][np.argsort(arcs[kept])]
    plants, made = limit.acts_on_margin
    yield made[np.argsort(plants)]


def _sorted(places: IntArray) -> bytes:
    return np.sort(places).tobytes()
