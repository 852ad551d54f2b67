"""Flows that tie: where routes cost a buyer the same, trade stays as it was.

Prices of homogeneous goods are exact even where flows are not unique. Among flows with the same
sales and purchases the ones nearest to the base year are handed out and, where there was none, the
ones that move fewest tonnes between regions: nobody ships the same good both ways. What ties is
reported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pricing.chains.network import Array, BoolArray
from pricing.equilibrium.program import Program
from pricing.equilibrium.spatial import ends
from pricing.equilibrium.state import State

TIED = 1e-9
"""Routes this close to the delivered price, as a share of the price scale, count as used [1]."""
MOVED = 1e-3
"""Weight of tonnes moved between regions against tonnes that differ from the base year [1]."""


@dataclass(frozen=True)
class Tie:
    """Routes of one good among which the same prices leave flows open."""

    good: str
    """Good."""
    routes: tuple[tuple[str, str], ...]
    """Origins and destinations of the routes that form the circles."""


def tied_routes(
    program: Program, state: State, strip: Callable[[BoolArray], None] | None = None
) -> BoolArray:
    """(N, H, R, R) routes on a circle of routes that all cost their buyer its delivered price.

    ``strip`` leaves of graphs what :func:`strip_ends` leaves, which is used where none is given.
    """
    at = program.routes
    landed, index = at.of(state.landed), at.of(state.index)
    loss = (landed + at.premium - index[:, :, None, :]) / at.price_scale[:, None, None]
    mask: BoolArray = at.open & (loss <= TIED)
    (strip or strip_ends)(mask.reshape(-1, *mask.shape[2:]))
    return mask


def strip_ends(graphs: BoolArray) -> None:
    """Strip ends from (N, R, R) graphs of origins and buyers, in place.

    Circles, and what joins them, are left.
    """
    some = np.flatnonzero(graphs.any(axis=(1, 2)))
    while some.size:
        left = graphs[some]
        ends = (_count(left, 2) == 1)[:, :, None] | (_count(left, 1) == 1)[:, None, :]
        kept = left & ~ends
        graphs[some] = kept
        some = some[(kept != left).any(axis=(1, 2)) & kept.any(axis=(1, 2))]


def _count(mask: BoolArray, axis: int) -> NDArray[np.int16]:
    """How many along an axis; sums of small numbers are several times as fast."""
    return np.asarray(mask.view(np.int8).sum(axis=axis, dtype=np.int16))


def ties(program: Program, state: State) -> tuple[Tie, ...]:
    """Ties of a solution, by good."""
    network, tied = program.network, tied_routes(program, state)[0]
    names = network.regions
    return tuple(
        Tie(network.goods[g], tuple((names[i], names[j]) for i, j in np.argwhere(mask)))
        for g, mask in zip(program.routes.goods, tied, strict=True)
        if mask.any()
    )


def closest_flows(program: Program, state: State, z: Array) -> Array:
    """The same prices with flows as near as can be to the base year's; scaled unknowns (1, n).

    A linear programme over the tied routes keeps every sale and purchase, and every flow that a
    limit counts. It minimises the tonnes that differ from the base year and, much less, the tonnes
    moved between regions.
    """
    tied, at = tied_routes(program, state)[0], program.routes
    if not tied.any():
        return z
    from scipy.optimize import linprog  # a third of a second, for ties only

    h, i, j = np.nonzero(tied)
    bound = program.contracted[at.goods[h], i, j]
    flow = state.flow[0, at.goods[h], i, j] - bound
    base = program.network.flow[at.goods[h], i, j] - bound
    _, sums = ends(at, h, i, j)
    counted = program.limit.flow[at.counting][:, at.goods[h], i, j]
    kept = np.concatenate([sums, counted])
    scale = max(float(flow.max()), 1e-300)
    more_less = np.concatenate([np.eye(h.size), -np.eye(h.size)], axis=1)
    cost = np.concatenate([MOVED * (i != j), np.ones(2 * h.size)])
    found = linprog(
        cost,
        A_eq=np.block(
            [[kept, np.zeros((kept.shape[0], 2 * h.size))], [np.eye(h.size), -more_less]]
        ),
        b_eq=np.concatenate([kept @ flow, base]) / scale,
        bounds=(0.0, None),
    )
    if found.status != 0:  # rounding alone can do that: the flows at hand are a solution
        return z
    new = z.copy()
    moved = new[:, program.flow_part].reshape(1, *tied.shape)
    moved[0, h, i, j] = found.x[: h.size] * scale / at.flow_scale[h, i, j]
    new[:, program.flow_part] = moved.reshape(1, -1)
    return new
