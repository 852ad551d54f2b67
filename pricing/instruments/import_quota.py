"""Import quota: a limit on tonnes, and a rent to whoever holds the licences."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from pricing.core.declared import GoodId
from pricing.core.quantities import Tonnes
from pricing.instruments.policy import Places, Policy
from pricing.instruments.terms import ALL, Limit, Setting, Terms, Wedge, arcs


class RentHolder(StrEnum):
    """Who holds the licences of a quota."""

    IMPORTER = "importer"
    """Importers; the rent is not part of the customs value."""
    EXPORTER = "exporter"
    """Sellers; the rent raises the invoice price."""


_WEDGES = {RentHolder.IMPORTER: Wedge.IMPORTER, RentHolder.EXPORTER: Wedge.SELLER}


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
    """Who holds the licences: importers (the rent is not part of the customs value) or sellers
    (the rent raises the invoice price, and with it every ad valorem duty)."""

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one limit, or closed arcs for a quota of zero."""
        good = setting.good(self.good, self.where("good"))
        origins = setting.members(self.origins, self.where("origins"))
        destinations = setting.members(self.destinations, self.where("destinations"))
        mask = terms.zeros().astype(bool)
        mask[good] = self.charged(setting, origins, destinations)
        if self.quota.tonnes == 0.0:
            terms.closed.append((self.id, mask))
            return
        covered = arcs(mask)
        terms.limits.append(
            Limit(
                policy=self.id,
                instrument=self.kind,
                name=f"quota '{self.id}' on {self.good}",
                unit="USD/t",
                upper=np.inf,
                scale=float(setting.price_scale[good]),
                condition_scale=self.quota.tonnes,
                constant=self.quota.tonnes,
                flow=(covered, np.ones(covered.size)),
                wedge=_WEDGES[self.rent_to],
                acts_on_arcs=covered,
            )
        )
