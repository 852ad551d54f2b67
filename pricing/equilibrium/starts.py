"""Points where searches begin."""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.program import Program
from pricing.instruments.terms import Wedge

TRICKLE = 1e-12
"""Level at or below which a plant stands still: interior-point steps never end at nothing [1]."""


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


def at_floors(program: Program) -> Array | None:
    """A starting point (1, n) with prices that public buyers hold; None where they hold none.

    A floor far above the base year's price is far from where searches begin, and known. Plants
    answer it, and what users leave is bought.
    """
    limit, z, scale = program.limit, start(program), program.scale
    buys = (limit.balance > 0.0) & (limit.price > 0.0)
    floors = np.where(buys, -limit.constant[0][:, None, None], 0.0)
    floor, prices = floors.max(axis=0, initial=0.0).ravel(), program.price_part
    held = floor > z[0, prices] * scale[prices]
    if not held.any():
        return None
    z[0, prices] = np.where(held, floor / scale[prices], z[0, prices])
    state, at = evaluate(program, z), program.routes
    if at.size:
        offers = np.where(at.open, at.of(state.landed) + at.premium, np.inf).min(axis=2)
        asked = np.where(np.isfinite(offers), np.maximum(offers, at.of(state.index)), 0.0)
        z[0, program.delivered_part] = asked.ravel() / scale[program.delivered_part]
    part = program.level_part
    answer = program.supply.supplied(evaluate(program, z).margin)[0] / scale[part]
    z[0, part] = np.where(np.isfinite(answer), answer, z[0, part])  # of flat cost: any level
    state = evaluate(program, np.clip(z, program.lower, program.upper))
    left = (state.output - state.sold)[0]
    for m in np.flatnonzero(buys.any(axis=(1, 2))):
        z[0, program.multiplier_part.start + m] = left[buys[m]].sum() / limit.scale[m]
    return np.clip(z, program.lower, program.upper)


def entering(program: Program, z: Array) -> Array:
    """A point (1, n) with prices at which plants enter where all that make a good stand still.

    What is asked for there has an ever shorter tail: steps along it lower the residual by as little
    as the tail falls, long before the price is one at which the good is made. Homogeneous goods
    have no such tail.
    """
    network, raised, part = program.network, z.copy(), program.level_part
    raised[:, part] = np.where(z[:, part] <= TRICKLE, 0.0, z[:, part])
    state = evaluate(program, raised)
    nothing = (state.output[0] <= 0.0) & (state.sold[0] > 0.0)
    nothing[program.routes.goods] = False
    unit = network.setting.price_scale
    rise = np.full(nothing.shape, np.inf)
    for k in np.flatnonzero((state.level[0] <= 0.0) & program.open_process):
        region = network.process_region[k]
        waits = (network.outputs[k] > 0.0) & nothing[:, region]
        if waits.any() and state.margin[0, k] < 0.0:
            share = -state.margin[0, k] / (network.outputs[k] * unit)[waits].sum()
            rise[waits, region] = np.minimum(rise[waits, region], share)
    prices = program.price_part
    moves = np.isfinite(rise) & program.open_origin
    raised[:, prices] += np.where(moves, rise, 0.0).ravel()
    return np.clip(raised, program.lower, program.upper)
