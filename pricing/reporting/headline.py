"""The seven numbers that a reader wants first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pricing.reporting.summary import Summary, summarise
from pricing.reporting.words import NONE, million, per_kg, tonnes

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result

MONEY = "million USD/yr"
GUARANTEES = "price_guarantee"


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

    Examples
    --------
    >>> import pricing
    >>> [number.label for number in headline(pricing.solve("forge_oxide_only"))][:2]
    ['magnet, price', 'magnet, output']
    """
    summary = summarise(result)
    last = result.solved.program.network.goods[-1]
    return (*_volumes(summary, last), *_money(summary))


def _volumes(summary: Summary, good: str) -> Iterator[Headline]:
    """Price, output and import share of a good in the first group."""
    group = summary.split.name
    for price in summary.prices:
        if (price.good, price.group, price.price) == (good, group, "buyers pay"):
            change = None
            if price.before is not None and price.after is not None:
                change = f"{(price.after - price.before) / 1e3:+,.2f}"
            text = f"Average landed price of {good} in {group}, at volumes without policy."
            yield Headline(f"{good}, price", "USD/kg", per_kg(price.after), change, text)
    for row in summary.output:
        if (row.good, row.group) == (good, group):
            change = f"{row.after - row.before:+,.0f}"
            text = f"Output of {good} in {group}."
            yield Headline(f"{good}, output", "t/yr", tonnes(row.after), change, text)
    for trade in summary.trade:
        if trade.good == good and trade.use_after > 0.0:
            share = trade.after / trade.use_after
            before = trade.before / trade.use_before if trade.use_before > 0.0 else 0.0
            text = f"Share of what {group} uses of {good} that comes from {summary.split.others}."
            change = f"{100 * (share - before):+.1f}"
            yield Headline(f"{good}, imported", "%", f"{100 * share:.1f}", change, text)


def _money(summary: Summary) -> Iterator[Headline]:
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
    outlay = million(sum(paid)) if paid else NONE
    yield Headline("guarantees pay", MONEY, outlay, None, "Payments under price guarantees.")
    group, lost = summary.buyers_cost[0]
    text = f"What final users in {group} lose: minus the change in their surplus."
    yield Headline("buyers' cost", MONEY, million(lost), None, text)
    text = "Gains less losses of all agents everywhere."
    yield Headline("world net", MONEY, million(summary.net), None, text)
