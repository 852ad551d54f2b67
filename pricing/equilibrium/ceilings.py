"""What a ceiling of prices bounds: beyond it no price is an answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pricing.chains.network import Array, Network
from pricing.economics.capacity import LongRunSupply, Supply
from pricing.instruments.terms import Support, Terms, granted

ABSURD = 1e6
"""Prices above this multiple of the base year's are no answer: demand of an elasticity of 0.01 that
has no choke price would be cut by a tenth only [1]."""
ALONG = 0.5
"""Marginal cost at a level that is supplied at a margin is at least this share of the margin; along
a flat curve it is not, and no price bounds the level [1]."""


def granted_supply(network: Network, terms: Terms) -> Supply:
    """Supply with the annuities that owners pay after grants."""
    if not terms.grants or not isinstance(network.supply, LongRunSupply):
        return network.supply
    return network.supply.granted(granted(terms.grants, len(network.processes)))


def base_year(network: Network, price: Array) -> Array:
    """(G, R) prices of the base year; the good's typical price where there is none [USD/t]."""
    return np.where(price > 0.0, price, network.setting.price_scale[:, None])


def paid_for(
    network: Network, supply: Supply, supports: Sequence[Support], ceiling: float
) -> Array:
    """(K,) most that processes make at a ceiling of prices; ``inf`` for no bound [t].

    Inputs cost nothing there, every payment is made in full, and a host that sees what its
    by-product earns sees all of it as rent. Not of carriers: their margin is no price of a good.
    """
    most = np.full(network.level_scale.size, np.inf)
    if np.isinf(ceiling):
        return most
    price = ceiling * base_year(network, network.price)
    margin = (network.outputs * price[:, network.process_region].T).sum(axis=1)
    for support in supports:
        made = support.made(network.outputs)
        np.add.at(margin, support.process, made * np.ravel(support.down) * np.ravel(support.strike))
    feeds = network.by_products
    rent = feeds.recovery * np.maximum(margin[feeds.process], 0.0)
    np.add.at(margin, feeds.host, np.where(feeds.shared, rent, 0.0))  # no host is a by-product
    level = np.ravel(supply.supplied(margin))
    known = np.isfinite(level)
    known[network.fleet.process] = False
    cost = np.ravel(supply.marginal_cost(np.where(known, level, 0.0)))
    return np.where(known & (cost >= ALONG * margin), level, most)


def made_at_most(network: Network, terms: Terms) -> Array:
    """(K,) most that processes make at absurd prices, with what their routes can bring then [t]."""
    paid = paid_for(network, granted_supply(network, terms), terms.supports, ABSURD)
    level, needs = np.minimum(network.capacity, paid), network.inputs.copy()
    needs[network.nests.process, network.nests.good] = 0.0  # others stand in for them
    reach = np.isfinite(network.log_weight)
    for _ in network.goods:
        with np.errstate(divide="ignore", invalid="ignore"):
            made = np.where(network.outputs > 0.0, network.outputs * level[:, None], 0.0)
            had = np.zeros(reach.shape[:2])
            np.add.at(had.T, network.process_region, made)
            brought = np.where(reach, had[:, :, None], 0.0).sum(axis=1)
            fed = np.where(needs > 0.0, brought[:, network.process_region].T / needs, np.inf)
        level = np.minimum(level, fed.min(axis=1))
    return level
