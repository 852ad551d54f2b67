"""Volume balances and limits of a scenario that hold whatever the prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.economics.sourcing import Law
from pricing.equilibrium.own_limits import SHORTAGE
from pricing.equilibrium.program import Program


@dataclass(frozen=True)
class Volumes:
    """Volume balances and limits of one scenario that hold whatever the prices."""

    program: Program
    """The scenario."""
    arcs: tuple[IntArray, IntArray, IntArray]
    """Good, origin and destination of every open route whose good keeps its tonnes."""
    bound: Array
    """(A,) tonnes that contracts bind on each route [t]."""
    least: Array
    """(G, R) demand that no price up to the ceiling removes, purchases for stocks included [t]."""
    stocked: dict[int, Array]
    """Limit -> (G R,) tonnes bought for a stock whatever they cost [t]."""
    low: Array
    """(K,) lowest levels [t]."""
    high: Array
    """(K,) highest levels; ``inf`` for none [t]."""
    hard: IntArray
    """Limits on flows and levels that no multiplier lifts."""
    ceiling: float
    """Highest prices, as a multiple of the base year's [1]."""

    @classmethod
    def of(cls, program: Program, ceiling: float = np.inf) -> Volumes:
        """Read them from a program of one scenario; ``ceiling`` as in the field."""
        network, part = program.network, program.level_part
        keeps = np.ones(len(network.goods), dtype=bool)
        keeps[program.lasting.goods[Law.ARMINGTON]] = False
        arcs: BoolArray = program.open_arcs & keeps[:, None, None]
        curves = network.demand
        demand = np.where(np.isinf(curves.choke), curves.demanded(ceiling * curves.price), 0.0)
        demand[network.cross.demand] = 0.0  # other prices may remove it
        least = (demand @ program.lasting.demand_map).reshape(
            len(network.goods), len(network.regions)
        )
        stocked = _stocked(program, keeps)
        least += sum(stocked.values(), np.zeros(least.size)).reshape(least.shape)
        return cls(
            program=program,
            stocked=stocked,
            arcs=tuple(np.nonzero(arcs)),  # type: ignore[arg-type]
            bound=program.contracted[arcs],
            least=np.where(keeps[:, None], least, 0.0),
            low=program.lower[0, part] * program.scale[part],
            high=program.upper[0, part] * program.scale[part],
            hard=_hard(program, arcs),
            ceiling=ceiling,
        )

    @property
    def needs_anything(self) -> bool:
        """Whether anything must be used, made or sent; without it nothing can be missing."""
        return self.unit > 0.0

    @property
    def unit(self) -> float:
        """The most that must be used, made or sent anywhere, as the unit of tonnes [t]."""
        return max(float(part.max(initial=0.0)) for part in (self.least, self.low, self.bound))

    @property
    def loose(self) -> tuple[BoolArray, BoolArray]:
        """(G R,) makers and buyers to whose balance a limit may add tonnes, as releases do."""
        limit = self.program.limit
        chains = np.array([m.instrument == SHORTAGE for m in self.program.limits], dtype=bool)
        added = (limit.balance < 0.0).any(axis=0), (limit.use[~chains] < 0.0).any(axis=0)
        return added[0].ravel(), added[1].ravel()

    def counted(self, m: int) -> Array:
        """(A,) tonnes that a limit counts per tonne on each route [1]."""
        return np.asarray(self.program.limit.flow[m][self.arcs])

    def made(self, m: int) -> Array:
        """(K,) tonnes that a limit counts per tonne of level [1]."""
        return np.asarray(self.program.limit.level[m])


def _hard(program: Program, arcs: BoolArray) -> IntArray:
    """Limits that only count flows and levels, of goods that keep tonnes, and cannot be lifted."""
    limit = program.limit
    plain = ~limit.price.any(axis=(1, 2)) & ~limit.buyer_price.any(axis=(1, 2))
    plain &= ~limit.payment.any(axis=1) & ~limit.reduced.any(axis=1) & ~limit.link.any(axis=1)
    plain = plain & ~np.isin(np.arange(limit.scale.size), limit.spends[0])
    counts = limit.flow.any(axis=(1, 2, 3)) | limit.level.any(axis=1)
    elsewhere = np.where(program.open_arcs & ~arcs, limit.flow, 0.0).any(axis=(1, 2, 3))
    plain &= counts & ~elsewhere & (limit.constant[0] >= 0.0)
    return np.flatnonzero(plain & np.isinf(limit.upper[0]))


def _stocked(program: Program, keeps: BoolArray) -> dict[int, Array]:
    """Purchases for stocks that no price stops: of limits whose condition is always missed."""
    limit, found = program.limit, {}
    for m in np.flatnonzero((limit.constant[0] < 0.0) & np.isfinite(limit.upper[0])):
        answers = [limit.price[m], limit.buyer_price[m], limit.flow[m], limit.level[m]]
        answers += [limit.payment[m], limit.reduced[m], limit.link[m]]
        if not any(part.any() for part in answers) and m not in limit.spends[0]:
            tonnes = limit.upper[0, m] * np.maximum(limit.use[m], 0.0) * keeps[:, None]
            if tonnes.any():
                found[int(m)] = tonnes.ravel()
    return found
