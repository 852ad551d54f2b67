"""Graphs of tied routes, stripped of their ends."""

from __future__ import annotations

from pricing.chains.network import BoolArray
from pricing.equilibrium.compiled.machine import kept


@kept
def strip_ends(graphs: BoolArray) -> None:
    """What :func:`pricing.equilibrium.ties.strip_ends` does."""
    size = graphs.shape[1]
    for n in range(graphs.shape[0]):
        going = True
        while going:
            going = False
            for i in range(size):
                by_row, by_column, row, column = 0, 0, 0, 0
                for j in range(size):
                    if graphs[n, i, j]:
                        by_row, row = by_row + 1, j
                    if graphs[n, j, i]:
                        by_column, column = by_column + 1, j
                if by_row == 1:
                    graphs[n, i, row] = False
                    going = True
                if by_column == 1 and graphs[n, column, i]:
                    graphs[n, column, i] = False
                    going = True
