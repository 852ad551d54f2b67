"""Transport with a price: the carriers of a route as a process without goods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pricing.chains.behaviour import Plant
from pricing.chains.curves import FlatCost, IsoelasticSupply, LinearSupply
from pricing.chains.network import Array, BoolArray, Fleet
from pricing.chains.schema import Chain
from pricing.chains.tables import TradeCosts
from pricing.economics.curves import SupplyCurves
from pricing.errors import Fault


@dataclass(frozen=True)
class Route:
    """The carriers of one route and their base year."""

    arc: tuple[int, int, int]
    """Good, origin and destination."""
    owner: int
    """Region that earns the surplus."""
    price: float
    """Base-year price of carrying a tonne [USD/t]."""
    plant: Plant
    """The carriers as a process."""


def routes(chain: Chain, costs: TradeCosts, flow: Array, used: BoolArray) -> list[Route]:
    """Carriers of every route that can be used; ``used`` is a (G, R, R) mask."""
    found = []
    for (g, i, j), (where, row) in sorted(costs.carriers.items(), key=lambda item: item[0]):
        carriers = row.carriers
        if carriers is None or not used[g, i, j]:
            continue
        names = chain.goods[g].id, chain.regions[i].id, chain.regions[j].id
        price = float(costs.freight[g, i, j])
        capacity = np.inf if carriers.capacity is None else carriers.capacity.tonnes
        plant = Plant(
            id="transport of {} from {} to {}".format(*names),
            where=where,
            declared=carriers.supply or FlatCost(kind="flat", cost=row.cost),
            level=float(flow[g, i, j]),
            margin=price,
            revenue=price,
            minimum=0.0,
            capacity=capacity,
            stated_capacity=capacity,
            mine=True,
        )
        owner = i if carriers.owner is None else costs.regions.index(carriers.owner)
        found.append(Route((g, i, j), owner, price, plant))
    return found


def route_faults(found: Sequence[Route], stated: bool) -> Iterator[Fault]:
    """Routes without base-year trade whose curve needs it, and trade beyond a capacity."""
    seen = set()
    for route in found:
        plant, curve = route.plant, route.plant.declared
        needs_point = isinstance(curve, IsoelasticSupply | LinearSupply) and curve.through is None
        if needs_point and not plant.level > 0.0 and (stated or plant.where not in seen):
            seen.add(plant.where)
            yield Fault(
                f"the {plant.id} has no base-year tonnes for its curve to pass",
                f"{plant.where}.supply",
                remedy="State 'through', or give routes without trade a row of their own",
            )
        if stated and plant.level > plant.capacity * (1.0 + 1e-9):
            yield Fault(
                f"the {plant.id} carries {plant.level:.6g} t in the benchmark, above its capacity "
                f"of {plant.capacity:.6g} t",
                f"{plant.where}.capacity",
                remedy="Raise the capacity or reconcile the flow",
            )


def fleet(found: Sequence[Route], first: int, supply: SupplyCurves, regions: int) -> Fleet:
    """Arrays of the routes; their processes start at ``first``.

    The price of a curve that rises from its first tonne never falls below that tonne's cost. With
    the same cost for every tonne it may: where nothing is carried, nobody is paid.
    """
    process = np.arange(first, first + len(found), dtype=np.intp)
    arc = [(g * regions + i) * regions + j for g, i, j in (route.arc for route in found)]
    rising = ~supply.isoelastic[process] & (supply.slope[process] > 0.0)
    return Fleet(
        process=process,
        arc=np.array(arc, dtype=np.intp),
        price=np.array([route.price for route in found]),
        floor=np.where(rising, np.maximum(supply.intercept[process], 0.0), 0.0),
    )
