"""What treasuries pay for stocks, and get for what they release."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.blocks import Block, Labels
from pricing.accounts.parties import (
    FACTORS,
    HOME_MARKET,
    HOME_TREASURY,
    NOBODY,
    PARTNER_TREASURY,
    Account,
    Party,
    Side,
)
from pricing.accounts.volumes import beyond_average, money_price, stock_moves
from pricing.chains.network import Array
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments.terms import Holding

STOCK = Party(Account.STOCKS, Side.REGION)


def blocks(program: Program, state: State) -> Iterator[Block]:
    """Stocks pay what everybody pays, and sell at the price index."""
    paid, beyond = money_price(program, state), beyond_average(program, state)
    for move in stock_moves(program, state):
        kind, name = move.limit.instrument, move.limit.policy
        labels = Labels.of_place(move.good, move.region)
        at = (slice(None), move.good, move.region, None)
        tonnes, sold = move.bought[:, None], move.released[:, None]
        yield Block.priced(HOME_TREASURY, HOME_MARKET, labels, kind, name, tonnes, paid[at])
        yield Block.priced(STOCK, NOBODY, labels, "sourcing", name, tonnes, beyond[at], money=False)
        holder = HOME_TREASURY
        if move.holder != move.region:
            holder = PARTNER_TREASURY
            labels = Labels.of_place(move.good, move.region, move.holder)
        yield Block.priced(HOME_MARKET, holder, labels, kind, name, sold, state.index[at])
    for holding in program.terms.holdings:
        kind, name = holding.instrument, holding.policy
        labels = Labels.of_place(holding.good, holding.region)
        tonnes = closing_stock(program, state, holding)[:, None]
        cost = np.asarray(holding.carrying_cost)
        yield Block.priced(HOME_TREASURY, FACTORS, labels, kind, name, tonnes, cost)


def closing_stock(program: Program, state: State, holding: Holding) -> Array:
    """(N,) opening stock, more what was bought, less what was released [t]."""
    moves = [m for m in stock_moves(program, state) if m.limit.policy == holding.policy]
    change = sum((m.bought - m.released for m in moves), np.zeros(len(state.price)))
    return np.asarray(np.ravel(holding.opening) + change)
