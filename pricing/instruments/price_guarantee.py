"""Price guarantee: a treasury pays the gap between a strike and an index price."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from pricing.core.declared import Declared, GoodId, ProcessId, RegionId
from pricing.core.quantities import Money, Price, Share, Tonnes
from pricing.economics.contracts import Guarantee, Settlement
from pricing.errors import Fault, InputError
from pricing.instruments.jumps import Band, GainOfCap, Jump
from pricing.instruments.supports import (
    BudgetRule,
    Ceiling,
    Eligible,
    PaidPerTonne,
    one_ceiling,
)
from pricing.instruments.terms import Array, Payer, Setting, Support, Terms
from pricing.instruments.trade import Trade

QUARTERS = np.array([-1.0, -1.0 / 3.0, 1.0 / 3.0, 1.0])
"""Where the quarters of a year lie between its lowest and its highest price: evenly [1]."""
BELOW = "'upper' lies below 'strike': no price would be left alone between them"


class OwnPrice(Declared):
    """The producer's own ex-works price."""

    kind: Literal["own_price"] = "own_price"


class RegionPrice(Declared):
    """The ex-works price of the same good in a named region."""

    kind: Literal["region_price"] = "region_price"
    region: RegionId
    """Region whose ex-works price is the index."""


class CapAt(StrEnum):
    """How a capped upside counts for one more tonne."""

    LUMP_SUM = "lump_sum"
    """Not at all: it is settled as a sum that no tonne changes."""
    MARGIN = "margin"
    """By its share until the cap is reached, not at all from there on. Two outputs may then both
    be best among their neighbours; makers take the better one, and the payment jumps."""


Index = Annotated[OwnPrice | RegionPrice, Field(discriminator="kind")]


class PriceGuarantee(PaidPerTonne):
    """Pays makers a share of what an index price falls short of a guaranteed one, per tonne.

    ``share_down max(0, strike - M) - share_up max(0, M - upper)``, where ``M`` is the index: above
    ``upper`` makers hand a share back. Eligible is all output, or what of it is sold. Producers
    respond to their price plus the payment. One-sided without ``upper``. A cap on tonnes or on
    money cuts the payment at the margin: ``per_contract`` pays the full gap on the tonnes that the
    budget covers, ``pro_rata`` scales the payment down for all.

    Settled quarterly, a quarter of the output is paid at the price of each quarter, ``M (1 + s)``
    with ``s`` of ``-spread, -spread/3, spread/3, spread``. Cap, budget and the sum handed back
    are those of the year; a cap on tonnes covers the same share of every quarter.
    """

    kind: Literal["price_guarantee"] = "price_guarantee"
    good: GoodId
    """Good that is guaranteed."""
    region: RegionId
    """Region whose producers are covered."""
    strike: Annotated[Price, Field(title="Guaranteed price")]
    """Guaranteed price."""
    index: Annotated[Index, Field(title="Index price")] = OwnPrice()
    """Price that is held against the strike."""
    share_down: Annotated[Share, Field(title="Share of the shortfall paid")] = Share(
        value=1.0, unit="1"
    )
    """Share of the shortfall that is paid."""
    upper: Annotated[Price | None, Field(title="Upper price")] = None
    """Price above which the producer hands back part of the excess; not below the strike."""
    share_up: Annotated[Share, Field(title="Share of the excess handed back")] = Share(
        value=0.0, unit="1"
    )
    """Share of the excess handed back."""
    cap_up: Annotated[Money | None, Field(title="Largest sum handed back")] = None
    """Largest sum handed back a year; with it the excess is settled as a lump sum, unless
    ``cap_up_at`` says otherwise."""
    cap_up_at: Annotated[CapAt, Field(title="How the capped excess counts")] = CapAt.LUMP_SUM
    """Whether producers count what they hand back, up to the cap, in the output they choose."""
    eligible: Annotated[Eligible, Field(title="Eligible tonnes")] = Eligible.PRODUCED
    """Whether output that nobody buys is paid for. The two differ only where the price is zero."""
    cap: Annotated[Tonnes | None, Field(title="Largest output paid for")] = None
    """Largest output paid for a year."""
    budget: Annotated[Money | None, Field(title="Budget a year")] = None
    """Largest sum paid a year."""
    budget_rule: BudgetRule = BudgetRule.PER_CONTRACT
    """How a budget that runs out is shared."""
    settlement: Settlement = Settlement.ANNUAL
    """How often it is settled."""
    spread: Annotated[Share | None, Field(title="Spread of quarterly prices")] = None
    """How far the highest and the lowest quarter of the index lie from its price of the year; the
    other two lie a third as far. Of guarantees that are settled quarterly."""
    processes: tuple[ProcessId, ...] | None = None
    """Covered processes; every maker of the good in the region if absent."""
    payer: RegionId | None = None
    """Region that pays; ``region`` if absent."""
    paid_by: Annotated[Payer, Field(title="Who pays")] = Payer.TREASURY
    """Who pays in the paying region: its treasury, or a buyer bound by contract."""

    @model_validator(mode="after")
    def _consistent(self) -> PriceGuarantee:
        same = self.upper is not None and self.upper.basis == self.strike.basis
        if same and self.upper and self.upper.usd_per_tonne < self.strike.usd_per_tonne:
            raise ValueError(BELOW)
        if self.upper is None and (self.share_up.fraction > 0.0 or self.cap_up is not None):
            raise ValueError(
                "'share_up' and 'cap_up' need 'upper', the price above which they hold"
            )
        if self.cap_up_at is CapAt.MARGIN and self.cap_up is None:
            raise ValueError("'cap_up_at: margin' needs 'cap_up'")
        if (self.settlement is Settlement.QUARTERLY) != (self.spread is not None):
            raise ValueError("'settlement: quarterly' and 'spread' go together: give both, or none")
        one_ceiling(self.cap, self.budget)
        return self

    @property
    def seasons(self) -> Array:
        """(S,) index at each settlement, as a multiple of its price of the year [1]."""
        return np.ones(1) if self.spread is None else 1.0 + self.spread.fraction * QUARTERS

    def contract(self, setting: Setting) -> Guarantee:
        """Its terms in numbers, a year."""
        upper, cap, budget, cap_up = self.upper, self.cap, self.budget, self.cap_up
        return Guarantee(
            strike=setting.usd_per_tonne(self.good, self.strike, self.where("strike")),
            down=self.share_down.fraction,
            upper=np.inf
            if upper is None
            else setting.usd_per_tonne(self.good, upper, self.where("upper")),
            up=self.share_up.fraction,
            cap=np.inf if cap is None else cap.tonnes,
            budget=np.inf if budget is None else budget.usd,
            cap_up=np.inf if cap_up is None else cap_up.usd,
        )

    def receipts(self, trade: Trade) -> Array:
        """The gap on eligible tonnes, up to cap or budget, less what is handed back."""
        setting = trade.setting
        if self.paid_by is Payer.BUYER:
            return super().receipts(trade)
        good, region = self.place(setting)
        tonnes = self.paid_tonnes(trade)
        price = trade.price[:, good, self._index_region(setting, good, region)]
        terms, each = self.contract(setting), tonnes[:, None] / self.seasons.size
        covered = np.minimum(1.0, terms.cap / np.maximum(tonnes, 1e-300))
        terms = replace(terms, cap=np.inf)  # which is not used up quarter by quarter
        paid, back = terms.settle(price[:, None] * self.seasons, each)
        due = paid.sum(axis=1) * covered - back.sum(axis=1)
        return trade.out_of(self.paying(setting), due)

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one support and, with a cap or budget, one limit."""
        good, region = self.place(setting)
        seasons = self.seasons
        makers = np.repeat(self.covered(setting), seasons.size)
        weight = np.tile(seasons, makers.size // seasons.size)
        index = np.zeros((makers.size, len(setting.goods) * len(setting.regions)))
        index[:, good * len(setting.regions) + self._index_region(setting, good, region)] = weight
        contract = self.contract(setting)
        support = Support(
            policy=self.id,
            instrument=self.kind,
            payer=self.paying(setting),
            process=makers,
            good=np.full(makers.size, good),
            index=index,
            strike=contract.strike,
            down=contract.down,
            upper=contract.upper,
            up=contract.up,
            up_cap=contract.cap_up,
            paid_by=self.paid_by,
            part=1.0 / seasons.size,
        )
        if np.any(support.upper < support.strike):
            raise InputError([Fault(BELOW, self.where("upper"), remedy="Raise 'upper'")])
        support = self.append(setting, terms, support)
        if self.cap_up_at is CapAt.MARGIN:
            terms.jumps.append(self._jump(support, len(terms.supports) - 1))
            terms.supports[-1] = replace(support, up_cap=np.inf)
        ceiling = Ceiling(self.cap, self.budget, self.budget_rule)
        terms.limits += ceiling.limits(setting, support, len(terms.supports) - 1)

    def _jump(self, support: Support, position: int) -> Jump:
        """Below the cap the share counts for one more tonne; from there on nothing does."""
        below = replace(support, up_cap=np.inf)
        return Jump(
            policy=self.id,
            instrument=self.kind,
            place=f"upside of '{self.id}'",
            unit="USD gained by output beyond the cap",
            scale=max(support.up_cap, 1.0),
            measure=GainOfCap(position, support.up_cap),
            bands=(
                Band("below the cap", -np.inf, 0.0, supports={position: below}),
                Band("cap reached", 0.0, np.inf, supports={position: support}),
            ),
        )

    def _index_region(self, setting: Setting, good: int, region: int) -> int:
        """Region whose price is the index."""
        if isinstance(self.index, OwnPrice):
            return region
        chosen = setting.region(self.index.region, self.where("index.region"))
        if setting.makers(good, chosen).size == 0:
            raise InputError(
                [
                    Fault(
                        f"{self.index.region} makes no {self.good}, so it has no price to index on",
                        self.where("index.region"),
                        remedy="Name a producing region",
                    )
                ]
            )
        return chosen
