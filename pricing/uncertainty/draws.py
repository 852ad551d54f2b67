"""From points to numbers of a scenario: the table that a sweep solves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pricing.chains.assumptions import Override
from pricing.chains.curves import Case, Elasticity, Horizon
from pricing.errors import Fault, InputError
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.uncertain import (
    Discrete,
    Distribution,
    Pert,
    Shape,
    Triangular,
    UncertainNumber,
    Uncertainty,
    Uniform,
)
from pricing.uncertainty.design import Array, Design
from pricing.uncertainty.inverse import quantile

ELASTICITIES = "assumptions.elasticities."


@dataclass(frozen=True)
class Draws:
    """Uncertain numbers of one scenario on the points of a design."""

    scenario: Scenario
    """The scenario that is varied."""
    design: Design
    """Points; its names include those of all numbers."""

    @cached_property
    def numbers(self) -> tuple[UncertainNumber, ...]:
        """(D,) numbers, sorted by id; elasticities with a range included."""
        return uncertain_numbers(self.scenario)

    @cached_property
    def base(self) -> Scenario:
        """The scenario with the chain's sources of the elasticities that are drawn."""
        listed, chain = self.scenario.document.sources, self.scenario.chain
        drawn = {n.source for n in self.numbers if n.path.startswith(ELASTICITIES)}
        more = {
            f"sources.{key}": chain.sources[key]
            for key in sorted(drawn)
            if key not in listed and key in chain.sources
        }
        return self.scenario.but(more) if more else self.scenario

    @property
    def ids(self) -> tuple[str, ...]:
        """(D,) their names."""
        return tuple(number.id for number in self.numbers)

    def shares(self, first: int, last: int) -> Array:
        """(n, D) where each draw lies in the distribution of each number, correlated [1]."""
        from scipy.special import ndtr, ndtri

        places = {name: n for n, name in enumerate(self.design.names)}
        points = self.design.points(first, last)[:, [places[name] for name in self.ids]]
        for group in _uncertainty(self.scenario).correlations:
            at = [self.ids.index(name) for name in group.between]
            matrix = np.full((len(at), len(at)), group.coefficient)
            np.fill_diagonal(matrix, 1.0)
            scores = ndtri(points[:, at]) @ np.linalg.cholesky(matrix).T
            points[:, at] = np.clip(ndtr(scores), 2.0**-40, 1.0 - 2.0**-40)
        return points

    def values(self, first: int, last: int) -> Array:
        """(n, D) numbers in their units; of words, their position in the list."""
        return self.values_at(self.shares(first, last))

    def values_at(self, shares: Array) -> Array:
        """(n, D) numbers at shares (n, D) of their distributions."""
        found = np.empty_like(shares)
        for n, number in enumerate(self.numbers):
            found[:, n] = quantile(number.distribution, shares[:, n])
        return found

    def table(self, values: Array) -> dict[str, list[Any]]:
        """Dotted path -> one value a row: a table of :attr:`base`."""
        return {
            number.path: self._cells(number, values[:, n]) for n, number in enumerate(self.numbers)
        }

    def _cells(self, number: UncertainNumber, values: Array) -> list[Any]:
        """What is written into the scenario."""
        distribution = number.distribution
        if isinstance(distribution, Discrete):
            chosen = [distribution.values[int(n)] for n in values]
            if any(isinstance(v, bool | str) for v in distribution.values):
                return chosen
            values = np.array(chosen, dtype=float)
        value, unit = (1.0, number.unit or "1")
        if number.factor:
            value, unit = _stated(self.scenario, number.path)
        numbers = (values * value).tolist()
        if number.path.startswith(ELASTICITIES):
            return [{"value": {"value": v, "unit": unit}, "source": number.source} for v in numbers]
        return [f"{v!r} {unit}" for v in numbers]


def _uncertainty(scenario: Scenario) -> Uncertainty:
    return scenario.document.uncertainty or Uncertainty()


def uncertain_numbers(scenario: Scenario) -> tuple[UncertainNumber, ...]:
    """Everything that is uncertain in a scenario, sorted by id.

    Raises
    ------
    InputError
        If an elasticity is named twice, or a group names a number that is not there.
    """
    stated = _uncertainty(scenario)
    found = [*stated.numbers, *_elasticities(scenario, stated)]
    ids = [number.id for number in found]
    faults = [
        Fault(
            f"no uncertain number is called '{name}'",
            f"uncertainty.correlations.{n}.between",
            remedy="Known: " + ", ".join(sorted(ids)),
        )
        for n, group in enumerate(stated.correlations)
        for name in group.between
        if name not in ids
    ]
    if len(set(ids)) < len(ids):
        faults.append(Fault("a number has the name of an elasticity", "uncertainty.numbers"))
    if faults:
        raise InputError(faults)
    return tuple(sorted(found, key=lambda number: number.id))


def _elasticities(scenario: Scenario, stated: Uncertainty) -> list[UncertainNumber]:
    """Elasticities of the chain whose range is wide, where the scenario asks for them."""
    if stated.elasticities is None:
        return []
    assumed, named = scenario.document.assumptions, {number.path for number in stated.numbers}
    found = []
    for name, elasticity in scenario.chain.elasticities.items():
        path = f"{ELASTICITIES}{name}"
        distribution = _from_range(elasticity, assumed.horizon, stated.elasticities)
        if path in named or name in assumed.elasticities or distribution is None:
            continue
        found.append(
            UncertainNumber(
                id=name, path=path, unit="1", distribution=distribution, source=elasticity.source
            )
        )
    return found


def _from_range(elasticity: Elasticity, horizon: Horizon, shape: Shape) -> Distribution | None:
    """Distribution of a low, central and high value; None where they are one."""
    low, mode, high = (elasticity.value(horizon, case) for case in Case)
    if not low < high:
        return None
    if shape is Shape.UNIFORM:
        return Uniform(low=low, high=high)
    return (Pert if shape is Shape.PERT else Triangular)(low=low, mode=mode, high=high)


def _stated(scenario: Scenario, path: str) -> tuple[float, str]:
    """Number and unit that the scenario states at a path; of an elasticity, the one it uses."""
    if path.startswith(ELASTICITIES):
        name, assumed = path.removeprefix(ELASTICITIES), scenario.document.assumptions
        said = assumed.elasticities.get(name, assumed.case)
        if isinstance(said, Override):
            return said.value.fraction, "1"
        if name in scenario.chain.elasticities:
            return scenario.chain.elasticities[name].value(assumed.horizon, Case(said)), "1"
    node: Any = scenario.data()
    for part in path.split("."):
        if isinstance(node, list):
            named = [item for item in node if isinstance(item, dict) and item.get("id") == part]
            place = int(part) if part.isdecimal() and int(part) < len(node) else None
            node = named[0] if named else (None if place is None else node[place])
        else:
            node = node.get(part) if isinstance(node, dict) else None
    if isinstance(node, dict) and {"value", "unit"} <= set(node):
        return float(node["value"]), str(node["unit"])
    raise InputError([Fault("a factor needs a number that the scenario states", path)])
