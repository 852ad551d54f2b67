"""From a solution to its ledger: every row from primitive solution values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pricing.accounts.contracting import per_tonne_used, to_makers
from pricing.accounts.ledger import (
    CONTRACTS,
    FACTORS,
    FEED,
    HOME_MARKET,
    HOME_TREASURY,
    NOBODY,
    PARTNER_TREASURY,
    PROCESSES,
    SELLERS,
    TRANSPORT,
    USERS,
    Account,
    Block,
    Labels,
    Ledger,
    Party,
    Side,
    add_up,
    arc_labels,
    per_tonne,
)
from pricing.accounts.volumes import at_buyers, beyond_average, money_price, stock_moves
from pricing.chains.network import Array
from pricing.equilibrium.own_limits import FEED as OWN_FEED
from pricing.equilibrium.own_limits import MARKUP
from pricing.equilibrium.program import Program
from pricing.equilibrium.rationing import bought
from pricing.equilibrium.state import State
from pricing.instruments.terms import Grant, Holding, Limit, MarginFloor, Payer, Wedge

BUYERS = Party(Account.MARKET, Side.PARTNER)
LICENCES = Party(Account.LICENCE_HOLDERS, Side.PARTNER)
EXPORTERS = Party(Account.EXPORTERS, Side.REGION)
HOLDERS = {
    Wedge.SELLER: EXPORTERS,
    Wedge.ORIGIN_TREASURY: HOME_TREASURY,
    Wedge.IMPORTER: LICENCES,
    Wedge.LEVY: PARTNER_TREASURY,
    Wedge.DUTY: PARTNER_TREASURY,
    Wedge.LOST: Party(Account.DELAY),
}
"""Who gets the multiplier of a limit on an arc."""


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
    blocks = [
        *_arcs(program, state),
        *_users(program, state),
        *_processes(program, state),
        *_carriers(program, state),
        *_markups(program, state),
        *_feeds(program, state),
        *_contracts(program, state),
        *_purchases(program, state),
        *_supports(program, state),
        *_margin_floors(program, state),
        *_stocks(program, state),
        *_capital(program, state),
    ]
    return Ledger(program.network, tuple(blocks))


def _arcs(program: Program, state: State) -> Iterator[Block]:
    """The landed price of every arc, split among those who get it."""
    labels = arc_labels(*state.price.shape[1:])
    count = state.flow.shape[0]
    flow = state.flow.reshape(count, -1)
    for receiver, instrument, policy, value in _arc_rates(program, state):
        rate = np.broadcast_to(value, state.flow.shape).reshape(count, -1)
        yield Block(BUYERS, receiver, labels, instrument, policy, flow, rate, flow * rate)


def _arc_rates(program: Program, state: State) -> Iterator[tuple[Party, str, str, Array]]:
    """Receiver, instrument, policy and (N, G, R, R) rate [USD/t], in the order of stacking."""
    network, terms = program.network, program.terms
    price = state.price[..., None]
    vat = price * network.export_vat
    yield SELLERS, "goods", "", price
    yield HOME_TREASURY, "export_vat", "", vat
    fob = price + vat
    for charge in terms.export_charges:
        tax = price * charge.rate + charge.specific
        fob = fob + tax
        yield HOME_TREASURY, charge.instrument, charge.policy, tax
    for wedge, limit, rent in invoiced(program, state):
        fob = fob + rent
        yield HOLDERS[wedge], limit.instrument, limit.policy, rent
    for top_up, levy, gap in zip(terms.top_ups, program.levies, state.gaps, strict=True):
        capture = _on_arcs(top_up.capture)
        if (capture > 0.0).any():
            rent = capture * gap / levy.rent_gain
            fob = fob + rent
            yield EXPORTERS, top_up.instrument, top_up.policy, rent
    insurance = fob * network.insurance
    yield TRANSPORT, "freight", "", state.freight
    yield TRANSPORT, "insurance", "", insurance
    value = np.where(network.customs_fob, fob, fob + insurance + state.freight)
    for duty in program.duties:
        paid = duty.rate * value + duty.specific
        yield PARTNER_TREASURY, duty.instrument, duty.policy, paid
    yield from _after_duties(program, state)


def invoiced(program: Program, state: State) -> Iterator[tuple[Wedge, Limit, Array]]:
    """Limits whose multiplier is part of the invoice: role, limit, (N, G, R, R) average [USD/t].

    Tonnes beyond the quota of a policy pay a duty instead.
    """
    beyond = over_quota(program, state)
    for m, limit in enumerate(program.limits):
        if limit.wedge is not None and limit.wedge.at_fob:
            rent = state.multiplier[:, m, None, None, None] * program.limit.seller[m]
            yield limit.wedge, limit, rent * (1.0 - beyond.get(limit.policy, 0.0))


def _on_arcs(number: float | Array) -> Array:
    """(N or 1, 1, 1, 1) a number of each scenario, for arrays over routes."""
    return np.reshape(number, (-1, 1, 1, 1))


def _after_duties(program: Program, state: State) -> Iterator[tuple[Party, str, str, Array]]:
    """Levies, and what limits add to the landed price."""
    for top_up, gap in zip(program.terms.top_ups, state.gaps, strict=True):
        rest = (1.0 - _on_arcs(top_up.capture)) * gap
        yield PARTNER_TREASURY, top_up.instrument, top_up.policy, rest
    evasion = Party(Account.EVASION)
    if program.network.evasion.any():
        yield evasion, "evasion", "", program.network.evasion
    for hidden in program.terms.evasions:
        yield evasion, hidden.instrument, hidden.policy, hidden.cost
    beyond = over_quota(program, state)
    for m, limit in enumerate(program.terms.limits):
        multiplier = state.multiplier[:, m, None, None, None]
        if limit.wedge is not None and limit.wedge.at_fob and limit.policy in beyond:
            lands = program.fob_gain * program.limit.seller[m] * multiplier
            yield (
                PARTNER_TREASURY,
                limit.instrument,
                limit.policy,
                beyond[limit.policy] * lands,
            )
        if limit.wedge is not None and not limit.wedge.at_fob:
            rate = multiplier * program.limit.landed[m]
            duty = beyond.get(limit.policy, 0.0) * rate
            yield HOLDERS[limit.wedge], limit.instrument, limit.policy, rate - duty
            if limit.policy in beyond:
                yield PARTNER_TREASURY, limit.instrument, limit.policy, duty


def over_quota(program: Program, state: State) -> dict[str, Array]:
    """Policy -> (N, G, R, R) share of each flow that pays the duty beyond its quota [1]."""
    beyond: dict[str, Array] = {}
    for m, limit in enumerate(program.terms.limits):
        if limit.over_quota:
            tonnes = beyond.setdefault(limit.policy, np.zeros_like(state.flow))
            count = tonnes.shape[0]
            tonnes.reshape(count, -1)[:, limit.acts_on_arcs] += state.multiplier[:, m, None]
    return {policy: per_tonne(tonnes, state.flow) for policy, tonnes in beyond.items()}


def _users(program: Program, state: State) -> Iterator[Block]:
    """Final users buy at the average landed price; the rest of the index is no money."""
    network = program.network
    tonnes = bought(program, state)
    who = np.arange(network.demand_good.size)
    labels = Labels.of(network.demand_good, network.demand_region, who)
    paid = at_buyers(program, money_price(program, state))
    beyond = at_buyers(program, beyond_average(program, state))
    yield Block(USERS, HOME_MARKET, labels, "purchase", "", tonnes, paid, tonnes * paid)
    yield Block(USERS, NOBODY, labels, "sourcing", "", tonnes, beyond, tonnes * beyond, money=False)


def _processes(program: Program, state: State) -> Iterator[Block]:
    """Inputs, sourcing, conversion and sales of processes."""
    network = program.network
    region = network.process_region
    k, g = np.nonzero(network.inputs)
    labels = Labels.of(g, region[k], k)
    tonnes = state.level[:, k] * state.inputs[:, k, g]
    paid = money_price(program, state)[:, g, region[k]]
    beyond = beyond_average(program, state)[:, g, region[k]]
    yield Block(PROCESSES, HOME_MARKET, labels, "purchase", "", tonnes, paid, tonnes * paid)
    yield Block(
        PROCESSES, NOBODY, labels, "sourcing", "", tonnes, beyond, tonnes * beyond, money=False
    )
    everyone = Labels.of(np.full(region.size, -1), region, np.arange(region.size))
    cost = program.supply.variable_cost(state.level)
    unit = per_tonne(cost, state.level)
    yield Block(PROCESSES, FACTORS, everyone, "conversion_cost", "", state.level, unit, cost)
    k, g = np.nonzero(network.outputs)
    labels = Labels.of(g, region[k], k)
    tonnes = state.level[:, k] * network.outputs[k, g]
    got = state.price[:, g, region[k]]
    yield Block(SELLERS, PROCESSES, labels, "goods", "", tonnes, got, tonnes * got)


def _carriers(program: Program, state: State) -> Iterator[Block]:
    """What the carriers of routes get of the freight that buyers pay."""
    network = program.network
    k, arc = network.fleet.process, network.fleet.arc
    good = arc // len(network.regions) ** 2
    labels = Labels.of(good, network.process_region[k], k)
    rate = state.freight.reshape(state.freight.shape[0], -1)[:, arc]
    tonnes = state.level[:, k]
    yield Block(TRANSPORT, PROCESSES, labels, "freight", "", tonnes, rate, tonnes * rate)


def _markups(program: Program, state: State) -> Iterator[Block]:
    """Base-year markups: what selling to a buyer costs less than the ex-works price."""
    sellers, regions = program.network.sellers, len(program.network.regions)
    if not sellers.arc.size:
        return
    good, rest = np.divmod(sellers.arc, regions**2)
    origin, destination = np.divmod(rest, regions)
    labels = Labels.of(good, origin, np.full(good.size, -1), destination)
    tonnes = state.flow.reshape(state.flow.shape[0], -1)[:, sellers.arc]
    rate = np.broadcast_to(sellers.base, tonnes.shape)
    yield Block(FACTORS, EXPORTERS, labels, MARKUP, "", tonnes, rate, tonnes * rate)


def _feeds(program: Program, state: State) -> Iterator[Block]:
    """What by-products pay for feed to hosts that see their revenue."""
    network, feeds = program.network, program.network.by_products
    at = [m for m, limit in enumerate(program.limits) if limit.instrument == OWN_FEED]
    shared = np.flatnonzero(feeds.shared)
    if not shared.size:
        return
    k, host = feeds.process[shared], feeds.host[shared]
    rent = state.multiplier[:, np.array(at)[shared]]
    nothing = np.full(k.size, -1)
    for who, tonnes, payer, receiver in (
        (k, state.level[:, k], PROCESSES, FEED),
        (host, state.level[:, host] * feeds.recovery[shared], FEED, PROCESSES),
    ):
        labels = Labels.of(nothing, network.process_region[who], who)
        yield Block(payer, receiver, labels, "by_product", "", tonnes, rent, tonnes * rent)


def _contracts(program: Program, state: State) -> Iterator[Block]:
    """What contracts settle beyond the spot invoice; negative where the contract is cheaper."""
    network = program.network
    if not program.contracted.any():
        return
    rate = per_tonne_used(program, state)
    tonnes, fee = bought(program, state), at_buyers(program, rate)
    who = np.arange(network.demand_good.size)
    labels = Labels.of(network.demand_good, network.demand_region, who)
    yield Block(USERS, CONTRACTS, labels, "contract", "", tonnes, fee, tonnes * fee)
    k, g = np.nonzero(network.inputs)
    region = network.process_region
    tonnes, fee = state.level[:, k] * state.inputs[:, k, g], rate[:, g, region[k]]
    labels = Labels.of(g, region[k], k)
    yield Block(PROCESSES, CONTRACTS, labels, "contract", "", tonnes, fee, tonnes * fee)
    maker, product, amount = to_makers(program, state)
    made = state.level[:, maker] * network.outputs[maker, product]
    labels = Labels.of(product, region[maker], maker)
    unit = per_tonne(amount, made)
    yield Block(CONTRACTS, PROCESSES, labels, "contract", "", made, unit, amount)


@dataclass(frozen=True)
class Purchase:
    """Goods taken from the ex-works market by one limit."""

    limit: Limit
    """The limit whose multiplier is the tonnes bought."""
    good: int
    """Good."""
    region: int
    """Region."""
    tonnes: Array
    """(N,) tonnes [t]."""
    floor: Array
    """(N or 1,) price paid [USD/t]."""


def purchases(program: Program, state: State) -> Iterator[Purchase]:
    """Public purchases of a solution."""
    regions = len(program.network.regions)
    for m, limit in enumerate(program.terms.limits):
        if not limit.acts_on_balance[0].size:
            continue
        for place, coefficient in zip(*limit.acts_on_balance, strict=True):
            good, region = divmod(int(place), regions)
            tonnes = coefficient * state.multiplier[:, m]
            yield Purchase(limit, good, region, tonnes, -np.ravel(limit.constant))


def _purchases(program: Program, state: State) -> Iterator[Block]:
    """Treasuries pay the floor; what it is above the price goes to home sellers by output."""
    network = program.network
    for buy in purchases(program, state):
        kind, name = buy.limit.instrument, buy.limit.policy
        here = Labels.of(np.array([buy.good]), np.array([buy.region]))
        tonnes = buy.tonnes[:, None]
        rate = np.broadcast_to(buy.floor[:, None], tonnes.shape)
        yield Block(HOME_TREASURY, SELLERS, here, kind, name, tonnes, rate, tonnes * rate)
        k = network.setting.makers(buy.good, buy.region)
        made = state.level[:, k] * network.outputs[k, buy.good]
        share = per_tonne(made, state.output[:, buy.good, buy.region, None])
        above = buy.floor[:, None] - state.price[:, buy.good, buy.region, None]
        labels = Labels.of(np.full(k.size, buy.good), network.process_region[k], k)
        taken = tonnes * share
        rate = np.broadcast_to(above, taken.shape)
        yield Block(SELLERS, PROCESSES, labels, kind, name, taken, rate, taken * rate)


@dataclass(frozen=True)
class SupportPayments:
    """Payments of one support; arrays are (N, E)."""

    full: Array
    """Paid to producers [USD]."""
    handed_back: Array
    """Paid back by producers [USD]."""
    marginal: Array
    """Part that producers count on for one more tonne: paid less handed back [USD]."""

    @property
    def lump_sum(self) -> Array:
        """Net payment that does not depend on one more tonne [USD]."""
        return self.full - self.handed_back - self.marginal


def support_payments(program: Program, state: State) -> tuple[SupportPayments, ...]:
    """What every support pays and gets back, caps and budgets applied."""
    flat = state.price.reshape(state.price.shape[0], -1)
    result = []
    for q, (support, at) in enumerate(zip(program.supports, state.supports, strict=True)):
        due = at.shortfall * at.output
        full = due * _paid_share(program, q, due, at.output, at.cut)
        back = at.excess * at.output
        if support.lump_sum_up:
            over = np.maximum(flat @ support.index.T - support.upper, 0.0)
            back = support.up * over * at.output
            back = back * _within(support.up_tonnes, at.output.sum(axis=1))[:, None]
            back = back * _within(support.up_cap, back.sum(axis=1))[:, None]
        result.append(SupportPayments(full, back, at.marginal * at.output))
    return tuple(result)


def _within(bound: float | Array, total: Array) -> Array:
    """(N,) share of a total that a bound allows [1]."""
    return np.asarray(np.minimum(1.0, np.ravel(bound) / np.where(total > 0.0, total, 1.0)))


def _paid_share(program: Program, number: int, due: Array, output: Array, cut: Array) -> Array:
    """(N, 1) share of what is due that the cap or budget of a support lets through [1]."""
    share = np.ones((due.shape[0], 1))
    for limit in program.terms.limits:
        if limit.acts_on_support != number:
            continue
        if limit.payment is None:
            share = share * _within(limit.constant, output.sum(axis=1))[:, None]
        elif limit.payment_reduced:
            share = share * (1.0 - cut[:, None])
        else:
            share = share * _within(limit.constant, due.sum(axis=1))[:, None]
    return share


def _supports(program: Program, state: State) -> Iterator[Block]:
    """Payments on output, and what producers hand back."""
    region = program.network.process_region
    payments = support_payments(program, state)
    for support, at, paid in zip(program.supports, state.supports, payments, strict=True):
        k = support.process
        labels = Labels.of(support.good, region[k], k, np.full(k.size, support.payer))
        kind, name = support.instrument, support.policy
        payer = PARTNER_TREASURY if support.paid_by is Payer.TREASURY else LICENCES
        rate = per_tonne(paid.full, at.output)
        yield Block(payer, PROCESSES, labels, kind, name, at.output, rate, paid.full)
        if np.isfinite(support.upper).any():
            rate = per_tonne(paid.handed_back, at.output)
            yield Block(PROCESSES, payer, labels, kind, name, at.output, rate, paid.handed_back)


def cash_earnings(program: Program, state: State) -> Array:
    """(N, K) sales and payments less inputs, feed and conversion, in money [USD]."""
    total = np.zeros_like(state.level)
    blocks = (
        *_processes(program, state),
        *_feeds(program, state),
        *_purchases(program, state),
        *_supports(program, state),
    )
    for block in blocks:
        for party, sign in ((block.receiver, 1.0), (block.payer, -1.0)):
            if block.money and party.account is Account.PROCESSES:
                total += sign * add_up(block.amount, block.labels.who, total.shape[1])
    return total


def margin_payments(program: Program, state: State) -> Iterator[tuple[MarginFloor, Array]]:
    """Floors under cash earnings with what they pay each process (N, E) [USD]."""
    if not program.terms.margin_floors:
        return
    earned = cash_earnings(program, state)
    for floor in program.terms.margin_floors:
        cash = earned[:, floor.process].sum(axis=1) - np.ravel(floor.fixed_cash_cost)
        due = np.maximum(np.ravel(floor.floor) - cash, 0.0)
        level = state.level[:, floor.process]
        whole = level.sum(axis=1, keepdims=True)
        share = np.where(
            whole > 0.0, level / np.where(whole > 0.0, whole, 1.0), 1.0 / level.shape[1]
        )
        yield floor, due[:, None] * share


def _margin_floors(program: Program, state: State) -> Iterator[Block]:
    """Treasuries make up cash earnings to their floor."""
    region = program.network.process_region
    for floor, due in margin_payments(program, state):
        k = floor.process
        labels = Labels.of(np.full(k.size, -1), region[k], k, np.full(k.size, floor.payer))
        tonnes = state.level[:, k]
        rate = per_tonne(due, tonnes)
        kind, name = floor.instrument, floor.policy
        yield Block(PARTNER_TREASURY, PROCESSES, labels, kind, name, tonnes, rate, due)


def _stocks(program: Program, state: State) -> Iterator[Block]:
    """Stocks pay what everybody pays, and sell at the price index."""
    paid = money_price(program, state)
    for move in stock_moves(program, state):
        kind, name = move.limit.instrument, move.limit.policy
        labels = Labels.of(np.array([move.good]), np.array([move.region]))
        index = state.index[:, move.good, move.region, None]
        rate = paid[:, move.good, move.region, None]
        tonnes, sold = move.bought[:, None], move.released[:, None]
        yield Block(HOME_TREASURY, HOME_MARKET, labels, kind, name, tonnes, rate, tonnes * rate)
        beyond = beyond_average(program, state)[:, move.good, move.region, None]
        stock = Party(Account.STOCKS, Side.REGION)
        yield Block(
            stock, NOBODY, labels, "sourcing", name, tonnes, beyond, tonnes * beyond, money=False
        )
        if move.holder == move.region:
            yield Block(HOME_MARKET, HOME_TREASURY, labels, kind, name, sold, index, sold * index)
            continue
        labels = replace(labels, partner=np.array([move.holder]))
        yield Block(HOME_MARKET, PARTNER_TREASURY, labels, kind, name, sold, index, sold * index)
    for holding in program.terms.holdings:
        labels = Labels.of(np.array([holding.good]), np.array([holding.region]))
        tonnes = closing_stock(program, state, holding)[:, None]
        rate = np.full_like(tonnes, holding.carrying_cost)
        yield Block(
            HOME_TREASURY,
            FACTORS,
            labels,
            holding.instrument,
            holding.policy,
            tonnes,
            rate,
            tonnes * rate,
        )


def closing_stock(program: Program, state: State, holding: Holding) -> Array:
    """(N,) opening stock, more what was bought, less what was released [t]."""
    moves = [m for m in stock_moves(program, state) if m.limit.policy == holding.policy]
    change = sum((m.bought - m.released for m in moves), np.zeros(len(state.price)))
    return np.asarray(np.ravel(holding.opening) + change)


def grants(program: Program, state: State) -> Array:
    """(N, K) what grants pay on the annuities of each process [USD]."""
    total = np.zeros_like(state.level)
    for grant in program.terms.grants:
        total[:, grant.process] += _granted(program, state, grant)
    return total


def _granted(program: Program, state: State, grant: Grant) -> Array:
    """(N, E) what one grant pays [USD]."""
    capital = program.supply.capital_cost(state.level)[:, grant.process]
    return np.reshape(grant.share, (-1, 1)) * capital


def _capital(program: Program, state: State) -> Iterator[Block]:
    """Annuities of capacity that adjusts, and the parts of them that treasuries pay."""
    cost = program.supply.capital_cost(state.level)
    region = program.network.process_region
    if not cost.any():
        return
    everyone = Labels.of(np.full(region.size, -1), region, np.arange(region.size))
    unit = per_tonne(cost, state.level)
    yield Block(PROCESSES, FACTORS, everyone, "capital_cost", "", state.level, unit, cost)
    for grant in program.terms.grants:
        k = grant.process
        payer = np.full(k.size, grant.payer)
        labels = Labels.of(np.full(k.size, -1), region[k], k, payer)
        paid, tonnes = _granted(program, state, grant), state.level[:, k]
        yield Block(
            PARTNER_TREASURY,
            PROCESSES,
            labels,
            grant.instrument,
            grant.policy,
            tonnes,
            per_tonne(paid, tonnes),
            paid,
        )
