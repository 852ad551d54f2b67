"""Typical sizes of prices, volumes and plants, by which conditions and multipliers are measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.behaviour import Plant
from pricing.chains.network import Array, IntArray
from pricing.economics.curves import SupplyCurves

SMALLEST_LEVEL = 1e-3
"""Base-year levels below this share of a plant's curve are no scale for it [1]."""


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
    """(G, R) output, or that of a typical region where there is none [t]."""
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
    recipe, weight = np.zeros((goods, goods)), np.zeros(goods)
    for k, (r, plant) in enumerate(zip(region, plants, strict=True)):
        made[:, r] += outputs[k] * plant.level
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
        quantity=np.where(made > 0.0, made, np.maximum(typical, 1e-6)),
        unit_cost=spent + supply.marginal_cost(at),
        size=size,
    )


def level_scale(supply: SupplyCurves, capacity: Array, level: Array) -> Array:
    """(K,) base-year levels; of plants that hardly ran, a level of their curve or capacity [t].

    A capacity of zero is no scale.
    """
    capacity = np.where(capacity > 0.0, capacity, np.inf)
    unused = np.where(supply.isoelastic, supply.level, 1.0)
    unused = np.where(np.isfinite(capacity), np.minimum(capacity, unused), unused)
    unused = np.where(supply.isoelastic | ~np.isfinite(capacity), unused, capacity)
    return np.where(level > SMALLEST_LEVEL * unused, level, unused)
