"""Regional prices of the NdFeB chain by stated cost build-up, and the margins they leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pricing.chains.ndfeb_measured import MAGNET, METAL, MINES, Coefficients
from pricing.chains.ndfeb_rules import Rules
from pricing.chains.rawdata import RawTable
from pricing.chains.reconcile import Array
from pricing.chains.schema import Chain
from pricing.chains.tables import TradeCosts
from pricing.errors import Fault, InputError

Flows = Mapping[str, Mapping[tuple[str, str], float]]
"""Good -> (origin, destination) -> t."""


@dataclass(frozen=True)
class PriceLine:
    """One regional ex-works price and how it was built."""

    good: str
    """Good."""
    region: str
    """Region."""
    price: float
    """Ex-works price without VAT [USD/t]."""
    inputs: float
    """Inputs per tonne at the buyers' average landed price [USD/t]."""
    margin: float
    """Conversion margin [USD/t]."""
    how: str
    """Rule of the build-up."""

    @property
    def margin_share(self) -> float:
        """Margin as a share of the price [1]."""
        return self.margin / self.price


class PriceBuilder:
    """Builds prices stage by stage, because each stage buys at landed prices of the one before."""

    def __init__(self, chain: Chain, flows: Flows, rules: Rules) -> None:
        self.goods = [good.id for good in chain.goods]
        self.regions = [region.id for region in chain.regions]
        self.costs = TradeCosts(chain)
        self.rules = rules.prices
        self.price: Array = np.full((len(self.goods), len(self.regions)), np.nan)
        self.share = np.zeros((len(self.goods), len(self.regions), len(self.regions)))
        for good, routes in flows.items():
            for (origin, destination), tonnes in routes.items():
                at = self.goods.index(good), self._region(origin), self._region(destination)
                self.share[at] = tonnes
        total = self.share.sum(axis=1, keepdims=True)
        self.share = np.divide(self.share, total, out=self.share, where=total > 0.0)

    def _region(self, region: str) -> int:
        return self.regions.index(region)

    def landed(self, good: str, origin: str, destination: str) -> float:
        """Landed price on one route [USD/t]."""
        at = self.goods.index(good), self._region(origin), self._region(destination)
        return float(self.costs.landed(self.price)[at])

    def buyers(self, good: str, region: str) -> float:
        """Average landed price that buyers pay [USD/t]."""
        g, r = self.goods.index(good), self._region(region)
        landed, share = self.costs.landed(self.price)[g, :, r], self.share[g, :, r]
        bought = share > 0.0
        return float(share[bought] @ landed[bought])

    def put(self, good: str, region: str, price: float) -> None:
        """Set an ex-works price [USD/t]."""
        self.price[self.goods.index(good), self._region(region)] = price

    def get(self, good: str, region: str) -> float:
        """Ex-works price [USD/t]."""
        return float(self.price[self.goods.index(good), self._region(region)])


def concentrate_price(raw: RawTable) -> float:
    """Unit value of US exports to China per contained tonne [USD/t].

    Exports of 37,500 t REO at the content of US mine output (IEA over USGS) hold 5,654 t.
    """
    content = raw.value("iea_mine_united_states") * 1e3 / raw.value("usgs_mine_united_states")
    return raw.value("usitc_concentrate_value") * 1e6 / (raw.value("usgs_us_exports") * content)


def build_prices(
    chain: Chain, raw: RawTable, rules: Rules, made: Coefficients, flows: Flows
) -> tuple[PriceBuilder, list[PriceLine]]:
    """Ex-works price of every good wherever it is made, with margins.

    Raises
    ------
    InputError
        If a conversion margin falls below the smallest that the rules allow.
    """
    build = PriceBuilder(chain, flows, rules)
    lines: list[PriceLine] = []
    for region in MINES:
        build.put("concentrate", region, concentrate_price(raw))
        lines.append(_line(build, "concentrate", region, 0.0, "unit value of US exports, 2024"))
    lines += _oxide(build, flows, raw, made)
    lines += _metal(build, made)
    lines += _magnet(build, raw, made)
    thin = [line for line in lines if line.margin_share < build.rules.smallest_margin - 1e-12]
    if thin:
        text = "the margin of {0.good} in {0.region} is {0.margin_share:.1%} of its price"
        remedy = "Change the build-up in ndfeb_rules.yaml"
        raise InputError([Fault(text.format(line), "prices", remedy=remedy) for line in thin])
    return build, lines


def _line(build: PriceBuilder, good: str, region: str, inputs: float, how: str) -> PriceLine:
    price = build.get(good, region)
    return PriceLine(good, region, price, inputs, price - inputs, how)


def _oxide(build: PriceBuilder, flows: Flows, raw: RawTable, made: Coefficients) -> list[PriceLine]:
    anchor = raw.value("ndpr_2024") * 1e3
    if anchor != build.rules.oxide_china:
        raise InputError([Fault("oxide_china differs from the raw row ndpr_2024", "prices")])
    build.put("oxide", "China", anchor)
    sellers = dict.fromkeys(origin for origin, _ in flows["oxide"])
    for region in sellers:
        if region != "China":
            build.put("oxide", region, build.landed("oxide", "China", region))
    lines = []
    for region in sellers:
        how = "anchor, FOB China 2024" if region == "China" else "Chinese oxide landed there"
        bought = any(destination == region for _, destination in flows["concentrate"])
        inputs = made.concentrate * build.buyers("concentrate", region) if bought else 0.0
        lines.append(_line(build, "oxide", region, inputs, how if bought else how + "; scrap"))
    return lines


def _metal(build: PriceBuilder, made: Coefficients) -> list[PriceLine]:
    lines = []
    for region in METAL:
        margin = build.rules.metal_margin[region]
        inputs = made.oxide * build.buyers("oxide", region)
        build.put("metal", region, inputs / (1.0 - margin))
        lines.append(_line(build, "metal", region, inputs, f"oxide plus a margin of {margin:.0%}"))
    return lines


def _magnet(build: PriceBuilder, raw: RawTable, made: Coefficients) -> list[PriceLine]:
    china = raw.value("china_export_value") * 1e6 / raw.value("china_exports")
    quoted = raw.value("magnet_fob_2024") * 1e3
    if abs(china / quoted - 1.0) > 0.01:
        raise InputError([Fault("value over tonnes is not the quoted magnet price", "prices")])
    conversion = quoted - made.metal * build.buyers("metal", "China")
    lines = []
    for region in MAGNET:
        ratio = build.rules.magnet_cost_ratio[region]
        inputs = made.metal * build.buyers("metal", region)
        build.put("magnet", region, quoted if region == "China" else inputs + ratio * conversion)
        how = f"metal plus {ratio:.2f} times Chinese conversion cost"
        if region == "China":
            how = "average export value 2024"
        lines.append(_line(build, "magnet", region, inputs, how))
    return lines
