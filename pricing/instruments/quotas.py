"""What limits on trade have in common: one multiplier, and who gets the rent."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from pricing.instruments.policy import Policy
from pricing.instruments.terms import Array, BoolArray, Limit, Setting, Wedge, arcs
from pricing.instruments.trade import Trade


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


def trade_limit(
    policy: Policy, setting: Setting, mask: BoolArray, tonnes: float, name: str, holder: RentHolder
) -> Limit:
    """``0 <= rent  ⟂  tonnes - sum of flows >= 0`` on the routes of one good.

    Parameters
    ----------
    policy : Policy
        Whose limit it is.
    setting : Setting
        The chain.
    mask : (G, R, R) array
        Routes whose tonnes count together.
    tonnes : float
        What they may carry, above zero [t].
    name : str
        The limit in words.
    holder : RentHolder
        Who gets the rent.
    """
    covered = arcs(mask)
    (good,) = np.unique(covered // len(setting.regions) ** 2)
    return Limit(
        policy=policy.id,
        instrument=policy.kind,
        name=name,
        unit="USD/t",
        upper=np.inf,
        scale=float(setting.price_scale[good]),
        condition_scale=tonnes,
        constant=tonnes,
        flow=(covered, np.ones(covered.size)),
        wedge=holder.wedge,
        acts_on_arcs=covered,
    )


def licence_rent(policy: Policy, trade: Trade) -> Array:
    """(N, G, R, R) what licences of a policy fetch on the routes that they count [USD/t]."""
    total = np.zeros_like(trade.flow)
    for limit, price in trade.multipliers(policy.id):
        total = total + price * trade.on(limit.flow[0])
    return total
