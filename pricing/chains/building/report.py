"""What the rebuild of a base year used, changed and set aside, as plain text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from pricing.chains.building.build import BaseYear, Built
from pricing.chains.building.recipe import Check
from pricing.errors import Fault, InputError


def item_value(built: Built, year: BaseYear, item: str) -> float:
    """Number of a base year by its name in a check [t or USD/t].

    Raises
    ------
    InputError
        If there is no such item.
    """
    prices = year.prices
    kind, _, rest = item.partition(" ")
    good, _, place = rest.partition(" ")
    origin, _, destination = place.partition(" > ")
    try:
        match kind:
            case "level":
                names = [process.id for process in built.chain.processes]
                return float(year.level[names.index(rest)])
            case "use":
                g, r = prices.at(good, place)
                return float(year.flow[g, :, r].sum())
            case "exports" | "imports":
                g, r = prices.at(good, place)
                out_and_in = year.flow[g, r, :], year.flow[g, :, r]
                traded = out_and_in[kind == "imports"]
                return float(traded.sum() - traded[r])
            case "flow":
                g, i = prices.at(good, origin)
                return float(year.flow[g, i, prices.regions.index(destination)])
            case "price":
                return float(prices.price[prices.at(good, place)])
            case "buyer_price":
                return prices.buyer_price(good, place)
    except ValueError:
        pass
    remedy = "level PROCESS, flow GOOD A > B, use|exports|imports|price|buyer_price GOOD REGION"
    raise InputError([Fault(f"'{item}' is no item of the base year", "checks", remedy=remedy)])


def checked(built: Built, year: BaseYear, check: Check) -> tuple[float, float]:
    """A figure that was not used, and what came out in its place."""
    here = item_value(built, year, check.item)
    if check.share_of:
        here /= item_value(built, year, check.share_of)
    return built.values(check), here


def render(built: Built) -> str:
    """Readable plain text of the whole reconciliation."""
    title = built.recipe.title
    lines = [title, "=" * len(title), *_decisions(built), *_figures(built), *_totals(built)]
    for year in built.variants.values():
        lines += _variant(built, year)
    lines += [*_rows(built), "", "Tables"]
    lines += [f"  {name}  {year.sha256}" for name, year in built.variants.items()]
    return "\n".join(lines) + "\n"


def _decisions(built: Built) -> Iterator[str]:
    yield from ("", "Decisions (from -> to: why)")
    for one in built.recipe.decisions:
        yield f"  {one.subject}: {one.before} -> {one.after}"
        yield f"      {one.why}"


def _figures(built: Built) -> Iterator[str]:
    if built.recipe.figures:
        yield from ("", "Intermediate figures, in t, USD/t or 1")
    for name, figure in built.recipe.figures.items():
        yield f"  {name:48s}{built.values.of(name):16,.4f}  {figure.why}"


def _totals(built: Built) -> Iterator[str]:
    yield from ("", "Totals before and after, in t")
    for a in built.totals.adjustments:
        yield f"  {a.item:48s}{a.before:16,.1f}{a.after:16,.1f}{a.relative:+9.1%}  {a.why}"
    yield (
        f"  sum of squared changes {built.totals.penalty:.2f} deviations, most by "
        f"{built.totals.worst}"
    )
    for one in built.recipe.by_origin:
        passed_on = built.passed_on[one.good].items()
        yield f"  {one.good} only passed on: {', '.join(f'{r} {t:,.0f} t' for r, t in passed_on)}"
        yield f"      {one.note}"


def _variant(built: Built, year: BaseYear) -> Iterator[str]:
    yield from ("", f"Base year '{year.variant}': {built.recipe.variants[year.variant].title}")
    yield "  Recorded trade before and after, in t"
    for a in year.trade:
        yield f"    {a.item:46s}{a.before:16,.1f}{a.after:16,.1f}{a.relative:+9.1%}  {a.why}"
    known = {a.item for a in (*built.totals.adjustments, *year.trade)}
    flow, regions = year.flow, year.prices.regions
    for g, good in enumerate(year.prices.goods):
        names = [
            f"{good} {regions[i]} > {regions[j]}" for i, j in np.argwhere(flow[g] > 0.0).tolist()
        ]
        free = sum(name not in known for name in names)
        yield f"    {good}: {len(names)} routes, {free} of them without a record"
    yield "  Prices ex works, without VAT"
    for p in year.built:
        yield f"    {p.good:14s}{p.region:16s}{p.price / 1e3:14,.3f} USD/kg  {p.how}"
    yield "  Margins of conversion as a share of revenue (100 % where no input is modelled)"
    for m in year.margins:
        yield f"    {m.process:32s}{m.share:8.1%}"
    yield "  Checks against figures that were not used (there, here)"
    for check in built.recipe.checks:
        there, here = checked(built, year, check)
        yield f"    {check.item:40s}{there:14,.4g}{here:14,.4g}  {check.why}"


def _rows(built: Built) -> Iterator[str]:
    counts = Counter((fate.use, fate.rule) for fate in built.fates)
    yield from ("", f"Raw rows ({len(built.fates)})")
    for (use, rule), count in sorted(counts.items()):
        yield f"  {use:12s}{rule:32s}{count:5d}"
    yield from ("", "Rows set aside, by rule")
    for why, rule in dict.fromkeys((f.why, f.rule) for f in built.fates if f.use != "used"):
        ids = [f.row.id for f in built.fates if (f.rule, f.why) == (rule, why)]
        yield f"  {rule} ({len(ids)}): {why}"
        yield f"      {', '.join(ids)}"
