"""Intervention purchase: a buyer of last resort defends a floor price at home."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from pricing.core.declared import GoodId, RegionId
from pricing.core.quantities import Money, Price, Tonnes
from pricing.errors import Fault, InputError
from pricing.instruments.policy import ForMakers
from pricing.instruments.terms import Limit, Setting, Terms


class InterventionPurchase(ForMakers):
    """The treasury buys home output at ``floor`` whenever the ex-works price would fall below it.

    It buys nothing while the price is above the floor, and at the floor what it takes to hold it,
    up to its limit: ``0 <= bought <= min(cap, budget / floor)  ⟂  p - floor``. When the limit is
    reached the price falls through the floor and the result says so.
    """

    kind: Literal["intervention_purchase"] = "intervention_purchase"
    good: GoodId
    """Good that is bought."""
    region: RegionId
    """Region whose output is bought, and whose treasury pays."""
    floor: Annotated[Price, Field(title="Floor price")]
    """Price paid, ex works."""
    cap: Annotated[Tonnes | None, Field(title="Largest purchase")] = None
    """Largest purchase a year; none if absent."""
    budget: Annotated[Money | None, Field(title="Budget a year")] = None
    """Largest outlay a year; none if absent."""

    def limit(self, floor: float) -> float:
        """Largest purchase [t] at a floor [USD/t]."""
        by_cap = np.inf if self.cap is None else self.cap.tonnes
        by_budget = np.inf if self.budget is None or floor == 0.0 else self.budget.usd / floor
        return float(min(by_cap, by_budget))

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one limit whose multiplier is the tonnes bought."""
        good, region = self.place(setting)
        floor = setting.usd_per_tonne(self.good, self.floor, self.where("floor"))
        if setting.makers(good, region).size == 0:
            raise InputError(
                [
                    Fault(
                        f"{self.region} has no output of {self.good} to buy",
                        self.where("region"),
                        remedy="Name a producing region or switch on an announced plant",
                    )
                ]
            )
        here = np.array([good * len(setting.regions) + region], dtype=np.intp)
        one = np.ones(1)
        terms.limits.append(
            Limit(
                policy=self.id,
                instrument=self.kind,
                name=f"purchases of {self.good} in {self.region} ('{self.id}')",
                unit="t",
                upper=self.limit(floor),
                scale=float(setting.quantity_scale[good, region]),
                condition_scale=float(setting.price_scale[good]),
                constant=-floor,
                price=(here, one),
                acts_on_balance=(here, one),
            )
        )
