"""What an instrument that jumps hands to the search above the solver.

A jump is a number that must lie in one of several bands, and what the instrument adds in each of
them. In every band the terms are smooth, so that the solver never sees a jump; the search looks for
bands whose solution has the number inside the band.
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
    """Customs value on one arc before rents of sellers [USD/t]."""

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

    def asked(self, number: float) -> int:
        """The regime that a number asks for."""
        return min(range(len(self.bands)), key=lambda n: self.bands[n].miss(number))


def under(terms: Terms, chosen: Sequence[int]) -> Terms:
    """The terms with one regime of every jump put in its place."""
    limits, supports = list(terms.limits), list(terms.supports)
    for jump, regime in zip(terms.jumps, chosen, strict=True):
        for position, limit in jump.bands[regime].limits.items():
            limits[position] = limit
        for position, support in jump.bands[regime].supports.items():
            supports[position] = support
    return replace(terms, limits=limits, supports=supports)
