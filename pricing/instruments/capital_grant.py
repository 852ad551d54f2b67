"""Capital grant: a treasury pays part of what capacity costs, in cash or by a cheap loan."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from pricing.core.declared import Declared, GoodId, ProcessId, RegionId
from pricing.core.quantities import Rate, Share, Span
from pricing.economics.capacity import annuity_factor
from pricing.errors import Fault, InputError
from pricing.instruments.supports import PaidToMakers
from pricing.instruments.terms import Array, Grant, IntArray, Setting, Terms
from pricing.instruments.trade import Trade


class CheapLoan(Declared):
    """A loan below the market rate; the treasury bears the difference."""

    share: Annotated[Share, Field(title="Share lent")]
    """Share of the investment that is lent."""
    rate: Rate
    """Real interest rate of the loan a year."""
    market_rate: Rate
    """Real rate at which the plant would borrow; not below ``rate``."""
    years: Span
    """Span over which it is repaid."""

    @model_validator(mode="after")
    def _cheap(self) -> CheapLoan:
        if self.years.years <= 0.0:
            raise ValueError("'years' must be above zero")
        if self.rate.fraction > self.market_rate.fraction:
            raise ValueError("'rate' lies above 'market_rate': the loan would be no help")
        return self

    @property
    def saved(self) -> float:
        """Share of the annuity that the loan saves [1]."""
        cheap, market = (
            annuity_factor(rate.fraction, self.years.years)
            for rate in (self.rate, self.market_rate)
        )
        return self.share.fraction * (1.0 - cheap / market)


class CapitalGrant(PaidToMakers):
    """Pays a share ``g`` of the annuity of capacity.

    Capacity has to earn only the rest of its annuity: ``0 <= K  ⟂  (1 - g) A - V >= 0``, where
    ``K`` is capacity, ``A`` the annuity and ``V`` what a tonne of it earns.
    Long horizon only: in the short one capacity is fixed. All capacity of the covered processes is
    paid for, since all of it is renewed in the long run.
    """

    kind: Literal["capital_grant"] = "capital_grant"
    good: GoodId
    """Good whose makers are covered."""
    region: RegionId
    """Region whose makers are covered."""
    processes: Annotated[tuple[ProcessId, ...], Field(min_length=1)] | None = None
    """Covered processes; every maker there whose capacity adjusts if absent."""
    payer: RegionId | None = None
    """Region whose treasury pays; ``region`` if absent."""
    share: Annotated[Share, Field(title="Share granted")] = Share(value=0.0, unit="1")
    """Share of the investment that is granted."""
    loan: Annotated[CheapLoan | None, Field(title="Cheap loan")] = None
    """Loan for another part of the investment."""

    @model_validator(mode="after")
    def _leaves_something(self) -> CapitalGrant:
        if self.share.fraction + (self.loan.share.fraction if self.loan else 0.0) > 1.0:
            raise ValueError("grant and loan together are more than the investment")
        if self.paid >= 1.0:
            raise ValueError("the whole annuity is paid, and capacity costs nothing: state less")
        return self

    @property
    def paid(self) -> float:
        """Share of the annuity that grant and loan pay [1]."""
        return self.share.fraction + (self.loan.saved if self.loan else 0.0)

    def receipts(self, trade: Trade) -> Array:
        """The share of what the capacity of covered makers costs."""
        paid = self.paid * trade.capital[:, self.covered(trade.setting)].sum(axis=1)
        return trade.out_of(self.paying(trade.setting), paid)

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one grant."""
        payer, covered = self.paying(setting), self.covered(setting)
        terms.grants.append(Grant(self.id, self.kind, payer, covered, self.paid))

    def covered(self, setting: Setting) -> IntArray:
        """Covered processes, all of whose capacity adjusts."""
        makers, adjusts = setting.makers(*self.place(setting)), setting.adjusts
        if adjusts is None:
            raise self._fault(
                "a capital_grant acts on capacity, which is fixed in the short horizon",
                "kind",
                "Set assumptions.horizon to long, or support output instead",
            )
        names = [setting.processes[k] for k in makers]
        able = [setting.processes[k] for k in makers if adjusts[k]]
        for name in self.processes or ():
            if name not in names:
                problem = f"{name} does not make {self.good} in {self.region}"
                raise self._fault(problem, "processes", "Known: " + (", ".join(names) or "none"))
            if name not in able:
                raise self._fault(
                    f"the capacity of {name} does not adjust",
                    "processes",
                    "Those that do: " + (", ".join(able) or "none"),
                )
        if not able:
            raise self._fault(
                f"no maker of {self.good} in {self.region} has a capacity that adjusts",
                "region",
                "Plants adjust whose supply is more elastic in the long run, or whose capital cost "
                "the chain states; constant_cost makes all adjust that earn something",
            )
        wanted = self.processes or able
        return np.array([k for k in makers if setting.processes[k] in wanted], dtype=np.intp)

    def _fault(self, problem: str, field: str, remedy: str) -> InputError:
        return InputError([Fault(problem, self.where(field), remedy=remedy)])
