"""The short text report of one result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pricing._version import __version__
from pricing.reporting.assumed import assumptions_in_words
from pricing.reporting.jumps import lines as other_outcomes
from pricing.reporting.measures import diversion, payments, public_purchases, transshipment
from pricing.reporting.references import derivations
from pricing.reporting.summary import Summary, groups, summarise
from pricing.reporting.variants import signs
from pricing.reporting.words import (
    NONE,
    WIDTH,
    change,
    million,
    per_kg,
    percent,
    row_of,
    signed_kg,
    step,
    tonnes_short,
    wrap,
)

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result

NOT_MODELLED = "jobs, GDP, other goods, private stocks, and time (one year alone)."
"""What a reader must not look for."""
MOST_WARNINGS = 8
"""Kinds of warning that are printed; the others are counted."""
MOST_TREASURIES = 6
"""Treasuries that are printed; the others are added up."""

SMALLEST_SUM = 0.05e6
"""Change of a treasury that is always worth a line [USD]."""
SMALLEST_SHARE = 0.001
"""Smaller ones are if they are at least this share of the largest [1]."""
MOST_PROCESSES = 8
"""Processes whose protection is printed."""


def report(result: Result) -> str:
    """Short readable report: prices, output, trade, money, protection, warnings, checks."""
    summary = summarise(result)
    parts = (
        _head(result, summary),
        _prices(summary, any(result.solved.program.terms.supports)),
        payments(result),
        public_purchases(result),
        _output(summary),
        _trade(summary),
        diversion(result),
        transshipment(result),
        _treasuries(summary),
        _gains(summary),
        _protection(result, summary),
        signs(result),
        other_outcomes(result),
        _warnings(result),
        _foot(result),
    )
    lines = []
    for part in parts:
        found = list(part)
        if found:
            lines += [*found, ""]
    return "\n".join(line.rstrip() for line in lines[:-1]) + "\n"


def _head(result: Result, summary: Summary) -> Iterator[str]:
    scenario = result.scenario
    yield from wrap(scenario.document.title)
    yield from wrap(scenario.document.description)
    yield ""
    yield from wrap(
        f"{scenario.id}, chain {scenario.chain.id} {scenario.chain.base_year}, hash "
        f"{scenario.hash[:12]}, version {__version__}, residual {result.diagnostics.residual:.0e}"
    )
    if len(summary.members) > 1 and not summary.split.whole:
        yield from wrap(
            f"{summary.split.name.capitalize()}: {', '.join(summary.members)}.", "  ", ""
        )
    yield from wrap(
        ("" if result.accounts.policies else "No policy is in force. ")
        + "Before -> after: without and with the policies, on the same assumptions. A year, in USD "
        f"of {scenario.chain.currency.year} without VAT; t = tonnes of each good's own basis."
    )
    yield from wrap(assumptions_in_words(scenario), "  ", "")
    for text in derivations(scenario.document, result.solved.program):
        yield from wrap(text, "  ", "")


def _columns(summary: Summary) -> list[str]:
    return [name for name, _ in groups(summary.split)]


def _prices(summary: Summary, supported: bool) -> Iterator[str]:
    names = _columns(summary)
    yield f"{'PRICES, USD/kg':<24}{'reference':>10}" + "".join(f"{name:>22}" for name in names)
    cells: dict[tuple[str, str], list[str]] = {}
    reference: dict[str, str] = {}
    for row in summary.prices:
        pair = step(per_kg(row.before), per_kg(row.after))
        cells.setdefault((row.good, row.price), []).append(f"{pair:>22}")
        if row.reference is not None:
            reference[row.good] = per_kg(row.reference)
    for (good, price), values in cells.items():
        first = price == "buyers pay"
        name, held = (good, reference.get(good, "")) if first else ("", "")
        yield from row_of(name, 14, f"{price:<10}{held:>10}" + "".join(values))
    yield from wrap(
        "Buyers pay landed prices, duties and levies paid; makers get ex-works prices"
        + (", and guaranteed ones the payments below" * supported)
        + ". Averages weigh origins by what is bought in each state, regions by use or output "
        "before.",
        "  ",
    )


def _output(summary: Summary) -> Iterator[str]:
    names = _columns(summary)
    yield f"{'OUTPUT, t':<14}" + "".join(f"{name:>22}{'change':>9}" for name in names)
    rows: dict[str, list[str]] = {}
    for row in summary.output:
        pair = step(tonnes_short(row.before), tonnes_short(row.after))
        text = f"{pair:>22}{change(row.before, row.after):>9}"
        rows.setdefault(row.good, []).append(text)
    for good, values in rows.items():
        yield from row_of(good, 14, "".join(values))


def _trade(summary: Summary) -> Iterator[str]:
    if not summary.trade:
        return
    yield (
        f"{'BOUGHT FROM':<14}{summary.split.others + ', t':>22}{'change':>9}"
        f"{'share of use':>17}  largest origin"
    )
    for row in summary.trade:
        shares = [
            f"{100.0 * part / whole:.0f} %" if whole > 0.0 else NONE
            for part, whole in ((row.before, row.use_before), (row.after, row.use_after))
        ]
        share = step(shares[0], shares[1], 7)
        cells = (
            f"{step(tonnes_short(row.before), tonnes_short(row.after)):>22}"
            f"{change(row.before, row.after):>9}{share:>17}"
        )
        origin = row.origin
        if row.origin_before != row.origin:
            origin = f"{row.origin_before or 'none'} -> {row.origin or 'none'}"
        fits = 14 + len(cells) + 2 + len(origin) <= WIDTH
        yield from row_of(row.good, 14, f"{cells}  {origin}" if fits else cells)
        if not fits:
            yield f"{origin:>{WIDTH}}"


def _treasuries(summary: Summary) -> Iterator[str]:
    yield "TREASURIES, change in receipts, million USD"
    by_region: dict[str, list[tuple[str, float]]] = {}
    largest = max((abs(row.change) for row in summary.treasuries), default=0.0)
    least = max(min(SMALLEST_SUM, SMALLEST_SHARE * largest), 50.0)  # less prints as 0.0
    lines = Counter((row.region, row.instrument) for row in summary.treasuries)
    for row in summary.treasuries:
        if abs(row.change) >= least:
            kind = row.instrument.replace("_", " ")
            several = lines[row.region, row.instrument] > 1
            name = f"{kind} ({row.policy})" if several and row.policy else kind
            by_region.setdefault(row.region, []).append((name, row.change))
    if not by_region:
        yield "  no change"
    total = {region: sum(c for _, c in lines) for region, lines in by_region.items()}
    ranked = sorted(total, key=lambda region: -abs(total[region]))
    most = MOST_TREASURIES if len(ranked) > MOST_TREASURIES + 1 else len(ranked)
    for region in ranked[:most]:
        parts = ", ".join(f"{name} {million(amount)}" for name, amount in by_region[region])
        yield from wrap(f"{region:<16}{million(total[region]):>10}   {parts}", " " * 31, "  ")
    rest = ranked[most:]
    if rest:
        yield f"  {f'{len(rest)} others':<16}{million(sum(total[region] for region in rest)):>10}"


def _gains(summary: Summary) -> Iterator[str]:
    names = _columns(summary)
    yield (
        f"{'GAINS AND LOSSES, million USD':<34}"
        + "".join(f"{name:>15}" for name in names)
        + f"{'world':>15}" * (len(names) > 1)
    )
    rows: dict[str, dict[str, float]] = {}
    for row in summary.gains:
        rows.setdefault(row.agent, {})[row.group] = row.change
    net = {name: sum(row.get(name, 0.0) for row in rows.values()) for name in names}
    for agent, values in {**rows, "net": net}.items():
        cells = [values.get(name, 0.0) for name in names]
        if len(names) > 1:
            cells.append(sum(cells))
        yield f"  {agent:<32}" + "".join(f"{million(cell):>15}" for cell in cells)
    costs = ", ".join(f"{million(cost)} {name}" for name, cost in summary.buyers_cost)
    yield f"  Buyers' cost (what final users lose): {costs}"


def _protection(result: Result, summary: Summary) -> Iterator[str]:
    """Each stage of the first group: the zone as a whole, else its processes."""
    if not result.accounts.policies:
        return
    rows = [row for row in result.accounts.protection if row.change is not None]
    zone = summary.split.zone
    chosen = [row for row in rows if row.subject == zone]
    if not zone:
        chosen = [row for row in rows if row.region in summary.members][:MOST_PROCESSES]
    if not chosen:
        return
    yield (
        f"{'PROTECTION':<25}{'value added, USD/kg':>19}{'change':>10}"
        f"{'ERP ex ante':>13}{'ERP ex post':>13}"
    )
    for row in chosen:
        name = row.good if zone else row.subject
        pair = step(per_kg(row.value_added_base), per_kg(row.value_added))
        now = "thin" if row.thin_margin else percent(row.equilibrium)
        ante = "stops trade" if row.stops_trade else percent(row.nominal)
        cells = f"{pair:>19}{signed_kg(row.change):>10}{ante:>13}{now:>13}"
        yield from row_of(name, 25, cells)
    yield from wrap(
        "ERP (effective rate of protection): change over value added before; ex ante by wedges "
        "at old prices, ex post by solved prices. Value added leaves out the cost of switching "
        "suppliers."
        + " Where a levy or duty stops trade its size says nothing: no ex ante rate."
        * any(row.stops_trade for row in chosen),
        "  ",
    )


def _warnings(result: Result) -> Iterator[str]:
    """First sentence of the first warning of each kind, and what else the kind is about."""
    kinds: dict[str, list[Any]] = {}
    for warning in result.warnings:
        kinds.setdefault(str(warning.code), []).append(warning)
    if not kinds:
        return
    yield f"WARNINGS ({len(result.warnings)}), in short; in full: Warnings sheet, result.warnings"
    for first, *others in list(kinds.values())[:MOST_WARNINGS]:
        text = first.text.split(". ")[0].rstrip(".") + "."
        about = dict.fromkeys(other.subject for other in others if other.subject != first.subject)
        more = f" The same for: {', '.join(about)}." if about else ""
        more = more or (f" And {len(others)} more like it." if others else "")
        yield from wrap(text + more, "    ", "  - ")
    if len(kinds) > MOST_WARNINGS:
        yield f"  and {len(kinds) - MOST_WARNINGS} more kinds"


def _foot(result: Result) -> Iterator[str]:
    checks = result.accounts.checks
    failed = [check.name for check in checks if not check.passed]
    worst = max((check.error for check in checks), default=0.0)
    verdict = f"FAILED: {', '.join(failed)}" if failed else f"all {len(checks)} hold"
    yield from wrap(f"Checks: {verdict} (largest error {worst:.0e} of world spending).")
    yield from wrap(f"Not modelled: {NOT_MODELLED}")
