"""Ad valorem, specific or compound import duty."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pricing.core.declared import GoodId
from pricing.core.quantities import Price, Rate, Scaled
from pricing.instruments.policy import Places, Policy
from pricing.instruments.terms import ALL, Duty, Setting, Terms


class Tariff(Policy):
    """An import duty on the importer's customs value, on top of the duties that exist.

    ``duty = rate x customs value + specific`` for every tonne from ``origins`` to
    ``destinations`` that crosses a customs border. The importer's treasury takes it.
    """

    kind: Literal["tariff"] = "tariff"
    good: GoodId
    """Good that pays."""
    origins: Places = (ALL,)
    """Origins that pay."""
    destinations: Places
    """Importers that charge it."""
    rate: Annotated[Rate | None, Scaled.DUTY, Field(title="Ad valorem rate")] = None
    """Ad valorem rate on the customs value (FOB or CIF by importer)."""
    specific: Annotated[Price | None, Scaled.MARKUP, Field(title="Specific duty")] = None
    """Specific duty per tonne."""

    @model_validator(mode="after")
    def _something(self) -> Tariff:
        if self.rate is None and self.specific is None:
            raise ValueError("a tariff needs 'rate' or 'specific'")
        return self

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one duty."""
        good = setting.good(self.good, self.where("good"))
        origins = setting.members(self.origins, self.where("origins"))
        destinations = setting.members(self.destinations, self.where("destinations"))
        pays = self.charged(setting, origins, destinations)
        rate, specific = terms.zeros(), terms.zeros()
        rate[good] = pays * (self.rate.fraction if self.rate else 0.0)
        if self.specific is not None:
            specific[good] = pays * setting.usd_per_tonne(
                self.good, self.specific, self.where("specific")
            )
        terms.duties.append(Duty(self.id, self.kind, rate, specific))
