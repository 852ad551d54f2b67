r"""Exporters who set prices: markups that are best against the demand that rivals leave.

An exporter group charges every buyer abroad ``weight`` of the markup ``m`` that solves

.. math:: f_a + \sum_b m_b \, \partial f_b / \partial s_a = 0

over its routes ``a, b`` to that buyer, where ``s`` is what it adds to its invoice and the slopes
are those of residual demand: rivals' prices, plants and sales move along the conditions of the
model; its own ex-works price and plants stay (they are its marginal cost), and so do levies and
quota rents, which it takes as given. With rivals' tonnes fixed (Cournot) the markup at the buyer's
door is ``(1 - S) / theta + S P / eps``, with the group's share ``S``.

Marginal cost of selling to a buyer is the ex-works price less the base-year markup, so that the
base year holds. Where a levy tops up to a reference price, a tonne that is invoiced up to it costs
the buyer nothing more: the exporter takes the gap. Markups are held fixed in every solve, as
multipliers of limits; the fixed point of solve and markup is found by Anderson steps and checked.

References
----------
.. [1] H. F. Walker and P. Ni, "Anderson acceleration for fixed-point iterations", SIAM J. Numer.
   Anal. 49(4), 2011.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.economics.sourcing import Law
from pricing.equilibrium.conditions import scaled_conditions
from pricing.equilibrium.jacobian import jacobian
from pricing.equilibrium.places import whole
from pricing.equilibrium.program import Program
from pricing.equilibrium.solver import PROMISE, Diagnostics, Method, solve
from pricing.equilibrium.state import State
from pricing.errors import Fault, InputError, NoEquilibriumError

AIM = 1e-10
"""Largest scaled miss of a markup that ends the iteration [1]."""
MOST_ROUNDS = 80
"""Solves before it is given up."""
MEMORY = 6
"""Rounds that an Anderson step looks back."""
REMEDY = (
    "No markup is best there: with a small share a higher elasticity of sourcing, with a large one "
    "a higher elasticity of demand, or a smaller weight of market power, gives one."
)


def solve_with_conduct(
    program: Program, guess: Array | None = None
) -> tuple[Program, Array, State, Diagnostics]:
    """Solve one program, and find the markups of exporters who set prices.

    Returns
    -------
    program : Program
        The program with markups held at their values.
    z, state, diagnostics
        As from :func:`pricing.equilibrium.solver.solve`; the residual counts markups too.

    Raises
    ------
    NoEquilibriumError
        If its conditions cannot be met, or no markup is best.
    """
    if not program.network.sellers.arc.size:
        return program, *solve(program, guess)
    return _Rounds(program).run(np.zeros(program.network.sellers.arc.size))


def from_other_markups(program: Program) -> Array | None:
    """Scaled unknowns reached from markups half as high again; None where none are."""
    try:
        return _Rounds(program).run(0.5 * program.network.sellers.base)[1]
    except NoEquilibriumError:
        return None


class _Rounds:
    """Solves so far, with what every one added to prices and by how much that missed."""

    def __init__(self, program: Program) -> None:
        self.program, self.sellers = program, program.network.sellers
        good = self.sellers.arc // len(program.network.regions) ** 2
        self.scale = program.network.setting.price_scale[good]
        self.added: list[Array] = []
        self.missed: list[Array] = []
        self.steps = 0

    def run(self, add: Array) -> tuple[Program, Array, State, Diagnostics]:
        """Iterate to the fixed point from what is added at first (C,) [USD/t]."""
        guess = None
        for _ in range(MOST_ROUNDS):
            held = with_markups(self.program, add)
            z, state, found = solve(held, guess)
            self.steps += found.iterations
            wanted = wanted_additions(held, z, state)
            if not np.isfinite(wanted).all():
                if not self.added:
                    self._refuse(state, wanted)
                add = 0.5 * (add + self.added[-1])
                continue
            miss = (wanted - add) / self.scale
            worst = int(np.argmax(np.abs(miss)))
            if abs(miss[worst]) <= AIM:
                return held, z, state, self._diagnostics(found, miss, worst)
            guess = z
            self.added.append(add)
            self.missed.append(wanted - add)
            add = self._next()
        self._refuse(state, wanted)
        raise AssertionError

    def _diagnostics(self, found: Diagnostics, miss: Array, worst: int) -> Diagnostics:
        """Of the last solve, with the largest miss of a markup where that is the worst."""
        size, name = found.residual, found.worst
        if abs(miss[worst]) > size:
            size, name = float(abs(miss[worst])), self._name(worst)
        assert size <= PROMISE
        return Diagnostics(size, name, self.steps, Method(found.method))

    def _name(self, seller: int) -> str:
        first = len(self.program.limits) - self.sellers.arc.size
        return self.program.limits[first + seller].name

    def _next(self) -> Array:
        """Anderson step from the last rounds."""
        add, miss = self.added[-MEMORY:], self.missed[-MEMORY:]
        plain = add[-1] + miss[-1]
        if len(add) == 1:
            return plain
        moves = np.diff(np.array(add), axis=0).T
        changes = np.diff(np.array(miss), axis=0).T
        mix = np.linalg.lstsq(changes, miss[-1], rcond=1e-12)[0]
        return np.asarray(plain - (moves + changes) @ mix)

    def _refuse(self, state: State, wanted: Array) -> None:
        """Raise the error that names elasticity, share and remedy."""
        network, arcs = self.program.network, self.sellers.arc
        miss = np.abs(self.missed[-1]) / self.scale if self.missed else np.full(arcs.size, np.inf)
        bad = ~np.isfinite(wanted)
        n = int(np.argmax(bad)) if bad.any() else int(np.argmax(miss))
        g, i, j = np.unravel_index(arcs[n], network.flow.shape)
        share = float(state.flow[0, g, i, j] / max(state.flow[0, g, :, j].sum(), 1e-300))
        condition = (
            f"{self._name(n)}, with {share:.0%} of the buyer's use and the elasticity "
            f"'{self.sellers.elasticity[n]}' at {network.sigma[g]:.3g}"
        )
        raise NoEquilibriumError(self.program.name, condition, float(miss[n]), REMEDY)


def base_markups(program: Program, z: Array, state: State) -> Array:
    """(C,) markups of the base year, where prices are those of the data [USD/t].

    Raises
    ------
    InputError
        With every route where no markup is best, or it is not below the price.
    """
    network, sellers = program.network, program.network.sellers
    places = np.unravel_index(sellers.arc, network.flow.shape)
    slope, constant = (
        np.broadcast_to(a, network.flow.shape)[places] for a in program.charges.export
    )
    price = state.price[0][places[0], places[1]] * slope + constant
    stated = price * sellers.rate / (1.0 + sellers.rate)
    best = sellers.weight * markups(program, z, state) + stated
    faults = []
    for n in np.flatnonzero(~(best < price)):
        g, i, j = (int(axis[n]) for axis in places)
        share = float(state.flow[0, g, i, j] / max(state.flow[0, g, :, j].sum(), 1e-300))
        most = f"of {best[n] / price[n]:.2g} times the price" if best[n] > 0.0 else "without end"
        problem = (
            f"the best markup on {network.goods[g]} from {network.regions[i]} to "
            f"{network.regions[j]} would be {most}: it has {share:.0%} of that buyer's use, with "
            f"the elasticity '{sellers.elasticity[n]}' at {network.sigma[g]:.3g}"
        )
        remedy = (
            "Lower the weight, raise that elasticity or the elasticity of demand, or leave this "
            "buyer out of 'destinations'"
        )
        faults.append(Fault(problem, f"assumptions.conduct.{sellers.group[n]}", remedy=remedy))
    if faults:
        raise InputError(faults)
    return np.asarray(best)


def with_markups(program: Program, add: Array) -> Program:
    """The program with what exporters add to base-year prices (C,) held at numbers [USD/t]."""
    part = slice(program.multiplier_part.stop - add.size, program.multiplier_part.stop)
    bounds = []
    for bound in (program.lower, program.upper):
        held = np.array(bound)
        held[:, part] = add / program.scale[part]
        bounds.append(held)
    return replace(program, lower=bounds[0], upper=bounds[1])


def wanted_additions(program: Program, z: Array, state: State) -> Array:
    """(C,) what exporters would add to base-year prices at a solution; NaN for no best markup."""
    sellers = program.network.sellers
    markup = sellers.weight * markups(program, z, state)
    slope, constant = (np.broadcast_to(a, program.open_arcs.shape) for a in program.charges.export)
    origin = np.unravel_index(sellers.arc, program.open_arcs.shape)
    price = state.price[0][origin[0], origin[1]]
    cost = price * slope[origin] + constant[origin] - sellers.base
    wanted = markup + sellers.rate * cost - sellers.base
    first = program.multiplier_part.stop - sellers.arc.size
    now = (z * program.scale)[0, first : program.multiplier_part.stop]
    for levy in program.charges.levies:
        gain = np.broadcast_to(levy.rent_gain, program.open_arcs.shape)[origin]
        compared = np.broadcast_to(levy.slope, program.open_arcs.shape)[origin] * price
        compared = compared + np.broadcast_to(levy.constant, program.open_arcs.shape)[origin]
        compared = compared + gain * state.seller_rent[0][origin]
        filled = now + (levy.reference[0][origin] - compared) / gain
        wanted = np.where(sellers.weight > 0.0, np.maximum(wanted, filled), wanted)
    return np.where(state.flow[0][origin] > 0.0, wanted, 0.0)


def markups(program: Program, z: Array, state: State) -> Array:
    """(C,) markups that are best at a solution; NaN for none, zero for stated ones [USD/t].

    Routes that are shut have none either: they get zero.
    """
    sellers, shape = program.network.sellers, program.open_arcs.shape
    best = np.zeros(sellers.arc.size)
    good, _, buyer = np.unravel_index(sellers.arc, shape)
    gain = np.broadcast_to(program.charges.landed.rent, shape).ravel()
    slopes = np.array(np.broadcast_to(state.rent_slope, state.flow.shape))
    slopes.reshape(-1)[sellers.arc] = gain[sellers.arc]  # a levy's gap is taken, not left
    plain = replace(state, rent_slope=slopes)
    free = (sellers.weight > 0.0) & (state.flow[0].ravel()[sellers.arc] > 0.0)
    residual = _Residual.of(program, z, plain) if (free & ~sellers.fixed).any() else None
    for group, g, j in sorted(set(zip(sellers.group[free], good[free], buyer[free], strict=True))):
        routes = np.flatnonzero(free & (sellers.group == group) & (buyer == j))
        flow = state.flow[0].ravel()[sellers.arc[routes]]
        if sellers.fixed[routes[0]]:
            door = _cournot(program, state, routes, g, j)
            best[routes] = door / gain[sellers.arc[routes]]
            continue
        assert residual is not None
        best[routes] = _best(flow, residual.slopes(routes))
    return np.where(best > 0.0, best, np.where(free, np.nan, 0.0))


def _cournot(program: Program, state: State, routes: IntArray, good: int, buyer: int) -> Array:
    """Best markups of one group at one buyer's door, with the tonnes of rivals fixed [USD/t].

    ``(1 - S) / theta + sum f / U'`` under ``logit``, with the group's share of the tonnes. Under
    ``armington`` it is a share of each landed price, ``(1 - S) / sigma + S / eps``, with its share
    of the value and the elasticity ``eps`` of the composite in its price index.
    """
    network, arcs = program.network, program.network.sellers.arc[routes]
    flow, landed = state.flow[0].ravel()[arcs], state.landed[0].ravel()[arcs]
    elastic = _use_slope(program, state, good, buyer)
    with np.errstate(divide="ignore"):
        if network.law[good] is not Law.ARMINGTON:
            share = flow.sum() / state.flow[0, good, :, buyer].sum()
            door = (1.0 - share) / network.theta[good, buyer] + flow.sum() / elastic
            return np.full(flow.size, door)
        spent = float((flow * landed).sum())
        index, use = state.index[0, good, buyer], state.use[0, good, buyer]
        share = spent / (index * use)
        return np.asarray(
            landed * ((1.0 - share) / network.sigma[good] + spent / elastic / index**2)
        )


def _best(flow: Array, slopes: Array) -> Array:
    """Markups of one group at one buyer; NaN where demand does not fall in every direction."""
    falling = np.linalg.eigvalsh(-(slopes + slopes.T))
    if not np.isfinite(slopes).all() or falling.min() <= 0.0:
        return np.full(flow.size, np.nan)
    return np.asarray(np.linalg.solve(-slopes.T, flow))


def _use_slope(program: Program, state: State, good: int, buyer: int) -> float:
    """What a buyer's use falls by with its own price: final users, and plants at given outputs."""
    network, place = program.network, good * len(program.network.regions) + buyer
    flat = state.index.reshape(1, -1)
    slope = network.demand.demanded_slope(flat[:, program.lasting.demand_place], state.shift)
    final = -float(((slope * state.served) @ program.lasting.demand_map)[0, place])
    per_level = state.inputs[0, :, good] * (network.process_region == buyer)
    inside = running(program, state) & (per_level > 0.0)
    with np.errstate(divide="ignore"):
        moves = 1.0 / program.supply.marginal_cost_slope(state.level)[0]
    return final + float((per_level**2 * np.where(inside, moves, 0.0)).sum())


def running(program: Program, state: State) -> Array:
    """(K,) processes strictly between their lowest and highest level."""
    part, scale = program.level_part, program.network.level_scale
    level = state.level[0] / scale
    return np.asarray((level > program.lower[0, part]) & (level < program.upper[0, part]))


class _Residual:
    """The linear system of rivals' responses at a solution."""

    def __init__(self, program: Program, matrix: Array, inside: BoolArray) -> None:
        self.program, self.matrix, self.inside = program, matrix, inside

    @classmethod
    def of(cls, program: Program, z: Array, state: State) -> _Residual:
        """Derivatives of all conditions, and which of them hold as equations."""
        matrix, part = whole(program, jacobian(program, state))[0], program.level_part
        with np.errstate(over="ignore", invalid="ignore"):
            slope = program.supply.marginal_cost_slope(state.level)[0]
        own = slope * program.network.level_scale / program.level_price
        levels = np.arange(part.start, part.stop)
        matrix[levels, levels] += own
        condition = scaled_conditions(program, state)
        low, high = ((z - bound) / program.weight for bound in (program.lower, program.upper))
        inside = ((condition < low) & (condition > high))[0, : program.core]
        inside &= np.isfinite(matrix).all(axis=1)
        taken = np.arange(program.multiplier_part.start, program.multiplier_part.stop)
        inside[taken[: len(program.terms.limits)]] = False  # levies and rents are given
        return cls(program, matrix, inside)

    def slopes(self, routes: IntArray) -> Array:
        """(n, n) slopes of the flows of routes (row) in what is added on each (column)."""
        program, sellers = self.program, self.program.network.sellers
        network, shape = program.network, program.open_arcs.shape
        good, origin, _ = np.unravel_index(sellers.arc, shape)
        own = sellers.group == sellers.group[routes[0]]
        moving, g = self.inside.copy(), int(good[routes[0]])
        for i in np.unique(origin[own]):
            moving[g * len(network.regions) + i] = False
            moving[program.level_part.start + network.setting.makers(g, int(i))] = False
        at = program.multiplier_part.stop - sellers.arc.size + routes
        active = np.flatnonzero(moving)
        # Prices of what nobody makes or buys are in no equation: least squares leave them alone.
        answer = -np.linalg.lstsq(
            self.matrix[np.ix_(active, active)], self.matrix[np.ix_(active, at)], rcond=None
        )[0]
        rows = self.matrix[np.ix_(at, at)] + self.matrix[np.ix_(at, active)] @ answer
        to_tonnes = program.condition_scale[0, at][:, None] / program.scale[at]
        return np.asarray(-rows * to_tonnes)
