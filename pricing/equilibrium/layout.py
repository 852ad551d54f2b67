"""Which programs have a system of blocks by good, and where the blocks are.

They exist where every good is homogeneous, every process makes one good, no demand answers prices
of other goods, no inputs replace one another, and no support, top-up or limit adds a row or column
(:mod:`pricing.equilibrium.blocks` solves them).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pricing.chains.network import Array, IntArray, Network
from pricing.equilibrium.recipes import Pairs

if TYPE_CHECKING:
    from pricing.equilibrium.program import Program

Pair = tuple[int, int]


@dataclass(frozen=True)
class Sums:
    """Weighted sums: ``out[:, place] += weight * value[:, source]``, often over processes."""

    source: IntArray
    """(T,) what each term takes."""
    place: IntArray
    """(T,) where it is added."""
    weight: Array
    """(T,) its weight [1]."""
    once: bool
    """No place has two terms."""

    @classmethod
    def of(cls, source: IntArray, place: IntArray, weight: Array) -> Sums:
        """Terms and whether their places differ."""
        return cls(source, place, weight, bool((np.bincount(place) <= 1).all()))

    def into(self, out: Array, value: Array) -> Array:
        """Add the terms of (N, S) values to (N, P) sums, in place."""
        terms = self.weight * value[:, self.source]
        if self.once:
            out[:, self.place] += terms
        else:
            for term, place in enumerate(self.place):
                out[:, place] += terms[:, term]
        return out


@dataclass(frozen=True)
class Layout:
    """Which blocks there are, and the constant coefficients of process levels (all scaled)."""

    made: Sums
    """Output of a level in the market of its good; places are ``g R + i``."""
    used: Sums
    """Inputs of a level in the balances of their buyers."""
    made_price: Array
    """(K,) output price in the profit of a process."""
    paid: Sums
    """Input prices in the profit of a process: sums over places into processes."""
    links: tuple[Pair, ...]
    """Goods made and the goods that they are made of."""
    own: Sums
    """Levels eliminated: market in its own price."""
    forward: tuple[Sums, ...]
    """The same by link: market of the good made in the price of the input."""
    backward: tuple[Sums, ...]
    """The same by link: balance of the input in the price of the good made."""
    between: dict[Pair, Sums]
    """The same by pair of inputs of one process: balance of one in the price of the other."""
    rows: tuple[tuple[int, ...], ...]
    """Blocks below the diagonal in each column of the factors, by good."""

    @classmethod
    def of(cls, program: Program) -> Layout | None:
        """The blocks of a program; None where its structure needs the dense matrix."""
        network = program.network
        every = program.routes.goods.size == len(network.goods)
        alone = (network.outputs != 0.0).sum(axis=1) == 1
        extra = program.limits or program.supports or program.charges.levies
        bent = network.cross.demand.size or network.nests.process.size
        return cls._of(program) if every and alone.all() and not extra and not bent else None

    @classmethod
    def _of(cls, program: Program) -> Layout:
        network, at = program.network, program.routes
        made, used = program.lasting.outputs, program.lasting.inputs
        regions, levels = len(network.regions), network.level_scale
        price = np.repeat(at.price_scale, regions)
        sold = made.coefficient * levels / network.setting.quantity_scale.ravel()[made.place]
        bought = used.coefficient * levels[used.process] / at.use_scale.ravel()[used.place]
        earned = made.coefficient * price[made.place] / program.level_price
        paid = used.coefficient * price[used.place] / program.level_price[used.process]
        good = made.good[used.process]
        links = tuple(sorted(set(zip(good.tolist(), used.good.tolist(), strict=True))))
        chosen = [np.flatnonzero((good == g) & (used.good == h)) for g, h in links]
        k, region = used.process, network.process_region
        return cls(
            made=Sums.of(made.process, made.place, sold),
            used=Sums.of(k, used.place, bought),
            made_price=earned,
            paid=Sums.of(used.place, k, paid),
            links=links,
            own=Sums.of(made.process, made.place, sold * earned),
            forward=tuple(Sums.of(k[e], region[k[e]], sold[k[e]] * paid[e]) for e in chosen),
            backward=tuple(Sums.of(k[e], region[k[e]], bought[e] * earned[k[e]]) for e in chosen),
            between=_between(network, used, bought, paid),
            rows=_fill(at.goods.size, links),
        )


def _between(network: Network, used: Pairs, bought: Array, paid: Array) -> dict[Pair, Sums]:
    """Pairs of inputs of one process, an input with itself included."""
    one, other = np.nonzero(used.process[:, None] == used.process)
    pairs = {}
    for g, h in set(zip(used.good[one].tolist(), used.good[other].tolist(), strict=True)):
        e = (used.good[one] == g) & (used.good[other] == h)
        k = used.process[one[e]]
        pairs[g, h] = Sums.of(k, network.process_region[k], bought[one[e]] * paid[other[e]])
    return pairs


def _fill(goods: int, links: tuple[Pair, ...]) -> tuple[tuple[int, ...], ...]:
    """Blocks below the diagonal of each column once the goods before it are eliminated."""
    joined: list[set[int]] = [set() for _ in range(goods)]
    for good in range(goods):  # a good and its inputs all touch one another
        group = {good, *(h for g, h in links if g == good)}
        for member in group:
            joined[member] |= group
    for good in range(goods):
        later = {h for h in joined[good] if h > good}
        for member in later:
            joined[member] |= later
    return tuple(tuple(sorted(h for h in joined[g] if h > g)) for g in range(goods))
