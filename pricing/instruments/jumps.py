"""What an instrument that jumps hands to the search above the solver.

A jump is a number that must lie in one of several bands, and what the instrument adds in each of
them. In every band the terms are smooth, so that the solver never sees a jump; the search looks for
bands whose solution has the number inside the band.

Where a duty jumps at a price, the price may also rest at the edge, with part of the tonnes on
either side. That is one more complementarity condition, exact as any other: the multiplier is the
average duty, anywhere between both sides, and the number is held at the edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pricing.instruments.terms import IntArray, Limit, Support

if TYPE_CHECKING:
    from pricing.instruments.terms import Terms

HAIR = 1e-7
"""How far a price may be from an edge, as a share of it, and still count as on the edge [1]."""


@dataclass(frozen=True)
class CustomsValue:
    """Customs value on one arc, with what sellers ask under quotas and the like [USD/t]."""

    arc: int
    """Which arc."""


@dataclass(frozen=True)
class Content:
    """Tonnes of some goods that go into one tonne of another where it is made [t/t]."""

    good: int
    """Derivative good."""
    region: int
    """Where it is made."""
    parts: IntArray
    """Goods that count."""


@dataclass(frozen=True)
class GainOfCap:
    """What makers gain a year by output beyond the cap of what they hand back [USD].

    Quasi-rent at the full price less the cap, against quasi-rent at the price less the share that
    is handed back. It is the whole difference, not the margin: a payment that stops at a cap leaves
    two outputs at which one more tonne is not worth while, and makers take the better one.
    """

    support: int
    """Position of the support with the upside."""
    cap: float
    """Largest sum handed back [USD]."""


Measure = CustomsValue | Content | GainOfCap
"""The number that decides."""


@dataclass(frozen=True)
class Band:
    """One regime: where the number must lie, and what is added there."""

    name: str
    """The regime in words."""
    above: float
    """The number must be above this."""
    upto: float
    """The number must not be above this."""
    limits: dict[int, Limit] = field(default_factory=dict)
    """Limits of this regime, by their position."""
    supports: dict[int, Support] = field(default_factory=dict)
    """Supports of this regime, by their position."""

    def miss(self, number: float) -> float:
        """How far a number lies outside; zero inside, never zero outside."""
        if self.above < number <= self.upto:
            return 0.0
        return max(self.above - number, number - self.upto, 5e-324)


@dataclass(frozen=True)
class Edge(Band):
    """The number rests where two bands meet, and the average duty lies between theirs."""

    low: float = 0.0
    """What is added on average where all tonnes are on the cheaper side."""
    high: float = 0.0
    """The same where all are on the dearer side."""
    relieves: bool = False
    """Whether what is added falls as the number falls past the edge. It then works against what
    moved the number, so that no two bands are both consistent with what they lead to."""

    def share(self, added: float) -> float:
        """Share of the tonnes on the dearer side, from what is added on average [1]."""
        return (added - self.low) / (self.high - self.low) if self.high > self.low else 0.0


@dataclass(frozen=True)
class Filled:
    """All bands of a jump at once, with anything between both sides at every edge."""

    limits: dict[int, Limit]
    """Limits by their position: what is added were there no edge."""
    beside: tuple[Limit, ...]
    """One more limit for every edge: what crossing it adds."""


@dataclass(frozen=True)
class Jump:
    """One place where an instrument jumps; its bands cover all numbers and do not overlap."""

    policy: str
    """Id of the policy."""
    instrument: str
    """Kind of instrument."""
    place: str
    """Where, in words."""
    unit: str
    """Unit of the number."""
    scale: float
    """A typical size of the number."""
    measure: Measure
    """The number."""
    bands: tuple[Band, ...]
    """Regimes, from the one without a duty to the dearest."""
    edges: tuple[Edge, ...] = ()
    """What may hold between each band and the next, in order; none where nobody can be split."""
    filled: Filled | None = None
    """All of it at once, where there are edges."""

    @property
    def regimes(self) -> tuple[Band, ...]:
        """Bands, then edges."""
        return self.bands + self.edges

    def asked(self, number: float, at: int) -> int:
        """The regime that a number asks for, from a regime: an edge where it rests is kept."""
        if at >= len(self.bands) and self.regimes[at].miss(number) == 0.0:
            return at
        return min(range(len(self.bands)), key=lambda n: self.bands[n].miss(number))

    def read(self, number: float) -> int:
        """The regime in which a number lies: an edge if it rests there, else a band."""
        rests = [n for n, edge in enumerate(self.edges) if edge.miss(number) == 0.0]
        return len(self.bands) + rests[0] if rests else self.asked(number, 0)


def under(terms: Terms, chosen: Sequence[int | None]) -> Terms:
    """The terms with one regime of every jump put in its place, or all at once for none."""
    limits, supports = list(terms.limits), list(terms.supports)
    for jump, regime in zip(terms.jumps, chosen, strict=True):
        if regime is None:
            assert jump.filled is not None
            placed, beside = jump.filled.limits, jump.filled.beside
        else:
            placed, beside = jump.regimes[regime].limits, ()
            for position, support in jump.regimes[regime].supports.items():
                supports[position] = support
        for position, limit in placed.items():
            limits[position] = limit
        limits += beside
    return replace(terms, limits=limits, supports=supports)
