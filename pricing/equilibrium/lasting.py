"""What follows from a network alone, or from it and a choice set: made once, kept with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray, Network
from pricing.economics.sourcing import Law
from pricing.equilibrium.arcs import Arcs, Source
from pricing.equilibrium.entries import Entries
from pricing.equilibrium.own_limits import shortages
from pricing.equilibrium.recipes import Pairs, spread
from pricing.instruments.terms import Limit

MOST_KEPT = 16
"""Choice sets kept with one network."""


@dataclass(frozen=True)
class Offers:
    """Arcs of one choice set and where they meet."""

    arcs: Arcs
    """Open arcs of goods whose law states flows explicitly."""
    at: IntArray
    """Where they are among all arcs in the order (good, origin, destination)."""
    sources: tuple[Source, ...]
    """The same by law."""
    entries: Entries
    """Where they and processes meet in the matrix of a step."""


@dataclass(frozen=True)
class Lasting:
    """Parts of programs that only the network decides."""

    shape: tuple[int, int, int]
    """Shape of arrays over arcs: (G, R, R)."""
    place: IntArray
    """(G R R,) ``(g R + i) R + j``."""
    origin: IntArray
    """(G R R,) ``g R + i`` of each arc."""
    buyer: IntArray
    """(G R R,) ``g R + j`` of each arc."""
    goods: dict[Law, IntArray]
    """Goods by law."""
    inputs: Pairs
    """Inputs of processes."""
    outputs: Pairs
    """Outputs of processes."""
    input_map: Array
    """(K, G R) tonnes used of each good in each region per tonne of level [t/t]."""
    output_map: Array
    """(K, G R) tonnes made of each good in each region per tonne of level [t/t]."""
    demand_place: IntArray
    """(D,) ``g R + region`` of each demand."""
    alone: Array
    """(1, D) ones: the shift of demands where no other price moves any, and their share served."""
    lone_lines: IntArray
    """(L,) straight lines, moved by other prices, that are the only use of a homogeneous good in
    their region."""
    demand_map: Array
    """(D, G R) one where a demand is for that good in that region."""
    unserved: Array
    """(G R,) price at which all demand has ended, for buyers with nothing on offer [USD/t]."""
    shortages: tuple[Limit, ...]
    """Limits of buyers with a choke price."""

    @classmethod
    def of(cls, network: Network) -> Lasting:
        """Work them out."""
        goods, regions, region = len(network.goods), len(network.regions), network.process_region
        place = np.arange(goods * regions**2)
        end = network.demand.end
        top = max(float(end[np.isfinite(end)].max(initial=0.0)), 0.0)
        wanted = np.eye(goods)[network.demand_good]
        return cls(
            shape=(goods, regions, regions),
            place=place,
            origin=place // regions,
            buyer=place // regions**2 * regions + place % regions,
            goods={law: network.goods_under(law) for law in Law},
            inputs=Pairs.of(network.inputs, region, regions),
            outputs=Pairs.of(network.outputs, region, regions),
            input_map=spread(network.inputs, region, regions),
            output_map=spread(network.outputs, region, regions),
            demand_place=network.demand_good * regions + network.demand_region,
            alone=np.ones((1, network.demand_good.size)),
            lone_lines=_lone_lines(network),
            demand_map=spread(wanted, network.demand_region, regions),
            unserved=np.repeat(np.maximum(10.0 * network.setting.price_scale, 2.0 * top), regions),
            shortages=tuple(shortages(network)),
        )

    def endings(self, limits: Sequence[Limit]) -> IntArray:
        """(L,) lone lines of buyers for whom no stock buys or sells."""
        stocked = np.concatenate([np.empty(0, int), *(limit.acts_on_use[0] for limit in limits)])
        lone = self.lone_lines
        return np.asarray(lone[~np.isin(self.demand_place[lone], stocked)])

    @cached_property
    def _offers(self) -> dict[bytes, Offers]:
        return {}

    def offers(self, network: Network, open_arcs: BoolArray, open_origin: BoolArray) -> Offers:
        """Arcs of a choice set; kept for the next program with the same."""
        key = open_arcs.tobytes() + open_origin.tobytes()
        with _LOCK:
            known = self._offers.get(key)
        if known is not None:
            return known
        made = self._offered(network, open_arcs, open_origin)
        with _LOCK:
            self._offers[key] = made
            while len(self._offers) > MOST_KEPT:
                self._offers.pop(next(iter(self._offers)))
        return made

    def _offered(self, network: Network, open_arcs: BoolArray, open_origin: BoolArray) -> Offers:
        explicit = np.ones(self.shape[0], dtype=bool)
        homogeneous = self.goods[Law.HOMOGENEOUS]
        explicit[homogeneous] = False
        at = np.flatnonzero(open_arcs & explicit[:, None, None])
        at = at[np.argsort(self.buyer[at], kind="stable")]
        arcs = Arcs(self.origin[at], self.buyer[at])
        # where flows are folded into the matrix, every price has its place there
        every = np.arange(open_origin.size) if homogeneous.size else np.flatnonzero(open_origin)
        flows = self.inputs, self.outputs
        sources = tuple(self._sources(network, at, arcs))
        return Offers(
            arcs, at, sources, Entries.of(every, arcs, self.shape, len(network.processes), flows)
        )

    def _sources(self, network: Network, at: IntArray, arcs: Arcs) -> Iterator[Source]:
        """Open arcs by law, from those of all explicit laws."""
        regions = self.shape[1]
        good = at // regions**2
        for law in (Law.LOGIT, Law.ARMINGTON):
            own = np.isin(good, self.goods[law])
            if not own.any():
                continue
            some = arcs if own.all() else Arcs(arcs.origin[own], arcs.buyer[own])
            buyers = some.buyers
            logit = law is Law.LOGIT
            keen = network.theta.ravel()[buyers] if logit else network.sigma[buyers // regions]
            by_place = np.zeros((1, self.shape[0] * regions))
            by_place[0, buyers] = keen
            weight = network.log_weight.ravel()[at[own]]
            yield Source(law, some, at[own], weight, keen, some.each(keen)[None], by_place)


def _lone_lines(network: Network) -> IntArray:
    """Straight lines that other prices move, the only use of a homogeneous good where they are."""
    curves, good, region = network.demand, network.demand_good, network.demand_region
    users = np.zeros((len(network.goods), len(network.regions)))
    np.add.at(users, (good, region), 1.0)
    for k, g in zip(*np.nonzero(network.inputs), strict=True):
        users[g, network.process_region[k]] += 1.0
    lone = ~curves.isoelastic & (users[good, region] == 1.0)
    lone &= np.isin(good, network.goods_under(Law.HOMOGENEOUS))
    return np.intersect1d(np.flatnonzero(lone), network.cross.demand)


_KEPT: WeakKeyDictionary[Network, Lasting] = WeakKeyDictionary()
_LOCK = Lock()


def lasting(network: Network) -> Lasting:
    """What follows from a network; made when it is first asked for."""
    with _LOCK:
        known = _KEPT.get(network)
    if known is None:
        known = Lasting.of(network)
        with _LOCK:
            known = _KEPT.setdefault(network, known)
    return known
