"""Annuities of capacity that adjusts, and what grants pay of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.blocks import Block, Labels
from pricing.accounts.parties import FACTORS, PARTNER_TREASURY, PROCESSES
from pricing.chains.network import Array
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments.terms import Grant


def blocks(program: Program, state: State) -> Iterator[Block]:
    """Owners pay the annuities, treasuries a part of them."""
    network, cost = program.network, program.supply.capital_cost(state.level)
    if not cost.any():
        return
    everyone = Labels.of_processes(network, np.arange(len(network.processes)))
    yield Block.paid(PROCESSES, FACTORS, everyone, "capital_cost", "", state.level, cost)
    for grant in program.terms.grants:
        labels = Labels.of_processes(network, grant.process, payer=grant.payer)
        yield Block.paid(
            PARTNER_TREASURY,
            PROCESSES,
            labels,
            grant.instrument,
            grant.policy,
            state.level[:, grant.process],
            _granted(program, state, grant),
        )


def grants(program: Program, state: State) -> Array:
    """(N, K) what grants pay on the annuities of each process [USD]."""
    total = np.zeros_like(state.level)
    for grant in program.terms.grants:
        total[:, grant.process] += _granted(program, state, grant)
    return total


def _granted(program: Program, state: State, grant: Grant) -> Array:
    """(N, E) what one grant pays [USD]."""
    capital = program.supply.capital_cost(state.level)[:, grant.process]
    return np.reshape(grant.share, (-1, 1)) * capital
