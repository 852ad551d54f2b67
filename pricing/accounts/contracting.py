"""What contracts are worth: bound tonnes at another price than the next tonne.

Bound tonnes are invoiced like spot tonnes, duties and all; what the contract says otherwise is
settled between sellers and buyers, a lump sum to both. Sellers share it by output, buyers by use.
"""

from __future__ import annotations

import numpy as np

from pricing.accounts.volumes import add_at, beyond_average, money_price, stock_moves
from pricing.chains.network import Array, IntArray
from pricing.equilibrium.program import Program
from pricing.equilibrium.rationing import bought
from pricing.equilibrium.state import State


def settlement(program: Program, state: State) -> Array:
    """(N, G, R, R) contract price less spot price on bound tonnes, from buyer to seller [USD]."""
    gap = program.network.contract_price - state.price[..., None]
    return np.asarray(gap * program.contracted)


def per_tonne_used(program: Program, state: State) -> Array:
    """(N, G, R) settlement per tonne that users and processes of a buyer take [USD/t]."""
    taken = state.use.copy()
    for move in stock_moves(program, state):
        taken[:, move.good, move.region] += move.released - move.bought
    paid, some = settlement(program, state).sum(axis=2), taken > 0.0
    return np.asarray(np.where(some, paid / np.where(some, taken, 1.0), 0.0))


def to_makers(program: Program, state: State) -> tuple[IntArray, IntArray, Array]:
    """Settlement that each maker gets: processes (E,), goods (E,), and (N, E) amounts [USD]."""
    network = program.network
    k, g = np.nonzero(network.outputs)
    place = g, network.process_region[k]
    made = state.level[:, k] * network.outputs[k, g]
    whole = np.maximum(state.output[:, place[0], place[1]], 1e-300)
    got = settlement(program, state).sum(axis=3)[:, place[0], place[1]]
    return k, g, np.asarray(got * made / whole)


def _gain(program: Program, state: State) -> Array:
    """(N, G, R) what a tonne used costs less than its price index, contracts being cheaper."""
    cost = money_price(program, state) + beyond_average(program, state)
    return np.asarray(state.index - cost - per_tonne_used(program, state))


def contracted_to_users(program: Program, state: State) -> Array:
    """(N, D) what contracts are worth to final users [USD]."""
    network = program.network
    if not program.contracted.any():
        return np.zeros_like(state.final_demand)
    gain = _gain(program, state)[:, network.demand_good, network.demand_region]
    return np.asarray(gain * bought(program, state))


def contracted_inputs(program: Program, state: State) -> Array:
    """(N, K) what contracts are worth to processes as buyers of inputs [USD]."""
    network, total = program.network, np.zeros_like(state.level)
    if program.contracted.any():
        k, g = np.nonzero(network.inputs)
        gain = _gain(program, state)[:, g, network.process_region[k]]
        add_at(total, k, gain * state.level[:, k] * state.inputs[:, k, g])
    return total


def contracted_sales(program: Program, state: State) -> Array:
    """(N, K) what contracts settle to processes as sellers [USD]."""
    total = np.zeros_like(state.level)
    if program.contracted.any():
        makers, _, amount = to_makers(program, state)
        add_at(total, makers, amount)
    return total
