"""Entry price: a duty that tops up a small undercut, and jumps to a fixed maximum beyond it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from pricing.core.declared import GoodId
from pricing.core.quantities import Price, Share
from pricing.instruments.jumps import HAIR, Band, CustomsValue, Jump
from pricing.instruments.policy import Places, Policy, helped
from pricing.instruments.terms import ALL, Array, Limit, Setting, Terms, Wedge, arcs
from pricing.instruments.trade import Trade


class EntryPrice(Policy):
    """Tops up imports to an entry price, but charges a fixed maximum once they are far below it.

    With the customs value ``v`` before rents of sellers and the entry price ``E`` the duty is
    ``max(0, E - v)``, or ``E - v`` rounded up to a step, while ``v`` is less than ``tolerance``
    below ``E``. From there on it is the maximum tariff equivalent, whatever the price. It jumps
    there, and at every step: two outcomes may both be consistent with the prices that they lead to,
    or none. The result is the one with the lowest duties and lists the others.
    """

    kind: Literal["entry_price"] = "entry_price"
    good: GoodId
    """Good that pays."""
    origins: Places = (ALL,)
    """Origins that pay."""
    destinations: Places
    """Importers that charge it."""
    entry_price: Annotated[Price, Field(title="Entry price")]
    """Customs value from which nothing is due; above zero."""
    max_tariff: Annotated[Price, Field(title="Maximum tariff equivalent")]
    """Duty per tonne on what is further below it than the tolerance."""
    tolerance: Share = Share(value=8.0, unit="%")
    """Undercut at which the maximum is due, as a share of the entry price; between 0 and 100 %."""
    step: Annotated[Share | None, Field(title="Step of the duty")] = None
    """Step to which a smaller undercut is rounded up, as a share of the entry price; the undercut
    itself is due if absent."""

    @model_validator(mode="after")
    def _sensible(self) -> EntryPrice:
        tolerance = self.tolerance.fraction
        if self.entry_price.usd_per_tonne <= 0.0 or not 0.0 < tolerance < 1.0:
            raise ValueError(
                "'entry_price' and 'tolerance' must be above zero, 'tolerance' below 1"
            )
        if self.step is not None:
            steps = tolerance / self.step.fraction if self.step.fraction > 0.0 else 0.0
            if steps < 1.0 or abs(steps - round(steps)) > 1e-9 * steps:
                raise ValueError("'tolerance' must be a whole number of steps")
        return self

    @property
    def rent_role(self) -> Wedge:
        """On top of the landed price, for the importer's treasury."""
        return Wedge.DUTY

    def rent(self, trade: Trade) -> Array:
        """Duty of the schedule at the customs value."""
        setting, value = trade.setting, trade.plain_value
        entry = setting.usd_per_tonne(self.good, self.entry_price, self.where("entry_price"))
        most = setting.usd_per_tonne(self.good, self.max_tariff, self.where("max_tariff"))
        under = np.maximum(entry - value, 0.0)
        if self.step is not None:
            step = self.step.fraction * entry
            under = step * np.ceil(under / step - HAIR * value / step)
        far = value <= (1.0 - self.tolerance.fraction) * entry * (1.0 + HAIR)
        covered = self.routes(setting, [self.good], self.origins, self.destinations)
        return np.where(covered, np.where(far, most, under), 0.0)

    def helps(self, setting: Setting) -> Array:
        """Makers where the duty is charged."""
        good = setting.good(self.good, self.where("good"))
        return helped(setting, [good], setting.members(self.destinations, ""))

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one limit and one jump for each route."""
        covered = self.routes(setting, [self.good], self.origins, self.destinations)
        entry = setting.usd_per_tonne(self.good, self.entry_price, self.where("entry_price"))
        regions = len(setting.regions)
        for arc in arcs(covered):
            origin, destination = divmod(int(arc) % regions**2, regions)
            route = f"{self.good} from {setting.regions[origin]} to {setting.regions[destination]}"
            bands = tuple(self._bands(setting, int(arc), route, len(terms.limits)))
            terms.jumps.append(
                Jump(
                    policy=self.id,
                    instrument=self.kind,
                    place=f"'{self.id}' on {route}",
                    unit="USD/t",
                    scale=entry,
                    measure=CustomsValue(int(arc)),
                    bands=bands,
                )
            )
            (first,) = bands[0].limits.values()
            terms.limits.append(first)

    def _bands(self, setting: Setting, arc: int, route: str, position: int) -> Iterator[Band]:
        """Regimes of one route, from no duty down to the maximum."""
        entry = setting.usd_per_tonne(self.good, self.entry_price, self.where("entry_price"))
        most = setting.usd_per_tonne(self.good, self.max_tariff, self.where("max_tariff"))
        last = (1.0 - self.tolerance.fraction) * entry * (1.0 + HAIR)
        if self.step is None:
            limit = self._limit(setting, arc, route, position, follows=1.0, amount=entry)
            yield Band("the undercut", last, np.inf, {position: limit})
        else:
            steps, upto = round(self.tolerance.fraction / self.step.fraction), np.inf
            for n in range(steps + 1):
                share = n * self.step.fraction
                above = last if n == steps else (1.0 - share) * entry * (1.0 - HAIR)
                limit = self._limit(setting, arc, route, position, amount=share * entry)
                name = f"a duty of {share:.3g} of the entry price" if n else "no duty"
                yield Band(name, above, upto, {position: limit})
                upto = above
        limit = self._limit(setting, arc, route, position, amount=most)
        yield Band("the maximum tariff", -np.inf, last, {position: limit})

    def _limit(
        self,
        setting: Setting,
        arc: int,
        route: str,
        position: int,
        *,
        amount: float,
        follows: float = 0.0,
    ) -> Limit:
        """``0 <= m  ⟂  m + follows v - amount >= 0``: ``m = max(0, amount - follows v)``."""
        scale = float(setting.price_scale[setting.good(self.good, self.where("good"))])
        here = np.array([arc])
        return Limit(
            policy=self.id,
            instrument=self.kind,
            name=f"duty of '{self.id}' on {route}",
            unit="USD/t",
            upper=np.inf,
            scale=scale,
            condition_scale=scale,
            constant=-amount,
            customs_value=(here, np.array([follows])),
            link=(np.array([position]), np.ones(1)),
            wedge=Wedge.DUTY,
            acts_on_arcs=here,
        )
