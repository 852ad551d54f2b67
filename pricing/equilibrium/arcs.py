"""Arcs as lists: what is offered to each buyer, and what is known along arcs.

The conditions read arrays over arcs from one :class:`Along`. Results know every arc, in the order
(good, origin, destination); a search knows the open ones only, in the order of their buyers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray, Network
from pricing.economics.sourcing import Law
from pricing.equilibrium.arrays import LimitArrays

if TYPE_CHECKING:
    from pricing.equilibrium.charges import Charges, LevyTerm
    from pricing.equilibrium.lasting import Lasting, Offers

Spans = tuple[IntArray, IntArray]
"""First positions of runs of equal numbers, and these numbers."""


@dataclass(frozen=True)
class Arcs:
    """Arcs (E) in the order of their buyers, with sums over those of one buyer or one origin."""

    origin: IntArray
    """(E,) ``g R + i``."""
    buyer: IntArray
    """(E,) ``g R + j``, ascending."""

    @cached_property
    def _bought(self) -> Spans:
        return _spans(self.buyer)

    @cached_property
    def _sold(self) -> tuple[IntArray, Spans]:
        order = np.argsort(self.origin, kind="stable")
        return order, _spans(self.origin[order])

    @property
    def buyers(self) -> IntArray:
        """(B,) ``g R + j`` of buyers to whom anything is offered."""
        return self._bought[1]

    @cached_property
    def rank(self) -> IntArray:
        """(E,) position of each arc's buyer among them."""
        return np.searchsorted(self.buyers, self.buyer)

    def highest(self, values: Array) -> Array:
        """(..., B) largest of the values (..., E) of each buyer's arcs."""
        return np.asarray(np.maximum.reduceat(values, self._bought[0], axis=-1))

    def total(self, values: Array) -> Array:
        """(..., B) sums of the values (..., E) of each buyer's arcs."""
        return np.asarray(np.add.reduceat(values, self._bought[0], axis=-1))

    def each(self, values: Array) -> Array:
        """(..., E) values (..., B) of each arc's buyer."""
        return np.asarray(values.take(self.rank, axis=-1))

    def to_buyers(self, values: Array, places: int) -> Array:
        """(..., G R) the same sums at the buyers' places; zero where nothing is offered."""
        sums = np.zeros((*values.shape[:-1], places))
        sums[..., self.buyers] = self.total(values)
        return sums

    def to_origins(self, values: Array, places: int) -> Array:
        """(..., G R) sums of the values (..., E) of each origin's arcs."""
        order, (first, origins) = self._sold
        sums = np.zeros((*values.shape[:-1], places))
        sums[..., origins] = np.add.reduceat(values.take(order, axis=-1), first, axis=-1)
        return sums


def _spans(numbers: IntArray) -> Spans:
    """Runs of equal numbers in an ascending list."""
    first = np.flatnonzero(np.diff(numbers, prepend=-1))
    return first, numbers[first]


@dataclass(frozen=True)
class Source:
    """Arcs of the goods under one law that states flows explicitly."""

    law: Law
    """The law."""
    arcs: Arcs
    """Its open arcs (L)."""
    at: IntArray | None
    """(L,) where they are among all that are known; None where these are all."""
    log_weight: Array
    """(L,) weights of the law [1]."""
    sensitivity: Array
    """(B,) of each buyer: ``theta`` of logit [t/USD], ``sigma`` of armington [1]."""
    by_arc: Array
    """(1, L) the same of each arc's buyer."""
    by_place: Array
    """(1, G R) the same at the buyers' places; zero elsewhere."""


@dataclass(frozen=True)
class Along:
    """What the conditions read along the arcs (E) that are known.

    Arrays of prices and slopes have a leading axis of one, or of scenarios where they differ.
    """

    shape: tuple[int, ...]
    """Shape of one array over these arcs: (G, R, R) of all, (E,) of a list."""
    place: IntArray
    """(E,) ``(g R + i) R + j``."""
    origin: IntArray
    """(E,) ``g R + i``."""
    buyer: IntArray
    """(E,) ``g R + j``."""
    arcs: Arcs
    """Open arcs of goods whose law states flows explicitly."""
    at: IntArray | None
    """Where these are among all that are known; None where they are all."""
    sources: tuple[Source, ...]
    """The same by law."""
    landed_slope: Array
    """Slope of the untopped landed price in the ex-works price [1]."""
    landed_constant: Array
    """Its constant [USD/t]."""
    fob_gain: Array
    """Its slope in the FOB price [1]."""
    freight_gain: Array
    """Its slope in freight [1]."""
    freight: Array
    """(1, E) freight, without prices of transport [USD/t]."""
    contracted: Array | None
    """(E,) tonnes that contracts bind; None where there are none [t]."""
    levies: tuple[LevyTerm, ...]
    """Top-ups on the arcs ``levied``."""
    levied: IntArray
    """(L,) which arcs have a top-up."""
    levied_scale: Array
    """(L,) price scale there [USD/t]."""
    seller: Array
    """(A, E) weight of multipliers ``on_arcs`` in the FOB price [1]."""
    charged: Array
    """(A, E) their weight in the landed price, after duties [1]."""
    following: Array | None
    """(A, E) weight of multipliers ``on_arcs`` in duties beyond the ordinary ones, where a levy
    counts them as paid; None where none does [1]."""
    carried: Array
    """(C, E) weight of multipliers ``on_freight`` in freight [1]."""
    counted: Array
    """(B, E) weight of flows in the conditions ``on_flow``."""

    @property
    def reduced(self) -> IntArray:
        """Arcs of armington goods whose price a limit may lower: it has to stay above zero."""
        if not any(source.law is Law.ARMINGTON for source in self.sources):
            return self.place[:0]
        lowered: BoolArray = np.asarray((self.charged < 0.0).any(axis=0))
        for source in self.sources:
            if source.law is not Law.ARMINGTON:
                lowered[slice(None) if source.at is None else source.at] = False
        return np.flatnonzero(lowered)

    def live(self, values: Array) -> Array:
        """(N, L) values (N, ...) over all arcs that are known, on those of ``arcs``."""
        flat = values.reshape(values.shape[0], self.place.size)
        return flat if self.at is None else np.asarray(flat.take(self.at, axis=1))

    @classmethod
    def every(
        cls,
        network: Network,
        kept: Lasting,
        offers: Offers,
        contracted: Array,
        charges: Charges,
        limit: LimitArrays,
    ) -> Along:
        """What the conditions read along all arcs.

        Parameters
        ----------
        network : Network
            The chain.
        kept, offers : Lasting, Offers
            What follows from it and from the choice set.
        contracted : (G, R, R) array
            Tonnes that contracts bind [t].
        charges : Charges
            What is charged there.
        limit : LimitArrays
            Limits.
        """
        levies, landed = charges.levies, charges.landed
        on = [np.isfinite(flat(levy.reference)).any(axis=0) for levy in levies]
        levied = np.flatnonzero(np.any(on, axis=0)) if on else kept.place[:0]
        return cls(
            shape=kept.shape,
            place=kept.place,
            origin=kept.origin,
            buyer=kept.buyer,
            arcs=offers.arcs,
            at=offers.at,
            sources=offers.sources,
            landed_slope=flat(landed.slope),
            landed_constant=flat(charges.landed_constant),
            fob_gain=flat(landed.rent),
            freight_gain=flat(landed.freight),
            freight=flat(network.freight),
            contracted=contracted.ravel() if contracted.any() else None,
            levies=tuple(levy.over(levied) for levy in levies),
            levied=levied,
            levied_scale=network.setting.price_scale[levied // kept.shape[1] ** 2],
            seller=flat(limit.seller[limit.on_arcs]),
            charged=flat(limit.landed[limit.on_arcs]),
            following=_following(levies, levied, limit),
            carried=flat(limit.carried[limit.on_freight]),
            counted=flat(limit.flow[limit.on_flow]),
        )

    def only_open(self) -> Along:
        """The same with nothing known but the open arcs of explicit laws."""
        if self.at is None:
            return self
        at, levied = self.at, np.flatnonzero(np.isin(self.at, self.levied))
        among = np.searchsorted(self.levied, self.at[levied])  # both in the order of arcs or not
        names = ("landed_slope", "landed_constant", "fob_gain", "freight_gain", "freight")
        others = ("seller", "charged", "carried", "counted")
        sources = tuple(replace(source, at=_among(at, source.at)) for source in self.sources)
        return replace(
            self,
            shape=at.shape,
            place=self.place[at],
            origin=self.origin[at],
            buyer=self.buyer[at],
            at=None,
            sources=sources,
            contracted=None if self.contracted is None else self.contracted[at],
            following=None if self.following is None else self.following[:, at],
            levies=tuple(levy.over(among) for levy in self.levies),
            levied=levied,
            levied_scale=self.levied_scale[among],
            **{name: getattr(self, name)[:, at] for name in (*names, *others)},
        )


def _following(levies: tuple[LevyTerm, ...], levied: IntArray, limit: LimitArrays) -> Array | None:
    """(A, E) weight of multipliers in duties that levies count as paid, where both are on one arc.

    Without them compiled steps know the program.
    """
    weight = flat(limit.landed[limit.on_arcs]) * limit.counts_as_paid[limit.on_arcs, None]
    if not weight[:, levied].any() or not any(levy.counts_all for levy in levies):
        return None
    return weight


def _among(positions: IntArray, some: IntArray | None) -> IntArray | None:
    """Where ``some`` of the distinct positions are in their list; None where these are all."""
    if some is None or some.size == positions.size:
        return None
    order = np.argsort(positions)
    return np.asarray(order[np.searchsorted(positions, some, sorter=order)])


def flat(values: Array) -> Array:
    """(1 or N, ...) values in one row a scenario; (G, R, R) and (A, G, R, R) are such as well."""
    rows, rest = (1, values.shape) if values.ndim == 3 else (values.shape[0], values.shape[1:])
    return values.reshape(rows, math.prod(rest))


def listed(values: Array, arcs: IntArray) -> Array:
    """(1 or N, L) values of a list of arcs."""
    return np.asarray(flat(values)[:, arcs])
