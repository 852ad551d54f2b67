"""Where each kind of unknown is, its box, its scale and the scale of its condition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, BoolArray, Network
from pricing.equilibrium import spatial
from pricing.equilibrium.arrays import LimitArrays
from pricing.instruments.terms import Limit, Wedge

PRICE_WEIGHT = 0.01
"""Weight of excess supply against the price in the test for a price of zero, and of a price against
the tonnes that answer it (shortages, public purchases) [1]. A price far beyond the choke must first
come back to it; at equal weights the whole demand would be cut off at once."""


@dataclass(frozen=True)
class Parts:
    """Where each kind of unknown is."""

    prices: slice
    """Producer prices, by good and region."""
    levels: slice
    """Process levels."""
    multipliers: slice
    """Multipliers of limits."""
    delivered: slice
    """Delivered prices of homogeneous goods."""
    flows: slice
    """Flows of homogeneous goods, at the end."""

    @classmethod
    def of(cls, prices: int, levels: int, multipliers: int, delivered: int, flows: int) -> Parts:
        """Positions from numbers."""
        ends = np.cumsum([prices, levels, multipliers, delivered, flows]).tolist()
        return cls(*(slice(a, b) for a, b in zip([0, *ends], ends, strict=False)))


@dataclass(frozen=True)
class Unknowns:
    """All unknowns (n) in order, each with its box and its condition."""

    parts: Parts
    """Where each kind is."""
    lower: Array
    """(N, n) lower bounds of the unknowns, scaled."""
    upper: Array
    """(N, n) upper bounds of the unknowns, scaled."""
    scale: Array
    """(n,) scale of each unknown: prices, levels, multipliers, delivered prices, flows."""
    condition_scale: Array
    """(N, n) scale of each condition: volume, output price, the limit's own."""
    level_price: Array
    """(K,) value of one tonne of process level at benchmark prices [USD/t]."""
    weight: Array
    """(n,) weight of each condition against its unknown in the test for a bound [1]."""

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Numbers of producer prices, process levels and multipliers."""
        parts = (self.parts.prices, self.parts.levels, self.parts.multipliers)
        prices, levels, multipliers = (part.stop - part.start for part in parts)
        return prices, levels, multipliers

    @property
    def price_part(self) -> slice:
        """Positions of the producer prices among the unknowns."""
        return self.parts.prices

    @property
    def level_part(self) -> slice:
        """Positions of the process levels among the unknowns."""
        return self.parts.levels

    @property
    def multiplier_part(self) -> slice:
        """Positions of the multipliers among the unknowns."""
        return self.parts.multipliers

    @property
    def delivered_part(self) -> slice:
        """Positions of the delivered prices of homogeneous goods among the unknowns."""
        return self.parts.delivered

    @property
    def flow_part(self) -> slice:
        """Positions of the flows of homogeneous goods among the unknowns, at the end."""
        return self.parts.flows

    @property
    def core(self) -> int:
        """Number of unknowns that enter a matrix: all but flows."""
        return int(self.parts.delivered.stop)


def unknowns(
    network: Network,
    opened: tuple[BoolArray, BoolArray],
    limits: Sequence[Limit],
    limit: LimitArrays,
    routes: spatial.Routes,
    unserved: Array,
) -> Unknowns:
    """List the unknowns of a program.

    Parameters
    ----------
    network : Network
        Calibrated network.
    opened : tuple of (G, R) and (K,) arrays
        Origins that can sell, processes that can run; the others are held where they are.
    limits, limit : sequence of Limit, LimitArrays
        Limits, and the same as matrices.
    routes : Routes
        Homogeneous goods.
    unserved : (G R,) array
        Price at which all demand has ended, which buyers with nothing on offer face; ``inf`` where
        their line says where it ends [USD/t].
    """
    lower, upper, scale = _bounds(network, opened, limit)
    more = spatial.bounds(network, routes, unserved)
    upper = _side_by_side(upper, more[1])
    level_price = network.outputs @ network.setting.price_scale
    carries = [m for m, own in enumerate(limits) if own.wedge is Wedge.CARRIER]
    level_price[network.fleet.process] = limit.scale[carries]
    volume = network.setting.quantity_scale.ravel()
    parts = Parts.of(
        volume.size, level_price.size, len(limits), routes.size, routes.flow_scale.size
    )
    return Unknowns(
        parts=parts,
        lower=np.broadcast_to(_side_by_side(lower, more[0]), upper.shape),
        upper=upper,
        scale=np.concatenate([scale, more[2]]),
        condition_scale=_side_by_side(
            volume, level_price, limit.condition_scale, spatial.condition_scale(routes)
        ),
        level_price=level_price,
        weight=_weight(parts, limits),
    )


def _bounds(
    network: Network, opened: tuple[BoolArray, BoolArray], limit: LimitArrays
) -> tuple[Array, Array, Array]:
    """Boxes of prices, levels and multipliers, scaled; what is structurally shut is fixed."""
    origin, process = opened[0].ravel(), opened[1]
    price_scale = np.repeat(network.setting.price_scale, len(network.regions))
    scale = np.concatenate([price_scale, network.level_scale, limit.scale])
    start = np.nan_to_num(network.price, nan=0.0).ravel()
    p_lower, p_upper = np.where(origin, 0.0, start), np.where(origin, np.inf, start)
    x_lower = np.where(process, np.minimum(network.minimum, network.capacity), 0.0)
    x_upper = np.where(process, network.capacity, 0.0)
    lower = _side_by_side(p_lower, x_lower, limit.lower)
    upper = _side_by_side(p_upper, x_upper, limit.upper)
    return lower / scale, upper / scale, scale


def _side_by_side(*parts: Array) -> Array:
    """(N, n) rows side by side; a part without a scenario axis serves every scenario."""
    rows = [np.atleast_2d(part) for part in parts]
    count = max(row.shape[0] for row in rows)
    return np.concatenate([np.broadcast_to(r, (count, r.shape[1])) for r in rows], axis=1)


def _weight(parts: Parts, limits: Sequence[Limit]) -> Array:
    """(n,) weight of each condition in the test for a bound: light where tonnes answer a price."""
    weight = np.ones(parts.flows.stop)
    weight[parts.prices] = weight[parts.delivered] = PRICE_WEIGHT
    light = [
        own.rations is not None or bool(own.acts_on_use[0].size or own.acts_on_balance[0].size)
        for own in limits
    ]
    weight[parts.multipliers] = np.where(light, PRICE_WEIGHT, 1.0)
    return weight
