"""Rows of a chain document as arrays: benchmark numbers and trade costs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import numpy as np

from pricing.chains.network import Array, BoolArray
from pricing.chains.references import ALL
from pricing.chains.schema import Benchmark, BenchmarkRow, Chain
from pricing.instruments.terms import Duty


class Rows:
    """The benchmark as arrays by good, region and process."""

    def __init__(
        self,
        benchmark: Benchmark,
        goods: list[str],
        regions: list[str],
        names: list[str],
        chain: Chain,
    ) -> None:
        self.goods, self.regions = goods, regions
        shape = (len(goods), len(regions))
        self.price: Array = np.full(shape, np.nan)
        self.flow: Array = np.zeros((*shape, len(regions)))
        self.prior: Array = np.zeros_like(self.flow)
        self.use: Array = np.zeros(shape)
        self.level: Array = np.zeros(len(names))
        self.demand: Array = np.zeros(len(chain.demands))
        uses = {(d.good, d.region, d.use): n for n, d in enumerate(chain.demands)}
        for row in benchmark.rows:
            self._take(row, names, uses)

    def _take(
        self, row: BenchmarkRow, names: list[str], uses: dict[tuple[str, str, str], int]
    ) -> None:
        """Put one row in its array; the chain has checked its names."""
        if row.variable == "production":
            self.level[names.index(row.process or "")] = row.value
            return
        g, r = self.goods.index(row.good or ""), self.regions.index(row.region or "")
        if row.variable == "producer_price":
            self.price[g, r] = row.value
        elif row.variable == "use":
            self.demand[uses[row.good or "", row.region or "", row.use or ""]] = row.value
            self.use[g, r] += row.value
        else:
            target = self.flow if row.variable == "flow" else self.prior
            target[g, r, self.regions.index(row.partner or "")] = row.value

    def shares(self) -> Array:
        """Benchmark shares by origin; the stated priors where nothing was used."""
        total = self.flow.sum(axis=1, keepdims=True)
        prior_total = self.prior.sum(axis=1, keepdims=True)
        prior = self.prior / np.where(prior_total > 0.0, prior_total, 1.0)
        return np.where(total > 0.0, self.flow / np.where(total > 0.0, total, 1.0), prior)


Row = TypeVar("Row")


def _specific(rows: Iterable[Row], wanted: dict[str, str]) -> Row | None:
    """The row that matches with the fewest wildcards; the last one among equals."""
    best: Row | None = None
    best_score = -1
    for row in rows:
        stated = {name: getattr(row, name) for name in wanted}
        if all(value in (ALL, wanted[name]) for name, value in stated.items()):
            score = sum(value != ALL for value in stated.values())
            if score >= best_score:
                best, best_score = row, score
    return best


class TradeCosts:
    """Freight, insurance, export VAT and existing duties by arc."""

    def __init__(self, chain: Chain) -> None:
        self.goods = [good.id for good in chain.goods]
        self.regions = [region.id for region in chain.regions]
        self.territory = [region.territory or region.id for region in chain.regions]
        shape = (len(self.goods), len(self.regions), len(self.regions))
        self.freight: Array = np.zeros(shape)
        self.insurance: Array = np.zeros(shape)
        self.export_vat: Array = np.zeros(shape)
        self.customs_fob: BoolArray = np.array([r.customs_value == "fob" for r in chain.regions])
        names = np.array(self.territory)
        self.border: BoolArray = np.asarray(names[:, None] != names[None, :])
        self._fill(chain)
        layers = dict.fromkeys(row.layer for row in chain.duties)
        self.duties = tuple(self._layer(chain, layer) for layer in layers)

    def _fill(self, chain: Chain) -> None:
        for g, good in enumerate(self.goods):
            for i, origin in enumerate(self.regions):
                home = _specific(chain.inland, {"good": good, "region": origin})
                self.freight[g, i, i] = home.cost.usd_per_tonne if home else 0.0
                vat = _specific(chain.export_vat, {"good": good, "region": origin})
                if vat is not None:
                    self.export_vat[g, i] = self.border[i] * vat.rate.fraction
                for j, destination in enumerate(self.regions):
                    names = {"good": good, "origin": origin, "destination": destination}
                    row = _specific(chain.freight, names) if i != j else None
                    if row is not None:
                        self.freight[g, i, j] = row.cost.usd_per_tonne
                        self.insurance[g, i, j] = row.insurance.fraction

    def _layer(self, chain: Chain, layer: str) -> Duty:
        rate, specific = np.zeros_like(self.freight), np.zeros_like(self.freight)
        rows = [row for row in chain.duties if row.layer == layer]
        for g, good in enumerate(self.goods):
            for i, j in np.argwhere(self.border):
                names = {"good": good, "importer": self.territory[j], "origin": self.regions[i]}
                row = _specific(rows, names)
                if row is not None:
                    rate[g, i, j] = row.rate.fraction
                    specific[g, i, j] = row.specific.usd_per_tonne if row.specific else 0.0
        return Duty(layer, "existing_duty", rate, specific)

    def landed(self, price: Array) -> Array:
        """(G, R, R) landed price with existing duties [USD/t]; NaN where there is no price."""
        fob = price[:, :, None] * (1.0 + self.export_vat)
        cif = fob * (1.0 + self.insurance) + self.freight
        value = np.where(self.customs_fob[None, None, :], fob, cif)
        rate = sum((d.rate for d in self.duties), np.zeros_like(cif))
        specific = sum((d.specific for d in self.duties), np.zeros_like(cif))
        return np.asarray(cif + rate * value + specific)
