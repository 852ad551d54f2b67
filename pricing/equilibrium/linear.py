"""Newton systems of many scenarios: what never moves and what meets nothing else leaves first."""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray

RIDGE = 1e-9
"""Added to the diagonal of a singular system [1]."""
FIRM = 1e-4
"""Slope of its own condition from which a level is taken out of the system [1]."""


def solve_linear(matrix: Array, right: Array, inside: BoolArray, levels: slice) -> Array:
    """Solve (N, c, c) systems in the rows ``inside``; elsewhere ``right`` is the change itself.

    What never moves leaves first. Levels meet no other level in their rows, so those that do not
    give way too easily leave as well; what remains is a system in prices and active multipliers.
    A singular one gets a small ridge. NaN where nothing is finite.
    """
    size = matrix.shape[-1]
    kept = inside.any(axis=0) | (right != 0.0).any(axis=0)
    own = np.where(inside, np.einsum("ncc->nc", matrix), 1.0)
    taken = np.zeros(size, dtype=bool)
    taken[levels] = kept[levels] & (np.abs(own[:, levels]) >= FIRM).all(axis=0)
    outer, inner = np.flatnonzero(taken), np.flatnonzero(kept & ~taken)
    flat = matrix.reshape(matrix.shape[0], -1)

    def block(rows: IntArray, columns: IntArray) -> Array:
        found = flat.take((rows[:, None] * size + columns).ravel(), axis=1)
        part = found.reshape(matrix.shape[0], rows.size, columns.size)
        return np.asarray(part * inside[:, rows, None])

    core = block(inner, inner)
    ranks = np.arange(inner.size)
    core[:, ranks, ranks] = own[:, inner]
    move = np.zeros_like(right)
    across, back = block(outer, inner), block(inner, outer)
    back /= own[:, None, outer]
    core -= np.matmul(back, across)
    side = right[:, inner] - np.matmul(back, right[:, outer, None])[..., 0]
    move[:, inner] = _solve(core, side)
    with np.errstate(invalid="ignore"):  # a step that is not finite is told by its NaN
        given = np.matmul(across, move[:, inner, None])[..., 0]
        move[:, outer] = (right[:, outer] - given) / own[:, outer]
    return move


def _solve(matrix: Array, right: Array) -> Array:
    bounded = np.isfinite(matrix).all(axis=(1, 2)) & np.isfinite(right).all(axis=1)
    finite: BoolArray = np.asarray(bounded)
    if not finite.all():
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
