"""Demand for and supply of one good, all other prices as they were solved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.build import Solved


def use_at(solved: Solved, good: int, region: int, price: Array) -> Array:
    """Tonnes of a good that a region would use at other prices of it.

    Final users follow their demand curve. Processes run until their marginal cost equals their
    margin, all other prices, payments and rents as solved, within capacity; where one more tonne
    costs the same at any level they stay as they are. What public stocks and shortages add or take
    stays.

    Parameters
    ----------
    solved : Solved
        A program and its solution.
    good, region : int
        Positions.
    price : (n,) array
        Price indices of the buyers [USD/t].

    Returns
    -------
    (n,) array
        Use; at the solved price index it is the solved use [t].
    """
    network, state = solved.program.network, solved.state
    here = (network.demand_good == good) & (network.demand_region == region)
    users = np.flatnonzero((network.inputs[:, good] > 0.0) & (network.process_region == region))
    supply = solved.program.supply
    flat = np.ravel(supply.marginal_cost_slope(network.level_scale)) == 0.0
    needed, index = network.inputs[users, good], float(state.index[0, good, region])

    def wanted(at: Array) -> Array:
        margin = np.zeros((at.size, network.inputs.shape[0])) + state.margin[0]
        margin[:, users] += needed * (index - at[:, None])
        level = np.clip(supply.supplied(margin), network.minimum, network.capacity)
        level = np.where(flat, state.level, level)
        level = np.where(solved.program.open_process, level, 0.0)
        # A flat cost curve leaves the level open at just one price: there it is the solved one.
        level = np.where(at[:, None] == index, state.level[0], level)
        final = network.demand.demanded(at[:, None], state.shift[:1])
        return np.asarray(level[:, users] @ needed + final[:, here].sum(axis=1))

    limit = solved.program.limit.use
    fixed = float(np.tensordot(state.multiplier[0], limit, 1)[good, region]) if limit.size else 0.0
    return np.asarray(np.maximum(wanted(price) + fixed, 0.0))


@dataclass(frozen=True)
class Maker:
    """What one process gets for a tonne of a good, and what the last tonne costs it."""

    process: int
    """Position of the process."""
    region: int
    """Its region."""
    tonnes: float
    """Output [t/yr]."""
    price: float
    """Ex-works price [USD/t]."""
    payment: float
    """Payment at the margin under price guarantees; negative where handed back [USD/t]."""
    cost: float
    """Marginal cost with inputs at their price index; joint products bear it by value [USD/t]."""

    @property
    def received(self) -> float:
        """Price and payment together [USD/t]."""
        return self.price + self.payment

    @property
    def rent(self) -> float:
        """What capacity or a production quota earns: receipts less cost [USD/t]."""
        return self.received - self.cost


def makers(solved: Solved, good: int) -> list[Maker]:
    """Processes that make a good, the cheapest first.

    Those that make nothing, or only pass it on under another name, are left out.
    """
    network, state = solved.program.network, solved.state
    here = network.process_region
    price = state.price[0][:, here].T
    paid = np.zeros_like(network.outputs)
    for support, at in zip(solved.program.supports, state.supports, strict=True):
        np.add.at(paid, (support.process, support.good), support.part * at.marginal[0])
    revenue = (network.outputs * (price + paid)).sum(axis=1)
    inputs = (network.inputs * state.index[0][:, here].T).sum(axis=1)
    cost = solved.program.supply.marginal_cost(state.level)[0] + inputs
    found = []
    for k in np.flatnonzero(network.outputs[:, good] * state.level[0] * network.makers > 0.0):
        received = float(price[k, good] + paid[k, good])
        found.append(
            Maker(
                process=int(k),
                region=int(here[k]),
                tonnes=float(state.level[0, k] * network.outputs[k, good]),
                price=float(price[k, good]),
                payment=float(paid[k, good]),
                cost=received * float(cost[k] / revenue[k]) if revenue[k] > 0.0 else received,
            )
        )
    return sorted(found, key=lambda maker: (maker.cost, maker.process))
