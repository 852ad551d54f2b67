"""Rows of a chain document as arrays: benchmark numbers and trade costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np

from pricing.chains.benchmarks import BenchmarkRow
from pricing.chains.network import Array, BoolArray, IntArray
from pricing.chains.references import ALL
from pricing.chains.schema import Chain
from pricing.chains.trade import DutyLayer, FreightRow, InlandRow
from pricing.instruments.layers import EXISTING, charged
from pricing.instruments.terms import Duty


class Rows:
    """The benchmark as arrays by good, region and process.

    ``stated`` is False where the numbers are the chain's own equilibrium and not a document's;
    then ``freight`` holds what transport came to cost there.
    """

    def __init__(
        self,
        rows: Iterable[BenchmarkRow],
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
        self.freight: Array | None = None
        uses = {(d.good, d.region, d.use): n for n, d in enumerate(chain.demands)}
        self.stated = True
        for row in rows:
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

    def widened(self, name: IntArray) -> None:
        """Give places beside the regions (R,) empty rows and columns, in arrays without them."""
        more = len(name) - self.price.shape[1]
        if self.freight is not None:
            self.freight = self.freight[:, name][:, :, name]
        self.price = np.pad(self.price, ((0, 0), (0, more)), constant_values=np.nan)
        self.use = np.pad(self.use, ((0, 0), (0, more)))
        self.flow, self.prior = (
            np.pad(array, ((0, 0), (0, more), (0, more))) for array in (self.flow, self.prior)
        )

    def shares(self, bound: Array | float = 0.0) -> Array:
        """Benchmark shares by origin in what contracts leave free; priors where nothing is used."""
        spot = self.flow - bound
        total = spot.sum(axis=1, keepdims=True)
        prior_total = self.prior.sum(axis=1, keepdims=True)
        prior = self.prior / np.where(prior_total > 0.0, prior_total, 1.0)
        return np.where(total > 0.0, spot / np.where(total > 0.0, total, 1.0), prior)


Row = TypeVar("Row")


def _by_specificity(rows: Iterable[Row], scope: tuple[str, ...]) -> list[Row]:
    """Rows with the most wildcards first, so that painting them in turn lets the specific hold."""
    return sorted(rows, key=lambda row: sum(getattr(row, name) != ALL for name in scope))


def _holds(names: Sequence[str], wanted: str) -> BoolArray:
    """Where a name, or ``all``, holds along a list of names."""
    return np.array([wanted in (ALL, name) for name in names], dtype=bool)


class TradeCosts:
    """Freight, insurance, export VAT and existing duties by arc."""

    def __init__(self, chain: Chain) -> None:
        self.goods = [good.id for good in chain.goods]
        self.regions = [region.id for region in chain.regions]
        self.territory = [region.territory or region.id for region in chain.regions]
        shape = (len(self.goods), len(self.regions), len(self.regions))
        self.freight: Array = np.zeros(shape)
        self.insurance: Array = np.zeros(shape)
        self.carriers: dict[tuple[int, int, int], tuple[str, FreightRow | InlandRow]] = {}
        self.export_vat: Array = np.zeros(shape)
        self.customs_fob: BoolArray = np.array([r.customs_value == "fob" for r in chain.regions])
        names = np.array(self.territory)
        self.border: BoolArray = np.asarray(names[:, None] != names[None, :])
        self._fill(chain)
        layers = dict.fromkeys(row.layer for row in chain.duties)
        self.duties = tuple(self._layer(chain, layer) for layer in layers)

    def _fill(self, chain: Chain) -> None:
        here = np.arange(len(self.regions))
        abroad = ~np.eye(len(self.regions), dtype=bool)
        rank = {id(row): n for rows in (chain.inland, chain.freight) for n, row in enumerate(rows)}
        for home in _by_specificity(chain.inland, ("good", "region")):
            g = _holds(self.goods, home.good)[:, None]
            own = self.freight[:, here, here]
            at_home = g & _holds(self.regions, home.region)
            own[at_home] = home.cost.usd_per_tonne
            self.freight[:, here, here] = own
            self._carry(at_home[:, :, None] & ~abroad, home, f"inland.{rank[id(home)]}")
        for vat in _by_specificity(chain.export_vat, ("good", "region")):
            mask = self._arcs(vat.good, vat.region, ALL) & self.border
            self.export_vat[mask] = vat.rate.fraction
        for row in _by_specificity(chain.freight, ("good", "origin", "destination")):
            mask = self._arcs(row.good, row.origin, row.destination) & abroad
            self.freight[mask] = row.cost.usd_per_tonne
            self.insurance[mask] = row.insurance.fraction
            self._carry(mask, row, f"freight.{rank[id(row)]}")

    def _carry(self, mask: BoolArray, row: FreightRow | InlandRow, where: str) -> None:
        """Give the arcs of a row its carriers, or none."""
        if row.carriers is None and not self.carriers:
            return
        for g, i, j in np.argwhere(mask).tolist():
            self.carriers.pop((g, i, j), None)
            if row.carriers is not None:
                self.carriers[g, i, j] = f"{where}.carriers", row

    def _arcs(self, good: str, origin: str, destination: str) -> BoolArray:
        """(G, R, R) arcs that a row is about."""
        pair = _holds(self.regions, origin)[:, None] & _holds(self.regions, destination)
        return _holds(self.goods, good)[:, None, None] & pair

    def _layer(self, chain: Chain, layer: str) -> Duty:
        rate, specific = np.zeros_like(self.freight), np.zeros_like(self.freight)
        rows = [row for row in chain.duties if row.layer == layer]
        for row in _by_specificity(rows, ("good", "importer", "origin")):
            mask = self._arcs(row.good, row.origin, ALL) & self.border
            mask &= _holds(self.territory, row.importer)
            rate[mask] = row.rate.fraction
            specific[mask] = row.specific.usd_per_tonne if row.specific else 0.0
        rule = chain.duty_layers.get(layer, DutyLayer())
        return Duty(layer, EXISTING, rate, specific, rule.yields_to, rule.higher_of)

    def landed(self, price: Array) -> Array:
        """(G, R, R) landed price with existing duties [USD/t]; NaN where there is no price."""
        fob = price[:, :, None] * (1.0 + self.export_vat)
        cif = fob * (1.0 + self.insurance) + self.freight
        value = np.where(self.customs_fob[None, None, :], fob, cif)
        duties = charged(self.duties)
        rate = sum((d.rate for d in duties), np.zeros_like(cif))
        specific = sum((d.specific for d in duties), np.zeros_like(cif))
        return np.asarray(cif + rate * value + specific)
