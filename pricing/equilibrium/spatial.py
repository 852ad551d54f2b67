r"""Homogeneous goods: delivered prices and flows as unknowns.

======================  ==========================================================
unknown                 condition
======================  ==========================================================
delivered price ``P``   :func:`buyers_balance`  ``sum f - use = 0``
flow ``f``              :func:`route_loss`      ``0 <= f  ⟂  c + premium - P >= 0``
======================  ==========================================================

A worthless good is thrown away where it is made, so that arrivals and use are equal. A box far
below every landed price keeps ``P`` bounded where nothing is used.

There are many flows and each touches two prices only, so they never enter a matrix. A step has
:math:`D\,df + dF = r` for every route, with :math:`dF = a\,dp_i + b\,dm - dP_j` and a diagonal
``D``; with :math:`W = D^{-1}` the flows leave

.. math:: (C - B W C_f)\,dz = r_c - B W r_f, \qquad df = W (r_f - C_f\,dz).

Where every good is homogeneous, the rest falls into blocks (:mod:`pricing.equilibrium.blocks`).

References
----------
.. [1] P. A. Samuelson, "Spatial price equilibrium and linear programming", American Economic
   Review 42(3), 1952; T. Takayama and G. G. Judge, *Spatial and Temporal Price and Allocation
   Models*, 1971.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray, Network
from pricing.chains.scales import least_use, still_traded
from pricing.equilibrium.affine import Affine
from pricing.equilibrium.arrays import LimitArrays


@dataclass(frozen=True)
class Routes:
    """Homogeneous goods (H) of a program as arrays; nothing where there are none."""

    goods: IntArray
    """(H,) homogeneous goods."""
    open: BoolArray
    """(H, R, R) routes in the choice set."""
    premium: Array
    """(H, R, R) fixed preferences against a route [USD/t]."""
    price_scale: Array
    """(H,) scale of prices [USD/t]."""
    use_scale: Array
    """(H, R) scale of a buyer's tonnes [t]."""
    sold_scale: Array
    """(H, R) scale of a seller's tonnes [t]."""
    flow_scale: Array
    """(H, R, R) scale of flows [t]."""
    sold: Array
    """(H, R, R) a scaled flow in the scaled condition of its origin's market [1]."""
    bought: Array
    """(H, R, R) a scaled flow in the scaled condition of its buyer [1]."""
    slope: Array
    """(H, R, R) slope of the landed price in the ex-works price [1]."""
    acting: IntArray
    """(A,) limits whose multiplier is part of a route's price."""
    charge: Array
    """(N, A, H, R, R) slope of the scaled route loss in their scaled multipliers [1]."""
    counting: IntArray
    """(B,) limits whose condition counts flows."""
    counted: Array
    """(N, B, H, R, R) a scaled flow in their scaled conditions (with a minus) [1]."""

    @property
    def size(self) -> int:
        """Number of delivered prices."""
        return self.use_scale.size

    def of(self, values: Array) -> Array:
        """(N, H, ...) values (N, G, ...) of these goods; without a copy where they are all."""
        return values if self.goods.size == values.shape[1] else values[:, self.goods]


def routes(
    network: Network,
    goods: IntArray,
    open_arcs: BoolArray,
    limit: LimitArrays,
    price: Affine,
) -> Routes:
    """Collect what the homogeneous goods of a program need.

    ``price`` is the landed price with ordinary duties.
    """
    regions = len(network.regions)
    setting, flow = network.setting, network.flow[goods]
    price_scale = setting.price_scale[goods]
    bought = still_traded(flow, setting.quantity_scale[goods]).sum(axis=1)
    typical = setting.quantity_scale[goods].sum(axis=1, keepdims=True) / max(regions, 1)
    use_scale = np.maximum(np.where(bought > 0.0, bought, typical), least_use(network)[goods])
    either = np.minimum(use_scale[:, None, :], setting.quantity_scale[goods][:, :, None])
    flow_scale = np.maximum(flow, either / regions)
    every = goods.size == len(network.goods)  # then nothing need be copied
    slopes = (price.slope, price.rent, price.freight)
    landed, *gains = (slope if every else slope[..., goods, :, :] for slope in slopes)
    fob_gain, freight_gain = (gain if gain.ndim == 4 else gain[None] for gain in gains)
    charge = limit.landed[:, goods] + limit.seller[:, goods] * fob_gain[:, None]
    if limit.on_freight.size:
        charge = charge + limit.carried[:, goods] * freight_gain[:, None]
    acting = np.flatnonzero(charge.any(axis=(0, 2, 3, 4)))
    counted = limit.flow[:, goods] * flow_scale / limit.condition_scale[:, :, None, None, None]
    counting = np.flatnonzero(counted.any(axis=(0, 2, 3, 4)))
    unit = limit.scale[acting, None, None, None] / price_scale[:, None, None]
    return Routes(
        goods=goods,
        open=open_arcs[goods],
        premium=network.premium[goods],
        price_scale=price_scale,
        use_scale=use_scale,
        sold_scale=setting.quantity_scale[goods],
        flow_scale=flow_scale,
        sold=flow_scale / setting.quantity_scale[goods][:, :, None],
        bought=flow_scale / use_scale[:, None, :],
        slope=landed,
        acting=acting,
        charge=charge[:, acting] * unit,
        counting=counting,
        counted=counted[:, counting],
    )


def bounds(network: Network, at: Routes, unserved: Array) -> tuple[Array, Array, Array]:
    """Boxes and scales of delivered prices and flows, one after the other, scaled.

    A buyer with nothing on offer faces the price ``unserved`` (G R,), at which it goes without;
    where that is infinite, its balance says which price it is. Where contracts bind, tonnes arrive
    at any price: it falls until they are used, however far.
    """
    shape = at.use_scale.shape
    beyond = unserved.reshape(-1, shape[1])[at.goods] / at.price_scale[:, None]
    served = at.open.any(axis=1) | np.isinf(beyond)
    depth = 1.0 + np.abs(at.premium).max(axis=(1, 2), initial=0.0) / at.price_scale
    arrive = (network.contracted[at.goods] * at.open).any(axis=1)
    lower = np.where(served, np.where(arrive, -np.inf, -depth[:, None]), beyond)
    upper = np.where(served, np.inf, beyond)
    top = np.where(at.open, np.inf, 0.0)
    scale = np.broadcast_to(at.price_scale[:, None], shape)
    return (
        np.concatenate([lower.ravel(), np.zeros(top.size)]),
        np.concatenate([upper.ravel(), top.ravel()]),
        np.concatenate([scale.ravel(), at.flow_scale.ravel()]),
    )


def condition_scale(at: Routes) -> Array:
    """Scales of the two conditions: tonnes of the buyer, price of the good."""
    price = np.broadcast_to(at.price_scale[:, None, None], at.flow_scale.shape)
    return np.concatenate([at.use_scale.ravel(), price.ravel()])


def buyers_balance(flow: Array, use: Array) -> Array:
    """(N, H, R) tonnes that arrive less tonnes used [t]; pairs with the delivered price."""
    return np.asarray(flow.sum(axis=2) - use)


def route_loss(at: Routes, landed: Array, delivered: Array) -> Array:
    """(N, H, R, R) landed price and premium less delivered price [USD/t]; pairs with the flow."""
    return np.asarray(landed + at.premium - delivered[:, :, None, :])


def ends(at: Routes, h: IntArray, i: IntArray, j: IntArray) -> tuple[IntArray, Array]:
    """Places where some routes (E,) of goods ``h`` end, and (P, E) one for each route that does.

    Places (P,) are positions among all sellers (H, R) and then all buyers (H, R).
    """
    goods, regions = at.use_scale.shape
    both = np.concatenate([h * regions + i, (goods + h) * regions + j])
    places, row = np.unique(both, return_inverse=True)
    sums = np.zeros((places.size, h.size))
    sums[row, np.tile(np.arange(h.size), 2)] = 1.0
    return places, sums


@dataclass(frozen=True)
class Elimination:
    """One step's flows, taken out of the dense system and put back; everything is scaled.

    A flow moves by ``moved - weight x (change of its route's loss)``.
    """

    at: Routes
    """The homogeneous goods."""
    prices: tuple[IntArray, IntArray]
    """(H, R) positions of producer prices and of delivered prices."""
    first: int
    """Position of the first multiplier."""
    weight: Array
    """(N, H, R, R) ``W``: how far a flow gives way; zero where its move is known."""

    def fold(self, matrix: Array) -> None:
        """Fold the flows into the rows and columns of prices and multipliers, in place."""
        at, weight, (p, d) = self.at, self.weight, self.prices
        sold, bought = at.sold * weight, at.bought * weight
        matrix[:, p, p] += (sold * at.slope).sum(axis=3)
        matrix[:, d, d] += bought.sum(axis=2)
        rows, columns = p[:, :, None], d[:, None, :]
        matrix[:, rows, columns] -= sold
        matrix[:, columns, rows] -= bought * at.slope
        acting, counting = self.first + at.acting, self.first + at.counting
        for m, charge in _each(acting, at.charge):
            matrix[:, p, m] += (sold * charge).sum(axis=3)
            matrix[:, d, m] -= (bought * charge).sum(axis=2)
        for m, counted in _each(counting, at.counted):
            held = counted * weight
            matrix[:, m, p] += (held * at.slope).sum(axis=3)
            matrix[:, m, d] -= held.sum(axis=2)
            for other, charge in _each(acting, at.charge):
                matrix[:, m, other] += (held * charge).sum(axis=(1, 2, 3))

    def carry(self, right: Array, moved: Array) -> None:
        """Take the flows' moves at unchanged prices to the right-hand sides, in place."""
        at, (p, d) = self.at, self.prices
        right[:, p] += (at.sold * moved).sum(axis=3)
        right[:, d] -= (at.bought * moved).sum(axis=2)
        for m, counted in _each(self.first + at.counting, at.counted):
            right[:, m] += (counted * moved).sum(axis=(1, 2, 3))

    def loss(self, move: Array) -> Array:
        """(N, H, R, R) change of route losses that follows from the move of everything else."""
        at, (p, d) = self.at, self.prices
        loss = at.slope * move[:, p][..., None] - move[:, d][:, :, None, :]
        for m, charge in _each(self.first + at.acting, at.charge):
            loss = loss + charge * move[:, m][:, None, None, None]
        return np.asarray(loss)


def _each(positions: IntArray, slopes: Array) -> Iterator[tuple[int, Array]]:
    """Positions of limits with their (N, H, R, R) slopes."""
    return ((int(m), slopes[:, n]) for n, m in enumerate(positions))
