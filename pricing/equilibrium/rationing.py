"""What final users get, and what they go without."""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.own_limits import SHORTAGE
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State


def shortage(program: Program, state: State) -> Array:
    """(N, D) demand at the choke price that gets nothing [t]."""
    curves = program.network.demand
    short = np.zeros_like(state.final_demand)
    with_choke = np.flatnonzero(np.isfinite(curves.choke) & (curves.quantity > 0.0))
    at = [m for m, limit in enumerate(program.limits) if limit.instrument == SHORTAGE]
    short[:, with_choke] = state.multiplier[:, at]
    shares = program.limit.rations[1]
    short[:, shares] *= state.final_demand[:, shares]
    return short


def bought(program: Program, state: State) -> Array:
    """(N, D) tonnes that final users get [t]."""
    return state.final_demand - shortage(program, state)
