"""Indicators that hold a solution against its base: gains, costs a tonne, pass-through."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.columns.shape import NOTHING, Column, Key, where
from pricing.accounts.embodied import embodied
from pricing.accounts.groups import as_rows, single_regions, zone_masks, zones_and_world
from pricing.accounts.regimes import at_work
from pricing.accounts.volumes import at_buyers, average_landed, internal_price
from pricing.chains.network import Array, BoolArray
from pricing.equilibrium.rationing import bought

NEGLIGIBLE = 1e-9
"""Changes below this share of the base do not serve as denominators [1]."""


def changes(books: Books) -> Iterator[Column]:
    """Everything that is a change against the base."""
    moved = at_work(books)
    yield from _gains(books, moved)
    yield from _pass_through(books, moved)


def _change(key: Key, value: Array) -> Column:
    """Change against the base in money."""
    return Column(key, "USD", value, np.zeros(1))


def _gains(books: Books, moved: BoolArray) -> Iterator[Column]:
    """Who gains and loses, and what an extra tonne in a zone costs."""
    agents = books.agents
    parts = {
        "consumer_cost": -agents.users_by_region,
        "producer_surplus_change": agents.processes_by_region,
        "exporter_rent_change": agents.exporters,
        "licence_rent_change": agents.licence_holders,
        "treasury_change": agents.treasuries,
        "net_welfare": agents.net_welfare,
    }
    groups = {**single_regions(books.program), **zones_and_world(books.program)}
    masks = as_rows(groups)
    totals = {name: values @ masks.T for name, values in parts.items()}
    for a, area in enumerate(groups):
        for name, total in totals.items():
            yield _change(Key(name, "", area), total[:, a])
    yield _change(Key("deadweight_loss", "", "world"), -parts["net_welfare"].sum(axis=1))
    for zone, mask in zone_masks(books.program).items():
        costs = {
            "fiscal_cost_per_extra_tonne": -(parts["treasury_change"] @ mask),
            "buyers_cost_per_extra_tonne": parts["consumer_cost"] @ mask,
        }
        yield from _per_extra_tonne(books, moved, zone, costs)


def _per_extra_tonne(
    books: Books, moved: BoolArray, zone: str, costs: dict[str, Array]
) -> Iterator[Column]:
    """Costs of a zone per extra tonne that it makes of a good.

    The costs are those of all policies together, so that they belong to the tonnes of a good only
    where all policies that bite act on this one good; elsewhere there are none.
    """
    mask, alone = zone_masks(books.program)[zone], moved.sum(axis=1) == 1
    for g, good in enumerate(books.program.network.goods):
        before = books.base.output[:, g] @ mask
        extra = books.state.output[:, g] @ mask - before
        stated = alone & moved[:, g]
        worth = stated & (extra > NEGLIGIBLE * np.maximum(before, 1.0))
        for name, cost in costs.items():
            value = where(worth, cost / np.where(worth, extra, 1.0))
            yield Column(Key(name, good, zone), "USD/t", value, NOTHING, None, stated)


def _pass_through(books: Books, moved: BoolArray) -> Iterator[Column]:
    """How much of a price rise at a stage reaches the last buyers of a zone.

    Change of what last buyers pay per tonne, over the change of the zone's internal price of the
    upstream good times the tonnes of it in one tonne bought (base content). The good itself counts.
    Only where no policy acts on another good on the way: neither on the good bought, nor on
    anything in it that is not upstream of the upstream good.
    """
    program, network = books.program, books.program.network
    content = embodied(network, books.base).sum(axis=4)
    reach = (content.sum(axis=3) > 0.0).any(axis=0)
    tonnes = bought(books.base_program, books.base)
    average = [at_buyers(program, average_landed(s)) for s in (books.state, books.base)]
    for zone, mask in zone_masks(program).items():
        weight = tonnes * mask[network.demand_region]
        for g in np.unique(network.demand_good).tolist():
            share = weight * (network.demand_good == g)
            buys = share.sum(axis=1) > 0.0
            share = share / np.where(buys, share.sum(axis=1), 1.0)[:, None]
            rise = (share * (average[0] - average[1])).sum(axis=1)
            for h in np.flatnonzero(reach[g]).tolist():
                inside = [internal_price(program, s, h, mask) for s in (books.state, books.base)]
                if inside[0] is None or inside[1] is None:
                    continue
                other = reach[g] & ~reach[h] & (np.arange(len(network.goods)) != h)
                stated = buys & ~moved[:, other].any(axis=1)
                inner = (share * content[:, g, h][:, network.demand_region]).sum(axis=1)
                cause = inner * (inside[0] - inside[1])
                worth = stated & (np.abs(cause) > NEGLIGIBLE * inner * np.abs(inside[1]))
                value = where(worth, rise / np.where(worth, cause, 1.0))
                key = Key("pass_through", network.goods[g], zone, network.goods[h])
                yield Column(key, "1", value, NOTHING, None, stated)
