"""Taking levels and idle rows out of Newton systems changes no solution."""

from __future__ import annotations

import numpy as np
import pytest

from pricing.equilibrium.linear import FIRM, solve_linear


@pytest.mark.parametrize("least", [10.0 * FIRM, 0.1 * FIRM], ids=["leave", "stay"])
def test_agrees_with_one_dense_solve(least: float) -> None:
    rng = np.random.default_rng(3)
    count, prices, levels, size = 5, 6, 4, 12
    part = slice(prices, prices + levels)
    matrix = rng.normal(size=(count, size, size)) + 5.0 * np.eye(size)
    matrix[:, part, part] = np.eye(levels) * rng.uniform(0.5, 2.0, (count, levels, 1))
    matrix[0, prices, prices] = least
    right = rng.normal(size=(count, size))
    inside = rng.uniform(size=(count, size)) < 0.7
    inside[:, 0] = False  # never moves
    known = np.where(inside, 0.0, rng.normal(size=(count, size)))
    known[:, 0] = 0.0
    given = np.where(inside, right, known)
    move = solve_linear(matrix.copy(), given, inside, part)
    whole = np.where(inside[:, :, None], matrix, np.eye(size))
    side = np.where(inside, right, known)
    expected = np.linalg.solve(whole, side[..., None])[..., 0]
    np.testing.assert_allclose(move, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())


def test_one_singular_or_lost_system_leaves_the_others_alone() -> None:
    matrix, right = np.stack([np.eye(3)] * 3), np.ones((3, 3))
    matrix[1, 0, 0] = 0.0
    matrix[2, 0, 0] = np.nan
    inside = np.ones((3, 3), dtype=bool)
    move = solve_linear(matrix, right, inside, slice(3, 3))
    assert move[0] == pytest.approx(np.ones(3))
    assert np.isfinite(move[1]).all()
    assert np.isnan(move[2]).all()
