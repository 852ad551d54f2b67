"""The numbers of a scenario that a slider may move, with label, unit, help, range and bands."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pricing.core.declared import Names
from pricing.core.quantities import Ratio
from pricing.editing.bands import Band, band_at, bands_of, base_year_of
from pricing.editing.edits import OWN_CHOICE, Place, amend, value_at
from pricing.editing.forms import policy_forms
from pricing.editing.parts import Amount, Field, Group, Name, OneOf, Part, Table
from pricing.scenarios.scenario import Scenario

REACH = 3.0
"""A slider reaches this multiple of the number in the file [1]."""
MOST = 1e307
"""No slider goes beyond: of a step more there would be no number."""
STEPS = 200
"""About as many steps from one end to the other."""


@dataclass(frozen=True)
class Lever:
    """One number of a policy."""

    place: Place
    """Where it stands."""
    policy: str
    """Policy that it belongs to, as people call it."""
    label: str
    """What it is, in words."""
    help: str
    """Text of the schema."""
    value: float
    """Number in the file, in ``unit``."""
    unit: str
    """Unit of the file."""
    high: float
    """Upper end of the slider; the lower end is zero."""
    step: float
    """Step of the slider."""
    bands: tuple[Band, ...]
    """Named stretches of the scale."""
    default: float | None
    """What the schema says where a file says nothing, in ``unit``; None where it must be said."""
    source: str
    """Who says so."""

    @property
    def path(self) -> str:
        """Dotted path for :meth:`pricing.Scenario.but`."""
        return ".".join(self.place)

    @property
    def band(self) -> str:
        """Name of the band that the number lies in; empty where there is none."""
        found = band_at(self.bands, self.value)
        return found.name if found else ""


def levers(scenario: Scenario) -> tuple[Lever, ...]:
    """Every number with a unit of every active policy, in the order of the file.

    Examples
    --------
    >>> import pricing
    >>> [lever.label for lever in pricing.levers(pricing.load_scenario("forge_oxide_only"))]
    ['Price: oxide', 'Rent capture']
    """
    forms = policy_forms()
    return tuple(
        lever
        for policy in scenario.data().get("policies", [])
        if policy["active"]
        for lever in _Walk(scenario, policy).below(
            forms[policy["kind"]].group, policy, ("policies", policy["id"]), None
        )
    )


def move(scenario: Scenario, opened: Scenario, lever: Lever, value: float) -> Scenario:
    """The scenario with one number moved.

    A number that is back where it was opened is the opened one again, with its source; any other
    says that the author of the scenario chose it.

    Raises
    ------
    InputError
        If the scenario cannot have this number.
    """
    before = value_at(opened.data(), lever.place)
    if isinstance(before, dict) and (before["value"], before["unit"]) == (value, lever.unit):
        return amend(scenario, {lever.place: before})
    here = value_at(scenario.data(), lever.place)
    kept = {key: here[key] for key in ("unit", "basis") if key in here}
    return amend(scenario, {lever.place: {"value": value, **kept, "source": OWN_CHOICE}})


class _Walk:
    """Levers of one policy."""

    def __init__(self, scenario: Scenario, policy: Mapping[str, Any]) -> None:
        self.scenario = scenario
        self.called = policy.get("label") or policy["id"]
        self.source = policy["source"]

    def below(
        self, part: Part, data: Any, place: Place, good: str | None, field: Field | None = None
    ) -> Iterator[Lever]:
        """Levers at a place and below; ``field`` is what it stands in, ``good`` what it prices.

        None where the file leaves the place out.
        """
        if data is None:
            return
        match part:
            case Amount() if field is not None:
                yield self._lever(part, data, place, good, field)
            case Group():
                good = _good(part, data) or good
                for inner in part.fields:
                    found = data.get(inner.name)
                    yield from self.below(inner.part, found, (*place, inner.name), good, inner)
            case OneOf():
                tags = [option.value for option in part.options]
                group = part.groups[tags.index(data[part.tag])]
                yield from self.below(group, data, place, good)
            case Table():
                for key, inner in data.items():
                    own = key if part.of is Names.GOOD else good
                    yield from self.below(part.each, inner, (*place, key), own, field)

    def _lever(
        self, part: Amount, data: dict[str, Any], place: Place, good: str | None, field: Field
    ) -> Lever:
        unit, document = data["unit"], self.scenario.document
        base = good and base_year_of(self.scenario.chain, document.assumptions.benchmark, good)
        stated = document.sources.get(data.get("source", self.source))
        return Lever(
            place,
            self.called,
            _label(field, place, good),
            field.help,
            data["value"],
            unit,
            *_range(part, data["value"], unit),
            bands_of(part.quantity, unit, base or None, part.scaled),
            _default(part, field, unit),
            f"{stated.text} ({stated.grade}, {stated.date})" if stated else "",
        )


def _label(field: Field, place: Place, good: str | None) -> str:
    """The field, and the name of the entry in a table or of the good that it is about."""
    if place[-1] != field.name:
        return f"{field.label.rstrip('s')}: {place[-1]}"
    return f"{field.label}: {good}" if good else field.label


def _good(group: Group, data: Mapping[str, Any]) -> str | None:
    """The good that a group is about."""
    for field in group.fields:
        if isinstance(field.part, Name) and field.part.of is Names.GOOD:
            found = data.get(field.name)
            return found if isinstance(found, str) else None
    return None


def _range(part: Amount, value: float, unit: str) -> tuple[float, float]:
    """Upper end and step of the slider."""
    high = min(REACH * value, MOST) if value > 0.0 else 1.0
    if issubclass(part.quantity, Ratio):
        high = max(high, 1.0 / part.quantity.factors[unit])
    high = min(high, part.high.get(unit, math.inf))
    step = 10.0 ** math.floor(math.log10(high / STEPS))
    step *= next(m for m in (1.0, 2.0, 5.0, 10.0) if high / (m * step) <= STEPS)
    return step * math.ceil(high / step - 1e-9), step


def _default(part: Amount, field: Field, unit: str) -> float | None:
    """Default of the schema in the unit of the file."""
    if not isinstance(field.default, dict) or "unit" not in field.default:
        return None
    factors = part.quantity.factors
    return float(field.default["value"] * factors[field.default["unit"]] / factors[unit])


__all__ = ["Lever", "levers", "move"]
