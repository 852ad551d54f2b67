"""Export quota: a limit on the tonnes that leave, and a rent to whoever holds the licences."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pricing.core.declared import GoodId
from pricing.instruments.policy import Places
from pricing.instruments.quotas import Licensed, Quota, RentHolder
from pricing.instruments.terms import ALL, Setting, Terms


class ExportQuota(Licensed):
    """At most ``quota`` tonnes a year leave ``origins`` for ``destinations``, taken together.

    There is a rent only when it is full: ``0 <= rent  ⟂  quota - sum of flows >= 0``. The rent is
    the same on every route; by default sellers hold it. With a quota of zero the routes are closed.
    """

    kind: Literal["export_quota"] = "export_quota"
    good: GoodId
    """Good that is limited."""
    origins: Places
    """Regions whose exports count."""
    destinations: Places = (ALL,)
    """Where exports count."""
    quota: Annotated[Quota, Field(title="Quota")]
    """Tonnes a year."""
    rent_to: Annotated[RentHolder, Field(title="Who gets the rent")] = RentHolder.EXPORTER
    """Who gets the rent."""

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one limit, or closed routes for a quota of zero."""
        mask = self.routes(setting, [self.good], self.origins, self.destinations)
        if self.quota.tonnes == 0.0:
            terms.closed.append((self.id, mask))
            return
        name = f"export quota '{self.id}' on {self.good}"
        terms.limits.append(self.limit(setting, mask, self.quota.tonnes, name))
