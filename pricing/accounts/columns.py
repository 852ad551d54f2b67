"""Indicators of many scenarios at once: one array a number, with the scenario as its axis.

Which columns there are follows from the chain and the policies alone, never from a solution; what
does not apply in a scenario is NaN. The indicators of one result are the first row of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.embodied import embodied
from pricing.accounts.regimes import at_work
from pricing.accounts.volumes import at_buyers, average_landed, zone_masks
from pricing.chains.network import Array, BoolArray, IntArray, Network
from pricing.economics.sourcing import Law
from pricing.equilibrium.program import Program
from pricing.equilibrium.rationing import bought
from pricing.equilibrium.state import State

NEGLIGIBLE = 1e-9
"""Changes below this share of the base do not serve as denominators [1]."""


@dataclass(frozen=True)
class Key:
    """What an indicator is about."""

    name: str
    """Name of the indicator."""
    good: str = ""
    """Good; empty for all or none."""
    region: str = ""
    """Region, zone or ``world``."""
    detail: str = ""
    """Upstream good, or instrument with its policy; empty for none."""


@dataclass(frozen=True)
class Column:
    """One indicator in every scenario (N)."""

    key: Key
    """What it is about."""
    unit: str
    """``USD/t``, ``t``, ``USD`` or ``1``."""
    value: Array
    """(N or 1,) in ``unit``; NaN where there is no number."""
    base: Array
    """(N or 1,) value in the base; zero for changes; NaN where it means nothing."""
    partner: IntArray | None = None
    """(N,) region that ``value`` is about (top supplier); -1 for none."""
    listed: BoolArray | None = None
    """(N,) scenarios whose list has it, with or without a number; None for where it has a number,
    there or in the base."""
    quiet: bool = False
    """Whether zeros are left out of the list."""

    @property
    def stated(self) -> BoolArray:
        """(N or 1,) scenarios whose list of indicators has it."""
        if self.listed is not None:
            return self.listed
        if self.quiet:
            sides = (np.nan_to_num(side) != 0.0 for side in (self.value, self.base))
            return np.asarray(np.logical_or(*sides))
        return np.asarray(~(np.isnan(self.value) & np.isnan(self.base)))


@dataclass(frozen=True)
class Entry:
    """One number in every scenario of a solution."""

    value: Array
    """(N,) NaN where it does not apply."""
    unit: str
    """``USD/t``, ``t``, ``USD`` or ``1``."""
    partner: IntArray | None = None
    """(N,) region that it is about."""
    quiet: bool = False
    """Whether zeros are left out of the list of one scenario."""


Entries = dict[Key, Entry]
NOTHING = np.full(1, np.nan)


def base_entries(books: Books) -> Entries:
    """Numbers of the base; the same for all scenarios on one world."""
    return _entries(books, books.base_program, books.base)


def columns(books: Books, before: Entries | None = None) -> tuple[Column, ...]:
    """All indicators of all scenarios of the books; ``before`` spares the base's being redone."""
    before = base_entries(books) if before is None else before
    now = _entries(books, books.program, books.state)
    found = [_side_by_side(key, now.get(key), before.get(key)) for key in {**now, **before}]
    moved = at_work(books)
    found += _changes(books, moved)
    found += _pass_through(books, moved)
    return tuple(found)


def _entries(books: Books, program: Program, state: State) -> Entries:
    """Everything that a solution says by itself."""
    tables = (_prices, _outputs, _dependence, _embodied, _money)
    return {key: entry for table in tables for key, entry in table(books, program, state)}


def _side_by_side(key: Key, now: Entry | None, before: Entry | None) -> Column:
    """The same number for the scenarios and the base."""
    first = now or before
    assert first is not None
    value, base = (NOTHING if side is None else side.value for side in (now, before))
    partner = None if now is None else now.partner
    return Column(key, first.unit, value, base, partner, quiet=first.quiet)


def _areas(program: Program) -> dict[str, Array]:
    """Zones and the world as (R,) masks."""
    return {**zone_masks(program), "world": program.network.setting.proper.astype(float)}


def _singles(program: Program) -> dict[str, Array]:
    """Every region as an (R,) mask."""
    regions = program.network.regions
    return dict(zip(regions, np.eye(len(regions)), strict=True))


def _masks(groups: dict[str, Array]) -> Array:
    """(A, R) the masks of groups of regions below each other."""
    return np.stack(list(groups.values()))


def _where(here: Array | BoolArray, value: Array) -> Array:
    return np.asarray(np.where(here, value, np.nan))


def _share(part: Array, whole: Array) -> Array:
    """Part of a whole, NaN where there is none."""
    return _where(whole > 0.0, part / np.where(whole > 0.0, whole, 1.0))


def places_of_use(program: Program) -> BoolArray:
    """(G, R) where somebody may buy: a user, a process with inputs, or a stock."""
    runs = program.open_process
    buys = np.asarray(
        program.lasting.demand_map.any(axis=0) | program.lasting.input_map[runs].any(axis=0)
    )
    for limit in program.terms.limits:
        buys[limit.acts_on_use[0]] = True
    return buys.reshape(program.open_origin.shape)


def internal_price(program: Program, state: State, good: int, mask: Array) -> Array | None:
    """(N,) ex-works price of a group, weighted by benchmark output; None without it [USD/t]."""
    weight = program.network.setting.benchmark_output[good] * mask
    if weight.sum() <= 0.0:
        return None
    return np.asarray(state.price[:, good] @ weight / weight.sum())


def _local_elasticity(network: Network, good: int, price: Array, region: int) -> Array:
    """(N,) elasticity of sourcing at a price; ``inf`` where every buyer takes the cheapest [1]."""
    if network.law[good] is Law.LOGIT:
        return np.asarray(network.theta[..., good, region] * price)
    return np.full_like(price, network.sigma[good])


def _prices(books: Books, program: Program, state: State) -> Iterator[tuple[Key, Entry]]:
    """Ex-works, landed and index prices; what is charged inside zones and outside."""
    network, average = program.network, average_landed(state)
    places = places_of_use(program)
    for g, good in enumerate(network.goods):
        for r in np.flatnonzero(places[g]).tolist():
            region, price, used = network.regions[r], average[:, g, r], state.use[:, g, r] > 0.0
            yield Key("buyer_price", good, region), Entry(_where(used, price), "USD/t")
            index = _where(used, state.index[:, g, r])
            yield Key("price_index", good, region), Entry(index, "USD/t")
            local = _local_elasticity(network, g, price, r)
            if np.isfinite(local).any():
                key = Key("local_sourcing_elasticity", good, region)
                yield key, Entry(_where(used, local), "1")
        for zone, mask in _areas(program).items():
            inside = internal_price(program, state, g, mask)
            outside = internal_price(program, state, g, 1.0 - mask)
            if inside is not None:
                yield Key("internal_price", good, zone), Entry(inside, "USD/t")
            if inside is not None and outside is not None:
                yield Key("outside_price", good, zone), Entry(outside, "USD/t")
                yield Key("price_gap", good, zone), Entry(inside - outside, "USD/t")
            if (places[g] @ mask) > 0.0:
                use = state.use[:, g] * mask
                paid = _share((use * average[:, g]).sum(axis=1), use.sum(axis=1))
                yield Key("buyer_price", good, zone), Entry(paid, "USD/t")


def _outputs(books: Books, program: Program, state: State) -> Iterator[tuple[Key, Entry]]:
    """Output, use, self-sufficiency and concentration of output."""
    network = program.network
    for g, good in enumerate(network.goods):
        output, use = state.output[:, g], state.use[:, g]
        for area, mask in _areas(program).items():
            made, used = output @ mask, use @ mask
            yield Key("output", good, area), Entry(made, "t")
            yield Key("use", good, area), Entry(used, "t")
            if area != "world":
                yield Key("self_sufficiency", good, area), Entry(_share(made, used), "1")
        made_here = output * network.setting.proper
        share = _share(made_here, made_here.sum(axis=1, keepdims=True))
        top = np.argmax(made_here, axis=1)
        index = (share * share).sum(axis=1)
        yield Key("output_herfindahl", good, "world"), Entry(index, "1", top)


def _dependence(books: Books, program: Program, state: State) -> Iterator[tuple[Key, Entry]]:
    """Import dependence, the largest foreign supplier, and concentration of supply."""
    network = program.network
    groups = {**_singles(program), **zone_masks(program)}
    masks, places = _masks(groups), places_of_use(program)
    for g, good in enumerate(network.goods):
        arrivals = np.swapaxes(state.flow[:, g] @ masks.T, 1, 2)
        share = _share(arrivals, arrivals.sum(axis=2, keepdims=True))
        foreign = share * (1.0 - masks)
        top = np.argmax(foreign, axis=2)
        most = foreign.max(axis=2)
        name = np.where(most > 0.0, top, -1)
        true = np.moveaxis(network.under_true_origins(np.moveaxis(foreign, 2, 0)), 0, 2)
        truest = true.max(axis=2)
        true_name = np.where(truest > 0.0, np.argmax(true, axis=2), -1)
        abroad, index = foreign.sum(axis=2), (share * share).sum(axis=2)
        for a, area in enumerate(groups):
            if (places[g] @ masks[a]) > 0.0:
                yield Key("import_dependence", good, area), Entry(abroad[:, a], "1")
                yield Key("top_supplier_share", good, area), Entry(most[:, a], "1", name[:, a])
                yield Key("supply_herfindahl", good, area), Entry(index[:, a], "1")
                if network.relays.any():
                    key = Key("true_top_supplier_share", good, area)
                    yield key, Entry(truest[:, a], "1", true_name[:, a])


def _embodied(books: Books, program: Program, state: State) -> Iterator[tuple[Key, Entry]]:
    """Origins of upstream goods inside what a region or zone uses.

    The largest maker of each upstream good is the one of the base, so that the number follows
    one region through both solutions.
    """
    network, count = program.network, state.use.shape[0]
    content, rows = embodied(network, state), np.arange(count)
    groups = {**_singles(program), **zone_masks(program)}
    masks, places = _masks(groups), places_of_use(program)
    largest = (books.base.output * network.setting.proper).argmax(axis=2)
    largest = np.broadcast_to(largest, (count, len(network.goods)))
    inside = _upstream(network)
    for g, h in np.argwhere(inside).tolist():
        tonnes = (masks * state.use[:, g, None, :]) @ content[:, g, h]
        share = _share(tonnes, tonnes.sum(axis=2, keepdims=True))
        for a, area in enumerate(groups):
            if (places[g] @ masks[a]) <= 0.0:
                continue
            tops = np.argmax(tonnes[:, a], axis=1), largest[:, h]
            for name, top in zip(
                ("embodied_top_share", "embodied_largest_maker"), tops, strict=True
            ):
                key = Key(name, network.goods[g], area, network.goods[h])
                yield key, Entry(share[rows, a, top], "1", top)


def _upstream(network: Network) -> BoolArray:
    """(G, G) whether the second good goes into the first, directly or through others."""
    step = (network.outputs > 0.0).T.astype(float) @ (network.inputs > 0.0)
    reach = step > 0.0
    for _ in network.goods:
        reach = reach | ((reach.astype(float) @ step) > 0.0)
    return np.asarray(reach & ~np.eye(len(network.goods), dtype=bool))


def _money(books: Books, program: Program, state: State) -> Iterator[tuple[Key, Entry]]:
    """Treasuries by instrument, outlays of guarantees and levy revenue."""
    ledger = books.ledger if state is books.state else books.base_ledger
    guarantees = {support.policy for support in program.supports}
    levies = {levy.source.policy for levy in program.charges.levies}
    levies |= {m.policy for m in program.limits if m.wedge is not None and m.wedge.value == "levy"}
    groups = {**_singles(program), **_areas(program)}
    masks = _masks(groups)
    totals = {key: line @ masks.T for key, line in ledger.treasuries.items()}
    nothing = np.zeros((state.price.shape[0], len(groups)))
    outlay = 0.0 - sum((t for (_, policy), t in totals.items() if policy in guarantees), nothing)
    revenue = sum((t for (_, policy), t in totals.items() if policy in levies), nothing)
    for a, area in enumerate(groups):
        for (instrument, policy), total in totals.items():
            detail = f"{instrument}:{policy}" if policy else instrument
            key, quiet = Key("treasury", "", area, detail), area != "world"
            yield key, Entry(total[:, a], "USD", quiet=quiet)
        yield Key("guarantee_outlay", "", area), Entry(outlay[:, a], "USD")
        yield Key("levy_revenue", "", area), Entry(revenue[:, a], "USD")


def _change(key: Key, value: Array) -> Column:
    """Change against the base in money."""
    return Column(key, "USD", value, np.zeros(1))


def _changes(books: Books, moved: BoolArray) -> Iterator[Column]:
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
    groups = {**_singles(books.program), **_areas(books.program)}
    masks = _masks(groups)
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
            value = _where(worth, cost / np.where(worth, extra, 1.0))
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
                value = _where(worth, rise / np.where(worth, cause, 1.0))
                key = Key("pass_through", network.goods[g], zone, network.goods[h])
                yield Column(key, "1", value, NOTHING, None, stated)
