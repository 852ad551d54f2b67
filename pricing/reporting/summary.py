"""The few tables that a reader wants first, by good and by two groups of regions.

The first group is the zone of a reference price, or the regions that the policies act on; the
second is everybody else. Averages over a group use the volumes of the reference, so that a change
is a change of prices and not of weights (the scenario's volumes where the reference has none).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from pricing.accounts.ledger import Account
from pricing.chains.network import Array, BoolArray
from pricing.equilibrium.build import Solved
from pricing.reporting.references import Split, reference_levels, split_of
from pricing.reporting.rows import buyer_price, producer_price

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result


@dataclass(frozen=True)
class PriceRow:
    """One average price before and after."""

    good: str
    """Good."""
    group: str
    """Group of regions."""
    price: str
    """``buyers pay`` (average landed) or ``makers get`` (ex works)."""
    before: float | None
    """In the reference [USD/t]."""
    after: float | None
    """In the scenario [USD/t]."""
    reference: float | None
    """Reference price in force [USD/t]."""


@dataclass(frozen=True)
class VolumeRow:
    """One volume before and after."""

    good: str
    """Good."""
    group: str
    """Group of regions."""
    before: float
    """In the reference [t]."""
    after: float
    """In the scenario [t]."""


@dataclass(frozen=True)
class TradeRow:
    """What a group buys from the other one."""

    good: str
    """Good."""
    before: float
    """In the reference [t]."""
    after: float
    """In the scenario [t]."""
    use_before: float
    """Use of the group in the reference [t]."""
    use_after: float
    """Use of the group in the scenario [t]."""
    origin: str
    """Largest outside origin in the scenario; empty for none."""
    origin_before: str = ""
    """Largest outside origin in the reference; empty for none."""


@dataclass(frozen=True)
class MoneyRow:
    """Change of one treasury's receipts by instrument."""

    region: str
    """Whose treasury."""
    instrument: str
    """Kind of instrument."""
    policy: str
    """Id of the policy or duty layer."""
    change: float
    """Receipts less payments, against the reference [USD]."""


@dataclass(frozen=True)
class GainRow:
    """Change in surplus of one kind of agent in one group; all rows add up to the net."""

    agent: str
    """Who, in words."""
    group: str
    """Group of regions."""
    change: float
    """Against the reference [USD]."""


@dataclass(frozen=True)
class Summary:
    """The tables of one result."""

    split: Split
    """The two groups."""
    members: tuple[str, ...]
    """Regions of the first group."""
    prices: tuple[PriceRow, ...]
    """Prices by good and group."""
    output: tuple[VolumeRow, ...]
    """Output by good and group."""
    trade: tuple[TradeRow, ...]
    """Purchases of the first group from the other."""
    treasuries: tuple[MoneyRow, ...]
    """Changes of treasuries that are not zero."""
    buyers_cost: tuple[tuple[str, float], ...]
    """Group -> what final users lose: minus the change in their surplus [USD]."""
    gains: tuple[GainRow, ...]
    """Who gains and who loses."""

    @property
    def net(self) -> float:
        """Sum over all agents, treasuries at the cost of public funds [USD]."""
        return sum(row.change for row in self.gains)


def summarise(result: Result, split: Split | None = None) -> Summary:
    """Summary of a result, for the two groups that its policies suggest or for given ones."""
    document, solved = result.scenario.document, result.solved
    split = split or split_of(document, solved.program)
    regions = solved.program.network.regions
    return Summary(
        split=split,
        members=tuple(np.array(regions, dtype=object)[split.inside]),
        prices=tuple(_prices(result, split)),
        output=tuple(_output(result, split)),
        trade=tuple(_trade(result, split)),
        treasuries=tuple(_treasuries(result)),
        buyers_cost=tuple(_buyers_cost(result, split)),
        gains=tuple(_gains(result, split)),
    )


def groups(split: Split) -> list[tuple[str, BoolArray]]:
    """Names and masks of the groups that are not empty."""
    both = [(split.name, split.inside), (split.others, split.outside)]
    return both[:1] if split.whole else both


def average(value: Array, weight: Array, fallback: Array) -> float | None:
    """Weighted average of what is defined; None where there is nothing."""
    known = np.isfinite(value)
    for chosen in (weight * known, fallback * known):
        if chosen.sum() > 0.0:
            return float((chosen * np.where(known, value, 0.0)).sum() / chosen.sum())
    return None


def _prices(result: Result, split: Split) -> Iterator[PriceRow]:
    before, after = result.reference, result.solved
    levels = reference_levels(result.scenario.document, after.program)
    goods = after.program.network.goods
    measures = (
        ("buyers pay", buyer_price, "use"),
        ("makers get", producer_price, "output"),
    )
    for g, name_of_good in enumerate(goods):
        held = [price for (good, _), price in levels.items() if good == name_of_good]
        for name, mask in groups(split):
            reference = max(held, default=None) if mask is split.inside else None
            for words, price, volume in measures:
                weights = [getattr(at.state, volume)[0, g] * mask for at in (before, after)]
                yield PriceRow(
                    name_of_good,
                    name,
                    words,
                    average(price(before)[g], *weights),
                    average(price(after)[g], *weights),
                    reference,
                )


def _output(result: Result, split: Split) -> Iterator[VolumeRow]:
    before, after = result.reference.state.output[0], result.solved.state.output[0]
    for g, good in enumerate(result.solved.program.network.goods):
        for name, mask in groups(split):
            yield VolumeRow(good, name, float(before[g][mask].sum()), float(after[g][mask].sum()))


def _trade(result: Result, split: Split) -> Iterator[TradeRow]:
    if split.whole:
        return
    inside, regions = split.inside, result.solved.program.network.regions

    def entering(at: Solved, g: int) -> Array:
        return np.asarray(at.state.flow[0, g] * ~inside[:, None] * inside[None, :])

    for g, good in enumerate(result.solved.program.network.goods):
        before, after = entering(result.reference, g), entering(result.solved, g)
        yield TradeRow(
            good,
            float(before.sum()),
            float(after.sum()),
            float(result.reference.state.use[0, g][inside].sum()),
            float(result.solved.state.use[0, g][inside].sum()),
            _largest(after, regions),
            _largest(before, regions),
        )


def _largest(entering: Array, regions: tuple[str, ...]) -> str:
    """Origin of the largest part of what enters; empty for nothing."""
    by_origin = entering.sum(axis=1)
    return regions[int(np.argmax(by_origin))] if by_origin.sum() > 0.0 else ""


def _treasuries(result: Result) -> Iterator[MoneyRow]:
    regions = result.solved.program.network.regions
    for (instrument, policy), change in result.accounts.agents.treasury_lines.items():
        for r in np.flatnonzero(np.abs(change[0]) >= 1.0):
            yield MoneyRow(regions[r], instrument, policy, float(change[0, r]))


def _buyers_cost(result: Result, split: Split) -> Iterator[tuple[str, float]]:
    lost = -result.accounts.agents.users_by_region[0]
    for name, mask in groups(split):
        yield name, float(lost[mask].sum())


AGENTS = {
    Account.USERS: "final users",
    Account.PROCESSES: "producers",
    Account.EXPORTERS: "exporters (rent)",
    Account.LICENCE_HOLDERS: "licence holders",
    Account.TREASURIES: "treasuries",
    Account.STOCKS: "public stocks",
}
"""Kind of account -> words in reports."""
FUNDS = "extra cost of public funds"
"""Weight of treasuries beyond one, in words."""


def _gains(result: Result, split: Split) -> Iterator[GainRow]:
    place = {name: r for r, name in enumerate(result.solved.program.network.regions)}
    total: dict[tuple[str, str], float] = {
        (words, name): 0.0 for name, _ in groups(split) for words in AGENTS.values()
    }
    for row in result.accounts.agents.rows:
        if row.in_total and row.account in AGENTS:
            inside = bool(split.inside[place[row.region]])
            key = (AGENTS[row.account], split.name if inside else split.others)
            total[key] += row.change
    weight = result.accounts.agents.cost_of_public_funds - 1.0
    for name, mask in groups(split):
        extra = weight * result.accounts.agents.treasuries[0][mask].sum()
        total[FUNDS, name] = float(extra)
    seldom = (Account.EXPORTERS, Account.LICENCE_HOLDERS, Account.STOCKS)
    optional = {FUNDS, *(AGENTS[account] for account in seldom)}
    for (words, name), change in total.items():
        if change != 0.0 or words not in optional:
            yield GainRow(words, name, change)


def as_dicts(rows: tuple[object, ...]) -> list[dict[str, object]]:
    """Rows of a summary as plain mappings, for tables and charts."""
    return [{f.name: getattr(row, f.name) for f in fields(row)} for row in rows]  # type: ignore[arg-type]
