"""Rows of a chain document about trade: freight, inland cost, duties and export VAT."""

from __future__ import annotations

from pricing.chains.references import ALL
from pricing.core.declared import Declared, Identifier, Text
from pricing.core.quantities import Price, Rate
from pricing.core.sources import SourceId


class FreightRow(Declared):
    """Freight and insurance between different regions; the most specific row holds."""

    good: Identifier = ALL
    """Good, or ``all``."""
    origin: Identifier = ALL
    """Region, or ``all``."""
    destination: Identifier = ALL
    """Region, or ``all``."""
    cost: Price
    """Freight."""
    insurance: Rate
    """Insurance as a share of the FOB price."""
    source: SourceId
    """Key in ``sources``."""


class InlandRow(Declared):
    """Cost of a sale at home; the most specific row holds."""

    good: Identifier = ALL
    """Good, or ``all``."""
    region: Identifier = ALL
    """Region, or ``all``."""
    cost: Price
    """Inland cost."""
    source: SourceId
    """Key in ``sources``."""


class DutyRow(Declared):
    """One layer of an existing import duty; within a layer the most specific row holds."""

    layer: Identifier
    """For example ``mfn`` or ``section_301``; layers add up."""
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
