"""Content tariff: a duty on what a derivative good contains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from pricing.core.declared import GoodId, PlaceId
from pricing.errors import Fault, InputError
from pricing.instruments.contents import Basis, EmbeddedReferenceGap, FullValue
from pricing.instruments.jumps import Band, Content, Jump
from pricing.instruments.policy import Guarded, Places
from pricing.instruments.terms import (
    ALL,
    Array,
    BoolArray,
    Duty,
    IntArray,
    Limit,
    Setting,
    Terms,
    Wedge,
)
from pricing.instruments.trade import Trade


class ContentTariff(Guarded):
    """A duty on a derivative good for what it contains, so that a floor does not leak through it.

    Three bases: the value of the content; the whole value above a threshold by weight; or the gap
    between reference prices and what the inputs cost where the derivative was made.
    """

    kind: Literal["content_tariff"] = "content_tariff"
    good: GoodId
    """Derivative good that pays."""
    origins: Places = (ALL,)
    """Origins that pay."""
    destinations: Places
    """Importers that charge it."""
    exempt: tuple[PlaceId, ...] = ()
    """Origins that pay nothing, because their inputs come from inside the zone."""
    basis: Annotated[Basis, Field(title="What the duty is charged on")]
    """What the duty is charged on."""

    @property
    def rent_role(self) -> Wedge:
        """On top of the landed price, for the importer's treasury."""
        return Wedge.DUTY

    def duty(self, setting: Setting) -> tuple[Array, Array] | None:
        """Rate on the whole value; none where it depends on prices."""
        rate = None if isinstance(self.basis, EmbeddedReferenceGap) else self.basis.ad_valorem()
        if rate is None:
            return None
        pays = self._pays(setting)
        return np.where(pays, rate, 0.0), np.zeros(pays.shape)

    def rent(self, trade: Trade) -> Array:
        """Gap of the covered goods inside, or the rate where the weight inside is too high."""
        due, setting = np.zeros_like(trade.flow), trade.setting
        if isinstance(self.basis, FullValue) and self.basis.inputs is not None:
            return self._above(trade, self.basis)
        if not isinstance(self.basis, EmbeddedReferenceGap):
            return due
        good = setting.good(self.good, self.where("good"))
        places = range(len(setting.regions))
        for part, tonnes in self.basis.contents(setting, good, self.where("basis")).items():
            name = setting.goods[part]
            reference = setting.usd_per_tonne(name, self.basis.references[name], "")
            makes = np.array([setting.makers(part, region).size > 0 for region in places])
            price = np.where(makes, trade.price[:, part], trade.index[:, part])
            due[:, good] += tonnes * np.maximum(reference - price, 0.0)[:, :, None]
        return np.where(self._pays(setting), due, 0.0)

    def _above(self, trade: Trade, basis: FullValue) -> Array:
        """(N, G, R, R) the rate on what comes from origins above the threshold [USD/t]."""
        setting, heavy = trade.setting, np.zeros_like(trade.flow, dtype=bool)
        good = setting.good(self.good, self.where("good"))
        parts = basis.parts(setting, good, self.where("basis"))
        for origin in range(len(setting.regions)):
            makers = setting.makers(good, origin)
            if makers.size:
                used = trade.inputs[:, makers][:, :, parts].sum(axis=2) * trade.level[:, makers]
                made = trade.made(makers, good)
                heavy[:, good, origin] = (used.sum(axis=1) > basis.threshold.fraction * made)[
                    :, None
                ]
        return np.where(
            self._pays(setting) & heavy, basis.rate.fraction * trade.value_to(self.id), 0.0
        )

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one duty, or one limit for each origin and covered good."""
        duty = self.duty(setting)
        if duty is not None:
            terms.duties.append(Duty(self.id, self.kind, *duty))
        elif isinstance(self.basis, EmbeddedReferenceGap):
            pays = self._pays(setting)
            terms.limits += self._gaps(setting, self.basis, pays, len(terms.limits))
        elif isinstance(self.basis, FullValue):
            self._thresholds(setting, self.basis, terms)

    def _thresholds(self, setting: Setting, basis: FullValue, terms: Terms) -> None:
        """Append one limit for each route and one jump for each origin."""
        good, pays = setting.good(self.good, self.where("good")), self._pays(setting)
        parts = basis.parts(setting, good, self.where("basis"))
        for origin in np.flatnonzero(pays[good].any(axis=1)):
            if not setting.makers(good, int(origin)).size:
                continue
            place = setting.regions[origin]
            routes = [(int(origin), int(buyer)) for buyer in np.flatnonzero(pays[good, origin])]
            places = list(enumerate(routes, len(terms.limits)))
            free, due = (
                {n: self._on_value(setting, route, rate, n) for n, route in places}
                for rate in (0.0, basis.rate.fraction)
            )
            terms.limits += free.values()
            terms.jumps.append(
                Jump(
                    policy=self.id,
                    instrument=self.kind,
                    place=f"'{self.id}' on {self.good} from {place}",
                    unit="t/t",
                    scale=1.0,
                    measure=Content(good, int(origin), parts),
                    bands=(
                        Band("below the threshold", -np.inf, basis.threshold.fraction, free),
                        Band("above the threshold", basis.threshold.fraction, np.inf, due),
                    ),
                )
            )

    def _on_value(
        self, setting: Setting, route: tuple[int, int], rate: float, position: int
    ) -> Limit:
        """``0 <= m  ⟂  m - rate v >= 0``, which says ``m = rate v``."""
        good, regions = setting.good(self.good, self.where("good")), len(setting.regions)
        scale = float(setting.price_scale[good])
        here = np.array([(good * regions + route[0]) * regions + route[1]])
        origin, destination = (setting.regions[r] for r in route)
        return Limit(
            policy=self.id,
            instrument=self.kind,
            name=f"duty of '{self.id}' on {self.good} from {origin} to {destination}",
            unit="USD/t",
            upper=np.inf,
            scale=scale,
            condition_scale=scale,
            constant=0.0,
            customs_value=(here, np.array([-rate])),
            link=(np.array([position]), np.ones(1)),
            wedge=Wedge.DUTY,
            acts_on_arcs=here,
            counts_as_paid=True,
        )

    def _pays(self, setting: Setting) -> BoolArray:
        """(G, R, R) routes that pay."""
        mask = self.routes(setting, [self.good], self.origins, self.destinations)
        exempt = setting.members(self.exempt, self.where("exempt"))
        mask &= ~exempt[setting.sold_as, None]
        if not mask.any():
            problem = "every origin is exempt: nothing pays"
            raise InputError([Fault(problem, self.where("exempt"), remedy="Leave one out")])
        return mask

    def _gaps(
        self, setting: Setting, basis: EmbeddedReferenceGap, mask: BoolArray, first: int
    ) -> Iterator[Limit]:
        """``0 <= m  ⟂  m - content (reference - price) >= 0``, which says ``m = max(0, gap)``."""
        good, regions = setting.good(self.good, self.where("good")), len(setting.regions)
        contents = basis.contents(setting, good, self.where("basis"))
        for origin in np.flatnonzero(mask[good].any(axis=1)):
            covered: IntArray = (good * regions + origin) * regions + np.flatnonzero(
                mask[good, origin]
            )
            for part, tonnes in contents.items():
                name = setting.goods[part]
                where = self.where(f"basis.references.{name}")
                reference = setting.usd_per_tonne(name, basis.references[name], where)
                price = (np.array([part * regions + origin]), np.array([tonnes]))
                made = setting.makers(part, int(origin)).size > 0
                yield Limit(
                    policy=self.id,
                    instrument=self.kind,
                    name=f"{name} in {self.good} from {setting.regions[origin]} ('{self.id}')",
                    unit="USD/t",
                    upper=np.inf,
                    scale=float(setting.price_scale[good]),
                    condition_scale=float(setting.price_scale[good]),
                    constant=-tonnes * reference,
                    link=(np.array([first]), np.ones(1)),
                    wedge=Wedge.DUTY,
                    acts_on_arcs=covered,
                    counts_as_paid=True,
                    **{"price" if made else "buyer_price": price},  # type: ignore[arg-type]
                )
                first += 1
