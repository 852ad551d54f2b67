"""Protection of every process: what policy does to its value added.

``v`` is outputs at support prices less inputs at average landed prices. ``ERP_nominal`` applies
the policy's wedges to benchmark prices, ``ERP_eq`` compares solutions.

References
----------
.. [1] W. M. Corden, "The structure of a tariff system and the effective protective rate",
   Journal of Political Economy 74(3), 1966.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.groups import zone_masks
from pricing.accounts.payments.tiers import displaced, over_quota
from pricing.accounts.regimes import covered, exhausted
from pricing.accounts.volumes import add_at, average_landed
from pricing.chains.network import Array, BoolArray
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments.terms import Wedge

STOPPED = 1e-3
"""Flows below this share of the benchmark have stopped [1]."""
THIN = 0.03
"""Rates of protection need value added above this share of output value [1]."""


@dataclass(frozen=True)
class Protection:
    """Protection of one process, or of the makers of a good in a zone."""

    subject: str
    """Process, or zone."""
    good: str
    """Main output."""
    region: str
    """Region or zone."""
    value_added_base: float | None
    """``v`` in the base, per tonne of main output [USD/t]."""
    value_added: float | None
    """``v`` in the scenario [USD/t]."""
    change: float | None
    """``dv`` [USD/t]."""
    nominal: float | None
    """Effective rate of protection of wedges at benchmark prices; None where the margin is thin
    or a wedge is so high that it stops the trade, since its size then means nothing [1]."""
    equilibrium: float | None
    """Change in value added over base value added; None where the margin is thin [1]."""
    thin_margin: bool
    """Whether base value added is below 3 % of output value."""
    stops_trade: bool = False
    """Whether a wedge on its inputs or its competitors stops their trade."""


class _Values(NamedTuple):
    """Per tonne of process level, (K,) each [USD/t]."""

    before: Array
    """Value added in the base."""
    after: Array
    """Value added in the scenario."""
    worth: Array
    """Value of output in the base."""
    wedge: Array
    """What wedges at benchmark prices add to value added."""
    benchmark: Array
    """Value added at benchmark prices."""
    stopped: Array
    """One where a wedge on an input or on competing imports stops their trade, else zero [1]."""


def protection(books: Books) -> tuple[Protection, ...]:
    """Protection by process, then by main output and zone (weighted by the base's level)."""
    network, values = books.program.network, _values(books)
    per_tonne = _per_tonne(books)
    main, known = network.main_output, _known(books) & network.makers
    rows = [*_by_process(books, values)]
    for zone, mask in zone_masks(books.program).items():
        for g, good in enumerate(network.goods):
            level = books.base.level[0] * mask[network.process_region] * (main == g) * known
            tonnes = float((level / per_tonne).sum())
            if tonnes > 0.0:
                numbers = tuple(float(level / tonnes @ value) for value in values)
                rows.append(_row(zone, good, zone, numbers))
    return tuple(rows)


def protection_of_processes(books: Books) -> tuple[Protection, ...]:
    """Protection by process."""
    return tuple(_by_process(books, _values(books)))


def _by_process(books: Books, values: _Values) -> Iterator[Protection]:
    network, known = books.program.network, _known(books)
    main = network.main_output
    per_tonne = _per_tonne(books)
    numbers = zip(*((value * per_tonne).tolist() for value in values), strict=True)
    for k, (name, own) in enumerate(zip(network.processes, numbers, strict=True)):
        if network.makers[k]:
            region = network.regions[network.process_region[k]]
            yield _row(name, network.goods[main[k]], region, own if known[k] else None)


def _per_tonne(books: Books) -> Array:
    """(K,) tonnes of level per tonne of main output; one for what makes no goods."""
    network = books.program.network
    main = network.main_output
    made = network.outputs[np.arange(main.size), main]
    return np.asarray(1.0 / np.where(network.makers, made, 1.0))


def _known(books: Books) -> BoolArray:
    """(K,) processes that can run in both solutions, so that their prices mean something."""
    return np.asarray(books.program.open_process & books.base_program.open_process)


def _row(subject: str, good: str, region: str, numbers: tuple[float, ...] | None) -> Protection:
    """One row from the numbers of :class:`_Values` per tonne; None where prices mean nothing."""
    if numbers is None:
        return Protection(subject, good, region, None, None, None, None, None, False)
    before, after, worth, wedge, benchmark, stops = numbers
    thin, stopped = not before > THIN * worth, stops > 0.0
    meaningful = benchmark > THIN * worth and not stopped
    return Protection(
        subject=subject,
        good=good,
        region=region,
        value_added_base=before,
        value_added=after,
        change=after - before,
        nominal=wedge / benchmark if meaningful else None,
        equilibrium=None if thin else (after - before) / before,
        thin_margin=thin,
        stops_trade=stopped,
    )


def _values(books: Books) -> _Values:
    network = books.program.network
    here = network.process_region
    price, paid = _old_prices(books)
    worth = (network.outputs * books.base.price[0][:, here].T).sum(axis=1)
    benchmark = network.outputs * price[:, here].T - network.inputs * paid[:, here].T
    wedge = _landed_at(books.program, books.state, price) - _landed_at(
        books.base_program, books.base, price
    )
    return _Values(
        before=value_added(books.base_program, books.base)[0],
        after=value_added(books.program, books.state)[0],
        worth=worth,
        wedge=_wedges(books, price, wedge),
        benchmark=benchmark.sum(axis=1),
        stopped=_stopped(books, wedge),
    )


def value_added(program: Program, state: State) -> Array:
    """(N, K) outputs at support prices less inputs at average landed prices [USD/t of level]."""
    network = program.network
    here = network.process_region
    sold = (network.outputs * state.price[:, :, here].transpose(0, 2, 1)).sum(axis=2)
    spent = (state.inputs * average_landed(state)[:, :, here].transpose(0, 2, 1)).sum(axis=2)
    for support, at in zip(program.supports, state.supports, strict=True):
        add_at(sold, support.process, at.marginal * support.made(network.outputs))
    return np.asarray(sold - spent)


def _old_prices(books: Books) -> tuple[Array, Array]:
    """(G, R) ex-works and buyers' benchmark prices; the base's where there is no benchmark."""
    network, base = books.program.network, books.base
    price = np.where(np.isnan(network.price), base.price[0], network.price)
    average = average_landed(base)[0]
    return price, np.where(np.isnan(network.buyer_price), average, network.buyer_price)


def _old_flows(books: Books) -> Array:
    """(G, R, R) benchmark flows [t]; the base's for buyers who bought nothing at the benchmark."""
    network = books.program.network
    known = network.flow.sum(axis=1, keepdims=True) > 0.0
    return np.asarray(np.where(known, network.flow, books.base.flow[0]))


def _stopped(books: Books, wedge: Array) -> Array:
    """(K,) one where a wedge that stops trade weighs on an input or a competitor of a process.

    Such a wedge has water in it: a levy at its ceiling, or a duty or rent on a route that lost all
    but a thousandth of its benchmark flow. A levy that closes a gap of prices has none.
    """
    network, state = books.program.network, books.state
    before = _old_flows(books)
    size = _old_prices(books)[1][:, None, :]
    gap = sum((np.abs(found[0]) for found in state.gaps), np.zeros_like(wedge))
    heavy = np.abs(wedge) - gap > THIN * size
    water = heavy & (state.flow[0] < STOPPED * before)
    for number, limit in enumerate(books.program.terms.limits):
        ceiling = limit.wedge is Wedge.LEVY
        if ceiling and exhausted(books.program, number, state.multiplier[:, number])[0]:
            water |= covered(books.program, limit)
    water &= (before > 0.0) & ~np.eye(len(network.regions), dtype=bool)
    here = water.any(axis=1)[:, network.process_region].T
    traded = (network.inputs > 0.0) | (network.outputs > 0.0)
    return np.asarray((here & traded).any(axis=1).astype(float))


def _wedges(books: Books, price: Array, wedge: Array) -> Array:
    """(K,) wedges and payments at benchmark prices, per tonne of level [USD/t].

    On inputs the average over old flows; on outputs that of competing imports, plus the
    guarantee's payment.
    """
    network = books.program.network
    flow = _old_flows(books)
    foreign = flow * ~np.eye(len(network.regions), dtype=bool)
    on_input = _average(wedge, flow)[:, network.process_region].T
    on_output = _average(wedge, foreign)[:, network.process_region].T
    total = (network.outputs * on_output - network.inputs * on_input).sum(axis=1)
    for support, at in zip(books.program.supports, books.state.supports, strict=True):
        index = support.index @ price.ravel()
        paid = support.down * np.maximum(support.strike - index, 0.0) * (1.0 - at.cut[0])
        if np.isfinite(support.upper) and np.isinf(support.up_cap):
            paid = paid - support.up * np.maximum(index - support.upper, 0.0)
        np.add.at(total, support.process, paid * support.made(network.outputs))
    return np.asarray(total)


def _average(values: Array, weight: Array) -> Array:
    """(G, R) average over origins; zero without weight."""
    total = weight.sum(axis=1)
    return np.asarray((values * weight).sum(axis=1) / np.where(total > 0.0, total, 1.0))


def _beyond_quotas(program: Program, state: State) -> Iterator[tuple[Array, Array]]:
    """(G, R, R) what a licence saves, and what a tonne beyond its quota pays more [USD/t].

    Where such tonnes come in and a levy counts what they pay.
    """
    shares = over_quota(program, state)
    for policy, more in displaced(program, state).items():
        own = np.array([limit.policy == policy for limit in program.limits])
        saved = np.tensordot(state.multiplier[0] * own, program.limit.landed, 1)
        on = shares[policy][0] > 0.0
        yield on * saved, on * more[0]


def _landed_at(program: Program, state: State, price: Array) -> Array:
    """(G, R, R) landed prices at given ex-works prices, with the solution's rents [USD/t]."""
    rent, limit = state.seller_rent[0], program.limit
    follows = np.tensordot(state.multiplier[0] * limit.counts_as_paid, limit.landed, 1)
    landed = program.charges.landed_at(price) + program.charges.landed.rent * rent
    landed = landed + np.tensordot(state.multiplier[0], program.limit.landed, 1)
    for saved, more in _beyond_quotas(program, state):
        landed, follows = landed + more, follows + saved + more
    gaps = [
        np.maximum(
            levy.reference[0]
            - levy.slope * price[..., None]
            - levy.constant
            - levy.rent_gain * rent
            - levy.counts_all * follows,
            0.0,
        )
        for levy in program.charges.levies
    ]
    if not gaps:
        return np.asarray(landed)
    lifts = zip(program.charges.levies, gaps, strict=True)
    return np.asarray(landed + np.max([levy.landed_gain * gap for levy, gap in lifts], axis=0))
