"""The assumptions of a scenario in one paragraph: the usual ones, then every exception."""

from __future__ import annotations

from collections.abc import Iterator

from pricing.chains.assumptions import OWN, Assumptions, Override
from pricing.chains.curves import Expansion, Horizon
from pricing.reporting.words import cents, tonnes
from pricing.scenarios.scenario import Scenario

_EXPANSION = {
    Expansion.RISING_COST: "more of it costs more, as long-run elasticities say",
    Expansion.CONSTANT_COST: "any amount at its base-year cost",
    Expansion.NONE: "as in the base year",
}
"""How capacity adjusts -> in words."""


def assumptions_in_words(scenario: Scenario) -> str:
    """Horizon, elasticities and benchmark, and whatever else differs from the defaults."""
    chosen = scenario.document.assumptions
    benchmark = chosen.benchmark or next(iter(scenario.chain.benchmarks), OWN)
    usual = (
        f"Assumptions: {chosen.horizon} horizon, {chosen.case} elasticities, benchmark {benchmark}."
    )
    return " ".join([usual, *_behaviour(chosen), *_set_apart(chosen)])


def _behaviour(chosen: Assumptions) -> Iterator[str]:
    """How makers and buyers act, where it is not as usual."""
    if chosen.horizon is Horizon.LONG:
        yield f"Capacity: {_EXPANSION[chosen.expansion]}."
    if chosen.elasticities:
        values = (
            f"{name} {value.value.fraction:g}" if isinstance(value, Override) else f"{name} {value}"
            for name, value in chosen.elasticities.items()
        )
        yield f"Other elasticities: {', '.join(values)}."
    if chosen.homogeneous:
        yield f"Bought from the cheapest: {', '.join(chosen.homogeneous)}."


def _set_apart(chosen: Assumptions) -> Iterator[str]:
    """Whatever else was changed from the base year."""
    if chosen.latent:
        count = len(chosen.latent)
        plants = "announced plant runs" if count == 1 else "announced plants run"
        yield f"{count} {plants} in both states ({', '.join(chosen.latent)})."
    yield from _routes(chosen)
    if chosen.demand:
        changes = (f"{d.good} in {d.region} x {d.factor.fraction:g}" for d in chosen.demand)
        yield f"Demand changed: {', '.join(changes)}."
    if chosen.capacities:
        sizes = (f"{c.process} {tonnes(c.capacity.tonnes)} t" for c in chosen.capacities)
        yield f"Capacity set: {', '.join(sizes)}."
    if not chosen.existing_duties:
        yield "The duties of the base year are off."
    if chosen.year is not None:
        yield f"Policies as in force in {chosen.year}, on data of the base year."
    if chosen.cost_of_public_funds.fraction != 1.0:
        yield f"A dollar of public funds counts {chosen.cost_of_public_funds.fraction:g}."


def _routes(chosen: Assumptions) -> Iterator[str]:
    """Routes without base-year trade, open and disguised."""
    if chosen.parity_shares:
        routes = (f"{p.good} {p.origin} to {p.destination}" for p in chosen.parity_shares)
        yield f"Routes opened: {', '.join(routes)}."
    for hidden in chosen.transshipments:
        yield (
            f"Hidden origin: {hidden.good} from {hidden.origin} may be sold as {hidden.via}'s in "
            f"{', '.join(hidden.destinations)}, at {cents(hidden.evasion_cost.usd_per_tonne)} "
            "USD/kg for hiding it."
        )
