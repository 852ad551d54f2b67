"""Rows of a chain document about trade: freight, inland cost, duties and export VAT."""

from __future__ import annotations

from pydantic import model_validator

from pricing.chains.curves import SupplyCurve
from pricing.chains.references import ALL
from pricing.core.declared import Declared, Identifier, Text
from pricing.core.quantities import Price, Rate, Tonnes
from pricing.core.sources import SourceId


class Carriers(Declared):
    """Transport that has a price: what it costs rises with the tonnes carried, or is bounded.

    Every route of the row gets carriers of its own, for one good.
    """

    supply: SupplyCurve | None = None
    """Marginal cost of carrying a tonne; the row's ``cost`` for every tonne if absent. A curve
    without a point of its own passes the row's ``cost`` at the route's base-year tonnes."""
    capacity: Tonnes | None = None
    """Most that can be carried on the route; what buyers pay beyond the cost is the carriers'."""
    owner: Identifier | None = None
    """Region whose carriers earn the surplus; the route's origin if absent."""

    @model_validator(mode="after")
    def _says_something(self) -> Carriers:
        if self.supply is None and self.capacity is None:
            raise ValueError("carriers need a supply curve, a capacity, or both")
        return self


class FreightRow(Declared):
    """Freight and insurance between different regions; the most specific row holds."""

    good: Identifier = ALL
    """Good, or ``all``."""
    origin: Identifier = ALL
    """Region, or ``all``."""
    destination: Identifier = ALL
    """Region, or ``all``."""
    cost: Price
    """Freight; in the base year where the row has carriers."""
    insurance: Rate
    """Insurance as a share of the FOB price."""
    carriers: Carriers | None = None
    """Transport whose price moves; the same freight for every tonne if absent."""
    source: SourceId
    """Key in ``sources``."""


class InlandRow(Declared):
    """Cost of a sale at home; the most specific row holds."""

    good: Identifier = ALL
    """Good, or ``all``."""
    region: Identifier = ALL
    """Region, or ``all``."""
    cost: Price
    """Inland cost; in the base year where the row has carriers."""
    carriers: Carriers | None = None
    """Transport whose price moves; the same cost for every tonne if absent."""
    source: SourceId
    """Key in ``sources``."""


class DutyRow(Declared):
    """One layer of an existing import duty; within a layer the most specific row holds."""

    layer: Identifier
    """For example ``mfn`` or ``section_301``; they add up, unless ``duty_layers`` says so."""
    good: Identifier
    """Good, or ``all``."""
    importer: Identifier
    """Customs territory, or ``all``."""
    origin: Identifier = ALL
    """Region of origin, or ``all``."""
    rate: Rate
    """Ad valorem rate on the customs value."""
    specific: Price | None = None
    """Specific duty, on top."""
    source: SourceId
    """Key in ``sources``."""
    note: Text | None = None
    """Dates, tariff lines, doubts."""


class DutyLayer(Declared):
    """How a layer of existing duties meets other layers on one route; without it they add up."""

    yields_to: tuple[Identifier, ...] = ()
    """Layers beside which it is not charged."""
    higher_of: tuple[Identifier, ...] = ()
    """Layers that it includes: the higher of them and this one is paid."""


class ExportVatRow(Declared):
    """Value added tax not refunded on export, as a share of the ex-works price."""

    good: Identifier
    """Good, or ``all``."""
    region: Identifier
    """Exporting region."""
    rate: Rate
    """Unrefunded share of the ex-works price excluding VAT."""
    source: SourceId
    """Key in ``sources``."""
