"""How high a reference price is: a rule for each way to set it, resolved to numbers before solving.

Every rule answers twice: with the price of each good, and with how that price came about.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from pricing.core.declared import Declared, GoodId, ProcessId
from pricing.core.quantities import Price, Rate, Ratio, Scaled, Share
from pricing.errors import Fault, InputError
from pricing.instruments.policy import Places
from pricing.instruments.terms import Setting

Year = Annotated[int, Field(ge=1900, le=2100)]
"""A calendar year."""


class LevelRule(Declared):
    """What every rule answers."""

    @abstractmethod
    def resolve(self, setting: Setting, where: str) -> dict[int, float]:
        """Good index -> reference price [USD/t]."""

    @abstractmethod
    def derivation(self, setting: Setting) -> str:
        """How the prices came about, in words."""


class FixedLevel(LevelRule):
    """A stated price for each good."""

    kind: Literal["fixed"] = "fixed"
    prices: Annotated[dict[GoodId, Price], Field(min_length=1)]
    """Good -> reference price."""

    def resolve(self, setting: Setting, where: str) -> dict[int, float]:
        """Good index -> reference price [USD/t]."""
        return {
            setting.good(good, f"{where}.prices.{good}"): setting.usd_per_tonne(
                good, price, f"{where}.prices.{good}"
            )
            for good, price in self.prices.items()
        }

    def derivation(self, setting: Setting) -> str:
        """Stated."""
        return "as stated"


class LadderLevel(LevelRule):
    """One anchor price carried downstream by input coefficients and conversion margins."""

    kind: Literal["ladder"] = "ladder"
    anchor: GoodId
    """Good whose price is stated."""
    price: Price
    """Reference price of the anchor."""
    margins: Annotated[dict[GoodId, Annotated[Price, Scaled.MARKUP]], Field(min_length=1)]
    """Good downstream of the anchor -> conversion margin per tonne of that good."""

    def resolve(self, setting: Setting, where: str) -> dict[int, float]:
        """Good index -> reference price [USD/t]: ``sum of recipe x input price + margin``."""
        anchor = setting.good(self.anchor, f"{where}.anchor")
        level = {anchor: setting.usd_per_tonne(self.anchor, self.price, f"{where}.price")}
        wanted = {setting.good(good, f"{where}.margins.{good}"): good for good in self.margins}
        for good in sorted(wanted):
            inputs = np.flatnonzero(setting.recipe[good])
            missing = [setting.goods[i] for i in inputs if int(i) not in level]
            if missing or inputs.size == 0:
                need = f"{', '.join(missing)} has no rung" if missing else "it has no input"
                raise InputError(
                    [
                        Fault(
                            f"the ladder does not reach {wanted[good]}: {need}",
                            f"{where}.margins",
                            remedy="Give a margin for every good between the anchor and this one",
                        )
                    ]
                )
            name = wanted[good]
            margin = setting.usd_per_tonne(name, self.margins[name], f"{where}.margins.{name}")
            cost = sum(float(setting.recipe[good, i]) * level[int(i)] for i in inputs)
            level[good] = cost + margin
        return level

    def derivation(self, setting: Setting) -> str:
        """The anchor and what is added on the way down."""
        added = ", ".join(f"{name} {_words(price)}" for name, price in self.margins.items())
        return f"{self.anchor} at {_words(self.price)}, then inputs at their rungs plus {added}"


class CostPlusLevel(LevelRule):
    """What a tonne costs a named plant in the base year, and a mark-up on it.

    The cost is inputs at base-year prices of buyers and conversion at the margin; of a plant that
    did not run, conversion at its full size. Products of one process share it by value.
    """

    kind: Literal["cost_plus"] = "cost_plus"
    producers: Annotated[
        dict[GoodId, ProcessId], Field(min_length=1, title="Plant whose cost counts")
    ]
    """Good -> plant that makes it."""
    markup: Annotated[Rate, Field(title="Mark-up on cost")] = Rate(value=0.0, unit="1")
    """Mark-up, as a share of the cost."""

    def resolve(self, setting: Setting, where: str) -> dict[int, float]:
        """Good index -> ``(1 + markup) x cost`` [USD/t]."""
        found: dict[int, float] = {}
        for name, plant in self.producers.items():
            at = f"{where}.producers.{name}"
            good, process = setting.good(name, at), setting.process(plant, at)
            if setting.output[process, good] <= 0.0:
                raise _fault(f"{plant} does not make {name}", at, "Name a plant that makes it")
            found[good] = (1.0 + self.markup.fraction) * _cost(setting, good, process, at)
        return found

    def derivation(self, setting: Setting) -> str:
        """Plants, their costs and the mark-up."""
        costs = ", ".join(
            f"{name} at the cost of {plant} ("
            + _kilo(_cost(setting, setting.good(name, ""), setting.process(plant, ""), ""))
            + ")"
            for name, plant in self.producers.items()
        )
        return f"{costs}, plus {100.0 * self.markup.fraction:.3g} %"


class CostPercentileLevel(LevelRule):
    """The cost of the plant at a percentile of some regions' cost curve.

    Plants stand in order of what a tonne costs them in the base year (as in ``cost_plus``), each as
    wide as its capacity, or as its base-year output where that has no limit. The level is the cost
    of the plant that makes the tonne at the percentile.
    """

    kind: Literal["cost_percentile"] = "cost_percentile"
    goods: Annotated[tuple[GoodId, ...], Field(min_length=1)]
    """Goods that get a reference price."""
    makers: Annotated[Places, Field(title="Whose plants")]
    """Regions whose plants make up the curve, such as the zone."""
    percentile: Share
    """Share of the tonnes that costs no more than the level."""

    def resolve(self, setting: Setting, where: str) -> dict[int, float]:
        """Good index -> cost at the percentile [USD/t]."""
        inside = setting.members(self.makers, f"{where}.makers")
        found: dict[int, float] = {}
        for name in self.goods:
            good, at = setting.good(name, f"{where}.goods"), f"{where}.makers"
            own = np.flatnonzero((setting.output[:, good] > 0.0) & inside[setting.process_region])
            width = setting.size[own] * setting.output[own, good]
            if not width.sum() > 0.0:
                raise _fault(
                    f"no plant of {', '.join(self.makers)} makes {name}", at, "Add a maker"
                )
            cost = np.array([_cost(setting, good, int(k), at) for k in own])
            order = np.argsort(cost, kind="stable")
            share = np.cumsum(width[order]) / width.sum()
            # Rounding must not carry the 100th percentile past the last plant.
            place = np.searchsorted(share, self.percentile.fraction * (1.0 - 1e-12))
            found[good] = cost[order][place]
        return found

    def derivation(self, setting: Setting) -> str:
        """Which curve and which percentile."""
        return (
            f"cost of the plant at {100.0 * self.percentile.fraction:.3g} % of the tonnes of the "
            f"cost curve of {', '.join(self.makers)}"
        )


class PastPrice(Declared):
    """What a good cost in one year."""

    good: GoodId
    """Good."""
    year: Year
    """Year of the price."""
    price: Price
    """Average price of the year, in USD of the base year; name its source."""


class MovingAverageLevel(LevelRule):
    """The average of stated prices of the years before the scenario's year."""

    kind: Literal["moving_average"] = "moving_average"
    years: Annotated[int, Field(ge=1, le=30, title="Years averaged")]
    """How many years before the year of the scenario are averaged."""
    past: Annotated[tuple[PastPrice, ...], Field(min_length=1, title="Past prices")]
    """Prices of past years; every year that is averaged, for every good."""

    @model_validator(mode="after")
    def _once(self) -> MovingAverageLevel:
        stated = [(row.good, row.year) for row in self.past]
        twice = next((pair for pair in stated if stated.count(pair) > 1), None)
        if twice is not None:
            raise ValueError(f"two prices of {twice[0]} in {twice[1]}; state one")
        return self

    def resolve(self, setting: Setting, where: str) -> dict[int, float]:
        """Good index -> average of the window [USD/t]."""
        window = self._window(setting, where)
        found: dict[int, float] = {}
        for name in dict.fromkeys(row.good for row in self.past):
            rows = {row.year: row.price for row in self.past if row.good == name}
            missing = [str(year) for year in window if year not in rows]
            if missing:
                raise _fault(
                    f"no price of {name} in {', '.join(missing)}",
                    f"{where}.past",
                    "State every year of the window, or a shorter one",
                )
            prices = [setting.usd_per_tonne(name, rows[year], f"{where}.past") for year in window]
            found[setting.good(name, f"{where}.past")] = sum(prices) / len(prices)
        return found

    def _window(self, setting: Setting, where: str) -> range:
        year = _year(setting, where)
        return range(year - self.years, year)

    def derivation(self, setting: Setting) -> str:
        """Which years."""
        window = self._window(setting, "")
        return f"average of stated prices of {window[0]} to {window[-1]}"


class EscalatorLevel(LevelRule):
    """A price that grows by a yearly rate from a stated year on."""

    kind: Literal["escalator"] = "escalator"
    prices: Annotated[dict[GoodId, Price], Field(min_length=1)]
    """Good -> reference price in the first year."""
    rate: Annotated[Ratio, Field(title="Growth a year")]
    """Real growth a year, beyond inflation; negative for a price that is not raised with it."""
    first_year: Year
    """Year in which the stated prices hold."""

    @model_validator(mode="after")
    def _above_nothing(self) -> EscalatorLevel:
        if self.rate.fraction <= -1.0:
            raise ValueError("a price cannot fall by 100 % a year or more")
        return self

    def resolve(self, setting: Setting, where: str) -> dict[int, float]:
        """Good index -> ``price x (1 + rate)^(year - first year)`` [USD/t]."""
        growth = (1.0 + self.rate.fraction) ** self._elapsed(setting, where)
        return {
            setting.good(good, f"{where}.prices.{good}"): growth
            * setting.usd_per_tonne(good, price, f"{where}.prices.{good}")
            for good, price in self.prices.items()
        }

    def _elapsed(self, setting: Setting, where: str) -> int:
        year = _year(setting, where)
        if year < self.first_year:
            raise _fault(
                f"the scenario's year {year} lies before {self.first_year}",
                f"{where}.first_year",
                "State the price of an earlier year",
            )
        return year - self.first_year

    def derivation(self, setting: Setting) -> str:
        """Years of growth."""
        return (
            f"stated prices of {self.first_year}, changed by {100.0 * self.rate.fraction:.3g} % a "
            f"year to {setting.year}"
        )


def _cost(setting: Setting, good: int, process: int, where: str) -> float:
    """Base-year cost of a tonne of one product of a plant [USD/t]."""
    worth = setting.output[process] * setting.price_scale
    cost = float(setting.unit_cost[process] * setting.price_scale[good] / worth.sum())
    if not np.isfinite(cost) or cost <= 0.0:
        plant = setting.processes[process]
        raise _fault(
            f"{plant} has no base-year cost of {setting.goods[good]}: its region has no price of "
            "an input, or its curve starts at nothing",
            where,
            "Name another plant, or state the level",
        )
    return cost


def _year(setting: Setting, where: str) -> int:
    if setting.year is None:
        raise _fault(
            "this level depends on the year, and the scenario has none",
            where,
            "State assumptions.year",
        )
    return setting.year


def _fault(problem: str, where: str, remedy: str) -> InputError:
    return InputError([Fault(problem, where, remedy=remedy)])


def _words(price: Price) -> str:
    return f"{price.value:g} {price.unit}"


def _kilo(price: float) -> str:
    return f"{price / 1e3:.4g} USD/kg"


Level = Annotated[
    FixedLevel
    | LadderLevel
    | CostPlusLevel
    | CostPercentileLevel
    | MovingAverageLevel
    | EscalatorLevel,
    Field(discriminator="kind"),
]
