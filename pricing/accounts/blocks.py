"""Rows of a ledger as numbers: what they are about, and what is paid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pricing.accounts.parties import Party, Side
from pricing.accounts.volumes import add_at
from pricing.chains.network import Array, IntArray, Network


@dataclass(frozen=True)
class Labels:
    """Labels of n rows as indices; -1 where a label does not apply.

    On arcs ``region`` is the origin and ``partner`` the destination. Elsewhere ``region`` is where
    the process or user is, and ``partner`` the region of a paying treasury.
    """

    good: IntArray
    """(n,) good."""
    region: IntArray
    """(n,) region."""
    partner: IntArray
    """(n,) partner region."""
    who: IntArray
    """(n,) process or demand."""
    arcs: bool = False
    """Whether the rows are all arcs in order."""

    @classmethod
    def of(
        cls,
        good: IntArray,
        region: IntArray,
        who: IntArray | None = None,
        partner: IntArray | None = None,
    ) -> Labels:
        """Labels with absent columns filled in."""
        nothing = np.full(good.shape, -1, dtype=np.intp)
        return cls(
            good, region, nothing if partner is None else partner, nothing if who is None else who
        )

    @classmethod
    def of_place(cls, good: int, region: int, partner: int = -1) -> Labels:
        """One row about a good in a region."""
        return cls.of(np.array([good]), np.array([region]), partner=np.array([partner]))

    @classmethod
    def of_processes(
        cls, network: Network, process: IntArray, good: IntArray | int = -1, payer: int = -1
    ) -> Labels:
        """One row a process, about a good, paid by the treasury of a region."""
        goods, payers = (np.broadcast_to(number, process.shape) for number in (good, payer))
        return cls.of(goods, network.process_region[process], process, payers)


@lru_cache(maxsize=32)
def arc_labels(goods: int, regions: int) -> Labels:
    """Labels of all arcs, ordered ``(g R + i) R + j``."""
    good, origin, destination = np.indices((goods, regions, regions)).reshape(3, -1)
    return Labels(good, origin, destination, np.full(good.shape, -1, dtype=np.intp), arcs=True)


@dataclass(frozen=True)
class Block:
    """Rows of one kind. Arrays are (N, n) with the scenario first."""

    payer: Party
    """Who pays."""
    receiver: Party
    """Who receives."""
    labels: Labels
    """Labels of the n rows."""
    instrument: str
    """Kind of instrument, or of cost."""
    policy: str
    """Id of the policy or duty layer; empty for none."""
    tonnes: Array
    """(N, n) tonnes that the row is about [t]."""
    rate: Array
    """(N, n) amount per tonne [USD/t]."""
    amount: Array
    """(N, n) amount [USD]."""
    money: bool = True
    """False for rows that are no payment (sourcing)."""

    @classmethod
    def priced(
        cls,
        payer: Party,
        receiver: Party,
        labels: Labels,
        instrument: str,
        policy: str,
        tonnes: Array,
        rate: Array,
        *,
        money: bool = True,
    ) -> Block:
        """Rows of tonnes at a rate."""
        each = np.broadcast_to(rate, tonnes.shape)
        amount = tonnes * rate
        return cls(payer, receiver, labels, instrument, policy, tonnes, each, amount, money)

    @classmethod
    def paid(
        cls,
        payer: Party,
        receiver: Party,
        labels: Labels,
        instrument: str,
        policy: str,
        tonnes: Array,
        amount: Array,
    ) -> Block:
        """Rows of amounts that are about some tonnes."""
        rate = per_tonne(amount, tonnes)
        return cls(payer, receiver, labels, instrument, policy, tonnes, rate, amount)

    def by_region(self, side: Side, regions: int) -> Array:
        """(N, R) sums over rows by the region of a side [USD]."""
        count = self.amount.shape[0]
        if self.labels.arcs:
            arcs = self.amount.reshape(count, -1, regions, regions)
            return np.asarray(arcs.sum(axis=(1, 3) if side is Side.REGION else (1, 2)))
        index = self.labels.region if side is Side.REGION else self.labels.partner
        return add_up(self.amount, index, regions)


def add_up(amount: Array, index: IntArray, size: int) -> Array:
    """(N, size) sums of (N, n) amounts by index."""
    total = np.zeros((amount.shape[0], size))
    add_at(total, index, amount)
    return total


def per_tonne(amount: Array, tonnes: Array) -> Array:
    """Amount per tonne, zero where there are no tonnes [USD/t]."""
    return np.asarray(np.where(tonnes > 0.0, amount / np.where(tonnes > 0.0, tonnes, 1.0), 0.0))


def shares(levels: Array) -> Array:
    """(N, E) shares of some processes by level; equal where none runs [1]."""
    whole = levels.sum(axis=1, keepdims=True)
    some = whole > 0.0
    return np.asarray(np.where(some, levels / np.where(some, whole, 1.0), 1.0 / levels.shape[1]))
