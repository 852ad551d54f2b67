r"""Exact derivatives of the conditions.

With shares ``S`` of a buyer and sensitivity ``theta``,

.. math:: dP = \sum_k S_k dc_k, \qquad
          df_i = S_i dU - \theta U S_i (dc_i - dP), \qquad dU = D' dP + \text{inputs} + \text{limits}.
"""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.conditions import State, price_scale
from pricing.equilibrium.program import Program


def jacobian(program: Program, state: State) -> tuple[Array, Array]:
    """Scaled Jacobian of the conditions and slope of marginal cost.

    Returns
    -------
    matrix : (N, n, n) array
        Derivatives of the scaled conditions in the scaled unknowns. In the rows of zero profit
        only minus the margin is differentiated; the slope of marginal cost is separate.
    cost_slope : (N, K) array
        Slope of marginal cost [USD/t per t].
    """
    network, limit = program.network, program.limit
    count, goods, regions = state.price.shape
    prices, levels, limits = program.sizes
    matrix = np.zeros((count, prices + levels + limits, prices + levels + limits))
    demand_slope = np.zeros_like(state.index)
    at = (slice(None), network.demand_good, network.demand_region)
    np.add.at(demand_slope, at, network.demand.demanded_slope(state.index[at]))
    own = network.theta * state.use
    pull = state.shares * state.landed_slope
    index_by_limit = _index_by_limit(program, state)
    flow_by_limit = _flow_by_limit(program, state, demand_slope, own, index_by_limit)
    _clearance_rows(program, state, matrix, (demand_slope + own, own, pull), flow_by_limit)
    _profit_rows(program, state, matrix, pull, index_by_limit)
    if limits:
        _limit_rows(program, state, matrix, (demand_slope + own, own, pull), index_by_limit, flow_by_limit)
    row_scale = np.concatenate(
        [
            np.broadcast_to(network.setting.quantity_scale.reshape(1, -1), (1, prices)),
            price_scale(program)[None],
            limit.condition_scale,
        ],
        axis=1,
    )
    matrix *= program.scale[None, None, :]
    matrix /= row_scale[:, :, None]
    return matrix, network.supply.marginal_cost_slope(state.level)


def _index_by_limit(program: Program, state: State) -> Array:
    """(N, M, G, R) derivative of price indices in multipliers [USD/t per unit]."""
    limit = program.limit
    landed = limit.landed[None] + limit.seller[None] * state.rent_slope[:, None]
    return (landed * state.shares[:, None]).sum(axis=3)


def _flow_by_limit(
    program: Program, state: State, demand_slope: Array, own: Array, index: Array
) -> Array:
    """(N, M, G, R, R) derivative of flows in multipliers [t per unit]."""
    limit = program.limit
    landed = limit.landed[None] + limit.seller[None] * state.rent_slope[:, None]
    use = demand_slope[:, None] * index + limit.use[None]
    spread = own[:, None] * index + use
    return state.shares[:, None] * (spread[:, :, :, None, :] - own[:, None, :, None, :] * landed)


def _clearance_rows(
    program: Program,
    state: State,
    matrix: Array,
    slopes: tuple[Array, Array, Array],
    flow_by_limit: Array,
) -> None:
    """Rows of market clearance, good by good."""
    network = program.network
    total, own, pull = slopes
    _, goods, regions = state.price.shape
    prices, levels, limits = program.sizes
    ranks = np.arange(regions)
    cross = -np.matmul(state.shares * total[:, :, None, :], pull.transpose(0, 1, 3, 2))
    diagonal = (own[:, :, None, :] * pull).sum(axis=-1)
    for g in range(goods):
        rows = slice(g * regions, (g + 1) * regions)
        matrix[:, rows, rows] = cross[:, g]
        matrix[:, g * regions + ranks, g * regions + ranks] += diagonal[:, g]
        for k in np.flatnonzero(network.inputs[:, g]):
            at = network.process_region[k]
            matrix[:, rows, prices + k] -= network.inputs[k, g] * state.shares[:, g, :, at]
        for k in np.flatnonzero(network.outputs[:, g]):
            at = g * regions + network.process_region[k]
            matrix[:, at, prices + k] += network.outputs[k, g]
    if limits:
        effect = -flow_by_limit.sum(axis=-1) - program.limit.balance[None]
        matrix[:, :prices, prices + levels :] = effect.reshape(
            state.price.shape[0], limits, prices
        ).transpose(0, 2, 1)


def _profit_rows(
    program: Program, state: State, matrix: Array, pull: Array, index_by_limit: Array
) -> None:
    """Rows of zero profit: minus the slope of the margin."""
    network = program.network
    regions = state.price.shape[2]
    prices, levels, limits = program.sizes
    for k in range(levels):
        at, row = network.process_region[k], prices + k
        for g in np.flatnonzero(network.inputs[k]):
            columns = slice(g * regions, (g + 1) * regions)
            matrix[:, row, columns] += network.inputs[k, g] * pull[:, g, :, at]
            if limits:
                matrix[:, row, prices + levels :] += (
                    network.inputs[k, g] * index_by_limit[:, :, g, at]
                )
        for g in np.flatnonzero(network.outputs[k]):
            matrix[:, row, g * regions + at] -= network.outputs[k, g]
    for q, (support, now) in enumerate(zip(program.supports, state.supports, strict=True)):
        made = network.outputs[support.process, support.good]
        for e, k in enumerate(support.process):
            weights = now.slope[:, e, None] * support.index[e] * made[e]
            matrix[:, prices + k, :prices] -= weights
            if limits:
                cut = now.shortfall[:, e, None] * made[e] * program.limit.support[:, q]
                matrix[:, prices + k, prices + levels :] += cut


def _limit_rows(
    program: Program,
    state: State,
    matrix: Array,
    slopes: tuple[Array, Array, Array],
    index_by_limit: Array,
    flow_by_limit: Array,
) -> None:
    """Rows of the room left under limits."""
    network, limit = program.network, program.limit
    total, own, pull = slopes
    count, _, regions = state.price.shape
    prices, levels, limits = program.sizes
    rows = slice(prices + levels, None)
    on_flow = limit.flow[None]
    by_price = (
        np.einsum("nmgj,ngkj->nmgk", (on_flow * state.shares[:, None]).sum(axis=3) * total[:, None], pull)
        - np.einsum("nmgkj,ngkj->nmgk", on_flow * own[:, None, :, None, :], pull)
    )
    by_index = np.einsum("mgj,ngkj->nmgk", limit.buyer_price, pull)
    matrix[:, rows, :prices] = (limit.price[None] - by_price + by_index).reshape(count, limits, prices)
    matrix[:, rows, prices : prices + levels] = -limit.level[None]
    for k in range(levels):
        at = network.process_region[k]
        for g in np.flatnonzero(network.inputs[k]):
            drawn = (limit.flow[None, :, g, :, at] * state.shares[:, None, g, :, at]).sum(axis=2)
            matrix[:, rows, prices + k] -= network.inputs[k, g] * drawn
    between = -np.einsum("mgij,nlgij->nml", limit.flow, flow_by_limit)
    between += np.einsum("mgj,nlgj->nml", limit.buyer_price, index_by_limit)
    matrix[:, rows, rows] = between
    _payment_rows(program, state, matrix)


def _payment_rows(program: Program, state: State, matrix: Array) -> None:
    """Budget limits: payments move with the index, the level and the cut."""
    network, limit = program.network, program.limit
    prices, levels, _ = program.sizes
    for q, (support, now) in enumerate(zip(program.supports, state.supports, strict=True)):
        for m in np.flatnonzero(limit.payment[:, q] + limit.reduced[:, q]):
            row = prices + levels + m
            kept = limit.payment[m, q] + limit.reduced[m, q] * (1.0 - now.cut)
            made = network.outputs[support.process, support.good]
            below = -support.down * now.below
            for e, k in enumerate(support.process):
                moved = (kept * below[:, e] * now.output[:, e])[:, None] * support.index[e]
                matrix[:, row, :prices] -= moved
                matrix[:, row, prices + k] -= kept * now.shortfall[:, e] * made[e]
            full = (now.shortfall * now.output).sum(axis=1)
            matrix[:, row, prices + levels :] += (
                limit.reduced[m, q] * full[:, None] * limit.support[:, q]
            )
