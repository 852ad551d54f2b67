"""What a search over the regimes of policies that jump found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pricing.chains.network import Array
from pricing.equilibrium.program import Program
from pricing.equilibrium.solver import Diagnostics
from pricing.equilibrium.state import State
from pricing.instruments.jumps import Jump

Regimes = tuple[int, ...]
"""One regime of every jump: the number of a band, or of an edge beyond the last band."""


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
class Rest:
    """A number that rests at an edge of a jump."""

    jump: Jump
    """Which jump."""
    number: float
    """The number."""
    share: float
    """Share of the tonnes that are on the dearer side [1]."""
    dearer: str
    """The regime on that side."""
    cheaper: str
    """The regime on the other."""


def resting(jumps: Sequence[Jump], outcome: Outcome) -> Iterator[Rest]:
    """Where prices of an outcome rest at an edge."""
    for jump, regime, number in zip(jumps, outcome.regimes, outcome.numbers, strict=True):
        below = regime - len(jump.bands)
        if below >= 0:
            edge = jump.edges[below]
            (position,) = edge.limits
            share = edge.share(float(outcome.state.multiplier[0, position]))
            names = jump.bands[below].name, jump.bands[below + 1].name
            dearer, cheaper = names if edge.relieves else names[::-1]
            yield Rest(jump, number, share, dearer, cheaper)


@dataclass(frozen=True)
class Search:
    """What was tried, and which combinations are consistent with themselves."""

    jumps: tuple[Jump, ...]
    """The jumps on open routes and plants."""
    tried: int
    """Combinations of bands that were solved."""
    possible: int
    """Combinations of bands that there are."""
    consistent: tuple[Outcome, ...]
    """Consistent ones, the lowest regimes first: the first is the result."""

    @property
    def complete(self) -> bool:
        """Whether every combination of bands was tried."""
        return self.tried == self.possible
