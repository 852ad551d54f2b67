"""The scenario document: a chain, assumptions about the world, and policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from pricing.chains.assumptions import Assumptions
from pricing.core import patterns
from pricing.core.declared import Declared, Identifier, Names, RegionId, Text
from pricing.core.sources import Source, SourceId, source_keys
from pricing.errors import Fault, InputError
from pricing.instruments import AnyPolicy
from pricing.scenarios.uncertain import Uncertainty

SCHEMA_VERSION = 1


class ScenarioDocument(Declared):
    """What a scenario file says once ``extends`` and patches are resolved."""

    schema_version: Literal[1] = 1
    """Version of this format."""
    kind: Literal["scenario"] = "scenario"
    """Kind of document."""
    id: Identifier
    """Name of the scenario."""
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """One line for people."""
    description: Text
    """What it shows, in two sentences."""
    chain: Annotated[str, StringConstraints(pattern=patterns.CHAIN, max_length=100)]
    """Name of a shipped chain, or file name of a chain beside this file."""
    chain_hash: Annotated[str, StringConstraints(pattern=patterns.SHA256)] | None = None
    """Hash of the chain that the scenario was exported with."""
    sources: dict[SourceId, Source] = Field(default_factory=dict)
    """Every source that this document refers to."""
    zones: dict[Identifier, Annotated[tuple[RegionId, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )
    """Named sets of regions."""
    assumptions: Assumptions = Assumptions()
    """How the world works."""
    policies: tuple[AnyPolicy, ...] = ()
    """What policy does."""
    uncertainty: Uncertainty | None = None
    """Distributions of its numbers, for sweeps; a plain solve ignores them."""
    variants: tuple[Annotated[Identifier, Names.BENCHMARK], ...] = ()
    """Other benchmarks of the chain under which the report repeats its main signs."""

    @model_validator(mode="after")
    def _names_fit(self) -> ScenarioDocument:
        faults = list(faults_across(self.model_dump()))
        if faults:
            raise InputError(faults)
        return self


def faults_across(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults between parts of a scenario, valid or not: an id given twice, sources not listed.

    Each missing source counts once, where it is first needed.
    """
    policies = data.get("policies")
    seen: set[str] = set()
    for number, policy in enumerate(policies if isinstance(policies, list | tuple) else ()):
        name = policy.get("id") if isinstance(policy, dict) else None
        if isinstance(name, str) and name in seen:
            problem = f"two policies are called '{name}'"
            yield Fault(problem, f"policies.{number}.id", remedy="Give each its own id")
        seen.add(str(name))
    sources = data.get("sources", {})
    listed = [str(key) for key in sources] if isinstance(sources, dict) else []
    missing: dict[str, str] = {}
    for key, where in source_keys({k: part for k, part in data.items() if k != "sources"}):
        if key not in listed:
            missing.setdefault(key, where)
    for key, where in missing.items():
        remedy = f"Add it to 'sources', or use one of: {', '.join(listed) or 'none'}"
        yield Fault(f"no entry '{key}' in 'sources'", where, remedy=remedy)
