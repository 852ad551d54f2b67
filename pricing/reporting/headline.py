"""The seven numbers that a reader wants first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pricing.reporting.summary import Summary, summarise
from pricing.reporting.words import million, per_kg, tonnes

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result

MONEY = "million USD/yr"
GUARANTEES = "price_guarantee"
UNCHANGED = "±0"
"""Change of what stays as it is."""


@dataclass(frozen=True)
class Headline:
    """One number, rounded for people."""

    label: str
    """What it is."""
    unit: str
    """Unit."""
    shown: str
    """The number."""
    change: str | None
    """Change against the world without added policy; None for what is a change itself."""
    help: str
    """A sentence on what is counted."""


def headline(result: Result) -> tuple[Headline, ...]:
    """Price, output and imports of the chain's last good where the policies act; and money.

    Where it is not both made and used, the last good that they act on stands in its place. Where
    they act on exporters only, the numbers are those of the others, who feel it; imports are then
    of a good that those exporters make.

    Examples
    --------
    >>> import pricing
    >>> [number.label for number in headline(pricing.solve("forge_oxide_only"))][:2]
    ['magnet, price in the zone', 'magnet, output in the zone']
    >>> headline(pricing.solve("mp_price_guarantee"))[1].label
    'oxide, output in United States'
    >>> headline(pricing.solve("canada_matawinie"))[0].label
    'flake, price in Rest of world'
    >>> headline(pricing.solve("drc_cobalt_quota"))[2].label
    'intermediate, imported outside DR Congo'
    """
    summary = summarise(result)
    where = summary.split.where(result.solved.program.network.regions)
    good = _good(result, summary)
    imported = good if _made(summary, good) > 0.0 else _acted(result)
    if _elsewhere(summary, good):
        where = where.replace("in ", "outside ") if len(summary.members) == 1 else "elsewhere"
        summary = summarise(result, summary.split.turned())
    return (*_volumes(summary, good, imported, where), *_money(summary, where))


def _good(result: Result, summary: Summary) -> str:
    """Good whose numbers say most: a group need not be told of what it does not make and use."""
    goods = result.solved.program.network.goods
    own = min(_made(summary, goods[-1]), _used(summary, goods[-1]))
    return goods[-1] if summary.split.sells or own > 0.0 else _acted(result)


def _acted(result: Result) -> str:
    """Last good that policies act on."""
    goods = result.solved.program.network.goods
    acted = {row.good for row in result.accounts.regimes}
    return next((good for good in reversed(goods) if good in acted), goods[-1])


def _made(summary: Summary, good: str) -> float:
    """Output of a good in the first group, without policy and with it [t]."""
    own = (good, summary.split.name)
    return sum(row.before + row.after for row in summary.output if (row.good, row.group) == own)


def _used(summary: Summary, good: str) -> float:
    """Use of a good in the first group, without policy and with it [t]."""
    return sum(row.use_before + row.use_after for row in summary.trade if row.good == good)


def _elsewhere(summary: Summary, good: str) -> bool:
    """Whether the others say more: policies act on exporters, or nobody here uses or makes it."""
    if summary.split.whole:
        return False
    return summary.split.sells or _used(summary, good) + _made(summary, good) == 0.0


def _changed(value: float, form: str) -> str:
    """A change in words that do not hint at a direction where there is none."""
    text = f"{value:{form}}"
    return text if float(text.replace(",", "")) else UNCHANGED


def _volumes(summary: Summary, good: str, imported: str, where: str) -> Iterator[Headline]:
    """Price and output of a good in the first group, and import share of one."""
    group = summary.split.name
    who = f" ({', '.join(summary.members)})" if len(summary.members) > 1 else ""
    paid, got = (
        next(p for p in summary.prices if (p.good, p.group, p.price) == (good, group, kind))
        for kind in ("buyers pay", "makers get")
    )
    bought = paid.after is not None or got.after is None
    price, whose = (paid, "price") if bought else (got, "makers' price")
    change = None
    if price.before is not None and price.after is not None:
        change = _changed((price.after - price.before) / 1e3, "+,.2f")
    what = "landed" if bought else "ex-works"
    text = f"Average {what} price of {good} {where}{who}, at volumes without policy."
    yield Headline(f"{good}, {whose} {where}", "USD/kg", per_kg(price.after), change, text)
    for row in summary.output:
        if (row.good, row.group) == (good, group):
            change = _changed(row.after - row.before, "+,.0f")
            text = f"Output of {good} {where}{who}."
            yield Headline(f"{good}, output {where}", "t/yr", tonnes(row.after), change, text)
    for trade in summary.trade:
        if trade.good == imported and trade.use_after > 0.0:
            share = trade.after / trade.use_after
            before = trade.before / trade.use_before if trade.use_before > 0.0 else 0.0
            text = f"Part of the {imported} used {where}{who} that is made elsewhere."
            change = _changed(100 * (share - before), "+.1f")
            yield Headline(f"{imported}, imported {where}", "%", f"{100 * share:.1f}", change, text)


def _money(summary: Summary, where: str) -> Iterator[Headline]:
    """Treasuries, guarantees, users, the world; all are changes against no added policy."""
    rows = summary.treasuries
    paid = [-row.change for row in rows if row.instrument == GUARANTEES]
    yield Headline(
        "all treasuries",
        MONEY,
        million(sum(row.change for row in rows)),
        None,
        "Receipts less payments of every treasury, guarantees included.",
    )
    outlay = million(sum(paid)) if paid else "none"
    yield Headline("guarantees pay", MONEY, outlay, None, "Payments under price guarantees.")
    lost = summary.buyers_cost[0][1]
    text = f"What final users {where} lose: minus the change in their surplus."
    yield Headline(f"buyers' cost {where}", MONEY, million(lost), None, text)
    text = "Gains less losses of all agents everywhere."
    yield Headline("world net", MONEY, million(summary.net), None, text)
