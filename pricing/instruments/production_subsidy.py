"""Production subsidy: a payment for every tonne made (45X-like)."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from pricing.core.declared import GoodId, ProcessId, RegionId
from pricing.core.quantities import Money, Price, Rate, Scaled, Tonnes
from pricing.instruments.supports import (
    BudgetRule,
    Ceiling,
    Eligible,
    PaidPerTonne,
    one_ceiling,
)
from pricing.instruments.terms import Array, Setting, Support, Terms
from pricing.instruments.trade import Trade


class ProductionSubsidy(PaidPerTonne):
    """Pays ``amount + rate x ex-works price`` per eligible tonne: all output, or what is sold.

    Producers respond to the price plus the payment; buyers pay the price. It is a guarantee that
    pays whatever the price. A phase-down is several policies with dates, each with its own amount.
    """

    kind: Literal["production_subsidy"] = "production_subsidy"
    good: GoodId
    """Good whose makers are paid."""
    region: RegionId
    """Region whose makers are paid."""
    processes: tuple[ProcessId, ...] | None = None
    """Paid processes; every maker of the good in the region if absent."""
    payer: RegionId | None = None
    """Region whose treasury pays; ``region`` if absent."""
    amount: Annotated[Price | None, Scaled.MARKUP, Field(title="Payment per tonne")] = None
    """Payment per tonne."""
    rate: Annotated[Rate | None, Field(title="Share of the price paid")] = None
    """Payment as a share of the ex-works price."""
    eligible: Annotated[Eligible, Field(title="Eligible tonnes")] = Eligible.PRODUCED
    """Whether output that nobody buys is paid for. The two differ only where the price is zero."""
    cap: Annotated[Tonnes | None, Field(title="Largest output paid for")] = None
    """Largest output paid for a year."""
    budget: Annotated[Money | None, Field(title="Budget a year")] = None
    """Largest sum paid a year."""
    budget_rule: BudgetRule = BudgetRule.PER_CONTRACT
    """How a budget that runs out is shared."""

    @model_validator(mode="after")
    def _consistent(self) -> ProductionSubsidy:
        if self.amount is None and self.rate is None:
            raise ValueError("a production subsidy needs 'amount' or 'rate'")
        one_ceiling(self.cap, self.budget)
        return self

    def receipts(self, trade: Trade) -> Array:
        """The payment on what was made, up to the cap or the budget."""
        setting = trade.setting
        good, region = self.place(setting)
        tonnes = self.paid_tonnes(trade)
        per_tonne = np.zeros(1)
        if self.amount is not None:
            per_tonne = per_tonne + setting.usd_per_tonne(self.good, self.amount, "")
        if self.rate is not None:
            per_tonne = per_tonne + self.rate.fraction * trade.price[:, good, region]
        paid = per_tonne * (tonnes if self.cap is None else np.minimum(tonnes, self.cap.tonnes))
        if self.budget is not None:
            paid = np.minimum(paid, self.budget.usd)
        return trade.out_of(self.paying(setting), paid)

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one support and, with a cap or budget, one limit."""
        good, region = self.place(setting)
        makers = self.covered(setting)
        amount = 0.0
        if self.amount is not None:
            amount = setting.usd_per_tonne(self.good, self.amount, self.where("amount"))
        own_price = good * len(setting.regions) + region
        support = Support(
            policy=self.id,
            instrument=self.kind,
            payer=self.paying(setting),
            process=makers,
            good=np.full(makers.size, good),
            index=np.zeros((makers.size, len(setting.goods) * len(setting.regions))),
            strike=amount,
            down=1.0,
            upper=np.inf,
            up=0.0,
            up_cap=np.inf,
        )
        # A negative weight: the gap between nothing and minus a share of the price is that share.
        support.index[:, own_price] = -self.rate.fraction if self.rate is not None else 0.0
        support = self.append(setting, terms, support)
        ceiling = Ceiling(self.cap, self.budget, self.budget_rule)
        terms.limits += ceiling.limits(setting, support, len(terms.supports) - 1)
