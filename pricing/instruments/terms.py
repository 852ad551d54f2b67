"""What an instrument may add to the equilibrium conditions, and what it may look at.

An instrument never touches the conditions. It reads a :class:`Setting` and appends to
:class:`Terms`: explicit wedges (duties, top-ups, supports), closed arcs, and limits. A limit is
one quantity or price, one bound, and one multiplier paired with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pricing.core.quantities import Price
from pricing.errors import Fault, InputError

if TYPE_CHECKING:
    from pricing.instruments.jumps import Jump

Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]

ALL = "all"


@dataclass(frozen=True)
class Setting:
    """The part of a chain that instruments may look at (one scenario, no scenario axis)."""

    goods: tuple[str, ...]
    """Good ids, in stage order."""
    regions: tuple[str, ...]
    """Region ids."""
    territory: tuple[str, ...]
    """Customs territory of each region."""
    zones: dict[str, tuple[str, ...]]
    """Named sets of regions of the scenario."""
    bases: dict[str, dict[str, float]]
    """Good -> basis name -> tonnes of that basis per tonne of the good."""
    processes: tuple[str, ...]
    """Process ids."""
    process_region: IntArray
    """(K,) region of each process."""
    output: Array
    """(K, G) tonnes made per tonne of process level [t/t]."""
    recipe: Array
    """(G, G) tonnes of input (column) per tonne of good (row), at benchmark weights [t/t]."""
    inputs: Array
    """(K, G) tonnes used per tonne of process level [t/t]."""
    benchmark_output: Array
    """(G, R) benchmark output [t]."""
    benchmark_flow: Array
    """(G, R, R) benchmark tonnes by origin and destination [t]."""
    price_scale: Array
    """(G,) benchmark output-weighted ex-works price [USD/t]."""
    quantity_scale: Array
    """(G, R) a positive volume for each good and region [t]."""
    one_price: BoolArray
    """(G,) homogeneous goods: every buyer has one delivered price."""
    true_origin: IntArray
    """(R,) where the goods that a place sells are made: itself, unless they are disguised."""
    sold_as: IntArray
    """(R,) the region whose name they carry: itself, unless they are disguised."""
    unit_cost: Array
    """(K,) base-year inputs and marginal conversion cost per tonne of level; of a process that did
    not run, at its full size [USD/t]."""
    size: Array
    """(K,) capacity; base-year level where it has no limit [t]."""
    year: int | None = None
    """Year of the scenario; None where it states none."""
    adjusts: BoolArray | None = None
    """(K,) processes whose capacity adjusts; None in the short horizon."""

    def good(self, name: str, where: str) -> int:
        """Index of a good, or an InputError that names the field."""
        return _position(self.goods, name, "good", where)

    def region(self, name: str, where: str) -> int:
        """Index of a region, or an InputError that names the field."""
        return _position(self.regions, name, "region", where)

    def process(self, name: str, where: str) -> int:
        """Index of a process, or an InputError that names the field."""
        return _position(self.processes, name, "process", where)

    def members(self, names: Iterable[str], where: str) -> BoolArray:
        """Mask over regions of a list of regions and zone names (``all`` is everyone).

        Places where goods change their name are no regions and never among them.
        """
        mask = np.zeros(len(self.regions), dtype=bool)
        for name in names:
            if name == ALL:
                mask[:] = True
            elif name in self.zones:
                for region in self.zones[name]:
                    mask[self.region(region, where)] = True
            else:
                known = [*self.regions, *self.zones, ALL]
                mask[_position(known, name, "region or zone", where)] = True
        return mask & self.proper

    @cached_property
    def proper(self) -> BoolArray:
        """(R,) regions, and not places where goods change their name."""
        return np.asarray(self.sold_as == np.arange(self.sold_as.size))

    def as_sold(self, pairs: BoolArray) -> BoolArray:
        """(..., R, R) pairs of regions, and with them the places that carry their names."""
        return np.asarray(pairs[..., self.sold_as, :][..., self.sold_as])

    @cached_property
    def border(self) -> BoolArray:
        """(R, R) mask of pairs in different customs territories."""
        names = np.array(self.territory)
        return np.asarray(names[:, None] != names[None, :])

    def makers(self, good: int, region: int) -> IntArray:
        """Processes that can make a good in a region."""
        return np.flatnonzero((self.output[:, good] > 0.0) & (self.process_region == region))

    def usd_per_tonne(self, good: str, price: Price, where: str) -> float:
        """Price [USD/t] in the good's own basis."""
        if price.basis is None:
            return price.usd_per_tonne
        known = self.bases[good]
        if price.basis not in known:
            names = ", ".join(f"'{name}'" for name in known) or "no other basis"
            raise InputError(
                [Fault(f"'{price.basis}' is not a basis of {good}", where, remedy=f"Use {names}")]
            )
        return price.usd_per_tonne * known[price.basis]


def _position(names: Sequence[str], name: str, what: str, where: str) -> int:
    if name not in names:
        near = get_close_matches(name, names, n=1)
        meant = f"Did you mean '{near[0]}'? " if near else ""
        remedy = f"{meant}Known: {', '.join(names)}"
        raise InputError([Fault(f"unknown {what} '{name}'", where, remedy=remedy)])
    return list(names).index(name)


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

    One row per eligible output (process and good); ``M`` is an index of producer prices.
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


class Wedge(Enum):
    """Where the multiplier of a limit enters the price of an arc, and who holds it."""

    IMPORTER = "importer"
    """Added to the landed price after duties, for holders of licences; never counts as paid."""
    SELLER = "seller"
    """Added to the FOB price, for sellers; part of the customs value."""
    LEVY = "levy"
    """A levy on top of the landed price that its condition must find; importer's treasury."""
    DUTY = "duty"
    """A duty on top of the landed price that prices alone decide; importer's treasury."""
    ORIGIN_TREASURY = "origin_treasury"
    """Added to the FOB price, for the exporter's treasury; part of the customs value."""
    CARRIER = "carrier"
    """A price of transport: added to freight, part of CIF."""
    LOST = "lost"
    """Added to the landed price and received by nobody: delay, queues, paperwork."""

    @property
    def at_fob(self) -> bool:
        """Whether it enters the FOB price, and with it every ad valorem base."""
        return self in (Wedge.SELLER, Wedge.ORIGIN_TREASURY)


Sparse = tuple[IntArray, Array]
"""Indices and coefficients of a sparse row."""

NOTHING: Sparse = (np.zeros(0, dtype=np.intp), np.zeros(0))


@dataclass(frozen=True)
class Spending:
    """``coefficient x multiplier x price index of buyers``: what tonnes bought cost [USD]."""

    multiplier: int
    """Position of the limit whose multiplier is the tonnes."""
    place: int
    """Where they are bought, ``g R + j``."""
    coefficient: float = 1.0
    """Counted so many times [1]."""


@dataclass(frozen=True)
class Limit:
    """One bounded quantity or price and its multiplier ``0 <= m <= upper``.

    The paired condition is ``constant + price . p + buyer_price . P - flow . f - level . x
    + link . m - payments - spending >= 0`` with equality inside the box. Index conventions: arcs
    are ``(g R + i) R + j``, prices and balances ``g R + i``, multipliers their position in the
    list of all limits of the scenario.

    A limit linked to itself alone is an explicit positive part: ``0 <= m  ⟂  m - gap >= 0`` says
    ``m = max(0, gap)``.
    """

    policy: str
    """Id of the policy."""
    instrument: str
    """Kind of instrument, for the ledger."""
    name: str
    """The condition in words, for error messages and regimes."""
    unit: str
    """Unit of the multiplier."""
    upper: float
    """Upper bound of the multiplier, in its unit."""
    scale: float
    """A typical size of the multiplier, in its unit."""
    condition_scale: float
    """A typical size of the condition."""
    constant: float
    """Constant of the condition."""
    lower: float = 0.0
    """Lower bound of the multiplier, in its unit."""
    base: float = 0.0
    """Multiplier in the base year, where the search starts, in its unit."""
    price: Sparse = NOTHING
    """Coefficients on producer prices."""
    buyer_price: Sparse = NOTHING
    """Coefficients on price indices of buyers."""
    flow: Sparse = NOTHING
    """Coefficients on flows (entering with a minus)."""
    level: Sparse = NOTHING
    """Coefficients on process levels (entering with a minus)."""
    customs_value: Sparse = NOTHING
    """Coefficients on customs values of arcs, before rents of sellers."""
    duty_paid: Sparse = NOTHING
    """Coefficients on landed prices of arcs with all ordinary duties, before rents and levies."""
    link: Sparse = NOTHING
    """Coefficients on multipliers of limits, by their position in the list."""
    spends: Spending | None = None
    """Money that purchases cost, which enters with a minus."""
    raised_value: Sparse = NOTHING
    """Coefficients on rents in the invoice, by position: what they add to the customs value of the
    one arc that it acts on."""
    raised_landed: Sparse = NOTHING
    """The same: what they add to its landed price, with ordinary duties on the higher value."""
    payment: int | None = None
    """Support whose payments enter with a minus."""
    payment_reduced: bool = False
    """Payments are counted after the cut (pro rata), not before (per contract)."""
    wedge: Wedge | None = None
    """Role on the arcs of ``acts_on_arcs``."""
    acts_on_arcs: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    """Arcs that it is about: with all of them shut the multiplier is held at zero."""
    arc_weight: Array | float = 1.0
    """Share of the multiplier in the price of each of these arcs, where there is a wedge [1]."""
    over_quota: bool = False
    """Whether the multiplier is tonnes that pay the full duty beyond the quota of the policy."""
    alone: bool = False
    """Whether it lifts a price to a reference, so that no levy may do the same on its arcs."""
    acts_on_use: Sparse = NOTHING
    """Use of (g, j) changes by coefficient times multiplier [t]; for a policy, its stock does."""
    acts_on_index: Sparse = NOTHING
    """The price index of (g, j) falls by coefficient times multiplier [USD/t]."""
    rations: int | None = None
    """Demand of which the multiplier is the share that goes without [1]."""
    acts_on_balance: Sparse = NOTHING
    """Ex-works sales of (g, i) left for flows fall by coefficient times multiplier [t]."""
    acts_on_margin: Sparse = NOTHING
    """The margin of a process falls by coefficient times multiplier [USD/t]."""
    rent_kept: bool = True
    """Whether what a margin loses comes back to the process as a lump sum: a rent that it holds."""
    acts_on_support: int | None = None
    """Support whose payment is cut by the share ``m``."""


@dataclass
class Terms:
    """Everything the instruments of one scenario add; built once, then read only."""

    shape: tuple[int, int]
    """Number of goods and of regions."""
    duties: list[Duty] = field(default_factory=list)
    """Duties on the customs value."""
    top_ups: list[TopUp] = field(default_factory=list)
    """Levies per origin; the highest on an arc holds."""
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
