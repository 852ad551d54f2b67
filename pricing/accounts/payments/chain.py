"""What is paid without any policy: goods, conversion, carriers, markups, feed and contracts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.blocks import Block, Labels
from pricing.accounts.contracting import per_tonne_used, to_makers
from pricing.accounts.parties import (
    CONTRACTS,
    EXPORTERS,
    FACTORS,
    FEED,
    HOME_MARKET,
    NOBODY,
    PROCESSES,
    SELLERS,
    TRANSPORT,
    USERS,
    Party,
)
from pricing.accounts.volumes import beyond_average, money_price
from pricing.chains.network import Array
from pricing.equilibrium.own_limits import FEED as OWN_FEED
from pricing.equilibrium.own_limits import MARKUP
from pricing.equilibrium.program import Program
from pricing.equilibrium.rationing import bought
from pricing.equilibrium.state import State

Bought = tuple[Party, Labels, Array]
"""Who buys goods, rows by good and region, and (N, n) tonnes [t]."""


def blocks(program: Program, state: State) -> Iterator[Block]:
    """Every row that needs no policy."""
    yield from _goods(program, state, _by_users(program, state))
    yield from _processes(program, state)
    yield from _carriers(program, state)
    yield from _markups(program, state)
    yield from _feeds(program, state)
    yield from _contracts(program, state)


def _by_users(program: Program, state: State) -> Bought:
    """Tonnes that final users get."""
    good, region = program.network.demand_good, program.network.demand_region
    return USERS, Labels.of(good, region, np.arange(good.size)), bought(program, state)


def _by_processes(program: Program, state: State) -> Bought:
    """Tonnes that processes use."""
    network = program.network
    k, g = np.nonzero(network.inputs)
    tonnes = state.level[:, k] * state.inputs[:, k, g]
    return PROCESSES, Labels.of_processes(network, k, g), tonnes


def _goods(program: Program, state: State, what: Bought) -> Iterator[Block]:
    """Buyers pay the average landed price; the rest of the index is no money."""
    who, labels, tonnes = what
    paid = money_price(program, state)[:, labels.good, labels.region]
    beyond = beyond_average(program, state)[:, labels.good, labels.region]
    yield Block.priced(who, HOME_MARKET, labels, "purchase", "", tonnes, paid)
    yield Block.priced(who, NOBODY, labels, "sourcing", "", tonnes, beyond, money=False)


def _processes(program: Program, state: State) -> Iterator[Block]:
    """Inputs, sourcing, conversion and sales of processes."""
    network = program.network
    yield from _goods(program, state, _by_processes(program, state))
    everyone = Labels.of_processes(network, np.arange(len(network.processes)))
    cost = program.supply.variable_cost(state.level)
    yield Block.paid(PROCESSES, FACTORS, everyone, "conversion_cost", "", state.level, cost)
    k, g = np.nonzero(network.outputs)
    labels = Labels.of_processes(network, k, g)
    tonnes = state.level[:, k] * network.outputs[k, g]
    got = state.price[:, g, labels.region]
    yield Block.priced(SELLERS, PROCESSES, labels, "goods", "", tonnes, got)


def _carriers(program: Program, state: State) -> Iterator[Block]:
    """What the carriers of routes get of the freight that buyers pay."""
    network = program.network
    k, arc = network.fleet.process, network.fleet.arc
    labels = Labels.of_processes(network, k, arc // len(network.regions) ** 2)
    rate = state.freight.reshape(state.freight.shape[0], -1)[:, arc]
    yield Block.priced(TRANSPORT, PROCESSES, labels, "freight", "", state.level[:, k], rate)


def _markups(program: Program, state: State) -> Iterator[Block]:
    """Base-year markups: what selling to a buyer costs less than the ex-works price."""
    sellers, regions = program.network.sellers, len(program.network.regions)
    if not sellers.arc.size:
        return
    good, rest = np.divmod(sellers.arc, regions**2)
    origin, destination = np.divmod(rest, regions)
    labels = Labels.of(good, origin, partner=destination)
    tonnes = state.flow.reshape(state.flow.shape[0], -1)[:, sellers.arc]
    yield Block.priced(FACTORS, EXPORTERS, labels, MARKUP, "", tonnes, sellers.base)


def _feeds(program: Program, state: State) -> Iterator[Block]:
    """What by-products pay for feed to hosts that see their revenue."""
    network, by_products = program.network, program.network.by_products
    at = [m for m, limit in enumerate(program.limits) if limit.instrument == OWN_FEED]
    shared = np.flatnonzero(by_products.shared)
    if not shared.size:
        return
    k, host = by_products.process[shared], by_products.host[shared]
    rent = state.multiplier[:, np.array(at)[shared]]
    for who, tonnes, payer, receiver in (
        (k, state.level[:, k], PROCESSES, FEED),
        (host, state.level[:, host] * by_products.recovery[shared], FEED, PROCESSES),
    ):
        labels = Labels.of_processes(network, who)
        yield Block.priced(payer, receiver, labels, "by_product", "", tonnes, rent)


def _contracts(program: Program, state: State) -> Iterator[Block]:
    """What contracts settle beyond the spot invoice; negative where the contract is cheaper."""
    network = program.network
    if not program.contracted.any():
        return
    rate = per_tonne_used(program, state)
    for who, labels, tonnes in (_by_users(program, state), _by_processes(program, state)):
        fee = rate[:, labels.good, labels.region]
        yield Block.priced(who, CONTRACTS, labels, "contract", "", tonnes, fee)
    maker, product, amount = to_makers(program, state)
    made = state.level[:, maker] * network.outputs[maker, product]
    labels = Labels.of_processes(network, maker, product)
    yield Block.paid(CONTRACTS, PROCESSES, labels, "contract", "", made, amount)
