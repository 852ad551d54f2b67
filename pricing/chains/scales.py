"""Typical sizes of prices, volumes and plants, by which conditions and multipliers are measured."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pricing.chains.behaviour import Plant
from pricing.chains.network import Array, IntArray, Network
from pricing.economics.curves import SupplyCurves

SMALLEST_LEVEL = 1e-3
"""Base-year levels below this share of a plant's curve are no scale for it [1]."""
SMALLEST_USE = 1e-6
"""Use below this share of its users' curves is no scale: it is the last digits of a price, which
has sixteen [1]."""


@dataclass(frozen=True)
class Scales:
    """Base-year volumes and costs of goods (G), regions (R) and processes (K)."""

    made: Array
    """(G, R) output [t]."""
    recipe: Array
    """(G, G) tonnes of input (column) per tonne of good (row), weighted by output [t/t]."""
    price: Array
    """(G,) ex-works price, weighted by output; one where nothing is made [USD/t]."""
    quantity: Array
    """(G, R) output as far as capacity goes; that of a typical region where there is none [t]."""
    unit_cost: Array
    """(K,) inputs and marginal conversion cost; of what did not run, at its full size [USD/t]."""
    size: Array
    """(K,) capacity; level where it has no limit [t]."""


def scales(
    plants: list[Plant],
    region: IntArray,
    inputs: Array,
    outputs: Array,
    price: Array,
    supply: SupplyCurves,
) -> Scales:
    """Of plants in their regions (K,) with coefficients (K, G), at ex-works prices (G, R)."""
    capacity = np.array([plant.capacity for plant in plants])
    level = np.array([plant.level for plant in plants])
    size = np.where(np.isfinite(capacity), capacity, level)
    at = np.where(level > 0.0, level, np.where(size > 0.0, size, supply.level))
    spent = np.array([plant.revenue - plant.margin for plant in plants])
    made, goods = np.zeros_like(price), len(price)
    can = np.zeros_like(price)
    recipe, weight = np.zeros((goods, goods)), np.zeros(goods)
    still = _still(level, capacity)
    for k, (r, plant) in enumerate(zip(region, plants, strict=True)):
        made[:, r] += outputs[k] * plant.level
        can[:, r] += outputs[k] * still[k]
        for g in np.flatnonzero(outputs[k] * inputs[k].sum()):
            recipe[g] += inputs[k] / outputs[k, g] * outputs[k, g] * plant.level
            weight[g] += outputs[k, g] * plant.level
    recipe /= np.where(weight > 0.0, weight, 1.0)[:, None]
    paid = np.where(price > 0.0, price, 0.0)
    total = np.maximum(made.sum(axis=1), 1e-300)
    scale = np.where(made.sum(axis=1) > 0.0, (made * paid).sum(axis=1) / total, 1.0)
    typical = made.sum(axis=1, keepdims=True) / max(price.shape[1], 1)
    return Scales(
        made=made,
        recipe=recipe,
        price=np.where(scale > 0.0, scale, 1.0),
        quantity=np.where(can > 0.0, can, np.maximum(typical, 1e-6)),
        unit_cost=spent + supply.marginal_cost(at),
        size=size,
    )


def _still(level: Array, capacity: Array) -> Array:
    """Base-year levels as far as capacity goes; one of zero is no scale [t]."""
    return np.where(capacity > 0.0, np.minimum(level, capacity), level)


def level_scale(supply: SupplyCurves, capacity: Array, level: Array) -> Array:
    """(K,) base-year levels; of plants that hardly ran, a level of their curve or capacity [t].

    A capacity of zero is no scale.
    """
    level = _still(level, capacity)
    capacity = np.where(capacity > 0.0, capacity, np.inf)
    unused = np.where(supply.isoelastic, supply.level, 1.0)
    unused = np.where(np.isfinite(capacity), np.minimum(capacity, unused), unused)
    unused = np.where(supply.isoelastic | ~np.isfinite(capacity), unused, capacity)
    return np.where(level > SMALLEST_LEVEL * unused, level, unused)


def least_use(network: Network) -> Array:
    """(G, R) least scale of a buyer's tonnes [t]."""
    least = np.zeros((len(network.goods), len(network.regions)))
    places = network.demand_good, network.demand_region
    np.add.at(least, places, SMALLEST_USE * network.demand.quantity)
    return least


def still_traded(flow: Array, quantity: Array) -> Array:
    """(G, R, R) base-year trade as far as the tonnes (G, R) at its origins go [t]."""
    sales = flow.sum(axis=2)
    left = np.minimum(1.0, quantity / np.where(sales > 0.0, sales, np.inf))
    return np.asarray(flow * left[:, :, None])


def measured_by_use(network: Network) -> Network:
    """The network with markets measured by no less than the least use of their buyers."""
    setting, least = network.setting, least_use(network)
    flow = still_traded(network.flow, setting.quantity_scale)
    used = flow.sum(axis=1)
    if not ((used > 0.0) & (used < least)).any():
        return network
    rise = np.maximum(1.0, least / np.where(used > 0.0, used, np.inf))
    scale = np.maximum(setting.quantity_scale, (flow * rise[:, None, :]).sum(axis=2))
    return replace(network, setting=replace(setting, quantity_scale=scale))
