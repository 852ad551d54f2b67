"""Derivatives at a point that several rows of the Jacobian share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pricing.chains.network import Array, IntArray
from pricing.equilibrium.endings import ended
from pricing.equilibrium.places import Places
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State


@dataclass(frozen=True)
class Slopes:
    """What buyers do as prices move; arcs are the open ones of explicit laws."""

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
    def at(cls, program: Program, state: State) -> Slopes:
        """Slopes at a point."""
        network, along, count = program.network, program.along, state.price.shape[0]
        flat, spot = state.index.reshape(count, -1), state.spot.reshape(count, -1)
        slope = network.demand.demanded_slope(flat[:, program.lasting.demand_place], state.shift)
        slope = slope * state.served
        if program.endings.size:
            curves = network.demand
            line = -curves.elasticity * curves.quantity / curves.price
            slope = np.where(ended(program, state), line, slope)
        demand = slope @ program.lasting.demand_map
        keen = state.index_keenness
        weights = along.live(state.weights)
        return cls(
            demand=demand,
            total=demand + keen.reshape(keen.shape[0], -1) * spot,
            weights=weights,
            own=along.live(state.keenness) * spot.take(along.arcs.buyer, axis=1),
            pull=weights * along.live(state.landed_slope),
            drawn=state.inputs[:, program.lasting.inputs.process, program.lasting.inputs.good],
        )


@dataclass(frozen=True)
class LimitSlopes:
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
    def at(cls, program: Program, state: State, slopes: Slopes, chosen: IntArray) -> LimitSlopes:
        """Slopes at a point."""
        limit, along, arcs = program.limit, program.along, program.along.arcs
        places = slopes.total.shape[1]
        acting, on = both(limit.on_arcs, chosen)
        flowing = np.isin(chosen, limit.flowing).nonzero()[0]
        use = limit.use[chosen[flowing]].reshape(1, flowing.size, places)
        index = np.zeros((1, 0, places))
        if on.size:
            gain = along.live(state.rent_slope)[:, None]
            charge = along.live(along.charged)[acting] + along.live(along.seller)[acting] * gain
            if along.following is not None:
                relief = along.live(state.relief)[:, None]
                charge = charge + along.live(along.following)[acting] * relief
            carrying, moved = both(limit.on_freight, chosen)
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
        rank, counting = both(limit.on_flow, chosen)
        counted = along.live(along.counted)[rank]
        held = np.zeros((1, 0, places))
        if counting.size:
            held = arcs.to_buyers(counted * slopes.weights[:, None], places)
        return cls(chosen, on, index, flowing, flow, counting, counted, held)


def both(some: IntArray, chosen: IntArray) -> tuple[IntArray, IntArray]:
    """Positions in both lists of limits that are in both, which ascend."""
    first = np.isin(some, chosen).nonzero()[0] if some.size and chosen.size else some[:0]
    return first, np.searchsorted(chosen, some[first])


@dataclass(frozen=True)
class Local:
    """A point, the unknowns that move there, and the derivatives that several rows share."""

    program: Program
    """The scenarios."""
    state: State
    """Where they are."""
    where: Places
    """Which unknowns move."""
    slopes: Slopes
    """What buyers do as prices move."""

    @cached_property
    def limits(self) -> LimitSlopes:
        """What the multipliers that move do."""
        return LimitSlopes.at(self.program, self.state, self.slopes, self.where.active)

    @cached_property
    def index(self) -> Array:
        """(N, G R) price indices [USD/t]."""
        return self.state.index.reshape(self.state.index.shape[0], -1)
