"""Content tariff: a duty on what a derivative good contains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from pricing.core.declared import Declared, GoodId, PlaceId
from pricing.core.quantities import Price, Rate, Scaled, Share
from pricing.errors import Fault, InputError
from pricing.instruments.policy import Places, Policy, helped
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


class MetalValue(Declared):
    """One rate on the value of the content, another on the rest (United States, August 2025)."""

    kind: Literal["metal_value"] = "metal_value"
    value_share: Share
    """Value of the content as a share of the customs value."""
    rate: Annotated[Rate, Scaled.DUTY, Field(title="Ad valorem rate")]
    """Ad valorem rate on the content."""
    rate_on_rest: Annotated[Rate, Scaled.DUTY, Field(title="Rate on the rest")] = Rate(
        value=0.0, unit="1"
    )
    """Ad valorem rate on the rest of the value."""

    def ad_valorem(self) -> float:
        """Rate on the whole customs value [1]."""
        share = self.value_share.fraction
        return share * self.rate.fraction + (1.0 - share) * self.rate_on_rest.fraction


class FullValue(Declared):
    """A rate on the whole value once the content passes a threshold (United States, April 2026)."""

    kind: Literal["full_value"] = "full_value"
    weight_share: Share
    """Weight of the content as a share of the good."""
    threshold: Share
    """Share by weight above which the duty is due."""
    rate: Annotated[Rate, Scaled.DUTY, Field(title="Ad valorem rate")]
    """Ad valorem rate on the whole customs value."""

    def ad_valorem(self) -> float:
        """Rate on the whole customs value [1]."""
        due = self.weight_share.fraction > self.threshold.fraction
        return self.rate.fraction if due else 0.0


class EmbeddedReferenceGap(Declared):
    """What the covered goods inside are cheaper than their reference prices at the origin.

    ``sum of content x max(0, reference - ex-works price in the origin of the derivative)``. On each
    path of inputs only the most downstream covered good counts. Where the origin makes none of a
    covered good, what its buyers pay for it is compared.
    """

    kind: Literal["embedded_reference_gap"] = "embedded_reference_gap"
    references: Annotated[dict[GoodId, Price], Field(min_length=1)]
    """Covered good -> reference price."""

    def contents(self, setting: Setting, good: int, where: str) -> dict[int, float]:
        """Covered good -> tonnes in one tonne of a derivative [t/t].

        Raises
        ------
        InputError
            If it contains none of them.
        """
        covered = {setting.good(n, f"{where}.references.{n}") for n in self.references}
        found: dict[int, float] = {}
        self._walk(setting, good, 1.0, covered, found)
        if not found:
            problem = f"{setting.goods[good]} contains none of {', '.join(self.references)}"
            remedy = "Name goods that it is made of"
            raise InputError([Fault(problem, f"{where}.references", remedy=remedy)])
        return found

    def _walk(
        self, setting: Setting, good: int, tonnes: float, covered: set[int], found: dict[int, float]
    ) -> None:
        for part in np.flatnonzero(setting.recipe[good]):
            inside = tonnes * float(setting.recipe[good, part])
            if int(part) in covered:
                found[int(part)] = found.get(int(part), 0.0) + inside
            else:
                self._walk(setting, int(part), inside, covered, found)


Basis = Annotated[MetalValue | FullValue | EmbeddedReferenceGap, Field(discriminator="kind")]


class ContentTariff(Policy):
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
        """Rate on the whole value; none where the gap of inputs is charged."""
        if isinstance(self.basis, EmbeddedReferenceGap):
            return None
        pays = self._pays(setting)
        return np.where(pays, self.basis.ad_valorem(), 0.0), np.zeros(pays.shape)

    def rent(self, trade: Trade) -> Array:
        """Gap of the covered goods inside, at the origin of the derivative."""
        due, setting = np.zeros_like(trade.flow), trade.setting
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

    def helps(self, setting: Setting) -> Array:
        """Makers where the duty is charged."""
        good = setting.good(self.good, self.where("good"))
        return helped(setting, [good], setting.members(self.destinations, ""))

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one duty, or one limit for each origin and covered good."""
        duty = self.duty(setting)
        if duty is not None:
            terms.duties.append(Duty(self.id, self.kind, *duty))
        elif isinstance(self.basis, EmbeddedReferenceGap):
            pays = self._pays(setting)
            terms.limits += self._gaps(setting, self.basis, pays, len(terms.limits))

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
                    **{"price" if made else "buyer_price": price},  # type: ignore[arg-type]
                )
                first += 1
