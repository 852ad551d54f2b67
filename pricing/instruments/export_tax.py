"""Export tax: a charge on what leaves, for the exporter's treasury."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from pricing.core.declared import GoodId
from pricing.core.quantities import Price, Rate, Scaled
from pricing.instruments.policy import Places, Policy
from pricing.instruments.terms import ALL, Array, ExportCharge, Setting, Terms, Wedge
from pricing.instruments.trade import Trade


class ExportTax(Policy):
    """A tax on every tonne that leaves ``origins`` for ``destinations``.

    ``FOB = p (1 + rate + unrefunded VAT) + specific``. The exporter's treasury takes it; it is part
    of the customs value, so that ad valorem import duties are charged on it too. Sales at home are
    free of it, and so a wedge opens between the price at home and abroad.
    """

    kind: Literal["export_tax"] = "export_tax"
    goods: Annotated[tuple[GoodId, ...], Field(min_length=1)]
    """Goods that pay."""
    origins: Places
    """Regions that charge it."""
    destinations: Places = (ALL,)
    """Where the goods go."""
    rate: Annotated[Rate | None, Scaled.DUTY, Field(title="Rate")] = None
    """Rate on the ex-works price without VAT."""
    specific: Annotated[Price | None, Scaled.MARKUP, Field(title="Tax per tonne")] = None
    """Tax per tonne."""

    @model_validator(mode="after")
    def _something(self) -> ExportTax:
        if self.rate is None and self.specific is None:
            raise ValueError("an export tax needs 'rate' or 'specific'")
        return self

    @property
    def rent_role(self) -> Wedge:
        """Part of the invoice, for the exporter's treasury."""
        return Wedge.ORIGIN_TREASURY

    def rent(self, trade: Trade) -> Array:
        """The tax per tonne that leaves."""
        rate, specific = self._rates(trade.setting)
        return rate * trade.price[..., None] + specific

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one charge."""
        terms.export_charges.append(ExportCharge(self.id, self.kind, *self._rates(setting)))

    def _rates(self, setting: Setting) -> tuple[Array, Array]:
        """(G, R, R) rate on the ex-works price and specific tax [1, USD/t]."""
        pays = self.routes(setting, self.goods, self.origins, self.destinations)
        rate, specific = np.zeros(pays.shape), np.zeros(pays.shape)
        for name in self.goods:
            good = setting.good(name, self.where("goods"))
            if self.rate is not None:
                rate[good] = pays[good] * self.rate.fraction
            if self.specific is not None:
                per_tonne = setting.usd_per_tonne(name, self.specific, self.where("specific"))
                specific[good] = pays[good] * per_tonne
        return rate, specific
