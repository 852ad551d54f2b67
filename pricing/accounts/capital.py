"""What capacity costs, from what plants earn: a second route beside the annuities of capacity."""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array
from pricing.economics.capacity import LongRunSupply
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State


def capital_of_owners(program: Program, state: State) -> tuple[Array, Array]:
    """(N, K) what owners pay for capacity, and what it costs with what grants pay [USD].

    Where one unit more costs ``A k^(1/kappa)``, all of it costs ``kappa / (1 + kappa)`` times
    capacity at that price, which is what its plants earn; one project of full size may earn more.
    """
    supply, none = program.supply, np.zeros_like(state.level)
    if not isinstance(supply, LongRunSupply):
        return none, none
    adjusts = supply.adjusts
    part = 1.0 / (1.0 + 1.0 / np.where(adjusts, supply.response, 1.0))
    earned = state.margin * state.level - supply.variable_cost(state.level)
    most = np.where(np.isfinite(supply.most), supply.annuity * supply.kept, np.inf)
    own = np.where(adjusts, np.minimum(part * earned, most), 0.0)
    return own, own / supply.kept
