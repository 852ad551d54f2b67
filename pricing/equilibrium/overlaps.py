"""Limits that say the same thing twice, and contracts that a limit forbids."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.chains.network import Array, BoolArray, Network
from pricing.equilibrium.blends import blend_faults
from pricing.equilibrium.ceilings import ABSURD, made_at_most
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
    contracts = [m for m in terms.limits if m.constant < 0.0 and (m.flow[1] < 0.0).any()]
    return (
        _limited_twice(network, terms, usable.ravel())
        | _taken_twice(network, contracts)
        | _forbidden(network, terms, contracts)
        | _beyond_capacity(network, terms, contracts)
        | blend_faults(network, terms, usable)
    )


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


def _taken_twice(network: Network, contracts: list[Limit]) -> Faults:
    """Two contracts on one route: the same tonnes would serve both."""
    first: dict[bytes, Limit] = {}
    faults: Faults = {}
    for contract in contracts:
        other = first.setdefault(_sorted(contract.flow[0]), contract)
        if other is not contract:
            good, origin, buyer = _route(network, contract)
            total = -contract.constant - other.constant
            faults[contract.policy, other.policy] = Fault(
                f"'{contract.policy}' and '{other.policy}' both take {good} from "
                f"{network.regions[origin]} to {network.regions[buyer]}, and the same tonnes would "
                "serve both",
                f"policies.{contract.policy}",
                remedy=f"State one contract of {total:,.6g} t in all",
            )
    return faults


def _forbidden(network: Network, terms: Terms, contracts: list[Limit]) -> Faults:
    """Contracts that fill a quota, or ask for what it forbids.

    Its rent and the discount would be any two numbers so far apart.
    """
    faults: Faults = {}
    for quota in terms.limits:
        if quota.upper < np.inf or quota.link[0].size or quota.constant <= 0.0:
            continue  # more may pass at a price
        inside = [m for m in contracts if _counts(network, quota, m)]
        total = -sum(m.constant for m in inside)
        if inside and total >= quota.constant * (1.0 - SAME):
            names = " and ".join(f"'{m.policy}'" for m in inside)
            faults[inside[-1].policy, quota.policy] = Fault(
                f"{names} must take {total:,.6g} t, and '{quota.policy}' lets "
                f"{quota.constant:,.6g} t pass: nothing is left that its rent could ration",
                f"policies.{inside[-1].policy}.tonnes",
                remedy="Take less than the quota lets pass, or leave one of them out",
            )
    return faults


def _counts(network: Network, quota: Limit, contract: Limit) -> bool:
    """Whether each tonne of a contract counts in full against a quota on trade or output."""
    arcs, weight = quota.flow
    if arcs.size:
        return bool(np.isin(contract.flow[0], arcs[weight == 1.0]).all() and (weight >= 0.0).all())
    makers, made = _makers(network, contract)
    counted = np.zeros(len(network.processes))
    counted[quota.acts_on_margin[0]] = quota.acts_on_margin[1]
    return bool(makers.size and np.array_equal(counted[makers], made))


def _beyond_capacity(network: Network, terms: Terms, contracts: list[Limit]) -> Faults:
    """Contracts on more than their plants can make: those that they name, or all of the region.

    A plant without a capacity makes what an absurd price pays for, with the inputs that can be had.
    """
    faults: Faults = {}
    for contract in contracts:
        good, origin, _ = _route(network, contract)
        makers, made = _makers(network, contract)
        outputs = network.outputs[network.process_region == origin, network.goods.index(good)]
        whose = f"the plants of {network.regions[origin]}"
        if makers.size < np.count_nonzero(outputs):
            whose = " and ".join(network.processes[k] for k in makers)
        capacity, tonnes = float(network.capacity[makers] @ made), -contract.constant
        most = min(capacity, float(made_at_most(network, terms)[makers] @ made))
        if tonnes > most * (1.0 + SAME):
            even, remedy = "", "Take less, or raise the capacity of a plant there"
            if most < capacity:
                even = f", with the inputs that can be had at {ABSURD:.0e} times base-year prices"
                remedy = "Take less, or state a plant there whose output can grow"
            faults[contract.policy, ""] = Fault(
                f"'{contract.policy}' must take {tonnes:,.6g} t, and {whose} can make at most "
                f"{most:,.6g} t of {good}{even}",
                f"policies.{contract.policy}.tonnes",
                remedy=remedy,
            )
    return faults


def _makers(network: Network, contract: Limit) -> tuple[IntArray, Array]:
    """Plants under contract, and their tonnes of the good per unit of level."""
    good, _, _ = _route(network, contract)
    return contract.makers, network.outputs[contract.makers, network.goods.index(good)]


def _route(network: Network, contract: Limit) -> tuple[str, int, int]:
    """Good, origin and buyer of a contract."""
    shape = (len(network.goods), len(network.regions), len(network.regions))
    good, origin, buyer = np.unravel_index(int(contract.flow[0][0]), shape)
    return network.goods[good], int(origin), int(buyer)
