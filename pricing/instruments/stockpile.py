"""Stockpile: a region adds to use to fill a stock, or releases from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from pricing.core.declared import Declared, GoodId, PlaceId, RegionId
from pricing.core.quantities import Money, Price, Scaled, Span, Stock, Tonnes
from pricing.errors import Fault, InputError
from pricing.instruments.policy import Policy
from pricing.instruments.terms import (
    Array,
    Holding,
    IntArray,
    Limit,
    Setting,
    Spending,
    Terms,
    Worth,
)
from pricing.instruments.trade import Trade


class StatedQuantity(Declared):
    """Tonnes that are bought or released whatever the price."""

    kind: Literal["quantity"] = "quantity"
    bought: Tonnes | None = None
    """Tonnes added to the stock in the year."""
    released: Tonnes | None = None
    """Tonnes taken from it in the year."""

    @model_validator(mode="after")
    def _one(self) -> StatedQuantity:
        if (self.bought is None) == (self.released is None):
            raise ValueError("give 'bought' or 'released', one of them")
        return self


class DaysOfUse(Declared):
    """A stock is filled up to some days of base-year use."""

    kind: Literal["days_of_use"] = "days_of_use"
    lasts: Annotated[Span, Field(title="Days of use")]
    """Base-year use that the stock should last."""


class MoneySpent(Declared):
    """A sum is spent in the year, whatever that buys."""

    kind: Literal["budget"] = "budget"
    budget: Annotated[Money, Field(title="Sum spent")]
    """Sum spent in the year, at the price index of buyers."""


class PriceBand(Declared):
    """Buys while the buyers' price is below a band, sells while it is above."""

    kind: Literal["price_band"] = "price_band"
    buy_below: Price | None = None
    """Price of buyers below which it buys."""
    most_bought: Tonnes | None = None
    """Largest purchase a year; with ``buy_below`` this or a budget is needed."""
    budget: Annotated[Money | None, Field(title="Largest spending a year")] = None
    """Largest sum spent a year, at the price index of buyers."""
    sell_above: Price | None = None
    """Price of buyers above which it sells, as far as the opening stock lasts."""

    @model_validator(mode="after")
    def _consistent(self) -> PriceBand:
        if self.buy_below is None and self.sell_above is None:
            raise ValueError("a price band needs 'buy_below' or 'sell_above'")
        bounded = self.most_bought is not None or self.budget is not None
        if (self.buy_below is None) == bounded:
            raise ValueError("'buy_below' goes together with 'most_bought' or 'budget'")
        both = self.buy_below is not None and self.sell_above is not None
        if both and self.buy_below.usd_per_tonne >= self.sell_above.usd_per_tonne:  # type: ignore[union-attr]
            raise ValueError("'buy_below' lies not below 'sell_above': it would buy from itself")
        return self


Rule = Annotated[DaysOfUse | StatedQuantity | MoneySpent | PriceBand, Field(discriminator="kind")]


class Stockpile(Policy):
    """A public stock of a good in the hands of one region.

    Purchases are added to use and releases taken from it *before* sourcing: the stock buys from the
    same origins as everybody there, and pays what they pay. Releases sell at the buyers' price.
    ``valued`` says what a change of the stock counts in the sum of gains; what must be bought back
    later is shown beside it.

    A stock of a club has ``members``: only their users may draw on it. One tonne goes where it
    fetches most: ``0 <= r  ⟂  price + s - P + h >= 0`` for every member, and ``s``, what a tonne of
    the stock is worth beyond the price at which it sells, ``0 <= s  ⟂  most - sum r >= 0``.
    """

    kind: Literal["stockpile"] = "stockpile"
    good: GoodId
    """Good that is stored."""
    region: RegionId
    """Region whose treasury holds the stock, and where it is used."""
    opening: Annotated[Stock, Field(title="Opening stock")] = Stock(value=0.0, unit="t")
    """Stock at the start of the year."""
    rule: Annotated[Rule, Field(title="When it buys and sells")]
    """When it buys and sells."""
    members: tuple[PlaceId, ...] = ()
    """Regions and zones whose users may draw on it; its own region alone if absent."""
    carrying_cost: Annotated[Price, Scaled.MARKUP, Field(title="Carrying cost")] = Price(
        value=0.0, unit="USD/t"
    )
    """Cost of holding a tonne of the closing stock for a year."""
    valued: Annotated[Worth, Field(title="Stock counts as")] = Worth.ZERO
    """What a change of the stock counts in the sum of gains."""
    replaced_at: Annotated[Price | None, Field(title="Bought back later at")] = None
    """Price at which released tonnes must be bought back in a later year: a liability that is shown
    and not part of the sum. Absent where nothing need be replaced."""

    @model_validator(mode="after")
    def _releases_something(self) -> Stockpile:
        rule = self.rule
        sells = isinstance(rule, PriceBand) and rule.sell_above is not None
        if self.members and not (sells or (isinstance(rule, StatedQuantity) and rule.released)):
            raise ValueError("'members' draw on what is released, and this rule releases nothing")
        return self

    def receipts(self, trade: Trade) -> Array:
        """Purchases at what buyers pay, releases at the price index, and the cost of holding."""
        setting = trade.setting
        good, region = setting.good(self.good, ""), setting.region(self.region, "")
        closing, spent = np.full(len(trade.level), self.opening.tonnes), np.zeros(len(trade.level))
        for limit, tonnes in trade.limits.get(self.id, ()):
            for place, sign in zip(*limit.acts_on_use, strict=True):
                price = (trade.paid if sign > 0.0 else trade.index)[:, good]
                closing = closing + sign * tonnes
                spent = spent + sign * tonnes * price[:, int(place) % len(setting.regions)]
        held = closing * setting.usd_per_tonne(self.good, self.carrying_cost, "")
        return trade.out_of(region, spent + held)

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one limit for purchases, one for releases."""
        good = setting.good(self.good, self.where("good"))
        region = setting.region(self.region, self.where("region"))
        cost = setting.usd_per_tonne(self.good, self.carrying_cost, self.where("carrying_cost"))
        back = 0.0
        if self.replaced_at is not None:
            where = self.where("replaced_at")
            back = setting.usd_per_tonne(self.good, self.replaced_at, where)
        holding = Holding(
            self.id, self.kind, good, region, self.opening.tonnes, cost, self.valued, back
        )
        terms.holdings.append(holding)
        terms.limits += self._limits(setting, good, region, len(terms.limits))

    def _limits(self, setting: Setting, good: int, region: int, first: int) -> Iterator[Limit]:
        rule = self.rule
        used = float(setting.benchmark_flow[good, :, region].sum())
        if isinstance(rule, StatedQuantity):
            if rule.bought is not None:
                yield self._moves(setting, good, region, 1.0, rule.bought.tonnes)
            if rule.released is not None:
                yield from self._releases(setting, good, region, rule.released.tonnes, 0.0, first)
        elif isinstance(rule, DaysOfUse):
            missing = max(0.0, rule.lasts.years * used - self.opening.tonnes)
            yield self._moves(setting, good, region, 1.0, missing)
        elif isinstance(rule, MoneySpent):
            yield self._spends(setting, good, region, rule.budget.usd, first)
        else:
            yield from self._band(setting, good, region, rule, first)

    def _band(
        self, setting: Setting, good: int, region: int, rule: PriceBand, first: int
    ) -> Iterator[Limit]:
        """``0 <= bought <= most  ⟂  P + m - price``, ``0 <= m  ⟂  budget - P bought >= 0``."""
        if rule.buy_below is not None:
            where = self.where("rule.buy_below")
            price = setting.usd_per_tonne(self.good, rule.buy_below, where)
            most = np.inf if rule.most_bought is None else rule.most_bought.tonnes
            buys = self._moves(setting, good, region, 1.0, most, price)
            if rule.budget is None:
                yield buys
            else:
                yield replace(buys, link=(np.array([first + 1]), np.ones(1)))
                yield self._budget(setting, good, region, rule.budget.usd, first)
        if rule.sell_above is not None:
            where = self.where("rule.sell_above")
            price = setting.usd_per_tonne(self.good, rule.sell_above, where)
            position = first + (rule.buy_below is not None) + (rule.budget is not None)
            most = self.opening.tonnes
            yield from self._releases(setting, good, region, most, price, position)

    def _spends(self, setting: Setting, good: int, region: int, budget: float, first: int) -> Limit:
        """``0 <= bought  ⟂  P bought - budget >= 0``: all of it is spent."""
        place = good * len(setting.regions) + region
        buys = self._moves(setting, good, region, 1.0, np.inf)
        return replace(
            buys,
            constant=-budget,
            condition_scale=float(setting.price_scale[good] * setting.quantity_scale[good, region]),
            spends=Spending(first, place, -1.0),
        )

    def _budget(self, setting: Setting, good: int, region: int, budget: float, first: int) -> Limit:
        """What a dollar of budget short is worth, per tonne."""
        scale = float(setting.price_scale[good])
        return Limit(
            policy=self.id,
            instrument=self.kind,
            name=f"budget for the stock of {self.good} in {self.region} ('{self.id}')",
            unit="USD/t",
            upper=np.inf,
            scale=scale,
            condition_scale=scale * float(setting.quantity_scale[good, region]),
            constant=budget,
            spends=Spending(first, good * len(setting.regions) + region),
        )

    def _releases(
        self, setting: Setting, good: int, region: int, most: float, price: float, position: int
    ) -> Iterator[Limit]:
        """``0 <= released <= most  ⟂  price - P + h``, where ``0 <= h  ⟂  sourced tonnes >= 0``.

        Where buyers' prices follow what is sourced, no release makes them fall to clear a market
        without sourcing: ``h`` stops releases there, and what nobody wants stays in stock. Members
        of a club share ``most``, after which their common limit comes last.
        """
        if most > self.opening.tonnes:
            problem = f"releases {most:,.0f} t of an opening stock of {self.opening.tonnes:,.0f} t"
            remedy = "State a larger 'opening', or release less"
            raise InputError([Fault(problem, self.where("rule.released"), remedy=remedy)])
        members = setting.members(self.members or (self.region,), self.where("members"))
        drawn, each = np.flatnonzero(members), 1 if setting.one_price[good] else 2
        shared = [position + each * drawn.size] if self.members else []
        for n, member in enumerate(drawn):
            limit = self._moves(setting, good, int(member), -1.0, most, price)
            beside = [] if each == 1 else [position + each * n + 1]
            links = np.array([*beside, *shared], dtype=np.intp)
            yield replace(limit, link=(links, np.ones(links.size)))
            if each == 2:
                yield self._sourced(setting, good, int(member))
        if self.members:
            yield self._worth(setting, good, most, position + each * np.arange(drawn.size))

    def _sourced(self, setting: Setting, good: int, region: int) -> Limit:
        """What holds releases back where nothing else would be bought."""
        regions = len(setting.regions)
        sources = (good * regions + np.arange(regions)) * regions + region
        return Limit(
            policy=self.id,
            instrument=self.kind,
            name=f"tonnes of {self.good} sourced in {setting.regions[region]} beside releases "
            f"('{self.id}')",
            unit="USD/t",
            upper=np.inf,
            scale=float(setting.price_scale[good]),
            condition_scale=float(setting.quantity_scale[good, region]),
            constant=0.0,
            flow=(sources, -np.ones(regions)),
            acts_on_arcs=sources,
        )

    def _worth(self, setting: Setting, good: int, most: float, draws: IntArray) -> Limit:
        """What a tonne of the stock is worth to its members beyond the price at which it sells."""
        return Limit(
            policy=self.id,
            instrument=self.kind,
            name=f"what members may draw on the stock of {self.good} ('{self.id}')",
            unit="USD/t",
            upper=np.inf,
            scale=float(setting.price_scale[good]),
            condition_scale=max(most, 1e-9 * float(setting.quantity_scale[good].max())),
            constant=most,
            link=(draws, -np.ones(draws.size)),
        )

    def _moves(
        self,
        setting: Setting,
        good: int,
        region: int,
        sign: float,
        most: float,
        price: float | None = None,
    ) -> Limit:
        """``0 <= tonnes <= most  ⟂  sign (P - price)``; with no price, all of them."""
        here = np.array([good * len(setting.regions) + region], dtype=np.intp)
        scale = float(setting.price_scale[good])
        what = "purchases for" if sign > 0.0 else "releases from"
        band = {} if price is None else {"buyer_price": (here, np.array([sign]))}
        return Limit(
            policy=self.id,
            instrument=self.kind,
            name=f"{what} the stock of {self.good} in {setting.regions[region]} ('{self.id}')",
            unit="t",
            upper=most,
            scale=float(setting.quantity_scale[good, region]),
            condition_scale=scale,
            # A condition that is always missed puts the multiplier at its bound.
            constant=-scale if price is None else -sign * price,
            acts_on_use=(here, np.array([sign])),
            **band,  # type: ignore[arg-type]
        )
