"""What a chain without a base year must state: the points that its curves pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pricing.errors import Fault

if TYPE_CHECKING:
    from pricing.chains.schema import Chain, Demand

REMEDY = "Or add a benchmark"


def missing_points(chain: Chain) -> Iterator[Fault]:
    """What is missing where there is no base year to calibrate to."""
    if chain.benchmarks:
        return
    for good in chain.goods:
        if good.sourcing.law != "homogeneous":
            problem = f"without a benchmark {good.id} needs the law 'homogeneous'"
            yield Fault(problem, f"goods.{good.id}.sourcing", remedy=REMEDY)
    yield from _supply(chain)
    for number, demand in enumerate(chain.demands):
        yield from _demand(demand, f"demands.{number}.curve")


def _supply(chain: Chain) -> Iterator[Fault]:
    """Supply of plants and of transport."""
    own = {t.id: t.supply for t in chain.technologies}
    for place, plants in (("processes", chain.processes), ("latent", chain.latent)):
        for plant in plants:
            curve = plant.supply or own.get(plant.technology)
            if getattr(curve, "through", ...) is None:
                problem = f"without a benchmark the supply of {plant.id} needs 'through'"
                yield Fault(problem, f"{place}.{plant.id}.supply", remedy=REMEDY)
    routes = {"freight": [r.carriers for r in chain.freight]}
    routes["inland"] = [r.carriers for r in chain.inland]
    for place, rows in routes.items():
        for number, carriers in enumerate(rows):
            if carriers and getattr(carriers.supply, "through", ...) is None:
                problem = "without a benchmark the supply of transport needs 'through'"
                yield Fault(problem, f"{place}.{number}.carriers.supply", remedy=REMEDY)


def _demand(demand: Demand, where: str) -> Iterator[Fault]:
    """The point of a demand curve, and the other prices there."""
    if demand.curve.through is None:
        problem = f"without a benchmark demand for {demand.good} needs 'through'"
        yield Fault(problem, where, remedy=REMEDY)
    for n, cross in enumerate(getattr(demand.curve, "cross", ())):
        if cross.at is None:
            problem = f"without a benchmark the price of {cross.good} needs 'at'"
            yield Fault(problem, f"{where}.cross.{n}", remedy=REMEDY)
