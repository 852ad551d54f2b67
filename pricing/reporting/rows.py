"""Tidy rows of one solved program: volumes, prices, wedges and multipliers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from pricing.accounts.payments.tiers import levied_gaps
from pricing.accounts.regimes import multipliers
from pricing.chains.network import Array, BoolArray, Network
from pricing.economics.capacity import LongRunSupply
from pricing.equilibrium.build import Solved
from pricing.equilibrium.own_limits import FEED
from pricing.equilibrium.rationing import shortage
from pricing.instruments.terms import Limit, TopUp, Wedge
from pricing.reporting.prices import (
    buyer_price,
    capacity_rent,
    customs_value,
    price_index,
    producer_price,
    seller_share,
)
from pricing.reporting.tidy import Table


def solution(table: Table, solved: Solved) -> None:
    """Append everything that the solution itself says."""
    _production(table, solved)
    _use(table, solved)
    _flows(table, solved)
    _prices(table, solved)
    _duties(table, solved)
    _levies(table, solved)
    _limits(table, solved)
    _own_limits(table, solved)
    _supports(table, solved)


def _production(table: Table, solved: Solved) -> None:
    """Output by good and region, and by process; levels and capacity rents of processes."""
    net, state = solved.program.network, solved.state
    made = net.setting.output > 0.0
    for g, good in enumerate(net.goods):
        for r, region in enumerate(net.regions):
            makers = np.flatnonzero(made[:, g] & (net.process_region == r) & net.makers)
            if makers.size == 0:
                continue
            table.add("production", state.output[0, g, r], "t", good=good, region=region)
            disposed = state.output[0, g, r] - state.flow[0, g, r].sum() - state.purchases[0, g, r]
            if disposed > 1e-6 * net.setting.quantity_scale[g, r]:
                table.add("disposal", disposed, "t", good=good, region=region)
            for k in makers:
                amount = float(state.level[0, k] * net.outputs[k, g])
                name = net.processes[k]
                table.add("production", amount, "t", good=good, region=region, process=name)
    _capacity(table, solved)
    _true_origins(table, solved)


def _true_origins(table: Table, solved: Solved) -> None:
    """Tonnes sold under another name, and shares by where goods were made, where some are hidden.

    Where a good is partly hidden, the region is its true origin and the partner the buyer.
    """
    net, flow = solved.program.network, solved.state.flow[0]
    for k in np.flatnonzero(net.relays):
        g, place = int(np.argmax(net.outputs[k])), int(net.process_region[k])
        names = {"good": net.goods[g], "process": net.processes[k]}
        names["region"] = net.regions[net.setting.true_origin[place]]
        for j in np.flatnonzero(np.isfinite(net.log_weight[g, place])):
            tonnes = flow[g, place, j]
            table.add("transshipped", tonnes, "t", partner=net.regions[j], **names)
        true = net.under_true_origins(flow[g])
        for i, j in np.argwhere(true * np.isfinite(net.log_weight[g, place]) > 0.0):
            share = true[i, j] / true[:, j].sum()
            where = {"region": net.regions[i], "partner": net.regions[j]}
            table.add("true_origin_share", share, "1", good=net.goods[g], **where)


def _capacity(table: Table, solved: Solved) -> None:
    """Capacity and its rent; where it adjusts also what it costs, against what the chain states."""
    net, supply, level = solved.program.network, solved.program.supply, solved.state.level
    rent, capacity, index = capacity_rent(solved), net.capacity, np.ones_like(net.capacity)
    long_run = supply if isinstance(supply, LongRunSupply) else None
    if long_run is not None:
        index = long_run.capacity(level)[0]
        capacity = np.where(np.isfinite(long_run.high), long_run.high, 1.0) * index
        capacity = np.where(np.isfinite(long_run.high), capacity, np.inf)
    carried = dict(zip(net.fleet.process.tolist(), net.fleet.arc.tolist(), strict=True))
    for k, process in enumerate(net.processes):
        where: dict[str, str] = {"process": process}
        if k in carried:
            where |= arc_names(net, carried[k])
        else:
            main = net.goods[int(np.argmax(net.outputs[k]))]
            where |= {"good": main, "region": net.regions[net.process_region[k]]}
        if np.isfinite(capacity[k]):
            table.add("capacity", capacity[k], "t", **where)
            table.add("capacity_rent", rent[k], "USD/t", **where)
        if long_run is not None and long_run.adjusts[k]:
            table.add("capacity_index", index[k], "1", **where)
            table.add("capital_cost", long_run.capital_cost(level)[0, k], "USD", **where)
        if long_run is not None and np.isfinite(long_run.stated[k]):
            annuity, stated = long_run.annuity[k], long_run.stated[k]
            table.add("annuity", annuity / long_run.high[k], "USD/t", **where)
            table.add("annuity_gap", (annuity - stated) / long_run.high[k], "USD/t", **where)


def _use(table: Table, solved: Solved) -> None:
    """Sourced tonnes by good and region; of these, inputs of processes and final uses."""
    net, state = solved.program.network, solved.state
    wanted = net.flow.sum(axis=1) > 0.0
    wanted |= state.use[0] > 0.0
    for g, r in np.argwhere(wanted):
        table.add("use", state.use[0, g, r], "t", good=net.goods[g], region=net.regions[r])
    for k, g in np.argwhere(net.inputs > 0.0):
        where = {"good": net.goods[g], "region": net.regions[net.process_region[k]]}
        amount = state.level[0, k] * state.inputs[0, k, g]
        table.add("input_use", amount, "t", process=net.processes[k], **where)
    for d, use in enumerate(net.demand_use):
        g, r = net.demand_good[d], net.demand_region[d]
        where = {"good": net.goods[g], "region": net.regions[r]}
        table.add("demand", state.final_demand[0, d], "t", process=use, **where)


def arc_names(net: Network, arc: int) -> dict[str, str]:
    """Good, origin and destination of a flat arc."""
    g, i, j = np.unravel_index(arc, net.flow.shape)
    return {"good": net.goods[g], "region": net.regions[i], "partner": net.regions[j]}


def arcs(net_mask: BoolArray, solved: Solved) -> Iterator[tuple[tuple[int, ...], dict[str, str]]]:
    """Positions and names of the arcs of a (G, R, R) mask."""
    net = solved.program.network
    for g, i, j in np.argwhere(net_mask):
        names = {"good": net.goods[g], "region": net.regions[i], "partner": net.regions[j]}
        yield (int(g), int(i), int(j)), names


def _flows(table: Table, solved: Solved) -> None:
    """Tonnes by origin and destination on every route of the chain; zero where a policy shut it."""
    routes = np.isfinite(solved.program.network.log_weight)
    for place, names in arcs(routes, solved):
        table.add("flow", solved.state.flow[0][place], "t", **names)


def _prices(table: Table, solved: Solved) -> None:
    """Prices, where they are defined: ex works, average landed, index and landed by route."""
    net, state = solved.program.network, solved.state
    bought, index = buyer_price(solved), price_index(solved)
    makes = producer_price(solved)
    for g, good in enumerate(net.goods):
        for r, region in enumerate(net.regions):
            if np.isfinite(makes[g, r]):
                table.add("producer_price", makes[g, r], "USD/t", good=good, region=region)
            if np.isfinite(bought[g, r]):
                table.add("buyer_price", bought[g, r], "USD/t", good=good, region=region)
                table.add("price_index", index[g, r], "USD/t", good=good, region=region)
    for place, names in arcs(solved.program.open_arcs, solved):
        table.add("landed_price", state.landed[0][place], "USD/t", **names)
    sellers = net.sellers
    added = solved.state.multiplier[0, len(solved.program.limits) - sellers.arc.size :]
    for arc, markup in zip(sellers.arc.tolist(), (added + sellers.base).tolist(), strict=True):
        table.add("markup", markup, "USD/t", **arc_names(net, arc))
    for place, names in arcs(solved.program.contracted > 0.0, solved):
        table.add("contract_price", net.contract_price[place], "USD/t", **names)
        table.add("contract_tonnes", solved.program.contracted[place], "t", **names)
        table.add("spot_price", state.price[0][place[:2]], "USD/t", **names)
    for k, arc in zip(net.fleet.process.tolist(), net.fleet.arc.tolist(), strict=True):
        fare, where = state.freight[0].ravel()[arc], arc_names(net, arc)
        table.add("transport_price", fare, "USD/t", process=net.processes[k], **where)


def _duties(table: Table, solved: Solved) -> None:
    """Duties per tonne by route and layer."""
    program = solved.program
    value = customs_value(solved)
    for duty in program.charges.duties:
        amount = duty.rate * value + duty.specific
        layer = {"instrument": duty.instrument, "policy": duty.policy}
        for place, names in arcs(program.open_arcs & (amount > 0.0), solved):
            table.add("duty", amount[place], "USD/t", **layer, **names)


def _levies(table: Table, solved: Solved) -> None:
    """Top-up levies per tonne by route and policy; zero where a covered route needs none."""
    program, state = solved.program, solved.state
    shape = program.open_arcs.shape
    levy: dict[tuple[str, str], Array] = {}
    covered: dict[tuple[str, str], BoolArray] = {}
    terms: list[tuple[TopUp | Limit, Array, BoolArray]] = [
        (t.source, (1.0 - t.source.capture) * gap[0], np.isfinite(t.reference[0]))
        for t, gap in zip(program.charges.levies, levied_gaps(program, state), strict=True)
    ]
    for m, limit in enumerate(program.limits):
        if limit.wedge in (Wedge.LEVY, Wedge.DUTY):
            mask = np.zeros(shape, dtype=bool)
            mask.ravel()[limit.acts_on_arcs] = True
            terms.append((limit, program.limit.landed[m] * state.multiplier[0, m], mask))
    for source, amount, mask in terms:
        key = source.instrument, source.policy
        levy[key] = levy.get(key, np.zeros(shape)) + amount
        covered[key] = covered.get(key, np.zeros(shape, dtype=bool)) | mask
    for (kind, policy), amount in levy.items():
        for place, names in arcs(covered[kind, policy] & program.open_arcs, solved):
            table.add("levy", amount[place], "USD/t", instrument=kind, policy=policy, **names)
    rent = seller_share(solved)
    for place, names in arcs(program.open_arcs & (rent > 0.0), solved):
        table.add("seller_rent", rent[place], "USD/t", **names)


def _limits(table: Table, solved: Solved) -> None:
    """Multipliers of policies' limits, once for each place they act on; purchases."""
    net, state = solved.program.network, solved.state
    values = multipliers(solved.program, state)[0].tolist()
    for limit, value in zip(solved.program.terms.limits, values, strict=True):
        for good, region, process in _places(limit, solved):
            more = {"good": good, "region": region, "process": process}
            more |= {"instrument": limit.instrument, "policy": limit.policy}
            table.add("multiplier", value, limit.unit, **more)
    for g, r in np.argwhere(state.purchases[0] > 0.0):
        where = {"good": net.goods[g], "region": net.regions[r]}
        table.add("purchases", state.purchases[0, g, r], "t", **where)


def _own_limits(table: Table, solved: Solved) -> None:
    """What binds without a policy: shortages, and rents of by-products' feed."""
    net, state = solved.program.network, solved.state
    short = shortage(solved.program, state)[0]
    for n in np.flatnonzero(short > 0.0):
        where = {"good": net.goods[net.demand_good[n]], "region": net.regions[net.demand_region[n]]}
        table.add("shortage", short[n], "t", **where)
    feeds = [m for m, limit in enumerate(solved.program.limits) if limit.instrument == FEED]
    for m, k in zip(feeds, net.by_products.process.tolist(), strict=True):
        main = net.goods[int(np.argmax(net.outputs[k]))]
        where = {"good": main, "region": net.regions[net.process_region[k]]}
        rent = float(state.multiplier[0, m])
        table.add("by_product_rent", rent, "USD/t", process=net.processes[k], **where)


def _places(limit: Limit, solved: Solved) -> Iterable[tuple[str, str, str | None]]:
    """Good, region and process that a limit acts on; importers where it acts on routes."""
    net = solved.program.network
    count = len(net.regions)
    if limit.acts_on_support is not None:
        support = solved.program.supports[limit.acts_on_support]
        pairs = dict.fromkeys(zip(support.process, support.good, strict=True))
        return [
            (net.goods[g], net.regions[net.process_region[k]], net.processes[k]) for k, g in pairs
        ]
    if limit.acts_on_arcs.size:
        flat = sorted({(a // count**2, a % count) for a in limit.acts_on_arcs.tolist()})
    else:
        cells = [*limit.acts_on_use[0].tolist(), *limit.acts_on_balance[0].tolist()]
        flat = [divmod(cell, count) for cell in cells]
    return [(net.goods[g], net.regions[r], None) for g, r in flat]


def _supports(table: Table, solved: Solved) -> None:
    """Marginal payments per tonne of output under guarantees; negative where handed back."""
    net = solved.program.network
    for support, at in zip(solved.program.supports, solved.state.supports, strict=True):
        for (k, g), paid in support.by_output(at.marginal[0]):
            where = {"good": net.goods[g], "region": net.regions[net.process_region[k]]}
            where |= {"process": net.processes[k]}
            where |= {"instrument": support.instrument, "policy": support.policy}
            table.add("support", paid, "USD/t", **where)
