"""The elasticities that a network uses, under the assumptions of a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pricing.chains.assumptions import Assumptions, Override
from pricing.chains.crossing import crossed
from pricing.chains.curves import Case, Horizon
from pricing.chains.laws import elasticity_name
from pricing.chains.processes import LatentProcess, Process
from pricing.chains.schema import Chain
from pricing.errors import Fault

SMALLEST_ELASTICITY = 1e-3
"""Smaller elasticities are refused: write a fixed curve instead of an almost fixed one [1]."""


def chosen(
    chain: Chain, active: Sequence[Process | LatentProcess], assumptions: Assumptions
) -> dict[str, float]:
    """Name -> value of every elasticity that the chain or the assumptions use [1]."""
    technologies = {technology.id: technology for technology in chain.technologies}
    owners = [*active, *(technologies[process.technology] for process in active)]
    used = [getattr(owner.supply, "elasticity", None) for owner in owners]
    used += [elasticity_name(good) for good in chain.goods]
    used += [getattr(demand.curve, "elasticity", None) for demand in chain.demands]
    used += [cross.elasticity for _, _, cross in crossed(chain)]
    used += [t.substitution.elasticity for t in chain.technologies if t.substitution]
    carriers = [row.carriers for row in chain.freight] + [row.carriers for row in chain.inland]
    used += [getattr(own.supply, "elasticity", None) for own in carriers if own]
    given, values = assumptions.elasticities, dict[str, float]()
    for name in dict.fromkeys(name for name in [*used, *given] if name is not None):
        choice = given.get(name, assumptions.case)
        if isinstance(choice, Override):
            values[name] = choice.value.fraction
        else:
            stated = chain.elasticities[name]
            values[name] = stated.value(assumptions.horizon, Case(choice))
    return values


def at_fixed_capacity(
    chain: Chain, assumptions: Assumptions, values: dict[str, float]
) -> tuple[dict[str, float], list[Fault]]:
    """The same at fixed capacity: of the short run, and never above the long run's [1]."""
    if assumptions.horizon is not Horizon.LONG:
        return values, []
    stated, given = chain.elasticities, assumptions.elasticities
    short = {}
    for name in (n for n in values if stated[n].of in ("output_price", "margin")):
        choice = given.get(name)
        case = choice if isinstance(choice, Case) else assumptions.case
        short[name] = stated[name].value(Horizon.SHORT, case)
    found = values | {name: min(values[name], value) for name, value in short.items()}
    return found, list(smallest_faults(assumptions, short, "at fixed capacity"))


def of_the_base_year(chain: Chain, assumptions: Assumptions) -> Assumptions:
    """Assumptions of the short horizon, under which a chain without a base year finds its own.

    A value that a scenario sets for the long run holds in the short one up to the chain's own.
    """
    if assumptions.horizon is not Horizon.LONG:
        return assumptions
    stated, given = chain.elasticities, dict(assumptions.elasticities)
    for name, choice in assumptions.elasticities.items():
        own = stated[name].value(Horizon.SHORT, assumptions.case) if name in stated else np.inf
        if isinstance(choice, Override) and choice.value.fraction > own:
            del given[name]
    return assumptions.revised(horizon=Horizon.SHORT, elasticities=given)


def smallest_faults(
    assumptions: Assumptions, values: dict[str, float], when: str = ""
) -> Iterator[Fault]:
    """Elasticities too small to be told from none."""
    for name, value in values.items():
        if value < SMALLEST_ELASTICITY:
            where = "assumptions." * (name in assumptions.elasticities)
            problem = f"elasticity '{name}' is {value:g} {when}".rstrip()
            remedy = f"Use at least {SMALLEST_ELASTICITY:g}"
            yield Fault(problem, f"{where}elasticities.{name}", remedy=remedy)
