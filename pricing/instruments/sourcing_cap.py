"""Sourcing cap: at most a share of what is bought may come from some origins."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator

from pricing.core.declared import GoodId
from pricing.core.quantities import Share
from pricing.errors import Fault, InputError
from pricing.instruments.policy import Places, Policy
from pricing.instruments.terms import Array, BoolArray, Limit, Setting, Terms, Wedge
from pricing.instruments.trade import Trade


class SourcingCap(Policy):
    """At most ``share`` of what ``buyers`` source, taken together, comes from ``origins``.

    A blend obligation: ``0 <= mu  ⟂  share x all tonnes - capped tonnes >= 0`` adds
    ``mu (1 - share)`` to the price of capped origins and takes ``mu share`` off all others, home
    included. Certificates worth ``mu`` change hands among buyers; no net money leaves them.
    """

    kind: Literal["sourcing_cap"] = "sourcing_cap"
    good: GoodId
    """Good that is bought."""
    origins: Places
    """Origins whose share is capped."""
    buyers: Places
    """Buyers that share the obligation; a zone may trade certificates inside."""
    share: Annotated[Share, Field(title="Largest share")]
    """Largest share of tonnes from the capped origins; between 0 % and 100 %, both excluded."""

    @field_validator("share")
    @classmethod
    def _inside(cls, share: Share) -> Share:
        if not 0.0 < share.fraction < 1.0:
            raise ValueError("a cap of 0 % is a ban, one of 100 % no cap: state a share between")
        return share

    def rent(self, trade: Trade) -> Array:
        """What certificates add to capped origins and take off the others."""
        setting, result = trade.setting, np.zeros_like(trade.flow)
        good, share = setting.good(self.good, self.where("good")), self.share.fraction
        capped = self._capped(setting)
        buyers = setting.members(self.buyers, self.where("buyers"))
        weight = np.where(capped, 1.0 - share, -share)[:, None] * buyers
        for _, price in trade.multipliers(self.id):
            result[:, good] = price[:, 0] * weight
        return result

    def _capped(self, setting: Setting) -> BoolArray:
        """(R,) origins that count as capped: by the name that the goods carry."""
        return setting.members(self.origins, self.where("origins"))[setting.sold_as]

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append one limit on all routes to the buyers."""
        good = setting.good(self.good, self.where("good"))
        capped = self._capped(setting)
        buyers = setting.members(self.buyers, self.where("buyers"))
        if capped.all():
            problem = "every origin is capped: there is nothing to blend with"
            raise InputError([Fault(problem, self.where("origins"), remedy="Leave origins out")])
        share, regions = self.share.fraction, len(setting.regions)
        weight = np.where(capped, 1.0 - share, -share)
        origin, buyer = np.nonzero(np.ones((regions, regions), dtype=bool) & buyers[None, :])
        covered = (good * regions + origin) * regions + buyer
        used = float(setting.benchmark_flow[good][:, buyers].sum())
        typical = used if used > 0.0 else float(setting.quantity_scale[good].max())
        terms.limits.append(
            Limit(
                policy=self.id,
                instrument=self.kind,
                name=f"cap '{self.id}' on the origin of {self.good}",
                unit="USD/t",
                upper=np.inf,
                scale=float(setting.price_scale[good]),
                condition_scale=typical,
                constant=0.0,
                flow=(covered, weight[origin]),
                wedge=Wedge.IMPORTER,
                acts_on_arcs=covered,
                arc_weight=weight[origin],
            )
        )
