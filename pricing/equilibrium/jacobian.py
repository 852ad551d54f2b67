r"""Exact derivatives of the conditions.

With the weights ``S`` of a buyer and the keenness ``e`` of its law (``theta`` for logit,
``sigma / c`` and ``sigma / P`` for armington),

.. math:: dP = \sum_k S_k dc_k, \qquad df_i = S_i dU - U S_i (e_i dc_i - e_P dP),

where the buyer's tonnes move by ``dU = D' dP`` plus what inputs and limits change. Homogeneous
goods have zero weights here: their prices ``P`` are unknowns, with rows and columns of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, IntArray
from pricing.equilibrium.conditions import State
from pricing.equilibrium.program import Program


@dataclass(frozen=True)
class _Slopes:
    """Derivatives shared by several rows."""

    demand: Array
    """(N, G, R) ``D'``: slope of final demand in the price index [t per USD/t]."""
    total: Array
    """(N, G, R) ``D' + e_P U``: what a buyer's tonnes lose per unit of weighted price."""
    own: Array
    """(N, G, R, R) ``e U`` [t per USD/t]."""
    pull: Array
    """(N, G, R, R) slope of price indices in the ex-works price of each origin [1]."""
    index: Array
    """(N, A, G, R) slope of price indices in the multipliers that act on arcs."""
    flow: Array
    """(N, A, G, R, R) slope of flows in the multipliers that act on arcs."""


def jacobian(program: Program, state: State) -> Array:
    """Scaled Jacobian of the conditions.

    Returns
    -------
    matrix : (N, c, c) array
        Derivatives of the scaled conditions in the scaled unknowns, all but the flows of
        homogeneous goods. In the rows of zero profit only minus the margin is differentiated: the
        slope of marginal cost is on the diagonal, where each method adds its own.
    """
    size = program.core
    matrix = np.zeros((state.price.shape[0], size, size))
    slopes = _slopes(program, state)
    _clearance_rows(program, state, matrix, slopes)
    _profit_rows(program, state, matrix, slopes)
    _limit_rows(program, state, matrix, slopes)
    for q in range(len(program.supports)):
        _support_entries(program, state, matrix, q)
    if program.routes.size:
        _delivered_entries(program, state, matrix, slopes)
    if program.network.cross.demand.size:
        _cross_entries(program, state, matrix, slopes)
    if program.network.nests.process.size:
        _nest_entries(program, state, matrix, slopes)
    matrix *= program.scale[:size]
    matrix /= program.condition_scale[:, :size, None]
    return matrix


def _slopes(program: Program, state: State) -> _Slopes:
    network, limit = program.network, program.limit
    flat = state.index.reshape(state.index.shape[0], -1)
    slope = network.demand.demanded_slope(flat[:, program.demand_place], state.shift)
    demand_slope = ((slope * state.served) @ program.demand_map).reshape(state.index.shape)
    own = state.keenness * state.spot[:, :, None, :]
    total = demand_slope + state.index_keenness * state.spot
    pull = state.weights * state.landed_slope
    arcs = limit.on_arcs
    landed = limit.landed[arcs] + limit.seller[arcs] * state.rent_slope[:, None]
    if limit.on_freight.size:
        landed = landed + limit.carried[arcs] * state.freight_slope[:, None]
    index = (landed * state.weights[:, None]).sum(axis=3)
    spread = total[:, None] * index + limit.use[arcs] - demand_slope[:, None] * limit.index[arcs]
    flow = spread[:, :, :, None, :] - own[:, None] * landed
    return _Slopes(
        demand=demand_slope,
        total=total,
        own=own,
        pull=pull,
        index=index - limit.index[arcs],
        flow=state.weights[:, None] * flow,
    )


def _clearance_rows(program: Program, state: State, matrix: Array, slopes: _Slopes) -> None:
    """Rows of market clearance: block by good, then the columns of levels and multipliers."""
    count, goods, regions = state.price.shape
    prices, levels, limits = program.sizes
    shares, limit = state.weights, program.limit
    cross = -np.matmul(shares * slopes.total[:, :, None, :], slopes.pull.transpose(0, 1, 3, 2))
    ranks = np.arange(regions)
    cross[:, :, ranks, ranks] += (slopes.own * slopes.pull).sum(axis=-1)
    for g in range(goods):
        block = slice(g * regions, (g + 1) * regions)
        matrix[:, block, block] = cross[:, g]
    inputs, outputs = program.inputs, program.outputs
    bought = shares[:, inputs.good, :, inputs.region].reshape(inputs.good.size, count, regions)
    drawn = coefficients(program, state).T[:, :, None] * bought
    rows = inputs.good[:, None] * regions + ranks
    matrix[:, rows, prices + inputs.process[:, None]] -= drawn.transpose(1, 0, 2)
    matrix[:, outputs.place, prices + outputs.process] += outputs.coefficient
    first = prices + levels
    matrix[:, :prices, first : first + limits] = -limit.balance.reshape(-1, prices).T
    for entries in _apart(limit.on_use):
        m, good, j = entries
        used = limit.use[entries][:, None, None] * shares[:, good, :, j]
        rows = good[:, None] * regions + ranks
        matrix[:, rows, first + m[:, None]] -= used.transpose(1, 0, 2)
    if limit.on_arcs.size:
        by_arcs = slopes.flow.sum(axis=-1) + limit.balance[limit.on_arcs]
        matrix[:, :prices, first + limit.on_arcs] = -by_arcs.reshape(
            count, limit.on_arcs.size, prices
        ).transpose(0, 2, 1)


def _apart(entries: tuple[IntArray, ...]) -> Iterator[tuple[IntArray, ...]]:
    """Entries (limits, goods, regions) in groups of which no two meet in one row and column."""
    pair = entries[0] * (1 + int(entries[1].max(initial=0))) + entries[1]
    _, group, count = np.unique(pair, return_inverse=True, return_counts=True)
    if not (count > 1).any():
        yield entries
        return
    order = np.argsort(group, kind="stable")
    first = np.cumsum(count) - count
    nth = np.empty_like(order)
    nth[order] = np.arange(order.size) - first[group[order]]
    for n in range(int(count.max())):
        yield tuple(part[nth == n] for part in entries)


def _profit_rows(program: Program, state: State, matrix: Array, slopes: _Slopes) -> None:
    """Rows of zero profit: minus the slope of the margin."""
    count, _, regions = state.price.shape
    prices, levels, _ = program.sizes
    inputs, outputs, limit = program.inputs, program.outputs, program.limit
    columns = inputs.good[:, None] * regions + np.arange(regions)
    used = coefficients(program, state)
    cost = used.T[:, :, None] * slopes.pull[:, inputs.good, :, inputs.region].reshape(
        inputs.good.size, count, regions
    )
    matrix[:, prices + inputs.process[:, None], columns] += cost.transpose(1, 0, 2)
    matrix[:, prices + outputs.process, outputs.place] -= outputs.coefficient
    matrix[:, program.level_part, program.multiplier_part] += limit.margin.T
    if limit.on_arcs.size:
        moved = used[:, None] * slopes.index[:, :, inputs.good, inputs.region]
        rows, column = prices + inputs.process, prices + levels + limit.on_arcs
        for n in range(rows.size):  # two inputs of one process add up in the same row
            matrix[:, rows[n], column] += moved[:, :, n]


def _limit_rows(program: Program, state: State, matrix: Array, slopes: _Slopes) -> None:
    """Rows of the room left under limits."""
    limit = program.limit
    prices, levels, limits = program.sizes
    if not limits:
        return
    rows = program.multiplier_part
    regions = state.price.shape[2]
    matrix[:, rows, :prices] = limit.price.reshape(limits, prices)
    for entries in _apart(limit.on_index):
        m, g, j = entries
        raised = limit.buyer_price[entries][:, None, None] * slopes.pull[:, g, :, j]
        columns = g[:, None] * regions + np.arange(regions)
        matrix[:, rows.start + m[:, None], columns] += raised.transpose(1, 0, 2)
    matrix[:, rows, prices : prices + levels] = -limit.level
    if limit.on_arcs.size:
        moved = slopes.index.reshape(-1, limit.on_arcs.size, prices)
        between = np.matmul(moved, limit.buyer_price.reshape(limits, prices).T)
        matrix[:, rows, prices + levels + limit.on_arcs] = between.transpose(0, 2, 1)
    matrix[:, rows, rows] += limit.link
    if limit.on_flow.size:
        _flow_entries(program, state, matrix, slopes)
    if limit.spends[0].size:
        _spending_entries(program, state, matrix, slopes)


def _spending_entries(program: Program, state: State, matrix: Array, slopes: _Slopes) -> None:
    """Limits on money: tonnes at their price, and the price of the tonnes."""
    rows, bought, place, times = program.limit.spends
    first = program.multiplier_part.start
    price = state.index.reshape(state.index.shape[0], -1)[:, place]
    matrix[:, first + rows, first + bought] -= times * price
    moved = by_price(program, slopes.pull, slopes.index, place, matrix.shape[2])
    tonnes = times * state.multiplier[:, bought]
    matrix[:, first + rows] -= tonnes[:, :, None] * moved


def _flow_entries(program: Program, state: State, matrix: Array, slopes: _Slopes) -> None:
    """Limits on flows: how the flows they count move with everything."""
    limit, inputs = program.limit, program.inputs
    count = state.price.shape[0]
    prices, levels, _ = program.sizes
    first, counted = prices + levels, limit.on_flow
    flow = limit.flow[counted]
    held = (flow * state.weights[:, None]).sum(axis=3)
    spread = (held * slopes.total[:, None])[:, :, :, None, :] - flow * slopes.own[:, None]
    by_price = (spread * slopes.pull[:, None]).sum(axis=-1)
    matrix[:, first + counted, :prices] -= by_price.reshape(count, counted.size, prices)
    drawn = coefficients(program, state)[:, None] * held[:, :, inputs.good, inputs.region]
    for n, k in enumerate(inputs.process):
        matrix[:, first + counted, prices + k] -= drawn[:, :, n]
    every = np.arange(limit.use.shape[0])
    by_limit = np.einsum("nmgj,lgj->nml", held, limit.use)
    if limit.on_arcs.size:
        moved = slopes.flow.reshape(count, limit.on_arcs.size, -1)
        by_arcs = np.matmul(moved, flow.reshape(counted.size, -1).T)
        by_limit[:, :, limit.on_arcs] = by_arcs.transpose(0, 2, 1)
    matrix[:, (first + counted)[:, None], first + every] -= by_limit


def _support_entries(program: Program, state: State, matrix: Array, q: int) -> None:
    """One support: the margins it lifts, and budgets that its payments use up."""
    support, now, limit = program.supports[q], state.supports[q], program.limit
    prices, levels, _ = program.sizes
    first = prices + levels
    made = program.network.outputs[support.process, support.good]
    cut_by = np.flatnonzero(limit.support[:, q])
    for e, k in enumerate(support.process):
        matrix[:, prices + k, :prices] -= now.slope[:, e, None] * support.index[e] * made[e]
        for m in cut_by:
            matrix[:, prices + k, first + m] += now.shortfall[:, e] * made[e] * limit.support[m, q]
    full = (now.shortfall * now.output).sum(axis=1)
    for m in np.flatnonzero(limit.payment[:, q] + limit.reduced[:, q]):
        kept = limit.payment[m, q] + limit.reduced[m, q] * (1.0 - now.cut)
        for e, k in enumerate(support.process):
            moved = -np.ravel(support.down) * kept * now.below[:, e] * now.output[:, e]
            matrix[:, first + m, :prices] -= moved[:, None] * support.index[e]
            matrix[:, first + m, prices + k] -= kept * now.shortfall[:, e] * made[e]
        cuts = limit.reduced[m, q] * full[:, None] * limit.support[:, q]
        matrix[:, first + m, program.multiplier_part] += cuts


def _delivered_entries(program: Program, state: State, matrix: Array, slopes: _Slopes) -> None:
    """Delivered prices of homogeneous goods: what buyers use, and what their prices change."""
    at, limit = program.routes, program.limit
    _, delivered = program.spatial_prices
    prices = program.level_part.start
    matrix[:, delivered, delivered] -= slopes.demand[:, at.goods]
    position = np.full(limit.use.shape[1:], -1)
    position[at.goods] = delivered
    inputs = program.inputs
    at_buyer = position[inputs.good, inputs.region]
    bought = at_buyer >= 0
    column = prices + inputs.process[bought]
    used = coefficients(program, state)[:, bought]
    matrix[:, at_buyer[bought], column] -= used
    matrix[:, column, at_buyer[bought]] += used
    used = np.moveaxis(limit.use[:, at.goods], 0, -1)
    matrix[:, delivered, program.multiplier_part] -= used
    matrix[:, program.multiplier_part, delivered.ravel()] += limit.buyer_price[:, at.goods].reshape(
        -1, delivered.size
    )


def _cross_entries(program: Program, state: State, matrix: Array, slopes: _Slopes) -> None:
    """Use that answers prices of other goods: what a tonne of use does, by what moves the price."""
    cross = program.network.cross
    flat = state.index.reshape(state.index.shape[0], -1)
    slope = cross.slope(program.network.demand, flat, state.final_demand)
    slope = slope * state.served[:, cross.demand]
    used = by_use(program, state, program.demand_place[cross.demand], matrix.shape[1])
    moved = by_price(program, slopes.pull, slopes.index, cross.place, matrix.shape[1])
    matrix += np.matmul(used.transpose(0, 2, 1) * slope[:, None, :], moved)
    rationed, short = program.limit.rations
    if rationed.size:
        used = by_use(program, state, program.demand_place[short], matrix.shape[1])
        lost = used * state.final_demand[:, short, None]
        matrix[:, :, program.multiplier_part.start + rationed] -= lost.transpose(0, 2, 1)


def _nest_entries(program: Program, state: State, matrix: Array, slopes: _Slopes) -> None:
    """Use of inputs that replace one another; their cost moves by the tonnes used alone."""
    nests = program.network.nests
    flat = state.index.reshape(state.index.shape[0], -1)
    moved, mover, slope = nests.slopes(flat)
    slope = slope * state.level[:, nests.process[moved]]
    used = by_use(program, state, nests.place[moved], matrix.shape[1])
    price = by_price(program, slopes.pull, slopes.index, nests.place[mover], matrix.shape[1])
    matrix += np.matmul(used.transpose(0, 2, 1) * slope[:, None, :], price)


def coefficients(program: Program, state: State) -> Array:
    """(N or 1, P) tonnes of each input per tonne of level, as they are now [t/t]."""
    return np.asarray(state.inputs[:, program.inputs.process, program.inputs.good])


def by_use(program: Program, state: State, places: IntArray, size: int) -> Array:
    """(N, E, c) change of every condition with one tonne more of use at places ``g R + j``."""
    limit, regions = program.limit, len(program.network.regions)
    good, buyer = np.divmod(places, regions)
    effect = np.zeros((state.price.shape[0], places.size, size))
    weights = state.weights[:, good, :, buyer]  # the indices lead: (E, N, R)
    rows = good[:, None] * regions + np.arange(regions)
    effect[:, np.arange(places.size)[:, None], rows] = -weights.transpose(1, 0, 2)
    if limit.on_flow.size:
        counted = limit.flow[limit.on_flow][:, good, :, buyer]
        held = np.einsum("emi,eni->nem", counted, weights)
        effect[:, :, program.multiplier_part.start + limit.on_flow] = -held
    at = _delivered_at(program)[places]
    effect[:, np.flatnonzero(at >= 0), at[at >= 0]] = -1.0
    return effect


def by_price(program: Program, pull: Array, index: Array, places: IntArray, size: int) -> Array:
    """(N, E, c) change of price indices at places ``g R + j`` with every unknown."""
    limit, regions = program.limit, len(program.network.regions)
    good, buyer = np.divmod(places, regions)
    change = np.zeros((pull.shape[0], places.size, size))
    columns = good[:, None] * regions + np.arange(regions)
    change[:, np.arange(places.size)[:, None], columns] = pull[:, good, :, buyer].transpose(1, 0, 2)
    if limit.on_arcs.size:
        change[:, :, program.multiplier_part.start + limit.on_arcs] = index[
            :, :, good, buyer
        ].transpose(0, 2, 1)
    at = _delivered_at(program)[places]
    change[:, np.flatnonzero(at >= 0), at[at >= 0]] = 1.0
    return change


def _delivered_at(program: Program) -> IntArray:
    """(G R,) position of a place's delivered price among the unknowns; -1 where it has none."""
    position = np.full(program.network.price.shape, -1, dtype=np.intp)
    if program.routes.size:
        position[program.routes.goods] = program.spatial_prices[1]
    return position.ravel()
