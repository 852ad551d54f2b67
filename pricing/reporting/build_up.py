"""What landed prices are made of; the parts add up to them, route by route."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from pricing.accounts.blocks import Block
from pricing.accounts.parties import Account, Side
from pricing.accounts.payments import arcs
from pricing.chains.network import Array
from pricing.equilibrium.build import Solved
from pricing.equilibrium.program import Program
from pricing.instruments.terms import Wedge


class Part(StrEnum):
    """A part of a landed price, in the order in which it is added."""

    EX_WORKS = "ex works"
    EXPORT = "export taxes and VAT"
    SELLERS_RENT = "sellers' rent"
    FREIGHT = "freight and insurance"
    DUTIES = "duties"
    LEVY = "levy"
    IMPORTERS_RENT = "importers' rent"
    OTHER = "delay, evasion and other"


_RECEIVED = {
    Account.SELLERS: Part.EX_WORKS,
    Account.EXPORTERS: Part.SELLERS_RENT,
    Account.TRANSPORT: Part.FREIGHT,
    Account.LICENCE_HOLDERS: Part.IMPORTERS_RENT,
    Account.DELAY: Part.OTHER,
    Account.EVASION: Part.OTHER,
}
"""Who receives a row of a route -> what it is of the price; treasuries receive three parts."""


def build_up(solved: Solved) -> dict[Part, Array]:
    """Parts of the landed price of every route.

    Parameters
    ----------
    solved : Solved
        A program and its solution.

    Returns
    -------
    dict of (G, R, R) array
        Part -> amount by good, origin and destination; NaN on closed routes. The parts add up to
        ``solved.state.landed`` [USD/t].
    """
    program = solved.program
    shape = program.open_arcs.shape
    levies = _levies(program)
    parts = {part: np.where(program.open_arcs, 0.0, np.nan) for part in Part}
    for block in arcs.blocks(program, solved.state):
        parts[_part(block, levies)] += block.rate[0].reshape(shape)
    return parts


def _levies(program: Program) -> frozenset[str]:
    """Policies that close a gap of prices at the border."""
    policies = {levy.policy for levy in program.terms.top_ups}
    return frozenset(
        policies | {limit.policy for limit in program.terms.limits if limit.wedge is Wedge.LEVY}
    )


def _part(block: Block, levies: frozenset[str]) -> Part:
    """What a row of a route is of its landed price."""
    receiver = block.receiver
    if receiver.account is not Account.TREASURIES:
        return _RECEIVED[receiver.account]
    if receiver.side is Side.REGION:
        return Part.EXPORT
    return Part.LEVY if block.policy in levies else Part.DUTIES
