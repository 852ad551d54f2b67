"""Offtake: a buyer bound by contract takes tonnes, at a price, or both."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from pricing.core.declared import GoodId, ProcessId, RegionId
from pricing.core.quantities import Price, Tonnes
from pricing.errors import Fault, InputError
from pricing.instruments.policy import ForMakers
from pricing.instruments.supports import Ceiling, covered_makers
from pricing.instruments.terms import (
    Array,
    IntArray,
    Limit,
    Payer,
    Setting,
    Support,
    TakeOrPay,
    Terms,
    Wedge,
)
from pricing.instruments.trade import Trade

NEXT_TO_NOTHING = 0.05
"""Least price under contract of an Armington good, as a share of its base-year price: its law has
no price of zero, and users take no more below this one (satiation) [1]."""


class Offtake(ForMakers):
    """A contract on ``tonnes`` a year from the makers of a good in one region.

    With ``price`` the two sides settle the difference to the ex-works price on these tonnes. It is
    a transfer; it counts for one more tonne only while output stays below the contract. With
    ``buyer`` that region takes at least the tonnes: ``0 <= s  ⟂  flow - tonnes >= 0``, where the
    offtaker bears the discount ``s`` that makes users there take them, down to a price of zero
    (of an Armington good a twentieth of its base-year price, as its law has no price of zero).
    What they leave even then is not delivered, and is paid for: take or pay, ``p (tonnes - flow)``
    at the ex-works price ``p``, a lump sum to makers, who need not make these tonnes. With
    ``price`` the difference on what is made comes on top, so that they get the contract price.
    Where a ban shuts the route neither side can perform, and nothing is due for tonnes. What an
    offtaker pays or gains stands in the account of licence and contract holders of its region, or
    of its treasury.
    """

    kind: Literal["offtake"] = "offtake"
    good: GoodId
    """Good under contract."""
    region: RegionId
    """Region whose makers sell."""
    processes: tuple[ProcessId, ...] | None = None
    """Makers under contract; every maker of the good in the region if absent."""
    tonnes: Annotated[Tonnes, Field(title="Tonnes under contract")]
    """Tonnes a year; above zero."""
    price: Annotated[Price | None, Field(title="Contract price")] = None
    """Contract price ex works; absent where the market price is paid."""
    buyer: RegionId | None = None
    """Region that takes the tonnes; absent where they are only settled in money."""
    offtaker: RegionId
    """Region of the offtaker."""
    public: bool = False
    """Whether the offtaker is the treasury of its region."""

    @field_validator("tonnes")
    @classmethod
    def _positive(cls, tonnes: Tonnes) -> Tonnes:
        if tonnes.tonnes <= 0.0:
            raise ValueError("an offtake of zero tonnes takes nothing: leave it out")
        return tonnes

    @model_validator(mode="after")
    def _something(self) -> Offtake:
        if self.price is None and self.buyer is None:
            raise ValueError("an offtake needs 'price' (a transfer), 'buyer' (tonnes), or both")
        return self

    @property
    def rent_role(self) -> Wedge:
        """On top of the landed price: for the treasury of a public offtaker."""
        return Wedge.DUTY if self.public else Wedge.IMPORTER

    def rent(self, trade: Trade) -> Array:
        """The discount that makes users take the tonnes, with a minus."""
        result = np.zeros_like(trade.flow)
        for limit, discount in trade.multipliers(self.id):
            if limit.flow[0].size:
                result = result - discount * trade.on(limit.flow[0])
        return result

    def receipts(self, trade: Trade) -> Array:
        """A public offtaker bears the discount, settles the price, and pays for what is left."""
        setting, total = trade.setting, super().receipts(trade)
        if not self.public:
            return total
        good, region = self.place(setting)
        market, paid = trade.price[:, good, region], np.zeros(len(trade.price))
        if self.price is not None:
            made = trade.made(covered_makers(self, setting, good, region, self.processes), good)
            gap = setting.usd_per_tonne(self.good, self.price, "") - market
            paid = gap * np.minimum(made, self.tonnes.tonnes)
        for limit, left in trade.limits.get(self.id, ()):
            if limit.duty_paid[0].size:
                arrives = trade.flow.reshape(len(market), -1)[:, limit.duty_paid[0]].sum(axis=1)
                lacking = np.maximum(self.tonnes.tonnes - arrives, 0.0)
                paid = paid + market * np.where(left > 0.0, lacking, 0.0)
        return total + trade.out_of(setting.region(self.offtaker, ""), paid)

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append a support with a cap for the price, one limit for the tonnes."""
        good, region = self.place(setting)
        offtaker = setting.region(self.offtaker, self.where("offtaker"))
        makers = covered_makers(self, setting, good, region, self.processes)
        if self.price is not None:
            price = setting.usd_per_tonne(self.good, self.price, self.where("price"))
            index = np.zeros((makers.size, len(setting.goods) * len(setting.regions)))
            index[:, good * len(setting.regions) + region] = 1.0
            support = Support(
                policy=self.id,
                instrument=self.kind,
                payer=offtaker,
                process=makers,
                good=np.full(makers.size, good),
                index=index,
                strike=price,
                down=1.0,
                upper=price,
                up=1.0,
                up_cap=np.inf,
                up_tonnes=self.tonnes.tonnes,
                paid_by=Payer.TREASURY if self.public else Payer.BUYER,
            )
            terms.supports.append(support)
            ceiling = Ceiling(self.tonnes, None)
            terms.limits += ceiling.limits(setting, support, len(terms.supports) - 1)
        if self.buyer is not None:
            first = len(terms.limits)
            terms.limits += self._taken(setting, good, makers, self.buyer, first)
            terms.unused.append(
                TakeOrPay(
                    policy=self.id,
                    instrument=self.kind,
                    payer=offtaker,
                    public=self.public,
                    process=makers,
                    good=good,
                    tonnes=self.tonnes.tonnes,
                )
            )

    def _taken(
        self, setting: Setting, good: int, makers: IntArray, buyer: str, first: int
    ) -> tuple[Limit, Limit]:
        """``0 <= s  ⟂  flow + missing - tonnes`` and ``0 <= missing  ⟂  landed price - s - least``.

        Users take a tonne for nothing, but nobody pays them to take more: what they leave then is
        not delivered. The least price is zero, but for Armington goods, whose law has none.
        ``first`` is the position of the first limit.
        """
        to = setting.region(buyer, self.where("buyer"))
        region = int(setting.process_region[makers[0]])
        if buyer != self.offtaker:
            problem = "the offtaker bears the discount where the tonnes arrive"
            raise InputError(
                [Fault(problem, self.where("buyer"), remedy="Name one region in both")]
            )
        here, one = (
            np.array([(good * len(setting.regions) + region) * len(setting.regions) + to]),
            -np.ones(1),
        )
        scale, missing = float(setting.price_scale[good]), first + 1
        least = NEXT_TO_NOTHING * scale if setting.composite[good] else 0.0
        discount = Limit(
            policy=self.id,
            instrument=self.kind,
            name=f"offtake '{self.id}' of {self.good}",
            unit="USD/t",
            upper=np.inf,
            scale=scale,
            condition_scale=self.tonnes.tonnes,
            constant=-self.tonnes.tonnes,
            flow=(here, one),
            link=(np.array([missing]), np.ones(1)),
            wedge=self.rent_role,
            acts_on_arcs=here,
            arc_weight=-1.0,
            makers=makers,
        )
        left = Limit(
            policy=self.id,
            instrument=self.kind,
            name=f"tonnes of offtake '{self.id}' that users leave at a price of zero",
            unit="t",
            upper=self.tonnes.tonnes,
            scale=float(setting.quantity_scale[good, region]),
            condition_scale=scale,
            constant=-least,
            duty_paid=(here, np.ones(1)),
            link=(np.array([first]), -np.ones(1)),
            acts_on_arcs=here,
        )
        return discount, left
