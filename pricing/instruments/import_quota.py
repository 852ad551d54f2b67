"""Import quota: a limit on tonnes, and a rent to whoever holds the licences."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pricing.core.declared import GoodId
from pricing.core.quantities import Tonnes
from pricing.instruments.policy import Places, Policy
from pricing.instruments.quotas import RentHolder, licence_rent, trade_limit
from pricing.instruments.terms import ALL, Array, Setting, Terms, Wedge, agreed
from pricing.instruments.trade import Trade


class ImportQuota(Policy):
    """At most ``quota`` tonnes a year from ``origins`` into ``destinations``, taken together.

    ``0 <= rent  ⟂  quota - sum of flows >= 0``. The rent is the same on every arc it covers. With
    a quota of zero the arcs are closed.
    """

    kind: Literal["import_quota"] = "import_quota"
    good: GoodId
    """Good that is limited."""
    origins: Places = (ALL,)
    """Origins counted against the quota."""
    destinations: Places
    """Importers that share the quota."""
    quota: Tonnes
    """Tonnes a year."""
    rent_to: Annotated[RentHolder, Field(title="Who holds the licences")] = RentHolder.IMPORTER
    """Who gets the rent."""

    @property
    def rent_role(self) -> Wedge:
        """Where the rent enters prices."""
        return self.rent_to.wedge

    def rent(self, trade: Trade) -> Array:
        """What a licence fetches."""
        return licence_rent(self, trade)

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one limit, or closed arcs for a quota of zero."""
        mask = self.routes(setting, [self.good], self.origins, self.destinations)
        if agreed(self.quota.tonnes == 0.0):
            terms.closed.append((self.id, mask))
            return
        name = f"quota '{self.id}' on {self.good}"
        terms.limits.append(trade_limit(self, setting, mask, self.quota.tonnes, name, self.rent_to))
