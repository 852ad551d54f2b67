"""Six checks that can fail, each by two routes that share as little code as they can."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from pricing.accounts.areas import kept_in_stock
from pricing.accounts.own_checks import Gap
from pricing.accounts.solution import Solution
from pricing.accounts.surplus import Agents
from pricing.accounts.surplus_path import on_path
from pricing.accounts.volumes import at_buyers
from pricing.chains.network import Array
from pricing.chains.scales import SMALLEST_USE
from pricing.equilibrium.program import Program

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
    """World spending on all goods, by buyers, treasuries and holders of contracts, or what making
    them costs if that is more; at least a millionth of what demand curves are drawn for [USD]."""
    worst: str
    """Where the largest difference is; empty for a difference of totals."""

    @property
    def passed(self) -> bool:
        """Whether the error is within tolerance; not a number never passes."""
        return bool(self.error <= TOLERANCE)


def run(solution: Solution, base: Solution, agents: Agents) -> tuple[Check, ...]:
    """Run all six checks.

    Parameters
    ----------
    solution, base : Solution
        Scenario and reference on the same network.
    agents : Agents
        Changes in surplus, as reported.
    """
    # The larger of both worlds' spending. Below a millionth of what curves are drawn for, tonnes
    # are the last digits of a price, and 1e-9 of less is more than a price can resolve.
    curves = solution.program.network.demand
    least = SMALLEST_USE * float(curves.quantity @ curves.price)
    scale = max(solution.spending, base.spending, least, 1e-300)
    benefit = _benefit(solution, base)
    table: list[tuple[str, str, list[Gap]]] = [
        (
            "balances",
            "what each user and process gains over quantities, less what it pays, against "
            "surplus over prices and lump sums",
            [_users(solution, base, benefit, agents), _producers(solution, base, agents)],
        ),
        (
            "landed prices",
            "what buyers pay against ex-works price, VAT, rents, transport, duties and levies, "
            "arc by arc",
            [*solution.landed, *base.landed],
        ),
        (
            "receipts",
            "what producers receive against sales, purchases and guarantees",
            [*solution.receipts, *base.receipts],
        ),
        (
            "volumes",
            "output against sales, purchases and disposal; arrivals and use as stated against what "
            "users and plants need; tonnes carried",
            [*solution.volumes, *base.volumes],
        ),
        (
            "treasuries",
            "the ledger's treasuries against the law of each instrument",
            [*solution.treasuries, *base.treasuries],
        ),
        (
            "totals",
            "total by agents against benefits less production, transport, delay, stocks, sourcing",
            _totals(solution, base, benefit, agents),
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


def _users(solution: Solution, base: Solution, benefit: Array, agents: Agents) -> Gap:
    """Benefit over quantity less payments, against surplus over price."""
    gain = benefit + solution.user_balance - base.user_balance
    return Gap(gain - agents.users, partial(_uses, solution.program))


def _benefit(solution: Solution, base: Solution) -> Array:
    """(N, D) change in what the tonnes bought are worth: inverse demand over quantity [USD].

    A demand that answers other prices moves on three legs: at its old price while goods before it
    move, along its curve while its own price does, at its new price while later goods move.
    """
    program = solution.program
    network, curves = program.network, program.network.demand
    if not network.cross.demand.size:
        return solution.benefit - base.benefit
    tonnes = [solution.bought, base.bought]
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


def _producers(solution: Solution, base: Solution, agents: Agents) -> Gap:
    """Receipts less costs of the quantities made, against surplus over margins and lump sums."""
    change = solution.process_balance - base.process_balance
    return Gap(change - agents.processes, lambda: solution.program.network.processes)


def _totals(solution: Solution, base: Solution, benefit: Array, agents: Agents) -> list[Gap]:
    """Total by agents against total by areas; without policies nothing changes."""
    areas = benefit.sum(axis=1) - solution.resources + base.resources + kept_in_stock(solution)
    gaps = [Gap((agents.total - areas)[:, None], lambda: ("world",))]
    if not solution.policies:
        parts = (agents.users, agents.processes, agents.private, agents.treasuries)
        gaps += [
            Gap(part.sum(axis=1, keepdims=True), lambda: ("no policy, yet a change",))
            for part in map(np.abs, parts)
        ]
    return gaps
