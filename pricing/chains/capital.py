"""What capacity costs, as it is declared in a chain file."""

from __future__ import annotations

from pydantic import model_validator

from pricing.core.declared import Declared, Text
from pricing.core.quantities import Price, Rate, Span
from pricing.core.sources import SourceId
from pricing.economics.capacity import annuity_factor


class CapitalCost(Declared):
    """Stated cost of building capacity.

    Announced plants are built where they earn its annuity. Plants of the base year pay what they
    earned then; how far that is from this number is reported.
    """

    investment: Price
    """Money for one tonne a year of capacity."""
    years: Span
    """Span over which it is paid back."""
    rate: Rate
    """Real cost of capital a year."""
    source: SourceId
    """Key in ``sources``."""
    derivation: Text | None = None
    """How it was derived."""

    @model_validator(mode="after")
    def _takes_time(self) -> CapitalCost:
        if self.years.years <= 0.0:
            raise ValueError("'years' must be above zero")
        return self

    @property
    def annuity(self) -> float:
        """Yearly cost of one tonne of capacity [USD/t]."""
        factor = annuity_factor(self.rate.fraction, self.years.years)
        return self.investment.usd_per_tonne * factor
