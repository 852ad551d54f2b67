"""The accounts of one solution against its base."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pricing.accounts import checks as checking
from pricing.accounts import exposure as exposing
from pricing.accounts import indicators as indicating
from pricing.accounts import protection as protecting
from pricing.accounts import regimes as regimes_
from pricing.accounts import solution, surplus
from pricing.accounts import warnings as warning
from pricing.accounts.books import Books
from pricing.accounts.notices import Warning_
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments import AnyPolicy


@dataclass(frozen=True)
class Accounts(Books):
    """Who pays whom, who gains and loses, whether it adds up, and what follows from it.

    Ledger, changes and checks hold numbers; the tables below are labelled when first read.
    """

    @cached_property
    def indicators(self) -> tuple[indicating.Indicator, ...]:
        """Prices, dependence, money and welfare, each with its value in the base."""
        return indicating.indicators(self)

    @cached_property
    def protection(self) -> tuple[protecting.Protection, ...]:
        """Protection by process, then by good and zone."""
        return protecting.protection(self)

    @cached_property
    def warnings(self) -> tuple[Warning_, ...]:
        """What to know before using the numbers, most important first."""
        return warning.warnings(self)

    @cached_property
    def regimes(self) -> tuple[regimes_.RegimeRow, ...]:
        """Regime of every policy on every arc, market and process that it touches."""
        return regimes_.regimes(self)

    def exposure(self, origin: str) -> tuple[indicating.Indicator, ...]:
        """Supply and downstream value at risk if ``origin`` stopped."""
        return exposing.exposure(self, origin)


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
    here, before = solution.entered(program, state, policies), solution.base(base_program, base)
    agents = surplus.changes(here, before, cost_of_public_funds)
    return Accounts(
        program=program,
        state=state,
        base_program=base_program,
        base=base,
        policies=policies,
        ledger=here.ledger,
        base_ledger=before.ledger,
        agents=agents,
        checks=checking.run(here, before, agents),
    )
