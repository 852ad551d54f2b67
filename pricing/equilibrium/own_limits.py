"""Limits that belong to the chain, not to a policy: shortages, transport, feed of by-products."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.chains.network import BoolArray, Network
from pricing.economics.cross import CrossPrices
from pricing.instruments.terms import Limit, Wedge

SHORTAGE, TRANSPORT, FEED = "shortage", "transport", "feed"
"""What the limits of a chain are called; their policy is empty."""


def own_limits(network: Network, cross: CrossPrices) -> list[Limit]:
    """Every limit of the chain itself, shortages first."""
    return [*_shortages(network, cross), *_transport(network), *_feeds(network)]


def offered(network: Network, open_arcs: BoolArray) -> BoolArray:
    """(D,) demands with something on offer."""
    served = np.asarray(open_arcs.any(axis=1))
    return np.asarray(served[network.demand_good, network.demand_region])


def _shortages(network: Network, cross: CrossPrices) -> Iterator[Limit]:
    """``0 <= u <= demand at choke  ⟂  choke - P``.

    Where prices of other goods move that demand the bound is the most that they can make of it:
    with something on offer the price never passes the choke, so that ``u`` stays within demand.
    """
    curves = network.demand
    choked = np.isfinite(curves.choke)
    highest = np.where(choked, curves.choke, curves.price)
    at_choke = curves.demanded(highest, cross.largest_shift(curves))
    for n in np.flatnonzero(choked & (curves.quantity > 0.0)):
        g, r = network.demand_good[n], network.demand_region[n]
        here = np.array([g * len(network.regions) + r], dtype=np.intp)
        yield Limit(
            policy="",
            instrument=SHORTAGE,
            name=f"shortage of {network.goods[g]} in {network.regions[r]}",
            unit="t",
            upper=float(at_choke[n]),
            scale=float(curves.quantity[n]),
            condition_scale=float(curves.price[n]),
            constant=float(curves.choke[n]),
            buyer_price=(here, -np.ones(1)),
            acts_on_use=(here, -np.ones(1)),
        )


def _transport(network: Network) -> Iterator[Limit]:
    """Price of transport: ``floor <= t  ⟂  tonnes that carriers offer - flow >= 0``.

    Carriers are processes whose margin is that price.
    """
    fleet = network.fleet
    good = fleet.arc // len(network.regions) ** 2
    scale = np.maximum(fleet.price, 1e-3 * network.setting.price_scale[good])
    for n, (k, arc) in enumerate(zip(fleet.process, fleet.arc, strict=True)):
        yield Limit(
            policy="",
            instrument=TRANSPORT,
            name=f"price of {network.processes[k]}",
            unit="USD/t",
            upper=np.inf,
            lower=float(fleet.floor[n]),
            base=float(fleet.price[n]),
            scale=float(scale[n]),
            condition_scale=float(network.level_scale[k]),
            constant=0.0,
            flow=(np.array([arc]), np.ones(1)),
            level=(np.array([k]), -np.ones(1)),
            wedge=Wedge.CARRIER,
            acts_on_arcs=np.array([arc]),
            acts_on_margin=(np.array([k]), -np.ones(1)),
            rent_kept=False,
        )


def _feeds(network: Network) -> Iterator[Limit]:
    """Rent of a by-product's feed: ``0 <= m  ⟂  recovery x host level - level >= 0``.

    The plant's margin loses the rent. A host that sees the revenue gains it per tonne of its own
    level; else the plant keeps it, as a lump sum.
    """
    feeds = network.by_products
    value = network.outputs @ network.setting.price_scale
    for n, (k, host) in enumerate(zip(feeds.process, feeds.host, strict=True)):
        both, recovery = np.array([k, host]), float(feeds.recovery[n])
        shared = bool(feeds.shared[n])
        yield Limit(
            policy="",
            instrument=FEED,
            name=f"feed of {network.processes[k]} from {network.processes[host]}",
            unit="USD/t",
            upper=np.inf,
            base=float(feeds.rent[n]),
            scale=float(value[k]),
            condition_scale=float(network.level_scale[k]),
            constant=0.0,
            level=(both, np.array([1.0, -recovery])),
            acts_on_margin=(both, np.array([1.0, -recovery * shared])),
            rent_kept=not shared,
        )
