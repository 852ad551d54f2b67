"""The numbers that decide the regimes of policies that jump, at a solution."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from pricing.chains.network import Array, BoolArray, Network
from pricing.economics.capacity import plant_rent
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments.jumps import Content, CustomsValue, GainOfCap, Measure


def on_open_route(measure: Measure, open_arcs: BoolArray) -> bool:
    """Whether a jump is on an open route; what charges a shut one does nothing."""
    return not isinstance(measure, CustomsValue) or bool(open_arcs.ravel()[measure.arc])


def reach(measure: Measure, network: Network) -> tuple[float, float]:
    """Between what the number lies whatever prices are: content, where recipes are fixed."""
    if not isinstance(measure, Content):
        return -np.inf, np.inf
    makers = network.setting.makers(measure.good, measure.region)
    if np.isin(makers, network.nests.process).any():
        return -np.inf, np.inf
    inside = _inside(network.inputs, network, measure)
    return float(inside.min()), float(inside.max())


def measured(measure: Measure, program: Program, state: State) -> float:
    """The number that decides, at a solution of one scenario."""
    return _MEASURES[type(measure)](measure, program, state)


def _customs_value(measure: CustomsValue, program: Program, state: State) -> float:
    """Customs value, with what sellers ask under quotas and the like [USD/t]."""
    network, (slope, constant) = program.network, program.charges.export
    regions = len(network.regions)
    g, i, j = np.unravel_index(measure.arc, program.open_arcs.shape)
    plain = np.broadcast_to(constant, program.open_arcs.shape)[g, i, j]
    fob = state.price[0, g, i] * slope[g, i, j] + plain
    rents = len(program.terms.limits)  # markups stand behind them
    fob += state.multiplier[0, :rents] @ program.limit.seller[:rents, g, i, j]
    if np.broadcast_to(network.customs_fob, (regions,))[j]:
        return float(fob)
    insured = 1.0 + np.broadcast_to(network.insurance, program.open_arcs.shape)[g, i, j]
    return float(fob * insured + state.freight[0, g, i, j])


def _content(measure: Content, program: Program, state: State) -> float:
    """Tonnes of the parts in a tonne made, averaged over makers by output [t/t]."""
    network = program.network
    makers = network.setting.makers(measure.good, measure.region)
    inside = _inside(state.inputs[0], network, measure)
    weight = state.level[0, makers] * network.outputs[makers, measure.good]
    return float(np.average(inside, weights=weight if weight.sum() > 0.0 else None))


def _inside(inputs: Array, network: Network, measure: Content) -> Array:
    """Tonnes of the parts in a tonne of each maker [t/t]."""
    makers = network.setting.makers(measure.good, measure.region)
    parts = inputs[np.ix_(makers, measure.parts)].sum(axis=1)
    return np.asarray(parts / network.outputs[makers, measure.good])


def _gain_of_cap(measure: GainOfCap, program: Program, state: State) -> float:
    """What makers gain by output beyond the cap, at the prices of the solution [USD]."""
    support, network = program.supports[measure.support], program.network
    flat, margin = state.price.reshape(1, -1), state.margin.copy()
    back = support.up * np.maximum(flat @ support.index.T - support.upper, 0.0)[0]
    per_level = np.zeros(margin.shape[1])
    back = back * state.supports[measure.support].sold[0]
    np.add.at(per_level, support.process, back * support.made(network.outputs))
    whole = margin if support.lump_sum_up else margin + per_level
    low = np.where(program.open_process, np.minimum(network.minimum, network.capacity), 0.0)
    high = np.where(program.open_process, network.capacity, 0.0)
    rent = partial(plant_rent, program.supply, low=low, high=high)
    chosen = np.unique(support.process)
    gain = (rent(whole) - rent(whole - per_level))[0, chosen].sum()
    return float(gain - measure.cap)


_MEASURES: dict[type, Callable[[Any, Program, State], float]] = {
    CustomsValue: _customs_value,
    Content: _content,
    GainOfCap: _gain_of_cap,
}
"""How each number is measured."""
