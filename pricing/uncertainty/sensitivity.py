"""Which uncertain numbers matter: one at a time (tornado), and shares of variance (Sobol)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pricing.accounts.table import IndicatorTable, indicator_table
from pricing.equilibrium.table import Rows, solve_table
from pricing.errors import Fault, InputError, NoEquilibriumError
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.uncertain import Shape
from pricing.uncertainty.answers import Estimate, probability
from pricing.uncertainty.design import Array, Design, Method
from pricing.uncertainty.draws import Draws, uncertain_numbers
from pricing.uncertainty.statements import label, read_claim

HEADLINES = ("output", "internal_price", "price_gap", "guarantee_outlay", "levy_revenue")
WORLD = ("deadweight_loss(world)", "consumer_cost(world)", "treasury_change(world)")
TAILS = (0.05, 0.95)
"""Shares of the distributions at which one number at a time is put."""


@dataclass(frozen=True)
class Swing:
    """What one uncertain number does to one indicator, the others at their medians."""

    number: str
    """Id of the uncertain number."""
    at: tuple[float, float]
    """Its 5th and 95th percentile."""
    indicator: str
    """Label of the indicator."""
    unit: str
    """Unit of the indicator."""
    middle: float
    """Indicator with every number at its median."""
    ends: tuple[float, float]
    """Indicator with the number at its two percentiles."""

    @property
    def width(self) -> float:
        """Distance between the two ends."""
        return abs(self.ends[1] - self.ends[0])


def draws_of(scenario: Scenario, method: Method, draws: int, seed: int) -> Draws:
    """Draws of a scenario by itself.

    Raises
    ------
    InputError
        If nothing in it is uncertain.
    """
    names = tuple(number.id for number in uncertain_numbers(scenario))
    if not names:
        remedy = "Add a section 'uncertainty' with 'numbers', or 'elasticities: triangular'"
        raise InputError([Fault(f"nothing is uncertain in {scenario.id}", remedy=remedy)])
    return Draws(scenario, Design(method, draws, seed, names))


def main_indicators(scenario: Scenario, labels: Sequence[str]) -> tuple[str, ...]:
    """Labels that a reader wants first: of the zones, and sums of the world."""
    zones = scenario.document.zones
    found = [
        name
        for name in labels
        if name.split("(")[0] in HEADLINES and any(f"{zone})" in name for zone in zones)
    ]
    return (*found, *(name for name in WORLD if name in labels))


def with_ranges(scenario: Scenario) -> Scenario:
    """The scenario as it is; if nothing in it is uncertain, with the ranges of its elasticities."""
    if scenario.document.uncertainty is not None:
        return scenario
    return scenario.but({"uncertainty": {"elasticities": Shape.TRIANGULAR.value}})


@dataclass(frozen=True)
class Sample:
    """A few draws at once, in memory."""

    draws: Draws
    """What was drawn."""
    table: IndicatorTable
    """Indicators; NaN where a draw has no equilibrium."""
    unsolved: int
    """Draws without one."""

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels of the indicators."""
        return tuple(label(key) for key in self.table.keys)

    def values(self, name: str) -> Array:
        """(N,) one indicator."""
        return np.asarray(self.table.value[self.labels.index(name)])

    def probabilities(self) -> tuple[tuple[str, Estimate], ...]:
        """Statements of the scenario and how likely each is."""
        stated = self.draws.scenario.document.uncertainty
        found = []
        for statement in stated.statements if stated else ():
            claim = read_claim(statement.says, self.labels, self.table.units)
            at = self.labels.index(claim.indicator)
            holds = claim.holds(self.table.value[at], self.table.base[at])
            found.append((claim.says, probability(holds)))
        return tuple(found)


def sample(scenario: Scenario, count: int, seed: int = 1) -> Sample:
    """Solve some draws of a scenario here and now; a sweep is for many.

    Raises
    ------
    InputError
        If nothing is uncertain, or a draw is not a valid scenario.
    """
    draws = draws_of(scenario, Method.SOBOL, count, seed)
    rows = Rows.of(draws.base, draws.table(draws.values(0, count)))
    solved = solve_table(rows)
    unsolved = sum(isinstance(outcome, NoEquilibriumError) for outcome in solved.outcomes)
    return Sample(draws, indicator_table(rows, solved), unsolved)


def indicators_at(draws: Draws, values: Array) -> IndicatorTable:
    """Indicators of the scenario at values (n, D) of its uncertain numbers."""
    rows = Rows.of(draws.base, draws.table(values))
    return indicator_table(rows, solve_table(rows))


def tornado(scenario: Scenario) -> tuple[Swing, ...]:
    """Every uncertain number at its 5th and 95th percentile, the others at their medians.

    Correlations do not enter. Indicators come in their usual order; of one, the widest swing first.

    Raises
    ------
    InputError
        If nothing is uncertain.
    """
    draws = draws_of(scenario, Method.SOBOL, 1, 0)
    count = len(draws.ids)
    shares = np.full((2 * count + 1, count), 0.5)
    for n in range(count):
        shares[1 + 2 * n : 3 + 2 * n, n] = TAILS
    values = draws.values_at(shares)
    table = indicators_at(draws, values)
    found = [
        Swing(
            name,
            (float(values[1 + 2 * n, n]), float(values[2 + 2 * n, n])),
            label(key),
            unit,
            float(row[0]),
            (float(row[1 + 2 * n]), float(row[2 + 2 * n])),
        )
        for key, unit, row in zip(table.keys, table.units, table.value, strict=True)
        for n, name in enumerate(draws.ids)
    ]
    order = {label(key): n for n, key in enumerate(table.keys)}
    return tuple(sorted(found, key=lambda s: (order[s.indicator], -np.nan_to_num(s.width))))


@dataclass(frozen=True)
class VarianceShares:
    """Shares of the variance of an output that uncertain numbers (D) account for."""

    names: tuple[str, ...]
    """(D,) uncertain numbers."""
    first: Array
    """(S, D) by each number alone, of outputs (S) [1]."""
    total: Array
    """(S, D) by each number with everything that it works together with [1]."""


def variance_shares(
    model: Callable[[Array], Array], names: tuple[str, ...], points: int, seed: int
) -> VarianceShares:
    """First-order and total Sobol indices of a model of points in the unit cube.

    Parameters
    ----------
    model : callable
        From points (n, D) to outputs (S, n).
    names : tuple of str
        Dimensions.
    points : int
        Size of each of the two samples, a power of two; ``points (D + 2)`` runs are made.
    seed : int
        Seed of the samples.

    References
    ----------
    .. [1] A. Saltelli et al., "Variance based sensitivity analysis of model output", Computer
       Physics Communications 181(2), 2010.
    """
    from scipy.stats import sobol_indices

    if points < 2 or points & (points - 1):
        raise InputError([Fault(f"{points} points", remedy="Use a power of two")])
    both = tuple(f"{half}:{n:05d}" for half in "ab" for n in range(len(names)))
    sample = Design(Method.SOBOL, points, seed, both).points(0, points)
    a, b = sample[:, : len(names)], sample[:, len(names) :]
    mixed = np.repeat(a[None], len(names), axis=0)
    for n in range(len(names)):
        mixed[n, :, n] = b[:, n]
    found = model(np.concatenate([a, b, mixed.reshape(-1, len(names))]))
    count, size = len(found), (-1, len(names))
    outputs = np.concatenate([found, found])  # SciPy cannot do one output of one dimension
    f_a, f_b = outputs[:, :points], outputs[:, points : 2 * points]
    f_ab = np.moveaxis(outputs[:, 2 * points :].reshape(2 * count, -1, points), 0, 1)
    parts = {"f_A": f_a.copy(), "f_B": f_b.copy(), "f_AB": f_ab.copy()}
    shares = sobol_indices(func=parts, n=points)
    return VarianceShares(
        names,
        np.reshape(shares.first_order, size)[:count],
        np.reshape(shares.total_order, size)[:count],
    )


def sobol(
    scenario: Scenario, indicators: tuple[str, ...], points: int = 256, seed: int = 1
) -> VarianceShares:
    """Sobol indices of indicators of a scenario.

    Raises
    ------
    InputError
        If numbers are correlated, an indicator is not known, or a draw has no number for it.
    """
    draws = draws_of(scenario, Method.SOBOL, 1, seed)
    stated = scenario.document.uncertainty
    if stated is not None and stated.correlations:
        raise InputError([Fault("shares of variance need independent numbers", "correlations")])

    def model(shares: Array) -> Array:
        table = indicators_at(draws, draws.values_at(shares))
        known = {label(key): row for key, row in zip(table.keys, table.value, strict=True)}
        missing = [name for name in indicators if name not in known]
        if missing:
            raise InputError([Fault(f"no indicator is called {name}") for name in missing])
        found = np.stack([known[name] for name in indicators])
        if np.isnan(found).any():
            raise InputError([Fault("an indicator has no number in some draws", "indicators")])
        return found

    return variance_shares(model, draws.ids, points, seed)
