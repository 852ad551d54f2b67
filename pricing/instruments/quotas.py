"""What limits on trade have in common: one multiplier, and who gets the rent."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import AfterValidator

from pricing.core.quantities import Tonnes
from pricing.instruments.policy import Policy
from pricing.instruments.terms import Array, BoolArray, Limit, Setting, Wedge, arcs
from pricing.instruments.trade import Trade

LEAST = 1e-24
"""A quota above zero is no less: some ten thousand atoms of copper. Below 1e-100 t or so no search
ends [t]."""


def _some_or_none(quota: Tonnes) -> Tonnes:
    """Refuse what is neither trade nor none."""
    if 0.0 < quota.tonnes < LEAST:
        raise ValueError(f"a quota below {LEAST:g} t is less than a grain of dust: state 0")
    return quota


Quota = Annotated[Tonnes, AfterValidator(_some_or_none)]
"""Tonnes that trade may carry; zero shuts it."""


class RentHolder(StrEnum):
    """Who gets what a scarce tonne is worth above its price."""

    IMPORTER = "importer"
    """Holders of licences on the buying side; the rent is not part of the customs value."""
    EXPORTER = "exporter"
    """Sellers; the rent raises the invoice price, and with it every ad valorem duty."""
    IMPORTING_TREASURY = "importing_treasury"
    """The importer's treasury, which auctions the licences."""
    EXPORTING_TREASURY = "exporting_treasury"
    """The exporter's treasury, which auctions the licences; the invoice price rises."""
    DELAY = "delay"
    """Nobody: it is lost in waiting, paperwork and idle stock."""

    @property
    def wedge(self) -> Wedge:
        """Where the rent enters the price of an arc."""
        return _WEDGES[self]


_WEDGES = {
    RentHolder.IMPORTER: Wedge.IMPORTER,
    RentHolder.EXPORTER: Wedge.SELLER,
    RentHolder.IMPORTING_TREASURY: Wedge.DUTY,
    RentHolder.EXPORTING_TREASURY: Wedge.ORIGIN_TREASURY,
    RentHolder.DELAY: Wedge.LOST,
}


class Licensed(Policy):
    """A limit on trade whose licences somebody holds."""

    if TYPE_CHECKING:
        rent_to: RentHolder

    @property
    def rent_role(self) -> Wedge:
        """Where the rent enters prices."""
        return self.rent_to.wedge

    def rent(self, trade: Trade) -> Array:
        """What a licence fetches on the routes that it counts."""
        total = np.zeros_like(trade.flow)
        for limit, price in trade.multipliers(self.id):
            total = total + price * trade.on(limit.flow[0])
        return total

    def limit(self, setting: Setting, mask: BoolArray, tonnes: float, name: str) -> Limit:
        """``0 <= rent  ⟂  tonnes - sum of flows >= 0`` on the routes of one good.

        Parameters
        ----------
        setting : Setting
            The chain.
        mask : (G, R, R) array
            Routes whose tonnes count together.
        tonnes : float
            What they may carry, above zero [t].
        name : str
            The limit in words.
        """
        covered = arcs(mask)
        (good,) = np.unique(covered // len(setting.regions) ** 2)
        return Limit(
            policy=self.id,
            instrument=self.kind,
            name=name,
            unit="USD/t",
            upper=np.inf,
            scale=float(setting.price_scale[good]),
            condition_scale=tonnes,
            constant=tonnes,
            flow=(covered, np.ones(covered.size)),
            wedge=self.rent_to.wedge,
            acts_on_arcs=covered,
        )
