"""What buyers who are bound by contract pay for the tonnes that they leave."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.blocks import Block, Labels, shares
from pricing.accounts.parties import LICENCES, PARTNER_TREASURY, PROCESSES
from pricing.chains.network import Array
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments.terms import TakeOrPay


def left_tonnes(program: Program, state: State, contract: TakeOrPay) -> Array:
    """(N,) tonnes of a contract that its buyer leaves; none where the route is shut [t]."""
    route = contract.good, int(program.network.process_region[contract.process[0]]), contract.payer
    lacking = np.maximum(np.ravel(contract.tonnes) - state.flow[:, *route], 0.0)
    return np.asarray(lacking * program.open_arcs[route])


def unused(program: Program, state: State) -> Iterator[tuple[TakeOrPay, Array, Array]]:
    """Contracts with the tonnes (N, E) left at each maker and what is paid for them [t, USD]."""
    for contract in program.terms.unused:
        region = int(program.network.process_region[contract.process[0]])
        price = state.price[:, contract.good, region, None]
        left = left_tonnes(program, state, contract)[:, None]
        tonnes = left * shares(state.level[:, contract.process])
        yield contract, tonnes, price * tonnes


def blocks(program: Program, state: State) -> Iterator[Block]:
    """Buyers pay the makers under contract the ex-works price of what they leave."""
    for contract, tonnes, amount in unused(program, state):
        labels = Labels.of_processes(
            program.network, contract.process, contract.good, contract.payer
        )
        payer = PARTNER_TREASURY if contract.public else LICENCES
        kind, name = contract.instrument, contract.policy
        yield Block.paid(payer, PROCESSES, labels, kind, name, tonnes, amount)
