"""A program of goods bought by the logit law as coefficients, for compiled Newton steps.

Nothing is stated here: arrays of the program are written as lists of their entries, unknowns in
their scales. What each says is stated where the conditions are evaluated
(:mod:`pricing.equilibrium.evaluate`, :mod:`pricing.equilibrium.conditions`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, IntArray
from pricing.economics.curves import SupplyCurves
from pricing.equilibrium.compiled import Places
from pricing.equilibrium.compiled.logit import net as c
from pricing.equilibrium.kernel import table
from pricing.equilibrium.program import Program


def arcs_of(program: Program) -> dict[int, Array]:
    """(N or 1, E) rows of arcs that scenarios may hand in."""
    along = program.along
    price = program.scale[along.origin]
    rows = {
        c.LANDED_SLOPE: along.landed_slope * price,
        c.LANDED_CONSTANT: along.landed_constant,
        c.FOB_GAIN: along.fob_gain,
        c.FREIGHT_GAIN: along.freight_gain,
    }
    on = along.levied
    for q, levy in enumerate(along.levies):
        parts = {
            c.REFERENCE: levy.reference - levy.constant,
            c.COMPARED: levy.slope * price[on],
            c.COMPARED_RENT: levy.rent_gain,
            c.COMPARED_FREIGHT: levy.freight_gain,
            c.GAP_GAIN: levy.landed_gain,
        }
        for row, values in parts.items():
            nothing = -np.inf if row == c.REFERENCE else 0.0
            every = np.full((values.shape[0], along.place.size), nothing)
            every[:, on] = values
            rows[c.TOP_UPS + c.TOP_UP * q + row] = every
    return rows


def payments_of(program: Program) -> tuple[Array, Array, Array, Array]:
    """(N or 1, S) prices below and above which payments are due, shares paid and handed back."""
    parts: list[list[Array]] = [[np.zeros((1, 0))] for _ in range(4)]
    for support in program.supports:
        at_margin = np.isfinite(support.upper) & (not support.lump_sum_up)
        back = np.where(at_margin, support.up, 0.0)
        numbers = support.strike, support.upper, support.down, back
        for part, values in zip(parts, numbers, strict=True):
            part.append(np.reshape(np.asarray(values), (-1, 1)) * np.ones(support.process.size))
    strike, upper, down, up = (
        np.concatenate([np.broadcast_to(v, (count, v.shape[1])) for v in part], axis=1)
        for part in parts
        for count in [max(values.shape[0] for values in part)]
    )
    return strike, upper, down, up


def net_of(program: Program) -> c.Net:
    """The structure of a program, and arrays of the sizes that it needs."""
    prices, levels, limits = program.sizes
    unknowns, along = prices + levels + limits, program.along
    core = np.zeros((c.CORE, unknowns + 1))
    core[c.LIGHT], core[c.LIGHT, :-1] = 1.0, 1.0 / program.weight
    core[c.UNIT, program.level_part] = program.network.level_scale
    arc = np.zeros((c.TOP_UPS + c.TOP_UP * len(along.levies), along.place.size))
    (source,) = along.sources
    arc[c.LOG_WEIGHT] = source.log_weight
    if along.contracted is not None:
        arc[c.CONTRACT] = along.contracted
    for row, values in arcs_of(program).items():
        arc[row] = values[0]
    place = np.zeros((c.PLACE, prices))
    place[c.KEEN], place[c.NOWHERE] = source.by_place[0], program.lasting.unserved
    place[c.BOUND] = program.bound.ravel()
    processes = [k for support in program.supports for k in support.process.tolist()]
    payment = np.zeros((c.PAYMENT, len(processes)))
    made = [support.made(program.network.outputs) for support in program.supports]
    payment[c.PER_TONNE] = np.concatenate([np.zeros(0), *made])
    of = np.repeat(
        np.arange(len(program.supports)), [support.process.size for support in program.supports]
    )
    starts, links, weights = _lists(program)
    assert isinstance(program.supply, SupplyCurves)
    cost = program.supply.law.scaled(program.network.level_scale, program.level_price)
    return c.Net(
        places=np.uintp(prices),
        levels=np.uintp(levels),
        top_ups=np.uintp(len(along.levies)),
        first=np.searchsorted(along.buyer, np.arange(prices + 1)).astype(np.uintp),
        origin=along.origin.astype(np.uintp),
        starts=starts,
        links=links,
        weights=weights,
        cost=table(cost),
        demand=table(program.network.demand.law),
        core=core,
        level=np.full((c.LEVEL, levels), np.nan),
        arc=arc,
        place=place,
        payment=payment,
        paying=np.array([prices + np.array(processes, dtype=int), of], dtype=np.uintp),
        support=np.zeros((2, len(program.supports))),
        at=np.zeros((4, unknowns + 1), dtype=np.uintp),
        matrix=np.zeros((unknowns + 1) ** 2),
    )


@dataclass(frozen=True)
class _Terms:
    """Terms of one list."""

    source: IntArray
    """(T,) what each is from."""
    to: IntArray
    """(T,) where it is added."""
    weights: Array
    """(3, T) its weights."""
    buyer: IntArray
    """(T,) its buyer, ascending; zeros where terms belong to none."""

    @classmethod
    def of(
        cls, source: IntArray, to: IntArray, *weights: Array, buyer: IntArray | None = None
    ) -> _Terms:
        """Terms in the order of their buyers."""
        weight = np.zeros((3, source.size))
        for row, values in zip(weight, weights, strict=False):
            row[:] = values
        at = np.zeros(source.size, dtype=np.intp) if buyer is None else buyer
        order = np.argsort(at, kind="stable")
        return cls(source[order], to[order], weight[:, order], at[order])

    def __add__(self, other: _Terms) -> _Terms:
        """Both lists as one."""
        pairs = (self.source, other.source), (self.to, other.to)
        source, to = (np.concatenate(pair) for pair in pairs)
        weights = np.concatenate([self.weights, other.weights], axis=1)
        return _Terms.of(source, to, *weights, buyer=np.concatenate([self.buyer, other.buyer]))


def _lists(program: Program) -> tuple[Places, Places, Array]:
    """First terms of buyers in each list, terms from and to, and weights."""
    prices = program.sizes[0]
    found = {c.LINEAR: _linear(program), **_of_buyers(program), **_of_payments(program)}
    origins = _Terms.of(program.along.origin, program.along.origin, buyer=program.along.buyer)
    moving = (
        (origins, "source"),
        (found[c.CHARGES], "source"),
        (found[c.LOWERS], "source"),
        (found[c.USES], "source"),
        (found[c.DEMANDS], "to"),
    )
    reading = (origins, "to"), (found[c.READS], "to"), (found[c.COUNTS], "to")
    found[c.MOVERS], found[c.READERS] = _once(moving), _once(reading)
    starts, begin = np.zeros((c.LISTS, prices + 1), dtype=np.uintp), 0
    for n in range(c.LISTS):
        starts[n] = begin + np.searchsorted(found[n].buyer, np.arange(prices + 1))
        begin += found[n].source.size
    every = [found[n] for n in range(c.LISTS)]
    links = np.concatenate([np.stack([terms.source, terms.to]) for terms in every], axis=1)
    return starts, links.astype(np.uintp), np.concatenate([t.weights for t in every], axis=1)


def _once(parts: Sequence[tuple[_Terms, str]]) -> _Terms:
    """Each unknown or row of a buyer once."""
    buyer = np.concatenate([terms.buyer for terms, _ in parts])
    which = np.concatenate([getattr(terms, name) for terms, name in parts])
    pairs = np.unique(np.stack([buyer, which]), axis=1)
    return _Terms.of(pairs[1], pairs[1], buyer=pairs[0])


def _linear(program: Program) -> _Terms:
    """Conditions that are linear in unknowns."""
    prices, levels, limits = program.sizes
    limit, p, k, m = program.limit, 0, prices, prices + levels
    places = (limits, prices)
    parts = (  # row, column, and (row, column) coefficients
        (p, k, program.lasting.output_map.T),
        (p, m, -limit.balance.reshape(places).T),
        (k, p, -program.lasting.output_map),
        (k, m, limit.margin.T),
        (m, p, limit.price.reshape(places)),
        (m, k, -limit.level),
        (m, m, limit.link),
    )
    terms = _Terms.of(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp))
    for first_row, first_column, matrix in parts:
        row, column = matrix.nonzero()
        unknown = first_column + column
        weight = matrix[row, column] * program.scale[unknown]
        terms += _Terms.of(unknown, first_row + row, weight)
    return terms


def _of_buyers(program: Program) -> dict[int, _Terms]:
    """What charges, lowers prices, uses, is read and is counted at each buyer."""
    prices, levels, limits = program.sizes
    limit, along, scale = program.limit, program.along, program.scale
    first, places = prices + levels, (limits, prices)

    def users(matrix: Array, offset: int) -> _Terms:
        row, place = matrix.nonzero()
        weight = matrix[row, place] * scale[offset + row]
        return _Terms.of(offset + row, place, weight, buyer=place)

    def readers(matrix: Array, offset: int) -> _Terms:
        row, place = matrix.nonzero()
        return _Terms.of(place, offset + row, matrix[row, place], buyer=place)

    charged = np.zeros((3, limits, along.place.size))
    charged[0, limit.on_arcs], charged[1, limit.on_arcs] = along.charged, along.seller
    charged[2, limit.on_freight] = along.carried
    m, arc = np.abs(charged).sum(axis=0).nonzero()
    weights = charged[:, m, arc] * scale[first + m]
    counts, counted = along.counted.nonzero()
    rationed, short = limit.rations
    demands = program.lasting.demand_place
    by, share = np.full(demands.size, scale.size), np.zeros(demands.size)
    by[short], share[short] = first + rationed, scale[first + rationed]
    return {
        c.CHARGES: _Terms.of(first + m, arc, *weights, buyer=along.buyer[arc]),
        c.LOWERS: users(limit.index.reshape(places), first),
        c.USES: users(program.lasting.input_map, prices) + users(limit.use.reshape(places), first),
        c.READS: readers(program.lasting.input_map, prices)
        + readers(limit.buyer_price.reshape(places), first),
        c.COUNTS: _Terms.of(
            counted,
            first + limit.on_flow[counts],
            along.counted[counts, counted],
            buyer=along.buyer[counted],
        ),
        c.DEMANDS: _Terms.of(np.arange(demands.size), by, share, buyer=demands),
    }


def _of_payments(program: Program) -> dict[int, _Terms]:
    """Prices in the index of payments, what cuts them, and what counts them."""
    prices, levels, _ = program.sizes
    limit, scale, first = program.limit, program.scale, prices + levels
    index = np.concatenate([np.zeros((0, prices)), *(s.index for s in program.supports)])
    payment, price = index.nonzero()
    m, cut = limit.support.nonzero()
    n, counted = np.nonzero(np.abs(limit.payment) + np.abs(limit.reduced))
    return {
        c.PRICED: _Terms.of(price, payment, index[payment, price] * scale[price]),
        c.CUTS: _Terms.of(first + m, cut, limit.support[m, cut] * scale[first + m]),
        c.PAYS: _Terms.of(counted, first + n, limit.payment[n, counted], limit.reduced[n, counted]),
    }
