"""Contracts of a chain: tonnes that cannot switch, and their price."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.chains.network import Array
from pricing.chains.schema import Armington, Chain
from pricing.chains.tables import Rows
from pricing.errors import Fault


def contracts(chain: Chain, rows: Rows) -> tuple[Array, Array]:
    """(G, R, R) tonnes bound, and their ex-works prices [t, USD/t]."""
    tonnes, price = np.zeros_like(rows.flow), np.zeros_like(rows.flow)
    for contract in chain.contracts:
        g, i = rows.goods.index(contract.good), rows.regions.index(contract.origin)
        j = rows.regions.index(contract.destination)
        tonnes[g, i, j] = contract.share.fraction * rows.flow[g, i, j]
        stated = contract.price
        price[g, i, j] = rows.price[g, i] if stated is None else stated.usd_per_tonne
    return tonnes, np.where(tonnes > 0.0, price, 0.0)


def contract_faults(chain: Chain, rows: Rows) -> Iterator[Fault]:
    """Contracts on routes without base-year trade, or for composites that are not tonnes."""
    goods = {good.id: good for good in chain.goods}
    for number, contract in enumerate(chain.contracts):
        g, i = rows.goods.index(contract.good), rows.regions.index(contract.origin)
        j = rows.regions.index(contract.destination)
        route = f"{contract.good} from {contract.origin} to {contract.destination}"
        if rows.stated and not rows.flow[g, i, j] > 0.0:
            problem = f"{route} has no base-year trade to bind"
            yield Fault(problem, f"contracts.{number}", remedy="Leave it out, or add the flow")
        if isinstance(goods[contract.good].sourcing, Armington):
            problem = f"{contract.good} is bought by armington: its composites are not tonnes"
            yield Fault(problem, f"contracts.{number}.good", remedy="Use logit or homogeneous")
