"""The regime of every policy on every arc, market and process that it touches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pricing.accounts.blocks import per_tonne
from pricing.accounts.books import Books
from pricing.accounts.payments.tiers import instead_of_levies, levied_gaps, over_quota
from pricing.chains.network import Array, BoolArray, IntArray
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments.terms import Limit

PROHIBITIVE = 1e-6
"""Flows below this share of the buyer's use count as none [1]."""
AT_BOUND = 1e-9
"""Multipliers this close to their ceiling have reached it, as a share of it; those this close to
zero are zero, as a share of their scale [1]."""


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
    tables = (_arc_rows, _limits, _supports, _grants)
    return tuple(row for table in tables for row in table(books))


def at_work(books: Books) -> BoolArray:
    """(N, G) goods of which some row of :func:`regimes` is not slack, in every scenario."""
    program, network, state = books.program, books.program.network, books.state
    bites = np.zeros(state.price.shape[:2], dtype=bool)
    known = np.isfinite(network.log_weight)
    for arcs in _on_arcs(books):
        acts = arcs.mask & known & ((arcs.value != 0.0) | ~program.open_arcs)
        bites |= acts.any(axis=(2, 3))
    binds = multipliers(books.program, books.state) > 0.0
    for number, limit in enumerate(program.terms.limits):
        for _, goods in _off_arcs(program, limit):
            bites[:, goods] |= binds[:, number, None]
    for support, at in zip(program.supports, state.supports, strict=True):
        acts = (at.shortfall - at.excess != 0.0) | ~program.open_process[support.process]
        for row, g in enumerate(support.good):
            bites[:, g] |= acts[:, row]
    for grant in program.terms.grants:
        capital = program.supply.capital_cost(state.level)[:, grant.process]
        acts = (np.reshape(grant.share, (-1, 1)) * capital > 0.0) | ~program.open_process[
            grant.process
        ]
        for row, k in enumerate(grant.process):
            bites[:, network.outputs[k] != 0.0] |= acts[:, row, None]
    return bites


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


def multipliers(program: Program, state: State) -> Array:
    """(N, M) multipliers of limits; zero where only the solver's last digits lift them above it.

    A limit binds where this is above zero, in every table and warning.
    """
    limits = program.terms.limits
    found = state.multiplier[:, : len(limits)]
    scale = np.array([limit.scale for limit in limits])
    return np.where(np.abs(found) > AT_BOUND * scale, found, 0.0)


def exhausted(program: Program, number: int, multiplier: Array) -> BoolArray:
    """(N,) whether the multiplier (N,) of a limit has reached a finite ceiling."""
    upper = program.limit.upper[:, number]
    reached = multiplier >= upper * (1.0 - AT_BOUND)
    return np.asarray((upper > 0.0) & (upper < np.inf) & reached)


@dataclass(frozen=True)
class _Arcs:
    """What one policy does on arcs, in every scenario."""

    policy: str
    instrument: str
    mask: BoolArray
    """(G, R, R) or (N, G, R, R) arcs that it covers."""
    value: Array
    """(N, G, R, R) duty, levy or rent [USD/t]."""
    used_up: BoolArray
    """(N, G, R, R) or (1, 1, 1, 1) where a ceiling is hit."""


NOWHERE = np.zeros((1, 1, 1, 1), dtype=bool)


def _on_arcs(books: Books) -> Iterator[_Arcs]:
    """Everything that policies do on arcs."""
    for source in (_duties, _top_ups, _closed, _wedges):
        yield from source(books)


def _arc_rows(books: Books) -> Iterator[RegimeRow]:
    """Rows of the known arcs of every policy."""
    program, network = books.program, books.program.network
    flow, use = books.state.flow[0], books.state.use[0]
    for arcs in _on_arcs(books):
        shape = arcs.value.shape
        mask, used_up = (np.broadcast_to(a, shape)[0] for a in (arcs.mask, arcs.used_up))
        for g, i, j in np.argwhere(mask & np.isfinite(network.log_weight)):
            here = float(arcs.value[0, g, i, j])
            if not program.open_arcs[g, i, j]:
                regime = Regime.CLOSED
            elif here == 0.0:
                regime = Regime.SLACK
            elif flow[g, i, j] < PROHIBITIVE * use[g, j]:
                regime = Regime.PROHIBITIVE
            else:
                regime = Regime.EXHAUSTED if used_up[g, i, j] else Regime.BINDING
            names = network.goods[g], network.regions[i], network.regions[j]
            yield RegimeRow(arcs.policy, arcs.instrument, *names, "", regime, here, "USD/t")


def _duties(books: Books) -> Iterator[_Arcs]:
    shape = books.state.flow.shape
    rates = {
        (block.instrument, block.policy): block.rate.reshape(shape)
        for block in books.ledger.blocks
        if block.labels.arcs
    }
    for duty in books.program.terms.duties:
        mask = np.asarray((duty.rate > 0.0) | (duty.specific > 0.0))
        value = rates[duty.instrument, duty.policy]
        yield _Arcs(duty.policy, duty.instrument, mask, value, NOWHERE)


def _top_ups(books: Books) -> Iterator[_Arcs]:
    gaps = levied_gaps(books.program, books.state)
    for levy, gap in zip(books.program.terms.top_ups, gaps, strict=True):
        yield _Arcs(levy.policy, levy.instrument, np.isfinite(levy.reference), gap, NOWHERE)


def _closed(books: Books) -> Iterator[_Arcs]:
    kinds = {policy.id: policy.kind for policy in books.policies}
    nothing = np.zeros(books.state.flow.shape)
    for policy, mask in books.program.terms.closed:
        yield _Arcs(policy, kinds.get(policy, ""), mask, nothing, NOWHERE)


def _off_arcs(program: Program, limit: Limit) -> Iterator[tuple[tuple[str, str], IntArray]]:
    """Region, process and goods that a limit touches at plants and markets."""
    network = program.network
    for k in limit.acts_on_margin[0]:
        region, process = network.regions[network.process_region[k]], network.processes[k]
        yield (region, process), np.flatnonzero(network.outputs[k])
    market = () if limit.purchases is None else (limit.purchases,)
    for place in (*limit.acts_on_balance[0], *limit.acts_on_use[0], *market):
        g, r = divmod(int(place), len(network.regions))
        yield (network.regions[r], ""), np.array([g])


def _limits(books: Books) -> Iterator[RegimeRow]:
    program, goods = books.program, books.program.network.goods
    all_multipliers = multipliers(books.program, books.state)
    for number, limit in enumerate(program.terms.limits):
        multiplier = all_multipliers[:, number]
        value, used_up = float(multiplier[0]), bool(exhausted(program, number, multiplier)[0])
        stated = _market_regime(value, used_up), value, limit.unit
        for (region, process), touched_goods in _off_arcs(program, limit):
            for g in touched_goods:
                where = (goods[g], region, "", process)
                yield RegimeRow(limit.policy, limit.instrument, *where, *stated)


def _wedges(books: Books) -> Iterator[_Arcs]:
    """Arcs whose price carries limits: what all limits of a policy add there together."""
    program, beyond = books.program, over_quota(books.program, books.state)
    shape, all_multipliers = books.state.flow.shape, multipliers(books.program, books.state)
    kinds = {m.policy: m.instrument for m in program.terms.limits if m.wedge is not None}
    instead = instead_of_levies(program, books.state)
    for policy, instrument in kinds.items():
        value, mask = instead.get(policy, np.zeros(shape)), np.zeros(shape[1:], dtype=bool)
        used_up = (beyond.get(policy, np.zeros(NOWHERE.shape)) > 0.0) & _filled(books, policy)
        for number, limit in enumerate(program.terms.limits):
            if limit.policy == policy and limit.wedge is not None:
                multiplier = all_multipliers[:, number]
                here = covered(program, limit)
                arrays = program.limit
                weight = (arrays.seller if limit.wedge.at_fob else arrays.landed)[number]
                value, mask = value + multiplier[:, None, None, None] * weight, mask | here
                full = exhausted(program, number, multiplier)[:, None, None, None]
                used_up = used_up | (here & full)
        yield _Arcs(policy, instrument, mask, value, used_up)


def _filled(books: Books, policy: str) -> BoolArray:
    """(N, 1, 1, 1) whether one more tonne of what the policy lets pass is worth something."""
    worth = multipliers(books.program, books.state)
    filled = np.zeros(len(worth), dtype=bool)
    for number, limit in enumerate(books.program.terms.limits):
        if limit.policy == policy and limit.flow[0].size and np.all(limit.constant > 0.0):
            filled |= worth[:, number] > 0.0
    return filled[:, None, None, None]


def _market_regime(multiplier: float, used_up: bool) -> Regime:
    if used_up:
        return Regime.EXHAUSTED
    return Regime.BINDING if multiplier > 0.0 else Regime.SLACK


def _supports(books: Books) -> Iterator[RegimeRow]:
    program, network = books.program, books.program.network
    for support, at in zip(program.supports, books.state.supports, strict=True):
        for (k, g), pays in support.by_output(at.shortfall[0] - at.excess[0]):
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
