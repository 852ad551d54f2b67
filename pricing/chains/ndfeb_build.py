"""Rebuild the benchmark tables of the NdFeB chain from raw figures and rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pricing.chains.benchmark_table import write_table
from pricing.chains.ndfeb import Tonnes, balance, trade_by_prior
from pricing.chains.ndfeb_measured import CONCENTRATE_ROUTES, METAL, SCRAP, SEPARATORS
from pricing.chains.ndfeb_prices import PriceLine, build_prices
from pricing.chains.ndfeb_rules import Rules
from pricing.chains.rawdata import RawTable
from pricing.chains.schema import BenchmarkRow, Chain
from pricing.core.documents import read_document
from pricing.core.faults import validate

RECORD = "ndfeb_benchmark_inputs.json"
"""File with the hashes of what the tables were built from."""


@dataclass(frozen=True)
class Sources:
    """Everything that the benchmark is built from."""

    chain: Chain
    """The chain document; its benchmark section is not looked at."""
    rules: Rules
    """Rules of the reconciliation."""
    raw: RawTable
    """Raw figures."""
    hashes: dict[str, str]
    """SHA-256 of the inputs."""


@dataclass(frozen=True)
class BenchmarkResult:
    """One variant of the base year."""

    variant: str
    """Name in the chain's ``benchmarks``."""
    rows: tuple[BenchmarkRow, ...]
    """The numbers."""
    text: str
    """The table as it is written."""
    sha256: str
    """SHA-256 of the text."""
    tonnes: Tonnes
    """Balanced tonnes before oxide and metal trade."""
    prices: tuple[PriceLine, ...]
    """Price build-up and margins."""

    @property
    def table(self) -> str:
        """File name in ``configs/data``."""
        return f"ndfeb_benchmark_{self.variant}.csv"


def read_sources(configs_root: Path) -> Sources:
    """Read the chain, the rules and the raw table from a ``configs`` folder."""
    data = configs_root / "data"
    chain = validate(Chain, read_document(configs_root / "chains" / "ndfeb.yaml"))
    rules = validate(Rules, read_document(data / "ndfeb_rules.yaml"))
    raw = RawTable.load(data / "ndfeb_raw.csv")
    left_out = {"benchmarks", "title", "description"}
    # What the file does not say is left out: a new optional field is no change of the data.
    kept = chain.model_dump(mode="json", exclude=left_out, exclude_unset=True)
    hashes = {
        name: _sha((data / name).read_bytes()) for name in ("ndfeb_raw.csv", "ndfeb_rules.yaml")
    }
    hashes["ndfeb.yaml without benchmarks"] = _sha(json.dumps(kept, sort_keys=True).encode())
    return Sources(chain, rules, raw, hashes)


def build_ndfeb(configs_root: Path) -> dict[str, BenchmarkResult]:
    """Every variant of the benchmark, the central one first.

    Parameters
    ----------
    configs_root : Path
        Folder with ``chains/`` and ``data/``.

    Returns
    -------
    dict
        Variant -> result; nothing is written.
    """
    return build_from(read_sources(configs_root))


def build_from(sources: Sources) -> dict[str, BenchmarkResult]:
    """As :func:`build_ndfeb`, from sources already read."""
    tonnes = balance(sources.chain, sources.raw, sources.rules)
    return {variant: _variant(sources, tonnes, variant) for variant in sources.rules.priors}


def _variant(sources: Sources, tonnes: Tonnes, variant: str) -> BenchmarkResult:
    flows = flows_of(tonnes, sources.rules, variant)
    _, lines = build_prices(sources.chain, sources.raw, sources.rules, tonnes.coefficients, flows)
    rows = (
        *_price_rows(lines),
        *_level_rows(tonnes, flows),
        *_use_rows(tonnes, flows),
        *_flow_rows(tonnes, flows, variant),
        *_prior_rows(sources.chain, flows),
    )
    text = write_table(rows)
    return BenchmarkResult(variant, rows, text, _sha(text.encode()), tonnes, tuple(lines))


def flows_of(tonnes: Tonnes, rules: Rules, variant: str) -> dict[str, dict[tuple[str, str], float]]:
    """Flows of the four goods, balanced to rounding error [t]."""
    values, made = tonnes.found.values, tonnes.coefficients
    concentrate = {(i, j): values[f"concentrate:{i}>{j}"] for i, j in CONCENTRATE_ROUTES}
    magnet = {
        (i, j): values[f"magnet:{i}>{j}"]
        for i, j in (k[7:].split(">") for k in values if k.startswith("magnet:") and ">" in k)
    }
    need = {o: made.metal * _out(magnet, o) for o in dict.fromkeys(i for i, _ in magnet)}
    supply = {r: tonnes.get("metal", r) for r in METAL}
    scale = sum(need.values()) / sum(supply.values())
    supply = {region: tonnage * scale for region, tonnage in supply.items()}
    metal = trade_by_prior("metal", supply, need, rules, variant)
    wanted = {r: made.oxide * _out(metal, r) for r in METAL}
    for region in rules.other_uses_share.shares:
        wanted[region] = wanted.get(region, 0.0) + tonnes.get("other", region)
    separated = {r: _in(concentrate, r) / made.concentrate for r in SEPARATORS}
    made_from_scrap = {r: tonnes.get("scrap", r) for r in SCRAP}
    rest = sum(wanted.values()) - sum(separated.values())
    scale = rest / sum(made_from_scrap.values())
    supply = dict(separated)
    for region, tonnage in made_from_scrap.items():
        supply[region] = supply.get(region, 0.0) + tonnage * scale
    oxide = trade_by_prior("oxide", supply, wanted, rules, variant)
    return {"concentrate": concentrate, "oxide": oxide, "metal": metal, "magnet": magnet}


def _out(routes: Mapping[tuple[str, str], float], region: str) -> float:
    return sum(tonnes for (i, _), tonnes in routes.items() if i == region)


def _in(routes: Mapping[tuple[str, str], float], region: str) -> float:
    return sum(tonnes for (_, j), tonnes in routes.items() if j == region)


def _name(region: str) -> str:
    return region.lower().replace(" ", "_")


def _row(variable: str, value: float, unit: str, derivation: str, **names: str) -> BenchmarkRow:
    return BenchmarkRow.model_validate(
        {"variable": variable, "value": float(value), "unit": unit, "source": "reconciliation"}
        | {"derivation": derivation}
        | names
    )


def _price_rows(lines: list[PriceLine]) -> Iterator[BenchmarkRow]:
    for line in lines:
        text = f"{line.how}; margin {line.margin_share:.1%} of price"
        yield _row("producer_price", line.price, "USD/t", text, good=line.good, region=line.region)


def _level_rows(
    tonnes: Tonnes, flows: Mapping[str, Mapping[tuple[str, str], float]]
) -> Iterator[BenchmarkRow]:
    made = tonnes.coefficients
    for good, prefix in (
        ("concentrate", "mine"),
        ("oxide", ""),
        ("metal", "metal"),
        ("magnet", "magnet"),
    ):
        for region in dict.fromkeys(i for i, _ in flows[good]):
            level = _out(flows[good], region)
            if prefix:
                yield _level(tonnes, prefix, region, level)
                continue
            separated = _in(flows["concentrate"], region) / made.concentrate
            if separated > 0.0:
                yield _level(tonnes, "separation", region, separated)
            if region in SCRAP:
                yield _level(tonnes, "scrap", region, level - separated)


def _level(tonnes: Tonnes, prefix: str, region: str, level: float) -> BenchmarkRow:
    before = next(a for a in tonnes.found.adjustments if a.item == f"{prefix}:{region}")
    text = f"measured {before.before:.6g} t, adjusted by {level / before.before - 1.0:+.2%}"
    return _row("production", level, "t/yr", text, process=f"{prefix}_{_name(region)}")


def _use_rows(
    tonnes: Tonnes, flows: Mapping[str, Mapping[tuple[str, str], float]]
) -> Iterator[BenchmarkRow]:
    for region in dict.fromkeys(j for _, j in flows["magnet"]):
        value = _in(flows["magnet"], region)
        text = "sum of arrivals by origin"
        yield _row("use", value, "t/yr", text, good="magnet", region=region, use="magnets")
    for item, value in tonnes.found.values.items():
        kind, region = item.split(":")
        if kind == "other":
            text = "world non-magnet use by round regional shares, adjusted"
            metal = tonnes.coefficients.oxide * _out(flows["metal"], region)
            exact = _in(flows["oxide"], region) - metal
            use = exact if metal == 0.0 else value
            yield _row("use", use, "t/yr", text, good="oxide", region=region, use="other_uses")


def _flow_rows(
    tonnes: Tonnes, flows: Mapping[str, Mapping[tuple[str, str], float]], variant: str
) -> Iterator[BenchmarkRow]:
    before = {a.item: a for a in tonnes.found.adjustments}
    for good, routes in flows.items():
        for (origin, destination), value in routes.items():
            known = before.get(f"{good}:{origin}>{destination}")
            text = f"entropy from totals, prior {variant}"
            if known is not None:
                text = f"measured {known.before:.6g} t, adjusted by {known.relative:+.2%}"
            yield _row("flow", value, "t/yr", text, good=good, region=origin, partner=destination)


def _prior_rows(
    chain: Chain, flows: Mapping[str, Mapping[tuple[str, str], float]]
) -> Iterator[BenchmarkRow]:
    """Shares for announced plants in regions that do not use their input yet."""
    inputs = {t.id: tuple(t.inputs) for t in chain.technologies}
    needed = dict.fromkeys(
        (good, plant.region)
        for plant in chain.latent
        for good in inputs[plant.technology]
        if _in(flows[good], plant.region) == 0.0
    )
    for good, region in needed:
        sellers = {i: _out(flows[good], i) for i in dict.fromkeys(i for i, _ in flows[good])}
        text = "no use in 2024: sellers by their output"
        if region in sellers and good == "concentrate":
            sellers, text = (
                {region: 1.0},
                "no use in 2024: the plant is built for the region's mines",
            )
        total = sum(sellers.values())
        for seller, tonnes in sellers.items():
            share = tonnes / total
            yield _row("prior_share", share, "1", text, good=good, region=seller, partner=region)


def record(sources: Sources, results: Mapping[str, BenchmarkResult]) -> str:
    """The text of ``ndfeb_benchmark_inputs.json``: hashes of inputs and tables."""
    tables = {result.table: result.sha256 for result in results.values()}
    return json.dumps({"inputs": sources.hashes, "tables": tables}, indent=2) + "\n"


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
