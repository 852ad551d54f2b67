"""How high a reference price is: a rule for each way to set it, resolved to numbers before solving.

Every rule answers twice: with the price of each good, and with how that price came about.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from pricing.core.declared import GoodId, ProcessId
from pricing.core.quantities import Price, Rate, Scaled, Share
from pricing.instruments.level_rule import LevelRule, refusal
from pricing.instruments.levels_in_time import EscalatorLevel, MovingAverageLevel
from pricing.instruments.policy import Places
from pricing.instruments.terms import Setting


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
                raise refusal(
                    f"the ladder does not reach {wanted[good]}: {need}",
                    f"{where}.margins",
                    "Give a margin for every good between the anchor and this one",
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
                raise refusal(f"{plant} does not make {name}", at, "Name a plant that makes it")
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
                raise refusal(
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


def _cost(setting: Setting, good: int, process: int, where: str) -> float:
    """Base-year cost of a tonne of one product of a plant [USD/t]."""
    worth = setting.output[process] * setting.price_scale
    cost = float(setting.unit_cost[process] * setting.price_scale[good] / worth.sum())
    if not np.isfinite(cost) or cost <= 0.0:
        plant = setting.processes[process]
        raise refusal(
            f"{plant} has no base-year cost of {setting.goods[good]}: its region has no price of "
            "an input, or its curve starts at nothing",
            where,
            "Name another plant, or state the level",
        )
    return cost


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
