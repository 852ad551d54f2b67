"""From a solution to its ledger: every row from primitive solution values, one file a subject."""

from __future__ import annotations

from pricing.accounts.ledger import Ledger
from pricing.accounts.payments import (
    arcs,
    capital,
    chain,
    margin_floors,
    purchases,
    stocks,
    supports,
    take_or_pay,
)
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State

SUBJECTS = (arcs, chain, purchases, supports, take_or_pay, margin_floors, stocks, capital)


def build(program: Program, state: State) -> Ledger:
    """Ledger of one solution.

    Parameters
    ----------
    program : Program
        The scenario.
    state : State
        Its solution.

    Returns
    -------
    Ledger
        Rows in levels, not changes.
    """
    rows = (block for subject in SUBJECTS for block in subject.blocks(program, state))
    return Ledger(program.network, tuple(rows))
