"""From the start to a solution: Newton steps, whole ones first, then with a line search."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.compiled.curves import CURVED, POWER, invert
from pricing.equilibrium.compiled.logit.conditions import measure
from pricing.equilibrium.compiled.logit.elimination import eliminate, take_levels
from pricing.equilibrium.compiled.logit.net import (
    BEST,
    CONDITION,
    COST,
    HIGH,
    LIGHT,
    LOW,
    LOWER,
    MARGIN,
    MOVE,
    OLD,
    RIGHT,
    SOLUTION,
    TOP,
    UNKNOWN,
    UPPER,
    Cases,
    Net,
    Search,
    Z,
)
from pricing.equilibrium.compiled.logit.system import aim, assemble, order
from pricing.equilibrium.compiled.machine import ONE, STAMP, compiled, kept, unsigned


@compiled
def search(w: Net, rules: Search) -> tuple[int, float]:
    """From the start to a solution, if these steps find it; steps and residual."""
    core, steps, trust, side = w.core, 0, rules.trust, 0
    size, merit = measure(w, rules)
    lowest, nearest = merit, size
    copy(core, Z, BEST)
    while size > rules.aim and merit < np.inf and steps < rules.most:
        copy(core, Z, OLD)
        taken, near, now = False, size, merit
        if turn(w, rules, rules.ties[side]):
            taken, near, now = advance(w, rules, merit, rules.nearer * nearest, trust > 0)
        back = trust > 0 and not taken
        if taken:
            steps, side, size, merit = steps + 1, 0, near, now
            if nearest <= rules.fine and size > rules.aim and merit > 0.5 * lowest:
                return steps, size
            if trust > 0:
                trust = rules.trust if merit <= 0.5 * lowest else trust - 1
                back = trust == 0 and size > rules.aim
            if merit <= lowest or size <= rules.nearer * nearest:
                lowest, nearest = merit, size
                copy(core, Z, BEST)
        elif trust == 0 and size >= rules.close:
            return steps, size
        if back or not taken:
            copy(core, BEST if back else OLD, Z)
            size, merit = measure(w, rules)
            side = 0 if back else other_side(w, rules, side)
            if side == len(rules.ties):
                return steps, size
            trust = 0
    return steps, size


@compiled
def other_side(w: Net, rules: Search, side: int) -> int:
    """The first larger tie that holds a pair which the last did not; their number if none does."""
    core, new = w.core, np.inf
    for n in range(core.shape[1]):
        if core[UPPER, n] > core[LOWER, n]:
            condition = core[CONDITION, n]
            beyond = max(condition - core[LOW, n], core[HIGH, n] - condition) / core[LIGHT, n]
            if beyond >= rules.ties[side]:
                new = min(new, beyond)
    side += 1
    while side < len(rules.ties) and rules.ties[side] <= new:
        side += 1
    return side


@compiled
def turn(w: Net, rules: Search, tie: float) -> bool:
    """A direction from where conditions were measured; whether there is one."""
    core, matrix, right, at = w.core, w.matrix, w.core[SOLUTION], w.at
    aim(w, rules, tie)
    inner, count = order(w, rules.firm)
    assemble(w, count)
    for p in range(count):
        right[p] = core[RIGHT, at[UNKNOWN, p]]
    take_levels(matrix, right, inner, count)
    if not eliminate(matrix, right, inner, count + ONE):
        return False
    total, most = 0.0, 1.0
    for p in range(count):
        move, n = right[p], at[UNKNOWN, p]
        if p >= inner:
            row = p * (count + ONE)
            for c in range(inner):
                move -= matrix[row + c] * right[c]
            move *= matrix[row + p]
        core[MOVE, n] = move
        total += move
        if n < w.places:
            most = max(most, move / ((rules.grow - 1.0) * max(core[Z, n], rules.least)))
    for n in range(core.shape[1]):
        core[MOVE, n] /= most
    cap(w, rules)
    return math.isfinite(total)


@compiled
def cap(w: Net, rules: Search) -> None:
    """Highest levels that a step may reach: see ``steepest_level``."""
    core, law = w.core, w.cost
    for n in range(core.shape[1]):
        core[TOP, n] = np.inf
    for k in range(w.levels):
        n = w.places + k
        move, cost = core[MOVE, n], w.level[COST, k]
        extreme = max(rules.overshoot, rules.steeper * abs(w.level[MARGIN, k]))
        # ln(new / old) <= move / old: where cost is far below the extreme, a short move stays there
        short = extreme > math.e * cost and law[k, POWER] * move <= core[Z, n]
        if law[k, CURVED] > 0.0 and not short:
            core[TOP, n] = invert(law, k, extreme)[0]


@compiled
def advance(
    w: Net, rules: Search, merit: float, near: float, bold: bool
) -> tuple[bool, float, float]:
    """Go along the direction: whether the point is taken, its residual and merit.

    Bold steps are taken whole, whatever they do to the merit; so are those to a residual as near.
    """
    length, size, now = 1.0, np.inf, np.inf
    for _ in range(rules.halvings):
        step(w, rules, length)
        size, now = measure(w, rules)
        if now <= (1.0 - 1e-4 * length) * merit or size <= max(near, rules.aim):
            return True, size, now
        if bold:
            return now < np.inf, size, now
        length *= 0.5
    return False, size, now


@compiled
def step(w: Net, rules: Search, length: float) -> None:
    """Go some length along the direction, within limits: see ``limited``."""
    core = w.core
    grown = w.places + w.levels
    for n in range(unsigned(core.shape[1])):
        old, lower = core[OLD, n], core[LOWER, n]
        new = old + length * core[MOVE, n]
        if n < grown:
            low = 0.0 if new <= lower + 1e-14 else rules.shrink * old
            new = min(max(new, low), rules.grow * max(old, rules.least))
            new = min(new, core[TOP, n])
        core[Z, n] = min(max(new, lower), core[UPPER, n])


@compiled
def copy(core: Array, source: Any, to: Any) -> None:
    """Copy one row of the core to another."""
    for n in range(core.shape[1]):
        core[to, n] = core[source, n]


@compiled
def take_in(w: Net, cases: Cases, n: int) -> None:
    """Numbers and start of one scenario."""
    core, unknowns = w.core, cases.z.shape[1]
    one = n if cases.core.shape[0] > 1 else 0
    for row in range(4):
        for c in range(unknowns):
            core[row, c] = cases.core[one, row, c]
    for c in range(unknowns):
        core[Z, c] = min(max(cases.z[n, c], core[LOWER, c]), core[UPPER, c])
    for v in range(cases.rows.size):
        for e in range(w.arc.shape[1]):
            w.arc[cases.rows[v], e] = cases.arcs[n, v, e]
    one = n if cases.payments.shape[0] > 1 else 0
    for row in range(4):
        for s in range(w.payment.shape[1]):
            w.payment[row, s] = cases.payments[one, row, s]


def _search_all(stamp: int) -> Callable[[Net, Search, Cases], None]:
    """What NumPy code calls; it encloses the stamp of all files (see ``machine``)."""

    @kept
    def search_all(w: Net, rules: Search, cases: Cases) -> None:
        """Search one scenario after the other."""
        _ = stamp
        for n in range(cases.z.shape[0]):
            take_in(w, cases, n)
            cases.steps[n], cases.size[n] = search(w, rules)
            for c in range(cases.z.shape[1]):
                cases.z[n, c] = w.core[Z, c]

    return search_all


search_all = _search_all(STAMP)
