"""Interior-point steps with a predictor and a corrector (:mod:`pricing.equilibrium.interior`)."""

from __future__ import annotations

import math

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.compiled.blocks.conditions import choose_form, evaluate, highest_level
from pricing.equilibrium.compiled.blocks.elimination import factor, solve
from pricing.equilibrium.compiled.blocks.room import (
    ABOVE,
    AIM,
    BELOW,
    CONDITION,
    COST,
    DIAGONAL,
    DUAL,
    DUAL_MOVE,
    FLOW,
    FLOW_MOVE,
    GIVE,
    GIVES,
    HELD,
    HIGH,
    HIGH_AIM,
    HIGH_MOVE,
    LOSS,
    LOW,
    LOW_AIM,
    LOW_MOVE,
    LOWER,
    MOVE,
    MOVED,
    OPEN,
    OVER_ABOVE,
    OVER_BELOW,
    OVER_DUAL,
    OVER_FLOW,
    OVER_HIGH,
    OVER_LOW,
    OVER_SIZE,
    RIGHT,
    RISE,
    STEEP,
    SUPPLIED,
    TARGET,
    UPPER,
    WEIGHT,
    Room,
    Rules,
    Z,
)
from pricing.equilibrium.compiled.curves import CURVED
from pricing.equilibrium.compiled.machine import compiled, largest, reduction, unsigned


@compiled
def begin(w: Room, rules: Rules, gap: float) -> float:
    """The interior point nearest to the start; the number of pairs."""
    evaluate(w)
    core, route, count = w.core, w.route, 0
    for n in range(core.shape[1]):
        lower, upper = core[LOWER, n], core[UPPER, n]
        core[LOW, n] = core[HIGH, n] = core[LOW_MOVE, n] = core[HIGH_MOVE, n] = 0.0
        core[HELD, n] = 0.0 if upper > lower else 1.0
        if not upper > lower:
            core[Z, n] = lower
            continue
        distance = _distance(core[Z, n] - lower, core[CONDITION, n], gap, rules.furthest)
        count += 1
        if upper < np.inf:
            room = upper - lower
            distance = min(distance, max(room - 0.1, 0.75 * room))
            core[HIGH, n] = gap / (room - distance)
            count += 1
        core[Z, n], core[LOW, n] = lower + distance, gap / distance
    for e in range(route.shape[1]):
        route[FLOW, e] = _distance(route[FLOW, e], route[LOSS, e], gap, rules.furthest)
        route[DUAL, e], route[DUAL_MOVE, e] = gap / route[FLOW, e], 0.0
        if route[OPEN, e] > 0.0:
            count += 1
        else:
            route[FLOW, e], route[DUAL, e] = 0.0, 1.0
    return float(count)


@compiled
def _distance(distance: float, condition: float, gap: float, furthest: float) -> float:
    """The larger of two numbers whose product is the gap, and whose difference is given."""
    bent = 0.0 if np.isnan(condition) else min(max(condition, -furthest), furthest)
    difference = distance - bent
    return 0.5 * (difference + math.sqrt(difference * difference + 4.0 * gap))


@compiled
def interior_step(w: Room, rules: Rules, pairs: float) -> bool:
    """One step with a predictor and a corrector; whether there was one."""
    core, route = w.core, w.route
    evaluate(w)
    measure(core, route, rules.held_back)
    core[MOVE] = 0.0
    route[FLOW_MOVE] = 0.0
    gap = complementarity(core, route, 0.0) / pairs
    linearise(w, rules)
    core[LOW_AIM] = 0.0
    core[HIGH_AIM] = 0.0
    route[AIM] = 0.0
    head(w)
    length = min(1.0, reach(core, route), growth(core, rules.grow))
    share = (complementarity(core, route, length) / pairs / gap) ** 3
    share = min(max(share, rules.least_aim), 1.0)
    most = rules.corrected * gap
    if length < rules.blocked:
        share, most = max(share, rules.blocked_aim), 0.0
    _correct(core, route, gap * share, most)
    head(w)
    inside = max(rules.inside, 1.0 - 10.0 * gap) if length > 0.9 else rules.inside
    length = min(1.0, inside * reach(core, route), growth(core, rules.grow))
    return _take(w, rules, length)


@compiled
def measure(core: Array, route: Array, held_back: float) -> None:
    """Distances from bounds, and one over them and their duals; how far flows give way."""
    for n in range(core.shape[1]):
        free = core[HELD, n] == 0.0
        bounded = free and core[UPPER, n] < np.inf
        below, above = core[Z, n] - core[LOWER, n], core[UPPER, n] - core[Z, n]
        core[BELOW, n], core[ABOVE, n] = below if free else 0.0, above if bounded else 0.0
        core[OVER_BELOW, n] = 1.0 / below if free else 0.0
        core[OVER_ABOVE, n] = 1.0 / above if bounded else 0.0
        core[OVER_LOW, n] = 1.0 / core[LOW, n] if free else 0.0
        core[OVER_HIGH, n] = 1.0 / core[HIGH, n] if bounded else 0.0
        core[OVER_SIZE, n] = 1.0 / max(core[Z, n], 0.1)
    for e in range(route.shape[1]):
        flow, dual = route[FLOW, e], route[DUAL, e]
        give = 1.0 / (dual + held_back * min(flow, 1.0 / max(flow, 1.0)))
        route[OVER_DUAL, e], route[GIVE, e] = 1.0 / dual, give
        route[OVER_FLOW, e] = 1.0 / flow if flow > 0.0 else 0.0
        route[WEIGHT, e] = flow * give


@reduction
def complementarity(core: Array, route: Array, far: float) -> float:
    """Sum over pairs after a move of some length."""
    total = 0.0
    for n in range(core.shape[1]):
        change = far * core[MOVE, n]
        low, high = core[LOW, n] + far * core[LOW_MOVE, n], core[HIGH, n] + far * core[HIGH_MOVE, n]
        total += (core[BELOW, n] + change) * low + (core[ABOVE, n] - change) * high
    for e in range(route.shape[1]):
        flow = route[FLOW, e] + far * route[FLOW_MOVE, e]
        total += flow * (route[DUAL, e] + far * route[DUAL_MOVE, e])
    return total


@compiled
def linearise(w: Room, rules: Rules) -> None:
    """Diagonals of an interior step, factored."""
    core, level = w.core, w.level
    delivered = w.places + unsigned(w.made.size)
    choose_form(w, rules, 1.0)
    for n in range(core.shape[1]):
        low, high = core[LOW, n] * core[OVER_BELOW, n], core[HIGH, n] * core[OVER_ABOVE, n]
        held = max(core[Z, n], 1.0)
        core[DIAGONAL, n] = low + high + rules.held_back / (held * held)
    for k in range(unsigned(w.made.size)):
        own = 1.0 / level[GIVES, k] if level[SUPPLIED, k] > 0.0 else level[STEEP, k]
        core[DIAGONAL, w.places + k] += own
    for m in range(w.places):
        core[DIAGONAL, delivered + m] -= w.place[0, m]
    factor(w)


@compiled
def head(w: Room) -> None:
    """Newton's move to pairs of the complementarity aimed at."""
    core, level, route = w.core, w.level, w.route
    for n in range(core.shape[1]):
        low = core[LOW_AIM, n] * core[OVER_BELOW, n] - core[LOW, n]
        high = core[HIGH_AIM, n] * core[OVER_ABOVE, n] - core[HIGH, n]
        core[LOW_MOVE, n], core[HIGH_MOVE, n] = low, high
        given = core[LOW, n] - core[HIGH, n] - core[CONDITION, n] + low - high
        core[RIGHT, n] = given if core[HELD, n] == 0.0 else 0.0
    for k in range(unsigned(w.made.size)):
        n = w.places + k
        if level[SUPPLIED, k] > 0.0 and core[HELD, n] == 0.0:
            excess = (level[TARGET, k] - core[Z, n]) / level[GIVES, k]
            core[RIGHT, n] = excess + core[LOW_MOVE, n] - core[HIGH_MOVE, n]
    for e in range(route.shape[1]):
        moved = (route[AIM, e] - route[FLOW, e] * route[LOSS, e]) * route[GIVE, e]
        route[MOVED, e] = moved * route[OPEN, e]
    solve(w)
    for n in range(core.shape[1]):
        move = core[MOVE, n]
        core[LOW_MOVE, n] -= core[LOW, n] * core[OVER_BELOW, n] * move
        core[HIGH_MOVE, n] += core[HIGH, n] * core[OVER_ABOVE, n] * move
    for e in range(route.shape[1]):
        change = route[MOVED, e] - route[WEIGHT, e] * route[RISE, e]
        other = (route[AIM, e] - route[DUAL, e] * change) * route[OVER_FLOW, e] - route[DUAL, e]
        route[FLOW_MOVE, e], route[DUAL_MOVE, e] = change, other * route[OPEN, e]


@largest
def reach(core: Array, route: Array) -> float:
    """How far a move can go before a distance or a dual is zero."""
    closing = 1e-3
    for n in range(core.shape[1]):
        low = -core[MOVE, n] * core[OVER_BELOW, n]
        high = core[MOVE, n] * core[OVER_ABOVE, n]
        more = low if low > high else high
        closing = more if more > closing else closing
    for n in range(core.shape[1]):
        low = -core[LOW_MOVE, n] * core[OVER_LOW, n]
        high = -core[HIGH_MOVE, n] * core[OVER_HIGH, n]
        more = low if low > high else high
        closing = more if more > closing else closing
    for e in range(route.shape[1]):
        flow = -route[FLOW_MOVE, e] * route[OVER_FLOW, e]
        dual = -route[DUAL_MOVE, e] * route[OVER_DUAL, e]
        more = flow if flow > dual else dual
        closing = more if more > closing else closing
    return 1.0 / closing


@largest
def growth(core: Array, grow: float) -> float:
    """Longest step that keeps prices and levels from growing too fast."""
    most = 1e-300
    for n in range(core.shape[1]):
        rise = core[MOVE, n] * core[OVER_SIZE, n]
        most = rise if rise > most else most
    return grow / most


@compiled
def _correct(core: Array, route: Array, target: float, most: float) -> None:
    """Aims less the products of the first move's changes, which a linear system leaves out."""
    for n in range(core.shape[1]):
        low, high = core[MOVE, n] * core[LOW_MOVE, n], -core[MOVE, n] * core[HIGH_MOVE, n]
        core[LOW_AIM, n] = target - min(max(low, -most), most)
        core[HIGH_AIM, n] = target - min(max(high, -most), most)
    for e in range(route.shape[1]):
        product = route[FLOW_MOVE, e] * route[DUAL_MOVE, e]
        route[AIM, e] = target - min(max(product, -most), most)


@compiled
def _take(w: Room, rules: Rules, length: float) -> bool:
    """Take a move; no level goes higher than its highest. Whether every distance is left."""
    core, level, route, sound = w.core, w.level, w.route, True
    for k in range(unsigned(w.made.size)):
        n = w.places + k
        if core[HELD, n] == 0.0 and w.cost[k, CURVED] > 0.0:
            lower, old = core[LOWER, n], core[Z, n]
            at = old, level[COST, k], core[CONDITION, n], core[MOVE, n]
            highest = highest_level(w.cost, k, at, rules)
            highest = max(highest, lower + 0.1 * (old - lower))
            if old + length * core[MOVE, n] > highest:
                core[MOVE, n] = (highest - old) / length
    for n in range(core.shape[1]):
        if core[HELD, n] == 0.0:
            core[Z, n] += length * core[MOVE, n]
            core[LOW, n] += length * core[LOW_MOVE, n]
            core[HIGH, n] += length * core[HIGH_MOVE, n]
            sound &= core[LOWER, n] < core[Z, n] < core[UPPER, n]
    for e in range(route.shape[1]):
        route[FLOW, e] += length * route[FLOW_MOVE, e]
        route[DUAL, e] += length * route[DUAL_MOVE, e]
    return sound


@compiled
def ready(core: Array, route: Array, most: float) -> bool:
    """Whether every pair has found its side."""
    for n in range(core.shape[1]):
        if core[HELD, n] == 0.0:
            if not min(core[Z, n] - core[LOWER, n], core[LOW, n]) < most:
                return False
            above = core[UPPER, n] - core[Z, n]
            if core[UPPER, n] < np.inf and not min(above, core[HIGH, n]) < most:
                return False
    apart = 0
    for e in range(route.shape[1]):
        apart += not min(route[FLOW, e], route[DUAL, e]) < most
    return apart == 0
