"""Limits that belong to the chain, not to a policy: shortages, transport, feed of by-products."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.chains.network import Array, Network
from pricing.economics.sourcing import Law
from pricing.instruments.terms import NOTHING, Limit, Wedge

SHORTAGE, TRANSPORT, FEED, SPOT = "shortage", "transport", "feed", "spot"
MARKUP = "markup"
"""What the limits of a chain are called; their policy is empty."""


def own_limits(network: Network, contracted: Array) -> list[Limit]:
    """Limits of the chain itself, but for :func:`shortages`; (G, R, R) ``contracted``."""
    spot = _spot(network, contracted)
    return [*_transport(network), *_feeds(network), *spot, *_markups(network)]


def shortages(network: Network) -> Iterator[Limit]:
    """``0 <= u <= demand at choke  ⟂  choke - P``; ``u`` is a share where other prices move it."""
    curves = network.demand
    choked = np.isfinite(curves.choke)
    at_choke = curves.demanded(np.where(choked, curves.choke, curves.price))
    moved = np.isin(np.arange(curves.quantity.size), network.cross.demand)
    for n in np.flatnonzero(choked & (curves.quantity > 0.0)):
        g, r = network.demand_good[n], network.demand_region[n]
        here = np.array([g * len(network.regions) + r], dtype=np.intp)
        yield Limit(
            policy="",
            instrument=SHORTAGE,
            name=f"shortage of {network.goods[g]} in {network.regions[r]}",
            unit="1" if moved[n] else "t",
            upper=1.0 if moved[n] else float(at_choke[n]),
            scale=1.0 if moved[n] else float(curves.quantity[n]),
            condition_scale=float(curves.price[n]),
            constant=float(curves.choke[n]),
            buyer_price=(here, -np.ones(1)),
            acts_on_use=NOTHING if moved[n] else (here, -np.ones(1)),
            rations=int(n) if moved[n] else None,
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


def _spot(network: Network, contracted: Array) -> Iterator[Limit]:
    """``0 <= m  ⟂  use - contracts >= 0``: a buyer with more than it needs values a tonne less.

    Its price index falls by ``m`` below the spot index. Homogeneous goods do without: their
    delivered price is an unknown, and no spot route need cost it.
    """
    if not contracted.any():
        return
    bound, regions = contracted.sum(axis=1), len(network.regions)
    for g in network.goods_under(Law.LOGIT):
        for j in np.flatnonzero(bound[g]):
            here = np.array([g * regions + j], dtype=np.intp)
            scale = float(network.setting.price_scale[g])
            arcs = (g * regions + np.arange(regions)) * regions + j
            yield Limit(
                policy="",
                instrument=SPOT,
                name=f"spot purchases of {network.goods[g]} in {network.regions[j]}",
                unit="USD/t",
                upper=np.inf,
                scale=scale,
                condition_scale=float(network.flow[g, :, j].sum()),
                constant=-float(bound[g, j]),
                flow=(arcs, -np.ones(regions)),
                acts_on_index=(here, np.ones(1)),
            )


def _markups(network: Network) -> Iterator[Limit]:
    """What a markup is above its base-year value: held at a number that its exporter chooses.

    The condition counts the flow, so that its row of derivatives is minus the slope of demand.
    """
    regions, sellers = len(network.regions), network.sellers
    for arc in sellers.arc:
        good, rest = divmod(int(arc), regions**2)
        origin, destination = (network.regions[r] for r in divmod(rest, regions))
        here = np.array([arc])
        yield Limit(
            policy="",
            instrument=MARKUP,
            name=f"markup on {network.goods[good]} from {origin} to {destination}",
            unit="USD/t",
            lower=0.0,
            upper=0.0,
            scale=float(network.setting.price_scale[good]),
            condition_scale=float(network.flow.ravel()[arc]),
            constant=0.0,
            flow=(here, np.ones(1)),
            wedge=Wedge.SELLER,
            acts_on_arcs=here,
        )
