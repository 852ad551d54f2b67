"""The scenario document: a chain, assumptions about the world, and policies."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from pricing.chains.assumptions import Assumptions
from pricing.core.declared import Declared, Identifier, Text
from pricing.core.sources import Source, SourceId
from pricing.instruments import AnyPolicy

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
    chain: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-]+(\.ya?ml)?$", max_length=100)]
    """Name of a shipped chain, or file name of a chain beside this file."""
    chain_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    """Hash of the chain that the scenario was exported with."""
    sources: dict[SourceId, Source] = Field(default_factory=dict)
    """Every source that this document refers to."""
    zones: dict[Identifier, Annotated[tuple[Identifier, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )
    """Named sets of regions."""
    assumptions: Assumptions = Assumptions()
    """How the world works."""
    policies: tuple[AnyPolicy, ...] = ()
    """What policy does."""
    variants: tuple[Identifier, ...] = ()
    """Other benchmarks of the chain under which the report repeats its main signs."""

    @model_validator(mode="after")
    def _names_are_unique(self) -> ScenarioDocument:
        seen: set[str] = set()
        for policy in self.policies:
            if policy.id in seen:
                raise ValueError(f"two policies are called '{policy.id}'; give each its own id")
            seen.add(policy.id)
        return self

    @model_validator(mode="after")
    def _sources_exist(self) -> ScenarioDocument:
        missing = sorted(set(_source_keys(self.model_dump())) - set(self.sources))
        if missing:
            raise ValueError(f"no entry in 'sources' for: {', '.join(missing)}")
        return self


def _source_keys(data: object) -> list[str]:
    """Every key that a ``source`` field anywhere below refers to."""
    if isinstance(data, dict):
        here = [data["source"]] if isinstance(data.get("source"), str) else []
        return here + [key for value in data.values() for key in _source_keys(value)]
    if isinstance(data, list | tuple):
        return [key for value in data for key in _source_keys(value)]
    return []
