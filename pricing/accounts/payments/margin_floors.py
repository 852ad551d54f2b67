"""Floors under what processes earn in cash."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.blocks import Block, Labels, add_up, shares
from pricing.accounts.parties import PARTNER_TREASURY, PROCESSES, Account
from pricing.accounts.payments import chain, purchases, supports, take_or_pay
from pricing.chains.network import Array
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments.terms import MarginFloor


def blocks(program: Program, state: State) -> Iterator[Block]:
    """Treasuries make up cash earnings to their floor."""
    for floor, due in margin_payments(program, state):
        labels = Labels.of_processes(program.network, floor.process, payer=floor.payer)
        tonnes = state.level[:, floor.process]
        kind, name = floor.instrument, floor.policy
        yield Block.paid(PARTNER_TREASURY, PROCESSES, labels, kind, name, tonnes, due)


def cash_earnings(program: Program, state: State) -> Array:
    """(N, K) sales, freight earned and payments less inputs, feed and conversion, in money [USD].

    What contracts settle is in it, on either side.
    """
    total = np.zeros_like(state.level)
    rows = (
        *chain.blocks(program, state),
        *purchases.blocks(program, state),
        *supports.blocks(program, state),
        *take_or_pay.blocks(program, state),
    )
    for block in rows:
        for party, sign in ((block.receiver, 1.0), (block.payer, -1.0)):
            if block.money and party.account is Account.PROCESSES:
                total += sign * add_up(block.amount, block.labels.who, total.shape[1])
    return total


def margin_payments(program: Program, state: State) -> Iterator[tuple[MarginFloor, Array]]:
    """Floors under cash earnings with what they pay each process (N, E) [USD]."""
    if not program.terms.margin_floors:
        return
    earned = cash_earnings(program, state)
    for floor in program.terms.margin_floors:
        cash = earned[:, floor.process].sum(axis=1) - np.ravel(floor.fixed_cash_cost)
        due = np.maximum(np.ravel(floor.floor) - cash, 0.0)
        yield floor, due[:, None] * shares(state.level[:, floor.process])
