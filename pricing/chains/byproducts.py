"""By-products of a chain and their base-year rents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from pricing.chains.behaviour import Plant
from pricing.chains.curves import CostLine, FlatCost
from pricing.chains.network import Array, ByProducts
from pricing.chains.schema import Chain
from pricing.economics.curves import SupplyCurves
from pricing.errors import Fault

FULL = 1e-9
"""Relative distance from the feed of the host within which all of it is used [1]."""


def by_products(chain: Chain, names: Sequence[str]) -> ByProducts:
    """Arrays of the by-products, without rents; ``names`` are the processes in order."""
    found = [
        (names.index(process.id), names.index(own.host), own)
        for process in chain.processes
        if (own := process.by_product_of) is not None
    ]
    return ByProducts(
        process=np.array([k for k, _, _ in found], dtype=np.intp),
        host=np.array([h for _, h, _ in found], dtype=np.intp),
        recovery=np.array([own.recovery.tonnes_per_tonne for _, _, own in found]),
        shared=np.array([own.host_sees_revenue for _, _, own in found], dtype=bool),
        rent=np.zeros(len(found)),
    )


def with_rents(
    found: ByProducts, plants: Sequence[Plant], supply: SupplyCurves, level: Array
) -> tuple[ByProducts, list[Plant]]:
    """Base-year rents, and plants as these leave them.

    A curve through the benchmark leaves no rent; one that states its cost leaves its margin above
    it, where all feed is used. A host that gets the rent counts it in its margin.
    """
    changed, rent = list(plants), np.zeros(found.process.size)
    cost = supply.marginal_cost(np.maximum(level, 1e-300))
    for n, (k, h) in enumerate(zip(found.process, found.host, strict=True)):
        feed = found.recovery[n] * level[h]
        curve = plants[k].declared
        stated = isinstance(curve, FlatCost | CostLine) or curve.through is not None
        if level[k] >= feed * (1.0 - FULL) and feed > 0.0:
            changed[k] = replace(changed[k], held=True)
            rent[n] = max(plants[k].margin - cost[k], 0.0) if stated else 0.0
        if found.shared[n]:
            changed[h] = replace(changed[h], margin=changed[h].margin + found.recovery[n] * rent[n])
    return replace(found, rent=rent), changed


def net_of_rents(found: ByProducts, plants: Sequence[Plant]) -> list[Plant]:
    """Plants with the rent of their feed taken out of their margins."""
    changed = list(plants)
    for k, rent in zip(found.process, found.rent, strict=True):
        changed[k] = replace(changed[k], margin=changed[k].margin - rent)
    return changed


def feed_faults(found: ByProducts, plants: Sequence[Plant], level: Array) -> Iterator[Fault]:
    """By-products that make more in the benchmark than their hosts leave them."""
    for n, (k, h) in enumerate(zip(found.process, found.host, strict=True)):
        feed = found.recovery[n] * level[h]
        if level[k] > feed * (1.0 + FULL):
            yield Fault(
                f"{plants[k].id} makes {level[k]:.6g} t in the benchmark, but its host "
                f"{plants[h].id} leaves feed for {feed:.6g} t",
                f"processes.{plants[k].id}.by_product_of.recovery",
                remedy="Raise the recovery or reconcile the levels",
            )
