"""From the start to a solution: interior-point steps, then exact ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.compiled.blocks.conditions import choose_form, evaluate, highest_level
from pricing.equilibrium.compiled.blocks.elimination import factor, solve
from pricing.equilibrium.compiled.blocks.interior import begin, interior_step, ready
from pricing.equilibrium.compiled.blocks.room import (
    CONDITION,
    COST,
    DIAGONAL,
    FIXED,
    FLOW,
    GIVES,
    HELD,
    LANDED,
    LOSS,
    LOWER,
    MOVE,
    MOVED,
    OPEN,
    RIGHT,
    RISE,
    STEEP,
    SUPPLIED,
    TARGET,
    TESTED,
    UPPER,
    WEIGHT,
    Many,
    Room,
    Rules,
    Z,
)
from pricing.equilibrium.compiled.curves import CURVED
from pricing.equilibrium.compiled.machine import STAMP, compiled, kept, unsigned


@compiled
def exact_step(w: Room, rules: Rules) -> None:
    """A semismooth Newton step from where conditions were evaluated: see ``Point.direction``."""
    core, level, route = w.core, w.level, w.route
    places, levels = w.places, unsigned(w.made.size)
    delivered = places + levels
    choose_form(w, rules, 0.0)
    for n in range(unsigned(core.shape[1])):
        condition, own, by = core[CONDITION, n], rules.proximal, 1.0
        if n >= delivered:
            own -= w.place[0, n - delivered]
        elif n >= places:
            k = n - places
            own = max(level[STEEP, k], rules.proximal)
            if level[SUPPLIED, k] > 0.0:
                condition, by = core[Z, n] - level[TARGET, k], level[GIVES, k]
                own = 1.0 / by
        tested = core[TESTED, n]
        low, high = (core[Z, n] - core[LOWER, n]) / tested, (core[Z, n] - core[UPPER, n]) / tested
        free = high < condition < low and core[UPPER, n] > core[LOWER, n]
        core[HELD, n], core[DIAGONAL, n] = 0.0 if free else 1.0, own
        core[RIGHT, n] = -condition / by if free else -min(max(condition, high), low) * tested
    for e in range(route.shape[1]):
        used = route[OPEN, e] > 0.0 and route[LOSS, e] < route[FLOW, e]
        route[WEIGHT, e] = 1.0 / rules.proximal if used else 0.0
        route[MOVED, e] = -route[LOSS, e] / rules.proximal if used else -route[FLOW, e]
    factor(w)
    solve(w)
    for k in range(levels):
        n = places + k
        if w.cost[k, CURVED] > 0.0:
            at = core[Z, n], level[COST, k], core[CONDITION, n], core[MOVE, n]
            core[MOVE, n] = min(core[MOVE, n], highest_level(w.cost, k, at, rules) - core[Z, n])
    for n in range(core.shape[1]):
        core[Z, n] = min(max(core[Z, n] + core[MOVE, n], core[LOWER, n]), core[UPPER, n])
    for e in range(route.shape[1]):
        flow = route[FLOW, e] + route[MOVED, e] - route[WEIGHT, e] * route[RISE, e]
        route[FLOW, e] = max(flow, 0.0) * route[OPEN, e]


@compiled
def residual(core: Array, route: Array) -> float:
    """Largest natural residual where conditions were evaluated; not a number counts as infinite."""
    size = 0.0
    for n in range(core.shape[1]):
        z = core[Z, n]
        own = abs(min(max(core[CONDITION, n], z - core[UPPER, n]), z - core[LOWER, n]))
        if not own <= size:
            size = own if np.isfinite(own) else np.inf
    for e in range(route.shape[1]):
        own = abs(min(route[LOSS, e], route[FLOW, e])) if route[OPEN, e] > 0.0 else 0.0
        if not own <= size:
            size = own if np.isfinite(own) else np.inf
    return size


@compiled
def search(w: Room, rules: Rules, gap: float) -> tuple[int, float]:
    """From the start to a solution, if these steps find it; steps and residual."""
    pairs = begin(w, rules, gap)
    steps = 0
    for _ in range(rules.interior_steps):
        sound = interior_step(w, rules, pairs)
        steps += 1
        if ready(w.core, w.route, rules.ready):
            break  # a distance may have drowned in rounding: exact steps do not need it
        if not sound:
            return steps, np.inf
    size = np.inf
    for n in range(rules.exact_steps + 1):
        evaluate(w)
        size = residual(w.core, w.route)
        if not np.isfinite(size) or size <= rules.aim or n == rules.exact_steps:
            break
        exact_step(w, rules)
        steps += 1
    return steps, size


@compiled
def take_in(w: Room, many: Many, n: int) -> None:
    """Bounds, start and routes of one scenario."""
    core, route = w.core, w.route
    wide = core.shape[1]
    for c in range(wide):
        core[LOWER, c], core[UPPER, c] = many.lower[n, c], many.upper[n, c]
        core[Z, c] = min(max(many.z[n, c], core[LOWER, c]), core[UPPER, c])
    slope = n if many.slope.shape[0] > 1 else 0
    constant = n if many.constant.shape[0] > 1 else 0
    for e in range(route.shape[1]):
        route[FLOW, e] = many.z[n, wide + e]
        route[LANDED, e], route[FIXED, e] = many.slope[slope, e], many.constant[constant, e]


def _search_all(stamp: int) -> Callable[[Room, Rules, float, Many], None]:
    """What NumPy code calls; it encloses the stamp of all files (see ``machine``)."""

    @kept
    def search_all(w: Room, rules: Rules, gap: float, many: Many) -> None:
        """Search one scenario after the other."""
        _ = stamp
        core, route = w.core, w.route
        wide = core.shape[1]
        for n in range(many.z.shape[0]):
            take_in(w, many, n)
            many.steps[n], many.size[n] = search(w, rules, gap)
            for c in range(wide):
                many.z[n, c] = core[Z, c]
            for e in range(route.shape[1]):
                many.z[n, wide + e] = route[FLOW, e]

    return search_all


search_all = _search_all(STAMP)
