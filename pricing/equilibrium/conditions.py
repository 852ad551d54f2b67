r"""Unknowns and their conditions, in one place.

======================  ==========================================================
unknown                 condition
======================  ==========================================================
producer price ``p``    :func:`market_clearance`  ``0 <= p  ⟂  excess supply >= 0``
process level ``x``     :func:`zero_profit`       ``lo <= x <= hi  ⟂  unit loss``
multiplier ``m``        :func:`room`              ``0 <= m <= upper  ⟂  room left``
======================  ==========================================================

Homogeneous goods add delivered prices and flows (:mod:`pricing.equilibrium.spatial`).

Everything between them (landed prices, shares, flows, price indices, use, payments) is an
explicit function of the unknowns: :func:`pricing.equilibrium.evaluate.evaluate`. No instrument is
named here.
"""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium import spatial
from pricing.equilibrium.endings import below_zero
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State


def market_clearance(state: State) -> Array:
    """Excess supply of each good ex works [t]; pairs with the producer price."""
    return np.asarray(state.output - state.sold - state.purchases)


def zero_profit(state: State) -> Array:
    """Marginal cost plus inputs less outputs [USD/t]; pairs with the process level."""
    return np.asarray(state.cost - state.margin)


def room(program: Program, state: State) -> Array:
    """Room left under each limit, in its own unit; pairs with its multiplier."""
    limit, count = program.limit, state.price.shape[0]
    places, used = (limit.scale.size, state.price[0].size), limit.used
    left = np.repeat(limit.constant, count // limit.constant.shape[0], axis=0)
    if used.price:
        left += state.price.reshape(count, -1) @ limit.price.reshape(places).T
    if used.buyer_price:
        left += state.index.reshape(count, -1) @ limit.buyer_price.reshape(places).T
    if used.level:
        left -= state.level @ limit.level.T
    rows, share = limit.unsold
    if rows.size:
        left[:, rows] += state.multiplier[:, share] * (state.level @ limit.level[rows].T)
    if used.link:
        left += state.multiplier @ limit.link.T
    if limit.on_flow.size:
        left[:, limit.on_flow] -= state.flow.reshape(count, -1) @ program.along.counted.T
    rows, bought, place, times = limit.spends
    if rows.size:
        price = state.index.reshape(count, -1)[:, place]
        left[:, rows] -= times * state.multiplier[:, bought] * price
    for q, at in enumerate(state.supports):
        full = (at.shortfall * at.output).sum(axis=1)
        left = left - full[:, None] * limit.payment[:, q]
        left = left - ((1.0 - at.cut) * full)[:, None] * limit.reduced[:, q]
    return left


def scaled_conditions(program: Program, state: State) -> Array:
    """(N, n) conditions in the order of the unknowns: of volume, of output price, of the limit."""
    count = state.price.shape[0]
    parts = [
        market_clearance(state).reshape(count, -1),
        zero_profit(state),
        room(program, state),
    ]
    at = program.routes
    if at.size:
        flow, landed = at.of(state.flow), at.of(state.landed)
        wanted = state.use
        if program.endings.size:
            wanted = wanted + below_zero(program, state)
        balance = spatial.buyers_balance(flow, at.of(wanted))
        loss = spatial.route_loss(at, landed, at.of(state.index))
        parts += [balance.reshape(count, -1), loss.reshape(count, -1)]
    conditions = np.concatenate(parts, axis=1)
    if conditions.shape[0] == 1:  # one point may serve scenarios of many scales
        return conditions / program.condition_scale
    conditions /= program.condition_scale
    return conditions


def residual(program: Program, z: Array, conditions: Array) -> Array:
    """Natural residual ``z - mid(lower, upper, z - F)`` of the scaled box conditions [1].

    Zero exactly where every unknown and its condition satisfy their pair. Written as the middle of
    ``z - upper``, ``F`` and ``z - lower``: taking ``F`` from a huge ``z`` would lose it.
    """
    return between(conditions, z - program.upper, z - program.lower)


def distance(program: Program, z: Array, state: State | None = None) -> float:
    """Largest scaled residual at a point (1, n); infinite where it is not a number [1]."""
    state = evaluate(program, z) if state is None else state
    gap = np.abs(residual(program, z, scaled_conditions(program, state))).max()
    return float(gap) if np.isfinite(gap) else np.inf


def between(values: Array, low: Array, high: Array) -> Array:
    """Values taken into their boxes; for small arrays twice as fast as ``np.clip``."""
    return np.minimum(np.maximum(values, low), high)


def describe(program: Program, position: int) -> str:
    """Name of the condition at a position of the residual, in words."""
    network, at = program.network, program.routes
    regions = len(network.regions)
    if position < program.level_part.start:
        good, region = divmod(position, regions)
        return f"market clearance of {network.goods[good]} in {network.regions[region]}"
    if position < program.level_part.stop:
        return f"zero profit of {network.processes[position - program.level_part.start]}"
    if position < program.multiplier_part.stop:
        return str(program.limits[position - program.multiplier_part.start].name)
    if position < program.delivered_part.stop:
        h, region = divmod(position - program.delivered_part.start, regions)
        good = network.goods[at.goods[h]]
        return f"arrivals and use of {good} in {network.regions[region]}"
    h, arc = divmod(position - program.flow_part.start, regions**2)
    origin, destination = (network.regions[r] for r in divmod(arc, regions))
    return f"delivered price of {network.goods[at.goods[h]]} from {origin} in {destination}"
