"""Input subsidy: a payment for every tonne of an input that plants use."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from pricing.core.declared import GoodId, ProcessId, RegionId
from pricing.core.quantities import Money, Price, Scaled
from pricing.errors import Fault, InputError
from pricing.instruments.supports import BudgetRule, Ceiling, Paid
from pricing.instruments.terms import Array, IntArray, Setting, Support, Terms
from pricing.instruments.trade import Trade


class InputSubsidy(Paid):
    """Pays ``amount`` per tonne of ``good`` that processes in ``region`` use.

    It is paid on the input wherever it was made, and so it helps its makers abroad as well; sellers
    of the input keep part of it, as buyers become keener. It is refused for an input for which
    others stand in, as the payment would move what plants use.
    """

    kind: Literal["input_subsidy"] = "input_subsidy"
    good: GoodId
    """Input that is paid for."""
    region: RegionId
    """Region whose plants are paid."""
    processes: Annotated[tuple[ProcessId, ...], Field(min_length=1)] | None = None
    """Paid processes; every user of the input in the region if absent."""
    payer: RegionId | None = None
    """Region whose treasury pays; ``region`` if absent."""
    amount: Annotated[Price, Scaled.MARKUP, Field(title="Payment per tonne of input")]
    """Payment per tonne of the input."""
    budget: Annotated[Money | None, Field(title="Budget a year")] = None
    """Largest sum paid a year."""
    budget_rule: BudgetRule = BudgetRule.PER_CONTRACT
    """How a budget that runs out is shared."""

    def receipts(self, trade: Trade) -> Array:
        """The payment on what was used, up to the budget."""
        setting, users = trade.setting, self._users(trade.setting)
        good = setting.good(self.good, "")
        used = (trade.level[:, users] * setting.inputs[users, good]).sum(axis=1)
        paid = setting.usd_per_tonne(self.good, self.amount, "") * used
        if self.budget is not None:
            paid = np.minimum(paid, self.budget.usd)
        return trade.out_of(self.paying(setting), paid)

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one support, per tonne of output, and with a budget one limit."""
        good = setting.good(self.good, self.where("good"))
        paid = self._users(setting)
        made = np.argmax(setting.output[paid], axis=1)
        amount = setting.usd_per_tonne(self.good, self.amount, self.where("amount"))
        support = Support(
            policy=self.id,
            instrument=self.kind,
            payer=self.paying(setting),
            process=paid,
            good=made,
            index=np.zeros((paid.size, len(setting.goods) * len(setting.regions))),
            strike=amount * setting.inputs[paid, good] / setting.output[paid, made],
            down=1.0,
            upper=np.inf,
            up=0.0,
            up_cap=np.inf,
        )
        terms.supports.append(support)
        ceiling = Ceiling(None, self.budget, self.budget_rule)
        terms.limits += ceiling.limits(setting, support, len(terms.supports) - 1)

    def _users(self, setting: Setting) -> IntArray:
        """Processes that are paid."""
        good = setting.good(self.good, self.where("good"))
        region = setting.region(self.region, self.where("region"))
        users = np.flatnonzero((setting.inputs[:, good] > 0.0) & (setting.process_region == region))
        known = [setting.processes[k] for k in users]
        wanted = known if self.processes is None else list(self.processes)
        if not known:
            raise self._fault(f"no plant in {self.region} uses {self.good}", "region", known)
        for name in wanted:
            if name not in known:
                problem = f"{name} does not use {self.good} in {self.region}"
                raise self._fault(problem, "processes", known)
        paid = np.array([k for k in users if setting.processes[k] in wanted], dtype=np.intp)
        if setting.replaceable is not None:
            for k in paid[setting.replaceable[paid, good]]:
                name = setting.processes[k]
                problem = f"other inputs stand in for {self.good} in {name}"
                raise self._fault(problem, "processes", [], "Pay for output: production_subsidy")
        return paid

    def _fault(
        self, problem: str, field: str, known: list[str], other: str | None = None
    ) -> InputError:
        remedy = other or "Name a region whose plants use it"
        if known:
            remedy = "Known: " + ", ".join(known)
        return InputError([Fault(problem, self.where(field), remedy=remedy)])
