"""Warnings about reference prices: reached or not, and chained the right way round or not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.invoices import following, invoices
from pricing.accounts.notices import Code, Warning_, million, some
from pricing.accounts.notices import price as in_words
from pricing.accounts.regimes import PROHIBITIVE
from pricing.accounts.volumes import internal_price
from pricing.chains.network import Array
from pricing.instruments import PriceGuarantee, ReferencePrice
from pricing.instruments.border import AppliesTo, BorderLevy
from pricing.instruments.price_guarantee import RegionPrice
from pricing.instruments.terms import Payer

REACHED = 1e-6
"""A price this close below its reference has reached it, as a share of it [1]."""
AT_REFERENCE = 1e-3
"""A landed price this close to its reference stands at it, as a share of it [1]."""
MISSING = 1e-3
"""Smaller gaps between floors are rounding of the stated levels, as a share of output value [1]."""


def floor_warnings(books: Books) -> Iterator[Warning_]:
    """Warnings about every reference price in force."""
    floors = [policy for policy in books.policies if isinstance(policy, ReferencePrice)]
    for policy in floors:
        if policy.applies_to is AppliesTo.NON_MEMBERS:  # elsewhere every sale is at it
            yield from _not_reached(books, policy)
    for policy in floors:
        yield from _inverted(books, policy)


def members_of(books: Books, policy: ReferencePrice) -> Array:
    """(R,) one for members of the zone."""
    setting = books.program.network.setting
    return setting.members(policy.zone, policy.where("zone")).astype(float)


def levels_of(books: Books, policy: ReferencePrice) -> dict[int, float]:
    """Good -> reference price [USD/t]."""
    return policy.level.resolve(books.program.network.setting, policy.where("level"))


def _not_reached(books: Books, policy: ReferencePrice) -> Iterator[Warning_]:
    """Members' own ex-works price stays below the reference."""
    network = books.program.network
    members = members_of(books, policy)
    for g, reference in levels_of(books, policy).items():
        prices = internal_price(books.program, books.state, g, members)
        if prices is None or (price := float(prices[0])) >= reference * (1.0 - REACHED):
            continue
        outside = (members[None, :] > 0.0) & (members[:, None] == 0.0) & network.border
        traded = outside & (books.state.flow[0, g] > PROHIBITIVE * books.state.use[0, g])
        text = (
            f"Floor not reached: makers of {network.goods[g]} in the zone get "
            f"{in_words(price)} ex works on average, "
            f"{100.0 * (1.0 - price / reference):.1f} % below the reference of "
            f"{in_words(reference)}."
        )
        numbers = {"internal_price": price, "reference": reference}
        if traded.any():
            landed = float(books.state.landed[0, g][traded].min())
            numbers["lowest_landed"] = landed
            text += _border(landed, reference, isinstance(policy.mechanism, BorderLevy))
        else:
            text += " Nothing is bought from outside."
        yield Warning_(Code.FLOOR_NOT_REACHED, text, policy.id, numbers)


def _border(landed: float, reference: float, by_origin: bool) -> str:
    """What the lowest landed price of goods from outside says about the floor at the border."""
    gap = landed / reference - 1.0
    if abs(gap) <= AT_REFERENCE and by_origin:
        return (
            f" Goods from outside land at {in_words(landed)} or more: the floor holds at "
            "the border, and members' own price follows only as far as buyers move to them."
        )
    where = f"{100.0 * abs(gap):.1f} % {'above' if gap > 0.0 else 'below'} the reference"
    if abs(gap) <= AT_REFERENCE:
        where = "at the reference"
    return f" The cheapest goods from outside land at {in_words(landed)}, {where}."


def _inverted(books: Books, policy: ReferencePrice) -> Iterator[Warning_]:
    """Reference prices that leave less than the cost of conversion between two stages.

    The cost is the marginal cost of conversion at the benchmark level.
    """
    network = books.program.network
    levels, members = levels_of(books, policy), members_of(books, policy)
    cost = network.supply.marginal_cost(network.level)
    short: dict[str, dict[str, float]] = {}
    for k in np.flatnonzero(members[network.process_region] * network.level > 0.0):
        needs, makes = np.flatnonzero(network.inputs[k]), np.flatnonzero(network.outputs[k])
        if needs.size == 0 or not all(int(g) in levels for g in (*needs, *makes)):
            continue
        worth = sum(network.outputs[k, g] * levels[int(g)] for g in makes)
        left = float(worth - sum(network.inputs[k, g] * levels[int(g)] for g in needs) - cost[k])
        if left < -MISSING * worth:
            goods = " and ".join(network.goods[g] for g in makes)
            short.setdefault(goods, {})[network.processes[k]] = left
    for goods, gaps in short.items():
        worst = min(gaps.values())
        text = (
            f"Inverted floor: the reference price of {goods} does not cover the reference prices "
            f"of its inputs and the base-year cost of conversion; up to {in_words(-worst)} is "
            f"missing ({some(list(gaps))})."
        )
        yield Warning_(Code.INVERTED_FLOOR, text, policy.id, gaps)


def filled_twice(books: Books) -> Iterator[Warning_]:
    """Duties beyond the ordinary ones, where a levy tops up to a reference and counts them not."""
    follows, setting = list(following(books.policies)), books.program.network.setting
    held = {p.id: p.held_up(setting) for p in books.policies if isinstance(p, ReferencePrice)}
    blind = {name for name, floor in held.items() if floor is not None and not floor.counts_all}
    if not follows or not blind:
        return
    trade = invoices(books.program, books.state, books.policies).trade
    traded = books.state.flow[0] > 0.0
    for policy in follows:
        charged = policy.rent(trade)[0]
        for floor in blind:
            levy = trade.levies[floor]
            both = traded & (charged > 0.0) & (levy[0] > 0.0)
            filled = float((charged * books.state.flow[0])[both].sum())
            if filled > 0.0:
                text = (
                    f"'{policy.id}' takes {million(filled)} on goods that '{floor}' tops up to its "
                    "reference price too, without counting that duty as paid (`compare_at`, "
                    "`layers`): users pay for one gap twice."
                )
                yield Warning_(Code.PAYS_TWICE, text, policy.id, {"duty": filled})


def paid_twice(books: Books) -> Iterator[Warning_]:
    """A guarantee on an outside price, for producers who also stand behind a border floor."""
    setting = books.program.network.setting
    paid = books.ledger.treasuries
    for policy in books.policies:
        if not isinstance(policy, PriceGuarantee) or not isinstance(policy.index, RegionPrice):
            continue
        if policy.paid_by is Payer.BUYER:
            continue
        outlay = -float(paid[policy.kind, policy.id][0].sum())
        home = setting.region(policy.region, policy.where("region"))
        index = setting.region(policy.index.region, policy.where("index.region"))
        good = setting.good(policy.good, policy.where("good"))
        for floor in books.policies:
            if not isinstance(floor, ReferencePrice) or good not in levels_of(books, floor):
                continue
            members = members_of(books, floor)
            if outlay > 0.0 and members[home] and not members[index]:
                text = (
                    f"Guarantee '{policy.id}' pays {million(outlay)} against the "
                    f"price in {policy.index.region}, outside the border floor '{floor.id}' that "
                    f"already lifts prices in {policy.region}: producers are paid twice for the "
                    "same gap."
                )
                yield Warning_(Code.PAYS_TWICE, text, policy.id, {"outlay": outlay})
