"""The linear system solved: levels leave first, the rest by pivots."""

from __future__ import annotations

from typing import Any

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.compiled.machine import ONE, compiled


@compiled
def take_levels(matrix: Array, right: Array, inner: Any, count: Any) -> None:
    """Take levels, which meet no other level, out of the rows before them."""
    wide = count + ONE
    for p in range(inner, count):
        own = 1.0 / matrix[p * wide + p]
        matrix[p * wide + p] = own
        for r in range(inner):
            by = matrix[r * wide + p] * own
            if by != 0.0:
                for c in range(inner):
                    matrix[r * wide + c] -= by * matrix[p * wide + c]
                right[r] -= by * right[p]


@compiled
def eliminate(matrix: Array, right: Array, inner: Any, wide: Any) -> bool:
    """Solve the first rows in place; whether there is a solution."""
    for p in range(inner):
        if not pivot(matrix, right, p, inner, wide):
            return False
        own = 1.0 / matrix[p * wide + p]
        for r in range(p + ONE, inner):
            by = matrix[r * wide + p] * own
            if by != 0.0:
                for c in range(p + ONE, inner):
                    matrix[r * wide + c] -= by * matrix[p * wide + c]
                right[r] -= by * right[p]
    for q in range(inner):
        p = inner - ONE - q
        total = right[p]
        for c in range(p + ONE, inner):
            total -= matrix[p * wide + c] * right[c]
        right[p] = total / matrix[p * wide + p]
    return True


@compiled
def pivot(matrix: Array, right: Array, p: Any, inner: Any, wide: Any) -> bool:
    """Bring the largest entry of a column to the diagonal; whether there is one."""
    best: float = abs(matrix[p * wide + p])
    found = p
    for r in range(p + ONE, inner):
        if abs(matrix[r * wide + p]) > best:
            best, found = abs(matrix[r * wide + p]), r
    if found != p:
        for c in range(p, inner):
            kept = matrix[p * wide + c]
            matrix[p * wide + c] = matrix[found * wide + c]
            matrix[found * wide + c] = kept
        kept = right[p]
        right[p] = right[found]
        right[found] = kept
    return 0.0 < best < np.inf
