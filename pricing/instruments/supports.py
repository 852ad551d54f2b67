"""What payments per tonne of output have in common: whom they cover, and their ceilings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from pricing.core.quantities import Money, Tonnes
from pricing.errors import Fault, InputError
from pricing.instruments.policy import ForMakers, Policy
from pricing.instruments.terms import Array, IntArray, Limit, Setting, Support, Terms
from pricing.instruments.trade import Trade


class BudgetRule(StrEnum):
    """How a budget that runs out is shared."""

    PER_CONTRACT = "per_contract"
    """The full payment on the tonnes that the budget covers."""
    PRO_RATA = "pro_rata"
    """A smaller payment on every tonne."""


def one_ceiling(cap: Tonnes | None, budget: Money | None) -> None:
    """Refuse two ceilings on one payment."""
    if cap is not None and budget is not None:
        raise ValueError("give 'cap' (tonnes) or 'budget' (money), not both")


@dataclass(frozen=True)
class Ceiling:
    """A ceiling in tonnes or in money, or none."""

    cap: Tonnes | None
    """Largest output paid for a year."""
    budget: Money | None
    """Largest sum paid a year."""
    rule: BudgetRule = BudgetRule.PER_CONTRACT
    """How a budget that runs out is shared."""

    def limits(self, setting: Setting, support: Support, number: int) -> Iterator[Limit]:
        """The share ``m`` of the payment that is cut: ``0 <= m <= 1  ⟂  room left``."""
        common = {
            "policy": support.policy,
            "instrument": support.instrument,
            "unit": "1",
            "upper": 1.0,
            "scale": 1.0,
            "acts_on_support": number,
        }
        if self.cap is not None:
            yield Limit(
                name=f"volume cap of '{support.policy}'",
                condition_scale=max(self.cap.tonnes, 1.0),
                constant=self.cap.tonnes,
                level=(support.process, support.made(setting.output)),
                unsold=support.unsold,
                **common,  # type: ignore[arg-type]
            )
        if self.budget is not None:
            yield Limit(
                name=f"budget of '{support.policy}'",
                condition_scale=max(self.budget.usd, 1.0),
                constant=self.budget.usd,
                payment=number,
                payment_reduced=self.rule is BudgetRule.PRO_RATA,
                **common,  # type: ignore[arg-type]
            )


class Eligible(StrEnum):
    """Which tonnes are paid for."""

    PRODUCED = "produced"
    """All that is made."""
    SOLD = "sold"
    """What finds a buyer, the state included. Where output is thrown away, at a price of zero, all
    makers of the good in the region sell the same share of what they make."""


def _unsold_share(policy: Policy, setting: Setting, place: tuple[int, int], position: int) -> Limit:
    """The share ``d`` of a good's output in a region that finds no buyer.

    ``0 <= d <= 1  ⟂  flows out + public purchases - (1 - d) output``: zero at any price above zero.
    ``position`` is its own among the limits.
    """
    good, region = place
    regions, makers = len(setting.regions), setting.makers(good, region)
    market = good * regions + region
    return Limit(
        policy=policy.id,
        instrument=policy.kind,
        name=f"unsold share of {setting.goods[good]} from {setting.regions[region]}",
        unit="1",
        upper=1.0,
        scale=1.0,
        condition_scale=float(setting.quantity_scale[good, region]),
        constant=0.0,
        flow=(market * regions + np.arange(regions), -np.ones(regions)),
        level=(makers, setting.output[makers, good]),
        unsold=position,
        purchases=market,
    )


class Paid(Policy):
    """A payment in a region, by the treasury there or that of a ``payer``."""

    if TYPE_CHECKING:
        region: str
        payer: str | None

    def paying(self, setting: Setting) -> int:
        """Region that pays."""
        name = "region" if self.payer is None else "payer"
        return setting.region(self.payer or self.region, self.where(name))


class PaidToMakers(Paid, ForMakers):
    """A payment to makers of a good in a region."""

    if TYPE_CHECKING:
        processes: tuple[str, ...] | None

    def covered(self, setting: Setting) -> IntArray:
        """Makers that are paid: all in the region, or those named."""
        return covered_makers(self, setting, *self.place(setting), self.processes)


class PaidPerTonne(PaidToMakers):
    """A payment per tonne made, or per tonne sold."""

    if TYPE_CHECKING:
        eligible: Eligible

    def paid_tonnes(self, trade: Trade) -> Array:
        """(N,) eligible tonnes of those that are paid [t]."""
        good, region = self.place(trade.setting)
        tonnes = trade.made(self.covered(trade.setting), good)
        if self.eligible is Eligible.SOLD:
            tonnes = tonnes * trade.sold_share(good, region)
        return tonnes

    def append(self, setting: Setting, terms: Terms, support: Support) -> Support:
        """Append a support, and the share that finds no buyer where that is not paid for."""
        if self.eligible is Eligible.SOLD:
            position = len(terms.limits)
            support = replace(support, unsold=position)
            terms.limits.append(_unsold_share(self, setting, self.place(setting), position))
        terms.supports.append(support)
        return support


def covered_makers(
    policy: Policy, setting: Setting, good: int, region: int, named: tuple[str, ...] | None
) -> IntArray:
    """Makers of a good in a region, all or those named.

    Raises
    ------
    InputError
        If a name is no maker there, the list of names is empty, or nobody makes it.
    """
    makers, what = setting.makers(good, region), setting.goods[good]
    known, place = [setting.processes[k] for k in makers], setting.regions[region]
    for name in () if named is None else named:
        if name not in known:
            problem = f"{name} does not make {what} in {place}"
            remedy = "Known: " + ", ".join(known)
            raise InputError([Fault(problem, policy.where("processes"), remedy=remedy)])
    if named == ():
        remedy = "Name a process, or leave `processes` out to cover every maker there"
        raise InputError([Fault("names no process", policy.where("processes"), remedy=remedy)])
    chosen = [k for k, name in zip(makers, known, strict=True) if named is None or name in named]
    if not chosen:
        problem = f"nothing in {place} makes {what}"
        remedy = "Name a producing region or switch on an announced plant"
        raise InputError([Fault(problem, policy.where("region"), remedy=remedy)])
    return np.array(chosen, dtype=np.intp)
