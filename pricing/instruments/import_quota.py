"""Import quota: a limit on tonnes, and a rent to whoever holds the licences."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pricing.core.declared import GoodId
from pricing.instruments.policy import Places
from pricing.instruments.quotas import Licensed, Quota, RentHolder
from pricing.instruments.terms import ALL, Setting, Terms, agreed


class ImportQuota(Licensed):
    """At most ``quota`` tonnes a year from ``origins`` into ``destinations``, taken together.

    There is a rent only when it is full: ``0 <= rent  ⟂  quota - sum of flows >= 0``. The rent is
    the same on every arc it covers. With a quota of zero the arcs are closed.
    """

    kind: Literal["import_quota"] = "import_quota"
    good: GoodId
    """Good that is limited."""
    origins: Places = (ALL,)
    """Origins counted against the quota."""
    destinations: Places
    """Importers that share the quota."""
    quota: Quota
    """Tonnes a year."""
    rent_to: Annotated[RentHolder, Field(title="Who holds the licences")] = RentHolder.IMPORTER
    """Who gets the rent."""

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one limit, or closed arcs for a quota of zero."""
        mask = self.routes(setting, [self.good], self.origins, self.destinations)
        if agreed(self.quota.tonnes == 0.0):
            terms.closed.append((self.id, mask))
            return
        name = f"quota '{self.id}' on {self.good}"
        terms.limits.append(self.limit(setting, mask, self.quota.tonnes, name))
