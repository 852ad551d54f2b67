"""Limits: one quantity or price, one bound, and one multiplier paired with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from pricing.instruments.setting import Array, IntArray


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
    unsold: int | None = None
    """Position of a limit whose multiplier is the share of output that finds no buyer: the levels
    counted here enter less that share."""
    purchases: int | None = None
    """Market ``g R + i`` whose public purchases enter with a plus."""
    customs_value: Sparse = NOTHING
    """Coefficients on customs values of arcs, with what sellers ask under other policies."""
    duty_paid: Sparse = NOTHING
    """Coefficients on landed prices of arcs with all ordinary duties and what sellers ask under
    other policies, before levies and other rents."""
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
    makers: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    """Plants that must make the tonnes of a contract."""
    over_quota: bool = False
    """Whether the multiplier is tonnes that pay the full duty beyond the quota of the policy."""
    levied_beyond: bool = False
    """Whether the multiplier is what a levy takes of such tonnes."""
    alone: bool = False
    """Whether it lifts a price to a reference, so that no levy may do the same on its arcs."""
    fills_gap: bool = False
    """Whether it is a duty on how far an invoice lies below a price."""
    counts_as_paid: bool = False
    """Whether it is a duty that a levy counts as paid where it counts all of them."""
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

    @property
    def in_invoice(self) -> bool:
        """Whether its rent is part of the price that customs look at."""
        return self.wedge is not None and self.wedge.at_fob


@dataclass(frozen=True)
class TakeOrPay:
    """A contract whose buyer pays for the tonnes that he leaves, at the ex-works price.

    It is a lump sum to the makers, who need not make these tonnes: ``p max(0, tonnes - flow)``.
    Nothing is due where the route is shut.
    """

    policy: str
    """Id of the policy."""
    instrument: str
    """Kind of instrument, for the ledger."""
    payer: int
    """Region of the buyer."""
    public: bool
    """Whether he is its treasury."""
    process: IntArray
    """(E,) makers under contract."""
    good: int
    """Good."""
    tonnes: float
    """Tonnes under contract [t]."""
