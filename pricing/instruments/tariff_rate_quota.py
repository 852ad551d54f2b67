"""Tariff-rate quota: a low duty within a quota, a high one beyond it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from pricing.core.declared import GoodId
from pricing.core.quantities import Rate, Scaled, Tonnes
from pricing.instruments.policy import Guarded, Places, Policy
from pricing.instruments.terms import ALL, Array, Duty, IntArray, Limit, Setting, Terms, Wedge, arcs
from pricing.instruments.trade import Trade


class TariffRateQuota(Guarded):
    """Pays ``in_quota`` on the first ``quota`` tonnes a year and ``over_quota`` beyond them.

    With the customs value ``v`` the wedge on a route is ``in_quota v + min(rho, gap)``, where
    ``gap = (over_quota - in_quota) v`` and ``rho`` is the rent, zero until the quota is filled:
    ``0 <= rho  ⟂  quota - tonnes within it >= 0``. The treasury takes the duties; holders of
    licences keep ``min(rho, gap)`` on the tonnes within the quota. Slack, it is the lower tariff;
    filled, an import quota; flooded, the higher tariff.
    """

    kind: Literal["tariff_rate_quota"] = "tariff_rate_quota"
    good: GoodId
    """Good that pays."""
    origins: Places = (ALL,)
    """Origins that share the quota."""
    destinations: Places
    """Importers that share the quota and charge the duties."""
    quota: Annotated[Tonnes, Field(title="Quota")]
    """Tonnes a year at the lower duty; above zero."""
    in_quota: Annotated[Rate, Scaled.DUTY, Field(title="Rate within the quota")]
    """Ad valorem rate within the quota, on the customs value."""
    over_quota: Annotated[Rate, Scaled.DUTY, Field(title="Rate beyond the quota")]
    """Ad valorem rate beyond it; not below the rate within."""

    @field_validator("quota")
    @classmethod
    def _positive(cls, quota: Tonnes) -> Tonnes:
        if quota.tonnes <= 0.0:
            raise ValueError("a quota of zero leaves only the higher duty: use a tariff")
        return quota

    @model_validator(mode="after")
    def _higher(self) -> TariffRateQuota:
        if self.over_quota.fraction <= self.in_quota.fraction:
            raise ValueError("'over_quota' is not above 'in_quota': use a tariff")
        return self

    def duty(self, setting: Setting) -> tuple[Array, Array]:
        """The rate within the quota, which every tonne pays."""
        pays = self.routes(setting, [self.good], self.origins, self.destinations)
        return np.where(pays, self.in_quota.fraction, 0.0), np.zeros(pays.shape)

    def rent(self, trade: Trade) -> Array:
        """What a licence fetches, but never more than it saves: the duty less a levy in its place.

        Levies that count all duties take as much less of tonnes beyond the quota as these pay more.
        """
        covered = self.routes(trade.setting, [self.good], self.origins, self.destinations)
        (_, licence), *_ = trade.multipliers(self.id)
        saves = np.maximum(self.beyond(trade) - trade.filled, 0.0)
        return np.where(covered, np.minimum(licence, saves), 0.0)

    def beyond(self, trade: Trade) -> Array:
        """(N, G, R, R) what a tonne beyond the quota pays more than one within [USD/t]."""
        return self._extra * trade.value_to(self.id)

    def receipts(self, trade: Trade) -> Array:
        """The lower rate on all tonnes, and the difference on those beyond the quota."""
        more = (self.beyond(trade) * self.tonnes_beyond(trade)).sum(axis=(1, 2))
        return np.asarray(super().receipts(trade) + more)

    def tonnes_beyond(self, trade: Trade) -> Array:
        """(N, G, R, R) tonnes that pay the rate beyond the quota [t].

        Where licences save nothing, nobody need ask for one: what the quota has left is shared out
        among the tonnes that did not.
        """
        covered = self.routes(trade.setting, [self.good], self.origins, self.destinations)
        beyond = np.zeros_like(trade.flow)
        for limit, tonnes in trade.multipliers(self.id):
            beyond = beyond + limit.over_quota * tonnes * trade.on(limit.acts_on_arcs)
        asked = beyond.sum(axis=(1, 2, 3))
        left = np.ravel(self.quota.tonnes) - (trade.flow * covered).sum(axis=(1, 2, 3)) + asked
        fits = np.clip(left / np.maximum(asked, 1e-300), 0.0, 1.0)
        return np.asarray(beyond * (1.0 - fits)[:, None, None, None])

    @property
    def _extra(self) -> float:
        """What the rate beyond the quota adds [1]."""
        return self.over_quota.fraction - self.in_quota.fraction

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append the lower duty, the quota, and two limits for each route."""
        mask = self.routes(setting, [self.good], self.origins, self.destinations)
        terms.duties.append(Duty(self.id, self.kind, *self.duty(setting)))
        covered = arcs(mask)
        terms.limits += two_tiers(
            self, setting, covered, self.quota.tonnes, len(terms.limits), self._extra
        )


def two_tiers(
    policy: Policy, setting: Setting, covered: IntArray, quota: float, first: int, rate: float
) -> Iterator[Limit]:
    """A quota whose rent stops, route by route, at the duty due beyond it.

    Three kinds of multiplier: the rent ``rho`` of the quota; for each route the tonnes ``o`` beyond
    it, and the discount ``d`` that holds the wedge ``rho - d`` down where all its tonnes are:

    ====================================  ============================================
    ``0 <= rho``                          ``quota - sum (f - o) >= 0``
    ``0 <= o``                            ``rate v - (rho - d) >= 0``
    ``0 <= d``                            ``f - o >= 0``
    ====================================  ============================================
    """
    regions = len(setting.regions)
    scale = float(setting.price_scale[covered[0] // regions**2])
    beyond = first + 1 + 2 * np.arange(covered.size)
    one = np.ones(1)
    yield Limit(
        name=f"quota '{policy.id}'",
        unit="USD/t",
        upper=np.inf,
        scale=scale,
        condition_scale=quota,
        constant=quota,
        flow=(covered, np.ones(covered.size)),
        link=(beyond, np.ones(covered.size)),
        wedge=Wedge.IMPORTER,
        acts_on_arcs=covered,
        policy=policy.id,
        instrument=policy.kind,
    )
    for arc, position in zip(covered, beyond, strict=True):
        here = np.array([arc])
        tonnes = max(1e-3 * quota, min(quota, float(setting.benchmark_flow.ravel()[arc])))
        origin, destination = divmod(int(arc) % regions**2, regions)
        name = f"'{policy.id}' from {setting.regions[origin]} to {setting.regions[destination]}"
        yield Limit(
            name=f"tonnes beyond {name}",
            unit="t",
            upper=np.inf,
            scale=tonnes,
            condition_scale=scale,
            constant=0.0,
            customs_value=(here, rate * one),
            link=(np.array([first, position + 1]), np.array([-1.0, 1.0])),
            acts_on_arcs=here,
            over_quota=True,
            policy=policy.id,
            instrument=policy.kind,
        )
        yield Limit(
            name=f"tonnes within {name}",
            unit="USD/t",
            upper=np.inf,
            scale=scale,
            condition_scale=tonnes,
            constant=0.0,
            flow=(here, -one),
            link=(np.array([position]), -one),
            wedge=Wedge.IMPORTER,
            acts_on_arcs=here,
            arc_weight=-1.0,
            policy=policy.id,
            instrument=policy.kind,
        )
