"""An edit: a scenario in, another checked scenario out, or every fault at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pricing.core.sources import Grade, Source, source_keys
from pricing.equilibrium.build import scenario_faults
from pricing.errors import Fault, InputError
from pricing.scenarios.scenario import Scenario, plain

Place = tuple[str, ...]
"""Where something stands: keys from the top; an item of a list by its ``id``."""

OWN_CHOICE = "own_choice"
"""Key of the source of numbers that a reader chooses while exploring."""
OWN_CHOICE_SOURCE = Source(
    text="Chosen by the author of this scenario",
    date="2026",
    grade=Grade.ILLUSTRATIVE,
    derivation="Set while exploring; nobody has published it",
)
"""What such a number says of itself until a better source is named."""


def amend(scenario: Scenario, changes: Mapping[Place, Any]) -> Scenario:
    """A copy with plain values put at some places, checked down to the last name.

    A number that names :data:`OWN_CHOICE` as its source brings that source along; it goes again
    with the last number that names it.

    Parameters
    ----------
    changes : mapping
        Place -> plain value; None removes what stands there.

    Raises
    ------
    InputError
        With every fault.

    Examples
    --------
    >>> import pricing
    >>> base = pricing.load_scenario("forge_oxide_only")
    >>> off = pricing.amend(base, {("policies", "oxide", "active"): False})
    >>> off.document.policies[0].active
    False
    """
    data = scenario.data()
    for place, value in changes.items():
        if not isinstance(place, tuple) or not place:
            problem = f"{place!r} is no place in a scenario"
            remedy = "Write ('policies', 'floor', 'active')"
            raise InputError([Fault(problem, "changes", remedy=remedy)])
        put(data, place, plain(value))
    _keep_own_source(data, stated=OWN_CHOICE in scenario.document.sources)
    return check(scenario.with_data(data, scenario_faults))


def check(scenario: Scenario) -> Scenario:
    """The scenario itself, once every name in it has been found in its chain.

    Raises
    ------
    InputError
        With every fault.
    """
    faults = scenario_faults(scenario.chain, scenario.document)
    if faults:
        raise InputError(faults)
    return scenario


def value_at(data: Any, place: Place) -> Any:
    """Plain value at a place; None where there is nothing."""
    for part in place:
        if isinstance(data, list):
            data = next((item for item in data if _id(item) == part), None)
        elif isinstance(data, dict):
            data = data.get(part)
        else:
            return None
    return data


def put(data: Any, place: Place, value: Any) -> None:
    """Set or remove what stands at a place; an item of a list keeps its position."""
    *above, last = place
    for part in above:
        data = data.setdefault(part, {}) if isinstance(data, dict) else value_at(data, (part,))
    if isinstance(data, list):
        at = next((n for n, item in enumerate(data) if _id(item) == last), len(data))
        data[at : at + 1] = [] if value is None else [value]
    elif value is None:
        data.pop(last, None)
    else:
        data[last] = value


def faults_below(
    faults: Iterable[Fault], places: tuple[str, ...]
) -> tuple[dict[str, list[Fault]], list[Fault]]:
    """Faults at one of some dotted places, by the path from there; and all others."""
    here: dict[str, list[Fault]] = {}
    others = []
    for fault in faults:
        for place in places:
            if fault.field == place or fault.field.startswith(f"{place}."):
                here.setdefault(fault.field[len(place) + 1 :], []).append(fault)
                break
        else:
            others.append(fault)
    return here, others


def _keep_own_source(data: dict[str, Any], stated: bool) -> None:
    """Add the source of own numbers where one needs it, and take it away with the last."""
    rest = {key: value for key, value in data.items() if key != "sources"}
    needed = any(key == OWN_CHOICE for key, _ in source_keys(rest))
    sources = data.setdefault("sources", {})
    if needed and OWN_CHOICE not in sources:
        sources[OWN_CHOICE] = OWN_CHOICE_SOURCE.model_dump(mode="json", exclude_none=True)
    elif stated and not needed:
        del sources[OWN_CHOICE]


def _id(item: Any) -> Any:
    return item.get("id") if isinstance(item, dict) else None
