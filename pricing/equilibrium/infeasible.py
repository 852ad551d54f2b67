r"""Proof that a scenario has no equilibrium: more tonnes are needed than can be had at any prices.

Whatever the prices, levels ``x`` and flows ``f`` of an equilibrium satisfy

.. math::

    \sum_j f_{gij} \le \sum_k a^{out}_{kg} x_k, \qquad
    \sum_k a^{in}_{kg} x_k + d_{gj} \le \sum_i w_{gij} f_{gij}, \qquad
    \underline x \le x \le \bar x, \quad f \ge \underline f,

and every limit on flows and levels whose multiplier has no ceiling; ``d`` is demand that no price
removes, or none below an absurd one, and what stocks buy whatever it costs; ``f`` is at least what
contracts bind, and ``w`` is one but for Armington goods (:mod:`pricing.equilibrium.inequalities`).
What contracts bring is used: there the second holds the other way round as well, with the most that
demand takes, and ``b`` below may be negative.
Prices up to a ceiling bound levels as well. A linear program finds the smallest
shortfall. If there is one, its multipliers (values of goods at makers ``s`` and at buyers ``b``,
rents ``q`` of limits) are weights with which these inequalities add up to a contradiction (Farkas).
The sum is formed again in rational numbers, from the multipliers and the data alone: the solver of
the linear program need not be trusted (:mod:`pricing.equilibrium.contradiction`).
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from pricing.chains.network import Array, IntArray
from pricing.equilibrium.ceilings import ABSURD
from pricing.equilibrium.contradiction import CLEAR, Weights
from pricing.equilibrium.inequalities import Volumes
from pricing.equilibrium.program import Program
from pricing.errors import InfeasibleError

NOTHING = 1e-9
"""Multiplier that counts as zero [1]."""


def refuse_infeasible(program: Program, *, delivered: bool = False) -> None:
    """Raise where it can be proved that a program has no equilibrium.

    With ``delivered`` also where it has none in which the contracts of its policies are delivered.

    Raises
    ------
    InfeasibleError
        With the proof, after it was checked in rational numbers.
    """
    for ceiling in (np.inf, ABSURD):
        volumes = Volumes.of(program, ceiling, delivered=delivered)
        weights = _multipliers(volumes) if volumes.needs_anything else None
        certificate = None if weights is None else weights.certificate()
        if certificate is not None:
            raise InfeasibleError(program.name, certificate)


def contracts_exceed_a_limit(program: Program) -> bool:
    """Whether contracts alone are more than a quota leaves: worth a proof before any search."""
    if not program.contracted.any():
        return False
    limit, counted = program.limit, program.limit.flow
    total = (counted * program.contracted).sum(axis=(1, 2, 3))
    caps = np.isinf(limit.upper[0]) & (counted >= 0.0).all(axis=(1, 2, 3))
    return bool((caps & (total > (1.0 + CLEAR) * limit.constant[0])).any())


def _multipliers(volumes: Volumes) -> Weights | None:
    """Multipliers of the smallest shortfall; None where nothing need be missing."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array, diags_array, eye_array, hstack, vstack

    program, (good, origin, destination) = volumes.program, volumes.arcs
    places, levels, arcs = volumes.least.size, volumes.low.size, good.size
    regions, ranks = volumes.least.shape[1], np.arange(arcs)

    def at(place: IntArray, weight: Array) -> coo_array:
        return coo_array((weight, (place, ranks)), shape=(places, arcs))

    sold = at(good * regions + origin, np.ones(arcs))
    bought = at(good * regions + destination, volumes.worth)
    unit, loose = volumes.unit, volumes.loose
    (full,) = np.isfinite(volumes.taken).nonzero()
    held = diags_array(np.where(loose[0], 0.0, 1.0))
    # Unknowns: levels, flows, then what is missing of use, of minima and of contracts.
    columns = (levels, arcs, places, levels, arcs)

    def row(*parts: tuple[int, object]) -> object:
        given = dict(parts)
        height = next(iter(given.values())).shape[0]  # type: ignore[attr-defined]
        return hstack([given.get(n, coo_array((height, w))) for n, w in enumerate(columns)])

    rows = [
        row((0, held @ -program.lasting.output_map.T), (1, held @ sold)),
        row((0, volumes.inputs.T), (1, -bought), (2, -eye_array(places))),
        row((0, -eye_array(levels)), (3, -eye_array(levels))),
        row((1, -eye_array(arcs)), (4, -eye_array(arcs))),
        *(
            row((0, coo_array(volumes.made(m)[None])), (1, coo_array(volumes.counted(m)[None])))
            for m in volumes.hard
        ),
        row((0, -volumes.inputs.T[full]), (1, bought.tocsr()[full])),
    ]
    right = np.concatenate(
        [
            np.zeros(places),
            -volumes.least.ravel() / unit,
            -volumes.low / unit,
            -volumes.bound / unit,
            program.limit.constant[0, volumes.hard] / unit,
            volumes.taken[full] / unit,
        ]
    )
    missing = np.where(loose[1], 0.0, 1.0)
    cost = np.concatenate([np.zeros(levels + arcs), missing, np.ones(levels + arcs)])
    top = np.concatenate([volumes.high / unit, np.full(cost.size - levels, np.inf)])
    bounds = np.stack([np.zeros(top.size), top], axis=1)
    found = linprog(cost, vstack(rows).tocsr(), right, bounds=bounds)
    if found.status != 0 or not found.fun > 0.0:
        return None
    value = -np.asarray(found.ineqlin.marginals)
    value = np.where(value > NOTHING, value, 0.0)
    cuts = np.cumsum([places, places, levels, arcs, volumes.hard.size])
    sellers, buyers, _, _, rents, unwanted = np.split(value, cuts)
    sellers[loose[0]], buyers[loose[1]] = 0.0, 0.0
    buyers[full] -= unwanted
    return Weights(volumes, _exact(sellers), _exact(buyers), _exact(rents))


def _exact(values: Array) -> list[Fraction]:
    return [Fraction(float(value)) for value in values]
