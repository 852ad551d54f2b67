r"""Proof that a scenario has no equilibrium: more tonnes are needed than can be had at any prices.

Whatever the prices, levels ``x`` and flows ``f`` of an equilibrium satisfy

.. math::

    \sum_j f_{gij} \le \sum_k a^{out}_{kg} x_k, \qquad
    \sum_k a^{in}_{kg} x_k + d_{gj} \le \sum_i f_{gij}, \qquad
    \underline x \le x \le \bar x, \quad f \ge \underline f,

and every limit on flows and levels whose multiplier has no ceiling; ``d`` is demand that no price
removes, or none below an absurd one, and what stocks buy whatever it costs; ``f`` is at least what
contracts bind. A linear program
finds the smallest shortfall. If there is one, its multipliers (values of goods at makers ``s`` and
at buyers ``b``, rents ``q`` of limits) are weights with which these inequalities add up to a
contradiction (Farkas). The sum is formed again in rational numbers, from the multipliers and the
data alone: the solver of the linear program need not be trusted.

Goods bought by the armington law are left out: they do not keep tonnes.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.economics.sourcing import Law
from pricing.equilibrium.own_limits import SHORTAGE
from pricing.equilibrium.program import Program
from pricing.errors import Certificate, InfeasibleError, Part

CLEAR = 1e-6
"""Smallest share of what is needed that must be missing: far above what the solver promises [1]."""
NOTHING = 1e-9
"""Multiplier that counts as zero [1]."""
ABSURD = 1e6
"""Prices above this multiple of the base year's are no answer: demand of an elasticity of 0.01 that
has no choke price would be cut by a tenth only [1]."""
PASSES = 100
"""Passes over processes that may run without limit, until no value of a good has to fall."""


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


def _loose(program: Program) -> tuple[BoolArray, BoolArray]:
    """(G R,) makers and buyers whose balance a limit may add tonnes to, as releases of stock do."""
    limit = program.limit
    chains = np.array([m.instrument == SHORTAGE for m in program.limits], dtype=bool)
    added = (limit.balance < 0.0).any(axis=0), (limit.use[~chains] < 0.0).any(axis=0)
    return added[0].ravel(), added[1].ravel()


def refuse_infeasible(program: Program) -> None:
    """Raise where it can be proved that a program has no equilibrium.

    Raises
    ------
    InfeasibleError
        With the proof, after it was checked in rational numbers.
    """
    for ceiling in (np.inf, ABSURD):
        volumes = Volumes.of(program, ceiling)
        weights = _multipliers(volumes) if volumes.needs_anything else None
        certificate = None if weights is None else weights.certificate()
        if certificate is not None:
            raise InfeasibleError(program.name, certificate)


def contracts_exceed_a_limit(program: Program) -> bool:
    """Whether contracts alone are more than a quota leaves: worth a proof before any search."""
    if not program.contracted.any():
        return False
    limit, counted = program.limit, program.limit.flow
    total = (counted * program.contracted).sum(axis=(1, 2, 3))
    caps = np.isinf(limit.upper[0]) & (counted >= 0.0).all(axis=(1, 2, 3))
    return bool((caps & (total > (1.0 + CLEAR) * limit.constant[0])).any())


def _multipliers(volumes: Volumes) -> Weights | None:
    """Multipliers of the smallest shortfall; None where nothing need be missing."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array, diags_array, eye_array, hstack, vstack

    program, (good, origin, destination) = volumes.program, volumes.arcs
    places, levels, arcs = volumes.least.size, volumes.low.size, good.size
    regions, ranks = volumes.least.shape[1], np.arange(arcs)

    def at(place: IntArray) -> coo_array:
        return coo_array((np.ones(arcs), (place, ranks)), shape=(places, arcs))

    sold, bought = at(good * regions + origin), at(good * regions + destination)
    unit, loose = volumes.unit, _loose(program)
    held = diags_array(np.where(loose[0], 0.0, 1.0))
    # Unknowns: levels, flows, then what is missing of use, of minima and of contracts.
    columns = (levels, arcs, places, levels, arcs)

    def row(*parts: tuple[int, object]) -> object:
        given = dict(parts)
        height = next(iter(given.values())).shape[0]  # type: ignore[attr-defined]
        return hstack([given.get(n, coo_array((height, w))) for n, w in enumerate(columns)])

    rows = [
        row((0, held @ -program.lasting.output_map.T), (1, held @ sold)),
        row((0, program.lasting.input_map.T), (1, -bought), (2, -eye_array(places))),
        row((0, -eye_array(levels)), (3, -eye_array(levels))),
        row((1, -eye_array(arcs)), (4, -eye_array(arcs))),
        *(
            row((0, coo_array(volumes.made(m)[None])), (1, coo_array(volumes.counted(m)[None])))
            for m in volumes.hard
        ),
    ]
    right = np.concatenate(
        [
            np.zeros(places),
            -volumes.least.ravel() / unit,
            -volumes.low / unit,
            -volumes.bound / unit,
            program.limit.constant[0, volumes.hard] / unit,
        ]
    )
    missing = np.where(loose[1], 0.0, 1.0)
    cost = np.concatenate([np.zeros(levels + arcs), missing, np.ones(levels + arcs)])
    top = np.concatenate([volumes.high / unit, np.full(cost.size - levels, np.inf)])
    bounds = np.stack([np.zeros(top.size), top], axis=1)
    found = linprog(cost, vstack(rows).tocsr(), right, bounds=bounds)
    if found.status != 0 or not found.fun > 0.0:
        return None
    value = -np.asarray(found.ineqlin.marginals)
    value = np.where(value > NOTHING, value, 0.0)
    cuts = np.cumsum([places, places, levels, arcs])
    sellers, buyers, _, _, rents = np.split(value, cuts)
    for weights, added in zip((sellers, buyers), loose, strict=True):
        weights[added] = 0.0
    return Weights(volumes, _exact(sellers), _exact(buyers), _exact(rents))


def _exact(values: Array) -> list[Fraction]:
    return [Fraction(float(value)) for value in values]


@dataclass(frozen=True)
class Weights:
    """Weights of the inequalities, all zero or more, as rational numbers."""

    volumes: Volumes
    """The inequalities."""
    sellers: list[Fraction]
    """Value of a good at its makers, by ``g R + region``."""
    buyers: list[Fraction]
    """Value of a good at its buyers, by ``g R + region``."""
    rents: list[Fraction]
    """Rent of each hard limit."""

    def certificate(self) -> Certificate | None:
        """The contradiction; None where the weights give none.

        The weighted sum reads ``sum (s - b + q) f + sum c x + sum b d <= sum q limit``. With
        ``s - b + q >= 0`` routes are at what contracts bind, and each level is at whichever of its
        bounds makes ``c x`` least. What is left has no unknowns.
        """
        if self._negative():
            return None
        values = (self.sellers, self.buyers)
        for weights, loose in zip(values, _loose(self.volumes.program), strict=True):
            if any(weights[place] for place in np.flatnonzero(loose)):
                return None
        self._lower_to_routes()
        for _ in range(PASSES):
            if not self._lower_to_costs():
                break
            self._lower_to_routes()
        return None if self._negative() else self._sum()

    def _negative(self) -> bool:
        return any(weight < 0 for weight in (*self.sellers, *self.buyers, *self.rents))

    def _charges(self) -> list[Fraction]:
        """(A,) rents of limits that count a tonne on each route."""
        charges = [Fraction(0)] * self.volumes.arcs[0].size
        for rent, m in zip(self.rents, self.volumes.hard, strict=True):
            counted = self.volumes.counted(m)
            for a in np.flatnonzero(counted):
                charges[a] += rent * Fraction(float(counted[a]))
        return charges

    def _lower_to_routes(self) -> None:
        """No buyer values a tonne above what a route brings it for (rounding may say so)."""
        regions, charges = self.volumes.least.shape[1], self._charges()
        for a, (g, i, j) in enumerate(zip(*self.volumes.arcs, strict=True)):
            brought = self.sellers[g * regions + i] + charges[a]
            self.buyers[g * regions + j] = min(self.buyers[g * regions + j], brought)

    def _cost(self, k: int) -> tuple[Fraction, Fraction]:
        """Weight of a tonne of level as cost and as output."""
        program = self.volumes.program
        cost, value = Fraction(0), Fraction(0)
        for place in np.flatnonzero(program.lasting.input_map[k]):
            cost += Fraction(float(program.lasting.input_map[k, place])) * self.buyers[place]
        for place in np.flatnonzero(program.lasting.output_map[k]):
            value += Fraction(float(program.lasting.output_map[k, place])) * self.sellers[place]
        for rent, m in zip(self.rents, self.volumes.hard, strict=True):
            cost += rent * Fraction(float(self.volumes.made(m)[k]))
        return cost, value

    def _lower_to_costs(self) -> bool:
        """What can be made without limit is worth no more than its inputs; whether any was."""
        program, changed = self.volumes.program, False
        for k in np.flatnonzero(np.isinf(self.volumes.high)):
            cost, value = self._cost(int(k))
            if value > cost:
                changed = True
                for place in np.flatnonzero(program.lasting.output_map[k]):
                    self.sellers[place] *= max(cost, Fraction(0)) / value
        return changed

    def _sum(self) -> Certificate | None:
        """Needs and limits with their weights; None unless more is needed than can be had."""
        volumes, program = self.volumes, self.volumes.program
        network = program.network
        needs: list[Part] = []
        limits: list[Part] = []
        total = self._uses(needs) + self._contracts(needs)
        for k in range(volumes.low.size):
            cost, value = self._cost(k)
            name = network.processes[k]
            if cost > value and volumes.low[k] > 0.0:
                total += self._add(needs, f"minimum of {name}", volumes.low[k], cost - value)
            elif value > cost and not np.isfinite(volumes.high[k]):
                return None
            elif value > cost:
                total -= self._add(limits, f"capacity of {name}", volumes.high[k], value - cost)
        for rent, m in zip(self.rents, volumes.hard, strict=True):
            if rent and program.limit.constant[0, m]:
                named = program.limits[m]
                total -= self._add(limits, named.name, float(program.limit.constant[0, m]), rent)
        needed = sum(part.counted for part in needs)
        if not total > Fraction(CLEAR * needed):
            return None
        return _told(needs, limits, volumes.ceiling)

    def _uses(self, needs: list[Part]) -> Fraction:
        """Demand and purchases for stocks, at what buyers value a tonne."""
        volumes, total = self.volumes, Fraction(0)
        network, program = volumes.program.network, volumes.program
        stocked = volumes.stocked
        used = volumes.least.ravel() - sum(stocked.values(), np.zeros(volumes.least.size))
        rows = [(program.limits[m].name, tonnes) for m, tonnes in stocked.items()]
        for what, tonnes in [("", used), *rows]:
            for place in np.flatnonzero(tonnes):
                if self.buyers[place]:
                    g, r = divmod(int(place), len(network.regions))
                    use = f"use of {network.goods[g]} in {network.regions[r]}"
                    total += self._add(needs, what or use, tonnes[place], self.buyers[place])
        return total

    def _contracts(self, needs: list[Part]) -> Fraction:
        """What contracts bind, at what a tonne on its route costs more than it is worth."""
        (goods, origins, destinations), total = self.volumes.arcs, Fraction(0)
        network, charges = self.volumes.program.network, self._charges()
        regions = network.regions
        for a in np.flatnonzero(self.volumes.bound):
            g, i, j = int(goods[a]), int(origins[a]), int(destinations[a])
            bought = self.buyers[g * len(regions) + j]
            weight = self.sellers[g * len(regions) + i] + charges[a] - bought
            if weight:
                what = f"contract for {network.goods[g]} from {regions[i]} to {regions[j]}"
                total += self._add(needs, what, float(self.volumes.bound[a]), weight)
        return total

    @staticmethod
    def _add(parts: list[Part], what: str, tonnes: float, weight: Fraction) -> Fraction:
        """Append a part; its exact contribution to the sum."""
        parts.append(Part(what, float(tonnes), float(weight)))
        return weight * Fraction(float(tonnes))


def _told(needs: list[Part], limits: list[Part], ceiling: float) -> Certificate:
    """The proof with weights relative to the largest need, so that most of them are one."""
    unit = max(part.weight for part in needs)
    scaled = (
        tuple(Part(part.what, part.tonnes, part.weight / unit) for part in parts)
        for parts in (needs, limits)
    )
    return Certificate(next(scaled), next(scaled), ceiling)
