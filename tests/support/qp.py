"""A second solver for spatial price equilibria: a sequence of convex quadratic programmes.

Each round freezes ad valorem duties at the prices of the last and replaces curves by straight
lines; Clarabel solves the programme, prices are its multipliers. Clarabel is one wheel without
dependencies beyond numpy and scipy for every platform that the project supports.
"""

from __future__ import annotations

from typing import Any

import clarabel
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, diags

Array = NDArray[np.float64]
ROUNDS = 200
CLOSE = 1e-10
"""Largest relative change of levels and prices at the end [1]."""
STEP = 0.5
"""A level moves at most by this share of itself in a round [1]."""


def solve(inputs: dict[str, Any]) -> tuple[Array, Array, Array, Array]:
    """``ps`` (S, R), ``pd`` (S, R), ``y`` (S, R) and ``x`` (S, R, R) of a member of the family."""
    stages, regions = inputs["S"], inputs["R"]
    level, cost, eta, cap = (np.array(inputs[key]) for key in ("A", "M0", "eta", "K"))
    freight, duty, yields = (np.array(inputs[key]) for key in ("c", "tau", "yl"))
    base, top, eps = (np.array(inputs[key]) for key in ("B", "PB", "eps"))
    unit = np.array(inputs["Q"])[:, None] / regions
    y, demand = np.minimum(level, cap), base.copy()
    price = np.repeat(np.array(inputs["P0"])[:, None], regions, axis=1)
    keep = _balances(stages, regions, yields)
    for _ in range(ROUNDS):
        marginal = cost * (y / level) ** (1.0 / eta)
        rise = marginal / (eta * y)
        wish = top * (demand / base) ** (-1.0 / eps)
        fall = wish / (eps * demand)
        low = np.r_[((1.0 - STEP) * y).ravel(), np.zeros(freight.size), (1.0 - STEP) * demand]
        high = np.r_[
            np.minimum((1.0 + STEP) * y, cap).ravel(),
            np.full(freight.size, np.inf),
            (1.0 + STEP) * demand,
        ]
        curve = np.r_[rise.ravel(), np.zeros(freight.size), fall]
        charge = freight + duty * price[:, :, None]
        linear = np.r_[(marginal - rise * y).ravel(), charge.ravel(), -(wish + fall * demand)]
        found, duals = programme(curve, linear, keep, (low, high))
        new_y = found[: y.size].reshape(y.shape)
        new_demand = found[y.size + freight.size :]
        made, used = duals[: y.size].reshape(y.shape), duals[y.size :].reshape(y.shape)
        change = max(
            np.abs(new_y / y - 1.0).max(),
            np.abs(new_demand / demand - 1.0).max(),
            np.abs(made / price - 1.0).max(),
        )
        y, demand, price = np.maximum(new_y, 1e-9 * unit), new_demand, made
        if change < CLOSE:
            break
    else:
        raise RuntimeError(f"no convergence in {ROUNDS} rounds: {change:.1e}")
    return made, used, y, found[y.size : y.size + freight.size].reshape(freight.shape)


def _balances(stages: int, regions: int, yields: Array) -> csc_matrix:
    """``sum x - y = 0`` by origin, then ``use - sum x = 0`` by buyer: multipliers are prices."""
    size = stages * regions
    rows = np.zeros((2 * size, size + size * regions + regions))
    for s in range(stages):
        for r in range(regions):
            here = s * regions + r
            rows[here, here] = -1.0
            rows[here, size + here * regions + np.arange(regions)] = 1.0
            arrivals = size + (s * regions + np.arange(regions)) * regions + r
            rows[size + here, arrivals] = -1.0
            if s + 1 < stages:
                rows[size + here, here + regions] = 1.0 / yields[s + 1]
            else:
                rows[size + here, size + size * regions + r] = 1.0
    return csc_matrix(rows)


def programme(
    curve: Array, linear: Array, keep: csc_matrix, box: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Minimise ``x' diag(curve) x / 2 + linear x`` with ``keep x = 0`` in a box."""
    low, high = box
    bounded = np.flatnonzero(np.isfinite(high))
    eye = csc_matrix(np.eye(low.size))
    matrix = csc_matrix(np.vstack([keep.toarray(), -eye.toarray(), eye.toarray()[bounded]]))
    right = np.r_[np.zeros(keep.shape[0]), -low, high[bounded]]
    cones = [
        clarabel.ZeroConeT(keep.shape[0]),
        clarabel.NonnegativeConeT(low.size + bounded.size),
    ]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-13
    programme = clarabel.DefaultSolver(
        csc_matrix(diags(curve)), linear, matrix, right, cones, settings
    )
    answer = programme.solve()
    return np.array(answer.x), np.array(answer.z)[: keep.shape[0]]
