"""The regime of every policy on every arc, market and process that it touches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.ledger import per_tonne
from pricing.accounts.payments import over_quota
from pricing.chains.network import Array, BoolArray
from pricing.equilibrium.program import Program
from pricing.instruments.terms import Limit

PROHIBITIVE = 1e-6
"""Flows below this share of the buyer's use count as none [1]."""
AT_BOUND = 1e-9
"""Multipliers this close to their ceiling have reached it, as a share of it [1]."""


class Regime(StrEnum):
    """What an instrument does at one place."""

    SLACK = "slack"
    """It asks for nothing."""
    BINDING = "binding"
    """It moves a price or a quantity."""
    PROHIBITIVE = "prohibitive"
    """It leaves less than a millionth of the buyer's use."""
    EXHAUSTED = "exhausted"
    """Its ceiling, cap or budget is used up."""
    CLOSED = "closed"
    """The arc is out of the choice set, or the process cannot run."""


@dataclass(frozen=True)
class RegimeRow:
    """Regime of one policy at one place."""

    policy: str
    """Id of the policy."""
    instrument: str
    """Kind of instrument."""
    good: str
    """Good."""
    region: str
    """Origin of an arc, else where it acts."""
    partner: str
    """Destination of an arc; empty for none."""
    process: str
    """Process; empty for none."""
    regime: Regime
    """What it does there."""
    value: float
    """Duty, levy, rent or payment per tonne, or tonnes bought."""
    unit: str
    """Unit of ``value``."""


def regimes(books: Books) -> tuple[RegimeRow, ...]:
    """Regimes of the first scenario."""
    tables = (_duties, _top_ups, _closed, _limits, _supports, _grants)
    return tuple(row for table in tables for row in table(books))


def touched(program: Program) -> dict[str, BoolArray]:
    """Policy -> (G, R, R) arcs that it covers, open or not."""
    terms, found = program.terms, {}
    for duty in terms.duties:
        found[duty.policy] = (duty.rate > 0.0) | (duty.specific > 0.0)
    for levy in terms.top_ups:
        found[levy.policy] = np.isfinite(levy.reference)
    for policy, mask in terms.closed:
        found[policy] = found.get(policy, False) | mask
    for limit in terms.limits:
        found[limit.policy] = found.get(limit.policy, False) | covered(program, limit)
    return found


def covered(program: Program, limit: Limit) -> BoolArray:
    """(G, R, R) arcs whose price carries the multiplier of a limit."""
    mask = np.zeros(program.open_arcs.size, dtype=bool)
    mask[limit.acts_on_arcs] = True
    return mask.reshape(program.open_arcs.shape)


def exhausted(program: Program, number: int, multiplier: float) -> bool:
    """Whether a multiplier has reached a finite ceiling."""
    upper = float(program.limit.upper[0, number])
    return 0.0 < upper < np.inf and multiplier >= upper * (1.0 - AT_BOUND)


def _arc_rows(
    books: Books, policy: str, instrument: str, mask: BoolArray, values: tuple[Array, BoolArray]
) -> Iterator[RegimeRow]:
    """Rows of the known arcs of a mask; ``values`` are in USD/t, and where a ceiling is hit."""
    program, network = books.program, books.program.network
    value, used_up = values
    flow, use = books.state.flow[0], books.state.use[0]
    for g, i, j in np.argwhere(mask & np.isfinite(network.log_weight)):
        here = float(value[g, i, j])
        if not program.open_arcs[g, i, j]:
            regime = Regime.CLOSED
        elif here == 0.0:
            regime = Regime.SLACK
        elif flow[g, i, j] < PROHIBITIVE * use[g, j]:
            regime = Regime.PROHIBITIVE
        else:
            regime = Regime.EXHAUSTED if used_up[g, i, j] else Regime.BINDING
        names = network.goods[g], network.regions[i], network.regions[j]
        yield RegimeRow(policy, instrument, *names, "", regime, here, "USD/t")


def _duties(books: Books) -> Iterator[RegimeRow]:
    rates = {
        (block.instrument, block.policy): block.rate[0].reshape(books.program.open_arcs.shape)
        for block in books.ledger.blocks
        if block.labels.arcs
    }
    for duty in books.program.terms.duties:
        mask = (duty.rate > 0.0) | (duty.specific > 0.0)
        value = rates[duty.instrument, duty.policy]
        yield from _arc_rows(
            books, duty.policy, duty.instrument, mask, (value, np.zeros_like(mask))
        )


def _top_ups(books: Books) -> Iterator[RegimeRow]:
    for levy, gap in zip(books.program.terms.top_ups, books.state.gaps, strict=True):
        mask = np.isfinite(levy.reference)
        yield from _arc_rows(
            books, levy.policy, levy.instrument, mask, (gap[0], np.zeros_like(mask))
        )


def _closed(books: Books) -> Iterator[RegimeRow]:
    kinds = {policy.id: policy.kind for policy in books.policies}
    nothing = np.zeros(books.program.open_arcs.shape)
    for policy, mask in books.program.terms.closed:
        yield from _arc_rows(
            books, policy, kinds.get(policy, ""), mask, (nothing, np.zeros_like(mask))
        )


def _limits(books: Books) -> Iterator[RegimeRow]:
    yield from _wedges(books)
    program, network = books.program, books.program.network
    for number, limit in enumerate(program.terms.limits):
        multiplier = float(books.state.multiplier[0, number])
        stated = _market_regime(multiplier, exhausted(program, number, multiplier)), multiplier
        for k in limit.acts_on_margin[0]:
            region, process = network.regions[network.process_region[k]], network.processes[k]
            for good in np.flatnonzero(network.outputs[k]):
                where = (network.goods[good], region, "", process)
                yield RegimeRow(limit.policy, limit.instrument, *where, *stated, limit.unit)
        for place in (*limit.acts_on_balance[0], *limit.acts_on_use[0]):
            g, r = divmod(int(place), len(network.regions))
            where = (network.goods[g], network.regions[r], "", "")
            yield RegimeRow(limit.policy, limit.instrument, *where, *stated, limit.unit)


def _wedges(books: Books) -> Iterator[RegimeRow]:
    """Arcs whose price carries limits: what all limits of a policy add there together."""
    program, beyond = books.program, over_quota(books.program, books.state)
    shape = program.open_arcs.shape
    kinds = {m.policy: m.instrument for m in program.terms.limits if m.wedge is not None}
    for policy, instrument in kinds.items():
        value, mask = np.zeros(shape), np.zeros(shape, dtype=bool)
        used_up = beyond.get(policy, np.zeros((1, *shape)))[0] > 0.0
        for number, limit in enumerate(program.terms.limits):
            if limit.policy == policy and limit.wedge is not None:
                multiplier = float(books.state.multiplier[0, number])
                here = covered(program, limit)
                weight = (program.limit.seller if limit.wedge.at_fob else program.limit.landed)[
                    number
                ]
                value, mask = value + multiplier * weight, mask | here
                used_up = used_up | (here & exhausted(program, number, multiplier))
        yield from _arc_rows(books, policy, instrument, mask, (value, used_up))


def _market_regime(multiplier: float, used_up: bool) -> Regime:
    if used_up:
        return Regime.EXHAUSTED
    return Regime.BINDING if multiplier > 0.0 else Regime.SLACK


def _supports(books: Books) -> Iterator[RegimeRow]:
    program, network = books.program, books.program.network
    for support, at in zip(program.supports, books.state.supports, strict=True):
        for row, (k, g) in enumerate(zip(support.process, support.good, strict=True)):
            pays = float(at.shortfall[0, row]) - float(at.excess[0, row])
            if not program.open_process[k]:
                regime = Regime.CLOSED
            elif at.cut[0] > 0.0 and pays > 0.0:
                regime = Regime.EXHAUSTED
            else:
                regime = Regime.BINDING if pays != 0.0 else Regime.SLACK
            names = network.goods[g], network.regions[network.process_region[k]]
            process = network.processes[k]
            yield RegimeRow(
                support.policy, support.instrument, *names, "", process, regime, pays, "USD/t"
            )


def _grants(books: Books) -> Iterator[RegimeRow]:
    """What grants pay per tonne of level."""
    program, network, level = books.program, books.program.network, books.state.level
    capital = per_tonne(program.supply.capital_cost(level), level)[0]
    for grant in program.terms.grants:
        for k in grant.process:
            pays = grant.share * float(capital[k])
            names = network.regions[network.process_region[k]], "", network.processes[k]
            regime = Regime.BINDING if pays > 0.0 else Regime.SLACK
            if not program.open_process[k]:
                regime = Regime.CLOSED
            for good in np.flatnonzero(network.outputs[k]):
                row = (network.goods[good], *names, regime, pays, "USD/t")
                yield RegimeRow(grant.policy, grant.instrument, *row)
