r"""Volume balances and limits of a scenario that hold whatever the prices.

Armington goods do not keep tonnes, but their composite is a concave function of the tonnes that
make it, so that ``U <= sum w f`` with weights ``w = c / P`` at any prices ``c``.

Up to a ceiling of prices more holds: a plant makes no more than its margin pays for at the ceiling,
where its inputs cost nothing, and a sum of money buys at least what it buys there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.economics.sourcing import Law, armington
from pricing.equilibrium.ceilings import base_year, paid_for
from pricing.equilibrium.own_limits import SHORTAGE
from pricing.equilibrium.program import Program

SMALLEST = 1e-3
"""Landed prices at which composites are weighed are at least this share of the typical one [1]."""


@dataclass(frozen=True)
class Volumes:
    """Volume balances and limits of one scenario that hold whatever the prices."""

    program: Program
    """The scenario."""
    arcs: tuple[IntArray, IntArray, IntArray]
    """Good, origin and destination of every open route."""
    worth: Array
    """(A,) what a tonne on each route adds to use at most: one but for Armington goods [1]."""
    inputs: Array
    """(K, G R) tonnes used per tonne of level at least: none where inputs replace one another."""
    bound: Array
    """(A,) tonnes that contracts bind on each route [t]."""
    promised: dict[int, str]
    """Route -> name of a policy's contract that binds most there."""
    least: Array
    """(G, R) demand that no price up to the ceiling removes, purchases for stocks included [t]."""
    taken: Array
    """(G R,) most that final demand takes where contracts bind; ``inf`` elsewhere [t]."""
    stocked: dict[int, Array]
    """Limit -> (G R,) tonnes bought for a stock whatever they cost [t]."""
    low: Array
    """(K,) lowest levels [t]."""
    high: Array
    """(K,) highest levels; ``inf`` for none [t]."""
    priced: BoolArray
    """(K,) levels that the ceiling of prices bounds, not capacity."""
    hard: IntArray
    """Limits on flows and levels that no multiplier lifts."""
    ceiling: float
    """Highest prices, as a multiple of the base year's [1]."""

    @classmethod
    def of(cls, program: Program, ceiling: float = np.inf, *, delivered: bool = False) -> Volumes:
        """Read them from a program of one scenario; ``ceiling`` as in the field.

        With ``delivered`` the contracts of policies bind as well: users could leave their tonnes.
        """
        network, part = program.network, program.level_part
        bound, promised = _bound(program, delivered=delivered)
        arcs, curves = np.nonzero(program.open_arcs), network.demand
        demand = np.where(np.isinf(curves.choke), curves.demanded(ceiling * curves.price), 0.0)
        demand[network.cross.demand] = 0.0  # other prices may remove it
        stocked = _stocked(program, ceiling)
        least = sum(stocked.values(), demand @ program.lasting.demand_map)
        low = program.lower[0, part] * program.scale[part]
        high = program.upper[0, part] * program.scale[part]
        most = paid_for(network, program.supply, program.supports, ceiling)
        return cls(
            program=program,
            arcs=arcs,  # type: ignore[arg-type]
            worth=_worth(program)[arcs],
            inputs=_inputs(program),
            bound=bound,
            promised=promised,
            least=least.reshape(len(network.goods), len(network.regions)),
            taken=_taken(program, known=np.isinf(ceiling) and not delivered),
            stocked=stocked,
            low=low,
            high=np.minimum(high, np.maximum(most, low)),
            priced=most < high,
            hard=_hard(program),
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


def _hard(program: Program) -> IntArray:
    """Limits that only count flows and levels and cannot be lifted."""
    limit = program.limit
    plain = ~limit.price.any(axis=(1, 2)) & ~limit.buyer_price.any(axis=(1, 2))
    plain &= ~limit.payment.any(axis=1) & ~limit.reduced.any(axis=1) & ~limit.link.any(axis=1)
    plain = plain & ~np.isin(np.arange(limit.scale.size), limit.spends[0])
    counts = limit.flow.any(axis=(1, 2, 3)) | limit.level.any(axis=1)
    plain &= counts & (limit.constant[0] >= 0.0)
    return np.flatnonzero(plain & np.isinf(limit.upper[0]))


def _bound(program: Program, *, delivered: bool) -> tuple[Array, dict[int, str]]:
    """(A,) tonnes that contracts bind, and by route the names of policies' that bind most."""
    bound, names = program.contracted[program.open_arcs], dict[int, str]()
    rank = np.cumsum(program.open_arcs.ravel()) - 1
    for m, limit in enumerate(program.limits if delivered else ()):
        if limit.makers.size and np.isinf(program.limit.upper[0, m]):  # its route is open
            a, tonnes = int(rank[limit.flow[0][0]]), -float(program.limit.constant[0, m])
            if tonnes > bound[a]:
                bound[a], names[a] = tonnes, limit.name
    return bound, names


def _stocked(program: Program, ceiling: float) -> dict[int, Array]:
    """Purchases for stocks that no price up to the ceiling stops.

    Of limits whose condition is always missed, and of sums of money that are spent.
    """
    limit, found = program.limit, {}
    spent = dict(zip(*(part.tolist() for part in limit.spends[:2]), strict=True))
    for m in np.flatnonzero(limit.constant[0] < 0.0):
        answers = [limit.price[m], limit.buyer_price[m], limit.flow[m], limit.level[m]]
        answers += [limit.payment[m], limit.reduced[m], limit.link[m]]
        most = float(limit.upper[0, m])
        if any(part.any() for part in answers):
            continue
        if m in spent:
            most = _bought(program, int(m), ceiling) if spent[m] == m else 0.0
        tonnes = np.maximum(limit.use[m].ravel(), 0.0) * (most if np.isfinite(most) else 0.0)
        if tonnes.any():
            found[int(m)] = tonnes
    return found


def _bought(program: Program, m: int, ceiling: float) -> float:
    """Tonnes that the money of a limit buys at least."""
    row = int(np.flatnonzero(program.limit.spends[0] == m)[0])
    _, _, place, times = (part[row] for part in program.limit.spends)
    price = base_year(program.network, program.network.buyer_price).ravel()[place]
    return float(program.limit.constant[0, m] / (times * price * ceiling))


def _worth(program: Program) -> Array:
    """(G, R, R) what a tonne adds to use at most: one but for Armington goods [1]."""
    worth = np.ones(program.open_arcs.shape)
    if not program.lasting.goods[Law.ARMINGTON].size:
        return worth
    typical = program.network.setting.price_scale[:, None, None]
    made = base_year(program.network, program.network.price)
    landed = np.maximum(program.charges.landed_at(made), SMALLEST * typical).ravel()
    for source in program.along.sources:
        if source.law is Law.ARMINGTON:
            at = slice(None) if source.at is None else source.at
            _, index = armington(source.log_weight, source.sensitivity, landed[at], source.arcs)
            worth.ravel()[at] = landed[at] / source.arcs.each(index)
    return worth


def _taken(program: Program, *, known: bool) -> Array:
    """(G R,) most that final demand takes where the chain's contracts bind [t].

    All that arrives there is used. ``inf`` where other prices, a policy, or a change of recipes may
    add to use, and where levels are not bounded by capacity alone.
    """
    network, limit = program.network, program.limit
    most = network.demand.demanded(np.zeros_like(network.demand.price))
    most[network.cross.demand] = np.inf
    at = program.lasting.demand_place
    taken = np.bincount(at, most, minlength=program.bound.size)
    tonnes = np.isin(np.arange(len(network.goods)), network.goods_under(Law.ARMINGTON), invert=True)
    sure = known & (program.bound > 0.0) & tonnes[:, None] & ~(limit.use > 0.0).any(axis=0)
    sure = sure.ravel()
    sure[network.nests.place] = False
    return np.where(sure, taken, np.inf)


def _inputs(program: Program) -> Array:
    """(K, G R) tonnes used per tonne of level at least [t/t]."""
    network, inputs = program.network, program.lasting.input_map
    if not network.nests.process.size:
        return inputs
    inputs = inputs.copy()
    inputs[network.nests.process, network.nests.place] = 0.0
    return inputs
