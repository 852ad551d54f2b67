"""Regimes that are consistent with themselves, for policies that jump.

In one regime of every jump the conditions are smooth and the solver solves them. The solution is an
equilibrium of the policies as they stand only if every number that decides lies in the band of its
regime. There may be several such combinations of regimes, or none. The search

1. starts where no jump charges anything and where all charge most, and follows from each what the
   solution asks for, all jumps at once and then the worst alone;
2. goes on to the other combinations: all of them where there are few enough, else those of regimes
   that some solution asked for, the nearest to what was found first.

Jumps are not smoothed. Of several consistent combinations the one with the lowest regimes is the
result, and the others stand beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations, islice, product
from math import prod
from typing import Any

import numpy as np

from pricing.chains.network import Array, Network
from pricing.economics.capacity import plant_rent
from pricing.equilibrium.conditions import State
from pricing.equilibrium.conduct import solve_with_conduct
from pricing.equilibrium.program import Program, reduced
from pricing.equilibrium.solver import Diagnostics
from pricing.errors import Attempt, NoEquilibriumError, NoRegimeError
from pricing.instruments.jumps import (
    Content,
    CustomsValue,
    GainOfCap,
    Jump,
    Measure,
    under,
)
from pricing.instruments.terms import Terms

MOST_TRIED = 64
"""Combinations of regimes that are solved before the search ends."""
MOST_FOLLOWED = 16
"""Steps from one solution to the regimes that it asks for, from each start."""

Regimes = tuple[int, ...]
"""One regime of every jump, by its number."""


@dataclass(frozen=True)
class Outcome:
    """The smooth equilibrium of one combination of regimes."""

    regimes: Regimes
    """Regime of every jump."""
    numbers: tuple[float, ...]
    """The number that decides, for every jump."""
    program: Program
    """What was solved."""
    z: Array
    """(1, n) scaled unknowns."""
    state: State
    """Everything that follows from them."""
    diagnostics: Diagnostics
    """How it was found."""


@dataclass(frozen=True)
class Search:
    """What was tried, and which combinations are consistent with themselves."""

    jumps: tuple[Jump, ...]
    """The jumps."""
    tried: int
    """Combinations that were solved."""
    possible: int
    """Combinations that there are."""
    consistent: tuple[Outcome, ...]
    """Consistent ones, the lowest regimes first: the first is the result."""

    @property
    def complete(self) -> bool:
        """Whether every combination was tried."""
        return self.tried == self.possible


def search(name: str, network: Network, terms: Terms) -> Search:
    """Find combinations of regimes that are consistent with themselves.

    Parameters
    ----------
    name : str
        Name of the scenario, for messages.
    network : Network
        Calibrated network.
    terms : Terms
        What the policies add, with at least one jump.

    Raises
    ------
    NoRegimeError
        If none of those tried is consistent, with every one and by how much it fails.
    """
    return _Search(name, network, terms).run()


class _Search:
    """Combinations that were solved so far."""

    def __init__(self, name: str, network: Network, terms: Terms) -> None:
        self.name, self.network, self.terms = name, network, terms
        self.jumps = tuple(terms.jumps)
        self.possible = prod(len(jump.bands) for jump in self.jumps)
        self.tried: dict[Regimes, Outcome | NoEquilibriumError] = {}

    def run(self) -> Search:
        """Try combinations in order; the consistent ones, or an error with all of them."""
        lowest = tuple(0 for _ in self.jumps)
        highest = tuple(len(jump.bands) - 1 for jump in self.jumps)
        for start in dict.fromkeys((lowest, highest)):
            self._follow(start)
        for regimes in islice(self._others(), max(0, 4 * MOST_TRIED)):
            if len(self.tried) >= MOST_TRIED:
                break
            self._solved(regimes)
        found = [
            outcome
            for outcome in self.tried.values()
            if isinstance(outcome, Outcome) and self._asked(outcome) == outcome.regimes
        ]
        if not found:
            self._refuse()
        found.sort(key=lambda outcome: (sum(outcome.regimes), outcome.regimes))
        return Search(self.jumps, len(self.tried), self.possible, tuple(found))

    def _solved(self, regimes: Regimes) -> Outcome | NoEquilibriumError:
        """The smooth equilibrium of one combination, or why it has none."""
        if regimes not in self.tried:
            self.tried[regimes] = self._solve(regimes)
        return self.tried[regimes]

    def _solve(self, regimes: Regimes) -> Outcome | NoEquilibriumError:
        try:
            program = reduced(self.name, self.network, under(self.terms, regimes))
            program, z, state, diagnostics = solve_with_conduct(program)
        except NoEquilibriumError as error:
            return error
        numbers = tuple(measured(jump.measure, program, state) for jump in self.jumps)
        return Outcome(regimes, numbers, program, z, state, diagnostics)

    def _asked(self, outcome: Outcome) -> Regimes:
        """The regimes that a solution asks for."""
        pairs = zip(self.jumps, outcome.numbers, strict=True)
        return tuple(jump.asked(number) for jump, number in pairs)

    def _misses(self, outcome: Outcome) -> list[float]:
        """How far each number lies outside the band of its regime, as a share of its scale [1]."""
        return [
            jump.bands[regime].miss(number) / jump.scale
            for jump, regime, number in zip(
                self.jumps, outcome.regimes, outcome.numbers, strict=True
            )
        ]

    def _follow(self, start: Regimes) -> None:
        """Go to the regimes that each solution asks for, until one is met again."""
        for all_at_once in (True, False):
            at, seen = start, set[Regimes]()
            while at not in seen and len(seen) < MOST_FOLLOWED:
                seen.add(at)
                outcome = self._solved(at)
                if isinstance(outcome, NoEquilibriumError):
                    break
                asked = self._asked(outcome)
                if asked == at:
                    return
                misses = self._misses(outcome)
                worst = misses.index(max(misses))
                moved = (*at[:worst], asked[worst], *at[worst + 1 :])
                at = asked if all_at_once else moved

    def _others(self) -> Iterator[Regimes]:
        """Combinations to go on with, in order."""
        if self.possible <= MOST_TRIED:
            yield from product(*(range(len(jump.bands)) for jump in self.jumps))
            return
        solved = [outcome for outcome in self.tried.values() if isinstance(outcome, Outcome)]
        wanted = [self._asked(outcome) for outcome in solved]
        candidates = [sorted(set(regimes)) for regimes in zip(*wanted, strict=True)]
        open_ones = [n for n, regimes in enumerate(candidates) if len(regimes) > 1]
        centres = [outcome.regimes for outcome in solved if self._asked(outcome) == outcome.regimes]
        for size in range(1, len(open_ones) + 1):
            for centre in centres or wanted:
                for places in combinations(open_ones, size):
                    for regimes in product(*(candidates[n] for n in places)):
                        changed = list(centre)
                        for n, regime in zip(places, regimes, strict=True):
                            changed[n] = regime
                        yield tuple(changed)

    def _refuse(self) -> None:
        """Raise the error with every combination and by how much it fails."""
        errors = [found for found in self.tried.values() if isinstance(found, NoEquilibriumError)]
        if len(errors) == len(self.tried):
            raise errors[0]
        attempts = [self._attempt(regimes, found) for regimes, found in self.tried.items()]
        raise NoRegimeError(self.name, tuple(attempts), self.possible)

    def _attempt(self, regimes: Regimes, found: Outcome | NoEquilibriumError) -> Attempt:
        pairs = zip(self.jumps, regimes, strict=True)
        names = tuple(f"{jump.place}: {jump.bands[n].name}" for jump, n in pairs)
        if isinstance(found, NoEquilibriumError):
            return Attempt(names, str(found), np.inf)
        misses = self._misses(found)
        worst = int(np.argmax(misses))
        jump, number = self.jumps[worst], found.numbers[worst]
        asks = jump.bands[jump.asked(number)].name
        why = f"{jump.place} then asks for '{asks}': {number:.6g} {jump.unit}"
        return Attempt(names, why, misses[worst])


def measured(measure: Measure, program: Program, state: State) -> float:
    """The number that decides, at a solution of one scenario."""
    return _MEASURES[type(measure)](measure, program, state)


def _customs_value(measure: CustomsValue, program: Program, state: State) -> float:
    """Customs value before rents of sellers [USD/t]."""
    network, (slope, constant) = program.network, program.export
    regions = len(network.regions)
    g, i, j = np.unravel_index(measure.arc, program.open_arcs.shape)
    plain = np.broadcast_to(constant, program.open_arcs.shape)[g, i, j]
    fob = state.price[0, g, i] * slope[g, i, j] + plain
    if np.broadcast_to(network.customs_fob, (regions,))[j]:
        return float(fob)
    insured = 1.0 + np.broadcast_to(network.insurance, program.open_arcs.shape)[g, i, j]
    return float(fob * insured + state.freight[0, g, i, j])


def _content(measure: Content, program: Program, state: State) -> float:
    """Tonnes of the parts in a tonne made, averaged over makers by output [t/t]."""
    network = program.network
    makers = network.setting.makers(measure.good, measure.region)
    made = network.outputs[makers, measure.good]
    inside = state.inputs[0][np.ix_(makers, measure.parts)].sum(axis=1) / made
    weight = state.level[0, makers] * made
    return float(np.average(inside, weights=weight if weight.sum() > 0.0 else None))


def _gain_of_cap(measure: GainOfCap, program: Program, state: State) -> float:
    """What makers gain by output beyond the cap, at the prices of the solution [USD]."""
    support, network = program.supports[measure.support], program.network
    flat, margin = state.price.reshape(1, -1), state.margin.copy()
    back = support.up * np.maximum(flat @ support.index.T - support.upper, 0.0)[0]
    per_level = np.zeros(margin.shape[1])
    np.add.at(per_level, support.process, back * network.outputs[support.process, support.good])
    whole = margin if support.lump_sum_up else margin + per_level
    low = np.where(program.open_process, np.minimum(network.minimum, network.capacity), 0.0)
    high = np.where(program.open_process, network.capacity, 0.0)
    rent = partial(plant_rent, program.supply, low=low, high=high)
    chosen = np.unique(support.process)
    gain = (rent(whole) - rent(whole - per_level))[0, chosen].sum()
    return float(gain - measure.cap)


_MEASURES: dict[type, Callable[[Any, Program, State], float]] = {
    CustomsValue: _customs_value,
    Content: _content,
    GainOfCap: _gain_of_cap,
}
"""How each number is measured."""
