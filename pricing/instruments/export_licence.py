"""Export licences: a share of past trade is approved, route by route."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from pricing.core.declared import GoodId
from pricing.core.quantities import Rate
from pricing.instruments.policy import Places
from pricing.instruments.quotas import Licensed, RentHolder
from pricing.instruments.terms import ALL, Setting, Terms


class ExportLicence(Licensed):
    """Exports need a licence, and ``approved`` of base-year trade gets one on every route.

    There is a rent on routes that use all of it:
    ``0 <= rent  ⟂  approved x base-year tonnes - flow >= 0``. What one buyer does not get, another
    cannot use. Routes without base-year trade, and all routes at ``approved`` zero, are
    closed. By default the rent is lost in delay, as licences are not sold.
    """

    kind: Literal["export_licence"] = "export_licence"
    goods: Annotated[tuple[GoodId, ...], Field(min_length=1)]
    """Goods that need a licence."""
    origins: Places
    """Regions that ask for one."""
    destinations: Places = (ALL,)
    """Where the goods go."""
    approved: Annotated[Rate, Field(title="Approved share of base-year trade")]
    """Approved tonnes as a share of base-year trade; above 100 % for more than that."""
    rent_to: Annotated[RentHolder, Field(title="Who gets the rent")] = RentHolder.DELAY
    """Who gets the rent."""

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one limit a route, and closed routes."""
        mask = self.routes(setting, self.goods, self.origins, self.destinations)
        tonnes = self.approved.fraction * setting.benchmark_flow
        terms.closed.append((self.id, mask & (tonnes <= 0.0)))
        for g, i, j in np.argwhere(mask & (tonnes > 0.0)):
            route = np.zeros_like(mask)
            route[g, i, j] = True
            names = setting.goods[g], setting.regions[i], setting.regions[j]
            name = "licences '{}' for {} from {} to {}".format(self.id, *names)
            terms.limits.append(self.limit(setting, route, float(tonnes[g, i, j]), name))
