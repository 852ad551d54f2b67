"""Weights with which inequalities contradict each other, checked in rational numbers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from pricing.equilibrium.inequalities import Volumes
from pricing.errors import Certificate, Part

CLEAR = 1e-6
"""Smallest share of what is needed that must be missing: far above what the solver promises [1]."""
ROUNDING = 1e-12
"""Weights and tonnes of this share of the largest need are rounding of the linear program [1]."""
PASSES = 100
"""Passes over processes that may run without limit, until no value of a good has to fall."""


@dataclass(frozen=True)
class Weights:
    """Weights of the inequalities, all zero or more, as rational numbers."""

    volumes: Volumes
    """The inequalities."""
    sellers: list[Fraction]
    """Value of a good at its makers, by ``g R + region``."""
    buyers: list[Fraction]
    """Value of a good at its buyers, by ``g R + region``; negative where they have too much."""
    rents: list[Fraction]
    """Rent of each hard limit."""

    def certificate(self) -> Certificate | None:
        """The contradiction; None where the weights give none.

        The weighted sum reads ``sum (s - w b + q) f + sum c x + sum b d <= sum q limit``. With
        ``s - w b + q >= 0`` routes are at what contracts bind, and each level is at whichever of
        its bounds makes ``c x`` least. What is left has no unknowns.
        """
        if self._negative():
            return None
        values = (self.sellers, self.buyers)
        for weights, loose in zip(values, self.volumes.loose, strict=True):
            if any(weights[place] for place in np.flatnonzero(loose)):
                return None
        self._lower_to_routes()
        for _ in range(PASSES):
            if not self._lower_to_costs():
                break
            self._lower_to_routes()
        return None if self._negative() else self._sum()

    def _negative(self) -> bool:
        """Whether a weight is negative that must not be."""
        full = np.isfinite(self.volumes.taken)
        bought = (weight for weight, may in zip(self.buyers, full, strict=True) if not may)
        return any(weight < 0 for weight in (*self.sellers, *bought, *self.rents))

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
            most = brought / Fraction(float(self.volumes.worth[a]))
            self.buyers[g * regions + j] = min(self.buyers[g * regions + j], most)

    def _cost(self, k: int) -> tuple[Fraction, Fraction]:
        """Weight of a tonne of level as cost and as output."""
        program = self.volumes.program
        cost, value = Fraction(0), Fraction(0)
        for place in np.flatnonzero(self.volumes.inputs[k]):
            cost += Fraction(float(self.volumes.inputs[k, place])) * self.buyers[place]
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
        total = self._uses(needs) + self._contracts(needs) - self._taken(limits)
        for k in range(volumes.low.size):
            cost, value = self._cost(k)
            name = network.processes[k]
            if cost > value and volumes.low[k] > 0.0:
                total += self._add(needs, f"minimum of {name}", volumes.low[k], cost - value)
            elif value > cost and not np.isfinite(volumes.high[k]):
                return None
            elif value > cost:
                most = f"{'output' if volumes.priced[k] else 'capacity'} of {name}"
                total -= self._add(limits, most, volumes.high[k], value - cost)
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
                if self.buyers[place] > 0:
                    g, r = divmod(int(place), len(network.regions))
                    use = f"use of {network.goods[g]} in {network.regions[r]}"
                    total += self._add(needs, what or use, tonnes[place], self.buyers[place])
        return total

    def _taken(self, limits: list[Part]) -> Fraction:
        """The most that users take, where a tonne more is worth less than nothing to them."""
        network, total = self.volumes.program.network, Fraction(0)
        for place, value in enumerate(self.buyers):
            if value < 0:
                g, r = divmod(place, len(network.regions))
                users = f"users of {network.goods[g]} in {network.regions[r]}"
                most = f"what {users} take even for nothing"
                total += self._add(limits, most, self.volumes.taken[place], -value)
        return total

    def _contracts(self, needs: list[Part]) -> Fraction:
        """What contracts bind, at what a tonne on its route costs more than it is worth."""
        (goods, origins, destinations), total = self.volumes.arcs, Fraction(0)
        network, charges = self.volumes.program.network, self._charges()
        regions, promised = network.regions, self.volumes.promised
        for a in map(int, np.flatnonzero(self.volumes.bound)):
            g, i, j = int(goods[a]), int(origins[a]), int(destinations[a])
            bought = self.buyers[g * len(regions) + j] * Fraction(float(self.volumes.worth[a]))
            weight = self.sellers[g * len(regions) + i] + charges[a] - bought
            if weight:
                what = f"contract for {network.goods[g]} from {regions[i]} to {regions[j]}"
                if a in promised:
                    what = f"{promised[a]}, unless users leave them even for nothing,"
                total += self._add(needs, what, float(self.volumes.bound[a]), weight)
        return total

    @staticmethod
    def _add(parts: list[Part], what: str, tonnes: float, weight: Fraction) -> Fraction:
        """Append a part; its exact contribution to the sum."""
        parts.append(Part(what, float(tonnes), float(weight)))
        return weight * Fraction(float(tonnes))


def _told(needs: list[Part], limits: list[Part], ceiling: float) -> Certificate:
    """The proof with weights relative to the largest need, so that most of them are one.

    What only rounding gave a weight is in the sum, and is not told.
    """
    unit = max(part.weight for part in needs)
    least = ROUNDING * max(part.counted for part in needs)
    told = (
        tuple(
            Part(part.what, part.tonnes, part.weight / unit)
            for part in parts
            if part.weight > ROUNDING * unit or part.counted > least
        )
        for parts in (needs, limits)
    )
    return Certificate(next(told), next(told), ceiling)
