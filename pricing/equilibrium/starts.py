"""Points where searches begin."""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.program import Program
from pricing.instruments.terms import Wedge


def start(program: Program) -> Array:
    """Scaled starting point (1, n): the benchmark, where no policy has a multiplier."""
    network, homogeneous = program.network, program.routes.goods
    scale = network.setting.price_scale[:, None]
    guess = np.where(np.isfinite(network.price), network.price, network.buyer_price)
    guess = np.where(np.isfinite(guess), guess, scale)
    delivered = np.where(np.isfinite(network.buyer_price), network.buyer_price, scale)
    parts = (
        guess.ravel(),
        network.level,
        program.limit.base,
        delivered[homogeneous].ravel(),
        (network.flow - network.contracted)[homogeneous].ravel(),
    )
    z = np.concatenate(parts) / program.scale
    return np.clip(z[None], program.lower, program.upper)


def used_up(program: Program) -> Array:
    """Scaled starting point (1, n): the benchmark with levies at their ceilings.

    A levy that cannot lift the price to its reference ends there, far from where a path began.
    """
    z, first = start(program), program.multiplier_part.start
    for m, limit in enumerate(program.limits):
        most = program.upper[:, first + m]
        if limit.wedge is Wedge.LEVY and np.isfinite(most).all():
            z[:, first + m] = most
    return z
