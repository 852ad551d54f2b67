"""What one or two uncertain numbers do over their whole range: response curves and maps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.accounts.table import IndicatorTable
from pricing.errors import Fault, InputError
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.uncertain import Discrete
from pricing.uncertainty.design import Array, Method
from pricing.uncertainty.sensitivity import draws_of, indicators_at
from pricing.uncertainty.statements import label


@dataclass(frozen=True)
class Response:
    """Indicators over a grid of one or two numbers, the others at their medians."""

    numbers: tuple[str, ...]
    """Ids of the numbers."""
    at: Array
    """(N, numbers) their values; the last one moves fastest."""
    table: IndicatorTable
    """Indicators at these."""

    def values(self, name: str) -> Array:
        """(N,) one indicator, by its label."""
        labels = [label(key) for key in self.table.keys]
        return np.asarray(self.table.value[labels.index(name)])

    def unit(self, name: str) -> str:
        """Unit of an indicator."""
        return self.table.units[[label(key) for key in self.table.keys].index(name)]


def response(scenario: Scenario, numbers: tuple[str, ...], points: int = 9) -> Response:
    """What one or two uncertain numbers do over their whole range.

    Parameters
    ----------
    scenario : Scenario
        With something uncertain.
    numbers : tuple of str
        Ids of the numbers that move, evenly in their values from the 1st to the 99th percentile.
    points : int
        Values of each.

    Raises
    ------
    InputError
        If a number is not known, or is a word.
    """
    draws = draws_of(scenario, Method.SOBOL, 1, 0)
    known = [n.id for n in draws.numbers if not isinstance(n.distribution, Discrete)]
    unknown = [name for name in numbers if name not in known]
    if unknown:
        remedy = f"Known: {', '.join(known)}"
        raise InputError([Fault(f"'{name}' cannot be moved", remedy=remedy) for name in unknown])
    places = [draws.ids.index(name) for name in numbers]
    ends = draws.values_at(np.full((2, len(draws.ids)), 0.5) + _at_ends(len(draws.ids), places))
    lines = [np.linspace(ends[0, place], ends[1, place], points) for place in places]
    grid = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, len(numbers))
    values = np.repeat(draws.values_at(np.full((1, len(draws.ids)), 0.5)), len(grid), axis=0)
    values[:, places] = grid
    return Response(numbers, grid, indicators_at(draws, values))


def _at_ends(count: int, places: list[int]) -> Array:
    """(2, D) steps from the median to the 1st and 99th percentile of some numbers."""
    step = np.zeros((2, count))
    step[:, places] = np.array([[-0.49], [0.49]])
    return step
