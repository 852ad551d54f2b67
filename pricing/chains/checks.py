"""Checks of a benchmark and of assumptions before calibration; each gives a list of faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from pricing.chains.assumptions import Assumptions
from pricing.chains.network import Array, IntArray
from pricing.chains.processes import LatentProcess, Process
from pricing.chains.references import ALL
from pricing.chains.schema import Chain
from pricing.chains.tables import Rows
from pricing.errors import Fault

BALANCE_TOLERANCE = 1e-9
"""Largest relative imbalance of a benchmark [1]."""


def assumption_faults(chain: Chain, assumptions: Assumptions) -> Iterator[Fault]:
    """Names in the assumptions that the chain does not have, or that stand twice."""
    goods = [good.id for good in chain.goods]
    regions = [region.id for region in chain.regions]
    latent = [plant.id for plant in chain.latent]
    for what, field, known, names in (
        ("good", "homogeneous", goods, assumptions.homogeneous),
        ("announced plant", "latent", latent, assumptions.latent),
    ):
        for name, count in Counter(names).items():
            yield from _unknown(what, name, known, f"assumptions.{field}")
            if count > 1:
                problem = f"the {what} '{name}' stands {count} times"
                yield Fault(problem, f"assumptions.{field}", remedy="Name it once")
    yield from _parity_faults(assumptions, goods, regions)
    yield from _transshipment_faults(assumptions, goods, regions)
    yield from _demand_faults(assumptions, goods, regions)
    running = [process.id for process in chain.processes]
    running += [name for name in assumptions.latent if name in latent]
    counts = Counter(change.process for change in assumptions.capacities)
    for number, change in enumerate(assumptions.capacities):
        here = f"assumptions.capacities.{number}.process"
        yield from _unknown("process", change.process, running, here)
        if counts[change.process] > 1:
            problem = f"the capacity of '{change.process}' is set {counts[change.process]} times"
            yield Fault(problem, here, remedy="Set it once")
    elasticities, benchmarks = list(chain.elasticities), list(chain.benchmarks)
    for name in assumptions.elasticities:
        where = f"assumptions.elasticities.{name}"
        yield from _unknown("elasticity", name, elasticities, where)
    if assumptions.benchmark is not None:
        yield from _unknown("benchmark", assumptions.benchmark, benchmarks, "assumptions.benchmark")


def _unknown(what: str, name: str, known: Sequence[str], where: str) -> Iterator[Fault]:
    if name not in known:
        remedy = "Known: " + (", ".join(known) or "none")
        yield Fault(f"unknown {what} '{name}'", where, remedy=remedy)


def _parity_faults(
    assumptions: Assumptions, goods: Sequence[str], regions: Sequence[str]
) -> Iterator[Fault]:
    """Opened routes with unknown names, or that stand twice."""
    for number, row in enumerate(assumptions.parity_shares):
        here = f"assumptions.parity_shares.{number}"
        yield from _unknown("good", row.good, goods, f"{here}.good")
        yield from _unknown("region", row.origin, regions, f"{here}.origin")
        yield from _unknown("region", row.destination, regions, f"{here}.destination")
        yield from _whole_share(row.share.fraction, f"{here}.share")
    routes = [(row.good, row.origin, row.destination) for row in assumptions.parity_shares]
    for number, row in enumerate(assumptions.parity_shares):
        first = routes.index(routes[number])
        if first < number:
            here, other = (f"assumptions.parity_shares.{n}" for n in (number, first))
            problem = f"{row.good} from {row.origin} to {row.destination} stands in {other} too"
            yield Fault(problem, here, remedy="State one share for a route")


def _transshipment_faults(
    assumptions: Assumptions, goods: Sequence[str], regions: Sequence[str]
) -> Iterator[Fault]:
    """Disguised routes with unknown names, or that stand twice."""
    counts = Counter((row.good, row.origin, row.via) for row in assumptions.transshipments)
    for number, row in enumerate(assumptions.transshipments):
        here = f"assumptions.transshipments.{number}"
        yield from _unknown("good", row.good, goods, f"{here}.good")
        yield from _unknown("region", row.origin, regions, f"{here}.origin")
        yield from _unknown("region", row.via, regions, f"{here}.via")
        for name in row.destinations:
            yield from _unknown("region", name, regions, f"{here}.destinations")
        yield from _whole_share(row.share.fraction, f"{here}.share")
        if counts[row.good, row.origin, row.via] > 1:
            problem = f"{row.good} from {row.origin} via {row.via} stands twice"
            yield Fault(problem, here, remedy="List all destinations in one row")


def _demand_faults(
    assumptions: Assumptions, goods: Sequence[str], regions: Sequence[str]
) -> Iterator[Fault]:
    """Changes of demand for what does not exist, or that stand twice."""
    for number, scale in enumerate(assumptions.demand):
        here = f"assumptions.demand.{number}"
        yield from _unknown("good", scale.good, goods, f"{here}.good")
        yield from _unknown("region", scale.region, [*regions, ALL], f"{here}.region")
    for number, scale in enumerate(assumptions.demand):
        for first, other in enumerate(assumptions.demand[:number]):
            places = {scale.region, other.region}
            if scale.good == other.good and (len(places) == 1 or ALL in places):
                place = next(iter(places - {ALL}), ALL)
                where = "everywhere" if place == ALL else f"in {place}"
                problem = (
                    f"scales demand for {scale.good} {where}, as assumptions.demand.{first} does"
                )
                remedy = f"Cover it once; instead of '{ALL}' name the other regions one by one"
                yield Fault(problem, f"assumptions.demand.{number}", remedy=remedy)


def _whole_share(share: float, where: str) -> Iterator[Fault]:
    if share >= 1.0:
        problem = "a parity share of 100 % leaves nothing for others"
        yield Fault(problem, where, remedy="Use less than 100 %")


def zone_faults(chain: Chain, zones: dict[str, tuple[str, ...]]) -> Iterator[Fault]:
    """Zones with unknown members, or with a name that means something else."""
    regions = [region.id for region in chain.regions]
    for name, members in zones.items():
        if name == ALL or name in regions:
            problem = f"the zone '{name}' has the name of {'a region' if name != ALL else 'all'}"
            yield Fault(problem, f"zones.{name}", remedy="Rename the zone")
        for number, member in enumerate(members):
            yield from _unknown("region", member, regions, f"zones.{name}.{number}")


def plant_faults(active: Iterable[Process | LatentProcess]) -> Iterator[Fault]:
    """Announced plants whose parity share leaves nothing for others."""
    for plant in active:
        if isinstance(plant, LatentProcess):
            yield from _whole_share(plant.parity_share.fraction, f"latent.{plant.id}.parity_share")
            if plant.home_share is not None:
                where = f"latent.{plant.id}.home_share"
                yield from _whole_share(plant.home_share.fraction, where)


def balance_faults(
    rows: Rows, inputs: Array, outputs: Array, region: IntArray, where: str
) -> Iterator[Fault]:
    """Supply equals shipments and arrivals equal use, for every good and region."""
    made, used = np.zeros_like(rows.price), np.array(rows.use)
    for k, r in enumerate(region):
        made[:, r] += outputs[k] * rows.level[k]
        used[:, r] += inputs[k] * rows.level[k]
    for what, total, other in (
        ("output", made, rows.flow.sum(axis=2)),
        ("use", used, rows.flow.sum(axis=1)),
    ):
        gap = np.abs(total - other) / np.maximum(np.maximum(total, other), 1e-300)
        for g, r in np.argwhere(gap > BALANCE_TOLERANCE):
            yield Fault(
                f"{what} of {rows.goods[g]} in {rows.regions[r]} is {total[g, r]:.6g} t "
                f"but flows add up to {other[g, r]:.6g} t",
                where,
                remedy="Reconcile the base year first",
            )


def price_faults(rows: Rows, share: Array, where: str) -> Iterator[Fault]:
    """Every origin with sales, or with a prior share, has a price."""
    sells = (rows.flow.sum(axis=2) > 0.0) | (share > 0.0).any(axis=2)
    for g, r in np.argwhere(sells & ~(rows.price > 0.0)):
        yield Fault(
            f"{rows.goods[g]} from {rows.regions[r]} has no positive producer price",
            where,
            remedy="Add a producer_price row",
        )


def input_faults(
    active: Sequence[Process | LatentProcess],
    inputs: Array,
    region: IntArray,
    buyer_price: Array,
    rows: Rows,
) -> Iterator[Fault]:
    """Every input of a plant is bought in its region, or has a prior share and price there."""
    for k, plant in enumerate(active):
        place = "latent" if isinstance(plant, LatentProcess) else "processes"
        for g in np.flatnonzero((inputs[k] > 0.0) & ~np.isfinite(buyer_price[:, region[k]])):
            yield Fault(
                f"nobody in {plant.region} buys {rows.goods[g]}, so {plant.id} cannot get it",
                f"{place}.{plant.id}",
                remedy=f"Add prior_share rows of {rows.goods[g]} to {plant.region}",
            )


def level_faults(
    active: Sequence[Process | LatentProcess], level: Array, minimum: Array
) -> Iterator[Fault]:
    """Every benchmark level lies between the declared minimum and capacity."""
    for k, process in enumerate(active):
        if isinstance(process, LatentProcess):
            continue
        if process.capacity is not None and level[k] > process.capacity.tonnes * (1.0 + 1e-9):
            yield Fault(
                f"{process.id} makes {level[k]:.6g} t in the benchmark, above its capacity of "
                f"{process.capacity.tonnes:.6g} t",
                f"processes.{process.id}.capacity",
                remedy="Raise the capacity or reconcile the level",
            )
        if level[k] < minimum[k] * (1.0 - 1e-9):
            yield Fault(
                f"{process.id} makes {level[k]:.6g} t in the benchmark, below its minimum of "
                f"{minimum[k]:.6g} t",
                f"processes.{process.id}.minimum",
                remedy="Lower the minimum or reconcile the level",
            )
