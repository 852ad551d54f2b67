"""Production quota: a limit on output, and a rent to the producers who hold it."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator

from pricing.core.declared import GoodId, ProcessId
from pricing.core.quantities import Tonnes
from pricing.errors import Fault, InputError
from pricing.instruments.policy import Places, Policy
from pricing.instruments.terms import Limit, Setting, Terms


class ProductionQuota(Policy):
    """At most ``quota`` tonnes a year are made in ``regions``, taken together.

    There is a rent only when it is full: ``0 <= rent  ⟂  quota - sum of output >= 0``. Output
    follows the price less the rent; producers hold the quota and keep its rent, as they keep the
    rent of a plant that is full. Stocks and trade are free of it.
    """

    kind: Literal["production_quota"] = "production_quota"
    good: GoodId
    """Good whose output is limited."""
    regions: Places
    """Where output counts against the quota."""
    processes: Annotated[tuple[ProcessId, ...], Field(min_length=1)] | None = None
    """Counted processes; every maker of the good in the regions if absent."""
    quota: Tonnes
    """Tonnes a year; above zero."""

    @field_validator("quota")
    @classmethod
    def _positive(cls, quota: Tonnes) -> Tonnes:
        if quota.tonnes <= 0.0:
            raise ValueError("a quota of zero shuts plants: set their capacity to 0 instead")
        return quota

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one limit whose multiplier lowers the margin of what it counts."""
        good = setting.good(self.good, self.where("good"))
        inside = setting.members(self.regions, self.where("regions"))
        makers = np.flatnonzero((setting.output[:, good] > 0.0) & inside[setting.process_region])
        known = [setting.processes[k] for k in makers]
        wanted = known if self.processes is None else self.processes
        for name in dict.fromkeys(wanted):
            if name not in known:
                raise self._fault(f"{name} does not make {self.good} there", "processes", known)
        if not known:
            raise self._fault(f"nothing there makes {self.good}", "regions", known)
        counted = np.array([k for k in makers if setting.processes[k] in wanted], dtype=np.intp)
        made = (counted, setting.output[counted, good])
        terms.limits.append(
            Limit(
                policy=self.id,
                instrument=self.kind,
                name=f"production quota '{self.id}' on {self.good}",
                unit="USD/t",
                upper=np.inf,
                scale=float(setting.price_scale[good]),
                condition_scale=self.quota.tonnes,
                constant=self.quota.tonnes,
                level=made,
                acts_on_margin=made,
            )
        )

    def _fault(self, problem: str, field: str, known: list[str]) -> InputError:
        remedy = "Known: " + (", ".join(known) or "none; name a producing region")
        return InputError([Fault(problem, self.where(field), remedy=remedy)])
