"""Goods that pass through a third country and are sold as its own.

A disguised route is one more origin, written as a place of its own: ``China via Vietnam`` buys from
China what Vietnam lets in, sells it on under Vietnam's name, and makes nothing. At every border it
is treated as Vietnam is; hiding costs money on the way out, which nobody receives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pricing.chains.assumptions import Assumptions
from pricing.chains.behaviour import Plant
from pricing.chains.curves import FlatCost
from pricing.chains.network import Array, BoolArray, IntArray
from pricing.chains.schema import Armington, Chain
from pricing.chains.tables import Rows, TradeCosts
from pricing.core.quantities import Price
from pricing.errors import Fault

FREE = FlatCost(kind="flat", cost=Price(value=0.0, unit="USD/t"))
"""Passing through makes nothing and costs nothing: hiding is paid for on the route out."""


@dataclass(frozen=True)
class Disguise:
    """One good of one origin under the name of one third country."""

    good: int
    """Good."""
    place: int
    """The place that stands for origin and third country together."""
    origin: int
    """Where it is made."""
    via: int
    """Whose name it carries."""
    destinations: IntArray
    """Where it goes."""
    share: float
    """Parity share [1]."""
    cost: float
    """What hiding a tonne costs [USD/t]."""
    most: float
    """Most tonnes: stated, or base-year trade of the third country [t]."""
    name: str
    """What the process is called."""


def places(chain: Chain, assumptions: Assumptions) -> list[tuple[int, int]]:
    """Origin and third country of every place that disguised routes add, in order."""
    regions = [region.id for region in chain.regions]
    pairs = dict.fromkeys((row.origin, row.via) for row in assumptions.transshipments)
    return [(regions.index(origin), regions.index(via)) for origin, via in pairs]


def disguises(
    chain: Chain, assumptions: Assumptions, added: Sequence[tuple[int, int]], flow: Array
) -> list[Disguise]:
    """Every disguised good; ``flow`` (G, R, R) is base-year trade without the added places."""
    goods = [good.id for good in chain.goods]
    regions = [region.id for region in chain.regions]
    found = []
    for row in assumptions.transshipments:
        g, i, k = goods.index(row.good), regions.index(row.origin), regions.index(row.via)
        trade = flow[g, k].sum() + flow[g, :, k].sum() - 2.0 * flow[g, k, k]
        found.append(
            Disguise(
                good=g,
                place=len(regions) + list(added).index((i, k)),
                origin=i,
                via=k,
                destinations=np.array([regions.index(name) for name in row.destinations]),
                share=row.share.fraction,
                cost=row.evasion_cost.usd_per_tonne,
                most=float(trade) if row.most is None else row.most.tonnes,
                name=f"{row.good} from {row.origin} via {row.via}",
            )
        )
    return found


def disguise_faults(chain: Chain, found: Sequence[Disguise], share: Array) -> Iterator[Fault]:
    """Routes that cannot be disguised; ``share`` (G, R, R) are base-year shares by origin."""
    used = share.sum(axis=1) > 0.0
    names = [region.id for region in chain.regions]
    counts = Counter((route.good, route.via) for route in found)
    for number, route in enumerate(found):
        where, good = f"assumptions.transshipments.{number}", chain.goods[route.good]
        ends = (route.origin, route.via, *route.destinations.tolist())
        if len(set(ends)) < len(ends):
            problem = "origin, third country and destinations must be different regions"
            yield Fault(problem, where, remedy="Name each region once")
        if counts[route.good, route.via] > 1:
            yield Fault(
                f"{good.id} is disguised through {names[route.via]} twice: its trade would bound "
                "each of them alone",
                where,
                remedy="Keep one origin for each good and third country",
            )
        if isinstance(good.sourcing, Armington):
            problem = f"{good.id} is bought by armington: its composites are not tonnes"
            yield Fault(problem, f"{where}.good", remedy="Use logit or homogeneous")
        if not route.most > 0.0:
            yield Fault(
                f"{names[route.via]} has no base-year trade in {good.id} to hide behind",
                f"{where}.most",
                remedy="State 'most', or name another third country",
            )
        for j in route.destinations:
            if not used[route.good, j]:
                problem = f"nobody in {names[j]} buys {good.id} in the base year"
                yield Fault(problem, f"{where}.destinations", remedy="Leave it out")


def behind(regions: int, added: Sequence[tuple[int, int]]) -> tuple[IntArray, IntArray]:
    """(R,) true origin of each place, and the region whose name it carries; itself for regions."""
    true, name = np.arange(regions + len(added)), np.arange(regions + len(added))
    for n, (origin, via) in enumerate(added):
        true[regions + n], name[regions + n] = origin, via
    return true, name


def mirror(costs: TradeCosts, name: IntArray) -> None:
    """Give added places the trade costs and duties of the countries whose names they carry."""
    costs.freight, costs.insurance, costs.export_vat = (
        array[:, name][:, :, name] for array in (costs.freight, costs.insurance, costs.export_vat)
    )
    costs.export_vat[:, len(costs.regions) :] = 0.0  # not made there: no tax to refund
    costs.customs_fob = costs.customs_fob[name]
    costs.border = costs.border[name][:, name]
    costs.duties = tuple(duty.over(name) for duty in costs.duties)


def fill(rows: Rows, costs: TradeCosts, found: Sequence[Disguise]) -> None:
    """One supplier for every added place, and what the good costs there."""
    for route in found:
        rows.prior[route.good, route.origin, route.place] = 1.0
    landed = costs.landed(rows.price)
    for route in found:
        rows.price[route.good, route.place] = landed[route.good, route.origin, route.place]


def open_routes(found: Sequence[Disguise], shape: tuple[int, ...], regions: int) -> BoolArray:
    """(G, R, R) routes that exist: all between regions, and those of disguised goods."""
    kept = np.zeros(shape, dtype=bool)
    kept[:, :regions, :regions] = True
    for route in found:
        kept[route.good, route.origin, route.place] = True
        kept[route.good, route.place, route.destinations] = True
    return kept


def evasion(found: Sequence[Disguise], shape: tuple[int, ...]) -> Array:
    """(G, R, R) what hiding costs on the way out [USD/t]."""
    cost = np.zeros(shape)
    for route in found:
        cost[route.good, route.place, route.destinations] = route.cost
    return cost


def passages(
    found: Sequence[Disguise], rows: Rows, inputs: Array, outputs: Array, region: IntArray
) -> tuple[list[Plant], Array, Array, IntArray]:
    """Passages as processes after all others: one tonne in, the same tonne out."""
    plants = [_passage(route, float(rows.price[route.good, route.place])) for route in found]
    passed = np.eye(inputs.shape[1])[[route.good for route in found]]
    places_of = np.array([route.place for route in found], dtype=np.intp)
    inputs, outputs = np.vstack([inputs, passed]), np.vstack([outputs, passed])
    return plants, inputs, outputs, np.append(region, places_of)


def _passage(route: Disguise, price: float) -> Plant:
    return Plant(
        id=route.name,
        where="assumptions.transshipments",
        declared=FREE,
        level=0.0,
        margin=0.0,
        revenue=price,
        minimum=0.0,
        capacity=route.most,
        stated_capacity=route.most,
        mine=False,
    )
