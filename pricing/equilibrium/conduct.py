"""Exporters who set prices: a solve for given markups, and markups for a given solve, in turn.

Marginal cost of selling to a buyer is the ex-works price less the base-year markup, so that the
base year holds. Where a levy tops up to a reference price, a tonne that is invoiced up to it costs
the buyer nothing more: the exporter takes the gap. Markups (:mod:`pricing.equilibrium.markups`) are
held fixed in every solve, as multipliers of limits; the fixed point of solve and markup is found by
Anderson steps and checked.

References
----------
.. [1] H. F. Walker and P. Ni, "Anderson acceleration for fixed-point iterations", SIAM J. Numer.
   Anal. 49(4), 2011.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.markups import markups
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
                    raise self._refusal(state, wanted)
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
        raise self._refusal(state, wanted)

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

    def _refusal(self, state: State, wanted: Array) -> NoEquilibriumError:
        """The error that names elasticity, share and remedy."""
        network, arcs = self.program.network, self.sellers.arc
        miss = np.abs(self.missed[-1]) / self.scale if self.missed else np.full(arcs.size, np.inf)
        bad = ~np.isfinite(wanted)
        n = int(np.argmax(bad)) if bad.any() else int(np.argmax(miss))
        g, i, j = np.unravel_index(arcs[n], network.flow.shape)
        share = _share(state, g, i, j)
        condition = (
            f"{self._name(n)}, with {share:.0%} of the buyer's use and the elasticity "
            f"'{self.sellers.elasticity[n]}' at {network.sigma[g]:.3g}"
        )
        return NoEquilibriumError(self.program.name, condition, float(miss[n]), REMEDY)


def base_markups(program: Program, z: Array, state: State) -> Array:
    """(C,) markups of the base year, where prices are those of the data [USD/t].

    Raises
    ------
    InputError
        With every route where no markup is best, or it is not below the price.
    """
    network, sellers = program.network, program.network.sellers
    price = _fob(program, state)
    stated = price * sellers.rate / (1.0 + sellers.rate)
    best = sellers.weight * markups(program, z, state) + stated
    faults = []
    for n in np.flatnonzero(~(best < price)):
        g, i, j = np.unravel_index(sellers.arc[n], network.flow.shape)
        share = _share(state, g, i, j)
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
    shape = program.open_arcs.shape
    places = np.unravel_index(sellers.arc, shape)
    price = state.price[0][places[0], places[1]]
    cost = _fob(program, state) - sellers.base
    wanted = markup + sellers.rate * cost - sellers.base
    first = program.multiplier_part.stop - sellers.arc.size
    now = (z * program.scale)[0, first : program.multiplier_part.stop]
    limit = program.limit
    follows = np.tensordot(state.multiplier[0] * limit.counts_as_paid, limit.landed, 1)
    for levy in program.charges.levies:
        gain = np.broadcast_to(levy.rent_gain, shape)[places]
        compared = np.broadcast_to(levy.slope, shape)[places] * price
        compared = compared + np.broadcast_to(levy.constant, shape)[places]
        compared = compared + gain * state.seller_rent[0][places]
        compared = compared + levy.counts_all * follows[places]
        filled = now + (levy.reference[0][places] - compared) / gain
        wanted = np.where(sellers.weight > 0.0, np.maximum(wanted, filled), wanted)
    return np.where(state.flow[0][places] > 0.0, wanted, 0.0)


def _fob(program: Program, state: State) -> Array:
    """(C,) price of every exporter at its border, before what it adds [USD/t]."""
    shape = program.open_arcs.shape
    places = np.unravel_index(program.network.sellers.arc, shape)
    slope, constant = (np.broadcast_to(part, shape)[places] for part in program.charges.export)
    return np.asarray(state.price[0][places[0], places[1]] * slope + constant)


def _share(state: State, good: int, origin: int, buyer: int) -> float:
    """Share of an origin in the tonnes that a buyer gets [1]."""
    return float(
        state.flow[0, good, origin, buyer] / max(state.flow[0, good, :, buyer].sum(), 1e-300)
    )
