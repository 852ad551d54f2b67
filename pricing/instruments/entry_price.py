"""Entry price: a duty that tops up a small undercut, and jumps to a fixed maximum beyond it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from pricing.core.declared import GoodId
from pricing.core.quantities import Price, Share
from pricing.instruments.jumps import HAIR, Band, CustomsValue, Edge, Filled, Jump
from pricing.instruments.policy import Places, Policy, helped
from pricing.instruments.terms import ALL, Array, Limit, Setting, Terms, Wedge, arcs
from pricing.instruments.trade import Trade

MOST_STEPS = 100
"""Steps of a schedule; each is a regime of every route. The European Union's has four."""


class EntryPrice(Policy):
    """Tops up imports to an entry price, but charges a fixed maximum once they are far below it.

    With the customs value ``v``, rents of sellers included, and the entry price ``E`` the duty is
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
            if steps > MOST_STEPS:
                raise ValueError(
                    f"'tolerance' is {steps:.4g} steps, more than {MOST_STEPS}: is the unit of "
                    "'step' right? For ever finer steps leave it out, and the undercut is due"
                )
        return self

    @property
    def rent_role(self) -> Wedge:
        """On top of the landed price, for the importer's treasury."""
        return Wedge.DUTY

    def rent(self, trade: Trade) -> Array:
        """Duty of the schedule at the customs value; what was charged where that is at an edge."""
        setting, value, near = trade.setting, trade.value_to(self.id), 3.0 * HAIR
        charged = np.zeros_like(value)
        for limit, duty in trade.multipliers(self.id):
            charged = charged + duty * trade.on(limit.acts_on_arcs)
        entry = setting.usd_per_tonne(self.good, self.entry_price, self.where("entry_price"))
        sides = [self._due(setting, value * (1.0 + d)) for d in (-near, near)]
        low, high = np.minimum(*sides), np.maximum(*sides)
        due = np.where(
            high - low > 4.0 * near * entry,
            np.clip(charged, low, high),
            self._due(setting, value),
        )
        covered = self.routes(setting, [self.good], self.origins, self.destinations)
        return np.where(covered, due, 0.0)

    def _due(self, setting: Setting, value: Array) -> Array:
        """Duty of the schedule at a customs value [USD/t]."""
        entry = setting.usd_per_tonne(self.good, self.entry_price, self.where("entry_price"))
        most = setting.usd_per_tonne(self.good, self.max_tariff, self.where("max_tariff"))
        under = np.maximum(entry - value, 0.0)
        if self.step is not None:
            step = self.step.fraction * entry
            under = step * np.ceil(under / step - HAIR * value / step)
        far = value <= (1.0 - self.tolerance.fraction) * entry * (1.0 + HAIR)
        return np.where(far, most, under)

    def helps(self, setting: Setting) -> Array:
        """Makers where the duty is charged."""
        good = setting.good(self.good, self.where("good"))
        return helped(setting, [good], setting.members(self.destinations, ""))

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one limit and one jump for each route."""
        covered = self.routes(setting, [self.good], self.origins, self.destinations)
        entry, edges = self._schedule(setting)
        for arc in arcs(covered):
            duty = _Duty(self, setting, int(arc), len(terms.limits))
            bands = tuple(self._bands(duty, entry, edges))
            terms.jumps.append(
                Jump(
                    policy=self.id,
                    instrument=self.kind,
                    place=f"'{self.id}' on {duty.route}",
                    unit="USD/t",
                    scale=entry,
                    measure=CustomsValue(int(arc)),
                    bands=bands,
                    edges=tuple(self._edges(duty, entry, edges, bands)),
                    filled=self._filled(duty, entry, edges),
                )
            )
            (first,) = bands[0].limits.values()
            terms.limits.append(first)

    def _schedule(self, setting: Setting) -> tuple[float, list[_Step]]:
        """The entry price, and every edge with the duties above and below it, from the top."""
        entry = setting.usd_per_tonne(self.good, self.entry_price, self.where("entry_price"))
        most = setting.usd_per_tonne(self.good, self.max_tariff, self.where("max_tariff"))
        last = (1.0 - self.tolerance.fraction) * entry * (1.0 + HAIR)
        if self.step is None:
            return entry, [_Step(last, entry - last, most)]
        step = self.step.fraction
        steps = round(self.tolerance.fraction / step)
        edges = [
            _Step((1.0 - n * step) * entry * (1.0 - HAIR), n * step * entry, (n + 1) * step * entry)
            for n in range(steps)
        ]
        return entry, [*edges, _Step(last, steps * step * entry, most)]

    def _bands(self, duty: _Duty, entry: float, edges: list[_Step]) -> Iterator[Band]:
        """Regimes of one route, from no duty down to the maximum."""
        upto = np.inf
        for edge in edges:
            share = edge.before / entry
            name = f"a duty of {share:.3g} of the entry price" if share else "no duty"
            amount, follows = edge.before, 0.0
            if self.step is None:
                name, amount, follows = "the undercut", entry, 1.0
            yield Band(name, edge.value, upto, duty.at(amount, follows))
            upto = edge.value
        yield Band("the maximum tariff", -np.inf, upto, duty.at(edges[-1].beyond))

    def _edges(
        self, duty: _Duty, entry: float, edges: list[_Step], bands: tuple[Band, ...]
    ) -> Iterator[Edge]:
        """What may hold between each band and the next."""
        for edge, (above, below) in zip(edges, pairwise(bands), strict=True):
            low, high = sorted((edge.before, edge.beyond))
            yield Edge(
                f"between {above.name} and {below.name}",
                edge.value - HAIR * entry,
                edge.value + HAIR * entry,
                {duty.position: duty.between(edge, low, high)},
                low=low,
                high=high,
                relieves=edge.beyond < edge.before,
            )

    def _filled(self, duty: _Duty, entry: float, edges: list[_Step]) -> Filled:
        """The undercut as far as it is due, or nothing, and what every edge adds."""
        first = duty.at(0.0)
        if self.step is None:
            first = duty.at(entry, 1.0, upper=edges[0].before)
        added = [(edge, edge.beyond - edge.before) for edge in edges]
        return Filled(
            first,
            tuple(duty.between(edge, min(add, 0.0), max(add, 0.0)) for edge, add in added),
        )


@dataclass(frozen=True)
class _Step:
    """An edge of the schedule."""

    value: float
    """Customs value [USD/t]."""
    before: float
    """Duty just above it [USD/t]."""
    beyond: float
    """Duty from there on down [USD/t]."""


@dataclass(frozen=True)
class _Duty:
    """Limits whose multipliers are the duty on one route."""

    policy: EntryPrice
    setting: Setting
    arc: int
    position: int
    """Where the first of them stands among all limits."""

    @property
    def route(self) -> str:
        """The route in words."""
        names, regions = self.setting.regions, len(self.setting.regions)
        origin, destination = divmod(self.arc % regions**2, regions)
        return f"{self.policy.good} from {names[origin]} to {names[destination]}"

    def at(self, amount: float, follows: float = 0.0, upper: float = np.inf) -> dict[int, Limit]:
        """``0 <= m <= upper  ⟂  m + follows v - amount``: ``m = amount - follows v`` inside."""
        value = (np.array([self.arc]), np.array([follows]))
        link = (np.array([self.position]), np.ones(1))
        limit = self._limit(upper=upper, constant=-amount, customs_value=value, link=link)
        return {self.position: limit}

    def between(self, edge: _Step, low: float, high: float) -> Limit:
        """``low <= m <= high  ⟂  v - edge``, or ``edge - v`` where crossing it lowers the duty."""
        sign = 1.0 if edge.beyond > edge.before else -1.0
        value = (np.array([self.arc]), np.array([sign]))
        constant = -sign * edge.value
        return self._limit(lower=low, upper=high, constant=constant, customs_value=value)

    def _limit(self, **parts: Any) -> Limit:
        policy, setting = self.policy, self.setting
        scale = float(setting.price_scale[setting.good(policy.good, policy.where("good"))])
        return Limit(
            policy=policy.id,
            instrument=policy.kind,
            name=f"duty of '{policy.id}' on {self.route}",
            unit="USD/t",
            scale=scale,
            condition_scale=scale,
            wedge=Wedge.DUTY,
            acts_on_arcs=np.array([self.arc]),
            fills_gap=True,
            counts_as_paid=True,
            **parts,
        )
