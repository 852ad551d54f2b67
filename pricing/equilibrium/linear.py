"""Newton systems of many scenarios: what meets nothing else leaves first."""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray

RIDGE = 1e-9
"""Added to the diagonal of a singular system [1]."""
FIRM = 1e-4
"""Slope of its own condition from which a level is taken out of the system [1]."""


def solve_linear(matrix: Array, right: Array, inside: BoolArray, levels: slice) -> Array:
    """Solve (N, c, c) systems in the rows ``inside``; elsewhere ``right`` is the change itself.

    Levels meet no other level in their rows, so those that do not give way too easily leave first;
    what remains is a system in prices and multipliers. A singular one gets a small ridge. NaN where
    nothing is finite.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if not np.isfinite(matrix.sum()):  # what is lost in rows that do not count harms nothing
            matrix = np.where(inside[:, :, None], matrix, 0.0)
        return _reduced(matrix, right, inside, levels)


def _reduced(matrix: Array, right: Array, inside: BoolArray, levels: slice) -> Array:
    own = np.where(inside, matrix.diagonal(axis1=1, axis2=2), 1.0)
    taken = np.zeros(right.shape[1], dtype=bool)
    taken[levels] = (np.abs(own[:, levels]) >= FIRM).all(axis=0)
    outer: Some = taken.nonzero()[0]
    inner: Some = (~taken).nonzero()[0]
    if levels.stop == taken.size and taken[levels].all():  # then they are views
        outer, inner = levels, slice(0, levels.start)
    core = block(matrix, inner, inner)
    # Rows outside their boxes are those of the unit matrix: they count for nothing in the others.
    across = block(matrix, outer, inner) * (inside[:, outer] / own[:, outer])[..., None]
    back, given = block(matrix, inner, outer), right[:, outer] / own[:, outer]
    core = core - np.matmul(back, across)
    core *= inside[:, inner, None]
    ranks = np.arange(core.shape[1])
    core[:, ranks, ranks] += ~inside[:, inner]
    known = right[:, inner] - np.matmul(back, given[..., None])[..., 0]
    found = _solve(core, np.where(inside[:, inner], known, right[:, inner]))
    move = np.empty_like(right)
    move[:, inner] = found
    move[:, outer] = given - np.matmul(across, found[..., None])[..., 0]
    return move


Some = IntArray | slice


def block(matrix: Array, rows: Some, columns: Some) -> Array:
    """(N, r, c) part of matrices; of runs of rows and columns a view."""
    if isinstance(rows, slice) or isinstance(columns, slice):
        return matrix[:, rows, columns]
    return np.asarray(matrix[:, rows[:, None], columns])


def _solve(matrix: Array, right: Array) -> Array:
    size = right.shape[1]
    known = np.isfinite(matrix.reshape(-1, size * size).sum(axis=1) + right.sum(axis=1))
    if not known.all():
        parts = np.isfinite(matrix).all(axis=(1, 2)), np.isfinite(right).all(axis=1)
        finite = np.logical_and(*parts)
        matrix = np.where(finite[:, None, None], matrix, np.eye(matrix.shape[-1]))
        right = np.where(finite[:, None], right, np.nan)
    try:
        return np.asarray(np.linalg.solve(matrix, right[..., None])[..., 0])
    except np.linalg.LinAlgError:
        if matrix.shape[0] > 1:
            pairs = zip(matrix[:, None], right[:, None], strict=True)
            return np.concatenate([_solve(one, side) for one, side in pairs])
    try:
        shifted = matrix + RIDGE * np.eye(matrix.shape[-1])
        return np.asarray(np.linalg.solve(shifted, right[..., None])[..., 0])
    except np.linalg.LinAlgError:
        return np.full_like(right, np.nan)
