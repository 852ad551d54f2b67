"""What the reconciliation of the NdFeB chain decided, changed and left open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pricing.chains.ndfeb import SCRAP, trade_by_prior
from pricing.chains.ndfeb_build import BenchmarkResult, Sources, build_from, flows_of, read_sources
from pricing.chains.ndfeb_prices import PriceLine
from pricing.chains.reconcile import Adjustment

CHAIN_RULES = frozenset(
    {"announced_plant", "capacity", "content_of_concentrate", "duty", "elasticity", "entry_cost"}
    | {"freight", "structural_zero"}
)
"""Rules of raw rows that are written into the chain file and not read by the rebuild."""

__all__ = ["Decision", "Report", "render_report", "report_ndfeb", "trade_by_prior"]


@dataclass(frozen=True)
class Decision:
    """One choice: what the sources say, what is used, and why."""

    subject: str
    """What it is about."""
    before: str
    """What the sources say."""
    after: str
    """What is used."""
    why: str
    """Reason."""


@dataclass(frozen=True)
class Report:
    """Everything a reader needs to judge the base year."""

    title: str
    """Heading."""
    decisions: tuple[Decision, ...]
    """Open choices, with from, to and why."""
    world: tuple[tuple[str, float, str], ...]
    """World figures: name, value, unit."""
    adjustments: tuple[Adjustment, ...]
    """Every tonnage before and after."""
    penalty: float
    """Sum of squared changes in standard deviations [1]."""
    worst: str
    """Item that moved most, in standard deviations."""
    re_exported: dict[str, float]
    """Magnets forwarded by each region [t]."""
    prices: tuple[PriceLine, ...]
    """Price build-up and margins of the central variant."""
    smallest_margin: dict[str, float]
    """Variant -> smallest conversion margin as a share of price [1]."""
    checks: tuple[tuple[str, float, float, str], ...]
    """Figures not used to build the base year: name, there, here, unit."""
    rows: dict[tuple[str, str], int]
    """Raw rows by use and rule."""
    set_aside: tuple[tuple[str, str, str, str], ...]
    """Rows superseded or rejected: id, use, rule, note."""
    elasticities: tuple[str, ...]
    """What was cut or assumed about elasticities."""
    tables: dict[str, str]
    """Benchmark table -> SHA-256."""


def report_ndfeb(configs_root: Path) -> Report:
    """Rebuild the base year and report on it."""
    sources = read_sources(configs_root)
    results = build_from(sources)
    return report_of(sources, results)


def report_of(sources: Sources, results: dict[str, BenchmarkResult]) -> Report:
    """The report of results already built."""
    central = next(iter(results.values()))
    checks = tuple(_checks(sources, central))
    decisions = tuple(_decisions(sources, central))
    raw = sources.raw
    raw.select("prior_of_trade", "oxide")
    unread = raw.unread(CHAIN_RULES)
    if unread:
        raise RuntimeError(f"raw rows count as used but nothing reads them: {', '.join(unread)}")
    found = central.tonnes.found
    return Report(
        title=sources.rules.title,
        decisions=decisions,
        world=tuple(_world(central)),
        adjustments=found.adjustments,
        penalty=found.penalty,
        worst=found.worst,
        re_exported=central.tonnes.re_exported,
        prices=central.prices,
        smallest_margin={v: min(p.margin_share for p in r.prices) for v, r in results.items()},
        checks=checks,
        rows=raw.counts(),
        set_aside=tuple((r.id, r.use, r.rule, r.note) for r in raw.rows if r.use != "used"),
        elasticities=tuple(
            f"{name}: {e.note}" for name, e in sources.chain.elasticities.items() if e.note
        ),
        tables={result.table: result.sha256 for result in results.values()},
    )


def _world(result: BenchmarkResult) -> list[tuple[str, float, str]]:
    made = result.tonnes.coefficients
    total: dict[str, float] = {}
    for row in result.rows:
        if row.variable == "production" and row.process is not None:
            stage = row.process.partition("_")[0]
            total[stage] = total.get(stage, 0.0) + row.value
    element = made.oxide_per_element
    lost = 1.0 - 1.0 / (made.concentrate * element)
    process = 1.0 - 0.31 * element / (made.oxide * made.metal)
    return [
        ("mine output", total["mine"], "t contained Nd+Pr+Dy+Tb (held)"),
        ("oxide from concentrate", total["separation"], "t oxide"),
        ("oxide from scrap", total["scrap"], "t oxide (free, 0 to 20 kt in the sources)"),
        ("metal", total["metal"], "t rare-earth content"),
        ("magnets", total["magnet"], "t NdFeB (free, 213 to 277 kt in the sources)"),
        ("loss in separation", 100.0 * lost, "% of contained rare earths"),
        ("loss from oxide to magnet", 100.0 * process, "% over two stages, net of swarf"),
        ("scrap as element", total["scrap"] / element, "t contained"),
    ]


def _share(result: BenchmarkResult, good: str, origin: str, destination: str) -> float:
    arrivals = {
        row.region: row.value
        for row in result.rows
        if (row.variable, row.good, row.partner) == ("flow", good, destination)
    }
    return 100.0 * arrivals.get(origin, 0.0) / sum(arrivals.values())


def _checks(sources: Sources, result: BenchmarkResult) -> list[tuple[str, float, float, str]]:
    """Figures that were not used, beside what came out."""
    raw = sources.raw
    for good in ("oxide", "metal", "magnet", "concentrate"):
        raw.select("check_only", good)
        raw.select("vat_basis", good)
    price = {(line.good, line.region): line.price / 1e3 for line in result.prices}
    level = {row.process: row.value for row in result.rows if row.variable == "production"}
    made = result.tonnes.coefficients
    oxide = price["oxide", "China"]
    feed = result.tonnes.found.values["concentrate:United States>China"] / made.concentrate
    quotes = ("fastmarkets_20240104", "fastmarkets_20240613", "fastmarkets_20241219")
    payable = price["concentrate", "United States"] / (oxide * made.oxide_per_element)
    out = [
        ("Chinese share of the EU's oxide, low", raw.value("eca_oxide_china_low"), _share(result, "oxide", "China", "EU"), "%"),
        ("Chinese share of the EU's oxide, high", raw.value("eca_oxide_china_high"), _share(result, "oxide", "China", "EU"), "%"),
        ("Chinese share of the EU's imported magnets", raw.value("comext_share_china"), 100.0 * 17.5 / 19.0, "%"),
        ("Mountain Pass in Chinese separation", raw.value("mp_feed_share"), 100.0 * feed / level["separation_china"], "%"),
        ("NdPr oxide, mean of three quotes of 2024", sum(map(raw.value, quotes)) / 3.0, oxide, "USD/kg"),
        ("NdPr oxide, SMM December 2024", raw.value("smm_oxide_202412"), oxide, "USD/kg"),
        ("payable share of concentrate", raw.value("investorintel_payability"), 100.0 * payable, "%"),
        ("oxide per magnet", raw.value("reo_per_magnet_check"), made.oxide * made.metal, "t/t"),
    ]
    for origin, partner in (("Japan", "United States"), ("EU", "United States"), ("Vietnam", "Japan")):
        row = f"unit_value_{origin}_{partner}".lower().replace(" ", "_")
        out.append((f"magnets from {origin}, recorded to {partner}", raw.value(row), price["magnet", origin], "USD/kg"))
    for good, region, row in (("oxide", "United States", "usitc_vietnam"),):
        flow = flows_of(result.tonnes, sources.rules, result.variant)[good][region, "Vietnam"]
        value = raw.value(f"{row}_value") * 1e6 / (oxide * 1e3)
        out.append(("US oxide to Vietnam (recorded value over price)", value, flow, "t"))
    return out


def _decisions(sources: Sources, result: BenchmarkResult) -> list[Decision]:
    raw, rules = sources.raw, sources.rules
    for row in ("eu_use", "eu_china_low", "eu_china_high", "eu_own"):
        raw.value(f"guardian_{row}")
    raw.value("eca_eu_use")
    world = {name: value for name, value, _ in _world(result)}
    quoted = []
    for day in ("20250410", "20250425", "20251231"):
        oxide, metal = raw.value(f"smm_oxide_{day}"), raw.value(f"smm_metal_{day}")
        quoted.append(100.0 * (1.0 - oxide * result.tonnes.coefficients.oxide / metal))
    thin = f"{min(quoted):.1f} to {max(quoted):.1f} % of price in Chinese quotes of 2025"
    recorded = sum(result.tonnes.re_exported.values())
    scrap = sum(result.tonnes.get("scrap", region) for region in SCRAP)
    australia = result.tonnes.get("mine", "Australia")
    return [
        Decision("world mine output", "75.099 kt (IEA)", "75.099 kt", "Held; regions move inside it by confidence"),
        Decision("world magnet output", "213 to 277 kt", f"{world['magnets'] / 1e3:.1f} kt", "Free: what mines, scrap and losses allow. 276.6 kt would need 88.0 kt of element"),
        Decision("scrap", "0 to 20 kt", f"{scrap / 1e3:.1f} kt oxide", "Free: Chinese refining (IEA) less the concentrate that reached China; Japan as much per tonne of magnets"),
        Decision("EU magnets", "20.0 kt; 17 to 18 kt from China; 20.1 kt by value shares", "17.5 + 1.0 + 1.5 kt", rules.held.note),
        Decision("China to the United States", "7.5 kt (Adamas), 6.85 kt (value share)", f"{result.tonnes.get('magnet', 'China>United States') / 1e3:.2f} kt by origin", "7.5 kt recorded, more by origin because Chinese magnets also arrive through others, less what the US passes on"),
        Decision("re-exports of magnets", f"{recorded / 1e3:.1f} kt recorded from places that did not make them", "credited to the maker", rules.re_exports.note),
        Decision("Australia and Lynas", "3.235 kt mined (IEA); 5.7 and 6.6 kt oxide reported by Lynas", f"{australia / 1e3:.2f} kt mined", "The company's own figures are trusted more; other mines shrink so that the world holds"),
        Decision("IEA remainder of mines", "7.145 kt", "India 0.49, Brazil 0.25, Malaysia 0.06, Vietnam 0.05, rest 6.29 kt", "Chinese content for hard rock and sands; ionic clays take the rest, 44.9 %, as Myanmar"),
        Decision("IEA remainder of refining", "2.462 kt", "EU 0.81, Vietnam 0.81, India 0.48 kt", "0.37 kt has no named plant and is left out: no phantom producers"),
        Decision("metal by region", "China 92 %, Japan 6 % of all conversion (2022)", "China 94 %, Japan 4.5 %, Vietnam 1.4 %, United Kingdom 0.1 %", "The old figure lumps metal with magnets; China gets its magnet share of 2024, the rest is split as then"),
        Decision("trade in oxide and metal", "no usable record", "entropy from totals and a prior", "; ".join(f"{name}: {variant.note}" for name, variant in rules.priors.items())),
        Decision("metal margin", thin, "6 % in China, 8 to 12 % elsewhere", rules.prices.note),
        Decision("price of Dy and Tb", "10.4 % of element weight by the IEA's clean-energy demand", "priced as NdPr", "A chain for Dy and Tb counts only their premium over NdPr"),
        Decision("value added tax", "55 USD/kg FOB; 56 without VAT; FOB near the price with VAT in 2023", "55 USD/kg ex-works, export VAT zero", sources.chain.sources["est_vat"].derivation or ""),
        Decision("duties not found", "Japan, Korea, India and others", "zero", sources.chain.sources["est_duty_gap"].derivation or ""),
    ]


def render_report(report: Report) -> str:
    """Readable plain text of the report."""
    lines = [report.title, "=" * len(report.title), "", "World"]
    lines += [f"  {name:28s}{value:12,.1f}  {unit}" for name, value, unit in report.world]
    lines += ["", "Decisions (from -> to: why)"]
    for one in report.decisions:
        lines += [f"  {one.subject}: {one.before} -> {one.after}", f"      {one.why}"]
    lines += ["", "Prices, ex-works without VAT, and margins (central)"]
    lines.append(f"  {'good':13s}{'region':15s}{'USD/kg':>8s}{'inputs':>9s}{'margin':>9s}{'share':>8s}  how")
    for p in report.prices:
        money = f"{p.price / 1e3:8.2f}{p.inputs / 1e3:9.2f}{p.margin / 1e3:9.2f}{p.margin_share:8.1%}"
        lines.append(f"  {p.good:13s}{p.region:15s}{money}  {p.how}")
    margins = ", ".join(f"{name} {share:.1%}" for name, share in report.smallest_margin.items())
    lines += [f"  smallest margin by variant: {margins}", "", "Tonnes before and after"]
    for a in report.adjustments:
        lines.append(f"  {a.item:40s}{a.before:12,.1f}{a.after:12,.1f}{a.relative:+9.1%}  {a.why}")
    moved = f"  sum of squared changes {report.penalty:.1f} deviations, most by {report.worst}"
    forwarded = ", ".join(f"{region} {t:,.0f} t" for region, t in report.re_exported.items())
    lines += [moved, "", f"Magnets only passed on: {forwarded}", "", "Checks (there, here)"]
    lines += [f"  {name:52s}{there:10.2f}{here:10.2f}  {unit}" for name, there, here, unit in report.checks]
    lines += ["", "Raw rows"]
    lines += [f"  {use:12s}{rule:26s}{count:5d}" for (use, rule), count in report.rows.items()]
    lines += ["", "Rows set aside"]
    lines += [f"  {row}: {use} ({rule}) {note}".rstrip() for row, use, rule, note in report.set_aside]
    lines += ["", "Elasticities", *(f"  {text}" for text in report.elasticities), "", "Tables"]
    lines += [f"  {table}  {digest}" for table, digest in report.tables.items()]
    return "\n".join(lines) + "\n"
