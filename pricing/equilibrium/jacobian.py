r"""Exact derivatives of the conditions.

With the weights ``S`` of a buyer and the keenness ``e`` of its law (``theta`` for logit,
``sigma / c`` and ``sigma / P`` for armington),

.. math:: dP = \sum_k S_k dc_k, \qquad df_i = S_i dU - U S_i (e_i dc_i - e_P dP),

where the buyer's tonnes move by ``dU = D' dP`` plus what inputs and limits change. Homogeneous
goods have no weights: their prices ``P`` are unknowns, with rows and columns of their own.
"""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.places import Places, delivered_at
from pricing.equilibrium.program import Program
from pricing.equilibrium.slopes import Local, Slopes, both
from pricing.equilibrium.state import State
from pricing.equilibrium.substitution import by_price, cross_entries, nest_entries


def jacobian(program: Program, state: State, where: Places | None = None) -> Array:
    """Scaled Jacobian of the conditions.

    Parameters
    ----------
    program : Program
        The scenarios.
    state : State
        Where they are.
    where : Places, optional
        Which unknowns have a place; all of them where absent.

    Returns
    -------
    matrix : (N, c, c) array
        Derivatives of the scaled conditions in the unknowns of :class:`Places`. In the rows of zero
        profit only minus the margin is differentiated: the slope of marginal cost is on the
        diagonal, where each method adds its own.
    """
    where = Places.every(program) if where is None else where
    matrix = np.zeros((state.price.shape[0], where.at.size, where.at.size))
    here = Local(program, state, where, Slopes.at(program, state))
    _clearance_rows(matrix, here)
    _profit_rows(matrix, here)
    if where.active.size:
        _limit_columns(matrix, here)
        _limit_rows(matrix, here)
        _spending_entries(matrix, here)
        _unsold_entries(matrix, here)
    for q in range(len(program.supports)):
        _support_entries(matrix, here, q)
    if program.routes.size:
        _delivered_entries(matrix, here)
    if program.network.cross.demand.size:
        cross_entries(matrix, here)
    if program.network.nests.process.size:
        nest_entries(matrix, here)
    matrix *= program.scale[where.at]
    matrix /= program.condition_scale[:, where.at, None]
    return matrix


def _clearance_rows(matrix: Array, here: Local) -> None:
    """Rows of market clearance in prices and levels."""
    program, slopes, where = here.program, here.slopes, here.where
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
    column = level + program.lasting.inputs.process[pair]
    matrix[:, at.row[arc], column] = -slopes.drawn[:, pair] * slopes.weights[:, arc]
    made, process, tonnes = at.made
    matrix[:, made, level + process] += tonnes


def _profit_rows(matrix: Array, here: Local) -> None:
    """Rows of zero profit in prices: minus the slope of the margin."""
    program, slopes, where = here.program, here.slopes, here.where
    at, level = program.entries, where.levels.start
    pair, arc = at.drawn
    row = level + program.lasting.inputs.process[pair]
    matrix[:, row, at.row[arc]] = slopes.drawn[:, pair] * slopes.pull[:, arc]
    made, process, tonnes = at.made
    matrix[:, level + process, made] -= tonnes


def _limit_columns(matrix: Array, here: Local) -> None:
    """Columns of multipliers in the rows of market clearance and zero profit."""
    program, slopes, limits, where = here.program, here.slopes, here.limits, here.where
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
        moved = slopes.drawn[:, None] * limits.index[:, :, program.lasting.inputs.place]
        dearer = np.add.reduceat(moved, first_input, axis=2).transpose(0, 2, 1)
        row = where.levels.start + process
        matrix[:, row[:, None], columns.start + limits.on] += dearer


def _limit_rows(matrix: Array, here: Local) -> None:
    """Rows of the room left under limits."""
    program, slopes, limits, where = here.program, here.slopes, here.limits, here.where
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
    drawn = slopes.drawn[:, None] * limits.held[:, :, program.lasting.inputs.place]
    row, column = (first + counting)[:, None], where.levels.start + process
    matrix[:, row, column] -= np.add.reduceat(drawn, first_input, axis=2)
    if limits.flowing.size:
        column = first + limits.flowing
        matrix[:, row, column] -= limits.counted @ limits.flow.transpose(0, 2, 1)


def _spending_entries(matrix: Array, here: Local) -> None:
    """Limits on money: tonnes at their price, and the price of the tonnes."""
    program, limits, first = here.program, here.limits, here.where.multipliers.start
    rows, bought, place, times = program.limit.spends
    some, row = both(rows, limits.chosen)
    if not some.size:
        return
    bought, place, times = bought[some], place[some], times[some]
    price = here.index[:, place]
    moves, column = np.nonzero(bought[:, None] == limits.chosen)
    matrix[:, first + row[moves], first + column] -= (times * price)[:, moves]
    tonnes = times * here.state.multiplier[:, bought]
    dearer = by_price(here, place)
    matrix[:, first + row] -= tonnes[:, :, None] * dearer


def _unsold_entries(matrix: Array, here: Local) -> None:
    """Limits that count sold output alone: the share left times output."""
    limit, state, where = here.program.limit, here.state, here.where
    rows, share = limit.unsold
    some, row = both(rows, where.active)
    if not some.size:
        return
    rows, share, row = rows[some], share[some], where.multipliers.start + row
    left = state.multiplier[:, share, None] * limit.level[rows]
    matrix[:, row, where.levels] += left
    moves, column = np.nonzero(share[:, None] == where.active)
    counted = state.level @ limit.level[rows].T
    matrix[:, row[moves], where.multipliers.start + column] += counted[:, moves]


def _support_entries(matrix: Array, here: Local, q: int) -> None:
    """One support: the margins it lifts, and budgets that its payments use up."""
    program, state, where = here.program, here.state, here.where
    support, now, limit = program.supports[q], state.supports[q], program.limit
    chosen, places = where.active, program.entries.prices
    prices, level, first = where.prices, where.levels.start, where.multipliers.start
    made = support.made(program.network.outputs)
    index = support.index[:, places]
    cuts, left = limit.support[chosen, q], np.flatnonzero(chosen == support.unsold)
    for e, k in enumerate(support.process):
        matrix[:, level + k, :prices] -= now.slope[:, e, None] * index[e] * made[e]
        for m in np.flatnonzero(cuts):
            cut = now.sold * now.shortfall[:, e] * made[e] * cuts[m]
            matrix[:, level + k, first + m] += cut
        matrix[:, level + k, first + left] += (now.rate[:, e] * made[e])[:, None]
    full = (now.shortfall * now.output).sum(axis=1)
    every = (now.shortfall * state.level[:, support.process] * made).sum(axis=1)
    payment, reduced = limit.payment[chosen, q], limit.reduced[chosen, q]
    for m in np.flatnonzero(payment + reduced):
        kept = payment[m] + reduced[m] * (1.0 - now.cut)
        for e, k in enumerate(support.process):
            lost = -np.ravel(support.down) * kept * now.below[:, e] * now.output[:, e]
            matrix[:, first + m, :prices] -= lost[:, None] * index[e]
            matrix[:, first + m, level + k] -= kept * now.sold * now.shortfall[:, e] * made[e]
        matrix[:, first + m, where.multipliers] += reduced[m] * full[:, None] * cuts
        matrix[:, first + m, first + left] += (kept * every)[:, None]


def _delivered_entries(matrix: Array, here: Local) -> None:
    """Delivered prices of homogeneous goods: what buyers use, and what their prices change.

    Where there are any, every unknown has its place in the matrix.
    """
    program, state, slopes = here.program, here.state, here.slopes
    at, limit = program.routes, program.limit
    _, delivered = program.spatial_prices
    prices = program.level_part.start
    matrix[:, delivered, delivered] -= slopes.demand.reshape(state.index.shape)[:, at.goods]
    position = delivered_at(program)
    inputs = program.lasting.inputs
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
