"""The base year of a chain that states none: its own equilibrium without added policy."""

from __future__ import annotations

import numpy as np

from pricing.chains.assumptions import Assumptions
from pricing.chains.curves import (
    CostLine,
    Expansion,
    FlatCost,
    IsoelasticSupply,
    LinearSupply,
    SupplyCurve,
)
from pricing.chains.network import Array, Network
from pricing.chains.processes import LatentProcess, Process
from pricing.chains.schema import Chain
from pricing.chains.tables import Rows

NO_PRICE = 1e-12
"""Prices below this share of their good's are the last digits of a price of zero [1]."""


def plain(assumptions: Assumptions) -> Assumptions:
    """The assumptions that belong to the base year: nothing is added to it or taken away."""
    return assumptions.revised(
        latent=(),
        parity_shares=(),
        transshipments=(),
        demand=(),
        capacities=(),
        existing_duties=True,
        expansion=Expansion.NONE,
    )


def _empty(chain: Chain) -> Rows:
    """Rows without a number."""
    goods, regions = [g.id for g in chain.goods], [r.id for r in chain.regions]
    rows = Rows((), goods, regions, [process.id for process in chain.processes], chain)
    rows.stated = False
    return rows


def first_guess(chain: Chain) -> Rows:
    """Prices and levels of a plausible size, to scale the search for the base year.

    Prices add up costs downstream; a good that nobody makes takes the price of its users.
    """
    rows = _empty(chain)
    technologies = {technology.id: technology for technology in chain.technologies}
    price = {d.good: d.curve.through.price.usd_per_tonne for d in chain.demands if d.curve.through}
    for good in chain.goods:
        costs = []
        for process in chain.processes:
            technology = technologies[process.technology]
            if good.id in technology.outputs:
                inputs = technology.inputs.items()
                bought = sum(a.tonnes_per_tonne * price.get(name, 0.0) for name, a in inputs)
                cost = bought + _typical(process.supply or technology.supply, process)[1]
                costs.append(cost / technology.outputs[good.id].tonnes_per_tonne)
        if costs:
            price[good.id] = max(float(np.median(costs)), 1e-12)
        rows.price[rows.goods.index(good.id)] = price.get(good.id, 1.0)
    for k, process in enumerate(chain.processes):
        curve = process.supply or technologies[process.technology].supply
        rows.level[k] = _typical(curve, process)[0]
    for n, demand in enumerate(chain.demands):
        if demand.curve.through is not None:
            rows.demand[n] = demand.curve.through.quantity.tonnes
    return rows


def _typical(curve: SupplyCurve, process: Process | LatentProcess) -> tuple[float, float]:
    """A level and a marginal cost of a plausible size [t, USD/t]."""
    capacity = np.inf if process.capacity is None else process.capacity.tonnes
    if isinstance(curve, IsoelasticSupply | LinearSupply):
        assert curve.through is not None
        level = min(curve.through.quantity.tonnes, capacity)
        return level, curve.through.price.usd_per_tonne
    assert isinstance(curve, CostLine | FlatCost)
    cost = curve.cost if isinstance(curve, FlatCost) else curve.cost_at_capacity
    return (capacity if np.isfinite(capacity) else 1.0), cost.usd_per_tonne


def base_year(
    chain: Chain, network: Network, solution: tuple[Array, Array, Array, Array, Array]
) -> Rows:
    """Rows of the base year.

    ``solution`` holds prices (G, R), levels (K,), flows (G, R, R), final tonnes (D,) and freight
    (G, R, R) of the equilibrium of ``network``, whose processes are the chain's own.
    """
    price, level, flow, final, freight = solution
    rows = _empty(chain)
    made = network.setting.benchmark_output > 0.0
    price = np.where(price > NO_PRICE * network.setting.price_scale[:, None], price, 0.0)
    rows.price[:] = np.where(made, price, np.nan)
    rows.flow[:] = np.where(made[:, :, None], flow, 0.0)  # the last digits of a flow are none
    rows.freight = np.array(freight)
    rows.level[:] = level[: rows.level.size]  # carriers follow from the flows
    rows.demand[:] = final
    np.add.at(rows.use, (network.demand_good, network.demand_region), final)
    return rows
