"""Margin guarantee: a treasury makes up cash earnings to a floor."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from pricing.core.declared import GoodId, ProcessId, RegionId
from pricing.core.quantities import Money, Rate
from pricing.instruments.supports import PaidToMakers
from pricing.instruments.terms import Array, MarginFloor, Setting, Terms
from pricing.instruments.trade import Trade


class MarginGuarantee(PaidToMakers):
    """Pays ``max(0, floor - cash earnings)`` a year, where the floor grows at ``escalation``.

    Cash earnings (EBITDA) are sales and payments less inputs, conversion and fixed cash cost. It is
    a lump sum: it changes nobody's output, and it pays more the worse the plant does.
    """

    kind: Literal["margin_guarantee"] = "margin_guarantee"
    good: GoodId
    """Good whose makers are covered."""
    region: RegionId
    """Region whose makers are covered."""
    processes: tuple[ProcessId, ...] | None = None
    """Covered processes, which share one floor; every maker there if absent."""
    payer: RegionId | None = None
    """Region whose treasury pays; ``region`` if absent."""
    floor: Annotated[Money, Field(title="Guaranteed cash earnings")]
    """Cash earnings guaranteed in the first year."""
    escalation: Rate = Rate(value=0.0, unit="%")
    """Growth of the floor a year."""
    contract_year: int = Field(default=1, ge=1, le=99)
    """Year of the contract; the floor of year n is ``floor (1 + escalation)^(n - 1)``."""
    fixed_cash_cost: Annotated[Money, Field(title="Fixed cash cost")]
    """Cash cost that does not depend on output, which no curve of the chain contains."""

    @property
    def floor_now(self) -> float:
        """Floor in the year of the contract [USD]."""
        return float(self.floor.usd * (1.0 + self.escalation.fraction) ** (self.contract_year - 1))

    def receipts(self, trade: Trade) -> Array:
        """What cash earnings by areas are short of the floor."""
        setting, covered = trade.setting, self.covered(trade.setting)
        cash = trade.cash[:, covered].sum(axis=1) - self.fixed_cash_cost.usd
        paid = np.maximum(self.floor_now - cash, 0.0)
        return trade.out_of(self.paying(setting), paid)

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one floor."""
        terms.margin_floors.append(
            MarginFloor(
                policy=self.id,
                instrument=self.kind,
                payer=self.paying(setting),
                process=self.covered(setting),
                floor=self.floor_now,
                fixed_cash_cost=self.fixed_cash_cost.usd,
            )
        )
