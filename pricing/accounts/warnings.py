"""What a reader must know before using the numbers, in plain words, most important first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.floors import floor_warnings, paid_twice
from pricing.accounts.notices import Code, Warning_, million, some
from pricing.accounts.notices import price as in_words
from pricing.accounts.overlaps import open_splits, undelivered
from pricing.accounts.parties import Account
from pricing.accounts.protection import Protection, protection_of_processes
from pricing.accounts.regimes import PROHIBITIVE, exhausted, multipliers, touched
from pricing.accounts.surplus import quasi_rent
from pricing.accounts.surplus_path import path_warnings
from pricing.accounts.tied_trade import tied_trade
from pricing.chains.network import Array
from pricing.equilibrium.rationing import shortage
from pricing.equilibrium.ties import ties
from pricing.instruments import ReferencePrice, Undertaking
from pricing.instruments.border import AppliesTo, BorderLevy
from pricing.instruments.terms import Wedge

SHUT = 0.01
"""Below this share of its benchmark level a process is effectively shut [1]."""
NOTABLE = 0.005
"""Smaller falls of a maker's output or surplus are not worth a warning [1]."""
SPOT_LEFT = 0.01
"""Spot share of a quota below which its rent only keeps spot buyers away [1]."""
CHANGED = 1e-9
"""Smaller changes are no change, as a share of the benchmark [1]."""


def warnings(books: Books) -> tuple[Warning_, ...]:
    """All warnings of the first scenario."""
    sources = (
        _failed_checks,
        _nothing_changed,
        floor_warnings,
        _protected,
        _shut,
        _exhausted,
        paid_twice,
        _exporters,
        _quotas,
        open_splits,
        undelivered,
        _shortages,
        _worthless,
        _idle_stocks,
        _no_trade,
        _one_levy,
        tied_trade,
        _ties,
        path_warnings,
    )
    return tuple(warning for source in sources for warning in source(books))


def _failed_checks(books: Books) -> Iterator[Warning_]:
    for check in books.checks:
        if not check.passed:
            text = (
                f"Check of {check.name} failed by {check.error:.1e} of world spending "
                f"({check.worst or 'world'}): do not use these numbers."
            )
            yield Warning_(Code.CHECK_FAILED, text, check.name, {"error": check.error})


def _nothing_changed(books: Books) -> Iterator[Warning_]:
    network, state, base = books.program.network, books.state, books.base
    price = np.abs(state.price - base.price) / network.setting.price_scale[:, None]
    level = np.abs(state.level - base.level) / network.level_scale
    purses = np.abs(books.agents.treasuries).max(), np.abs(books.agents.private).max()
    own = {policy.id for policy in books.policies}
    rows = [block.amount for block in books.ledger.blocks if block.policy in own]
    paid = max((np.abs(amount).max(initial=0.0) for amount in rows), default=0.0)
    money = max(*purses, paid) / books.checks[0].scale
    if books.policies and max(price.max(), level.max(), money) < CHANGED:
        text = "Nothing changed: the policies ask for nothing at base-year prices and volumes."
        yield Warning_(Code.NOTHING_CHANGED, text, "")


def _helped(books: Books) -> set[tuple[str, str]]:
    """Goods and regions whose makers some policy means to help, and what is made of these goods."""
    network = books.program.network
    masks = [policy.helps(network.setting) for policy in books.policies]
    helped = sum(masks, np.zeros((len(network.goods), len(network.regions))))
    made_of = (network.outputs > 0.0).astype(float).T @ (network.inputs > 0.0)
    for _ in network.goods:
        helped = helped + made_of @ (helped > 0.0)
    return {(network.goods[g], network.regions[r]) for g, r in np.argwhere(helped > 0.0)}


def _protected(books: Books) -> Iterator[Warning_]:
    """Makers whom policy means to help, or their suppliers, and who lose."""
    helped = _helped(books)
    rows = [row for row in protection_of_processes(books) if (row.good, row.region) in helped]
    yield from _negative_protection(books, rows)
    yield from _negative_at_margin(books, rows)


def _negative_protection(books: Books, helped: list[Protection]) -> Iterator[Warning_]:
    """Makers whose value added falls though policy means to help them, or their suppliers."""
    network = books.program.network
    losses: dict[str, dict[str, float]] = {}
    for row in helped:
        scale = float(network.setting.price_scale[network.goods.index(row.good)])
        if row.change is not None and row.change < -1e-6 * scale:
            losses.setdefault(row.good, {})[row.subject] = row.change
    for good, by_process in losses.items():
        ranked = sorted(by_process, key=lambda name: by_process[name])
        worst = in_words(-by_process[ranked[0]])
        text = (
            f"Negative protection: policy lowers the value added of makers of {good} by up to "
            f"{worst} where it means to help them or their suppliers ({some(ranked)})."
        )
        yield Warning_(Code.NEGATIVE_PROTECTION, text, good, by_process)


def _negative_at_margin(books: Books, helped: list[Protection]) -> Iterator[Warning_]:
    """Makers who make or earn less though their value added at average prices does not fall.

    Output follows the margin, which values inputs at the price index: what one more tonne costs.
    """
    network = books.program.network
    makes, made = books.state.level[0], books.base.level[0]
    earned = quasi_rent(books.base_program, books.base.margin)[0]
    found: dict[str, dict[str, tuple[float, str]]] = {}
    for row in helped:
        k = network.processes.index(row.subject)
        if row.change is None or row.change < 0.0 or made[k] <= 0.0:
            continue
        gain = float(books.agents.processes[0, k])
        changes = [(float(makes[k] / made[k]) - 1.0, "output")]
        if earned[k] > CHANGED * books.checks[0].scale:
            changes.append((gain / float(earned[k]), "surplus"))
        falls = [change for change in changes if change[0] < -NOTABLE]
        if falls:
            found.setdefault(row.good, {})[row.subject] = falls[0]
    worst_first = sorted(found, key=lambda good: min(found[good].values()))
    for good in worst_first:
        makers = found[good]
        ranked = sorted(makers, key=lambda name: makers[name])
        fall, what = makers[ranked[0]]
        text = (
            f"Negative protection at the margin: value added of makers of {good} rises at average "
            f"prices, but {what} falls by up to {-fall:.1%} ({some(ranked)}): at the margin inputs "
            "cost more."
        )
        numbers = {name: change for name, (change, _) in makers.items()}
        yield Warning_(Code.NEGATIVE_AT_MARGIN, text, good, numbers)


def _shut(books: Books) -> Iterator[Warning_]:
    """Processes that ran in the base and hardly run now, by main output."""
    network = books.program.network
    level, base = books.state.level[0], books.base.level[0]
    shut = (base >= SHUT * network.level) & (base > 0.0) & (network.level > 0.0)
    shut &= network.makers & (level < SHUT * network.level)
    main = np.argmax(network.outputs * network.setting.price_scale, axis=1)
    for g in np.unique(main[shut]):
        here = np.flatnonzero(shut & (main == g))
        cannot = [network.processes[k] for k in here if not books.program.open_process[k]]
        names = [network.processes[k] for k in here]
        make = "makes" if len(names) == 1 else "make"
        text = f"Shut: {some(names)} {make} less than 1 % of the base-year {network.goods[g]}."
        if cannot:
            text += f" Without an obtainable input: {some(cannot)}."
        numbers = {network.processes[k]: float(level[k] / network.level[k]) for k in here}
        yield Warning_(Code.PROCESS_SHUT, text, network.goods[g], numbers)


def _exhausted(books: Books) -> Iterator[Warning_]:
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


def _exporters(books: Books) -> Iterator[Warning_]:
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


def _quotas(books: Books) -> Iterator[Warning_]:
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


def _shortages(books: Books) -> Iterator[Warning_]:
    """Users who go without at their choke price."""
    network = books.program.network
    short = shortage(books.program, books.state)[0]
    for n in np.flatnonzero(short > CHANGED * np.maximum(network.demand.quantity, 1e-300)):
        region, good = network.regions[network.demand_region[n]], network.demand_good[n]
        text = (
            f"Shortage: {region} ({network.demand_use[n]}) goes without {short[n]:,.0f} t of "
            f"{network.goods[good]} at its choke price of "
            f"{in_words(float(network.demand.choke[n]))}."
        )
        yield Warning_(Code.SHORTAGE, text, region, {"tonnes": float(short[n])})


def _worthless(books: Books) -> Iterator[Warning_]:
    """Goods that clear at a price of zero, so that some is thrown away."""
    network, state = books.program.network, books.state
    zero = state.price[0] <= PROHIBITIVE * network.setting.price_scale[:, None]
    zero &= (state.output[0] > 0.0) & books.program.open_origin
    for g in np.flatnonzero(zero.any(axis=1)):
        where = [network.regions[r] for r in np.flatnonzero(zero[g])]
        left = (state.output - state.flow.sum(axis=-1) - state.purchases)[0, g][zero[g]]
        thrown = float(np.maximum(left, 0.0).sum())
        text = (
            f"The price of {network.goods[g]} is zero in {some(where)}; {thrown:,.0f} t find no "
            "buyer."
        )
        yield Warning_(Code.PRICE_ZERO, text, network.goods[g], {"tonnes": thrown})


def _idle_stocks(books: Books) -> Iterator[Warning_]:
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


def _no_trade(books: Books) -> Iterator[Warning_]:
    """Routes that a policy covers but that had no trade in the base year."""
    network = books.program.network
    known = np.isfinite(network.log_weight)
    proper = network.setting.proper  # disguised routes are all declared
    offered = books.base_program.open_origin & proper
    possible = offered[:, :, None] & ((books.base.use[0] > 0.0) & proper)[:, None, :]
    for policy, mask in touched(books.program).items():
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


def _one_levy(books: Books) -> Iterator[Warning_]:
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


def _ties(books: Books) -> Iterator[Warning_]:
    """Homogeneous goods whose prices leave open which routes carry them."""
    for tie in ties(books.program, books.state):
        routes = [f"{origin} to {destination}" for origin, destination in tie.routes]
        text = (
            f"Flows of {tie.good} are not unique, prices are: {len(routes)} routes cost their "
            f"buyers the same ({some(routes)}). Shown are the flows nearest to the base year."
        )
        yield Warning_(Code.ROUTES_TIE, text, tie.good, {"routes": float(len(routes))})
