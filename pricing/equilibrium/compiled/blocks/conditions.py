"""Conditions of the core, losses of routes, and how far a level may go."""

from __future__ import annotations

from typing import Any

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.compiled.blocks.room import (
    BOUGHT,
    CONDITION,
    COST,
    EARNED,
    FIXED,
    FLOW,
    GIVES,
    HIGH,
    LANDED,
    LOSS,
    LOW,
    OUTPUT,
    SOLD,
    STEEP,
    SUPPLIED,
    TARGET,
    Room,
    Rules,
    Z,
)
from pricing.equilibrium.compiled.curves import (
    AT,
    CONSTANT,
    CURVED,
    HEIGHT,
    HIGHEST,
    LEAST,
    LOWEST,
    POWER,
    SLOPE,
    invert,
)
from pricing.equilibrium.compiled.machine import ONE, compiled, reduction, unsigned


@compiled
def read(law: Array, n: Any, value: float) -> tuple[float, float]:
    """A curve and its slope; at zero a power has none, and proximal steps leave it."""
    at = min(max(value, law[n, LOWEST]), law[n, HIGHEST])
    if law[n, CURVED] > 0.0:
        found = law[n, HEIGHT] * (at / law[n, AT]) ** law[n, POWER]
        slope = law[n, POWER] * found / max(at, 1e-300)
    else:
        found, slope = law[n, CONSTANT] + law[n, SLOPE] * at, law[n, SLOPE]
        if not found > law[n, LEAST]:
            found, slope = law[n, LEAST], 0.0
    return found, slope if at == value else 0.0


@compiled
def evaluate(w: Room) -> None:
    """Conditions of the core and losses of routes."""
    core, level, inputs, place = w.core, w.level, w.inputs, w.place
    places = w.places
    delivered = places + unsigned(w.made.size)
    core[CONDITION] = 0.0
    place[0] = 0.0
    _balance(core, w.route, places, w.regions, delivered)
    for k in range(unsigned(w.made.size)):
        x, m = core[Z, places + k], w.made[k]
        found, level[STEEP, k] = read(w.cost, k, x)
        level[COST, k] = found
        core[CONDITION, m] += level[OUTPUT, k] * x
        loss = found - level[EARNED, k] * core[Z, m]
        for u in range(w.first[k], w.first[k + ONE]):
            n = delivered + w.buys[u]
            core[CONDITION, n] -= inputs[0, u] * x
            loss += inputs[1, u] * core[Z, n]
        core[CONDITION, places + k] = loss
    for d in range(unsigned(w.buyers.size)):
        m = w.buyers[d]
        found, slope = read(w.demand, d, core[Z, delivered + m])
        core[CONDITION, delivered + m] -= found
        place[0, m] += slope


@reduction
def _balance(core: Array, route: Array, places: Any, regions: Any, delivered: Any) -> None:
    """Sales, arrivals and losses of routes."""
    for m in range(places):
        total, price = 0.0, core[Z, m]
        start, at = delivered + m // regions * regions, m * regions
        for j in range(regions):
            e, n = at + j, start + j
            total += route[SOLD, e] * route[FLOW, e]
            core[CONDITION, n] += route[BOUGHT, e] * route[FLOW, e]
            route[LOSS, e] = route[LANDED, e] * price + route[FIXED, e] - core[Z, n]
        core[CONDITION, m] = -total


@compiled
def choose_form(w: Room, rules: Rules, duals: float) -> None:
    """How the condition of each level is written: see ``LevelForm``; ``duals`` is zero or one."""
    core, level, law = w.core, w.level, w.cost
    for k in range(unsigned(w.made.size)):
        cost, n = level[COST, k], w.places + k
        margin = cost - core[CONDITION, n] + duals * (core[LOW, n] - core[HIGH, n])
        short, steep = cost - margin, law[k, POWER] > 1.0
        far = abs(short) > rules.near * max(margin, cost, 1.0)
        wanted = (short < 0.0) == steep or (steep and short > rules.overshoot)
        level[SUPPLIED, k] = 0.0
        if law[k, CURVED] > 0.0 and far and wanted and margin > 0.0:
            level[SUPPLIED, k] = 1.0
            level[TARGET, k], level[GIVES, k] = invert(law, k, margin)


@compiled
def highest_level(law: Array, k: Any, at: tuple[float, ...], rules: Rules) -> float:
    """Highest level that a step may reach: there marginal cost is extreme already."""
    z, cost, condition, move = at
    extreme = max(rules.overshoot, rules.steeper * abs(cost - condition))
    if move <= 0.0 and cost <= extreme:
        return np.inf  # it is below already
    if law[k, POWER] * move <= z and 3.0 * cost <= extreme:
        return np.inf  # it stays below: (1 + move / z)^power < 3
    return invert(law, k, extreme)[0]
