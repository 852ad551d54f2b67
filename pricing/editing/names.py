"""Every name that a scenario may refer to, by what it names, with words for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pricing.chains.references import ALL
from pricing.core.declared import Names
from pricing.core.sources import Source
from pricing.editing.edits import OWN_CHOICE, OWN_CHOICE_SOURCE
from pricing.instruments import Tariff
from pricing.scenarios.scenario import Scenario


def known_names(scenario: Scenario, what: Names) -> dict[str, str]:
    """Name -> what people read, in the order of the chain.

    Examples
    --------
    >>> import pricing
    >>> from pricing.core.declared import Names
    >>> list(known_names(pricing.load_scenario("baseline"), Names.GOOD))
    ['concentrate', 'oxide', 'metal', 'magnet']
    """
    return _KNOWN[what](scenario)


def _goods(scenario: Scenario) -> dict[str, str]:
    return {good.id: f"{good.label} ({good.id})" for good in scenario.chain.goods}


def _regions(scenario: Scenario) -> dict[str, str]:
    return {region.id: region.id for region in scenario.chain.regions}


def _anywhere(scenario: Scenario) -> dict[str, str]:
    return {ALL: "every region"} | _regions(scenario)


def _places(scenario: Scenario) -> dict[str, str]:
    zones = {
        name: f"zone {name}: {', '.join(members)}"
        for name, members in scenario.document.zones.items()
    }
    return zones | _anywhere(scenario)


def _processes(scenario: Scenario) -> dict[str, str]:
    labels = {t.id: t.label for t in scenario.chain.technologies}
    made = {}
    for p in scenario.chain.processes:
        size = f": {p.capacity.tonnes:,.0f} t/yr" if p.capacity else ""
        made[p.id] = f"{labels[p.technology]}, {p.region}{size}"
    on = scenario.document.assumptions.latent
    return made | {p.id: p.label for p in scenario.chain.latent if p.id in on}


def _plants(scenario: Scenario) -> dict[str, str]:
    return {
        plant.id: f"{plant.label}, {plant.region}: {plant.capacity.tonnes:,.0f} t/yr"
        for plant in scenario.chain.latent
    }


def _layers(scenario: Scenario) -> dict[str, str]:
    stated = {duty.layer: f"{duty.layer} (base year)" for duty in scenario.chain.duties}
    tariffs = [p for p in scenario.document.policies if isinstance(p, Tariff)]
    return stated | {tariff.id: f"tariff {tariff.id}" for tariff in tariffs}


def _benchmarks(scenario: Scenario) -> dict[str, str]:
    return {name: f"{name}: {b.title}" for name, b in scenario.chain.benchmarks.items()}


def _elasticities(scenario: Scenario) -> dict[str, str]:
    return {name: name.replace("_", " ") for name in scenario.chain.elasticities}


def _sources(scenario: Scenario) -> dict[str, str]:
    listed: Mapping[str, Source] = {OWN_CHOICE: OWN_CHOICE_SOURCE, **scenario.document.sources}
    return {key: f"{source.text} ({source.grade})" for key, source in listed.items()}


_KNOWN: dict[Names, Callable[[Scenario], dict[str, str]]] = {
    Names.GOOD: _goods,
    Names.REGION: _regions,
    Names.PLACE: _places,
    Names.ANYWHERE: _anywhere,
    Names.PROCESS: _processes,
    Names.PLANT: _plants,
    Names.LAYER: _layers,
    Names.BENCHMARK: _benchmarks,
    Names.ELASTICITY: _elasticities,
    Names.SOURCE: _sources,
    Names.OWN: lambda _: {},
}
