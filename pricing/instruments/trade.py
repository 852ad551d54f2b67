"""What customs and treasuries see of a solution: the second route to every receipt.

An instrument says twice what it does: once as terms of the equilibrium (``apply``), once as the law
that a customs officer or a paymaster would follow, from declared prices and tonnes alone. The
accounts hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from pricing.instruments.terms import Array, BoolArray, CompareAt, IntArray, Limit, Setting


@dataclass(frozen=True)
class HeldUp:
    """Prices below which no origin may land by itself."""

    reference: Array
    """(G, R, R) reference price; ``-inf`` where it does not bind [USD/t]."""
    compare_at: CompareAt
    """Price that is held against it."""
    layers: tuple[str, ...] | None
    """Duties that count as paid; all where None."""
    capture: float
    """Share of the gap that exporters keep [1]."""

    @property
    def counts_all(self) -> bool:
        """Whether every duty counts as paid: safeguards, entry prices and content duties too."""
        return self.compare_at is CompareAt.DUTY_PAID and self.layers is None


@dataclass(frozen=True)
class Trade:
    """One solution as authorities see it; the scenario comes first in every array."""

    setting: Setting
    """The chain."""
    price: Array
    """(N, G, R) ex-works prices [USD/t]."""
    index: Array
    """(N, G, R) price indices of buyers [USD/t]."""
    paid: Array
    """(N, G, R) what a tonne costs its buyers in money [USD/t]."""
    level: Array
    """(N, K) process levels [t]."""
    inputs: Array
    """(N or 1, K, G) tonnes used per tonne of level [t/t]."""
    flow: Array
    """(N, G, R, R) tonnes by origin and destination [t]."""
    plain_value: Array
    """(N, G, R, R) customs value without rents of sellers [USD/t]."""
    value_gain: Array
    """(G, R, R) what a dollar on the invoice adds to the customs value [1]."""
    landed_gain: Array
    """(G, R, R) what it adds to the landed price, ordinary duties included [1]."""
    cash: Array
    """(N, K) cash earnings of processes by areas: quasi-rent, lump sums, sourcing; before capital
    [USD]."""
    capital: Array
    """(N, K) what capacity that adjusts costs, grants included [USD]."""
    limits: dict[str, tuple[tuple[Limit, Array], ...]]
    """Policy -> its limits with their (N,) multipliers, such as what a licence fetches."""
    customs_value: Array = field(default_factory=lambda: np.zeros(0))
    """(N, G, R, R) customs value of raised invoices [USD/t]."""
    due: Mapping[str, Array] = field(default_factory=dict)
    """Duty layer or policy -> (N, G, R, R) ordinary duty, by the rules of stacking [USD/t]."""
    levies: dict[str, Array] = field(default_factory=dict)
    """Policy -> (N, G, R, R) gap that raised invoices leave open [USD/t]."""
    filled: Array = field(default_factory=lambda: np.zeros(1))
    """(N, G, R, R) gap below a reference that counts all duties, on tonnes within a tariff-rate
    quota, whoever fills it [USD/t]."""
    highest: dict[str, BoolArray] = field(default_factory=dict)
    """Policy -> (G, R, R) routes of homogeneous goods on which no other reference is as high."""
    rest: Array = field(default_factory=lambda: np.zeros(0))
    """(N, G, R, R) landed price beyond invoice, transport, ordinary duties and rents [USD/t]."""

    def multipliers(self, policy: str) -> Iterable[tuple[Limit, Array]]:
        """Limits of a policy with (N, 1, 1, 1) multipliers."""
        return ((m, value[:, None, None, None]) for m, value in self.limits.get(policy, ()))

    def value_to(self, policy: str) -> Array:
        """(N, G, R, R) customs value that a policy looks at [USD/t].

        Rents that sellers or their treasury hold under other policies are in the invoice; what a
        border levy leaves to exporters, and markups beyond those of the base year, are not.
        """
        asked = np.zeros_like(self.flow)
        for other, pairs in self.limits.items():
            for limit, rent in pairs:
                if other != policy and limit.in_invoice:
                    share = self.on(limit.acts_on_arcs, limit.arc_weight)
                    asked = asked + rent[:, None, None, None] * share
        return self.plain_value + self.value_gain * asked

    def on(self, arcs: IntArray, weight: Array | float = 1.0) -> Array:
        """(G, R, R) a weight on some arcs, zero elsewhere."""
        mask = np.zeros(self.flow[0].size)
        mask[arcs] = weight
        return mask.reshape(self.flow.shape[1:])

    def made(self, makers: IntArray, good: int) -> Array:
        """(N,) tonnes that some processes make of a good [t]."""
        return np.asarray((self.level[:, makers] * self.setting.output[makers, good]).sum(axis=1))

    def sold_share(self, good: int, region: int) -> Array:
        """(N,) share of a good's output in a region that buyers there and elsewhere take [1]."""
        place = good * len(self.setting.regions) + region
        taken = self.flow[:, good, region].sum(axis=1)
        for limit, bought in (pair for pairs in self.limits.values() for pair in pairs):
            here = limit.acts_on_balance[0] == place
            taken = taken + bought * limit.acts_on_balance[1][here].sum()
        made = self.made(self.setting.makers(good, region), good)
        return np.asarray(np.minimum(1.0, taken / np.maximum(made, 1e-300)))

    def out_of(self, region: int, amount: Array) -> Array:
        """(N, R) a payment (N,) out of one treasury [USD]."""
        total = np.zeros((len(self.level), len(self.setting.regions)))
        total[:, region] = -amount
        return total
