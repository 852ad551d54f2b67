"""What a price guarantee pays, settlement by settlement."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Settlement(StrEnum):
    """How often the guarantee is settled."""

    ANNUAL = "annual"
    """Once, on the price of the year."""
    QUARTERLY = "quarterly"
    """Four times, each on the price of its quarter: a low quarter pays though the year does not."""


@dataclass(frozen=True)
class Guarantee:
    """Terms of a guarantee; tonnes and sums are those of the year that is settled."""

    strike: float
    """Guaranteed price [USD/t]."""
    down: float = 1.0
    """Share of the shortfall that is paid [1]."""
    upper: float = np.inf
    """Price above which part of the excess is handed back [USD/t]."""
    up: float = 0.0
    """Share of the excess handed back [1]."""
    cap: float = np.inf
    """Most tonnes paid for [t]."""
    budget: float = np.inf
    """Most that is paid [USD]."""
    cap_up: float = np.inf
    """Most that is handed back [USD]."""

    def settle(self, index: Array, tonnes: Array) -> tuple[Array, Array]:
        """Paid, and handed back, at each of the settlements of one year.

        Caps are used up in the order of the settlements.

        Parameters
        ----------
        index : (..., S) array
            Index price of each settlement [USD/t].
        tonnes : (..., S) array
            Eligible tonnes of each settlement [t].

        Returns
        -------
        paid, back : (..., S) arrays
            Sums [USD].

        Examples
        --------
        >>> floor = Guarantee(strike=110e3)
        >>> paid, back = floor.settle(np.array([62e3]), np.array([718.0]))
        >>> round(float(paid[0]) / 1e6, 1), float(back[0])
        (34.5, 0.0)
        """
        index, tonnes = np.broadcast_arrays(index, tonnes)
        covered = _within(tonnes, self.cap)
        paid = _within(self.down * np.maximum(self.strike - index, 0.0) * covered, self.budget)
        if self.up == 0.0:
            return paid, np.zeros_like(paid)
        excess = self.up * np.maximum(index - self.upper, 0.0) * tonnes
        return paid, _within(excess, self.cap_up)


def _within(amounts: Array, most: float) -> Array:
    """Amounts in their order, until their sum over the last axis reaches the most."""
    if np.isinf(most):
        return amounts
    total = np.minimum(np.cumsum(amounts, axis=-1), most)
    return np.diff(total, axis=-1, prepend=0.0)
