"""Checks that one solution passes or fails by itself: two routes to the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from pricing.accounts.blocks import add_up
from pricing.accounts.parties import Account
from pricing.accounts.payments.capital import grants
from pricing.accounts.volumes import add_places, stock_moves
from pricing.chains.network import Array
from pricing.economics.sourcing import Law
from pricing.equilibrium.program import Program

if TYPE_CHECKING:
    from pricing.accounts.solution import Solution


@dataclass(frozen=True)
class Gap:
    """Differences of two routes for one set of labels."""

    difference: Array
    """(N, n) difference [USD]."""
    labels: Callable[[], tuple[str, ...]]
    """(n,) names, made when somebody asks for the worst."""

    @cached_property
    def size(self) -> float:
        """Largest absolute difference [USD]."""
        return float(np.abs(self.difference).max(initial=0.0))

    @property
    def worst(self) -> str:
        """Label of the largest difference."""
        flat = np.abs(self.difference).max(axis=0, initial=0.0).ravel()
        labels = self.labels()
        return labels[int(np.argmax(flat))] if flat.size else ""


def _places(program: Program) -> tuple[str, ...]:
    network = program.network
    return tuple(f"{good} in {region}" for good in network.goods for region in network.regions)


def landed(solution: Solution) -> list[Gap]:
    """Arc rows against landed prices; payments of buyers against arc rows."""
    state = solution.state
    spent = state.flow * state.landed
    rows, paid = np.zeros_like(spent), np.zeros_like(state.price)
    for block in solution.ledger.blocks:
        if block.labels.arcs:
            rows += block.amount.reshape(spent.shape)
        elif block.receiver.account is Account.MARKET:
            add_places(paid, block.labels.good, block.labels.region, block.amount)
        elif block.payer.account is Account.MARKET:
            add_places(paid, block.labels.good, block.labels.region, -block.amount)
    places = partial(_places, solution.program)
    by_arc = np.moveaxis(rows - spent, -1, 1)
    return [
        Gap(np.abs(by_arc).max(axis=1), places),
        Gap(paid - rows.sum(axis=2), places),
    ]


def receipts(solution: Solution) -> list[Gap]:
    """Receipts of producers by good and region, and by process."""
    program, state = solution.program, solution.state
    network = program.network
    pool, by_process = np.zeros_like(state.price), np.zeros_like(state.level)
    for block in solution.ledger.blocks:
        labels = block.labels
        if block.receiver.account is Account.PROCESSES:
            by_process += add_up(block.amount, labels.who, by_process.shape[1])
            if block.payer.account is Account.SELLERS:
                add_places(pool, labels.good, labels.region, block.amount)
        if block.payer.account is Account.PROCESSES and (
            block.receiver.account in (Account.TREASURIES, Account.FEED, Account.LICENCE_HOLDERS)
        ):
            by_process -= add_up(block.amount, labels.who, by_process.shape[1])
    sold = (state.flow * state.price[..., None]).sum(axis=-1)
    for m, limit in enumerate(program.terms.limits):
        if limit.acts_on_balance[0].size:
            tonnes = state.multiplier[:, m, None, None] * program.limit.balance[m]
            sold = sold - limit.constant * tonnes
    index = state.index[:, :, network.process_region].transpose(0, 2, 1)
    at_margin = state.level * (state.margin + (state.inputs * index).sum(axis=2))
    earned = at_margin + solution.lump_sums + grants(program, state)
    return [
        Gap(pool - sold, partial(_places, program)),
        Gap(by_process - earned, lambda: network.processes),
    ]


def volumes(solution: Solution) -> list[Gap]:
    """Balances in tonnes, valued at benchmark prices; only worthless goods are disposed of."""
    program, state = solution.program, solution.state
    network = program.network
    value = network.setting.price_scale[:, None]
    disposal = state.output - state.flow.sum(axis=-1) - state.purchases
    unpaid = np.maximum(disposal, 0.0) * np.minimum(state.price, value)
    needed, made = np.zeros_like(state.use), np.zeros_like(state.output)
    add_places(needed, network.demand_good, network.demand_region, solution.bought)
    for total, coefficient in ((needed, state.inputs), (made, network.outputs[None])):
        k, g = np.nonzero(coefficient.any(axis=0))
        tonnes = state.level[:, k] * coefficient[:, k, g]
        add_places(total, g, network.process_region[k], tonnes)
    for move in stock_moves(program, state):
        needed[:, move.good, move.region] += move.bought - move.released
    stated = needed - state.use
    composite = program.lasting.goods[Law.ARMINGTON]  # its tonnes do not add up
    needed[:, composite] *= state.basket[:, composite].sum(axis=2)
    places = partial(_places, program)
    k, arc = network.fleet.process, network.fleet.arc
    idle = state.level[:, k] - state.flow.reshape(state.flow.shape[0], -1)[:, arc]
    fare = state.freight.reshape(state.freight.shape[0], -1)[:, arc]
    lacking = np.minimum(idle, 0.0) * np.maximum(fare, network.fleet.price)
    return [
        Gap(lacking - np.maximum(idle, 0.0) * fare, lambda: tuple(network.processes[n] for n in k)),
        Gap(np.minimum(disposal, 0.0) * value - unpaid, places),
        Gap((state.flow.sum(axis=-2) - needed) * value, places),
        Gap((state.output - made) * value, places),
        Gap(stated * value, places),
    ]


def treasuries(solution: Solution) -> list[Gap]:
    """Ledger against law, by instrument and policy."""
    rows = solution.ledger.treasuries
    due = solution.due
    zero = np.zeros((solution.state.price.shape[0], len(solution.program.network.regions)))
    return [
        Gap(
            rows.get(key, zero) - due.get(key, zero),
            partial(_treasury_names, solution.program, key),
        )
        for key in {**rows, **due}
    ]


def _treasury_names(program: Program, key: tuple[str, str]) -> tuple[str, ...]:
    line = " ".join(filter(None, key))
    return tuple(f"{line} in {region}" for region in program.network.regions)
