"""The numbers of a scenario that a slider may move, with label, unit, help and range."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pricing.core.declared import Declared
from pricing.core.quantities import Quantity, Rate, Ratio, Share
from pricing.instruments.policy import Policy
from pricing.scenarios.scenario import Scenario

REACH = 3.0
"""A slider reaches this multiple of the number in the file [1]."""
STEPS = 200
"""About as many steps from one end to the other."""


@dataclass(frozen=True)
class Lever:
    """One number of a policy."""

    path: str
    """Dotted path for :meth:`pricing.Scenario.but`."""
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

    def written(self, value: float) -> str:
        """The number as it stands in a file."""
        return f"{value!r} {self.unit}"


def levers(scenario: Scenario) -> tuple[Lever, ...]:
    """Every number with a unit of every policy, in the order of the file.

    Examples
    --------
    >>> import pricing
    >>> [lever.label for lever in pricing.levers(pricing.load_scenario("forge_oxide_only"))]
    ['price: oxide', 'rent capture']
    """
    return tuple(
        lever
        for policy in scenario.document.policies
        for lever in _below(policy, policy, f"policies.{policy.id}", "", "")
    )


def _below(policy: Policy, part: Any, path: str, name: str, text: str) -> Iterator[Lever]:
    """Levers of a part of a policy; ``name`` and ``text`` are those of the field it stands in."""
    if isinstance(part, Quantity):
        yield _lever(policy, part, path, name, text)
    elif isinstance(part, Declared):
        texts = type(part).field_docstrings()
        for field in type(part).model_fields:
            inner = getattr(part, field)
            below = f"{path}.{field}"
            yield from _below(policy, inner, below, field, texts.get(field, ""))
    elif isinstance(part, Mapping):
        for key, inner in part.items():  # prices and margins by good
            yield from _below(policy, inner, f"{path}.{key}", f"{name.rstrip('s')}: {key}", text)


def _lever(policy: Policy, part: Quantity, path: str, name: str, text: str) -> Lever:
    high = REACH * part.value if part.value > 0.0 else 1.0
    if isinstance(part, Share):
        high = 1.0 / part.factors[part.unit]
    elif isinstance(part, Rate | Ratio):
        high = max(high, 1.0 / part.factors[part.unit])
    step = 10.0 ** math.floor(math.log10(high / STEPS))
    step *= next(m for m in (1.0, 2.0, 5.0, 10.0) if high / (m * step) <= STEPS)
    high = step * math.ceil(high / step - 1e-9)
    label = name.replace("_", " ")
    called = policy.label or policy.id
    return Lever(path, called, label, " ".join(text.split()), part.value, part.unit, high, step)


__all__ = ["Lever", "levers"]
