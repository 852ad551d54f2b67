"""Numbers of a scenario that are not known: their distributions, as declared in its file.

A plain solve ignores them. How they are drawn is in :mod:`pricing.uncertainty`.
"""

from __future__ import annotations

import math
from collections import Counter
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from pricing.core.declared import Declared, Identifier, Number, Text
from pricing.core.sources import SourceId

Positive = Annotated[Number, Field(gt=0.0)]
LEAST_LEFT = 1e-6
"""Cuts that leave less of a distribution are a slip [1]."""


class Uniform(Declared):
    """Every value between two numbers is as likely as any other."""

    kind: Literal["uniform"] = "uniform"
    low: Number
    """Smallest value."""
    high: Number
    """Largest value."""

    @model_validator(mode="after")
    def _ordered(self) -> Uniform:
        if not self.low < self.high:
            raise ValueError("low < high must hold")
        return self


class _Cut(Declared):
    """A distribution that may be cut off."""

    low: Number | None = None
    """Nothing lies below; the part there is spread over the rest."""
    high: Number | None = None
    """Nothing lies above."""

    @model_validator(mode="after")
    def _cut_ordered(self) -> _Cut:
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError("low < high must hold")
        left = self._below(self.high, 1.0) - self._below(self.low, 0.0)
        if left < LEAST_LEFT:
            raise ValueError("next to nothing of this distribution lies between 'low' and 'high'")
        return self

    def _below(self, value: float | None, without: float) -> float:
        """Share of the uncut distribution below a value; of none where it is not cut [1]."""
        return without if value is None else math.erfc(-self._scores(value) / math.sqrt(2.0)) / 2.0

    def _scores(self, value: float) -> float:
        """How many standard deviations a value lies above the centre [1]."""
        raise NotImplementedError


class Normal(_Cut):
    """The normal distribution, cut off where ``low`` or ``high`` are given."""

    kind: Literal["normal"] = "normal"
    mean: Number
    """Mean before it is cut."""
    sd: Positive
    """Standard deviation before it is cut."""

    def _scores(self, value: float) -> float:
        return (value - self.mean) / self.sd


class Lognormal(_Cut):
    """A number whose logarithm is normal."""

    kind: Literal["lognormal"] = "lognormal"
    median: Positive
    """Median before it is cut."""
    sigma: Positive
    """Standard deviation of the natural logarithm [1]."""

    def _scores(self, value: float) -> float:
        return math.log(value / self.median) / self.sigma if value > 0.0 else -math.inf


class _Peaked(Declared):
    """A smallest, a likeliest and a largest value."""

    low: Number
    """Smallest value."""
    mode: Number
    """Likeliest value."""
    high: Number
    """Largest value."""

    @model_validator(mode="after")
    def _peak_inside(self) -> _Peaked:
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            raise ValueError("low <= mode <= high must hold, with low < high")
        return self


class Triangular(_Peaked):
    """A density that rises in a straight line to the likeliest value, and falls in one."""

    kind: Literal["triangular"] = "triangular"


class Pert(_Peaked):
    """The beta distribution with mean ``(low + weight mode + high) / (weight + 2)``."""

    kind: Literal["pert"] = "pert"
    weight: Positive = 4.0
    """Weight of the likeliest value; 4 is usual [1]."""


class Discrete(Declared):
    """One of some values: numbers, or words such as names of base-year variants."""

    kind: Literal["discrete"] = "discrete"
    values: Annotated[tuple[Number | bool | str, ...], Field(min_length=2, max_length=1000)]
    """What it may be."""
    weights: tuple[Annotated[Number, Field(ge=0.0)], ...] | None = None
    """How likely each is, relative to the others; equally likely if absent."""

    @model_validator(mode="after")
    def _one_weight_a_value(self) -> Discrete:
        if self.weights is not None and len(self.weights) != len(self.values):
            raise ValueError(f"{len(self.values)} values need as many weights")
        if self.weights is not None and not sum(self.weights) > 0.0:
            raise ValueError("some weight must be positive")
        return self


Distribution = Annotated[
    Uniform | Normal | Lognormal | Triangular | Pert | Discrete, Field(discriminator="kind")
]


class UncertainNumber(Declared):
    """One number of the scenario and how it is distributed."""

    id: Identifier
    """Name; draws of scenarios that share it are the same."""
    path: Annotated[str, StringConstraints(min_length=3, max_length=300)]
    """Where it stands, with dots: ``policies.reference.level.price``. Items of lists are named by
    their id, or by their place, from 0, where they have none."""
    unit: Annotated[str, StringConstraints(max_length=20)] | None = None
    """Unit of the distribution's numbers; none for words, and for factors."""
    factor: bool = False
    """Whether the distribution is of a factor on the number that the scenario states."""
    distribution: Distribution
    """How it is distributed."""
    source: SourceId
    """Who says so."""
    note: Text | None = None
    """Anything a reader should know."""

    @model_validator(mode="after")
    def _unit_fits(self) -> UncertainNumber:
        words = isinstance(self.distribution, Discrete) and any(
            isinstance(value, bool | str) for value in self.distribution.values
        )
        if words and (self.factor or self.unit is not None):
            raise ValueError("words have no unit and are no factors")
        if self.factor and self.unit is not None:
            raise ValueError("a factor has no unit: leave 'unit' out")
        if not words and not self.factor and self.unit is None:
            raise ValueError("a unit is missing, such as USD/kg, or '1' for a plain share")
        return self


class Correlation(Declared):
    """Numbers that move together: a Gaussian copula."""

    between: Annotated[tuple[Identifier, ...], Field(min_length=2)]
    """Ids of the numbers."""
    coefficient: Annotated[Number, Field(gt=-1.0, lt=1.0)]
    """Correlation of the normal scores of every pair [1]."""
    source: SourceId
    """Who says so."""

    @model_validator(mode="after")
    def _possible(self) -> Correlation:
        least = -1.0 / (len(self.between) - 1)
        if not self.coefficient > least:
            raise ValueError(
                f"{len(self.between)} numbers cannot all have a correlation of "
                f"{self.coefficient:g}; it lies above {least:g}"
            )
        return self


class Shape(StrEnum):
    """What is made of the low, central and high value of an elasticity."""

    TRIANGULAR = "triangular"
    """Triangular, with the central value as mode."""
    PERT = "pert"
    """PERT, with the central value as mode."""
    UNIFORM = "uniform"
    """Uniform between low and high."""


class Statement(Declared):
    """Something that may come true or not, in every draw."""

    id: Identifier
    """Name."""
    says: Annotated[str, StringConstraints(min_length=5, max_length=300)]
    """``output(magnet, forge) falls`` or ``guarantee_outlay(United States) > 500 million USD``."""
    failure: bool = False
    """Whether the policy fails where it is true."""


class Uncertainty(Declared):
    """What is uncertain in a scenario, and what is asked of it."""

    elasticities: Shape | None = None
    """Takes every elasticity of the chain that has a range as uncertain; none if absent.
    Elasticities for which the scenario states an exception keep it."""
    numbers: tuple[UncertainNumber, ...] = ()
    """Other numbers."""
    correlations: tuple[Correlation, ...] = ()
    """Groups that move together; a number is in one group at most."""
    statements: tuple[Statement, ...] = ()
    """What the probability is asked of."""

    @model_validator(mode="after")
    def _names_fit(self) -> Uncertainty:
        for what, ids in (("numbers", self.numbers), ("statements", self.statements)):
            twice = [name for name, n in Counter(item.id for item in ids).items() if n > 1]
            if twice:
                raise ValueError(f"{what}: two are called '{twice[0]}'")
        paths = [path for path, n in Counter(n.path for n in self.numbers).items() if n > 1]
        if paths:
            raise ValueError(f"two numbers have the path {paths[0]}")
        grouped = Counter(name for group in self.correlations for name in group.between)
        if repeated := [name for name, n in grouped.items() if n > 1]:
            raise ValueError(f"'{repeated[0]}' is in two groups of correlations")
        return self
