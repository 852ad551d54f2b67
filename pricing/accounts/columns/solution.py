"""Indicators that a solution states by itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.columns.shape import Entries, Entry, Key, share_of, where
from pricing.accounts.embodied import embodied
from pricing.accounts.groups import as_rows, single_regions, zone_masks, zones_and_world
from pricing.accounts.volumes import average_landed, internal_price, used
from pricing.chains.network import Array, BoolArray, Network
from pricing.economics.sourcing import Law
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State


def entries(books: Books, program: Program, state: State) -> Entries:
    """Everything that a solution says by itself."""
    tables = (_prices, _outputs, _dependence, _embodied, _money)
    return {key: entry for table in tables for key, entry in table(books, program, state)}


def _local_elasticity(network: Network, good: int, price: Array, region: int) -> Array:
    """(N,) elasticity of sourcing at a price; ``inf`` where every buyer takes the cheapest [1]."""
    if network.law[good] is Law.LOGIT:
        return np.asarray(network.theta[..., good, region] * price)
    return np.full_like(price, network.sigma[good])


def _prices(books: Books, program: Program, state: State) -> Iterator[tuple[Key, Entry]]:
    """Ex-works, landed and index prices; what is charged inside zones and outside."""
    network, average = program.network, average_landed(state)
    places, buys = places_of_use(program), used(program, state)
    for g, good in enumerate(network.goods):
        for r in np.flatnonzero(places[g]).tolist():
            region, price, here = network.regions[r], average[:, g, r], buys[:, g, r]
            yield Key("buyer_price", good, region), Entry(where(here, price), "USD/t")
            index = where(here, state.index[:, g, r])
            yield Key("price_index", good, region), Entry(index, "USD/t")
            local = _local_elasticity(network, g, price, r)
            if np.isfinite(local).any():
                key = Key("local_sourcing_elasticity", good, region)
                yield key, Entry(where(here, local), "1")
        for zone, mask in zones_and_world(program).items():
            inside = internal_price(program, state, g, mask)
            outside = internal_price(program, state, g, 1.0 - mask)
            if inside is not None:
                yield Key("internal_price", good, zone), Entry(inside, "USD/t")
            if inside is not None and outside is not None:
                yield Key("outside_price", good, zone), Entry(outside, "USD/t")
                yield Key("price_gap", good, zone), Entry(inside - outside, "USD/t")
            if (places[g] @ mask) > 0.0:
                use = np.where(buys[:, g], state.use[:, g] * mask, 0.0)
                paid = share_of((use * average[:, g]).sum(axis=1), use.sum(axis=1))
                yield Key("buyer_price", good, zone), Entry(paid, "USD/t")


def _outputs(books: Books, program: Program, state: State) -> Iterator[tuple[Key, Entry]]:
    """Output, use, self-sufficiency and concentration of output."""
    network = program.network
    for g, good in enumerate(network.goods):
        output, use = state.output[:, g], state.use[:, g]
        for area, mask in zones_and_world(program).items():
            made, used = output @ mask, use @ mask
            yield Key("output", good, area), Entry(made, "t")
            yield Key("use", good, area), Entry(used, "t")
            if area != "world":
                yield Key("self_sufficiency", good, area), Entry(share_of(made, used), "1")
        made_here = output * network.setting.proper
        share = share_of(made_here, made_here.sum(axis=1, keepdims=True))
        top = np.argmax(made_here, axis=1)
        index = (share * share).sum(axis=1)
        yield Key("output_herfindahl", good, "world"), Entry(index, "1", top)


def _dependence(books: Books, program: Program, state: State) -> Iterator[tuple[Key, Entry]]:
    """Import dependence, the largest foreign supplier, and concentration of supply."""
    network = program.network
    groups = {**single_regions(program), **zone_masks(program)}
    masks, places = as_rows(groups), places_of_use(program)
    for g, good in enumerate(network.goods):
        arrivals = np.swapaxes(state.flow[:, g] @ masks.T, 1, 2)
        share = share_of(arrivals, arrivals.sum(axis=2, keepdims=True))
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
    groups = {**single_regions(program), **zone_masks(program)}
    masks, places = as_rows(groups), places_of_use(program)
    largest = (books.base.output * network.setting.proper).argmax(axis=2)
    largest = np.broadcast_to(largest, (count, len(network.goods)))
    inside = _upstream(network)
    for g, h in np.argwhere(inside).tolist():
        tonnes = (masks * state.use[:, g, None, :]) @ content[:, g, h]
        share = share_of(tonnes, tonnes.sum(axis=2, keepdims=True))
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
    groups = {**single_regions(program), **zones_and_world(program)}
    masks = as_rows(groups)
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


def places_of_use(program: Program) -> BoolArray:
    """(G, R) where somebody may buy: a user, a process with inputs, or a stock."""
    runs = program.open_process
    buys = np.asarray(
        program.lasting.demand_map.any(axis=0) | program.lasting.input_map[runs].any(axis=0)
    )
    for limit in program.terms.limits:
        buys[limit.acts_on_use[0]] = True
    return buys.reshape(program.open_origin.shape)
