"""Landed prices, shares, tonnes and payments, and the conditions that they make."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pricing.chains.network import Array
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
from pricing.equilibrium.compiled.logit.net import (
    BELOW,
    BOUND,
    BY_FREIGHT,
    BY_PRICE,
    BY_RENT,
    CARRIAGE,
    CHARGES,
    COMPARED,
    COMPARED_FREIGHT,
    COMPARED_RENT,
    CONDITION,
    CONTRACT,
    COST,
    COUNTS,
    CUTS,
    DEMANDS,
    DOWN,
    FALL,
    FIXED,
    FOB_GAIN,
    FREIGHT_GAIN,
    GAP_GAIN,
    GIVES,
    HIGH,
    INDEX,
    KEEN,
    LANDED,
    LANDED_CONSTANT,
    LANDED_SLOPE,
    LIGHT,
    LINEAR,
    LOG_WEIGHT,
    LOW,
    LOWER,
    LOWERS,
    MARGIN,
    NOWHERE,
    OUTPUT,
    OVER,
    OWN,
    PAYS,
    PER_TONNE,
    PRICED,
    READ,
    READS,
    REFERENCE,
    RENT,
    SHARE,
    SHORT,
    SPOT,
    STEEP,
    STEEPNESS,
    STRIKE,
    SUPPLIED,
    TARGET,
    TOP_UP,
    TOP_UPS,
    TOTAL,
    UNIT,
    UP,
    UP_FROM,
    UPPER,
    USES,
    VALUE,
    Net,
    Search,
    Z,
)
from pricing.equilibrium.compiled.machine import ONE, compiled, unsigned


@compiled
def read(law: Array, n: Any, value: float) -> tuple[float, float]:
    """A curve and its slope; at zero a power has that of a point next to it, as in NumPy."""
    at = min(max(value, law[n, LOWEST]), law[n, HIGHEST])
    if law[n, CURVED] > 0.0:
        base = max(at, 1e-300)
        found = law[n, HEIGHT] * (base / law[n, AT]) ** law[n, POWER]
        slope = law[n, POWER] * found / base
    else:
        found, slope = law[n, CONSTANT] + law[n, SLOPE] * at, law[n, SLOPE]
        if not found > law[n, LEAST]:
            found, slope = law[n, LEAST], 0.0
    return found, slope if at == value else 0.0


@compiled
def evaluate(w: Net) -> None:
    """Conditions, scaled."""
    core, level = w.core, w.level
    for n in range(core.shape[1]):
        core[CONDITION, n] = core[FIXED, n]
    for t in range(w.starts[LINEAR, 0], w.starts[LINEAR, 1]):
        core[CONDITION, w.links[1, t]] += w.weights[0, t] * core[Z, w.links[0, t]]
    land(w)
    share(w)
    trade(w)
    if w.payment.shape[1] > 0:
        pay(w)
    for n in range(core.shape[1]):
        core[CONDITION, n] *= core[OVER, n]
    for k in range(w.levels):
        n = w.places + k
        level[MARGIN, k] = -core[CONDITION, n]
        if level[READ, k] != core[Z, n]:  # many plants stay at capacity
            level[READ, k] = core[Z, n]
            level[COST, k], level[STEEP, k] = read(w.cost, k, core[Z, n])
        core[CONDITION, n] += level[COST, k]


@compiled
def land(w: Net) -> None:
    """Landed prices and their slopes."""
    arc, z, weights, links = w.arc, w.core[Z], w.weights, w.links
    arc[LANDED] = 0.0
    arc[RENT] = 0.0
    arc[CARRIAGE] = 0.0
    for t in range(w.starts[CHARGES, 0], w.starts[CHARGES, w.places]):
        e, by = links[1, t], z[links[0, t]]
        if by != 0.0:
            arc[LANDED, e] += weights[0, t] * by
            arc[RENT, e] += weights[1, t] * by
            arc[CARRIAGE, e] += weights[2, t] * by
    for e in range(unsigned(w.origin.size)):
        slope, rent, freight = arc[LANDED_SLOPE, e], arc[FOB_GAIN, e], arc[FREIGHT_GAIN, e]
        arc[LANDED, e] += slope * z[w.origin[e]] + arc[LANDED_CONSTANT, e]
        arc[LANDED, e] += rent * arc[RENT, e] + freight * arc[CARRIAGE, e]
        arc[BY_PRICE, e], arc[BY_RENT, e], arc[BY_FREIGHT, e] = slope, rent, freight
    for e in range(unsigned(w.origin.size)):
        highest, own = 0.0, unsigned(0)  # lift of the landed price
        for q in range(w.top_ups):
            row = unsigned(TOP_UPS) + q * unsigned(TOP_UP)
            gap = (
                arc[row + unsigned(REFERENCE), e]
                - arc[row + unsigned(COMPARED), e] * z[w.origin[e]]
            )
            gap -= arc[row + unsigned(COMPARED_RENT), e] * arc[RENT, e]
            gap -= arc[row + unsigned(COMPARED_FREIGHT), e] * arc[CARRIAGE, e]
            lift = arc[row + unsigned(GAP_GAIN), e] * gap
            if lift > highest:
                highest, own = lift, row
        if highest > 0.0:
            gain = arc[own + unsigned(GAP_GAIN), e]
            arc[LANDED, e] += highest
            arc[BY_PRICE, e] -= gain * arc[own + unsigned(COMPARED), e]
            arc[BY_RENT, e] -= gain * arc[own + unsigned(COMPARED_RENT), e]
            arc[BY_FREIGHT, e] -= gain * arc[own + unsigned(COMPARED_FREIGHT), e]


@compiled
def share(w: Net) -> None:
    """Shares and price indices of the logit law."""
    arc, place = w.arc, w.place
    for b in range(w.places):
        first, last, keen = w.first[b], w.first[b + ONE], place[KEEN, b]
        if first == last:
            place[INDEX, b] = place[NOWHERE, b]
            continue
        top, total = -np.inf, 0.0
        for e in range(first, last):
            utility = arc[LOG_WEIGHT, e] - keen * arc[LANDED, e]
            arc[SHARE, e] = utility
            top = max(top, utility)
        for e in range(first, last):
            weight = math.exp(arc[SHARE, e] - top)
            arc[SHARE, e] = weight
            total += weight
        for e in range(first, last):
            arc[SHARE, e] /= total
        place[INDEX, b] = -(math.log(total) + top) / keen


@compiled
def trade(w: Net) -> None:
    """Tonnes of buyers, and what they and price indices do to conditions."""
    arc, place, core, weights, links, starts = w.arc, w.place, w.core, w.weights, w.links, w.starts
    for b in range(w.places):
        index, spot, fall = place[INDEX, b], 0.0, 0.0
        for t in range(starts[LOWERS, b], starts[LOWERS, b + ONE]):
            index -= weights[0, t] * core[Z, links[0, t]]
        for t in range(starts[USES, b], starts[USES, b + ONE]):
            spot += weights[0, t] * core[Z, links[0, t]]
        for t in range(starts[DEMANDS, b], starts[DEMANDS, b + ONE]):
            found, slope = read(w.demand, links[0, t], index)
            served = 1.0 - weights[0, t] * core[Z, links[1, t]]
            weights[1, t] = found
            spot += found * served
            fall += slope * served
        for t in range(starts[READS, b], starts[READS, b + ONE]):
            core[CONDITION, links[1, t]] += weights[0, t] * index
        spot -= place[BOUND, b]
        own = place[KEEN, b] * spot
        place[INDEX, b], place[SPOT, b] = index, spot
        place[FALL, b], place[OWN, b], place[TOTAL, b] = fall, own, fall + own
        for e in range(w.first[b], w.first[b + ONE]):
            core[CONDITION, w.origin[e]] -= arc[SHARE, e] * spot + arc[CONTRACT, e]
        for t in range(starts[COUNTS, b], starts[COUNTS, b + ONE]):
            e = links[0, t]
            flow = arc[SHARE, e] * spot + arc[CONTRACT, e]
            core[CONDITION, links[1, t]] -= weights[0, t] * flow


@compiled
def pay(w: Net) -> None:
    """Payments on output at the margin, and what conditions count of them."""
    core, payment, weights, links, starts = w.core, w.payment, w.weights, w.links, w.starts
    w.support[:] = 0.0
    for t in range(starts[CUTS, 0], starts[CUTS, 1]):
        w.support[0, links[1, t]] += weights[0, t] * core[Z, links[0, t]]
    payment[SHORT] = 0.0
    for t in range(starts[PRICED, 0], starts[PRICED, 1]):
        payment[SHORT, links[1, t]] += weights[0, t] * core[Z, links[0, t]]
    for s in range(unsigned(payment.shape[1])):
        k, q, price = w.paying[0, s], w.paying[1, s], payment[SHORT, s]
        below, above = price < payment[STRIKE, s], price > payment[UP_FROM, s]
        short = payment[DOWN, s] * (payment[STRIKE, s] - price) if below else 0.0
        excess = payment[UP, s] * (price - payment[UP_FROM, s]) if above else 0.0
        kept, made = 1.0 - w.support[0, q], payment[PER_TONNE, s]
        payment[SHORT, s] = short
        payment[BELOW, s] = payment[DOWN, s] if below else 0.0
        payment[STEEPNESS, s] = -payment[BELOW, s] * kept - (payment[UP, s] if above else 0.0)
        payment[OUTPUT, s] = core[Z, k] * core[UNIT, k] * made
        core[CONDITION, k] -= made * (short * kept - excess)
        w.support[1, q] += short * payment[OUTPUT, s]
    for t in range(starts[PAYS, 0], starts[PAYS, 1]):
        q = links[0, t]
        counted = weights[0, t] + weights[1, t] * (1.0 - w.support[0, q])
        core[CONDITION, links[1, t]] -= counted * w.support[1, q]


@compiled
def choose_form(w: Net, rules: Search) -> None:
    """How the condition of each level is written: see ``LevelForm``."""
    core, level, law = w.core, w.level, w.cost
    for k in range(w.levels):
        cost, margin, n = level[COST, k], level[MARGIN, k], w.places + k
        short, steep = cost - margin, law[k, POWER] > 1.0
        far = abs(short) > rules.near * max(margin, cost, 1.0)
        wanted = (short < 0.0) == steep or (steep and short > rules.overshoot)
        level[SUPPLIED, k] = 0.0
        if law[k, CURVED] > 0.0 and far and wanted and margin > 0.0:
            level[SUPPLIED, k] = 1.0
            level[TARGET, k], level[GIVES, k] = invert(law, k, margin)
            core[CONDITION, n] = core[Z, n] - level[TARGET, k]


@compiled
def measure(w: Net, rules: Search) -> tuple[float, float]:
    """Largest natural residual and merit; infinite where they are not numbers."""
    core, size, merit, lost = w.core, 0.0, 0.0, 0
    evaluate(w)
    for n in range(core.shape[1]):
        low, high = core[Z, n] - core[LOWER, n], core[Z, n] - core[UPPER, n]
        own = abs(min(max(core[CONDITION, n], high), low))
        size = own if own > size else size
        lost += core[CONDITION, n] != core[CONDITION, n]
        core[LOW, n], core[HIGH, n] = low * core[LIGHT, n], high * core[LIGHT, n]
    choose_form(w, rules)
    for n in range(core.shape[1]):
        value = min(max(core[CONDITION, n], core[HIGH, n]), core[LOW, n])
        core[VALUE, n] = value
        merit += value * value
    if lost > 0 or not (size < np.inf and merit < np.inf):
        return np.inf, np.inf
    return size, merit
