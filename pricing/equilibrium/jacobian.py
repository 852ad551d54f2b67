r"""Exact derivatives of the conditions.

With the weights ``S`` of a buyer and the keenness ``e`` of its law (``theta`` for logit,
``sigma / c`` and ``sigma / P`` for armington),

.. math:: dP = \sum_k S_k dc_k, \qquad df_i = S_i dU - U S_i (e_i dc_i - e_P dP),

where the buyer's tonnes move by ``dU = D' dP`` plus what inputs and limits change. Homogeneous
goods have no weights: their prices ``P`` are unknowns, with rows and columns of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State


@dataclass(frozen=True)
class Places:
    """Where the unknowns of a matrix are in it; producer prices (P) come first."""

    at: IntArray
    """(c,) positions of its unknowns among all."""
    active: IntArray
    """Limits whose multipliers have a place."""
    prices: int
    """Number of prices."""
    levels: slice
    """Process levels, at the end where nothing is homogeneous."""
    multipliers: slice
    """Multipliers."""

    @classmethod
    def of(cls, program: Program, active: IntArray) -> Places:
        """The prices that move, the multipliers of some limits, every level and delivered price.

        Flows are folded in by the order of all unknowns, which holds where there are any.
        """
        prices = program.entries.prices
        levels = np.arange(program.level_part.start, program.level_part.stop)
        multipliers = program.multiplier_part.start + active
        if program.routes.size:
            every = np.arange(program.core)
            return cls(every, active, prices.size, program.level_part, program.multiplier_part)
        last = prices.size + active.size
        return cls(
            np.concatenate([prices, multipliers, levels]),
            active,
            prices.size,
            slice(last, last + levels.size),
            slice(prices.size, last),
        )


def moving(program: Program, mask: BoolArray) -> IntArray:
    """Limits whose multiplier moves, of (c,) unknowns; all where flows have to be folded in."""
    if program.routes.size:
        return np.arange(len(program.limits))
    return np.flatnonzero(mask[program.multiplier_part])


def jacobian(program: Program, state: State, where: Places | None = None) -> Array:
    """Scaled Jacobian of the conditions.

    Parameters
    ----------
    program : Program
        The scenarios.
    state : State
        Where they are.
    where : Places, optional
        Which unknowns move; the multipliers of all limits where absent.

    Returns
    -------
    matrix : (N, c, c) array
        Derivatives of the scaled conditions in the unknowns of :class:`Places`. In the rows of zero
        profit only minus the margin is differentiated: the slope of marginal cost is on the
        diagonal, where each method adds its own.
    """
    if where is None:
        where = Places.of(program, np.arange(len(program.limits)))
    every, at = where.active, where.at
    matrix = np.zeros((state.price.shape[0], at.size, at.size))
    slopes = _Slopes.at(program, state)
    _clearance_rows(program, matrix, slopes, where)
    _profit_rows(program, matrix, slopes, where)
    crossed, nested = program.network.cross.demand.size, program.network.nests.process.size
    if every.size or crossed or nested:
        limits = _Limits.at(program, state, slopes, every)
        _limit_columns(program, matrix, slopes, limits, where)
        _limit_rows(program, matrix, slopes, limits, where)
        _spending_entries(program, state, matrix, slopes, limits, where)
    for q in range(len(program.supports)):
        _support_entries(program, state, matrix, q, where)
    if program.routes.size:
        _delivered_entries(program, state, matrix, slopes)
    if crossed:
        _cross_entries(program, state, matrix, slopes, limits, where)
    if nested:
        _nest_entries(program, state, matrix, slopes, limits, where)
    matrix *= program.scale[at]
    matrix /= program.condition_scale[:, at, None]
    return matrix


def whole(program: Program, matrix: Array) -> Array:
    """(N, c, c) matrix over all unknowns but flows, from :func:`jacobian`; zero beside."""
    at = Places.of(program, np.arange(len(program.limits))).at
    every = np.zeros((matrix.shape[0], program.core, program.core))
    every[:, at[:, None], at] = matrix
    return every


@dataclass(frozen=True)
class _Slopes:
    """Derivatives shared by several rows; arcs are the open ones of explicit laws."""

    demand: Array
    """(N, G R) ``D'``: slope of final demand in the price index [t per USD/t]."""
    total: Array
    """(N, G R) ``D' + e_P U``: what a buyer's tonnes lose per unit of weighted price."""
    weights: Array
    """(N, E) ``S`` [1]."""
    own: Array
    """(N, E) ``e U`` [t per USD/t]."""
    pull: Array
    """(N, E) slope of price indices in the ex-works price of each origin [1]."""
    drawn: Array
    """(N or 1, P) tonnes of each input per tonne of level [t/t]."""

    @classmethod
    def at(cls, program: Program, state: State) -> _Slopes:
        """Slopes at a point."""
        network, along, count = program.network, program.along, state.price.shape[0]
        flat, spot = state.index.reshape(count, -1), state.spot.reshape(count, -1)
        slope = network.demand.demanded_slope(flat[:, program.demand_place], state.shift)
        demand = (slope * state.served) @ program.demand_map
        keen = state.index_keenness
        weights = along.live(state.weights)
        return cls(
            demand=demand,
            total=demand + keen.reshape(keen.shape[0], -1) * spot,
            weights=weights,
            own=along.live(state.keenness) * spot.take(along.arcs.buyer, axis=1),
            pull=weights * along.live(state.landed_slope),
            drawn=state.inputs[:, program.inputs.process, program.inputs.good],
        )


@dataclass(frozen=True)
class _Limits:
    """What the multipliers of some limits (m) move, and what their conditions count.

    Most limits do little of it, so there are lists of those that do, by their place among the m.
    """

    chosen: IntArray
    """(m,) the limits."""
    on: IntArray
    """(a,) those on the price of some arc, or that lower a price index."""
    index: Array
    """(N, a, G R) slope of price indices in their multipliers."""
    flowing: IntArray
    """(f,) those that move flows: they, and those that change use."""
    flow: Array
    """(N, f, E) slope of flows in their multipliers."""
    counting: IntArray
    """(b,) those whose condition counts flows."""
    counted: Array
    """(b, E) weights of flows in these conditions."""
    held: Array
    """(N, b, G R) these weights times a buyer's basket: what one more tonne of use adds."""

    @classmethod
    def at(cls, program: Program, state: State, slopes: _Slopes, chosen: IntArray) -> _Limits:
        """Slopes at a point."""
        limit, along, arcs = program.limit, program.along, program.along.arcs
        places = slopes.total.shape[1]
        acting, on = _both(limit.on_arcs, chosen)
        flowing = np.isin(chosen, limit.flowing).nonzero()[0]
        use = limit.use[chosen[flowing]].reshape(1, flowing.size, places)
        index = np.zeros((1, 0, places))
        if on.size:
            gain = along.live(state.rent_slope)[:, None]
            charge = along.live(along.charged)[acting] + along.live(along.seller)[acting] * gain
            carrying, moved = _both(limit.on_freight, chosen)
            if moved.size:
                gain = along.live(state.freight_slope)[:, None]
                carried = along.live(along.carried)[carrying]
                charge[:, np.searchsorted(on, moved)] += carried * gain
            spot = arcs.to_buyers(charge * slopes.weights[:, None], places)
            lowered = limit.index[chosen[on]].reshape(on.size, places)
            index, use = spot - lowered, use.repeat(spot.shape[0], axis=0)
            among = np.searchsorted(flowing, on)
            use[:, among] += slopes.total[:, None] * spot - slopes.demand[:, None] * lowered
        flow = slopes.weights[:, None] * use.take(arcs.buyer, axis=2)
        if on.size:
            flow[:, among] -= (slopes.weights * slopes.own)[:, None] * charge
        rank, counting = _both(limit.on_flow, chosen)
        counted = along.live(along.counted)[rank]
        held = np.zeros((1, 0, places))
        if counting.size:
            held = arcs.to_buyers(counted * slopes.weights[:, None], places)
        return cls(chosen, on, index, flowing, flow, counting, counted, held)


def _both(some: IntArray, chosen: IntArray) -> tuple[IntArray, IntArray]:
    """Positions in both lists of limits that are in both, which ascend."""
    first = np.isin(some, chosen).nonzero()[0] if some.size and chosen.size else some[:0]
    return first, np.searchsorted(chosen, some[first])


def _clearance_rows(program: Program, matrix: Array, slopes: _Slopes, where: Places) -> None:
    """Rows of market clearance in prices and levels."""
    at, arcs, count = program.entries, program.along.arcs, matrix.shape[0]
    prices, level = where.prices, where.levels.start
    sold, pull = np.zeros((2, count, *at.table))
    sold.reshape(count, -1)[:, at.slot] = slopes.weights * slopes.total.take(arcs.buyer, axis=1)
    pull.reshape(count, -1)[:, at.slot] = slopes.pull
    place, row, column = at.crossing
    cross = np.matmul(sold, pull.transpose(0, 1, 3, 2)).reshape(count, -1)
    matrix[:, row, column] = -cross.take(place, axis=1)
    ranks = np.arange(prices)
    own = arcs.to_origins(slopes.own * slopes.pull, slopes.total.shape[1])
    matrix[:, ranks, ranks] += own[:, at.prices]
    pair, arc = at.drawn
    column = level + program.inputs.process[pair]
    matrix[:, at.row[arc], column] = -slopes.drawn[:, pair] * slopes.weights[:, arc]
    made, process, tonnes = at.made
    matrix[:, made, level + process] += tonnes


def _profit_rows(program: Program, matrix: Array, slopes: _Slopes, where: Places) -> None:
    """Rows of zero profit in prices: minus the slope of the margin."""
    at, level = program.entries, where.levels.start
    pair, arc = at.drawn
    row = level + program.inputs.process[pair]
    matrix[:, row, at.row[arc]] = slopes.drawn[:, pair] * slopes.pull[:, arc]
    made, process, tonnes = at.made
    matrix[:, level + process, made] -= tonnes


def _limit_columns(
    program: Program, matrix: Array, slopes: _Slopes, limits: _Limits, where: Places
) -> None:
    """Columns of multipliers in the rows of market clearance and zero profit."""
    at, limit, chosen = program.entries, program.limit, limits.chosen
    places, columns = slopes.total.shape[1], where.multipliers
    balance = limit.balance[chosen].reshape(chosen.size, places)[:, at.prices]
    matrix[:, : where.prices, columns] = -balance.T
    matrix[:, where.levels, columns] = limit.margin[chosen].T
    if limits.flowing.size:
        sold = program.along.arcs.to_origins(limits.flow, places)[:, :, at.prices]
        matrix[:, : where.prices, columns.start + limits.flowing] -= sold.transpose(0, 2, 1)
    if limits.on.size:
        first_input, process = at.used
        moved = slopes.drawn[:, None] * limits.index[:, :, program.inputs.place]
        dearer = np.add.reduceat(moved, first_input, axis=2).transpose(0, 2, 1)
        row = where.levels.start + process
        matrix[:, row[:, None], columns.start + limits.on] += dearer


def _limit_rows(
    program: Program, matrix: Array, slopes: _Slopes, limits: _Limits, where: Places
) -> None:
    """Rows of the room left under limits."""
    at, limit, chosen = program.entries, program.limit, limits.chosen
    arcs, counting, on = program.along.arcs, limits.counting, limits.on
    places, rows, first = slopes.total.shape[1], where.multipliers, where.multipliers.start
    matrix[:, rows, : where.prices] = limit.price[chosen].reshape(chosen.size, places)[:, at.prices]
    matrix[:, rows, where.levels] = -limit.level[chosen]
    matrix[:, rows, rows] = limit.link[np.ix_(chosen, chosen)]
    paid = limit.buyer_price[chosen].reshape(chosen.size, places)
    reading = np.flatnonzero(paid.any(axis=1))
    if reading.size:
        moved = paid[reading].take(arcs.buyer, axis=1) * slopes.pull[:, None]
        by_price = arcs.to_origins(moved, places)[:, :, at.prices]
        matrix[:, first + reading, : where.prices] += by_price
        if on.size:
            between = paid[reading] @ limits.index.transpose(0, 2, 1)
            matrix[:, (first + reading)[:, None], first + on] += between
    if not counting.size:
        return
    spread = (limits.held * slopes.total[:, None]).take(arcs.buyer, axis=2)
    moved = (limits.counted * slopes.own[:, None] - spread) * slopes.pull[:, None]
    by_price = arcs.to_origins(moved, places)[:, :, at.prices]
    matrix[:, first + counting, : where.prices] += by_price
    first_input, process = at.used
    drawn = slopes.drawn[:, None] * limits.held[:, :, program.inputs.place]
    row, column = (first + counting)[:, None], where.levels.start + process
    matrix[:, row, column] -= np.add.reduceat(drawn, first_input, axis=2)
    if limits.flowing.size:
        column = first + limits.flowing
        matrix[:, row, column] -= limits.counted @ limits.flow.transpose(0, 2, 1)


def _spending_entries(
    program: Program,
    state: State,
    matrix: Array,
    slopes: _Slopes,
    limits: _Limits,
    where: Places,
) -> None:
    """Limits on money: tonnes at their price, and the price of the tonnes."""
    rows, bought, place, times = program.limit.spends
    some, row = _both(rows, limits.chosen)
    if not some.size:
        return
    bought, place, times = bought[some], place[some], times[some]
    first, price = where.multipliers.start, state.index.reshape(state.index.shape[0], -1)[:, place]
    moves, column = np.nonzero(bought[:, None] == limits.chosen)
    matrix[:, first + row[moves], first + column] -= (times * price)[:, moves]
    tonnes = times * state.multiplier[:, bought]
    dearer = _by_price(program, slopes, limits, place, where)
    matrix[:, first + row] -= tonnes[:, :, None] * dearer


def _support_entries(program: Program, state: State, matrix: Array, q: int, where: Places) -> None:
    """One support: the margins it lifts, and budgets that its payments use up."""
    support, now, limit = program.supports[q], state.supports[q], program.limit
    chosen, places = where.active, program.entries.prices
    prices, level, first = where.prices, where.levels.start, where.multipliers.start
    made = program.network.outputs[support.process, support.good]
    index = support.index[:, places]
    cuts = limit.support[chosen, q]
    for e, k in enumerate(support.process):
        matrix[:, level + k, :prices] -= now.slope[:, e, None] * index[e] * made[e]
        for m in np.flatnonzero(cuts):
            matrix[:, level + k, first + m] += now.shortfall[:, e] * made[e] * cuts[m]
    full = (now.shortfall * now.output).sum(axis=1)
    payment, reduced = limit.payment[chosen, q], limit.reduced[chosen, q]
    for m in np.flatnonzero(payment + reduced):
        kept = payment[m] + reduced[m] * (1.0 - now.cut)
        for e, k in enumerate(support.process):
            lost = -np.ravel(support.down) * kept * now.below[:, e] * now.output[:, e]
            matrix[:, first + m, :prices] -= lost[:, None] * index[e]
            matrix[:, first + m, level + k] -= kept * now.shortfall[:, e] * made[e]
        matrix[:, first + m, where.multipliers] += reduced[m] * full[:, None] * cuts


def _delivered_entries(program: Program, state: State, matrix: Array, slopes: _Slopes) -> None:
    """Delivered prices of homogeneous goods: what buyers use, and what their prices change.

    Where there are any, every unknown has its place in the matrix.
    """
    at, limit = program.routes, program.limit
    _, delivered = program.spatial_prices
    prices = program.level_part.start
    matrix[:, delivered, delivered] -= slopes.demand.reshape(state.index.shape)[:, at.goods]
    position = _delivered_at(program)
    inputs = program.inputs
    at_buyer = position[inputs.place]
    bought = at_buyer >= 0
    column = prices + inputs.process[bought]
    used = slopes.drawn[:, bought]
    matrix[:, at_buyer[bought], column] -= used
    matrix[:, column, at_buyer[bought]] += used
    used = np.moveaxis(limit.use[:, at.goods], 0, -1)
    matrix[:, delivered, program.multiplier_part] -= used
    matrix[:, program.multiplier_part, delivered.ravel()] += limit.buyer_price[:, at.goods].reshape(
        -1, delivered.size
    )


def _cross_entries(
    program: Program,
    state: State,
    matrix: Array,
    slopes: _Slopes,
    limits: _Limits,
    where: Places,
) -> None:
    """Use that answers prices of other goods: what a tonne of use does, by what moves the price."""
    cross = program.network.cross
    flat = state.index.reshape(state.index.shape[0], -1)
    slope = cross.slope(program.network.demand, flat, state.final_demand)
    slope = slope * state.served[:, cross.demand]
    used = _by_use(program, slopes, limits, program.demand_place[cross.demand], where)
    moved = _by_price(program, slopes, limits, cross.place, where)
    matrix += np.matmul(used.transpose(0, 2, 1) * slope[:, None, :], moved)
    rationed, short = program.limit.rations
    among, at = _both(rationed, limits.chosen)
    if at.size:
        short = short[among]
        used = _by_use(program, slopes, limits, program.demand_place[short], where)
        lost = used * state.final_demand[:, short, None]
        matrix[:, :, where.multipliers.start + at] -= lost.transpose(0, 2, 1)


def _nest_entries(
    program: Program,
    state: State,
    matrix: Array,
    slopes: _Slopes,
    limits: _Limits,
    where: Places,
) -> None:
    """Use of inputs that replace one another; their cost moves by the tonnes used alone."""
    nests = program.network.nests
    flat = state.index.reshape(state.index.shape[0], -1)
    moved, mover, slope = nests.slopes(flat)
    slope = slope * state.level[:, nests.process[moved]]
    used = _by_use(program, slopes, limits, nests.place[moved], where)
    price = _by_price(program, slopes, limits, nests.place[mover], where)
    matrix += np.matmul(used.transpose(0, 2, 1) * slope[:, None, :], price)


def _by_use(
    program: Program, slopes: _Slopes, limits: _Limits, places: IntArray, where: Places
) -> Array:
    """(N, E, c) change of every condition with one tonne more of use at places ``g R + j``."""
    effect = _at_buyers(program, -slopes.weights, places, where)
    effect[:, :, where.multipliers.start + limits.counting] = -limits.held[:, :, places].transpose(
        0, 2, 1
    )
    at = _delivered_at(program)[places]
    effect[:, np.flatnonzero(at >= 0), at[at >= 0]] = -1.0
    return effect


def _by_price(
    program: Program, slopes: _Slopes, limits: _Limits, places: IntArray, where: Places
) -> Array:
    """(N, E, c) change of price indices at places ``g R + j`` with every unknown."""
    change = _at_buyers(program, slopes.pull, places, where)
    moved = limits.index[:, :, places].transpose(0, 2, 1)
    change[:, :, where.multipliers.start + limits.on] = moved
    at = _delivered_at(program)[places]
    change[:, np.flatnonzero(at >= 0), at[at >= 0]] = 1.0
    return change


def _at_buyers(program: Program, values: Array, places: IntArray, where: Places) -> Array:
    """(N, E, c) values along arcs (N, A) of the buyers at places, at the prices of origins."""
    arcs, prices = program.along.arcs, program.entries.prices
    whole = np.zeros((values.shape[0], places.size, where.at.size))
    sums = arcs.to_origins(
        values[:, None] * (places[:, None] == arcs.buyer), program.network.price.size
    )
    whole[:, :, : prices.size] = sums[:, :, prices]
    return whole


def _delivered_at(program: Program) -> IntArray:
    """(G R,) position of a place's delivered price among the unknowns; -1 where it has none."""
    position = np.full(program.network.price.shape, -1, dtype=np.intp)
    if program.routes.size:
        position[program.routes.goods] = program.spatial_prices[1]
    return position.ravel()
