"""How ex-works prices of a base year are built."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pricing.chains.building.formulas import Formula, Positive, Reason
from pricing.core.declared import Declared, Identifier, Number


class StatedPrice(Formula):
    """An ex-works price from raw rows."""

    kind: Literal["stated"] = "stated"
    good: Identifier
    """Good."""
    regions: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Regions where it holds."""


class LandedPrice(Declared):
    """Sellers elsewhere get what material of one origin costs where they are."""

    kind: Literal["landed_from"]
    good: Identifier
    """Good."""
    regions: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Regions where it holds."""
    origin: Identifier
    """Region whose material sets the price."""
    why: Reason
    """Why."""


class NetbackPrice(Declared):
    """Sellers get what buyers in one place pay, less the cost of getting there."""

    kind: Literal["netback"]
    good: Identifier
    """Good."""
    regions: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Regions where it holds."""
    rival: Identifier
    """Region whose material sets the price at ``market``; its price is built before."""
    market: Identifier
    """Region where both compete."""
    why: Reason
    """Why."""


class CostPlusPrice(Declared):
    """Inputs at buyers' prices and a conversion margin."""

    kind: Literal["cost_plus"]
    good: Identifier
    """Good."""
    regions: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Regions where it holds."""
    margin: Annotated[Number, Field(gt=0.0, lt=1.0)]
    """Conversion margin as a share of the price [1]."""
    why: Reason
    """Why."""


class ConversionPrice(Declared):
    """Inputs at buyers' prices and a multiple of what conversion costs in another region."""

    kind: Literal["conversion"]
    good: Identifier
    """Good."""
    regions: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Regions where it holds."""
    origin: Identifier
    """Region whose price less its inputs is the cost of conversion; its price is built before."""
    ratio: Positive
    """Multiple of that cost [1]."""
    why: Reason
    """Why."""


PriceRule = Annotated[
    StatedPrice | LandedPrice | NetbackPrice | CostPlusPrice | ConversionPrice,
    Field(discriminator="kind"),
]
