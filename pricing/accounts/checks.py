"""Six checks that can fail, each by two routes that share as little code as they can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from pricing.accounts.invoices import Invoices, invoices
from pricing.accounts.ledger import Account, Ledger, add_up
from pricing.accounts.payments import closing_stock, grants
from pricing.accounts.surplus import Agents, lump_sums
from pricing.accounts.surplus_path import on_path
from pricing.accounts.treasury_law import receipts
from pricing.accounts.volumes import add_places, at_buyers, stock_moves
from pricing.chains.network import Array
from pricing.equilibrium.conditions import State
from pricing.equilibrium.program import Program
from pricing.equilibrium.rationing import bought
from pricing.instruments import AnyPolicy
from pricing.instruments.terms import Wedge, Worth

TOLERANCE = 1e-9
"""Largest difference between the two routes, as a share of world spending [1]."""


@dataclass(frozen=True)
class Check:
    """One comparison of two routes to the same numbers."""

    number: int
    """Place in the list of six."""
    name: str
    """Short name."""
    compares: str
    """What is held against what."""
    error: float
    """Largest difference as a share of the scale [1]."""
    scale: float
    """World spending on all goods [USD]."""
    worst: str
    """Where the largest difference is; empty for a difference of totals."""

    @property
    def passed(self) -> bool:
        """Whether the error is within tolerance; not a number never passes."""
        return bool(self.error <= TOLERANCE)


@dataclass(frozen=True)
class Solution:
    """One solution with its ledger."""

    program: Program
    """The scenario."""
    state: State
    """Its solution."""
    ledger: Ledger
    """Its ledger."""
    policies: tuple[AnyPolicy, ...]
    """Declared policies in force."""

    @cached_property
    def invoices(self) -> Invoices:
        """Declared prices on every arc, by the law."""
        return invoices(self.program, self.state, self.policies)


@dataclass(frozen=True)
class _Gap:
    """Differences of two routes for one set of labels."""

    difference: Array
    """(N, n) difference [USD]."""
    labels: Callable[[], tuple[str, ...]]
    """(n,) names, made when somebody asks for the worst."""

    @property
    def size(self) -> float:
        """Largest absolute difference [USD]."""
        return float(np.abs(self.difference).max(initial=0.0))

    @property
    def worst(self) -> str:
        """Label of the largest difference."""
        flat = np.abs(self.difference).max(axis=0, initial=0.0).ravel()
        labels = self.labels()
        return labels[int(np.argmax(flat))] if flat.size else ""


def world_spending(solution: Solution, base: Solution) -> float:
    """Scale of every check: the larger of both worlds' spending on all goods [USD]."""
    spent = [
        float((s.state.flow * s.state.landed).sum(axis=(1, 2, 3)).max()) for s in (solution, base)
    ]
    return max(*spent, 1e-300)


def run(solution: Solution, base: Solution, agents: Agents) -> tuple[Check, ...]:
    """Run all six checks.

    Parameters
    ----------
    solution, base : Solution
        Scenario and reference on the same network.
    agents : Agents
        Changes in surplus, as reported.
    """
    scale = world_spending(solution, base)
    both = (solution, base)
    table: list[tuple[str, str, list[_Gap]]] = [
        (
            "balances",
            "what each user and process gains over quantities, less what it pays, against "
            "surplus over prices and lump sums",
            [_users(solution, base, agents), _producers(solution, base, agents)],
        ),
        (
            "landed prices",
            "what buyers pay against ex-works price, VAT, rents, transport, duties and levies, "
            "arc by arc",
            [gap for s in both for gap in _landed(s)],
        ),
        (
            "receipts",
            "what producers receive against sales, purchases and guarantees",
            [gap for s in both for gap in _receipts(s)],
        ),
        (
            "volumes",
            "output against sales, purchases and disposal; arrivals against use; tonnes carried",
            [gap for s in both for gap in _volumes(s)],
        ),
        (
            "treasuries",
            "the ledger's treasuries against the law of each instrument",
            [gap for s in both for gap in _treasuries(s)],
        ),
        (
            "totals",
            "total by agents against benefits less production, transport, delay, stocks, sourcing",
            _totals(solution, base, agents),
        ),
    ]
    checks = []
    for number, (name, compares, gaps) in enumerate(table, start=1):
        sizes = [gap.size for gap in gaps]
        worst = int(np.argmax(sizes)) if sizes else 0
        error = max(sizes, default=0.0) if not np.isnan(sizes).any() else np.nan
        label = gaps[worst].worst if gaps else ""
        checks.append(Check(number, name, compares, error / scale, scale, label))
    return tuple(checks)


def _users(solution: Solution, base: Solution, agents: Agents) -> _Gap:
    """Benefit over quantity less payments, against surplus over price."""
    size = solution.program.network.demand.quantity.size
    paid = [s.ledger.balance(Account.USERS, size) for s in (solution, base)]
    gain = _benefit(solution, base) + paid[0] - paid[1]
    return _Gap(gain - agents.users, partial(_uses, solution.program))


def _benefit(solution: Solution, base: Solution) -> Array:
    """(N, D) change in what the tonnes bought are worth: inverse demand over quantity [USD].

    A demand that answers other prices moves on three legs: at its old price while goods before it
    move, along its curve while its own price does, at its new price while later goods move.
    """
    program = solution.program
    network, curves = program.network, program.network.demand
    tonnes = [bought(s.program, s.state) for s in (solution, base)]
    if not network.cross.demand.size:
        return curves.benefit(tonnes[0]) - curves.benefit(tonnes[1])
    shift = on_path(program, solution.state, base.state)
    crossed = np.isin(np.arange(curves.quantity.size), network.cross.demand)
    price = [np.minimum(at_buyers(program, s.state.index), curves.choke) for s in (solution, base)]
    turn = [
        np.where(crossed, curves.demanded(p, shift), t) for p, t in zip(price, tonnes, strict=True)
    ]
    along = curves.benefit(turn[0], shift) - curves.benefit(turn[1], shift)
    return along + price[0] * (tonnes[0] - turn[0]) - price[1] * (tonnes[1] - turn[1])


def _uses(program: Program) -> tuple[str, ...]:
    network = program.network
    pairs = zip(network.demand_use, network.demand_region, strict=True)
    return tuple(f"{use} in {network.regions[r]}" for use, r in pairs)


def _producers(solution: Solution, base: Solution, agents: Agents) -> _Gap:
    """Receipts less costs of the quantities made, against surplus over margins and lump sums."""
    count = len(solution.program.network.processes)
    balance = [s.ledger.balance(Account.PROCESSES, count) for s in (solution, base)]
    return _Gap(balance[0] - balance[1] - agents.processes, partial(_processes, solution.program))


def _processes(program: Program) -> tuple[str, ...]:
    return program.network.processes


def _places(program: Program) -> tuple[str, ...]:
    network = program.network
    return tuple(f"{good} in {region}" for good in network.goods for region in network.regions)


def _landed(solution: Solution) -> list[_Gap]:
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
        _Gap(np.abs(by_arc).max(axis=1), places),
        _Gap(paid - rows.sum(axis=2), places),
    ]


def _receipts(solution: Solution) -> list[_Gap]:
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
    earned = at_margin + lump_sums(program, state) + grants(program, state)
    return [
        _Gap(pool - sold, partial(_places, program)),
        _Gap(by_process - earned, partial(_processes, program)),
    ]


def _volumes(solution: Solution) -> list[_Gap]:
    """Balances in tonnes, valued at benchmark prices; only worthless goods are disposed of."""
    program, state = solution.program, solution.state
    network = program.network
    value = network.setting.price_scale[:, None]
    disposal = state.output - state.flow.sum(axis=-1) - state.purchases
    unpaid = np.maximum(disposal, 0.0) * np.minimum(state.price, value)
    needed, made = np.zeros_like(state.use), np.zeros_like(state.output)
    add_places(needed, network.demand_good, network.demand_region, bought(program, state))
    for total, coefficient in ((needed, state.inputs), (made, network.outputs[None])):
        k, g = np.nonzero(coefficient.any(axis=0))
        tonnes = state.level[:, k] * coefficient[:, k, g]
        add_places(total, g, network.process_region[k], tonnes)
    for move in stock_moves(program, state):
        needed[:, move.good, move.region] += move.bought - move.released
    composite = program.composite[1]  # tonnes do not add up to an armington composite
    needed[:, composite] *= state.basket[:, composite].sum(axis=2)
    places = partial(_places, program)
    k, arc = network.fleet.process, network.fleet.arc
    idle = state.level[:, k] - state.flow.reshape(state.flow.shape[0], -1)[:, arc]
    fare = state.freight.reshape(state.freight.shape[0], -1)[:, arc]
    lacking = np.minimum(idle, 0.0) * np.maximum(fare, network.fleet.price)
    return [
        _Gap(
            lacking - np.maximum(idle, 0.0) * fare, lambda: tuple(network.processes[n] for n in k)
        ),
        _Gap(np.minimum(disposal, 0.0) * value - unpaid, places),
        _Gap((state.flow.sum(axis=-2) - needed) * value, places),
        _Gap((state.output - made) * value, places),
    ]


def _treasuries(solution: Solution) -> list[_Gap]:
    """Ledger against law, by instrument and policy."""
    rows = solution.ledger.treasuries()
    due = receipts(solution.program, solution.state, solution.invoices)
    zero = np.zeros((solution.state.price.shape[0], len(solution.program.network.regions)))
    return [
        _Gap(
            rows.get(key, zero) - due.get(key, zero),
            partial(_treasury_names, solution.program, key),
        )
        for key in {**rows, **due}
    ]


def _treasury_names(program: Program, key: tuple[str, str]) -> tuple[str, ...]:
    line = " ".join(filter(None, key))
    return tuple(f"{line} in {region}" for region in program.network.regions)


def _totals(solution: Solution, base: Solution, agents: Agents) -> list[_Gap]:
    """Total by agents against total by areas; without policies nothing changes."""
    benefit = _benefit(solution, base).sum(axis=1)
    areas = benefit - _resources(solution) + _resources(base) + _kept(solution)
    gaps = [_Gap((agents.total - areas)[:, None], lambda: ("world",))]
    if not solution.policies:
        parts = (agents.users, agents.processes, agents.private, agents.treasuries)
        gaps += [
            _Gap(part.sum(axis=1, keepdims=True), lambda: ("no policy, yet a change",))
            for part in map(np.abs, parts)
        ]
    return gaps


def _kept(solution: Solution) -> Array:
    """(N,) what stocks hold more, or owe less, at the end of the year than at its start [USD]."""
    program, state = solution.program, solution.state
    due = receipts(program, state, solution.invoices)
    total = np.zeros(len(state.price))
    for stock in program.terms.holdings:
        closing = closing_stock(program, state, stock)
        if stock.worth is Worth.MARKET:
            total += (closing - np.ravel(stock.opening)) * state.index[:, stock.good, stock.region]
        elif stock.worth is Worth.COST:
            spent = -due[stock.instrument, stock.policy].sum(axis=1)
            total += spent - closing * np.ravel(stock.carrying_cost)
    return total


def _resources(solution: Solution) -> Array:
    """(N,) resources that production, transport and switching take [USD].

    What carriers of routes spend is part of production; the other freight is spent as it stands,
    and so is what hiding an origin costs.
    """
    program, state = solution.program, solution.state
    network = program.network
    supply = program.supply
    production = (supply.variable_cost(state.level) + supply.capital_cost(state.level)).sum(axis=1)
    fob = solution.invoices.fob
    carried = network.freight + network.insurance * fob + network.evasion
    transport = (carried * state.flow).sum(axis=(1, 2, 3))
    spent = (state.landed * (state.flow - program.contracted)).sum(axis=(1, 2, 3))
    switching = (state.index * state.spot).sum(axis=(1, 2)) - spent
    lost = sum(
        (
            (policy.rent(solution.invoices.trade) * state.flow).sum(axis=(1, 2, 3))
            for policy in solution.policies
            if policy.rent_role is Wedge.LOST
        ),
        np.zeros(1),
    )
    held = sum(
        (
            closing_stock(program, state, stock) * np.ravel(stock.carrying_cost)
            for stock in program.terms.holdings
        ),
        np.zeros(1),
    )
    sold = state.flow.reshape(state.flow.shape[0], -1)[:, network.sellers.arc]
    cheaper = (network.sellers.base * sold).sum(axis=1)
    return np.asarray(production + transport + switching + lost + held - cheaper)
