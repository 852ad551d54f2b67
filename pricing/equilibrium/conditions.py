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
explicit function of the unknowns, computed by :func:`evaluate`. No instrument is named here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.economics.sourcing import Law, armington, logit
from pricing.equilibrium import spatial
from pricing.equilibrium.arcs import Along
from pricing.equilibrium.arrays import LimitArrays
from pricing.equilibrium.program import Program
from pricing.instruments.terms import Support


@dataclass(frozen=True)
class SupportState:
    """One support at a point; rows are its eligible outputs (E)."""

    shortfall: Array
    """(N, E) full payment per tonne below the strike [USD/t]."""
    excess: Array
    """(N, E) hand-back per tonne above the upper price [USD/t]."""
    below: Array
    """(N, E) weight of being below the strike: 0 or 1 in results [1]."""
    cut: Array
    """(N,) share of the payment that caps cut at the margin [1]."""
    output: Array
    """(N, E) eligible output [t]."""
    slope: Array
    """(N, E) slope of the marginal payment in the index [1]."""

    def rows(self, chosen: IntArray) -> SupportState:
        """Some scenarios."""
        return SupportState(*(getattr(self, field.name)[chosen] for field in fields(self)))

    @property
    def marginal(self) -> Array:
        """(N, E) payment per tonne at the margin [USD/t]."""
        return self.shortfall * (1.0 - self.cut[:, None]) - self.excess


@dataclass(frozen=True)
class State:
    """All values at a point, with the scenario axis first.

    Arrays over arcs are (N, G, R, R); in a search, which knows open arcs only, (N, E).
    """

    price: Array
    """(N, G, R) producer prices [USD/t]."""
    level: Array
    """(N, K) process levels [t]."""
    multiplier: Array
    """(N, M) multipliers in their own units."""
    seller_rent: Array
    """(N or 1, G, R, R) seller-held rents of limits at FOB [USD/t]."""
    freight: Array
    """(N or 1, G, R, R) freight, prices of transport included [USD/t]."""
    gaps: tuple[Array, ...]
    """One (N, G, R, R) gap per top-up, after the rule that the highest holds; none in a search
    [USD/t]."""
    landed: Array
    """(N, G, R, R) landed prices [USD/t]."""
    landed_slope: Array
    """(N or 1, G, R, R) slope of landed in ex-works price [1]."""
    rent_slope: Array
    """(N or 1, G, R, R) slope of landed in seller-held rent [1]."""
    freight_slope: Array
    """(N or 1, G, R, R) slope of landed in freight [1]."""
    weights: Array
    """(N, G, R, R) ``dP/dc``, and flows per tonne of use; zero for homogeneous goods [1]."""
    keenness: Array
    """(N or 1, G, R, R) relative fall of a flow with its own landed price, ``P`` given [t/USD]."""
    index_keenness: Array
    """(N or 1, G, R) relative rise of a flow with the price index [t/USD]."""
    index: Array
    """(N, G, R) price indices of buyers, delivered prices of homogeneous goods; a price beyond
    every choke where nothing is on offer [USD/t]."""
    shift: Array
    """(N or 1, D) quantity at the demand's own base price, moved by other prices [1]."""
    final_demand: Array
    """(N, D) demand at the index, before shortage [t]."""
    served: Array
    """(N or 1, D) share of a demand that does not go without, where its shortage is a share [1]."""
    use: Array
    """(N, G, R) tonnes sourced [t]."""
    spot: Array
    """(N, G, R) tonnes sourced at spot: use less contracts [t]."""
    flow: Array
    """(N, G, R, R) tonnes by origin and destination [t]."""
    sold: Array
    """(N, G, R) tonnes that leave each origin [t]."""
    measured: tuple[IntArray, BoolArray]
    """Homogeneous goods, and (G,) goods with contracts: their baskets are measured in flows."""
    output: Array
    """(N, G, R) output [t]."""
    purchases: Array
    """(N, G, R) tonnes taken from the ex-works market by limits [t]."""
    supports: tuple[SupportState, ...]
    """Supports."""
    inputs: Array
    """(N or 1, K, G) tonnes used per tonne of level [t/t]."""
    margin: Array
    """(N, K) outputs at support prices less inputs at buyers' prices and quota rents [USD/t]."""
    cost: Array
    """(N, K) marginal cost of conversion [USD/t]."""

    def rows(self, chosen: IntArray) -> State:
        """Some scenarios; an array with one row serves all of them."""
        count, changed = self.price.shape[0], dict[str, Any]()
        for field in fields(self):
            part = getattr(self, field.name)
            if isinstance(part, np.ndarray):
                changed[field.name] = part[chosen] if part.shape[0] == count else part
        return replace(
            self,
            gaps=tuple(gap[chosen] for gap in self.gaps),
            supports=tuple(support.rows(chosen) for support in self.supports),
            **changed,
        )

    @cached_property
    def basket(self) -> Array:
        """(N, G, R, R) tonnes of each origin per tonne used; per unit of an armington composite.

        The law's weights, or what arrived where that differs [1].
        """
        (goods, bound), basket = self.measured, self.weights
        if goods.size:
            basket, arrived = basket.copy(), self.flow[:, goods].sum(axis=2, keepdims=True)
            basket[:, goods] = self.flow[:, goods] / np.where(arrived > 0.0, arrived, 1.0)
        if bound.any():
            total = self.use[:, :, None, :]
            kept = bound[:, None, None] & (total > 0.0)
            basket = np.where(kept, self.flow / np.where(kept, total, 1.0), basket)
        return basket

    @property
    def shares(self) -> Array:
        """(N, G, R, R) share of each origin in a destination's tonnes [1]."""
        total = self.basket.sum(axis=2, keepdims=True)
        return self.basket / np.where(total > 0.0, total, 1.0)


def split(program: Program, z: Array) -> tuple[Array, Array, Array, Array, Array]:
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


def plus(value: Array, width: Array | None) -> tuple[Array, Array]:
    """Positive part and its slope; rounded over ``width`` (Chen-Harker-Kanzow-Smale), exact at 0.

    References
    ----------
    .. [1] B. Chen and P. T. Harker, "A non-interior-point continuation method for linear
       complementarity problems", SIAM J. Matrix Anal. Appl. 14(4), 1993.
    """
    if width is None:
        return np.maximum(value, 0.0), (value > 0.0).astype(float)
    root = np.sqrt(value**2 + 4.0 * np.square(width))
    # For a negative value the textbook form (value + root) / 2 cancels; this one does not.
    cancelling = 2.0 * np.square(width) / (root - np.minimum(value, 0.0))
    rounded = np.where(value > 0.0, 0.5 * (value + root), cancelling)
    return rounded, rounded / root


def _purchases(limit: LimitArrays, multiplier: Array) -> Array:
    """(N, G, R) what limits take from the ex-works market."""
    count, shape = multiplier.shape[0], limit.balance.shape[1:]
    if not limit.used.balance:
        return np.zeros((count, *shape))
    return np.asarray(
        (multiplier @ limit.balance.reshape(-1, math.prod(shape))).reshape(-1, *shape)
    )


def evaluate(program: Program, z: Array, width: Array | None = None) -> State:
    """Everything that follows explicitly from the unknowns.

    ``width`` (N,) rounds the kinks of top-ups and supports, as a share of the price scale; results
    that are handed out use none.
    """
    limit, along = program.limit, program.along
    price, level, multiplier, delivered, routed = split(program, z)
    count, shape = price.shape[0], price.shape
    made = price.reshape(count, -1)
    ex_works = made.take(along.origin, axis=1)
    base = along.landed_slope * ex_works + along.landed_constant
    rent, carriage = None, None
    if limit.on_arcs.size:
        acting = multiplier[:, limit.on_arcs]
        rent = acting @ along.seller
        base += along.fob_gain * rent + acting @ along.charged
    if limit.on_freight.size:
        carriage = multiplier[:, limit.on_freight] @ along.carried
        base += along.freight_gain * carriage
    gaps, slopes = _top_up(along, (ex_works, rent, carriage), base, width)
    weights, index, keenness, index_keenness = _bought(program, base)
    if limit.on_arcs.size:
        index -= acting @ limit.index[limit.on_arcs].reshape(-1, index.shape[1])
    homogeneous = program.routes.goods
    if homogeneous.size:
        index.reshape(shape)[:, homogeneous] = delivered
    final, shift, served = _demanded(program, index, multiplier)
    use = level @ program.input_map + (final * served) @ program.demand_map
    if limit.used.use:
        use += multiplier @ limit.use.reshape(-1, use.shape[1])
    inputs, more, dearer = _replaced(program, index, level)
    if more is not None:
        use += more
    spot, flow, sold = _sourced(program, weights, use, routed)
    supports = _supports(program, price, level, multiplier, width)

    def arcs(values: Array) -> Array:
        return values.reshape(len(values), *along.shape)

    return State(
        price=price,
        level=level,
        multiplier=multiplier,
        seller_rent=np.zeros((1, *along.shape)) if rent is None else arcs(rent),
        freight=arcs(along.freight if carriage is None else along.freight + carriage),
        gaps=tuple(arcs(gap) for gap in gaps),
        landed=arcs(base),
        landed_slope=arcs(slopes[0]),
        rent_slope=arcs(slopes[1]),
        freight_slope=arcs(slopes[2]),
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
        output=(level @ program.output_map).reshape(shape),
        purchases=_purchases(limit, multiplier),
        supports=supports,
        inputs=inputs,
        margin=_margin(program, (made, index, multiplier), supports, dearer),
        cost=program.supply.marginal_cost(level),
    )


def _demanded(program: Program, flat: Array, multiplier: Array) -> tuple[Array, Array, Array]:
    """Final demand (N, D), what other prices make of it, and the share of it that is served."""
    network, (rationed, short) = program.network, program.limit.rations
    shift = served = program.alone
    if network.cross.demand.size:
        shift = network.cross.shift(network.demand, flat)
    final = network.demand.demanded(flat[:, program.demand_place], shift)
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


def _margin(
    program: Program,
    at: tuple[Array, Array, Array],
    supports: tuple[SupportState, ...],
    dearer: Array | None,
) -> Array:
    """(N, K) margins at producer prices, price indices and multipliers."""
    made, index, multiplier = at
    margin = made @ program.output_map.T - index @ program.input_map.T
    if program.limit.used.margin:
        margin -= multiplier @ program.limit.margin
    if dearer is not None:
        margin -= dearer
    for support, state in zip(program.supports, supports, strict=True):
        margin += state.marginal @ _to_processes(program, support)
    return np.asarray(margin)


def _to_processes(program: Program, support: Support) -> Array:
    """(E, K) output per tonne of level of each eligible output."""
    made = program.network.outputs[support.process, support.good]
    matrix = np.zeros((made.size, program.network.outputs.shape[0]))
    matrix[np.arange(made.size), support.process] = made
    return matrix


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


def _bought(program: Program, landed: Array) -> tuple[Array, Array, Array, Array]:
    """Weights, price indices and keenness of the laws that state flows explicitly."""
    along, count = program.along, landed.shape[0]
    index = program.unserved[None].repeat(count, axis=0)
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


def _top_up(
    along: Along, at: tuple[Array, Array | None, Array | None], landed: Array, width: Array | None
) -> tuple[list[Array], tuple[Array, Array, Array]]:
    """Gaps, which are added to the landed price in place; where several meet, the highest holds.

    ``at`` has ex-works prices, seller-held rents and prices of transport. The slopes of the landed
    price are in these three.
    """
    slopes = [along.landed_slope, along.fob_gain, along.freight_gain]
    if not along.levies:
        return [], (slopes[0], slopes[1], slopes[2])
    on, moved = along.levied, [n for n, part in enumerate(at) if part is not None]
    parts = {n: part.take(on, axis=1) for n, part in enumerate(at) if part is not None}
    for n in moved:
        slopes[n] = slopes[n].repeat(landed.shape[0] // slopes[n].shape[0], axis=0)
    rounded = None if width is None else width[:, None] * along.levied_scale
    gains = [(levy.slope, levy.rent_gain, levy.freight_gain) for levy in along.levies]
    raw = []
    for levy, gain in zip(along.levies, gains, strict=True):
        room = levy.reference - levy.constant
        for n in moved:
            room = room - gain[n] * parts[n]
        raw.append(plus(room, rounded))
    if len(raw) > 1:
        highest = np.argmax(np.stack([gap for gap, _ in raw]), axis=0)
        raw = [(gap * (highest == q), slant * (highest == q)) for q, (gap, slant) in enumerate(raw)]
    gaps = []
    for levy, gain, (gap, active) in zip(along.levies, gains, raw, strict=True):
        landed[:, on] += levy.landed_gain * gap
        eased = active * levy.landed_gain
        for n in moved:
            slopes[n][:, on] -= eased * gain[n]
        if along.at is None:
            continue  # a search does not ask
        everywhere = np.zeros_like(landed)
        everywhere[:, on] = gap
        gaps.append(everywhere)
    return gaps, (slopes[0], slopes[1], slopes[2])


def _supports(
    program: Program, price: Array, level: Array, multiplier: Array, width: Array | None
) -> tuple[SupportState, ...]:
    states = []
    flat = price.reshape(price.shape[0], -1)
    for q, support in enumerate(program.supports):
        index = flat @ support.index.T
        scale = program.network.setting.price_scale[support.good]
        rounded = None if width is None else width[:, None] * scale
        below, below_weight = plus(support.strike - index, rounded)
        above, above_weight = plus(index - support.upper, rounded)
        at_margin = np.where(
            np.isfinite(support.upper) & (not support.lump_sum_up), support.up, 0.0
        )
        above = np.where(np.isfinite(above), above, 0.0)
        cut = multiplier @ program.limit.support[:, q]
        slope = -support.down * below_weight * (1.0 - cut[:, None]) - at_margin * above_weight
        states.append(
            SupportState(
                shortfall=support.down * below,
                excess=at_margin * above,
                below=below_weight,
                cut=cut,
                output=level[:, support.process]
                * program.network.outputs[support.process, support.good],
                slope=slope,
            )
        )
    return tuple(states)


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
        balance = spatial.buyers_balance(flow, at.of(state.use))
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
