"""Ad valorem, specific or compound import duty."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pricing.core.declared import GoodId, LayerId
from pricing.core.quantities import Price, Rate, Scaled
from pricing.instruments.policy import Guarded, Places
from pricing.instruments.terms import ALL, Array, Duty, Setting, Terms, filled


class Tariff(Guarded):
    """An import duty on the importer's customs value, on top of the duties that exist.

    ``duty = rate x customs value + specific`` for every tonne from ``origins`` to
    ``destinations`` that crosses a customs border. The importer's treasury takes it. It adds to
    other duties, unless it yields to some or includes them.
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
    yields_to: Annotated[tuple[LayerId, ...], Field(title="Not charged beside")] = ()
    """Duty layers and tariffs beside which it is not charged; it adds to all others."""
    higher_of: Annotated[tuple[LayerId, ...], Field(title="Includes")] = ()
    """Duty layers and tariffs that it includes: the higher of them and this one is paid."""

    @model_validator(mode="after")
    def _something(self) -> Tariff:
        if self.rate is None and self.specific is None:
            raise ValueError("a tariff needs 'rate' or 'specific'")
        both = sorted(set(self.yields_to) & set(self.higher_of))
        if both:
            raise ValueError(f"'{both[0]}' stands in 'yields_to' and in 'higher_of'; choose one")
        return self

    def duty(self, setting: Setting) -> tuple[Array, Array]:
        """Rate and specific duty on what crosses the border."""
        pays = self.routes(setting, [self.good], self.origins, self.destinations)
        rate = self.rate.fraction if self.rate is not None else 0.0
        specific = 0.0
        if self.specific is not None:
            specific = setting.usd_per_tonne(self.good, self.specific, self.where("specific"))
        return filled(pays, rate, 0.0), filled(pays, specific, 0.0)

    @property
    def stacking(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """As stated."""
        return self.yields_to, self.higher_of

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one duty."""
        terms.duties.append(Duty(self.id, self.kind, *self.duty(setting), *self.stacking))
