"""Supply and demand curves of a chain, through the base year or through a stated point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pricing.chains.curves import (
    CostLine,
    FixedDemand,
    FlatCost,
    IsoelasticDemand,
    IsoelasticSupply,
    LinearDemand,
    LinearSupply,
    SupplyCurve,
)
from pricing.chains.network import Array
from pricing.chains.schema import Chain, Demand
from pricing.economics.curves import DemandCurves, SupplyCurves
from pricing.errors import Fault

THROUGH = 1e-6
"""Largest relative distance between a stated curve and the base year [1]."""


@dataclass(frozen=True)
class Plant:
    """One process and its base year."""

    id: str
    """Process."""
    where: str
    """Path of its curve, for messages."""
    declared: SupplyCurve
    """Curve as declared."""
    level: float
    """Base-year level; zero where it did not run [t]."""
    margin: float
    """Base-year output value less inputs, per tonne of level [USD/t]."""
    revenue: float
    """Base-year output value per tonne of level [USD/t]."""
    minimum: float
    """Lowest level [t]."""
    capacity: float
    """Highest level under the assumptions; ``inf`` for none [t]."""
    stated_capacity: float
    """Highest level as the chain states it [t]."""
    mine: bool
    """Whether it has no inputs, so that its margin is its output price."""
    held: bool = False
    """Whether something else than its curve keeps it from making more in the base year."""
    announced: bool = False
    """Whether it is an announced plant, without a base year."""
    sized: bool = False
    """Whether the assumptions state its capacity."""
    annuity: float = np.nan
    """What its capacity costs a year as the chain states it; NaN where it does not [USD]."""


def supply_curves(
    chain: Chain, elasticity: dict[str, float], plants: Sequence[Plant]
) -> tuple[SupplyCurves, list[Fault]]:
    """Marginal-cost curves of all processes, and what is wrong with them."""
    count = len(plants)
    curves = SupplyCurves(
        isoelastic=np.zeros(count, dtype=bool),
        level=np.ones(count),
        cost=np.ones(count),
        elasticity=np.ones(count),
        intercept=np.zeros(count),
        slope=np.zeros(count),
    )
    faults: list[Fault] = []
    for k, plant in enumerate(plants):
        found = list(_fill(chain, elasticity, curves, k, plant))
        if not found and plant.level > 0.0:
            found = list(_off_base(replace(curves), k, plant))
        faults += found
    return replace(curves), faults  # curves keep what they work out: none may from here on change


def margin_share(chain: Chain, plant: Plant) -> float:
    """What turns the elasticity that a curve names into one of the margin [1]."""
    declared = plant.declared
    assert isinstance(declared, IsoelasticSupply | LinearSupply)
    of_output = chain.elasticities[declared.elasticity].of == "output_price"
    if of_output and declared.through is None and plant.revenue > 0.0:
        return plant.margin / plant.revenue
    return 1.0


def _fill(
    chain: Chain, elasticity: dict[str, float], curves: SupplyCurves, k: int, plant: Plant
) -> Iterator[Fault]:
    """Parameters of one curve (the arrays are still private to this module)."""
    declared = plant.declared
    if isinstance(declared, FlatCost):
        curves.intercept[k] = declared.cost.usd_per_tonne
        return
    if isinstance(declared, CostLine):
        if not np.isfinite(plant.capacity) or plant.capacity <= 0.0:
            yield Fault("a cost_line needs a positive capacity", plant.where)
            return
        curves.intercept[k] = declared.cost_at_zero.usd_per_tonne
        rise = declared.cost_at_capacity.usd_per_tonne - curves.intercept[k]
        curves.slope[k] = rise / plant.capacity
        return
    assert isinstance(declared, IsoelasticSupply | LinearSupply)
    level, margin = plant.level, plant.margin
    of_output = chain.elasticities[declared.elasticity].of == "output_price"
    if declared.through is not None:
        level = declared.through.quantity.tonnes
        margin = declared.through.price.usd_per_tonne
        if of_output and not plant.mine:
            yield Fault(
                f"'{declared.elasticity}' is of output_price, but a curve with 'through' states "
                "the margin only",
                f"{plant.where}.elasticity",
                remedy="Use an elasticity of the margin",
            )
            return
    if not margin > 0.0 or not level > 0.0:
        yield Fault(
            f"benchmark level {level:.6g} t and margin {margin:.6g} USD/t: both must be positive",
            plant.where,
            remedy="Reconcile prices and levels, or use a cost_line",
        )
        return
    eta = elasticity[declared.elasticity] * margin_share(chain, plant)
    if isinstance(declared, IsoelasticSupply):
        curves.isoelastic[k] = True
        curves.level[k], curves.cost[k], curves.elasticity[k] = level, margin, eta
    else:
        curves.slope[k] = margin / (eta * level)
        curves.intercept[k] = margin * (1.0 - 1.0 / eta)


def _off_base(curves: SupplyCurves, k: int, plant: Plant) -> Iterator[Fault]:
    """A stated curve passes through the base year, or ends below it, or is held at its minimum."""
    at = np.ones(curves.level.size)
    at[k] = min(plant.level, plant.stated_capacity)
    cost = float(curves.marginal_cost(at)[k])
    if isinstance(plant.declared, CostLine):
        if not np.isfinite(plant.stated_capacity):
            return  # only the assumptions say where the line ends
        rise = plant.declared.cost_at_capacity.usd_per_tonne - curves.intercept[k]
        cost = float(curves.intercept[k] + rise * at[k] / plant.stated_capacity)
    full = plant.held or plant.level >= plant.stated_capacity * (1.0 - 1e-9)
    held = plant.level <= plant.minimum * (1.0 + 1e-9)
    gap = cost - plant.margin
    gap = max(gap, 0.0) if full else max(-gap, 0.0) if held else abs(gap)
    if gap > THROUGH * max(cost, abs(plant.margin)):
        yield Fault(
            f"the cost curve of {plant.id} is at {cost:.6g} USD/t at its benchmark level of "
            f"{plant.level:.6g} t, where its margin is {plant.margin:.6g} USD/t",
            plant.where,
            remedy="Let the curve pass through the benchmark, or use another curve",
        )


def demand_curves(
    chain: Chain,
    elasticity: dict[str, float],
    base: tuple[Array, Array],
) -> DemandCurves:
    """Demand curves; ``base`` are (D,) prices and tonnes of the base year."""
    demands = chain.demands
    price, quantity = base[0].copy(), base[1].copy()
    for n, demand in enumerate(demands):
        if demand.curve.through is not None:
            price[n] = demand.curve.through.price.usd_per_tonne
            quantity[n] = demand.curve.through.quantity.tonnes
    price = np.where(np.isfinite(price), price, 1.0)
    return DemandCurves(
        isoelastic=np.array([not isinstance(d.curve, LinearDemand) for d in demands], dtype=bool),
        quantity=quantity,
        price=price,
        elasticity=np.array([_elasticity(d, elasticity) for d in demands]),
        choke=np.array([_choke(d, float(p)) for d, p in zip(demands, price, strict=True)]),
    )


def _elasticity(demand: Demand, elasticity: dict[str, float]) -> float:
    curve = demand.curve
    return 0.0 if isinstance(curve, FixedDemand) else elasticity[curve.elasticity]


def _choke(demand: Demand, price: float) -> float:
    curve = demand.curve
    if isinstance(curve, FixedDemand):
        return curve.value_of_lost_load.usd_per_tonne
    assert isinstance(curve, IsoelasticDemand | LinearDemand)
    return np.inf if curve.choke_multiple is None else curve.choke_multiple.fraction * price


def off_base_demand(
    curves: DemandCurves, demands: Sequence[Demand], base: tuple[Array, Array], shift: Array
) -> Iterator[Fault]:
    """A stated demand curve passes through the base year; so do fixed tonnes.

    ``shift`` (D,) is what base-year prices of other goods do to a curve [1].
    """
    price, quantity = base
    known = np.isfinite(price) & (quantity > 0.0)
    at = curves.demanded(np.where(known, price, curves.price), shift)
    # At the choke price anything up to the curve may be bought.
    rationed = np.where(known, price, 0.0) >= curves.choke * (1.0 - THROUGH)
    gap = np.where(rationed, np.maximum(quantity - at, 0.0), np.abs(at - quantity))
    above = price > curves.choke * (1.0 + THROUGH)
    for n in map(int, np.flatnonzero(known & ((gap > THROUGH * quantity) | above))):
        demand = demands[n]
        yield Fault(
            f"the demand curve of {demand.use} for {demand.good} in {demand.region} is at "
            f"{at[n]:.6g} t at the benchmark price of {price[n]:.6g} USD/t, where the benchmark "
            f"has {quantity[n]:.6g} t",
            f"demands.{n}.curve",
            remedy="Let the curve pass through the benchmark",
        )
