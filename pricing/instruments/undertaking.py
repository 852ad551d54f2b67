"""Price undertaking: exporters promise a price for a volume, and pay a duty beyond it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator

from pricing.core.declared import GoodId
from pricing.core.quantities import Price, Rate, Scaled, Tonnes
from pricing.instruments.one_gap import per_importer
from pricing.instruments.policy import Guarded, Places
from pricing.instruments.terms import Array, BoolArray, IntArray, Limit, Setting, Terms, Wedge, arcs
from pricing.instruments.trade import Trade


class Undertaking(Guarded):
    """Exporters sell ``volume`` tonnes a year at no less than ``price``; other tonnes pay a duty.

    With the customs value ``v`` before its own rents, an undertaken tonne is invoiced higher by
    the gap up to the promised price and by ``rho``, what a tonne of the volume is worth,
    nothing until it is filled: ``0 <= rho  ⟂  volume - undertaken tonnes >= 0``. Exporters keep
    both. Nobody undertakes what is dearer to the buyer than ``fallback v``, the duty on all other
    tonnes: slack, it is a minimum price; filled, an export quota; flooded, a tariff with a rent on
    the volume.

    A homogeneous good has one delivered price. Several origins that each asked their own gap would
    all land at it, and who sells would be open: they ask one gap, up to that price.
    """

    kind: Literal["undertaking"] = "undertaking"
    good: GoodId
    """Good that is covered."""
    origins: Places
    """Origins whose exporters promise the price and share the volume."""
    destinations: Places
    """Importers that accept it and charge the duty."""
    price: Annotated[Price, Field(title="Promised price")]
    """Lowest customs value of an undertaken tonne, before duties. For a homogeneous good that
    several origins undertake towards one importer it is the delivered price, duties included."""
    volume: Annotated[Tonnes, Field(title="Undertaken volume")]
    """Tonnes a year that may come in at the promised price; above zero."""
    fallback: Annotated[Rate, Scaled.DUTY, Field(title="Duty on other tonnes")]
    """Ad valorem duty on tonnes outside the undertaking, on the customs value; above zero."""

    @field_validator("volume")
    @classmethod
    def _positive(cls, volume: Tonnes) -> Tonnes:
        if volume.tonnes <= 0.0:
            raise ValueError("a volume of zero leaves only the duty: use a tariff")
        return volume

    @field_validator("fallback")
    @classmethod
    def _bites(cls, fallback: Rate) -> Rate:
        if fallback.fraction <= 0.0:
            raise ValueError(
                "without a duty on other tonnes nobody keeps the price; state one above zero"
            )
        return fallback

    @property
    def rent_role(self) -> Wedge:
        """Part of the invoice, for sellers."""
        return Wedge.SELLER

    def rent(self, trade: Trade) -> Array:
        """What exporters ask on top of undertaken tonnes, as an average over all tonnes."""
        setting = trade.setting
        promised = setting.usd_per_tonne(self.good, self.price, self.where("price"))
        covered = self.routes(setting, [self.good], self.origins, self.destinations)
        (_, scarce), *_ = trade.multipliers(self.id)
        gap = np.maximum(promised - trade.value_to(self.id), 0.0) / trade.value_gain
        for limit, price in trade.multipliers(self.id):
            if limit.buyer_price[0].size:  # one for several origins
                gap = np.where(trade.on(limit.acts_on_arcs) > 0.0, price, gap)
        most = self.fallback.fraction * trade.value_to(self.id) / trade.landed_gain
        within = np.maximum(trade.flow - self._beyond(trade), 0.0)
        share = within / np.where(trade.flow > 0.0, trade.flow, 1.0)
        return np.where(covered, np.minimum(gap + scarce, most) * share, 0.0)

    def receipts(self, trade: Trade) -> Array:
        """The duty on tonnes outside the undertaking."""
        duty = self.fallback.fraction * trade.value_to(self.id) * self._beyond(trade)
        return np.asarray(duty.sum(axis=(1, 2)))

    def _beyond(self, trade: Trade) -> Array:
        """(N, G, R, R) tonnes outside the undertaking [t]."""
        tonnes = np.zeros_like(trade.flow)
        for limit, outside in trade.multipliers(self.id):
            tonnes = tonnes + limit.over_quota * outside * trade.on(limit.acts_on_arcs)
        return tonnes

    def shared(self, setting: Setting) -> BoolArray:
        """(R, R) routes whose sellers ask one gap: several origins of a homogeneous good."""
        good = setting.good(self.good, self.where("good"))
        pairs = self.routes(setting, [self.good], self.origins, self.destinations)[good]
        return np.asarray(pairs & setting.one_price[good] & (pairs.sum(axis=0) > 1))

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append the volume, the gaps, and two limits for each route."""
        covered = self.routes(setting, [self.good], self.origins, self.destinations)
        first = len(terms.limits)
        gaps = list(self._gaps(setting, arcs(covered), first + 1))
        terms.limits.append(self._volume(setting, arcs(covered), first + 1 + len(gaps)))
        terms.limits += gaps
        terms.limits += self._outside(setting, arcs(covered), first, gaps)

    def _limit(self, setting: Setting, name: str, **parts: object) -> Limit:
        """A limit on prices or tonnes of the good; a rent in the invoice unless said otherwise."""
        good = setting.good(self.good, self.where("good"))
        scale = float(setting.price_scale[good])
        usual = {
            "unit": "USD/t",
            "upper": np.inf,
            "scale": scale,
            "condition_scale": scale,
            "constant": 0.0,
            "wedge": Wedge.SELLER,
        }
        return Limit(policy=self.id, instrument=self.kind, name=name, **(usual | parts))  # type: ignore[arg-type]

    def _volume(self, setting: Setting, covered: IntArray, outside: int) -> Limit:
        """``0 <= rho  ⟂  volume - sum (f - o) >= 0``."""
        one = np.ones(covered.size)
        return self._limit(
            setting,
            f"volume of '{self.id}'",
            condition_scale=self.volume.tonnes,
            constant=self.volume.tonnes,
            flow=(covered, one),
            link=(outside + 2 * np.arange(covered.size), one),
            acts_on_arcs=covered,
        )

    def _gaps(self, setting: Setting, covered: IntArray, first: int) -> Iterator[Limit]:
        """``0 <= g  ⟂  v + g - price >= 0`` on every route, or one gap for several origins."""
        good = setting.good(self.good, self.where("good"))
        price = setting.usd_per_tonne(self.good, self.price, self.where("price"))
        shared = self.shared(setting)
        own = covered[~shared.ravel()[covered % shared.size]]
        for position, arc in enumerate(own, start=first):
            here, one = np.array([arc]), np.ones(1)
            yield self._limit(
                setting,
                f"promised price of '{self.id}' {_route(setting, arc)}",
                constant=-price,
                customs_value=(here, one),
                raised_value=(np.array([position]), one),
                acts_on_arcs=here,
                alone=True,
            )
        yield from per_importer(self, setting, good, price, shared, Wedge.SELLER, alone=True)

    def _outside(
        self, setting: Setting, covered: IntArray, first: int, gaps: list[Limit]
    ) -> Iterator[Limit]:
        """The tonnes ``o`` outside it, and the discount ``d`` that holds the rent down there.

        =============  ====================================================
        ``0 <= o``     ``fallback v >= (g + rho - d)`` as the buyer pays it
        ``0 <= d``     ``f - o >= 0``
        =============  ====================================================
        """
        one, position = np.ones(1), first + 1 + len(gaps)
        for arc in covered:
            here, route = np.array([arc]), _route(setting, arc)
            (gap,) = (n for n, limit in enumerate(gaps) if arc in limit.acts_on_arcs)
            tonnes = float(setting.benchmark_flow.ravel()[arc])
            tonnes = max(1e-3 * self.volume.tonnes, min(self.volume.tonnes, tonnes))
            yield self._limit(
                setting,
                f"tonnes outside '{self.id}' {route}",
                unit="t",
                scale=tonnes,
                customs_value=(here, self.fallback.fraction * one),
                raised_landed=(
                    np.array([first, first + 1 + gap, position + 1]),
                    np.array([-1.0, -1.0, 1.0]),
                ),
                acts_on_arcs=here,
                over_quota=True,
                wedge=None,
            )
            yield self._limit(
                setting,
                f"tonnes within '{self.id}' {route}",
                condition_scale=tonnes,
                flow=(here, -one),
                link=(np.array([position]), -one),
                acts_on_arcs=here,
                arc_weight=-1.0,
            )
            position += 2


def _route(setting: Setting, arc: int) -> str:
    """A route in words."""
    origin, destination = divmod(int(arc) % len(setting.regions) ** 2, len(setting.regions))
    return f"from {setting.regions[origin]} to {setting.regions[destination]}"
