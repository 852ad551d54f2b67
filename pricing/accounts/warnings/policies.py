"""What policies run into: limits that bind or are used up, rents, routes and stocks left out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.notices import CHANGED, Code, Warning_, million, some, tonnes
from pricing.accounts.notices import price as in_words
from pricing.accounts.parties import Account
from pricing.accounts.payments.tiers import over_quota
from pricing.accounts.regimes import PROHIBITIVE, exhausted, multipliers, touched
from pricing.chains.network import Array
from pricing.instruments import ExportBan, ReferencePrice, Stockpile, Undertaking
from pricing.instruments.border import AppliesTo, BorderLevy
from pricing.instruments.terms import Wedge

SPOT_LEFT = 0.01
"""Spot share of a quota below which its rent only keeps spot buyers away [1]."""
LEFT_OVER = 1e-3
"""Share of baseline trade below which a route counts as shut [1]."""


def exhausted_limits(books: Books) -> Iterator[Warning_]:
    """Ceilings, caps and budgets that are used up."""
    for number, limit in enumerate(books.program.terms.limits):
        multiplier = multipliers(books.program, books.state)[:, number]
        value, used_up = float(multiplier[0]), exhausted(books.program, number, multiplier)[0]
        if limit.wedge is Wedge.LEVY and used_up:
            text = (
                f"The {limit.name} stands at its ceiling of {in_words(value)}: the price that "
                "it should hold up stays below its reference."
            )
            yield Warning_(Code.LEVY_EXHAUSTED, text, limit.policy, {"levy": value})
        elif limit.acts_on_balance[0].size and used_up:
            text = (
                f"The {limit.name} have reached their limit of {value:,.0f} t: the price falls "
                "through the floor."
            )
            yield Warning_(Code.LIMIT_EXHAUSTED, text, limit.policy, {"tonnes": value})
        elif limit.acts_on_support is not None and value > 0.0:
            support = books.state.supports[limit.acts_on_support]
            if float(support.shortfall[0].max(initial=0.0)) > 0.0:
                left = 1.0 - value
                gets = f"{100.0 * left:.0f} % of the full payment" if left >= 0.005 else "nothing"
                text = f"The {limit.name} is used up: the next tonne gets {gets}."
                yield Warning_(Code.LIMIT_EXHAUSTED, text, limit.policy, {"cut": value})


def kept_by_exporters(books: Books) -> Iterator[Warning_]:
    """Rent that exporters keep, by policy; members too where all sales are bound."""
    regions = books.program.network.regions
    bound = {
        policy.id
        for policy in books.policies
        if isinstance(policy, ReferencePrice) and policy.applies_to is AppliesTo.ALL_SALES
    }
    total: dict[str, Array] = {}
    for block in books.ledger.blocks:
        if block.receiver.account is Account.EXPORTERS:
            rent = block.by_region(block.receiver.side, len(regions))[0]
            total[block.policy] = total.get(block.policy, 0.0) + rent
    power = total.pop("", np.zeros(len(regions)))
    if np.any(power > CHANGED * books.checks[0].scale):
        ranked = [regions[r] for r in np.argsort(-power) if power[r] > 0.0]
        text = (
            f"Exporters who set prices earn {million(float(power.sum()))} a year above marginal "
            f"cost ({some(ranked)}). Base-year markups are part of base-year prices."
        )
        numbers = {regions[r]: float(power[r]) for r in np.flatnonzero(power > 0.0)}
        yield Warning_(Code.MARKET_POWER, text, "", numbers)
    for policy, rent in total.items():
        if rent.sum() > CHANGED * books.checks[0].scale:
            ranked = [regions[r] for r in np.argsort(-rent) if rent[r] > 0.0]
            who = "Sellers" if policy in bound else "Exporters"
            text = (
                f"{who} keep {million(float(rent.sum()))} a year under '{policy}' "
                f"({some(ranked)}); the treasuries do not get it."
            )
            numbers = {regions[r]: float(rent[r]) for r in np.flatnonzero(rent > 0.0)}
            yield Warning_(Code.RENT_TO_EXPORTERS, text, policy, numbers)


def binding_quotas(books: Books) -> Iterator[Warning_]:
    """Quotas that bind, and those that leave next to nothing."""
    network = books.program.network
    for number, limit in enumerate(books.program.terms.limits):
        rent = float(multipliers(books.program, books.state)[0, number])
        if limit.wedge is None or limit.constant <= 0.0 or not limit.flow[0].size or rent <= 0.0:
            continue
        flows = books.state.flow[0].ravel()[limit.acts_on_arcs]
        use = np.broadcast_to(books.state.use[0][:, None, :], books.state.flow[0].shape)
        needed = float(use.ravel()[limit.acts_on_arcs].max(initial=0.0))
        prohibitive = float(flows.sum()) < PROHIBITIVE * needed
        what = "Leaves next to no trade" if prohibitive else "Binding"
        text = f"{what}: {limit.name}; leave to ship one more tonne is worth {in_words(rent)}."
        good = int(limit.acts_on_arcs[0]) // len(network.regions) ** 2
        tied = float(books.program.contracted.ravel()[limit.acts_on_arcs].sum())
        at_spot = float(flows.sum()) - tied
        if tied > 0.0 and at_spot < SPOT_LEFT * tied and not network.setting.one_price[good]:
            prohibitive = True
            text += (
                f" Contracts bind {tied:,.0f} t of it and shut it to spot buyers, whose last tonne "
                "sets this rent: it has no end as spot trade goes to zero, and is counted on "
                "contract tonnes too. Do not read it as a price, nor receipts that rest on it."
            )
        code = Code.QUOTA_PROHIBITIVE if prohibitive else Code.QUOTA_BINDING
        yield Warning_(code, text, limit.policy, {"rent": rent, "tonnes": float(flows.sum())})


def shut_trade(books: Books) -> Iterator[Warning_]:
    """Routes that had trade and have next to none; not of bans, which are meant to shut them."""
    network, before, now = books.program.network, books.base.flow[0], books.state.flow[0]
    shut = (before > PROHIBITIVE * books.base.use[0][:, None, :]) & (now < LEFT_OVER * before)
    bans = {policy.id for policy in books.policies if isinstance(policy, ExportBan)}
    own = {policy.id for policy in books.policies} - bans
    for policy, mask in touched(books.program).items():
        arcs = np.argwhere(shut & mask)
        if policy not in own or not arcs.size:
            continue
        lost = before[tuple(arcs.T)]
        names = []
        for g, i, j in arcs[np.argsort(-lost)]:
            good, origin, user = network.goods[g], network.regions[i], network.regions[j]
            names.append(f"{good} from {origin} to {user} ({tonnes(before[g, i, j])})")
        text = (
            f"'{policy}' leaves next to nothing of {tonnes(lost.sum())} of baseline trade: "
            f"{some(names)}. A higher price or rate would change no more there."
        )
        numbers = {"routes": float(len(arcs)), "tonnes": float(lost.sum())}
        yield Warning_(Code.TRADE_SHUT, text, policy, numbers)


def promises_not_kept(books: Books) -> Iterator[Warning_]:
    """Undertakings under which nothing is sold, because the duty costs buyers less."""
    beyond = over_quota(books.program, books.state)
    for policy in books.policies:
        if not (isinstance(policy, Undertaking) and policy.id in beyond):
            continue
        flow = books.state.flow[0]
        outside, covered = beyond[policy.id][0] * flow, touched(books.program)[policy.id]
        sold = float(flow[covered].sum())
        if sold > 0.0 and float(outside[covered].sum()) >= sold * (1.0 - PROHIBITIVE):
            text = (
                f"Nobody keeps the price that '{policy.id}' asks for: the duty of "
                f"{100.0 * policy.fallback.fraction:g} % costs buyers less, and all "
                f"{sold:,.0f} t pay it."
            )
            yield Warning_(Code.PROMISE_NOT_KEPT, text, policy.id, {"tonnes": sold})


def idle_stocks(books: Books) -> Iterator[Warning_]:
    """Stocks that neither buy nor sell, because nothing is on offer where they are."""
    program, network = books.program, books.program.network
    offered = np.asarray(program.open_arcs.any(axis=1))
    for stock in program.terms.holdings:
        if not offered[stock.good, stock.region]:
            place = f"{network.goods[stock.good]} in {network.regions[stock.region]}"
            text = (
                f"The stock '{stock.policy}' neither buys nor sells: nothing else is on offer to "
                f"buyers of {place}, so that there is no price to deal at."
            )
            yield Warning_(Code.STOCK_IDLE, text, stock.policy)


def routes_without_trade(books: Books) -> Iterator[Warning_]:
    """Routes that a policy covers but that had no trade in the base year.

    Not of bans, which would shut them anyway, nor of stocks, which buy as others there do.
    """
    network = books.program.network
    known = np.isfinite(network.log_weight)
    proper = network.setting.proper  # disguised routes are all declared
    offered = books.base_program.open_origin & proper
    possible = offered[:, :, None] & ((books.base.use[0] > 0.0) & proper)[:, None, :]
    passed_over = {p.id for p in books.policies if isinstance(p, ExportBan | Stockpile)}
    for policy, mask in touched(books.program).items():
        if policy in passed_over:
            continue
        count = int((mask & possible & ~known).sum())
        if count:
            routes, stay, them = (
                ("1 route", "stays", "it") if count == 1 else (f"{count} routes", "stay", "them")
            )
            text = (
                f"{routes} that '{policy}' covers had no trade in the base year and {stay} shut; "
                f"state a parity share to let {them} open."
            )
            yield Warning_(Code.ROUTES_WITHOUT_TRADE, text, policy, {"routes": float(count)})


def one_levy(books: Books) -> Iterator[Warning_]:
    """Border levies and undertakings on homogeneous goods, which cannot differ by origin."""
    setting = books.program.network.setting
    for policy in books.policies:
        if isinstance(policy, Undertaking) and policy.shared(setting).any():
            text = (
                f"'{policy.id}' on {policy.good}: a homogeneous good has one delivered price, so "
                "its several origins ask one gap, and the promised price is held against the "
                "delivered price, duties included, not against their customs values."
            )
            yield Warning_(Code.ONE_LEVY, text, policy.id)
        if not (isinstance(policy, ReferencePrice) and isinstance(policy.mechanism, BorderLevy)):
            continue
        goods = sorted(policy.level.resolve(setting, ""))
        names = [setting.goods[g] for g in goods if setting.one_price[g]]
        if names:
            what = "every importer charges one levy on all origins"
            if policy.applies_to is AppliesTo.ALL_SALES:
                what = "all sellers to a buyer, members too, have one gap below the reference"
            text = (
                f"'{policy.id}' on {some(names)}: a homogeneous good has one delivered price, so "
                f"{what} instead of each origin's own gap."
            )
            yield Warning_(Code.ONE_LEVY, text, policy.id)
