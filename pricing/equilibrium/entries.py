"""Which unknowns the matrix of a step has, and where arcs and processes meet in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, IntArray
from pricing.equilibrium.arcs import Arcs
from pricing.equilibrium.recipes import Pairs


@dataclass(frozen=True)
class Entries:
    """Positions in a matrix of prices (P), process levels (K) and what comes after them.

    Prices of origins that are shut never move and have no place in it.
    """

    prices: IntArray
    """(P,) ``g R + i`` of the prices, ascending."""
    always: IntArray
    """(P + K,) positions of these prices and of the process levels among all unknowns."""
    row: IntArray
    """(E,) position of each arc's origin among them."""
    slot: IntArray
    """(E,) position of each arc in a table (G, O, R) of a good's origins and destinations."""
    table: tuple[int, int, int]
    """Shape of that table."""
    crossing: tuple[IntArray, IntArray, IntArray]
    """Pairs of origins of one good: position in (G, O, O), row, column."""
    drawn: tuple[IntArray, IntArray]
    """Pairs of an input of a process (position among all) and an arc to its buyer."""
    used: tuple[IntArray, IntArray]
    """Runs of inputs of one process: first input, process."""
    made: tuple[IntArray, IntArray, Array]
    """Outputs with a price in the matrix: its position, process, tonnes per tonne of level."""

    @classmethod
    def of(
        cls,
        prices: IntArray,
        arcs: Arcs,
        shape: tuple[int, int, int],
        processes: int,
        flows: tuple[Pairs, Pairs],
    ) -> Entries:
        """Positions for prices, open arcs, and inputs and outputs of processes."""
        goods, regions, _ = shape
        inputs, outputs = flows
        good = prices // regions
        count = np.bincount(good, minlength=goods)
        most = int(count.max(initial=0))
        nth = np.arange(prices.size) - (np.cumsum(count) - count)[good]
        row = np.searchsorted(prices, arcs.origin)
        one, other = np.nonzero(good[:, None] == good)
        first = np.flatnonzero(np.diff(inputs.process, prepend=-1))
        made = np.flatnonzero(np.isin(outputs.place, prices))
        pair, arc = np.nonzero(inputs.place[:, None] == arcs.buyer)
        return cls(
            prices=prices,
            always=np.concatenate([prices, goods * regions + np.arange(processes)]),
            row=row,
            slot=(good[row] * most + nth[row]) * regions + arcs.buyer % regions,
            table=(goods, most, regions),
            crossing=((good[one] * most + nth[one]) * most + nth[other], one, other),
            drawn=(pair, arc),
            used=(first, inputs.process[first]),
            made=(
                np.searchsorted(prices, outputs.place[made]),
                outputs.process[made],
                outputs.coefficient[made],
            ),
        )
