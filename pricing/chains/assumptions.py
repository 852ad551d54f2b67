"""How the world works: choices that are not policies."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pricing.chains.conduct import Conduct
from pricing.chains.curves import Case, Expansion, Horizon
from pricing.core.declared import (
    Declared,
    ElasticityId,
    GoodId,
    Identifier,
    Names,
    PlantId,
    ProcessId,
    RegionId,
)
from pricing.core.quantities import Price, Rate, Scaled, Share, Tonnes
from pricing.core.sources import SourceId


class Override(Declared):
    """A value of an elasticity that is none of its stated three."""

    value: Rate
    """Elasticity, in absolute value; of the horizon. Supply at fixed capacity is never more
    elastic than this, also in the long horizon."""
    source: SourceId
    """Key in ``sources``."""


class ParityShare(Declared):
    """Opens a route without benchmark trade."""

    good: GoodId
    """Good traded."""
    origin: RegionId
    """Where it comes from."""
    destination: RegionId
    """Where it goes."""
    share: Share
    """Share that the origin would take if it landed at the average price; below 100 %."""
    source: SourceId
    """Key in ``sources``."""


class Transshipment(Declared):
    """Goods of one origin that are sold as those of a third country.

    The disguised goods are one more origin for buyers: they land at the price of the origin, with
    freight and duties into the third country, freight and duties of that country on the way on, and
    what hiding costs. Policies treat them as goods of the third country, apart from origin rules.
    """

    good: GoodId
    """Good traded."""
    origin: RegionId
    """Where it is made."""
    via: Annotated[RegionId, Field(title="Third country")]
    """Country whose name it carries."""
    destinations: Annotated[tuple[RegionId, ...], Field(min_length=1)]
    """Where it is sold."""
    share: Annotated[Share, Field(title="Parity share")]
    """Share that the disguised goods would take if they landed at the average price; below
    100 %."""
    evasion_cost: Annotated[Price, Scaled.MARKUP, Field(title="Cost of hiding")]
    """Papers, repacking, risk: what hiding costs on the way out; nobody receives it."""
    most: Annotated[Tonnes | None, Field(title="Most tonnes")] = None
    """Most that passes; base-year trade of the third country in the good (exports and imports) if
    absent."""
    source: SourceId
    """Key in ``sources``."""


class DemandScale(Declared):
    """Makes final demand larger or smaller at every price."""

    good: GoodId
    """Good bought."""
    region: Annotated[Identifier, Names.ANYWHERE]
    """Where; ``all`` for everywhere. No demand may be covered by two rows."""
    factor: Rate
    """Multiplies demand at every price."""
    source: SourceId
    """Key in ``sources``."""


class CapacityChange(Declared):
    """Sets the capacity of a process, in the long horizon too: there it stays as set.

    A plant that must run runs at its capacity where that lies below its minimum, as does one that
    is closed; a warning says so.
    """

    process: ProcessId
    """Process of the chain."""
    capacity: Tonnes
    """New capacity."""
    source: SourceId
    """Key in ``sources``."""


OWN = "own equilibrium"
"""What the base year of a chain without benchmarks is called."""


class Assumptions(Declared):
    """How the world works, apart from what policy does."""

    horizon: Horizon = Horizon.SHORT
    """Whether capacity is fixed, and which elasticities hold."""
    expansion: Annotated[Expansion, Field(title="Capacity in the long horizon")] = (
        Expansion.RISING_COST
    )
    """How capacity adjusts in the long horizon; the short one has none of it."""
    case: Annotated[Case, Field(title="Elasticities")] = Case.CENTRAL
    """End of the stated ranges that is used for every elasticity."""
    elasticities: dict[ElasticityId, Case | Override] = Field(default_factory=dict)
    """Exceptions by name of elasticity: another end of its range, or a value."""
    benchmark: Annotated[
        Annotated[Identifier, Names.BENCHMARK] | None, Field(title="Base-year variant")
    ] = None
    """Variant of the base year; the chain's first if absent."""
    homogeneous: Annotated[tuple[GoodId, ...], Field(title="Goods bought from the cheapest")] = ()
    """Goods whose buyers take the cheapest landed offer, whatever law the chain states: the other
    end of what is known about sourcing. Preferences of the base year stay, as fixed premiums."""
    latent: Annotated[tuple[PlantId, ...], Field(title="Announced plants")] = ()
    """Announced plants that are switched on."""
    parity_shares: Annotated[tuple[ParityShare, ...], Field(title="Routes opened")] = ()
    """Routes without benchmark trade that are opened."""
    transshipments: Annotated[tuple[Transshipment, ...], Field(title="Disguised origins")] = ()
    """Goods that may be sold under another country's name."""
    conduct: Annotated[tuple[Conduct, ...], Field(title="Exporters who set prices")] = ()
    """Groups of exporters who set prices; all others take them."""
    demand: Annotated[tuple[DemandScale, ...], Field(title="Demand")] = ()
    """Changes of final demand."""
    capacities: tuple[CapacityChange, ...] = ()
    """Changes of capacity."""
    existing_duties: Annotated[bool, Field(title="Base-year duties apply")] = True
    """Whether the duties of the base year apply; false gives free trade as a second reference."""
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    """Year whose dated policies are in force; all policies if absent."""
    cost_of_public_funds: Rate = Rate(value=1.0, unit="1")
    """Weight of the treasury in net welfare."""
