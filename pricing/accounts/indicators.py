"""Numbers that people ask for, in a tidy list, each with its value in the base."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.embodied import embodied
from pricing.accounts.regimes import Regime, regimes
from pricing.accounts.volumes import at_buyers, average_landed, zone_masks
from pricing.chains.network import Array, Network
from pricing.economics.sourcing import Law
from pricing.equilibrium.conditions import State
from pricing.equilibrium.program import Program
from pricing.equilibrium.rationing import bought

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
class Indicator:
    """One indicator; a missing number is None."""

    name: str
    """Name of the indicator."""
    good: str
    """Good; empty for all or none."""
    region: str
    """Region, zone or ``world``."""
    detail: str
    """Upstream good, or instrument with its policy; empty for none."""
    partner: str
    """Region that ``value`` is about (top supplier in the scenario); empty for none."""
    value: float | None
    """Value in the scenario, in ``unit``."""
    unit: str
    """``USD/t``, ``t``, ``USD`` or ``1``."""
    base: float | None
    """Value in the base; zero for changes; None where it means nothing."""


Entry = tuple[Key, float, str, str]
"""Key, value, unit, partner."""


def indicators(books: Books) -> tuple[Indicator, ...]:
    """All indicators of the first scenario."""
    found: list[Indicator] = []
    for table in (_prices, _outputs, _dependence, _embodied, _money):
        found += _against_base(books, table)
    found += _changes(books)
    found += _pass_through(books)
    return tuple(found)


def _against_base(
    books: Books, table: Callable[[Books, Program, State], Iterator[Entry]]
) -> list[Indicator]:
    """The same numbers for the scenario and the base, side by side."""
    now = {entry[0]: entry for entry in table(books, books.program, books.state)}
    before = {entry[0]: entry for entry in table(books, books.base_program, books.base)}
    rows = []
    for key in {**now, **before}:
        _, value, unit, partner = now.get(key, (key, None, before.get(key, ("",) * 4)[2], ""))
        base = before[key][1] if key in before else None
        rows.append(
            Indicator(key.name, key.good, key.region, key.detail, partner, value, unit, base)
        )
    return rows


def _areas(program: Program) -> dict[str, Array]:
    """Zones and the world as (R,) masks."""
    return {**zone_masks(program), "world": program.network.setting.proper.astype(float)}


def _singles(program: Program) -> dict[str, Array]:
    """Every region as an (R,) mask."""
    regions = program.network.regions
    return dict(zip(regions, np.eye(len(regions)), strict=True))


def internal_price(program: Program, state: State, good: int, mask: Array) -> float | None:
    """Ex-works price of a group, weighted by benchmark output; None without output [USD/t]."""
    weight = program.network.setting.benchmark_output[good] * mask
    if weight.sum() <= 0.0:
        return None
    return float(weight @ state.price[0, good] / weight.sum())


def _local_elasticity(network: Network, good: int, price: float, region: int) -> float:
    """Elasticity of sourcing at a price; ``inf`` where every buyer takes the cheapest [1]."""
    if network.law[good] is Law.LOGIT:
        return float(network.theta[good, region] * price)
    return float(network.sigma[good])


def _prices(books: Books, program: Program, state: State) -> Iterator[Entry]:
    """Ex-works, landed and index prices; what is charged inside zones and outside."""
    network = program.network
    average = average_landed(state)[0]
    for g, good in enumerate(network.goods):
        for r in np.flatnonzero(state.use[0, g] > 0.0):
            region = network.regions[r]
            yield Key("buyer_price", good, region), float(average[g, r]), "USD/t", ""
            yield Key("price_index", good, region), float(state.index[0, g, r]), "USD/t", ""
            local = _local_elasticity(network, g, float(average[g, r]), int(r))
            if np.isfinite(local):
                yield Key("local_sourcing_elasticity", good, region), local, "1", ""
        for zone, mask in _areas(program).items():
            inside = internal_price(program, state, g, mask)
            outside = internal_price(program, state, g, 1.0 - mask)
            use = state.use[0, g] * mask
            if inside is not None:
                yield Key("internal_price", good, zone), inside, "USD/t", ""
            if inside is not None and outside is not None:
                yield Key("outside_price", good, zone), outside, "USD/t", ""
                yield Key("price_gap", good, zone), inside - outside, "USD/t", ""
            if use.sum() > 0.0:
                paid = float(use @ average[g] / use.sum())
                yield Key("buyer_price", good, zone), paid, "USD/t", ""


def _outputs(books: Books, program: Program, state: State) -> Iterator[Entry]:
    """Output, use, self-sufficiency and concentration of output."""
    network = program.network
    for g, good in enumerate(network.goods):
        output, use = state.output[0, g], state.use[0, g]
        for area, mask in _areas(program).items():
            made, used = float(output @ mask), float(use @ mask)
            yield Key("output", good, area), made, "t", ""
            yield Key("use", good, area), used, "t", ""
            if used > 0.0 and area != "world":
                yield Key("self_sufficiency", good, area), made / used, "1", ""
        made_here = output * network.setting.proper
        if made_here.sum() > 0.0:
            share = made_here / made_here.sum()
            top = int(np.argmax(share))
            index = float(share @ share)
            yield Key("output_herfindahl", good, "world"), index, "1", network.regions[top]


def _dependence(books: Books, program: Program, state: State) -> Iterator[Entry]:
    """Import dependence, the largest foreign supplier, and concentration of supply."""
    network = program.network
    groups = _singles(program)
    for g, good in enumerate(network.goods):
        for area, mask in {**groups, **zone_masks(program)}.items():
            arrivals = state.flow[0, g] @ mask
            total = float(arrivals.sum())
            if total <= 0.0:
                continue
            share = arrivals / total
            foreign = share * (1.0 - mask)
            top = int(np.argmax(foreign))
            name = network.regions[top] if foreign[top] > 0.0 else ""
            yield Key("import_dependence", good, area), float(foreign.sum()), "1", ""
            yield Key("top_supplier_share", good, area), float(foreign[top]), "1", name
            yield Key("supply_herfindahl", good, area), float(share @ share), "1", ""
            if network.relays.any():
                true = network.under_true_origins(foreign)
                top = int(np.argmax(true))
                yield (
                    Key("true_top_supplier_share", good, area),
                    float(true[top]),
                    "1",
                    (network.regions[top] if true[top] > 0.0 else ""),
                )


def _embodied(books: Books, program: Program, state: State) -> Iterator[Entry]:
    """Origins of upstream goods inside what a region or zone uses.

    The largest maker of each upstream good is the one of the base, so that the number follows
    one region through both solutions.
    """
    network = program.network
    content = embodied(network, state)
    largest = (books.base.output[0] * network.setting.proper).argmax(axis=1)
    for g, good in enumerate(network.goods):
        use = state.use[0, g]
        groups = {network.regions[r]: use * (np.arange(use.size) == r) for r in range(use.size)}
        groups |= {zone: use * mask for zone, mask in zone_masks(program).items()}
        for h, upstream in enumerate(network.goods):
            if g == h or content[g, h].sum() <= 0.0:
                continue
            for area, weight in groups.items():
                tonnes = weight @ content[g, h]
                if tonnes.sum() <= 0.0:
                    continue
                share = tonnes / tonnes.sum()
                top, maker = int(np.argmax(share)), int(largest[h])
                for name, r in (("embodied_top_share", top), ("embodied_largest_maker", maker)):
                    key = Key(name, good, area, upstream)
                    yield key, float(share[r]), "1", network.regions[r]


def _money(books: Books, program: Program, state: State) -> Iterator[Entry]:
    """Treasuries by instrument, outlays of guarantees and levy revenue."""
    ledger = books.ledger if state is books.state else books.base_ledger
    lines = ledger.treasuries()
    guarantees = {support.policy for support in program.supports}
    levies = {levy.source.policy for levy in program.levies}
    levies |= {m.policy for m in program.limits if m.wedge is not None and m.wedge.value == "levy"}
    groups = _singles(program)
    for area, mask in {**groups, **_areas(program)}.items():
        totals = {key: float(line[0] @ mask) for key, line in lines.items()}
        for (instrument, policy), amount in totals.items():
            if area == "world" or amount != 0.0:
                detail = f"{instrument}:{policy}" if policy else instrument
                yield Key("treasury", "", area, detail), amount, "USD", ""
        outlay = -sum(v for (_, policy), v in totals.items() if policy in guarantees)
        revenue = sum(v for (_, policy), v in totals.items() if policy in levies)
        yield Key("guarantee_outlay", "", area), outlay, "USD", ""
        yield Key("levy_revenue", "", area), revenue, "USD", ""


def _moved(books: Books) -> list[int]:
    """Goods on which some policy bites somewhere: a wedge, limit or payment that is not slack."""
    goods = books.program.network.goods
    at_work = {row.good for row in regimes(books) if row.regime is not Regime.SLACK}
    return [g for g, good in enumerate(goods) if good in at_work]


def _changes(books: Books) -> Iterator[Indicator]:
    """Who gains and loses, and what an extra tonne in a zone costs.

    The costs are those of all policies together, so that they belong to the tonnes of a good only
    where all policies that bite act on this one good; elsewhere there are none.
    """
    network, agents = books.program.network, books.agents
    parts = {
        "consumer_cost": -agents.users_by_region[0],
        "producer_surplus_change": agents.processes_by_region[0],
        "exporter_rent_change": agents.exporters[0],
        "licence_rent_change": agents.licence_holders[0],
        "treasury_change": agents.treasuries[0],
        "net_welfare": agents.net_welfare[0],
    }
    groups = _singles(books.program)
    for area, mask in {**groups, **_areas(books.program)}.items():
        for name, values in parts.items():
            yield Indicator(name, "", area, "", "", float(values @ mask), "USD", 0.0)
    loss = -float(parts["net_welfare"].sum())
    yield Indicator("deadweight_loss", "", "world", "", "", loss, "USD", 0.0)
    moved = _moved(books)
    for zone, mask in zone_masks(books.program).items():
        for g in moved if len(moved) == 1 else ():
            good = network.goods[g]
            before = float(books.base.output[0, g] @ mask)
            extra = float(books.state.output[0, g] @ mask) - before
            costs = {
                "fiscal_cost_per_extra_tonne": -float(parts["treasury_change"] @ mask),
                "buyers_cost_per_extra_tonne": float(parts["consumer_cost"] @ mask),
            }
            for name, cost in costs.items():
                worth = extra > NEGLIGIBLE * max(before, 1.0)
                value = cost / extra if worth else None
                yield Indicator(name, good, zone, "", "", value, "USD/t", None)


def _pass_through(books: Books) -> Iterator[Indicator]:
    """How much of a price rise at a stage reaches the last buyers of a zone.

    Change of what last buyers pay per tonne, over the change of the zone's internal price of the
    upstream good times the tonnes of it in one tonne bought (base content). The good itself counts.
    Only where no policy acts on another good on the way: neither on the good bought, nor on
    anything in it that is not upstream of the upstream good.
    """
    moved = _moved(books)
    program, network = books.program, books.program.network
    content = embodied(network, books.base).sum(axis=3)
    tonnes = bought(books.base_program, books.base)[0]
    average = [at_buyers(program, average_landed(s))[0] for s in (books.state, books.base)]
    for zone, mask in zone_masks(program).items():
        weight = tonnes * mask[network.demand_region]
        for g in np.unique(network.demand_good):
            share = weight * (network.demand_good == g)
            if share.sum() <= 0.0:
                continue
            share = share / share.sum()
            rise = float(share @ (average[0] - average[1]))
            for h in np.flatnonzero(content[g].sum(axis=1) > 0.0).tolist():
                inner_goods, outer = content[h].sum(axis=1) > 0.0, content[g].sum(axis=1) > 0.0
                if any(m != h and outer[m] and not inner_goods[m] for m in moved):
                    continue
                inside = [internal_price(program, s, h, mask) for s in (books.state, books.base)]
                if inside[0] is None or inside[1] is None:
                    continue
                inner = float(share @ content[g, h][network.demand_region])
                cause = inner * (inside[0] - inside[1])
                worth = abs(cause) > NEGLIGIBLE * inner * abs(inside[1])
                value = rise / cause if worth else None
                goods = network.goods
                yield Indicator("pass_through", goods[g], zone, goods[h], "", value, "1", None)
