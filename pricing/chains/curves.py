"""Supply and demand curves as they are declared in a chain file."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from pricing.core.declared import Declared, Identifier, Number
from pricing.core.quantities import Multiple, Price, Tonnes
from pricing.core.sources import SourceId


class Horizon(StrEnum):
    """How long agents have to adjust."""

    SHORT = "short"
    """Capacity is fixed; within about two years."""
    LONG = "long"
    """Capacity adjusts; elasticities of the long run."""


class Expansion(StrEnum):
    """How capacity adjusts in the long horizon."""

    RISING_COST = "rising_cost"
    """More of it costs more, such that supply has its long-run elasticity."""
    CONSTANT_COST = "constant_cost"
    """Constant returns: any amount at the annuity of the base year."""
    NONE = "none"
    """Capacity stays; long-run elasticities of demand and sourcing only."""


class Case(StrEnum):
    """Which end of a stated range is used."""

    LOW = "low"
    """Low end of every stated range."""
    CENTRAL = "central"
    """Central values."""
    HIGH = "high"
    """High end of every stated range."""


class Range(Declared):
    """Low, central and high value of one elasticity, in absolute value."""

    low: Annotated[Number, Field(ge=0.0)]
    """Low value [1]."""
    central: Annotated[Number, Field(ge=0.0)]
    """Central value [1]."""
    high: Annotated[Number, Field(ge=0.0)]
    """High value [1]."""

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if not self.low <= self.central <= self.high:
            raise ValueError("low <= central <= high must hold")
        return self


class Elasticity(Declared):
    """A named elasticity with its horizons and range."""

    of: Literal[
        "output_price", "margin", "buyer_price", "cross_price", "landed_price", "input_price"
    ]
    """With respect to what. ``output_price`` is converted to the margin at the benchmark;
    ``cross_price`` is the buyer price of another good."""
    unit: Literal["1"] = "1"
    """Dimensionless."""
    short: Range
    """Capacity fixed."""
    long: Range
    """Capacity free to adjust; of supply, the whole response, that of capacity included."""
    source: SourceId
    """Key in ``sources``."""
    note: str | None = None
    """What was cut or assumed."""

    def value(self, horizon: Horizon, case: Case) -> float:
        """Elasticity [1] for a horizon and an end of the range."""
        chosen = self.short if horizon is Horizon.SHORT else self.long
        return float(getattr(chosen, case.value))


class Point(Declared):
    """A point that a curve passes, whatever the base year was."""

    quantity: Tonnes
    """Tonnes a year: process level, or tonnes bought."""
    price: Price
    """Marginal cost of the conversion margin there, or price of the buyer."""

    @model_validator(mode="after")
    def _positive(self) -> Point:
        if not (self.quantity.tonnes > 0.0 and self.price.usd_per_tonne > 0.0):
            raise ValueError("'through' needs a positive quantity and a positive price")
        return self


class IsoelasticSupply(Declared):
    """Marginal cost ``v0 (x/x0)^(1/eta)`` through the benchmark."""

    kind: Literal["isoelastic"] = "isoelastic"
    elasticity: Identifier
    """Name in ``elasticities``; positive."""
    through: Point | None = None
    """Point that the curve passes instead of the benchmark."""


class LinearSupply(Declared):
    """Straight marginal-cost line through the benchmark with the stated elasticity there."""

    kind: Literal["linear"] = "linear"
    elasticity: Identifier
    """Name in ``elasticities``; positive."""
    through: Point | None = None
    """Point that the line passes, and where the elasticity holds, instead of the benchmark."""


class FlatCost(Declared):
    """One step of a cost curve of named plants: the same cost for every tonne up to capacity."""

    kind: Literal["flat"] = "flat"
    cost: Price
    """Conversion cost of every tonne."""


class CostLine(Declared):
    """Marginal cost rising in a straight line from zero level to capacity."""

    kind: Literal["cost_line"] = "cost_line"
    cost_at_zero: Price
    """Conversion cost at which the first tonne is made."""
    cost_at_capacity: Price
    """Conversion cost of the last tonne of capacity; not below ``cost_at_zero``."""

    @model_validator(mode="after")
    def _rising(self) -> CostLine:
        if self.cost_at_capacity.usd_per_tonne < self.cost_at_zero.usd_per_tonne:
            raise ValueError(
                "cost_at_capacity lies below cost_at_zero; marginal cost must not fall"
            )
        return self


SupplyCurve = Annotated[
    IsoelasticSupply | LinearSupply | CostLine | FlatCost, Field(discriminator="kind")
]


class Relation(StrEnum):
    """How the price of another good moves demand."""

    SUBSTITUTE = "substitute"
    """More is bought when the other good is dearer."""
    COMPLEMENT = "complement"
    """Less is bought when the other good is dearer."""


class CrossPrice(Declared):
    """Demand that also answers the buyer price of another good in the same region."""

    good: Identifier
    """The other good; it must have a demand in the region."""
    elasticity: Identifier
    """Name in ``elasticities`` (``of: cross_price``), in absolute value."""
    relation: Relation
    """Whether the two are substitutes or complements."""
    at: Price | None = None
    """Price of the other good at which the curve passes its point; the benchmark price if absent.
    Without a benchmark it must be stated."""


class IsoelasticDemand(Declared):
    """Demand ``D0 (P/P0)^(-eps)``, constant below ``0.05 P0`` (stated satiation).

    With cross prices ``D0 (P/P0)^(-eps) prod (Ph/Ph0)^(+-c)``.
    """

    kind: Literal["isoelastic"] = "isoelastic"
    elasticity: Identifier
    """Name in ``elasticities``, in absolute value."""
    choke_multiple: Multiple | None = None
    """Price above which nothing is bought, as a multiple of the benchmark buyer price."""
    through: Point | None = None
    """Point that the curve passes, and where the elasticity holds, instead of the benchmark."""
    cross: tuple[CrossPrice, ...] = ()
    """Other goods whose prices move this demand."""


class LinearDemand(Declared):
    """Straight demand line through the benchmark with the stated elasticity there.

    With cross prices ``D0 (1 - eps (P/P0 - 1) + sum +-c (Ph/Ph0 - 1))``, never below zero.
    """

    kind: Literal["linear"] = "linear"
    elasticity: Identifier
    """Name in ``elasticities``, in absolute value; positive."""
    choke_multiple: Multiple | None = None
    """Price above which nothing is bought, as a multiple of the benchmark buyer price."""
    through: Point | None = None
    """Point that the curve passes, and where the elasticity holds, instead of the benchmark."""
    cross: tuple[CrossPrice, ...] = ()
    """Other goods whose prices move this demand."""


class FixedDemand(Declared):
    """The same tonnes at any price below the value of lost load; rationed there."""

    kind: Literal["fixed"] = "fixed"
    value_of_lost_load: Price
    """Price at which users would rather go without."""
    through: Point | None = None
    """Tonnes, and a price at which they are bought, instead of the benchmark."""


DemandCurve = Annotated[IsoelasticDemand | LinearDemand | FixedDemand, Field(discriminator="kind")]
