"""From the unknowns to the state: everything between them and the conditions is explicit.

Prices and multipliers give landed prices, these the shares and price indices of buyers, these final
demand; with process levels that is use, flows, sales and margins. No instrument is named here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pricing.chains.network import Array
from pricing.economics.sourcing import Law, armington, logit
from pricing.equilibrium.arrays import LimitArrays
from pricing.equilibrium.landed import landed_prices
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.equilibrium.supports import SupportState, support_states, to_processes


def evaluate(program: Program, z: Array, width: Array | None = None) -> State:
    """Everything that follows explicitly from the unknowns.

    ``width`` (N,) rounds the kinks of top-ups and supports, as a share of the price scale; results
    that are handed out use none.
    """
    limit, along = program.limit, program.along
    price, level, multiplier, delivered, routed = _split(program, z)
    count, shape = price.shape[0], price.shape
    made = price.reshape(count, -1)
    landed = landed_prices(program, made, multiplier, width)
    weights, index, keenness, index_keenness = _bought(program, landed.price)
    if limit.on_arcs.size:
        lowered = limit.index[limit.on_arcs].reshape(-1, index.shape[1])
        index -= multiplier[:, limit.on_arcs] @ lowered
    homogeneous = program.routes.goods
    if homogeneous.size:
        index.reshape(shape)[:, homogeneous] = delivered
    final, shift, served = _demanded(program, index, multiplier)
    use = level @ program.lasting.input_map + (final * served) @ program.lasting.demand_map
    if limit.used.use:
        use += multiplier @ limit.use.reshape(-1, use.shape[1])
    inputs, more, dearer = _replaced(program, index, level)
    if more is not None:
        use += more
    spot, flow, sold = _sourced(program, weights, use, routed)
    supports = support_states(program, price, level, multiplier, width)

    def arcs(values: Array) -> Array:
        return values.reshape(len(values), *along.shape)

    return State(
        price=price,
        level=level,
        multiplier=multiplier,
        seller_rent=arcs(landed.seller_rent),
        freight=arcs(landed.freight),
        gaps=tuple(arcs(gap) for gap in landed.gaps),
        landed=arcs(landed.price),
        landed_slope=arcs(landed.slope),
        rent_slope=arcs(landed.rent_slope),
        freight_slope=arcs(landed.freight_slope),
        relief=arcs(landed.relief),
        weights=arcs(weights),
        keenness=arcs(keenness),
        index_keenness=index_keenness.reshape(-1, *shape[1:]),
        index=index.reshape(shape),
        shift=shift,
        final_demand=final,
        served=served,
        use=use.reshape(shape),
        spot=spot.reshape(shape),
        flow=arcs(flow),
        sold=sold.reshape(shape),
        measured=program.measured,
        output=(level @ program.lasting.output_map).reshape(shape),
        purchases=_purchases(limit, multiplier),
        supports=supports,
        inputs=inputs,
        margin=_margin(program, (made, index, multiplier), supports, dearer),
        cost=program.supply.marginal_cost(level),
    )


def _split(program: Program, z: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Scaled unknowns (N, n) as what they are.

    Prices (N, G, R), levels (N, K), multipliers (N, M); of homogeneous goods delivered prices
    (N, H, R) and flows (N, H, R, R).
    """
    prices = program.level_part.start
    unscaled = z * program.scale
    shape = (z.shape[0], len(program.network.goods), len(program.network.regions))
    spatial_shape = (z.shape[0], *program.routes.flow_scale.shape)
    return (
        unscaled[:, :prices].reshape(shape),
        unscaled[:, program.level_part],
        unscaled[:, program.multiplier_part],
        unscaled[:, program.delivered_part].reshape(spatial_shape[:3]),
        unscaled[:, program.flow_part].reshape(spatial_shape),
    )


def _bought(program: Program, landed: Array) -> tuple[Array, Array, Array, Array]:
    """Weights, price indices and keenness of the laws that state flows explicitly."""
    along, count = program.along, landed.shape[0]
    index = program.lasting.unserved[None].repeat(count, axis=0)
    if not along.sources:
        none = np.broadcast_to(0.0, landed.shape)
        return none, index, none, np.zeros((1, index.shape[1]))
    first = along.sources[0]
    if along.at is None and first.at is None and first.law is Law.LOGIT:  # without copies
        share, index[:, first.arcs.buyers] = logit(
            first.log_weight, first.sensitivity, landed, first.arcs
        )
        return share, index, first.by_arc, first.by_place
    weights, keenness = np.zeros(landed.shape), np.zeros(landed.shape)
    index_keenness = np.zeros(index.shape)
    for source in along.sources:
        arcs, keen, at = source.arcs, source.sensitivity, source.at
        c = landed if at is None else landed[:, at]
        law = logit if source.law is Law.LOGIT else armington
        share, price = law(source.log_weight, keen, c, arcs)
        by_arc, by_buyer = source.by_arc, keen
        if source.law is Law.ARMINGTON:
            by_arc, by_buyer = by_arc / np.maximum(c, 1e-300), keen / price
        index[:, arcs.buyers], index_keenness[:, arcs.buyers] = price, by_buyer
        where = slice(None) if at is None else at
        weights[:, where], keenness[:, where] = share, by_arc
    return weights, index, keenness, index_keenness


def _demanded(program: Program, flat: Array, multiplier: Array) -> tuple[Array, Array, Array]:
    """Final demand (N, D), what other prices make of it, and the share of it that is served."""
    network, (rationed, short) = program.network, program.limit.rations
    shift = served = program.lasting.alone
    if network.cross.demand.size:
        shift = network.cross.shift(network.demand, flat)
    final = network.demand.demanded(flat[:, program.lasting.demand_place], shift)
    if rationed.size:
        served = np.ones(final.shape)
        served[:, short] -= multiplier[:, rationed]
    return final, shift, served


def _replaced(
    program: Program, flat: Array, level: Array
) -> tuple[Array, Array | None, Array | None]:
    """Input coefficients, what replacing adds to use (N, G R), to unit costs (N, K)."""
    nests = program.network.nests
    if not nests.process.size:
        return program.network.inputs[None], None, None
    now = nests.coefficients(flat)
    inputs, extra = nests.put(program.network.inputs, now), now - nests.coefficient
    use, cost = np.zeros_like(flat), np.zeros_like(level)
    places: tuple[Any, ...] = (slice(None), nests.place)
    processes: tuple[Any, ...] = (slice(None), nests.process)
    np.add.at(use, places, level[:, nests.process] * extra)
    np.add.at(cost, processes, extra * flat[:, nests.place])
    return inputs, use, cost


def _sourced(
    program: Program, weights: Array, use: Array, routed: Array
) -> tuple[Array, Array, Array]:
    """Tonnes sourced at spot (N, G R), flows (N, E), contracts included, and sales (N, G R)."""
    along, goods, places = program.along, program.routes.goods, use.shape[1]
    spot = use if along.contracted is None else use - program.bound.ravel()
    if goods.size == len(program.network.goods):
        flow = routed.reshape(use.shape[0], -1)
    else:
        flow = weights * spot.take(along.buyer, axis=1)
        if goods.size:
            flow.reshape(-1, *along.shape)[:, goods] = routed
    if along.contracted is not None:
        flow = flow + along.contracted
    if along.at is None:
        return spot, flow, along.arcs.to_origins(flow, places)
    return spot, flow, flow.reshape(*spot.shape, -1).sum(axis=2)


def _margin(
    program: Program,
    at: tuple[Array, Array, Array],
    supports: tuple[SupportState, ...],
    dearer: Array | None,
) -> Array:
    """(N, K) margins at producer prices, price indices and multipliers."""
    made, index, multiplier = at
    margin = made @ program.lasting.output_map.T - index @ program.lasting.input_map.T
    if program.limit.used.margin:
        margin -= multiplier @ program.limit.margin
    if dearer is not None:
        margin -= dearer
    for support, state in zip(program.supports, supports, strict=True):
        margin += state.marginal @ to_processes(program, support)
    return np.asarray(margin)


def _purchases(limit: LimitArrays, multiplier: Array) -> Array:
    """(N, G, R) what limits take from the ex-works market."""
    count, shape = multiplier.shape[0], limit.balance.shape[1:]
    if not limit.used.balance:
        return np.zeros((count, *shape))
    return np.asarray(
        (multiplier @ limit.balance.reshape(-1, math.prod(shape))).reshape(-1, *shape)
    )
