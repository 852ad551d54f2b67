"""Build the balanced base year of a chain from raw figures and rules.

Totals first: levels and uses move as little as their confidence allows until every good balances
(:func:`pricing.chains.reconcile.least_squares`). Trade second: recorded flows and priors meet the
balanced totals by minimum cross-entropy (:func:`pricing.chains.reconcile.ras`), so that no flow
turns negative. Prices last, stage by stage, because each stage buys at landed prices.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pricing.chains.benchmark_table import write_table
from pricing.chains.built_prices import BuiltPrice, Margin, PriceTable, build_prices
from pricing.chains.facts import Facts
from pricing.chains.network import Array
from pricing.chains.recipe import Level, NetExport, Prior, Recipe, Total, Use, Variant
from pricing.chains.reconcile import (
    Adjustment,
    Balance,
    Measurement,
    Reconciled,
    least_squares,
    ras,
)
from pricing.chains.rows_used import Fate, Values, fates
from pricing.chains.schema import BenchmarkRow, Chain
from pricing.chains.stated import stated_faults
from pricing.core.documents import read_document
from pricing.core.faults import validate
from pricing.errors import Fault, InputError


@dataclass(frozen=True)
class BaseYear:
    """One variant of the base year."""

    variant: str
    """Name in the chain's ``benchmarks``."""
    rows: tuple[BenchmarkRow, ...]
    """The numbers."""
    text: str
    """The table as it is written."""
    level: Array
    """(K,) levels of the chain's processes [t]."""
    flow: Array
    """(G, R, R) flows [t]."""
    trade: tuple[Adjustment, ...]
    """Recorded flows before and after."""
    prices: PriceTable
    """Prices by good and region."""
    built: tuple[BuiltPrice, ...]
    """How they were built."""
    margins: tuple[Margin, ...]
    """Margins of the processes."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the table."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Built:
    """Everything that the rebuild found out."""

    chain: Chain
    """The chain; its benchmarks are not looked at."""
    recipe: Recipe
    """The rules."""
    values: Values
    """Numbers of the raw rows."""
    fates: tuple[Fate, ...]
    """What became of every raw row."""
    totals: Reconciled
    """Levels and uses before and after."""
    variants: dict[str, BaseYear]
    """Base years by name, the central one first."""


def build(name: str, configs_root: Path) -> Built:
    """Rebuild the base year of a chain from its files; nothing is written.

    Parameters
    ----------
    name : str
        Chain with ``chains/NAME.yaml``, ``data/NAME_rules.yaml`` and ``data/NAME_raw.csv``; figures
        that many chains use are in ``data/common_raw.csv``.
    configs_root : Path
        Folder with ``chains/`` and ``data/``.

    Raises
    ------
    InputError
        With every fault of the files, every raw row that is not accounted for, and what does not
        balance.
    """
    data = configs_root / "data"
    chain = validate(Chain, read_document(configs_root / "chains" / f"{name}.yaml"))
    recipe = validate(Recipe, read_document(data / f"{name}_rules.yaml"))
    facts = Facts.load(data / f"{name}_raw.csv").with_shared(Facts.load(data / "common_raw.csv"))
    return build_from(chain, recipe, facts)


def build_from(chain: Chain, recipe: Recipe, facts: Facts) -> Built:
    """As :func:`build`, from what was already read."""
    found, values = fates(facts, recipe), Values(facts, recipe)
    work = _Totals(chain, recipe, values)
    faults = [*work.faults(), *stated_faults(chain, recipe, values)]
    if faults:
        raise InputError(faults)
    totals = least_squares(list(work.measurements()), list(work.balances()))
    variants = {
        name: _base_year(work, totals, name, variant) for name, variant in recipe.variants.items()
    }
    return Built(chain, recipe, values, found, totals, variants)


class _Totals:
    """Levels and uses of a chain, and the balances between them."""

    def __init__(self, chain: Chain, recipe: Recipe, values: Values) -> None:
        self.chain, self.recipe, self.values = chain, recipe, values
        self.goods = [good.id for good in chain.goods]
        self.regions = [region.id for region in chain.regions]
        technologies = {technology.id: technology for technology in chain.technologies}
        self.recipes = {p.id: technologies[p.technology] for p in chain.processes}
        self.home_only = {
            prior.good
            for variant in recipe.variants.values()
            for prior in variant.priors
            if prior.home_only
        }

    def faults(self) -> Iterator[Fault]:
        """Names that the chain does not have, and figures that are missing."""
        levels = {row.process for row in self.recipe.levels}
        uses = {(row.good, row.region, row.use) for row in self.recipe.uses}
        made = {process.id for process in self.chain.processes}
        bought = {(d.good, d.region, d.use) for d in self.chain.demands}
        named = {process for total in self.recipe.totals for process in total.processes}
        for process in sorted((levels | named) - made):
            yield Fault(f"'{process}' is no process of the chain", "levels")
        for process in sorted(made - levels):
            yield Fault(f"'{process}' has no level", "levels", remedy="Add one, or remove it")
        for use in sorted(uses - bought):
            yield Fault(f"'{', '.join(use)}' is no demand of the chain", "uses")
        for use in sorted(bought - uses):
            yield Fault(f"'{', '.join(use)}' has no use", "uses", remedy="Add one, or remove it")
        for route in self.recipe.routes:
            for place in {route.origin, route.destination} - set(self.regions):
                yield Fault(f"'{place}' is no region of the chain", "routes")
        for place in {net.region for net in self.recipe.net_exports} - set(self.regions):
            yield Fault(f"'{place}' is no region of the chain", "net_exports")
        goods = {net.good for net in self.recipe.net_exports}
        for good in (goods | {route.good for route in self.recipe.routes}) - set(self.goods):
            yield Fault(f"'{good}' is no good of the chain", "routes or net_exports")

    def measurements(self) -> Iterator[Measurement]:
        """Every figure with its confidence."""
        recipe = self.recipe
        rows: tuple[Level | Use | Total | NetExport, ...]
        rows = (*recipe.levels, *recipe.uses, *recipe.totals, *recipe.net_exports)
        for row in rows:
            value = abs(self.values(row))  # no item is negative; net imports change sign below
            yield Measurement(row.item, value, value * row.deviation, row.why, row.named)

    def balances(self) -> Iterator[Balance]:
        """Output equals use of every good, in the world or, where it stays at home, by region."""
        for good in self.goods:
            if good in self.home_only:
                for region in self.regions:
                    terms = self._terms(good, region)
                    if terms:
                        yield Balance(f"{good} in {region}", terms)
            else:
                yield Balance(f"{good} in the world", self._terms(good, None))
        for total in self.recipe.totals:
            terms = {f"level of {process}": 1.0 for process in total.processes}
            yield Balance(total.item, terms | {total.item: -1.0})
        for net in self.recipe.net_exports:
            sign = -1.0 if self.values(net) >= 0.0 else 1.0
            yield Balance(net.item, self._terms(net.good, net.region) | {net.item: sign})

    def _terms(self, good: str, region: str | None) -> dict[str, float]:
        """Coefficients of output less use of a good."""
        terms: dict[str, float] = {}
        for process in self.chain.processes:
            if region in (None, process.region):
                technology = self.recipes[process.id]
                out, use = technology.outputs.get(good), technology.inputs.get(good)
                net = (out.tonnes_per_tonne if out else 0.0) - (
                    use.tonnes_per_tonne if use else 0.0
                )
                if net:
                    terms[f"level of {process.id}"] = net
        for row in self.recipe.uses:
            if row.good == good and region in (None, row.region):
                terms[row.item] = -1.0
        return terms

    def by_region(self, totals: Reconciled) -> tuple[Array, Array, Array]:
        """Levels (K,), supply (G, R) and use (G, R) [t]."""
        level = np.array([totals.values[f"level of {p.id}"] for p in self.chain.processes])
        supply = np.zeros((len(self.goods), len(self.regions)))
        use = np.zeros_like(supply)
        for process, tonnes in zip(self.chain.processes, level, strict=True):
            r, technology = self.regions.index(process.region), self.recipes[process.id]
            for good, a in technology.outputs.items():
                supply[self.goods.index(good), r] += a.tonnes_per_tonne * tonnes
            for good, a in technology.inputs.items():
                use[self.goods.index(good), r] += a.tonnes_per_tonne * tonnes
        for row in {row.item: row for row in self.recipe.uses}.values():
            at = self.goods.index(row.good), self.regions.index(row.region)
            use[at] += totals.values[row.item]
        return level, supply, use


def _base_year(work: _Totals, totals: Reconciled, name: str, variant: Variant) -> BaseYear:
    level, supply, use = work.by_region(totals)
    flow = np.zeros((*supply.shape, len(work.regions)))
    trade: list[Adjustment] = []
    for g, good in enumerate(work.goods):
        prior = next((p for p in variant.priors if p.good == good), None)
        before, recorded = _prior(work, g, supply[g], use[g], prior)
        flow[g] = ras(before, supply[g], use[g], good)
        trade += [
            Adjustment(f"{good} {work.regions[i]} > {work.regions[j]}", *pair, "t", why)
            for (i, j), why in recorded.items()
            for pair in [(float(before[i, j]), float(flow[g, i, j]))]
        ]
    prices, built, margins = build_prices(work.chain, work.recipe, work.values, flow, level)
    rows = tuple(_rows(work, totals, flow, level, built))
    return BaseYear(
        name, rows, write_table(rows), level, flow, tuple(trade), prices, built, margins
    )


def _prior(
    work: _Totals, g: int, supply: Array, use: Array, prior: Prior | None
) -> tuple[Array, dict[tuple[int, int], str]]:
    """(R, R) tonnes before they meet the totals, and the recorded ones among them."""
    good, regions = work.goods[g], work.regions
    here = np.eye(len(regions), dtype=bool)
    weight = np.where(here, prior.home, prior.foreign) if prior else np.ones(here.shape)
    if prior and prior.home_only:
        weight = here.astype(float)
    before = weight * supply[:, None] * use[None, :] / max(float(use.sum()), 1e-300)
    recorded: dict[tuple[int, int], str] = {}
    for row in work.recipe.routes if prior is None or prior.recorded else ():
        if row.good == good:
            at = regions.index(row.origin), regions.index(row.destination)
            more = before[at] if at in recorded else 0.0
            before[at] = more + work.values(row)
            recorded[at] = f"{recorded[at]}; {row.why}" if more else row.why
    for origin, destination in prior.closed if prior else ():
        before[regions.index(origin), regions.index(destination)] = 0.0
    return before, recorded


def _rows(
    work: _Totals, totals: Reconciled, flow: Array, level: Array, built: tuple[BuiltPrice, ...]
) -> Iterator[BenchmarkRow]:
    """The rows of a benchmark table."""
    before = {one.item: one for one in totals.adjustments}
    for line in built:
        at = {"good": line.good, "region": line.region}
        yield _row("producer_price", line.price, "USD/t", line.how, **at)
    for process, tonnes in zip(work.chain.processes, level, strict=True):
        how = _moved(before[f"level of {process.id}"])
        yield _row("production", float(tonnes), "t/yr", how, process=process.id)
    for row in {row.item: row for row in work.recipe.uses}.values():
        at = {"good": row.good, "region": row.region, "use": row.use}
        yield _row("use", totals.values[row.item], "t/yr", _moved(before[row.item]), **at)
    for g, i, j in np.argwhere(flow > 0.0).tolist():
        at = {"good": work.goods[g], "region": work.regions[i], "partner": work.regions[j]}
        how = "recorded trade and priors, brought to the balanced totals by minimum cross-entropy"
        yield _row("flow", float(flow[g, i, j]), "t/yr", how, **at)
    yield from _prior_shares(work, flow)


def _prior_shares(work: _Totals, flow: Array) -> Iterator[BenchmarkRow]:
    """Shares for announced plants in regions that do not use their input yet: sellers by output."""
    inputs = {technology.id: tuple(technology.inputs) for technology in work.chain.technologies}
    needed = dict.fromkeys(
        (good, plant.region) for plant in work.chain.latent for good in inputs[plant.technology]
    )
    for good, region in needed:
        g, r = work.goods.index(good), work.regions.index(region)
        if flow[g, :, r].sum() == 0.0:
            output = flow[g].sum(axis=1)
            for i in np.flatnonzero(output).tolist():
                at = {"good": good, "region": work.regions[i], "partner": region}
                how = "no use in the base year: sellers by their output"
                yield _row("prior_share", float(output[i] / output.sum()), "1", how, **at)


def _moved(change: Adjustment) -> str:
    return f"measured {change.before:.6g} t, adjusted by {change.relative:+.2%}"


def _row(variable: str, value: float, unit: str, derivation: str, **names: str) -> BenchmarkRow:
    return BenchmarkRow.model_validate(
        {"variable": variable, "value": value, "unit": unit, "source": "reconciliation"}
        | {"derivation": derivation}
        | names
    )
