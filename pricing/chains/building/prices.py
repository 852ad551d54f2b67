"""Regional prices of a base year by stated build-up, and the margins that they leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricing.chains.building.price_rules import (
    ConversionPrice,
    CostPlusPrice,
    LandedPrice,
    NetbackPrice,
    PriceRule,
    StatedPrice,
)
from pricing.chains.building.recipe import Recipe
from pricing.chains.building.rows_used import Values
from pricing.chains.network import Array
from pricing.chains.schema import Chain
from pricing.chains.tables import TradeCosts
from pricing.errors import Fault, InputError


@dataclass(frozen=True)
class BuiltPrice:
    """One ex-works price and how it was built."""

    good: str
    """Good."""
    region: str
    """Region."""
    price: float
    """Ex-works price without VAT [USD/t]."""
    how: str
    """Rule and reason."""


@dataclass(frozen=True)
class Margin:
    """What is left for conversion in one process."""

    process: str
    """Process."""
    revenue: float
    """Outputs at ex-works prices, per tonne of level [USD/t]."""
    inputs: float
    """Inputs at the average landed price, per tonne of level [USD/t]."""

    @property
    def share(self) -> float:
        """Margin as a share of revenue [1]."""
        return 1.0 - self.inputs / self.revenue


class PriceTable:
    """Prices by good and region while they are built; goods in the chain's order."""

    def __init__(self, chain: Chain, flow: Array, values: Values) -> None:
        self.chain = chain
        self.goods = [good.id for good in chain.goods]
        self.regions = [region.id for region in chain.regions]
        self.technologies = {technology.id: technology for technology in chain.technologies}
        self.costs = TradeCosts(chain)
        self.values = values
        total = flow.sum(axis=1, keepdims=True)
        self.share: Array = np.divide(flow, total, out=np.zeros_like(flow), where=total > 0.0)
        self.price: Array = np.full(flow.shape[:2], np.nan)

    def at(self, good: str, region: str) -> tuple[int, int]:
        """Place of a good in a region."""
        return self.goods.index(good), self.regions.index(region)

    def buyer_price(self, good: str, region: str) -> float:
        """Average landed price [USD/t]; NaN where nothing is bought."""
        g, r = self.at(good, region)
        landed, share = self.costs.landed(self.price)[g, :, r], self.share[g, :, r]
        bought = share > 0.0
        return float(share[bought] @ landed[bought]) if bought.any() else float("nan")

    def landed(self, good: str, origin: str, destination: str) -> float:
        """Landed price on one route [USD/t]."""
        g, i = self.at(good, origin)
        return float(self.costs.landed(self.price)[g, i, self.regions.index(destination)])

    def put(self, rule: PriceRule) -> Iterator[BuiltPrice]:
        """Build the prices of one rule."""
        for region in rule.regions:
            at = self.at(rule.good, region)
            match rule:
                case StatedPrice():
                    self.price[at], how = self.values(rule), "from " + ", ".join(rule.named)
                case LandedPrice():
                    self.price[at] = self.landed(rule.good, rule.origin, region)
                    how = f"what material of {rule.origin} costs there"
                case NetbackPrice():
                    self.price[at] = self._netback(rule, region)
                    how = f"what {rule.market} pays for material of {rule.rival}, less the way"
                case CostPlusPrice():
                    self.price[at] = self._inputs(rule.good, region) / (1.0 - rule.margin)
                    how = f"inputs and a margin of {rule.margin:.0%}"
                case ConversionPrice():
                    there = self.price[self.at(rule.good, rule.origin)]
                    conversion = there - self._inputs(rule.good, rule.origin)
                    self.price[at] = self._inputs(rule.good, region) + rule.ratio * conversion
                    how = f"inputs and {rule.ratio:.2f} times conversion in {rule.origin}"
            yield BuiltPrice(rule.good, region, float(self.price[at]), f"{how}: {rule.why}")

    def _netback(self, rule: NetbackPrice, region: str) -> float:
        """Price that lands at the market as the rival does; landed prices are linear in it."""
        at = self.at(rule.good, region)
        landed = []
        for price in (0.0, 1.0):
            self.price[at] = price
            landed.append(self.landed(rule.good, region, rule.market))
        wanted = self.landed(rule.good, rule.rival, rule.market)
        return (wanted - landed[0]) / (landed[1] - landed[0])

    def _inputs(self, good: str, region: str) -> float:
        """Inputs per tonne of a good at buyers' prices, of its makers in a region [USD/t]."""
        for process in self.chain.processes:
            technology = self.technologies[process.technology]
            if process.region == region and good in technology.outputs and technology.inputs:
                cost = sum(
                    a.tonnes_per_tonne * self.buyer_price(name, region)
                    for name, a in technology.inputs.items()
                )
                return cost / technology.outputs[good].tonnes_per_tonne
        problem = f"nobody in {region} makes {good} from inputs"
        raise InputError([Fault(problem, "prices", remedy="Use another kind of price there")])

    def margins(self, level: Array) -> Iterator[Margin]:
        """Margin of every process that runs."""
        for process, tonnes in zip(self.chain.processes, level, strict=True):
            technology, region = self.technologies[process.technology], process.region
            if tonnes > 0.0:
                yield Margin(
                    process.id,
                    sum(
                        a.tonnes_per_tonne * float(self.price[self.at(name, region)])
                        for name, a in technology.outputs.items()
                    ),
                    sum(
                        a.tonnes_per_tonne * self.buyer_price(name, region)
                        for name, a in technology.inputs.items()
                    ),
                )


def build_prices(
    chain: Chain, recipe: Recipe, values: Values, flow: Array, level: Array
) -> tuple[PriceTable, tuple[BuiltPrice, ...], tuple[Margin, ...]]:
    """Ex-works prices wherever a good is made, and the margins of all processes.

    Raises
    ------
    InputError
        If a maker has no price, or a margin is below the smallest that the rules allow.
    """
    table = PriceTable(chain, flow, values)
    lines = tuple(line for rule in recipe.prices for line in table.put(rule))
    sells = flow.sum(axis=2) > 0.0
    faults = [
        Fault(
            f"{table.goods[g]} of {table.regions[r]} has no positive price",
            "prices",
            remedy="Add a rule for it, after those of its inputs",
        )
        for g, r in np.argwhere(sells & ~(table.price > 0.0)).tolist()
    ]
    if faults:
        raise InputError(faults)
    margins = tuple(table.margins(level))
    faults = [
        Fault(
            f"the margin of {margin.process} is {margin.share:.1%} of its revenue, below "
            f"{recipe.smallest_margin.share:.1%}",
            "prices",
            remedy="Change the build-up: quotes of one day need not be what a plant earns",
        )
        for margin in margins
        if not margin.share >= recipe.smallest_margin.share - 1e-12
    ]
    if faults:
        raise InputError(faults)
    return table, lines, margins
