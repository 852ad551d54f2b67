r"""Flows of homogeneous goods from a linear programme, where routes tie all but exactly.

Where two patterns of trade cost the same to eight digits, tonnes have to move far for a gain that
steps cannot tell from rounding. Sales and purchases hardly depend on it. So they are kept and the
cheapest trade between them is found by pivots [1]_, with route losses measured in their own size:

.. math::

    \min_{f \ge 0} \sum_{ij} l_{ij} f_{ij} \quad \text{with every} \quad
    \textstyle\sum_j f_{ij}, \ \sum_i f_{ij} \ \text{and all that limits count as they were.}

Its dual variables move prices at both ends such that used routes lose nothing and no other gains.
Newton steps from there have the right routes in use and settle the rest.

References
----------
.. [1] P. A. Samuelson, "Spatial price equilibrium and linear programming", American Economic Review
   42(3), 1952.
"""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.program import Program
from pricing.equilibrium.spatial import ends, route_loss

NEAR = 1e-6
"""Loss of a route below which it may be used, as a share of the price scale [1]."""
FEASIBLE = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-9}
"""How far the linear programme is solved, in tonnes and losses as shares of their sizes [1]."""


def cheapest_trade(program: Program, z: Array) -> Array:
    """The same sales and purchases by the cheapest routes, and prices to match; scaled (1, n).

    The point itself where the linear programme fails: the caller checks what it gets.
    """
    from scipy.optimize import linprog  # a third of a second, for ties only

    at, state = program.routes, evaluate(program, z)
    loss = route_loss(at, at.of(state.landed), at.of(state.index))
    loss = loss[0] / at.price_scale[:, None, None]
    flow = z[0, program.flow_part].reshape(loss.shape)
    h, i, j = np.nonzero(at.open & ((loss <= NEAR) | (flow > 0.0)))
    if h.size == 0:
        return z
    size = at.flow_scale.max(axis=(1, 2))[h]  # [t] of the good
    used = flow[h, i, j] * at.flow_scale[h, i, j] / size
    places, sums = ends(at, h, i, j)
    counted = program.limit.flow[at.counting][:, at.goods[h], i, j] * size
    largest = np.abs(counted).max(axis=1, initial=0.0)
    kept = np.concatenate([sums, counted[largest > 0.0] / largest[largest > 0.0, None]])
    found = linprog(
        np.clip(loss[h, i, j] / NEAR, -1.0, 1.0),
        A_eq=kept,
        b_eq=kept @ used,
        bounds=(0.0, None),
        method="highs-ds",  # a corner: as few routes as can be
        options=FEASIBLE,
    )
    if found.status != 0:
        return z
    new, flow = z.copy(), np.zeros_like(flow)
    flow[h, i, j] = found.x * size / at.flow_scale[h, i, j]
    new[0, program.flow_part] = flow.ravel()
    prices = np.concatenate([part.ravel() for part in program.spatial_prices])[places]
    rise = NEAR * found.eqlin.marginals[: places.size]
    new[0, prices] += np.where(places < at.size, -rise, rise)
    return np.clip(new, program.lower, program.upper)
