"""Minimum import price: outsiders may not sell below it, and keep the difference."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from pricing.core.declared import GoodId
from pricing.core.quantities import Price
from pricing.errors import Fault, InputError
from pricing.instruments.one_gap import per_importer
from pricing.instruments.policy import Places, Policy, helped
from pricing.instruments.terms import ALL, Array, CompareAt, Setting, Terms, TopUp, Wedge
from pricing.instruments.trade import HeldUp, Trade


class MinimumImportPrice(Policy):
    """Nothing from ``origins`` is cleared in ``destinations`` below a price.

    The border levy of a reference price whose gap exporters keep: they raise their invoice to the
    minimum, so that the treasury gets no levy, but ordinary duties on a higher value. A homogeneous
    good has one rent per importer, just high enough.
    """

    kind: Literal["minimum_import_price"] = "minimum_import_price"
    prices: Annotated[dict[GoodId, Price], Field(min_length=1)]
    """Good -> minimum price."""
    origins: Places = (ALL,)
    """Origins that are bound."""
    destinations: Places
    """Importers that enforce it."""
    compare_at: CompareAt = CompareAt.CIF
    """Price that may not be lower: FOB, CIF or duty paid."""

    @property
    def rent_role(self) -> Wedge:
        """Part of the invoice, for sellers."""
        return Wedge.SELLER

    def rent(self, trade: Trade) -> Array:
        """What sellers of homogeneous goods ask on top; the gaps of others are found by origin."""
        total = np.zeros_like(trade.flow)
        for limit, price in trade.multipliers(self.id):
            total = total + price * trade.on(limit.acts_on_arcs)
        return total

    def held_up(self, setting: Setting) -> HeldUp:
        """The minimum price; exporters keep the gap."""
        return HeldUp(self._reference(setting), self.compare_at, None, capture=1.0)

    def _reference(self, setting: Setting) -> Array:
        """(G, R, R) minimum price where it binds; ``-inf`` elsewhere [USD/t]."""
        mask = self.routes(setting, self.prices, self.origins, self.destinations)
        reference = np.full(mask.shape, -np.inf)
        for name, price in self.prices.items():
            where = self.where(f"prices.{name}")
            good = setting.good(name, where)
            reference[good][mask[good]] = setting.usd_per_tonne(name, price, where)
        return reference

    def helps(self, setting: Setting) -> Array:
        """Makers where the price is enforced."""
        goods = [setting.good(good, self.where("prices")) for good in self.prices]
        return helped(setting, goods, setting.members(self.destinations, ""))

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one top-up kept by exporters, and one limit per importer of homogeneous goods."""
        reference = self._reference(setting)
        for good in np.flatnonzero(setting.one_price & np.isfinite(reference).any(axis=(1, 2))):
            self._duty_paid()
            bound, price = np.isfinite(reference[good]), float(reference[good].max())
            terms.limits += per_importer(self, setting, int(good), price, bound, Wedge.SELLER)
        reference[setting.one_price] = -np.inf
        if np.isfinite(reference).any():
            terms.top_ups.append(
                TopUp(self.id, self.kind, reference, self.compare_at, None, capture=1.0)
            )

    def _duty_paid(self) -> None:
        """A homogeneous good has one delivered price, duty paid: no other can be compared."""
        if self.compare_at is not CompareAt.DUTY_PAID:
            problem = "a homogeneous good has one delivered price, which is duty paid"
            remedy = "Use compare_at duty_paid, or the logit law"
            raise InputError([Fault(problem, self.where("compare_at"), remedy=remedy)])
