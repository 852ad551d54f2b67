"""Capacity that adjusts in the long horizon, calibrated to the base year.

At base-year capacity a plant runs along its short-run curve. What its capacity costs a year, the
annuity, is what it earns in the base year: so the base year is an equilibrium, and slack capacity
stays where it is as long as nothing changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pricing.chains.assumptions import Assumptions
from pricing.chains.behaviour import Plant, margin_share
from pricing.chains.curves import Expansion, Horizon, IsoelasticSupply, LinearSupply
from pricing.chains.network import Array
from pricing.chains.schema import Chain
from pricing.economics.capacity import LongRunSupply, Supply, plant_rent
from pricing.economics.curves import SupplyCurves
from pricing.instruments.terms import Setting

SMALLEST_RESPONSE = 1e-3
"""Capacity that would answer less than this is fixed [1]."""
EARNS = 1e-9
"""Plants that earn less than this share of margin times level pay for no capacity [1]."""


def expand(
    chain: Chain,
    assumptions: Assumptions,
    elasticity: tuple[dict[str, float], dict[str, float]],
    plants: Sequence[Plant],
    curves: SupplyCurves,
) -> Supply:
    """Supply curves of the horizon: those given, or with capacity that adjusts.

    ``elasticity`` holds the elasticities of the horizon and those at fixed capacity. Capacity
    answers what it earns by ``kappa`` such that both together are the long-run elasticity:
    ``eta_long = eta_short + kappa m x / V`` at the base year.
    """
    if assumptions.horizon is Horizon.SHORT or assumptions.expansion is Expansion.NONE:
        return curves
    low = np.array([plant.minimum for plant in plants])
    high = np.array([plant.capacity for plant in plants])
    margin = np.array([plant.margin for plant in plants])
    earned = plant_rent(curves, margin, low, np.array([p.stated_capacity for p in plants]))
    stated = np.array([plant.annuity for plant in plants])
    response = np.zeros(len(plants))
    for k, plant in enumerate(plants):
        if plant.sized:
            continue
        if plant.announced:
            response[k] = np.inf if stated[k] > 0.0 else 0.0
        elif earned[k] > EARNS * plant.margin * plant.level:
            response[k] = _response(chain, assumptions.expansion, elasticity, plant, earned[k])
    announced = np.array([plant.announced for plant in plants], dtype=bool)
    return LongRunSupply(
        plant=curves,
        low=low,
        high=high,
        annuity=np.where(announced, stated, earned),
        response=response,
        most=np.where(announced, 1.0, np.inf),
        stated=stated,
        kept=np.ones((1, len(plants))),
    )


def unbounded(
    curves: Supply, setting: Setting, low: Array, high: Array
) -> tuple[Setting, Array, Array]:
    """What instruments see, and bounds (K,) of levels, which capacity that adjusts lifts [t]."""
    if not isinstance(curves, LongRunSupply):
        return setting, low, high
    return replace(setting, adjusts=curves.adjusts), *curves.bounds


def _response(
    chain: Chain,
    expansion: Expansion,
    elasticity: tuple[dict[str, float], dict[str, float]],
    plant: Plant,
    earned: float,
) -> float:
    """``kappa`` of one plant that earns something [1]."""
    if expansion is Expansion.CONSTANT_COST:
        return np.inf
    if not isinstance(plant.declared, IsoelasticSupply | LinearSupply):
        return 0.0  # a plant of stated cost is one project of one size
    long, fixed = (values[plant.declared.elasticity] for values in elasticity)
    missing = (long - fixed) * margin_share(chain, plant)
    kappa = missing * earned / (plant.margin * plant.level)
    return kappa if kappa >= SMALLEST_RESPONSE else 0.0
