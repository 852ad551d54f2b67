r"""Finer points near a solution, by proximal steps: each is held back to where the last one ended.

Where routes tie, or nearly, or a quota binds by next to nothing, the derivatives of the conditions
are singular or as good as that: Newton steps jump between patterns of trade and interior points
drown in rounding. The conditions pulled to a point (:mod:`pricing.equilibrium.pulled`) have one
solution nearby, and it is well conditioned. Pulled to that, they have a closer one: what is left of
the original conditions is the pull times the last move. So the pull may fall as fast as Newton
steps keep up with it.

References
----------
.. [1] R. T. Rockafellar, "Monotone operators and the proximal point algorithm", SIAM J. Control and
   Optimization 14(5), 1976.
"""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.conditions import distance
from pricing.equilibrium.program import Program
from pricing.equilibrium.pulled import Pulled

FIRST_PULL, LAST_PULL, STRONGEST = 1e-3, 1e-10, 1.0
"""Pull of the first step, and its bounds: below nothing is held, above nothing gained [1]."""
AIM = 1e-13
"""Residual at which steps end [1]."""
CLOSER = 1e-2
"""A pulled solution need not be closer than this share of the last residual [1]."""
INNER_STEPS = 20
"""Newton steps to a pulled solution after which a stronger pull is tried."""
QUICK = 3
"""Newton steps up to which the pull falls fast."""
FALLS, RISES = (0.1, 0.3), 10.0
"""Changes of the pull after a quick step, a slow one, and one that failed."""


def proximal_points(program: Program, z: Array, most: int) -> tuple[Array, int]:
    """Last point (1, n) of the proximal steps from ``z``, and the Newton steps taken.

    Steps end at a solution, or after about ``most`` Newton steps.
    """
    pull, steps, size = FIRST_PULL, 0, distance(program, z)
    while steps < most and pull <= STRONGEST and size > AIM:
        aim, pulled = max(AIM, CLOSER * size), Pulled(program.searched, z)
        piece, taken = pulled.solution(z, float(np.log(pull)), aim, INNER_STEPS)
        steps += max(taken, 1)
        if not piece.size <= aim:
            pull *= RISES
            continue
        z, size = piece.z, distance(program, piece.z)
        pull = max(LAST_PULL, pull * (FALLS[0] if taken <= QUICK else FALLS[1]))
    return z, steps
