r"""Markups that are best against the demand that rivals leave.

An exporter group charges every buyer abroad ``weight`` of the markup ``m`` that solves

.. math:: f_a + \sum_b m_b \, \partial f_b / \partial s_a = 0

over its routes ``a, b`` to that buyer, where ``s`` is what it adds to its invoice and the slopes
are those of residual demand: rivals' prices, plants and sales move along the conditions of the
model; its own ex-works price and plants stay (they are its marginal cost), and so do levies and
quota rents, which it takes as given. With rivals' tonnes fixed (Cournot) the markup at the buyer's
door is ``(1 - S) / theta + S P / eps``, with the group's share ``S``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.economics.sourcing import Law
from pricing.equilibrium.conditions import scaled_conditions
from pricing.equilibrium.jacobian import jacobian
from pricing.equilibrium.places import whole
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State


def markups(program: Program, z: Array, state: State) -> Array:
    """(C,) markups that are best at a solution; NaN for none, zero for stated ones [USD/t].

    Routes that are shut have none either: they get zero.
    """
    sellers, shape = program.network.sellers, program.open_arcs.shape
    best = np.zeros(sellers.arc.size)
    good, _, buyer = np.unravel_index(sellers.arc, shape)
    gain = np.broadcast_to(program.charges.landed.rent, shape).ravel()
    slopes = np.array(np.broadcast_to(state.rent_slope, state.flow.shape))
    slopes.reshape(-1)[sellers.arc] = gain[sellers.arc]  # a levy's gap is taken, not left
    plain = replace(state, rent_slope=slopes)
    free = (sellers.weight > 0.0) & (state.flow[0].ravel()[sellers.arc] > 0.0)
    residual = _Residual.of(program, z, plain) if (free & ~sellers.fixed).any() else None
    for group, g, j in sorted(set(zip(sellers.group[free], good[free], buyer[free], strict=True))):
        routes = np.flatnonzero(free & (sellers.group == group) & (buyer == j))
        flow = state.flow[0].ravel()[sellers.arc[routes]]
        if sellers.fixed[routes[0]]:
            door = _cournot(program, state, routes, g, j)
            best[routes] = door / gain[sellers.arc[routes]]
            continue
        assert residual is not None
        best[routes] = _best(flow, residual.slopes(routes))
    return np.where(best > 0.0, best, np.where(free, np.nan, 0.0))


def _best(flow: Array, slopes: Array) -> Array:
    """Markups of one group at one buyer; NaN where demand does not fall in every direction."""
    falling = np.linalg.eigvalsh(-(slopes + slopes.T))
    if not np.isfinite(slopes).all() or falling.min() <= 0.0:
        return np.full(flow.size, np.nan)
    return np.asarray(np.linalg.solve(-slopes.T, flow))


class _Residual:
    """The linear system of rivals' responses at a solution."""

    def __init__(self, program: Program, matrix: Array, inside: BoolArray) -> None:
        self.program, self.matrix, self.inside = program, matrix, inside

    @classmethod
    def of(cls, program: Program, z: Array, state: State) -> _Residual:
        """Derivatives of all conditions, and which of them hold as equations."""
        matrix, part = whole(program, jacobian(program, state))[0], program.level_part
        with np.errstate(over="ignore", invalid="ignore"):
            slope = program.supply.marginal_cost_slope(state.level)[0]
        own = slope * program.network.level_scale / program.level_price
        levels = np.arange(part.start, part.stop)
        matrix[levels, levels] += own
        condition = scaled_conditions(program, state)
        low, high = ((z - bound) / program.weight for bound in (program.lower, program.upper))
        inside = ((condition < low) & (condition > high))[0, : program.core]
        inside &= np.isfinite(matrix).all(axis=1)
        taken = np.arange(program.multiplier_part.start, program.multiplier_part.stop)
        inside[taken[: len(program.terms.limits)]] = False  # levies and rents are given
        return cls(program, matrix, inside)

    def slopes(self, routes: IntArray) -> Array:
        """(n, n) slopes of the flows of routes (row) in what is added on each (column)."""
        program, sellers = self.program, self.program.network.sellers
        network, shape = program.network, program.open_arcs.shape
        good, origin, _ = np.unravel_index(sellers.arc, shape)
        own = sellers.group == sellers.group[routes[0]]
        moving, g = self.inside.copy(), int(good[routes[0]])
        for i in np.unique(origin[own]):
            moving[g * len(network.regions) + i] = False
            moving[program.level_part.start + network.setting.makers(g, int(i))] = False
        at = program.multiplier_part.stop - sellers.arc.size + routes
        active = np.flatnonzero(moving)
        # Prices of what nobody makes or buys are in no equation: least squares leave them alone.
        answer = -np.linalg.lstsq(
            self.matrix[np.ix_(active, active)], self.matrix[np.ix_(active, at)], rcond=None
        )[0]
        rows = self.matrix[np.ix_(at, at)] + self.matrix[np.ix_(at, active)] @ answer
        to_tonnes = program.condition_scale[0, at][:, None] / program.scale[at]
        return np.asarray(-rows * to_tonnes)


def _cournot(program: Program, state: State, routes: IntArray, good: int, buyer: int) -> Array:
    """Best markups of one group at one buyer's door, with the tonnes of rivals fixed [USD/t].

    ``(1 - S) / theta + sum f / U'`` under ``logit``, with the group's share of the tonnes. Under
    ``armington`` it is a share of each landed price, ``(1 - S) / sigma + S / eps``, with its share
    of the value and the elasticity ``eps`` of the composite in its price index.
    """
    network, arcs = program.network, program.network.sellers.arc[routes]
    flow, landed = state.flow[0].ravel()[arcs], state.landed[0].ravel()[arcs]
    elastic = _use_slope(program, state, good, buyer)
    with np.errstate(divide="ignore"):
        if network.law[good] is not Law.ARMINGTON:
            share = flow.sum() / state.flow[0, good, :, buyer].sum()
            door = (1.0 - share) / network.theta[good, buyer] + flow.sum() / elastic
            return np.full(flow.size, door)
        spent = float((flow * landed).sum())
        index, use = state.index[0, good, buyer], state.use[0, good, buyer]
        share = spent / (index * use)
        return np.asarray(
            landed * ((1.0 - share) / network.sigma[good] + spent / elastic / index**2)
        )


def _use_slope(program: Program, state: State, good: int, buyer: int) -> float:
    """What a buyer's use falls by with its own price: final users, and plants at given outputs."""
    network, place = program.network, good * len(program.network.regions) + buyer
    flat = state.index.reshape(1, -1)
    slope = network.demand.demanded_slope(flat[:, program.lasting.demand_place], state.shift)
    final = -float(((slope * state.served) @ program.lasting.demand_map)[0, place])
    per_level = state.inputs[0, :, good] * (network.process_region == buyer)
    inside = running(program, state) & (per_level > 0.0)
    with np.errstate(divide="ignore"):
        moves = 1.0 / program.supply.marginal_cost_slope(state.level)[0]
    return final + float((per_level**2 * np.where(inside, moves, 0.0)).sum())


def running(program: Program, state: State) -> Array:
    """(K,) processes strictly between their lowest and highest level."""
    part, scale = program.level_part, program.network.level_scale
    level = state.level[0] / scale
    return np.asarray((level > program.lower[0, part]) & (level < program.upper[0, part]))
