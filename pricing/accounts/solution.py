"""One solution with its ledger, and what is drawn up from the two once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pricing.accounts import areas, own_checks, payments, surplus
from pricing.accounts.contracting import contracted_inputs, contracted_to_users
from pricing.accounts.invoices import Invoices, invoices
from pricing.accounts.ledger import Ledger
from pricing.accounts.parties import Account
from pricing.accounts.treasury_law import Receipts, receipts
from pricing.accounts.volumes import sourcing
from pricing.chains.network import Array
from pricing.core.shelf import Shelf
from pricing.equilibrium import rationing
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments import AnyPolicy


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

    @cached_property
    def due(self) -> Receipts:
        """Treasury receipts by the law."""
        return receipts(self.program, self.state, self.invoices)

    @cached_property
    def bought(self) -> Array:
        """(N, D) tonnes that final users get [t]."""
        return rationing.bought(self.program, self.state)

    @cached_property
    def benefit(self) -> Array:
        """(N, D) what these tonnes are worth, along each demand by itself [USD]."""
        return self.program.network.demand.benefit(self.bought)

    @cached_property
    def lump_sums(self) -> Array:
        """(N, K) what processes get whatever they do at the margin [USD]."""
        return surplus.lump_sums(self.program, self.state)

    @cached_property
    def producers(self) -> Array:
        """(N, K) surplus of processes over margins, and lump sums [USD]."""
        rent = surplus.quasi_rent(self.program, self.state.margin)
        return rent + self.lump_sums + contracted_inputs(self.program, self.state)

    @cached_property
    def contracted(self) -> Array:
        """(N, D) what contracts are worth to final users [USD]."""
        return contracted_to_users(self.program, self.state)

    @cached_property
    def sourcing(self) -> Array:
        """(N, G, R) price index times spot tonnes less what they cost [USD]."""
        return sourcing(self.program, self.state)

    @cached_property
    def user_balance(self) -> Array:
        """(N, D) receipts less payments of final users, sourcing included [USD]."""
        return self.ledger.balance(Account.USERS, self.program.network.demand.quantity.size)

    @cached_property
    def process_balance(self) -> Array:
        """(N, K) receipts less payments of processes, sourcing included [USD]."""
        return self.ledger.balance(Account.PROCESSES, len(self.program.network.processes))

    @cached_property
    def spending(self) -> float:
        """What the world spends on all goods, in the scenario that spends most [USD].

        Buyers, treasuries and holders of contracts: a subsidy or a discount may pay for tonnes that
        are worth next to nothing. Makers, where making costs more than all of that: plants that
        must run may give away what they make.
        """
        buyers = (self.state.flow * self.state.landed).sum(axis=(1, 2, 3))
        held = self.ledger.net(Account.LICENCE_HOLDERS)
        lines = (*self.ledger.treasuries.values(), held)
        paid = sum((np.maximum(-line, 0.0).sum(axis=1) for line in lines), buyers)
        making = self.program.supply.variable_cost(self.state.level).sum(axis=1)
        return float(np.maximum(paid, making).max())

    @cached_property
    def resources(self) -> Array:
        """(N,) resources that production, transport and switching take [USD]."""
        return areas.resources(self)

    @cached_property
    def landed(self) -> list[own_checks.Gap]:
        """Landed prices against the ledger."""
        return own_checks.landed(self)

    @cached_property
    def receipts(self) -> list[own_checks.Gap]:
        """Receipts of producers against the ledger."""
        return own_checks.receipts(self)

    @cached_property
    def volumes(self) -> list[own_checks.Gap]:
        """Balances in tonnes."""
        return own_checks.volumes(self)

    @cached_property
    def treasuries(self) -> list[own_checks.Gap]:
        """The ledger's treasuries against the law."""
        return own_checks.treasuries(self)


_MOST_KEPT = 64
_BASES = Shelf[Solution](_MOST_KEPT)


def entered(program: Program, state: State, policies: tuple[AnyPolicy, ...] = ()) -> Solution:
    """A solution with its ledger drawn up."""
    return Solution(program, state, payments.build(program, state), policies)


def base(program: Program, state: State) -> Solution:
    """A solution without policies; kept, since every scenario on one world is held against it."""
    return _BASES.get(state, id(program), lambda: entered(program, state))
