"""Stepped safeguard: a duty that takes a growing share of a fall in the import price."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from pricing.core.declared import Declared, GoodId
from pricing.core.quantities import Price, Share
from pricing.instruments.policy import Guarded, Places
from pricing.instruments.terms import ALL, Array, BoolArray, Limit, Setting, Terms, Wedge, arcs
from pricing.instruments.trade import Trade


class Band(Declared):
    """One step of the schedule."""

    fall: Annotated[Share, Field(title="Fall below the trigger")]
    """Fall below the trigger price, as a share of it, from which the rate holds."""
    rate: Annotated[Share, Field(title="Share of the fall taken")]
    """Share of the fall beyond it that is taken, until the next band."""


def _band(fall: float, rate: float) -> Band:
    return Band(fall=Share(value=fall, unit="%"), rate=Share(value=rate, unit="%"))


class SteppedSafeguard(Guarded):
    """Takes a growing share of what the customs value lies below a trigger price.

    With the value ``v``, the trigger ``T`` and bands of falls ``a`` and rates ``r``, the duty per
    tonne is ``sum (r - rate of the band before) max(0, (1 - a) T - v)``. The bands that stand here
    are those of the special safeguard of the WTO Agreement on Agriculture, article 5.5.
    """

    kind: Literal["stepped_safeguard"] = "stepped_safeguard"
    good: GoodId
    """Good that pays."""
    origins: Places = (ALL,)
    """Origins that pay."""
    destinations: Places
    """Importers that charge it."""
    trigger: Annotated[Price, Field(title="Trigger price")]
    """Price below which the duty begins to bite."""
    bands: Annotated[tuple[Band, ...], Field(min_length=1)] = (
        _band(10.0, 30.0),
        _band(40.0, 50.0),
        _band(60.0, 70.0),
        _band(75.0, 90.0),
    )
    """Steps, from the smallest fall to the largest; rates never fall."""

    @model_validator(mode="after")
    def _rising(self) -> SteppedSafeguard:
        falls = [band.fall.fraction for band in self.bands]
        rates = [band.rate.fraction for band in self.bands]
        if falls != sorted(set(falls)) or rates != sorted(rates):
            raise ValueError("'bands' must rise: each falls further and takes no less than before")
        return self

    @property
    def rent_role(self) -> Wedge:
        """On top of the landed price, for the importer's treasury."""
        return Wedge.DUTY

    def rent(self, trade: Trade) -> Array:
        """Duty of the schedule: each rate on the part of the fall inside its band."""
        trigger = trade.setting.usd_per_tonne(self.good, self.trigger, self.where("trigger"))
        fall = trigger - trade.value_to(self.id)
        edges = [band.fall.fraction * trigger for band in self.bands] + [np.inf]
        duty = np.zeros_like(trade.flow)
        for band, low, high in zip(self.bands, edges, edges[1:], strict=False):
            duty += band.rate.fraction * np.clip(fall - low, 0.0, high - low)
        covered = self.routes(trade.setting, [self.good], self.origins, self.destinations)
        return np.where(covered, duty, 0.0)

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one limit for each route and band."""
        mask = self.routes(setting, [self.good], self.origins, self.destinations)
        terms.limits += self._steps(setting, mask, len(terms.limits))

    def _steps(self, setting: Setting, mask: BoolArray, position: int) -> Iterator[Limit]:
        """``0 <= m  ⟂  m - step (level - v) >= 0``, which says ``m = step max(0, level - v)``."""
        good = setting.good(self.good, self.where("good"))
        trigger = setting.usd_per_tonne(self.good, self.trigger, self.where("trigger"))
        scale = float(setting.price_scale[good])
        regions = len(setting.regions)
        for arc in arcs(mask):
            origin, destination = divmod(int(arc) % regions**2, regions)
            before = 0.0
            for n, band in enumerate(self.bands, start=1):
                step, before = band.rate.fraction - before, band.rate.fraction
                if step == 0.0:
                    continue
                here = np.array([arc])
                yield Limit(
                    policy=self.id,
                    instrument=self.kind,
                    name=f"band {n} of '{self.id}' from {setting.regions[origin]} "
                    f"to {setting.regions[destination]}",
                    unit="USD/t",
                    upper=np.inf,
                    scale=scale,
                    condition_scale=scale,
                    constant=-step * (1.0 - band.fall.fraction) * trigger,
                    customs_value=(here, np.array([step])),
                    link=(np.array([position]), np.ones(1)),
                    wedge=Wedge.DUTY,
                    acts_on_arcs=here,
                    fills_gap=True,
                    counts_as_paid=True,
                )
                position += 1
