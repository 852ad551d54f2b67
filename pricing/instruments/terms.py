"""What an instrument may add to the equilibrium conditions, and what it may look at.

An instrument never touches the conditions. It reads a :class:`Setting` and appends to
:class:`Terms`: explicit wedges (duties, top-ups, supports), closed arcs, and limits. A limit is
one quantity or price, one bound, and one multiplier paired with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from pricing.instruments.limits import NOTHING, Limit, Sparse, Spending, TakeOrPay, Wedge
from pricing.instruments.setting import ALL, Array, BoolArray, IntArray, Setting

if TYPE_CHECKING:
    from pricing.instruments.jumps import Jump

__all__ = [  # settings and limits have modules of their own; instruments take all from here
    "ALL", "NOTHING", "Array", "BoolArray", "CompareAt", "Duty", "Evasion", "ExportCharge", "Grant",
    "Holding", "IntArray", "Limit", "MarginFloor", "Payer", "Setting", "Sparse", "Spending",
    "Support", "TakeOrPay", "Terms", "TopUp", "Wedge", "Worth", "agreed", "arcs",
    "filled", "granted",
]  # fmt: skip


class CompareAt(Enum):
    """Price that is held against a reference price."""

    FOB = "fob"
    """Before freight and insurance."""
    CIF = "cif"
    """With freight and insurance, before duties."""
    DUTY_PAID = "duty_paid"
    """With freight, insurance and the duties that count as paid."""


@dataclass(frozen=True)
class Duty:
    """An import duty on the customs value; zero where it does not apply."""

    policy: str
    """Id of the policy (or layer of the chain)."""
    instrument: str
    """Kind of instrument, for the ledger."""
    rate: Array
    """(G, R, R) ad valorem rate [1]."""
    specific: Array
    """(G, R, R) specific duty [USD/t]."""
    yields_to: tuple[str, ...] = ()
    """Policies and layers where these are charged, it is not."""
    higher_of: tuple[str, ...] = ()
    """Policies and layers that it includes: it is charged as far as it exceeds them."""

    def over(self, places: IntArray) -> Duty:
        """The same on routes between other places."""
        rate, specific = (a[:, places][:, :, places] for a in (self.rate, self.specific))
        return replace(self, rate=rate, specific=specific)


@dataclass(frozen=True)
class TopUp:
    """A levy per origin that closes the gap between a base price and a reference.

    With ``gap = max(0, reference - base)`` the exporter raises its price so that ``capture``
    of the gap is closed by the price and the importer's treasury takes the rest.
    """

    policy: str
    """Id of the policy."""
    instrument: str
    """Kind of instrument, for the ledger."""
    reference: Array
    """(G, R, R) reference price; ``-inf`` where it does not apply [USD/t]."""
    compare_at: CompareAt
    """Which price is compared."""
    layers: tuple[str, ...] | None
    """Duty policies that count as paid under ``DUTY_PAID``; all where None."""
    capture: float
    """Share of the gap kept by exporters [1]."""

    @property
    def counts_all(self) -> bool:
        """Whether every duty counts as paid: those that prices or quotas decide too."""
        return self.compare_at is CompareAt.DUTY_PAID and self.layers is None


class Worth(Enum):
    """What a tonne that a stock gains or loses counts in the sum of gains."""

    ZERO = "zero"
    """Nothing: what was bought is spent, what was released is found money."""
    MARKET = "market"
    """The price index of buyers where it lies."""
    COST = "cost"
    """What was paid for it, or what it sold for: the stock gains and loses nothing."""


class Payer(Enum):
    """Who pays a support."""

    TREASURY = "treasury"
    """The treasury of a region."""
    BUYER = "buyer"
    """A buyer in a region who is bound by contract: a transfer that changes no price of his."""


@dataclass(frozen=True)
class Support:
    """A payment per tonne of output: ``down max(0, strike - M) - up max(0, M - upper)``.

    One row per eligible output (process and good) and settlement; ``M`` is an index of producer
    prices.
    """

    policy: str
    """Id of the policy."""
    instrument: str
    """Kind of instrument, for the ledger."""
    payer: int
    """Region whose treasury pays."""
    process: IntArray
    """(E,) processes."""
    good: IntArray
    """(E,) goods."""
    index: Array
    """(E, G*R) weights of producer prices in the index [1]."""
    strike: float
    """Guaranteed price [USD/t]."""
    down: float
    """Share of the shortfall paid [1]."""
    upper: float
    """Price above which the producer shares the excess; ``inf`` for none [USD/t]."""
    up: float
    """Share of the excess handed back [1]."""
    up_cap: float
    """Largest sum handed back, settled as a lump sum; ``inf`` puts it at the margin [USD]."""
    up_tonnes: float = np.inf
    """Most tonnes on which it is handed back, likewise a lump sum [t]."""
    paid_by: Payer = Payer.TREASURY
    """Who in the paying region pays."""
    unsold: int | None = None
    """Position of the limit whose multiplier is the share of output that finds no buyer, on which
    nothing is paid; all output counts where None."""
    part: float = 1.0
    """Part of an output that each of its rows stands for: a quarter, with four settlements [1]."""

    def made(self, outputs: Array) -> Array:
        """(E,) tonnes of each row per tonne of level, by outputs (K, G) [t/t]."""
        return np.asarray(self.part * outputs[self.process, self.good])

    def by_output(self, per_tonne: Array) -> list[tuple[tuple[int, int], float]]:
        """Process and good, and the average over settlements of what a tonne of it gets (E,)."""
        total: dict[tuple[int, int], float] = {}
        for k, g, paid in zip(self.process, self.good, per_tonne, strict=True):
            output = int(k), int(g)
            total[output] = total.get(output, 0.0) + self.part * float(paid)
        return list(total.items())

    @property
    def lump_sum_up(self) -> bool:
        """Whether what is handed back does not depend on one more tonne."""
        return bool(np.isfinite(self.up_cap).all() or np.isfinite(self.up_tonnes).all())


@dataclass(frozen=True)
class MarginFloor:
    """A floor under what some processes earn in cash: a lump sum that changes no decision."""

    policy: str
    """Id of the policy."""
    instrument: str
    """Kind of instrument, for the ledger."""
    payer: int
    """Region whose treasury pays."""
    process: IntArray
    """(E,) processes that share one floor."""
    floor: float
    """Cash earnings that are made up to [USD]."""
    fixed_cash_cost: float
    """Cash cost that does not depend on output [USD]."""


@dataclass(frozen=True)
class ExportCharge:
    """A tax on what leaves, part of the FOB price; zero where it does not apply."""

    policy: str
    """Id of the policy."""
    instrument: str
    """Kind of instrument, for the ledger."""
    rate: Array
    """(G, R, R) rate on the ex-works price [1]."""
    specific: Array
    """(G, R, R) specific tax [USD/t]."""


@dataclass(frozen=True)
class Evasion:
    """What hiding an origin costs on top of the landed price; nobody receives it."""

    policy: str
    """Id of the policy."""
    instrument: str
    """Kind of instrument, for the ledger."""
    cost: Array
    """(G, R, R) cost on disguised routes [USD/t]."""


@dataclass(frozen=True)
class Holding:
    """A public stock; its purchases and releases are limits that act on use."""

    policy: str
    """Id of the policy."""
    instrument: str
    """Kind of instrument, for the ledger."""
    good: int
    """Good."""
    region: int
    """Region whose treasury holds it."""
    opening: float
    """Stock at the start of the year [t]."""
    carrying_cost: float
    """Cost of holding a tonne of the closing stock for a year [USD/t]."""
    worth: Worth = Worth.ZERO
    """What a change of the stock counts in the sum of gains."""
    replaced_at: float = 0.0
    """Price at which released tonnes must be bought back later; zero for no duty to [USD/t]."""


@dataclass(frozen=True)
class Grant:
    """A share of the capital cost of processes that somebody else pays."""

    policy: str
    """Id of the policy."""
    instrument: str
    """Kind of instrument, for the ledger."""
    payer: int
    """Region whose treasury pays."""
    process: IntArray
    """(E,) processes whose capacity adjusts."""
    share: float
    """Share of the annuity [1]."""


def granted(grants: Sequence[Grant], processes: int) -> Array:
    """(N or 1, K) share of every annuity that grants pay together [1]."""
    return sum(
        (
            np.reshape(grant.share, (-1, 1)) * np.isin(np.arange(processes), grant.process)
            for grant in grants
        ),
        np.zeros((1, processes)),
    )


@dataclass
class Terms:
    """Everything the instruments of one scenario add; built once, then read only."""

    shape: tuple[int, int]
    """Number of goods and of regions."""
    duties: list[Duty] = field(default_factory=list)
    """Duties on the customs value."""
    top_ups: list[TopUp] = field(default_factory=list)
    """Levies per origin; on an arc the one holds that lifts the landed price highest."""
    supports: list[Support] = field(default_factory=list)
    """Payments per tonne of output."""
    grants: list[Grant] = field(default_factory=list)
    """Shares of capital costs."""
    limits: list[Limit] = field(default_factory=list)
    """Bounded quantities and prices with their multipliers."""
    holdings: list[Holding] = field(default_factory=list)
    """Public stocks."""
    margin_floors: list[MarginFloor] = field(default_factory=list)
    """Floors under cash earnings."""
    unused: list[TakeOrPay] = field(default_factory=list)
    """Contracts that pay for the tonnes that their buyers leave."""
    export_charges: list[ExportCharge] = field(default_factory=list)
    """Taxes on what leaves, part of the FOB price."""
    evasions: list[Evasion] = field(default_factory=list)
    """Costs of hiding an origin."""
    closed: list[tuple[str, BoolArray]] = field(default_factory=list)
    """Policies and the (G, R, R) arcs they close."""
    jumps: list[Jump] = field(default_factory=list)
    """Places where policies jump; the limits and supports above are those of the first regimes."""

    def zeros(self) -> Array:
        """Fresh (G, R, R) array of zeros."""
        goods, regions = self.shape
        return np.zeros((goods, regions, regions))


def filled(pairs: BoolArray, value: float | Array, rest: float | Array) -> Array:
    """A value on pairs (G, R, R), elsewhere the rest; numbers (N, 1) give (N, G, R, R)."""
    number = np.asarray(value)
    return np.where(pairs, number[..., None, None] if number.ndim else number, rest)


def agreed(answers: bool | BoolArray) -> bool:
    """The one answer of all scenarios to a question of structure.

    Raises
    ------
    ValueError
        If they differ.
    """
    first = bool(np.ravel(answers)[0])
    if np.any(np.asarray(answers) != first):
        raise ValueError("these scenarios differ in structure")
    return first


def arcs(mask: BoolArray) -> IntArray:
    """Flat arc indices of a (G, R, R) mask."""
    return np.flatnonzero(mask)
