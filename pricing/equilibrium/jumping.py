"""Regimes that are consistent with themselves, for policies that jump.

In one regime of every jump the conditions are smooth and the solver solves them. The solution is an
equilibrium of the policies as they stand only if every number that decides lies in the band of its
regime. There may be several such combinations of regimes, or none. The search

1. starts where no jump charges anything and where all charge most, and follows from each what the
   solution asks for, all jumps at once;
2. where that finds nothing, solves with every edge filled in: what is added at an edge may be
   anything between both sides, one complementarity condition each. Every combination of regimes
   that is consistent solves that too, so that, as far as it has one solution, only jumps that rest
   at an edge are in doubt and the others are in the bands in which it has them;
3. follows the worst jump alone, from where the filled edges point to and from both ends;
4. goes on to the other combinations: all of them where there are few enough, else those of regimes
   that some solution asked for, the nearest to what was found first.

Jumps are not smoothed. Of several consistent combinations the one with the lowest regimes is the
result, and the others stand beside it. Only where no combination of bands was found does the result
have prices that rest at an edge; where a jump has no edge to rest at, the error is the proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations, islice, product
from math import prod
from typing import NoReturn

import numpy as np

from pricing.chains.network import Array, Network
from pricing.equilibrium.conduct import solve_with_conduct
from pricing.equilibrium.measures import measured, on_open_route, reach
from pricing.equilibrium.outcomes import Outcome, Regimes, Search
from pricing.equilibrium.reduce import reduced
from pricing.equilibrium.solver import Method
from pricing.errors import (
    Attempt,
    EndlessError,
    InfeasibleError,
    NoEquilibriumError,
    NoRegimeError,
)
from pricing.instruments.jumps import Jump, under
from pricing.instruments.terms import Terms

MOST_TRIED = 64
"""Combinations of regimes that are solved before the search for more of them ends."""
MOST_SIDES = 16
"""Combinations of both sides of edges that are followed from one solution with filled edges."""
MOST_FOLLOWED = 16
"""Steps from one solution to the regimes that it asks for, from each start."""


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
        open_arcs = reduced(name, network, terms).open_arcs
        live = [jump for jump in terms.jumps if on_open_route(jump.measure, open_arcs)]
        self.name, self.network, self.terms = name, network, replace(terms, jumps=live)
        self.jumps = tuple(live)
        self.within = [reach(jump.measure, network) for jump in live]
        self.bands = [
            [n for n, band in enumerate(jump.bands) if band.above < high and low <= band.upto]
            for jump, (low, high) in zip(live, self.within, strict=True)
        ]
        self.possible = prod(map(len, self.bands))
        self.tried: dict[Regimes, Outcome | NoEquilibriumError] = {}

    def run(self) -> Search:
        """Try combinations in order; the consistent ones, or an error with all of them."""
        ends = dict.fromkeys(tuple(bands[end] for bands in self.bands) for end in (0, -1))
        for start in ends:
            self._follow(start, self._asked)
        if not self._found():
            ends |= dict.fromkeys(self._fill())
        if not self._found():
            for start in ends:
                self._follow(start, self._worst_alone)
        for regimes in islice(self._others(), max(0, 4 * MOST_TRIED)):
            if len(self.tried) >= MOST_TRIED:
                break
            self._solved(regimes)
        found = self._found()
        if not found:
            self._refuse()
        pure = [one for one in found if self._pure(one.regimes)] or found[:1]
        pure.sort(key=lambda outcome: (sum(outcome.regimes), outcome.regimes))
        return Search(self.jumps, self._tried(), self.possible, tuple(pure))

    def _pure(self, regimes: Regimes) -> bool:
        """Whether no number rests at an edge."""
        return all(n < len(jump.bands) for jump, n in zip(self.jumps, regimes, strict=True))

    def _tried(self) -> int:
        return sum(map(self._pure, self.tried))

    def _found(self) -> list[Outcome]:
        """Consistent combinations so far."""
        return [one for one in self._outcomes() if self._asked(one) == one.regimes]

    def _outcomes(self) -> list[Outcome]:
        return [found for found in self.tried.values() if isinstance(found, Outcome)]

    def _solved(self, regimes: Regimes) -> Outcome | NoEquilibriumError:
        """The smooth equilibrium of one combination, or why it has none."""
        if regimes not in self.tried:
            near = self._hard_won()
            found = self._solve(regimes, near)
            if near is not None and isinstance(found, NoEquilibriumError):
                found = self._solve(regimes)
            self.tried[regimes] = found
        return self.tried[regimes]

    def _hard_won(self) -> Array | None:
        """The last solution, once Newton steps did not do: neighbours need not go all the way."""
        known = self._outcomes()
        hard = any(one.diagnostics.method is not Method.NEWTON for one in known)
        return known[-1].z if hard else None

    def _solve(
        self, chosen: Sequence[int | None], guess: Array | None = None
    ) -> Outcome | NoEquilibriumError:
        """The equilibrium under some regimes; all regimes of a jump at once where none is named."""
        try:
            program = reduced(self.name, self.network, under(self.terms, chosen))
            program, z, state, diagnostics = solve_with_conduct(program, guess)
        except NoEquilibriumError as error:
            return error
        numbers = tuple(
            min(max(measured(jump.measure, program, state), low), high)
            for jump, (low, high) in zip(self.jumps, self.within, strict=True)
        )
        regimes = tuple(
            jump.read(number) if regime is None else regime
            for jump, number, regime in zip(self.jumps, numbers, chosen, strict=True)
        )
        return Outcome(regimes, numbers, program, z, state, diagnostics)

    def _asked(self, outcome: Outcome) -> Regimes:
        """The regimes that a solution asks for."""
        parts = zip(self.jumps, outcome.numbers, outcome.regimes, strict=True)
        return tuple(jump.asked(number, at) for jump, number, at in parts)

    def _misses(self, outcome: Outcome) -> list[float]:
        """How far each number lies outside the band of its regime, as a share of its scale [1]."""
        return [
            jump.regimes[regime].miss(number) / jump.scale
            for jump, regime, number in zip(
                self.jumps, outcome.regimes, outcome.numbers, strict=True
            )
        ]

    def _worst_alone(self, outcome: Outcome) -> Regimes:
        """The same regimes but for the jump whose number is furthest from its band."""
        misses, asked = self._misses(outcome), self._asked(outcome)
        worst = misses.index(max(misses))
        return (*outcome.regimes[:worst], asked[worst], *outcome.regimes[worst + 1 :])

    def _follow(self, start: Regimes, move: Callable[[Outcome], Regimes]) -> Outcome | None:
        """Go where solutions point to, until one is met again; the consistent one, or None."""
        at, seen = start, set[Regimes]()
        while at not in seen and len(seen) < MOST_FOLLOWED:
            seen.add(at)
            outcome = self._solved(at)
            if isinstance(outcome, NoEquilibriumError):
                return None
            if self._asked(outcome) == at:
                return outcome
            at = move(outcome)
        return None

    def _fill(self) -> Iterator[Regimes]:
        """Solve with all edges filled in, under every combination of the jumps without edges.

        Yields combinations of bands from where a search may go on: both sides of the edges at which
        a duty that bites keeps itself.
        """
        choices = [
            (None,) if jump.filled else tuple(bands)
            for jump, bands in zip(self.jumps, self.bands, strict=True)
        ]
        for chosen in islice(product(*choices), MOST_TRIED):
            filled = self._solve(chosen)
            if isinstance(filled, NoEquilibriumError):
                continue
            same = self._solve(filled.regimes, self._unfilled(chosen, filled))
            if isinstance(same, Outcome) and self._settled(chosen, same) == same.regimes:
                self.tried[same.regimes] = same  # a regime with several solutions had another one
            settled = self._follow(filled.regimes, partial(self._settled, chosen))
            at = filled.regimes if settled is None else settled.regimes
            yield from islice(product(*map(_sides, self.jumps, at)), MOST_SIDES)

    def _unfilled(self, chosen: Sequence[int | None], outcome: Outcome) -> Array:
        """(1, n) the same point without the limits at edges; what they add is in the duty."""
        z, first = outcome.z.copy(), outcome.program.multiplier_part.start
        position = beside = first + len(self.terms.limits)
        for jump, regime in zip(self.jumps, chosen, strict=True):
            if regime is None and jump.filled is not None:
                more = len(jump.filled.beside)
                (duty,) = jump.filled.limits
                z[:, first + duty] += z[:, position : position + more].sum(axis=1)
                position += more
        return np.delete(z, slice(beside, position), axis=1)

    def _settled(self, chosen: Sequence[int | None], outcome: Outcome) -> Regimes:
        """What a solution asks for, with the jumps without edges as they are."""
        asked = self._asked(outcome)
        return tuple(a if c is None else c for a, c in zip(asked, chosen, strict=True))

    def _others(self) -> Iterator[Regimes]:
        """Combinations to go on with, in order."""
        if self.possible <= MOST_TRIED:
            yield from product(*self.bands)
            return
        wanted = [self._asked(one) for one in self._outcomes()]
        candidates = [
            sorted({n for n in regimes if n < len(jump.bands)})
            for jump, *regimes in zip(self.jumps, *wanted, strict=True)
        ]
        open_ones = [n for n, regimes in enumerate(candidates) if len(regimes) > 1]
        centres = [one.regimes for one in self._found()]
        for size in range(1, len(open_ones) + 1):
            for centre in centres or wanted:
                for places in combinations(open_ones, size):
                    for regimes in product(*(candidates[n] for n in places)):
                        changed = list(centre)
                        for n, regime in zip(places, regimes, strict=True):
                            changed[n] = regime
                        yield tuple(changed)

    def _refuse(self) -> NoReturn:
        """Raise the error with every combination and by how much it fails."""
        errors = [found for found in self.tried.values() if isinstance(found, NoEquilibriumError)]
        if len(errors) == len(self.tried):
            raise errors[0]
        attempts = [self._attempt(regimes, found) for regimes, found in self.tried.items()]
        decided = sum(
            self._pure(regimes) and isinstance(found, Outcome | InfeasibleError | EndlessError)
            for regimes, found in self.tried.items()
        )
        settled = self._rest_settles()
        raise NoRegimeError(self.name, tuple(attempts), self.possible, decided, settled)

    def _rest_settles(self) -> int:
        """Combinations of the jumps without edges, if under each all others are consistent.

        Zero if that was not found for one of them.
        """
        whole = [n for n, jump in enumerate(self.jumps) if not jump.edges]
        settled = set()
        for outcome in self._outcomes():
            pairs = zip(self._asked(outcome), outcome.regimes, strict=True)
            off = {n for n, (asked, at) in enumerate(pairs) if asked != at}
            if off <= set(whole):
                settled.add(tuple(outcome.regimes[n] for n in whole))
        every = prod(len(self.bands[n]) for n in whole)
        return every if len(settled) == every else 0

    def _attempt(self, regimes: Regimes, found: Outcome | NoEquilibriumError) -> Attempt:
        pairs = zip(self.jumps, regimes, strict=True)
        names = tuple(f"{jump.place}: {jump.regimes[n].name}" for jump, n in pairs)
        if isinstance(found, NoEquilibriumError):
            return Attempt(names, str(found), np.inf)
        misses = self._misses(found)
        worst = int(np.argmax(misses))
        jump, number = self.jumps[worst], found.numbers[worst]
        asks = jump.regimes[jump.asked(number, regimes[worst])].name
        why = f"{jump.place} then asks for '{asks}': {number:.6g} {jump.unit}"
        return Attempt(names, why, misses[worst])


def _sides(jump: Jump, regime: int) -> tuple[int, ...]:
    """Bands on either side of an edge where a duty that bites keeps itself; else the regime."""
    edge = regime - len(jump.bands)
    if edge < 0 or jump.edges[edge].relieves:
        return (regime,)
    return edge, edge + 1
