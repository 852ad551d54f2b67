"""The policy instruments: one file each, and the closed union of all of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pricing.instruments.export_ban import ExportBan
from pricing.instruments.import_quota import ImportQuota
from pricing.instruments.intervention_purchase import InterventionPurchase
from pricing.instruments.price_guarantee import PriceGuarantee
from pricing.instruments.production_quota import ProductionQuota
from pricing.instruments.reference_price import ReferencePrice
from pricing.instruments.tariff import Tariff

AnyPolicy = Annotated[
    Tariff
    | ReferencePrice
    | PriceGuarantee
    | InterventionPurchase
    | ImportQuota
    | ExportBan
    | ProductionQuota,
    Field(discriminator="kind"),
]
"""Every instrument that a scenario may contain, told apart by ``kind``."""

__all__ = [
    "AnyPolicy",
    "ExportBan",
    "ImportQuota",
    "InterventionPurchase",
    "PriceGuarantee",
    "ProductionQuota",
    "ReferencePrice",
    "Tariff",
]
