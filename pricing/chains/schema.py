"""The supply-chain document: goods, regions, processes, trade costs, demand, benchmark."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from pricing.chains.benchmarks import Benchmark
from pricing.chains.curves import DemandCurve, Elasticity
from pricing.chains.processes import LatentProcess, Process, Technology
from pricing.chains.references import faults_in
from pricing.chains.trade import DutyLayer, DutyRow, ExportVatRow, FreightRow, InlandRow
from pricing.core.declared import Declared, Identifier, Text
from pricing.core.quantities import Coefficient, Price, Share
from pricing.core.sources import Source, SourceId
from pricing.errors import InputError


class Logit(Declared):
    """Buyers split their tonnes by landed price; ``sigma`` is the elasticity at the benchmark."""

    law: Literal["logit"] = "logit"
    sigma: Identifier
    """Name in ``elasticities`` (``of: landed_price``)."""


class Homogeneous(Declared):
    """The cheapest origins serve a buyer: one delivered price, exact (Samuelson-Takayama-Judge)."""

    law: Literal["homogeneous"]


class Armington(Declared):
    """Constant elasticity of substitution by origin in value, as GSIM and textbooks have it.

    For final goods and chains of one stage: its composites are not tonnes.
    """

    law: Literal["armington"]
    sigma: Identifier
    """Name in ``elasticities`` (``of: landed_price``); above one."""


Sourcing = Annotated[Logit | Homogeneous | Armington, Field(discriminator="law")]


class Basis(Declared):
    """Another way to weigh the same good."""

    name: Annotated[str, StringConstraints(min_length=2, max_length=80)]
    """For example ``t contained Nd+Pr+Dy+Tb``."""
    tonnes_per_tonne: Coefficient
    """Tonnes of this basis in one tonne of the good's own basis."""


class Good(Declared):
    """One traded product of the chain."""

    id: Identifier
    """Name used everywhere else."""
    label: Annotated[str, StringConstraints(max_length=80)]
    """Name shown to people."""
    stage: Annotated[str, StringConstraints(max_length=40)]
    """Stage of production."""
    unit: Literal["t"] = "t"
    """Unit of quantity."""
    basis: Annotated[str, StringConstraints(min_length=2, max_length=80)]
    """What a tonne is a tonne of."""
    bases: tuple[Basis, ...] = ()
    """Other bases in which prices may be stated."""
    sourcing: Sourcing
    """Who buys from whom."""
    source: SourceId
    """Key in ``sources`` for the basis and its conversions."""


class Region(Declared):
    """A place where goods are made, bought and sold."""

    id: Identifier
    """Name used everywhere else."""
    territory: Identifier | None = None
    """Customs territory; the region itself where absent."""
    customs_value: Literal["fob", "cif"]
    """Basis of ad valorem duties on imports."""
    source: SourceId
    """Key in ``sources`` for the customs basis."""


class Demand(Declared):
    """Final demand for a good in a region by one use."""

    good: Identifier
    """Good bought."""
    region: Identifier
    """Where it is used."""
    use: Identifier
    """Name of the use."""
    curve: DemandCurve
    """How demand answers the buyer price."""
    source: SourceId
    """Key in ``sources``."""


class Contract(Declared):
    """A share of a route's trade that cannot switch this year; the rest is bought at spot."""

    good: Identifier
    """Good traded."""
    origin: Identifier
    """Region that sells."""
    destination: Identifier
    """Region that buys."""
    share: Share
    """Share of the route's base-year tonnes that is bound; below 100 %."""
    price: Price | None = None
    """Ex-works price of the bound tonnes; the base-year price if absent."""
    source: SourceId
    """Key in ``sources``."""

    @model_validator(mode="after")
    def _leaves_some(self) -> Contract:
        if self.share.fraction >= 1.0:
            raise ValueError("a contracted share of 100 % leaves no spot price: use less")
        return self


class Currency(Declared):
    """Money of the document."""

    code: Literal["USD"] = "USD"
    """Currency."""
    year: Annotated[int, Field(ge=1900, le=2100)]
    """Year of constant prices."""


class Chain(Declared):
    """A supply chain and its balanced base year."""

    schema_version: Literal[1]
    """Version of this format."""
    kind: Literal["chain"]
    """Kind of document."""
    id: Identifier
    """Name of the chain."""
    title: Text
    """One line for people."""
    description: Text
    """What it covers and what it leaves out."""
    base_year: Annotated[int, Field(ge=1900, le=2100)]
    """Year of the benchmark."""
    currency: Currency
    """Money."""
    vat_basis: Literal["excluded"]
    """All prices exclude value added tax."""
    sources: dict[SourceId, Source]
    """Every source that a number refers to."""
    goods: Annotated[tuple[Good, ...], Field(min_length=1)]
    """Traded products; inputs before outputs."""
    regions: Annotated[tuple[Region, ...], Field(min_length=1)]
    """Places."""
    elasticities: dict[Identifier, Elasticity]
    """Named elasticities."""
    technologies: Annotated[tuple[Technology, ...], Field(min_length=1)]
    """What processes do."""
    processes: Annotated[tuple[Process, ...], Field(min_length=1)]
    """Who does it where."""
    latent: tuple[LatentProcess, ...] = ()
    """Announced plants."""
    demands: tuple[Demand, ...] = ()
    """Final users."""
    freight: tuple[FreightRow, ...] = ()
    """Freight and insurance between regions; none means free."""
    inland: tuple[InlandRow, ...] = ()
    """Cost of home sales; none means free."""
    duties: tuple[DutyRow, ...] = ()
    """Duties that existed in the base year."""
    duty_layers: dict[Identifier, DutyLayer] = Field(default_factory=dict)
    """Layer of duties -> how it meets the others; the rest add up."""
    export_vat: tuple[ExportVatRow, ...] = ()
    """Unrefunded value added tax."""
    contracts: tuple[Contract, ...] = ()
    """Shares of base-year trade that cannot switch this year."""
    benchmarks: dict[Identifier, Benchmark] = Field(default_factory=dict)
    """Balanced base years; the first is the default. With none, the chain's own equilibrium
    without added policy is its base year: then goods are homogeneous and curves state a point."""

    @model_validator(mode="after")
    def _names_exist(self) -> Chain:
        faults = faults_in(self)
        if faults:
            raise InputError(faults)
        return self
