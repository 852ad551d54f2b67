"""What every derived table reads: the scenario, its base, their ledgers and the changes."""

from __future__ import annotations

from dataclasses import dataclass

from pricing.accounts.checks import Check
from pricing.accounts.ledger import Ledger
from pricing.accounts.surplus import Agents
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments import AnyPolicy


@dataclass(frozen=True)
class Books:
    """One solution and its base, accounted for."""

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
    agents: Agents
    """Changes in surplus against the base."""
    checks: tuple[Check, ...]
    """Six checks."""
