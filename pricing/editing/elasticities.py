"""Every elasticity of a scenario with its stated range, and the value that is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pricing.chains.assumptions import Override
from pricing.chains.curves import Case
from pricing.editing.edits import OWN_CHOICE, Place
from pricing.scenarios.scenario import Scenario

OF = {
    "output_price": "supply, with respect to the output price",
    "margin": "supply, with respect to the conversion margin",
    "buyer_price": "demand, with respect to the buyer's price",
    "landed_price": "choice of origin, with respect to the landed price",
}
"""What an elasticity is of -> in words."""


@dataclass(frozen=True)
class ElasticityChoice:
    """One elasticity."""

    name: str
    """Name in the chain."""
    label: str
    """As people read it."""
    of: str
    """What responds to what."""
    stated: dict[Case, float]
    """Low, central and high value at the horizon of the scenario [1]."""
    usual: Case
    """End of the range that the scenario uses where nothing else is said."""
    chosen: Case | None
    """End of the range that is said for this one alone; None for the usual one or an own value."""
    own: float | None
    """Own value [1]; None where there is none."""
    source: str
    """Where the range comes from."""
    note: str
    """What was cut or assumed."""

    @property
    def place(self) -> Place:
        """Where the exception stands."""
        return ("assumptions", "elasticities", self.name)

    @property
    def value(self) -> float:
        """The value that is used [1]."""
        return self.stated[self.chosen or self.usual] if self.own is None else self.own


def elasticities(scenario: Scenario) -> tuple[ElasticityChoice, ...]:
    """Every elasticity of the chain, in its order.

    Examples
    --------
    >>> import pricing
    >>> first = elasticities(pricing.load_scenario("baseline"))[0]
    >>> first.name, first.value
    ('mine_supply', 0.13)
    """
    assumed, chain = scenario.document.assumptions, scenario.chain
    found = []
    for name, stated in chain.elasticities.items():
        said = assumed.elasticities.get(name)
        own = said.value.fraction if isinstance(said, Override) else None
        source = chain.sources[stated.source]
        found.append(
            ElasticityChoice(
                name,
                name.replace("_", " ").capitalize(),
                OF[stated.of],
                {case: stated.value(assumed.horizon, case) for case in Case},
                assumed.case,
                said if isinstance(said, Case) else None,
                own,
                f"{source.text} ({source.grade}, {source.date})",
                stated.note or "",
            )
        )
    return tuple(found)


def own_value(value: float) -> dict[str, Any]:
    """Plain exception with a value that none of the three stated ones is."""
    return {"value": {"value": value, "unit": "1"}, "source": OWN_CHOICE}


__all__ = ["Case", "ElasticityChoice", "elasticities", "own_value"]
