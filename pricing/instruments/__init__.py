"""The policy instruments: one file each, and the closed union of all of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pricing.instruments.capital_grant import CapitalGrant
from pricing.instruments.content_tariff import ContentTariff
from pricing.instruments.entry_price import EntryPrice
from pricing.instruments.export_ban import ExportBan
from pricing.instruments.export_licence import ExportLicence
from pricing.instruments.export_quota import ExportQuota
from pricing.instruments.export_tax import ExportTax
from pricing.instruments.import_quota import ImportQuota
from pricing.instruments.input_subsidy import InputSubsidy
from pricing.instruments.intervention_purchase import InterventionPurchase
from pricing.instruments.margin_guarantee import MarginGuarantee
from pricing.instruments.minimum_import_price import MinimumImportPrice
from pricing.instruments.offtake import Offtake
from pricing.instruments.origin_rule import OriginRule
from pricing.instruments.price_guarantee import PriceGuarantee
from pricing.instruments.production_quota import ProductionQuota
from pricing.instruments.production_subsidy import ProductionSubsidy
from pricing.instruments.reference_price import ReferencePrice
from pricing.instruments.sourcing_cap import SourcingCap
from pricing.instruments.stepped_safeguard import SteppedSafeguard
from pricing.instruments.stockpile import Stockpile
from pricing.instruments.tariff import Tariff
from pricing.instruments.tariff_rate_quota import TariffRateQuota
from pricing.instruments.undertaking import Undertaking

AnyPolicy = Annotated[
    Tariff
    | TariffRateQuota
    | SteppedSafeguard
    | EntryPrice
    | ContentTariff
    | ReferencePrice
    | MinimumImportPrice
    | Undertaking
    | PriceGuarantee
    | MarginGuarantee
    | Offtake
    | ProductionSubsidy
    | InputSubsidy
    | InterventionPurchase
    | Stockpile
    | ImportQuota
    | SourcingCap
    | ExportTax
    | ExportQuota
    | ExportLicence
    | ExportBan
    | OriginRule
    | ProductionQuota
    | CapitalGrant,
    Field(discriminator="kind"),
]
"""Every instrument that a scenario may contain, told apart by ``kind``."""

__all__ = [
    "AnyPolicy",
    "CapitalGrant",
    "ContentTariff",
    "EntryPrice",
    "ExportBan",
    "ExportLicence",
    "ExportQuota",
    "ExportTax",
    "ImportQuota",
    "InputSubsidy",
    "InterventionPurchase",
    "MarginGuarantee",
    "MinimumImportPrice",
    "Offtake",
    "OriginRule",
    "PriceGuarantee",
    "ProductionQuota",
    "ProductionSubsidy",
    "ReferencePrice",
    "SourcingCap",
    "SteppedSafeguard",
    "Stockpile",
    "Tariff",
    "TariffRateQuota",
    "Undertaking",
]
