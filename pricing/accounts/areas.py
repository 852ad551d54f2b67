"""What a solution takes and keeps, by areas: the second route to the total."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pricing.accounts.payments.stocks import closing_stock
from pricing.chains.network import Array
from pricing.instruments.terms import Wedge, Worth

if TYPE_CHECKING:
    from pricing.accounts.solution import Solution


def kept_in_stock(solution: Solution) -> Array:
    """(N,) what stocks hold more, or owe less, at the end of the year than at its start [USD]."""
    program, state = solution.program, solution.state
    total = np.zeros(len(state.price))
    for stock in program.terms.holdings:
        closing = closing_stock(program, state, stock)
        if stock.worth is Worth.MARKET:
            total += (closing - np.ravel(stock.opening)) * state.index[:, stock.good, stock.region]
        elif stock.worth is Worth.COST:
            spent = -solution.due[stock.instrument, stock.policy].sum(axis=1)
            total += spent - closing * np.ravel(stock.carrying_cost)
    return total


def resources(solution: Solution) -> Array:
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
