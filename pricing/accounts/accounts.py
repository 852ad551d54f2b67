"""The accounts of one solution against its base."""

from __future__ import annotations

from dataclasses import dataclass

from pricing.accounts import checks as checking
from pricing.accounts import payments, surplus
from pricing.accounts.ledger import Ledger
from pricing.equilibrium.conditions import State
from pricing.equilibrium.program import Program
from pricing.instruments import AnyPolicy


@dataclass(frozen=True)
class Accounts:
    """Who pays whom, who gains and loses, and whether it all adds up."""

    program: Program
    """The scenario."""
    state: State
    """Its solution."""
    base_program: Program
    """The reference: the same network without the policies."""
    base: State
    """Its solution."""
    policies: tuple[AnyPolicy, ...]
    """Declared policies in force."""
    ledger: Ledger
    """Payments of the scenario, in levels."""
    base_ledger: Ledger
    """Payments of the base, in levels."""
    agents: surplus.Agents
    """Changes in surplus against the base."""
    checks: tuple[checking.Check, ...]
    """Six checks."""


def account(
    program: Program,
    state: State,
    base_program: Program,
    base: State,
    *,
    policies: tuple[AnyPolicy, ...],
    cost_of_public_funds: float = 1.0,
) -> Accounts:
    """Draw up the accounts of a solution.

    Parameters
    ----------
    program, state : Program, State
        The scenario and its solution.
    base_program, base : Program, State
        The same network without policies, and its solution.
    policies : tuple
        Declared policies in force, in the order in which they were applied.
    cost_of_public_funds : float
        Weight of treasuries in net welfare [1].

    Returns
    -------
    Accounts
        Numbers at once; labelled tables when they are read.
    """
    ledger, base_ledger = payments.build(program, state), payments.build(base_program, base)
    agents = surplus.changes(
        program, base_program, (state, base), (ledger, base_ledger), cost_of_public_funds
    )
    checks = checking.run(
        checking.Solution(program, state, ledger, policies),
        checking.Solution(base_program, base, base_ledger, ()),
        agents,
    )
    return Accounts(
        program=program,
        state=state,
        base_program=base_program,
        base=base,
        policies=policies,
        ledger=ledger,
        base_ledger=base_ledger,
        agents=agents,
        checks=checks,
    )
