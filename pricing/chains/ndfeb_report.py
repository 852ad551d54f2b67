"""What the reconciliation of the NdFeB chain decided, changed and left open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pricing.chains.ndfeb_build import BenchmarkResult, Sources, build_from, read_sources
from pricing.chains.ndfeb_decisions import Figures, checks, decisions, world
from pricing.chains.ndfeb_prices import PriceLine
from pricing.chains.ndfeb_rules import DecisionText
from pricing.chains.reconcile import Adjustment

CHAIN_RULES = frozenset(
    {"announced_plant", "capacity", "content_of_concentrate", "duty", "elasticity", "entry_cost"}
    | {"freight", "structural_zero"}
)
"""Rules of raw rows that are written into the chain file and not read by the rebuild."""


@dataclass(frozen=True)
class Report:
    """Everything a reader needs to judge the base year."""

    title: str
    """Heading."""
    decisions: tuple[DecisionText, ...]
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
    figures = Figures(sources, central)
    checked = tuple(checks(sources, figures))
    decided = tuple(decisions(sources, figures))
    raw = sources.raw
    raw.select("prior_of_trade", "oxide")  # routes that the rules list as documented
    unread = raw.unread(CHAIN_RULES)
    if unread:
        raise RuntimeError(f"raw rows count as used but nothing reads them: {', '.join(unread)}")
    found = central.tonnes.found
    return Report(
        title=sources.rules.title,
        decisions=decided,
        world=tuple(world(figures)),
        adjustments=found.adjustments,
        penalty=found.penalty,
        worst=found.worst,
        re_exported=central.tonnes.re_exported,
        prices=central.prices,
        smallest_margin={v: min(p.margin_share for p in r.prices) for v, r in results.items()},
        checks=checked,
        rows=raw.counts(),
        set_aside=tuple((r.id, r.use, r.rule, r.note) for r in raw.rows if r.use != "used"),
        elasticities=tuple(
            f"{name}: {e.note}" for name, e in sources.chain.elasticities.items() if e.note
        ),
        tables={result.table: result.sha256 for result in results.values()},
    )


def render_report(report: Report) -> str:
    """Readable plain text of the report."""
    lines = [report.title, "=" * len(report.title), "", "World"]
    lines += [f"  {name:28s}{value:12,.1f}  {unit}" for name, value, unit in report.world]
    lines += ["", "Decisions (from -> to: why)"]
    for one in report.decisions:
        lines += [f"  {one.subject}: {one.before} -> {one.after}", f"      {one.why}"]
    lines += ["", "Prices, ex-works without VAT, and margins (central)"]
    lines.append(
        f"  {'good':13s}{'region':15s}{'USD/kg':>8s}{'inputs':>9s}{'margin':>9s}{'share':>8s}  how"
    )
    for p in report.prices:
        money = (
            f"{p.price / 1e3:8.2f}{p.inputs / 1e3:9.2f}{p.margin / 1e3:9.2f}{p.margin_share:8.1%}"
        )
        lines.append(f"  {p.good:13s}{p.region:15s}{money}  {p.how}")
    margins = ", ".join(f"{name} {share:.1%}" for name, share in report.smallest_margin.items())
    lines += [f"  smallest margin by variant: {margins}", "", "Tonnes before and after"]
    for a in report.adjustments:
        lines.append(f"  {a.item:40s}{a.before:12,.1f}{a.after:12,.1f}{a.relative:+9.1%}  {a.why}")
    moved = f"  sum of squared changes {report.penalty:.1f} deviations, most by {report.worst}"
    forwarded = ", ".join(f"{region} {t:,.0f} t" for region, t in report.re_exported.items())
    lines += [moved, "", f"Magnets only passed on: {forwarded}", "", "Checks (there, here)"]
    for name, there, here, unit in report.checks:
        lines.append(f"  {name:64s}{there:10.2f}{here:10.2f}  {unit}")
    lines += ["", "Raw rows"]
    lines += [f"  {use:12s}{rule:26s}{count:5d}" for (use, rule), count in report.rows.items()]
    lines += ["", "Rows set aside"]
    for row, use, rule, note in report.set_aside:
        lines.append(f"  {row}: {use} ({rule}) {note}".rstrip())
    lines += ["", "Elasticities", *(f"  {text}" for text in report.elasticities), "", "Tables"]
    lines += [f"  {table}  {digest}" for table, digest in report.tables.items()]
    return "\n".join(lines) + "\n"
