"""A chain as arrays: the calibrated network that the equilibrium works on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pricing.chains.conduct import Sellers
from pricing.economics.capacity import Supply
from pricing.economics.cross import CrossPrices
from pricing.economics.curves import DemandCurves
from pricing.economics.sourcing import Law
from pricing.economics.substitution import Nests
from pricing.instruments.terms import Duty, Setting

Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]


@dataclass(frozen=True)
class Fleet:
    """Routes (C) whose transport has a price: processes without goods that carry tonnes."""

    process: IntArray
    """(C,) process of each route's carriers."""
    arc: IntArray
    """(C,) route, ``(g R + i) R + j``."""
    price: Array
    """(C,) base-year price of carrying a tonne [USD/t]."""
    floor: Array
    """(C,) cost of the first tonne, below which nothing is carried [USD/t]."""


@dataclass(frozen=True)
class ByProducts:
    """Processes (B) whose feed comes out of another one: ``x <= recovery x host level``."""

    process: IntArray
    """(B,) processes."""
    host: IntArray
    """(B,) their hosts."""
    recovery: Array
    """(B,) most tonnes of level per tonne of the host's level [t/t]."""
    shared: BoolArray
    """(B,) whether the host gets the rent, and so sees the revenue."""
    rent: Array
    """(B,) base-year rent of a tonne of feed [USD/t]."""


@dataclass(frozen=True, eq=False)
class Network:
    """Goods (G), regions (R), processes (K) and demands (D) of one chain, calibrated.

    Arrays carry no scenario axis: one network serves every policy on the same assumptions.
    """

    setting: Setting
    """Names, scales and benchmark volumes that instruments may look at."""
    inputs: Array
    """(K, G) tonnes used per tonne of level [t/t]."""
    nests: Nests
    """Inputs that stand in for one another; ``inputs`` has their base-year tonnes."""
    outputs: Array
    """(K, G) tonnes made per tonne of level [t/t]."""
    process_region: IntArray
    """(K,) region of each process."""
    supply: Supply
    """(K,) marginal cost of the conversion margin; of capacity too where that adjusts."""
    minimum: Array
    """(K,) lowest level; zero where capacity adjusts [t]."""
    capacity: Array
    """(K,) highest level; ``inf`` for none [t]."""
    level: Array
    """(K,) benchmark level; zero for announced plants [t]."""
    level_scale: Array
    """(K,) a positive level [t]."""
    by_products: ByProducts
    """Processes that live on the feed of others."""
    demand_good: IntArray
    """(D,) good bought."""
    demand_region: IntArray
    """(D,) region of the buyer."""
    demand_use: tuple[str, ...]
    """(D,) name of the use."""
    demand: DemandCurves
    """(D,) demand curves."""
    cross: CrossPrices
    """Effects of other goods' prices on demands."""
    price: Array
    """(G, R) benchmark ex-works price; NaN where nothing is made [USD/t]."""
    buyer_price: Array
    """(G, R) benchmark price index and average landed price ``P0``; NaN without use [USD/t]."""
    flow: Array
    """(G, R, R) benchmark flows [t]."""
    contracted: Array
    """(G, R, R) tonnes bound by contracts [t]."""
    contract_price: Array
    """(G, R, R) their ex-works price; zero where there are none [USD/t]."""
    law: tuple[Law, ...]
    """(G,) sourcing law of each good."""
    log_weight: Array
    """(G, R, R) ``ln a`` or ``ln b`` of the sourcing law; ``-inf`` for shut arcs, else zero for
    homogeneous goods [1]."""
    theta: Array
    """(G, R) sensitivity of logit goods to landed prices; 1 for others [t/USD]."""
    sigma: Array
    """(G,) elasticity of sourcing at benchmark prices; ``inf`` for homogeneous goods [1]."""
    premium: Array
    """(G, R, R) fixed preference of buyers against a route, homogeneous goods only [USD/t]."""
    freight: Array
    """(G, R, R) freight, or inland cost on the diagonal; zero on routes of the fleet [USD/t]."""
    fleet: Fleet
    """Routes whose transport has a price of its own."""
    insurance: Array
    """(G, R, R) insurance as a share of FOB; zero at home [1]."""
    export_vat: Array
    """(G, R, R) unrefunded VAT as a share of the ex-works price, across borders only [1]."""
    customs_fob: BoolArray
    """(R,) importers that value at FOB; the others at CIF."""
    duties: tuple[Duty, ...]
    """Duties of the base year, by layer."""
    parity: BoolArray
    """(G, R, R) arcs opened by a parity share."""
    evasion: Array
    """(G, R, R) what hiding the origin costs; zero on open routes [USD/t]."""
    sellers: Sellers
    """Routes on which exporters set prices."""

    def goods_under(self, law: Law) -> IntArray:
        """Goods bought by a law."""
        return np.array([g for g, own in enumerate(self.law) if own is law], dtype=np.intp)

    @property
    def goods(self) -> tuple[str, ...]:
        """Good ids."""
        return self.setting.goods

    @property
    def regions(self) -> tuple[str, ...]:
        """Region ids."""
        return self.setting.regions

    @property
    def processes(self) -> tuple[str, ...]:
        """Process ids; the carriers of routes come last."""
        return self.setting.processes

    @cached_property
    def makers(self) -> BoolArray:
        """(K,) processes that make a good; carriers of routes and disguises do not."""
        return np.asarray((self.outputs > 0.0).any(axis=1)) & ~self.relays

    @cached_property
    def main_output(self) -> IntArray:
        """(K,) output that is worth most at benchmark prices; of :attr:`makers` only."""
        return np.asarray(np.argmax(self.outputs * self.setting.price_scale, axis=1))

    @property
    def relays(self) -> BoolArray:
        """(K,) processes that pass a good on under another name."""
        return np.asarray(~self.setting.proper[self.process_region])

    def under_true_origins(self, by_origin: Array) -> Array:
        """(R, ...) amounts by origin, those of disguised goods put where they were made."""
        total = np.zeros_like(by_origin)
        np.add.at(total, self.setting.true_origin, by_origin)
        return total

    def under_names(self, by_place: Array) -> Array:
        """(N, R) sums of places, credited to the regions whose names their goods carry."""
        total = np.zeros_like(by_place)
        np.add.at(total.T, self.setting.sold_as, by_place.T)
        return total

    @property
    def border(self) -> BoolArray:
        """(R, R) pairs in different customs territories."""
        return self.setting.border
