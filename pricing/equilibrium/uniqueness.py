"""Whether another equilibrium is in sight.

With one input and one output a process, and guarantees on the producer's own price, the map from
prices to excess supply is monotone and prices are unique wherever somebody answers them
(:mod:`pricing.equilibrium.anchors`). Elsewhere a second start, far from the base year, probes for
another solution: other prices, or other markups of exporters who set theirs.
Policies that jump are searched on their own (:mod:`pricing.equilibrium.jumping`). A probe can find
one; it cannot prove that there is none. Only what trade determines is compared: a price at which
nothing is made or used, and what is charged where nothing is traded, may be any of many without a
difference to anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pricing.chains.network import Array, BoolArray
from pricing.equilibrium.anchors import unanswered
from pricing.equilibrium.conditions import describe
from pricing.equilibrium.conduct import from_other_markups
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.program import Program
from pricing.equilibrium.solver import second_opinion
from pricing.equilibrium.starts import start
from pricing.equilibrium.state import State
from pricing.instruments.terms import Wedge

SAME = 1e-6
"""Largest scaled difference of prices and multipliers between two starts that agree [1]."""
NOTHING = 1e-9
"""Tonnes that count as none, as a share of a market's scale [1]."""


class Verdict(StrEnum):
    """What is known about other equilibria."""

    STRUCTURE = "structure"
    """Prices are unique by the structure of the problem."""
    SAME = "same"
    """A second start reached the same point."""
    OTHER = "other"
    """A second start reached another equilibrium."""
    NOT_REACHED = "not_reached"
    """The second start did not converge; nothing is known."""


@dataclass(frozen=True)
class Uniqueness:
    """Result of looking for another equilibrium."""

    verdict: Verdict
    """What is known."""
    reason: str
    """Why prices need not be unique; empty where they are."""
    where: str = ""
    """Condition whose unknown differs most."""
    difference: float = 0.0
    """Largest difference, as a share of the unknown's scale [1]."""


def look_for_another(program: Program, z: Array) -> Uniqueness:
    """Probe from a second start where the structure does not settle it."""
    if program.network.sellers.arc.size:
        reason, other = "exporters set prices", from_other_markups(program)
    else:
        reason = _doubt(program) or _unanswered(program, z)
        if not reason:
            return Uniqueness(Verdict.STRUCTURE, "")
        other = second_opinion(program, _far_start(program))
    if other is None:
        return Uniqueness(Verdict.NOT_REACHED, reason)
    used = _traded(program, evaluate(program, z)) | _traded(program, evaluate(program, other))
    gap = np.where(used, np.abs(other - z)[0] / np.maximum(1.0, np.abs(z[0])), 0.0)
    worst = int(np.argmax(gap))
    verdict = Verdict.SAME if gap[worst] <= SAME else Verdict.OTHER
    return Uniqueness(verdict, reason, describe(program, worst), float(gap[worst]))


def _traded(program: Program, state: State) -> BoolArray:
    """(n,) unknowns that trade determines: prices of what is made or used, charges on it.

    Levels follow from prices where these are unique, and routes of homogeneous goods may tie.
    """
    used = np.zeros(program.scale.size, dtype=bool)
    least = NOTHING * program.network.setting.quantity_scale
    used[: program.level_part.start] = (state.output[0] > least).ravel()
    used[program.delivered_part] = (state.use[0] > least)[program.routes.goods].ravel()
    flow = (state.flow[0] > least[:, None, :]).ravel()
    used[program.multiplier_part] = [
        not limit.acts_on_arcs.size or bool(flow[limit.acts_on_arcs].any())
        for limit in program.limits
    ]
    return used


def _doubt(program: Program) -> str:
    """Why prices need not be unique; empty where they are."""
    network, regions = program.network, len(program.network.regions)
    if ((network.inputs > 0.0).sum(axis=1) > 1).any():
        return "a process has several inputs"
    if ((network.outputs > 0.0).sum(axis=1) > 1).any():
        return "a process has several outputs"
    if network.by_products.process.size:
        return "a by-product depends on its host"
    if program.network.cross.demand.size:
        return "demand answers the prices of other goods"
    for support in program.supports:
        own = support.good * regions + network.process_region[support.process]
        elsewhere = support.index != 0.0
        elsewhere[np.arange(own.size), own] = False
        if elsewhere.any() or support.unsold is not None:
            on = "the price of another region" if elsewhere.any() else "what is sold"
            return f"'{support.policy}' pays on {on}"
    first = program.level_part.stop
    free = [
        limit.policy
        for m, limit in enumerate(program.limits)
        if limit.wedge is Wedge.LEVY and program.upper[0, first + m] > 0.0
    ]
    return f"several levies of '{free[0]}' push each other" if len(free) > 1 else ""


def _unanswered(program: Program, z: Array) -> str:
    """Why prices need not be unique at this solution only; empty where they are."""
    goods = unanswered(program, z, evaluate(program, z))
    return (
        f"nobody makes or uses other tonnes of {' and '.join(goods)} at another price"
        if goods
        else ""
    )


def _far_start(program: Program) -> Array:
    """Prices half as high again, plants at two thirds, levies at their ceilings or the price."""
    far = start(program)
    far[:, : program.level_part.start] *= 1.5
    far[:, program.delivered_part] *= 1.5
    far[:, program.level_part] *= 0.67
    levies = [float(limit.wedge is Wedge.LEVY) for limit in program.limits]
    far[:, program.multiplier_part] = levies
    return np.asarray(np.clip(far, program.lower, program.upper))
