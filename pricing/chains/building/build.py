"""Build the balanced base year of a chain from raw figures and rules.

Totals first: levels and uses, and trade that is measured, move as little as their confidence allows
until every good balances (:func:`.reconcile.least_squares`). Other trade second: recorded flows and
priors meet the balanced totals by minimum cross-entropy (:func:`.reconcile.ras`), so that no flow
turns negative. Prices last, stage by stage, because each stage buys at landed prices.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pricing.chains.benchmarks import BenchmarkRow
from pricing.chains.building.facts import Facts
from pricing.chains.building.prices import BuiltPrice, Margin, PriceTable, build_prices
from pricing.chains.building.recipe import Recipe
from pricing.chains.building.reconcile import Adjustment, Reconciled, least_squares, ras
from pricing.chains.building.rows_used import Fate, Values, fates
from pricing.chains.building.stated import stated_faults
from pricing.chains.building.table import write_table
from pricing.chains.building.totals import Totals
from pricing.chains.building.trade import flow_item, prior_trade
from pricing.chains.building.trade_rules import Prior, Variant
from pricing.chains.load import extended
from pricing.chains.network import Array
from pricing.chains.schema import Chain
from pricing.core.documents import read_document
from pricing.core.faults import validate
from pricing.core.merge import merge
from pricing.errors import InputError


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
    passed_on: dict[str, dict[str, float]]
    """Good -> region -> exports that it did not make, where re-exports were taken out [t]."""
    variants: dict[str, BaseYear]
    """Base years by name, the central one first."""


def build(name: str, configs_root: Path) -> Built:
    """Rebuild the base year of a chain from its files; nothing is written.

    Parameters
    ----------
    name : str
        Chain with ``chains/NAME.yaml``, ``data/NAME_rules.yaml`` and ``data/NAME_raw.csv``; figures
        that many chains use are in ``data/common_raw.csv``. Rules and raw rows of the chain that it
        extends are taken over.
    configs_root : Path
        Folder with ``chains/`` and ``data/``.

    Raises
    ------
    InputError
        With every fault of the files, every raw row that is not accounted for, and what does not
        balance.
    """
    data = configs_root / "data"
    document = read_document(configs_root / "chains" / f"{name}.yaml")
    rules, facts = read_document(data / f"{name}_rules.yaml"), Facts.load(data / f"{name}_raw.csv")
    if "extends" in document.data:  # what its base says holds; rows of lists are added
        base = document.data["extends"]
        rules = merge(read_document(data / f"{base}_rules.yaml"), rules, longer=True)
        facts = facts.and_rows_of(Facts.load(data / f"{base}_raw.csv"))
    facts = facts.with_shared(Facts.load(data / "common_raw.csv"))
    return build_from(validate(Chain, extended(document)), validate(Recipe, rules), facts)


def build_from(chain: Chain, recipe: Recipe, facts: Facts) -> Built:
    """As :func:`build`, from what was already read."""
    found, values = fates(facts, recipe), Values(facts, recipe)
    work = Totals(chain, recipe, values)
    faults = [*work.faults(), *stated_faults(chain, recipe, values)]
    if faults:
        raise InputError(faults)
    measured = list(work.measurements())
    totals = least_squares(measured, list(work.balances(frozenset(m.item for m in measured))))
    variants = {
        name: _base_year(work, totals, name, variant) for name, variant in recipe.variants.items()
    }
    passed_on = {good: trade.passed_on for good, trade in work.by_origin.items()}
    return Built(chain, recipe, values, found, totals, passed_on, variants)


def _base_year(work: Totals, totals: Reconciled, name: str, variant: Variant) -> BaseYear:
    level, (supply, use) = work.levels(totals), work.by_region(totals)
    flow = np.zeros((*supply.shape, len(work.regions)))
    trade: list[Adjustment] = []
    for g, good in enumerate(work.goods):
        if good in work.measured_trade:
            flow[g] = work.measured_flow(totals, good)
            continue
        no_prior = Prior(good=good, note="none stated")
        prior = next((p for p in variant.priors if p.good == good), no_prior)
        at = work.recipe, work.values, work.regions, supply[g], use[g]
        before, recorded = prior_trade(*at, prior)
        flow[g] = ras(before, supply[g], use[g], good)
        trade += [
            Adjustment(flow_item(good, work.regions[i], work.regions[j]), *pair, "t", why)
            for (i, j), why in recorded.items()
            for pair in [(float(before[i, j]), float(flow[g, i, j]))]
        ]
    prices, built, margins = build_prices(work.chain, work.recipe, work.values, flow, level)
    rows = tuple(_rows(work, totals, flow, level, built))
    return BaseYear(
        name, rows, write_table(rows), level, flow, tuple(trade), prices, built, margins
    )


def _rows(
    work: Totals, totals: Reconciled, flow: Array, level: Array, built: tuple[BuiltPrice, ...]
) -> Iterator[BenchmarkRow]:
    """The rows of a benchmark table."""
    before = {one.item: one for one in totals.adjustments}
    for line in built:
        at = {"good": line.good, "region": line.region}
        yield _row("producer_price", line.price, "USD/t", line.how, **at)
    for process, tonnes in zip(work.chain.processes, level, strict=True):
        how = _moved(before[f"level of {process.id}"])
        yield _row("production", float(tonnes), "t/yr", how, process=process.id)
    for use, tonnes in work.final_use(totals).items():
        at = dict(zip(("good", "region", "use"), use, strict=True))
        item = work.uses.get(use)
        how = _moved(before[item]) if item else "what arrives and nobody else uses"
        yield _row("use", tonnes, "t/yr", how, **at)
    for g, i, j in np.argwhere(flow > 0.0).tolist():
        at = {"good": work.goods[g], "region": work.regions[i], "partner": work.regions[j]}
        how = "recorded trade and priors, brought to the balanced totals by minimum cross-entropy"
        measured = before.get(flow_item(*at.values()))
        how = _moved(measured) if measured else how
        yield _row("flow", float(flow[g, i, j]), "t/yr", how, **at)
    yield from _prior_shares(work, flow)


def _prior_shares(work: Totals, flow: Array) -> Iterator[BenchmarkRow]:
    """Shares for announced plants in regions that do not use their input yet.

    Sellers count by their output; of a good of ``feed_at_home`` the region's own are all.
    """
    inputs = {technology.id: tuple(technology.inputs) for technology in work.chain.technologies}
    needed = dict.fromkeys(
        (good, plant.region) for plant in work.chain.latent for good in inputs[plant.technology]
    )
    for good, region in needed:
        g, r = work.goods.index(good), work.regions.index(region)
        if flow[g, :, r].sum() > 0.0:
            continue
        output, how = flow[g].sum(axis=1), "no use in the base year: sellers by their output"
        if good in work.recipe.feed_at_home and output[r] > 0.0:
            output = np.where(np.arange(output.size) == r, output, 0.0)
            how = "no use in the base year: the plant is built for what the region makes"
        for i in np.flatnonzero(output).tolist():
            at = {"good": good, "region": work.regions[i], "partner": region}
            yield _row("prior_share", float(output[i] / output.sum()), "1", how, **at)


def _moved(change: Adjustment) -> str:
    return f"measured {change.before:.6g} t, adjusted by {change.relative:+.2%}"


def _row(variable: str, value: float, unit: str, derivation: str, **names: str) -> BenchmarkRow:
    return BenchmarkRow.model_validate(
        {"variable": variable, "value": value, "unit": unit, "source": "reconciliation"}
        | {"derivation": derivation}
        | names
    )
