"""The question document: which alternatives, what they have to reach, and how they are turned."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, StringConstraints, field_validator, model_validator

from pricing.api import Result
from pricing.chains.curves import Horizon
from pricing.chains.network import BoolArray
from pricing.core.declared import Declared, GoodId, Identifier, Number, PlaceId, Text
from pricing.core.quantities import Money, Price, Rate
from pricing.core.sources import Source, SourceId
from pricing.errors import Fault, InputError

Regions = Annotated[tuple[PlaceId, ...], Field(min_length=1)]
"""Regions or zones of the base scenario."""


class OutputTarget(Declared):
    """Output of a good in some regions, against what they make without policy."""

    kind: Literal["output"] = "output"
    good: GoodId
    """Good that is made."""
    regions: Regions
    """Where it is made."""
    change: Rate
    """How much more than without policy."""

    @property
    def unit(self) -> str:
        """Unit of :meth:`value`."""
        return "t/yr"

    def value(self, result: Result) -> float:
        """Output in the scenario [t]."""
        return _output(result.solved, result, self.good, self.regions)

    def wanted(self, result: Result) -> float:
        """Output that is asked for [t]."""
        before = _output(result.reference, result, self.good, self.regions)
        if before <= 0.0:
            raise InputError([_nothing_made(self.good)])
        return (1.0 + self.change.fraction) * before


class MakersPriceTarget(Declared):
    """Ex-works price of a good in some regions, weighted by outputs without policy."""

    kind: Literal["makers_price"] = "makers_price"
    good: GoodId
    """Good that is made."""
    regions: Regions
    """Where it is made."""
    price: Price
    """Price that is asked for."""

    @property
    def unit(self) -> str:
        """Unit of :meth:`value`."""
        return "USD/t"

    def value(self, result: Result) -> float:
        """Average ex-works price in the scenario [USD/t]."""
        good, inside = _place(result, self.good), inside_of(result, self.regions)
        weight = result.reference.state.output[0, good] * inside
        price = result.solved.state.price[0, good]
        if weight.sum() <= 0.0:
            raise InputError([_nothing_made(self.good)])
        return float((weight * price).sum() / weight.sum())

    def wanted(self, result: Result) -> float:
        """Price that is asked for [USD/t]."""
        setting = result.solved.program.network.setting
        return setting.usd_per_tonne(self.good, self.price, "target.price")


class FiscalCostTarget(Declared):
    """What the treasuries of some regions pay on balance."""

    kind: Literal["fiscal_cost"] = "fiscal_cost"
    regions: Regions
    """Whose treasuries."""
    cost: Money
    """What they pay, less what they take in, more than without policy; above zero."""

    @field_validator("cost")
    @classmethod
    def _positive(cls, cost: Money) -> Money:
        if cost.usd <= 0.0:
            raise ValueError("a target of no cost is reached by doing nothing: state a sum")
        return cost

    @property
    def unit(self) -> str:
        """Unit of :meth:`value`."""
        return "USD"

    def value(self, result: Result) -> float:
        """Cost in the scenario [USD]."""
        balance = result.accounts.agents.treasuries[0]
        return -float(balance[inside_of(result, self.regions)].sum())

    def wanted(self, result: Result) -> float:
        """Cost that is asked for [USD]."""
        return self.cost.usd


Target = Annotated[OutputTarget | MakersPriceTarget | FiscalCostTarget, Field(discriminator="kind")]


class Lever(Declared):
    """Numbers of an alternative that are turned together, all to the same value."""

    paths: Annotated[tuple[str, ...], Field(min_length=1)]
    """Dotted paths of the numbers, as in :meth:`pricing.Scenario.but`."""
    unit: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    """Unit of the numbers."""
    weakest: Number
    """Value at which the alternative does least; the search begins here."""
    strongest: Number
    """Value beyond which the search does not go."""

    @model_validator(mode="after")
    def _two_ends(self) -> Lever:
        if self.weakest == self.strongest:
            raise ValueError("'weakest' and 'strongest' are the same: there is nothing to turn")
        return self


class Alternative(Declared):
    """One way to reach the target."""

    id: Identifier
    """Short name."""
    label: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    """Name shown to people."""
    description: Text
    """What it does and who pays."""
    changes: dict[str, Any]
    """What it puts on top of the base scenario, as a patch of a scenario file would say it."""
    lever: Lever
    """What is turned until the target is reached."""
    horizons: Annotated[tuple[Horizon, ...], Field(min_length=1)] = tuple(Horizon)
    """Horizons in which it is asked for."""


class Match(Declared):
    """Alternatives that have to reach the same target."""

    schema_version: Literal[1] = 1
    """Version of this format."""
    kind: Literal["match"]
    """Kind of document."""
    id: Identifier
    """Name of the question."""
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """One line for people."""
    description: Text
    """What is asked, and what the answer does not say."""
    base: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    """Shipped scenario, or scenario file beside this one, that every alternative builds on."""
    sources: dict[SourceId, Source] = Field(default_factory=dict)
    """Sources that alternatives refer to, beside those of the base."""
    target: Target
    """What every alternative has to reach."""
    horizons: Annotated[tuple[Horizon, ...], Field(min_length=1)] = (Horizon.SHORT,)
    """Horizons in which the question is asked."""
    alternatives: Annotated[tuple[Alternative, ...], Field(min_length=1)]
    """The ways to reach it."""

    @model_validator(mode="after")
    def _own_names(self) -> Match:
        names = [alternative.id for alternative in self.alternatives]
        if len(set(names)) < len(names):
            raise ValueError("two alternatives have the same 'id'")
        return self


def inside_of(result: Result, regions: Regions) -> BoolArray:
    """(R,) regions that a target names.

    Raises
    ------
    InputError
        If there is no such region or zone.
    """
    setting = result.solved.program.network.setting
    return np.asarray(setting.members(regions, "target.regions"))


def _nothing_made(good: str) -> Fault:
    problem = f"no {good} is made in these regions without policy"
    return Fault(problem, "target.regions", remedy="Name regions that make it")


def _place(result: Result, good: str) -> int:
    return result.solved.program.network.setting.good(good, "target.good")


def _output(at: Any, result: Result, good: str, regions: Regions) -> float:
    made = at.state.output[0, _place(result, good)]
    return float(made[inside_of(result, regions)].sum())
