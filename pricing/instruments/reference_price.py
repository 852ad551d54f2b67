"""Reference price per good and stage, held up at the border of a zone (FORGE)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from pricing.errors import Fault, InputError
from pricing.instruments.border import AppliesTo, BorderLevy, Exports, Mechanism, UniformLevy
from pricing.instruments.levels import Level
from pricing.instruments.one_gap import one_gap, per_importer
from pricing.instruments.policy import Places, Policy, helped
from pricing.instruments.terms import (
    Array,
    BoolArray,
    CompareAt,
    IntArray,
    Limit,
    Setting,
    Sparse,
    Terms,
    TopUp,
    Wedge,
    arcs,
    filled,
)
from pricing.instruments.trade import HeldUp, Trade


class ReferencePrice(Policy):
    """A price at the border of a zone below which nothing from outside may land untaxed.

    It lifts what outsiders' goods cost inside the zone; members' own ex-works price follows only
    as far as buyers move to them. Trade between members is free of it.
    """

    kind: Literal["reference_price"] = "reference_price"
    zone: Places
    """Members: a zone of the scenario, or regions."""
    applies_to: AppliesTo = AppliesTo.NON_MEMBERS
    """Who is bound by it."""
    exports: Exports = Exports.EXEMPT
    """Whether members' sales to outsiders are bound too; for ``all_sales``."""
    level: Annotated[Level, Field(title="Reference price by good")]
    """Reference price by good."""
    mechanism: Mechanism
    """How the border holds it up."""

    @model_validator(mode="after")
    def _exports_matter(self) -> ReferencePrice:
        if self.exports is Exports.BOUND and self.applies_to is AppliesTo.NON_MEMBERS:
            raise ValueError("'exports: bound' binds members' sales; it needs 'all_sales'")
        return self

    @property
    def rent_role(self) -> Wedge:
        """Part of the invoice, for sellers."""
        return Wedge.SELLER

    def rent(self, trade: Trade) -> Array:
        """What members ask above their own price, and what sellers of homogeneous goods keep."""
        rent = np.zeros_like(trade.flow)
        if self.applies_to is AppliesTo.ALL_SALES:
            rent = self._asked(trade)
        for limit, price in trade.multipliers(self.id):
            if limit.wedge is Wedge.SELLER and limit.buyer_price[0].size:  # homogeneous
                rent = rent + price * trade.on(limit.acts_on_arcs, limit.arc_weight)
        return rent

    def _asked(self, trade: Trade) -> Array:
        """(N, G, R, R) reference less ex-works price of members, where it is above [USD/t]."""
        setting, rent = trade.setting, np.zeros_like(trade.flow)
        members = setting.members(self.zone, self.where("zone"))
        buyers = members | (self.exports is Exports.BOUND)
        for good, price in self.level.resolve(setting, self.where("level")).items():
            for seller in np.flatnonzero(members & ~setting.one_price[good]):
                if setting.makers(good, int(seller)).size:
                    above = np.maximum(price - trade.price[:, good, seller, None], 0.0)
                    rent[:, good, seller] = np.where(buyers, above, 0.0)
        return rent

    @property
    def _captures(self) -> float:
        """Share of the gap that exporters keep [1]."""
        border = isinstance(self.mechanism, BorderLevy)
        return self.mechanism.rent_capture.fraction if border else 0.0  # type: ignore[union-attr]

    def held_up(self, setting: Setting) -> HeldUp | None:
        """The reference price where every origin is lifted to it by itself."""
        if not isinstance(self.mechanism, BorderLevy):
            return None
        at, layers = self.mechanism.compare_at, self.mechanism.layers
        return HeldUp(self._reference(setting), at, layers, self._captures)

    def _reference(self, setting: Setting) -> Array:
        """(G, R, R) reference price on imports from outside; ``-inf`` elsewhere [USD/t]."""
        members = setting.members(self.zone, self.where("zone"))
        outside = setting.as_sold(setting.border & members[None, :] & ~members[:, None])
        reference = np.full((len(setting.goods), *outside.shape), -np.inf)
        for good, price in self.level.resolve(setting, self.where("level")).items():
            reference[good] = np.where(outside, price, -np.inf)
        return reference

    def receipts(self, trade: Trade) -> Array:
        """Gaps left open by invoices; elsewhere what landed prices hold beyond all else.

        Of several references on one delivered price the highest collects.
        """
        _setting, bound = trade.setting, np.isfinite(self._reference(trade.setting))
        left = np.zeros_like(trade.flow)
        if isinstance(self.mechanism, BorderLevy):
            left = trade.levies[self.id]
            bound = bound & trade.highest[self.id] & (self._captures < 1.0)
        levy = left + np.where(bound, trade.rest, 0.0)
        return np.asarray((levy * trade.flow).sum(axis=(1, 2)))

    def helps(self, setting: Setting) -> Array:
        """Members' makers of the covered goods."""
        goods = self.level.resolve(setting, self.where("level"))
        return helped(setting, goods, setting.members(self.zone, self.where("zone")))

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one top-up, or one limit per good and customs territory."""
        members = setting.members(self.zone, self.where("zone"))
        self._check_unions(setting, members)
        levels = self.level.resolve(setting, self.where("level"))
        all_sales = self.applies_to is AppliesTo.ALL_SALES
        one_price = {good: price for good, price in levels.items() if setting.one_price[good]}
        if all_sales:
            own = {good: price for good, price in levels.items() if good not in one_price}
            terms.limits += self._own_sales(setting, own, members, len(terms.limits))
            self._all_at_one_price(setting, one_price, members, terms)
        if all_sales and members[setting.proper].all():
            return  # nobody is outside
        covered = self.charged(setting, ~members, members)
        if isinstance(self.mechanism, BorderLevy):
            reference = np.full_like(terms.zeros(), -np.inf)
            for good in one_price:
                price, wedge = levels.pop(good), self._wedge(self.mechanism)
                if not all_sales:
                    terms.limits += per_importer(self, setting, good, price, covered, wedge)
            if not levels:
                return
            for good, price in levels.items():
                pairs = terms.zeros().astype(bool)
                pairs[good] = covered
                reference = filled(pairs, price, reference)
            terms.top_ups.append(
                TopUp(
                    self.id,
                    self.kind,
                    reference,
                    self.mechanism.compare_at,
                    self.mechanism.layers,
                    self.mechanism.rent_capture.fraction,
                )
            )
            return
        for good, price in levels.items():
            for name, buyers in self._levying(setting, members):
                mask = terms.zeros().astype(bool)
                mask[good] = covered & buyers[None, setting.sold_as]
                terms.limits.append(self._levy(setting, good, price, name, buyers, arcs(mask)))

    def _all_at_one_price(
        self, setting: Setting, goods: dict[int, float], members: BoolArray, terms: Terms
    ) -> None:
        """Homogeneous goods under ``all_sales``: one gap for all sellers to a buyer."""
        if not goods:
            return
        if self.exports is Exports.BOUND:
            raise InputError(
                [
                    Fault(
                        "a homogeneous good has one delivered price: outside the zone members "
                        "that ask the reference would sell nothing, or share sales by no rule",
                        self.where("exports"),
                        remedy="Use exports: exempt; or the logit law",
                    )
                ]
            )
        outside: tuple[BoolArray, Wedge] = np.zeros((members.size,) * 2, dtype=bool), Wedge.LEVY
        if isinstance(self.mechanism, BorderLevy) and not members[setting.proper].all():
            outside = self.charged(setting, ~members, members), self._wedge(self.mechanism)
        terms.limits += one_gap(self, setting, goods, members, outside, len(terms.limits))

    def _wedge(self, mechanism: BorderLevy) -> Wedge:
        """Who keeps the gap of a homogeneous good: treasury or exporters, not both."""
        wedge = {0.0: Wedge.LEVY, 1.0: Wedge.SELLER}.get(mechanism.rent_capture.fraction)
        duty_paid = mechanism.compare_at is CompareAt.DUTY_PAID and mechanism.layers is None
        if wedge is None or not duty_paid:
            raise InputError(
                [
                    Fault(
                        "a homogeneous good has one delivered price, and the levy holds that one "
                        "up: FOB, CIF, chosen layers or a shared rent would differ by origin",
                        self.where("mechanism"),
                        remedy="Use compare_at duty_paid, all layers, and rent_capture 0 or 1; "
                        "or the logit law",
                    )
                ]
            )
        return wedge

    def _own_sales(
        self, setting: Setting, levels: dict[int, float], members: BoolArray, first: int
    ) -> Iterator[Limit]:
        """``0 <= rent  ⟂  p + rent - reference >= 0`` for every member that makes the good.

        Supply follows the ex-works price ``p``: where buyers take less at the reference, the
        cheapest tonnes are sold, and sellers keep what buyers pay above ``p``.
        """
        buyers = members | (self.exports is Exports.BOUND)
        regions, one = len(setting.regions), np.ones(1)
        for good, price in levels.items():
            scale = float(setting.price_scale[good])
            for seller in np.flatnonzero(members):
                if not setting.makers(good, int(seller)).size:
                    continue
                place = good * regions + seller
                yield Limit(
                    policy=self.id,
                    instrument=self.kind,
                    name=f"reference of {setting.goods[good]} sold by {setting.regions[seller]} "
                    f"('{self.id}')",
                    unit="USD/t",
                    upper=np.inf,
                    scale=scale,
                    condition_scale=scale,
                    constant=-price,
                    price=(np.array([place]), one),
                    link=(np.array([first]), one),
                    wedge=Wedge.SELLER,
                    acts_on_arcs=place * regions + np.flatnonzero(buyers),
                )
                first += 1

    def _check_unions(self, setting: Setting, members: BoolArray) -> None:
        """A customs union has one tariff: it is in or out as a whole."""
        for territory in dict.fromkeys(setting.territory):
            inside = [m for m, t in zip(members, setting.territory, strict=True) if t == territory]
            if any(inside) and not all(inside):
                raise InputError(
                    [
                        Fault(
                            f"customs territory {territory} is only partly in the zone",
                            self.where("zone"),
                            remedy="A customs union has one tariff; add or remove all its regions",
                        )
                    ]
                )

    def _levying(self, setting: Setting, members: BoolArray) -> list[tuple[str, BoolArray]]:
        """Groups of regions that set one levy together."""
        if isinstance(self.mechanism, UniformLevy) and self.mechanism.pooled:
            return [("the zone", members)]
        names = np.array(setting.territory)
        inside = dict.fromkeys(names[members])
        return [(str(name), np.asarray(names == name)) for name in inside]

    def _levy(
        self, setting: Setting, good: int, price: float, name: str, buyers: BoolArray, on: IntArray
    ) -> Limit:
        """``0 <= levy <= max_levy  ⟂  internal price - reference``."""
        assert isinstance(self.mechanism, UniformLevy)
        scale = float(setting.price_scale[good])
        internal, landed = _internal_price(setting, good, buyers)
        return Limit(
            policy=self.id,
            instrument=self.kind,
            name=f"levy of {name} on {setting.goods[good]} ('{self.id}')",
            unit="USD/t",
            upper=self.mechanism.max_levy.fraction * scale,
            scale=scale,
            condition_scale=scale,
            constant=-price,
            price=internal,
            buyer_price=landed,
            wedge=Wedge.LEVY,
            acts_on_arcs=on,
            alone=True,
        )


def _internal_price(setting: Setting, good: int, buyers: BoolArray) -> tuple[Sparse, Sparse]:
    """Weights of ex-works prices by benchmark output; of price indices where there is none."""
    here = good * len(setting.regions) + np.flatnonzero(buyers)
    output: Array = setting.benchmark_output[good][buyers]
    nothing: Sparse = (np.zeros(0, dtype=np.intp), np.zeros(0))
    if output.sum() > 0.0:
        return (here, output / output.sum()), nothing
    return nothing, (here, np.full(here.size, 1.0 / here.size))
