"""The supply-chain document: goods, regions, processes, trade costs, demand, benchmark."""

from __future__ import annotations

import datetime as dt
from math import nan
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from pricing.chains.capital import CapitalCost
from pricing.chains.curves import DemandCurve, Elasticity, SupplyCurve
from pricing.chains.references import faults_in
from pricing.chains.trade import DutyRow, ExportVatRow, FreightRow, InlandRow
from pricing.core import patterns
from pricing.core.declared import Declared, Identifier, Number, Text
from pricing.core.quantities import Coefficient, Price, Share, Tonnes
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


class Substitution(Declared):
    """Inputs that stand in for one another as their prices change: constant elasticity (CES).

    The stated coefficients hold at base-year prices. Tonnes of the inputs need not add up to the
    same total: where mass must be kept, write two technologies instead.
    """

    inputs: Annotated[tuple[Identifier, ...], Field(min_length=2)]
    """Inputs of the technology that can replace one another."""
    elasticity: Identifier
    """Name in ``elasticities`` (``of: input_price``): elasticity of substitution."""
    at: dict[Identifier, Price] = Field(default_factory=dict)
    """Prices at which the coefficients hold, for a chain without a benchmark."""


class Technology(Declared):
    """What one tonne of process level uses and makes; shared by processes."""

    id: Identifier
    """Name used by processes."""
    label: Annotated[str, StringConstraints(max_length=80)]
    """Name shown to people."""
    inputs: dict[Identifier, Coefficient] = Field(default_factory=dict)
    """Good -> tonnes used per tonne of level; empty for mines and scrap."""
    outputs: Annotated[dict[Identifier, Coefficient], Field(min_length=1)]
    """Good -> tonnes made per tonne of level."""
    substitution: Substitution | None = None
    """Inputs that stand in for one another; fixed proportions if absent."""
    supply: SupplyCurve
    """Marginal cost of the conversion margin."""
    source: SourceId
    """Key in ``sources``."""
    derivation: Text | None = None
    """How the coefficients were derived."""


class ByProduct(Declared):
    """Feed that comes out of another plant: ``level <= recovery x level of the host``.

    What the scarcity of feed is worth per tonne is its rent.
    """

    host: Identifier
    """Process of the same region that the feed comes out of."""
    recovery: Coefficient
    """Most tonnes of level per tonne of the host's level."""
    host_sees_revenue: bool
    """True: the plant pays the rent to its host, which then runs for both products together (joint
    products). False: the host runs for its own product alone and the plant keeps the rent."""


class Process(Declared):
    """One technology in one region."""

    id: Identifier
    """Name used everywhere else."""
    technology: Identifier
    """Technology it runs."""
    region: Identifier
    """Where it stands."""
    capacity: Tonnes | None = None
    """Largest level; none if absent."""
    minimum: Tonnes | None = None
    """Level below which it cannot go (must-run); zero if absent."""
    supply: SupplyCurve | None = None
    """Own curve instead of the technology's."""
    by_product_of: ByProduct | None = None
    """Where its feed comes from, if it lives on another plant; a process of its own if absent."""
    capital_cost: CapitalCost | None = None
    """What its capacity costs; needs ``capacity``."""
    source: SourceId
    """Key in ``sources``."""
    derivation: Text | None = None
    """How capacity or existence was derived."""

    @model_validator(mode="after")
    def _something_to_pay_for(self) -> Process:
        if self.capital_cost is not None and self.capacity is None:
            raise ValueError("'capital_cost' needs 'capacity', the tonnes that it pays for")
        return self

    @property
    def annuity(self) -> float:
        """Stated yearly cost of its capacity; NaN where there is none [USD]."""
        return _annuity(self.capital_cost, self.capacity)


class LatentProcess(Declared):
    """An announced plant: no benchmark output, off unless a scenario switches it on."""

    id: Identifier
    """Name used by scenarios."""
    label: Annotated[str, StringConstraints(max_length=120)]
    """Plant or project shown to people."""
    technology: Identifier
    """Technology it would run."""
    region: Identifier
    """Where it would stand."""
    capacity: Tonnes
    """Announced capacity."""
    supply: SupplyCurve
    """Entry cost and slope, with capital unless ``capital_cost`` is stated."""
    capital_cost: CapitalCost | None = None
    """What its capacity costs. In the long horizon the plant is then built as far as it earns the
    annuity, up to ``capacity``; in the short horizon it stands."""
    parity_share: Share
    """Share that its good would take from each buyer if it landed at the average price."""
    home_share: Share | None = None
    """The same for buyers in its own region, where it differs; ``parity_share`` if absent."""
    start: dt.date | None = None
    """Announced start, where one is known."""
    source: SourceId
    """Key in ``sources``."""
    derivation: Text | None = None
    """How entry cost and parity share were chosen."""

    @property
    def annuity(self) -> float:
        """Stated yearly cost of its capacity; NaN where there is none [USD]."""
        return _annuity(self.capital_cost, self.capacity)


def _annuity(cost: CapitalCost | None, capacity: Tonnes | None) -> float:
    return nan if cost is None or capacity is None else cost.annuity * capacity.tonnes


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


_ROWS = {
    "producer_price": (("good", "region"), "USD/t"),
    "production": (("process",), "t/yr"),
    "use": (("good", "region", "use"), "t/yr"),
    "flow": (("good", "region", "partner"), "t/yr"),
    "prior_share": (("good", "region", "partner"), "1"),
}
"""Variable of a benchmark row -> the names that it needs, and its unit."""


class BenchmarkRow(Declared):
    """One number of the balanced base year."""

    variable: Literal["producer_price", "production", "use", "flow", "prior_share"]
    """What it is: ``production`` is a process level, ``prior_share`` is for unused routes."""
    good: Identifier | None = None
    """Good (not for ``production``)."""
    region: Identifier | None = None
    """Region; the origin of a flow (not for ``production``)."""
    partner: Identifier | None = None
    """Destination of a flow or of a prior share."""
    process: Identifier | None = None
    """Process, for ``production``."""
    use: Identifier | None = None
    """Use, for ``use``."""
    value: Annotated[Number, Field(ge=0.0)]
    """The number, in ``unit``; never negative."""
    unit: Literal["t/yr", "USD/t", "1"]
    """Unit."""
    source: SourceId
    """Key in ``sources``."""
    derivation: Text | None = None
    """How it was derived or adjusted."""

    @model_validator(mode="after")
    def _complete(self) -> BenchmarkRow:
        names, unit = _ROWS[self.variable]
        missing = [name for name in names if getattr(self, name) is None]
        if missing:
            raise ValueError(f"a '{self.variable}' row needs {', '.join(missing)}")
        if self.unit != unit:
            raise ValueError(f"a '{self.variable}' row is in {unit}, not {self.unit}")
        return self

    def place(self) -> tuple[str | None, ...]:
        """What the row states: its variable and the names that this variable needs."""
        return (self.variable, *(getattr(self, name) for name in _ROWS[self.variable][0]))


class Benchmark(Declared):
    """A balanced base year: given row by row, or in a table beside the chain."""

    title: Text
    """What sets this variant apart."""
    table: Annotated[str, StringConstraints(pattern=patterns.TABLE)] | None = None
    """CSV file in ``configs/data`` (or beside a local chain file)."""
    sha256: Annotated[str, StringConstraints(pattern=patterns.SHA256)] | None = None
    """SHA-256 of the table."""
    rows: tuple[BenchmarkRow, ...] = ()
    """The numbers; read from ``table`` where one is named."""


class Currency(Declared):
    """Money of the document."""

    code: Literal["USD"] = "USD"
    """Currency."""
    year: int
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
