"""The few tables that a reader wants first, by good and by two groups of regions.

The first group is the zone of a reference price, or the regions that the policies act on; the
second is everybody else. Averages over a group use the volumes of the reference, so that a change
is a change of prices and not of weights (the scenario's volumes where the reference has none).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from pricing.accounts.parties import Account
from pricing.chains.network import Array, BoolArray
from pricing.equilibrium.build import Solved
from pricing.reporting.prices import buyer_price, producer_price
from pricing.reporting.references import Split, highest_levels, split_of

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


def averages(values: Array, weights: Array, fallback: Array) -> list[float | None]:
    """(n,) averages of the rows of (n, R) values over what is defined; None where nothing is.

    The second weights hold where the first leave nothing.
    """
    known = np.isfinite(values)
    first, second = weights * known, fallback * known
    chosen = np.where(first.sum(axis=1, keepdims=True) > 0.0, first, second)
    sums, total = (chosen * np.where(known, values, 0.0)).sum(axis=1), chosen.sum(axis=1)
    pairs = zip(sums.tolist(), total.tolist(), strict=True)
    return [value / weight if weight > 0.0 else None for value, weight in pairs]


Measure = tuple[str, Callable[[Solved], Array], str]
"""Words, (G, R) price [USD/t], and the volume that weighs it."""


def average_prices(
    both: tuple[Solved, Solved], split: Split, measures: Sequence[Measure]
) -> Iterator[tuple[str, int, str, float | None, float | None]]:
    """Averages before and after by good, group and measure, at the volumes before.

    Yields group, good, words of the measure, and the average price in the two solutions [USD/t].
    """
    found = groups(split)
    table: dict[tuple[str, str], list[list[float | None]]] = {}
    for words, price, volume in measures:
        prices = [price(at) for at in both]
        volumes = [getattr(at.state, volume)[0] for at in both]
        for name, mask in found:
            weights = [mask * tonnes for tonnes in volumes]
            table[name, words] = [averages(values, *weights) for values in prices]
    for g in range(len(both[0].program.network.goods)):
        for name, _ in found:
            for words, _, _ in measures:
                old, new = table[name, words]
                yield name, g, words, old[g], new[g]


MEASURES = (("buyers pay", buyer_price, "use"), ("makers get", producer_price, "output"))


def _prices(result: Result, split: Split) -> Iterator[PriceRow]:
    before, after = result.reference, result.solved
    held = highest_levels(result.scenario.document, after.program)
    goods = after.program.network.goods
    for group, g, words, old, new in average_prices((before, after), split, MEASURES):
        reference = held.get(goods[g]) if group == split.name else None
        yield PriceRow(goods[g], group, words, old, new, reference)


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
    Account.LICENCE_HOLDERS: "licences, contracts",
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
