"""Who pays whom: rows kept as numeric blocks, labelled only when somebody looks.

Every purchase runs through two clearing accounts that keep nothing: buyers of a good in a region
pay the ``market`` of that region, which pays sellers, treasuries, transport and holders of rents
arc by arc; ``sellers`` of a good in a region share their receipts among its processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cached_property, lru_cache

import numpy as np

from pricing.accounts.volumes import add_at
from pricing.chains.network import Array, IntArray, Network


class Account(StrEnum):
    """Kinds of account."""

    USERS = "users"
    """Final users, one per demand."""
    PROCESSES = "processes"
    """Mines, scrap and plants."""
    EXPORTERS = "exporters"
    """Holders of seller-held rents, one per region."""
    LICENCE_HOLDERS = "licence_holders"
    """Holders of importer-held rents, one per region."""
    TREASURIES = "treasuries"
    """One per region."""
    TRANSPORT = "transport"
    """Freight and insurance: a resource cost without surplus, but for what carriers get of it."""
    DELAY = "delay"
    """Waiting and paperwork: a resource cost, no surplus."""
    EVASION = "evasion"
    """What hiding an origin costs: a resource cost, no surplus."""
    STOCKS = "stocks"
    """Goods bought from the market by intervention."""
    MARKET = "market"
    """Clearing account of the buyers of a good in a region."""
    SELLERS = "sellers"
    """Clearing account of the sellers of a good in a region."""
    FEED = "feed"
    """Clearing account between by-products and the hosts that get the rent of their feed."""
    CONTRACTS = "contracts"
    """Clearing account of what contracts settle beyond the spot invoice."""
    FACTORS = "factors"
    """Labour, energy, equipment: what conversion costs."""
    NOBODY = "nobody"
    """Receiver of rows that are no money."""


class Side(Enum):
    """Which label of a row tells one account of a kind from another."""

    REGION = "region"
    PARTNER = "partner"
    WHO = "who"
    NONE = "none"


@dataclass(frozen=True)
class Party:
    """One side of every row of a block."""

    account: Account
    """Kind of account."""
    side: Side = Side.NONE
    """Label that completes it."""


USERS = Party(Account.USERS, Side.WHO)
PROCESSES = Party(Account.PROCESSES, Side.WHO)
SELLERS = Party(Account.SELLERS, Side.REGION)
FACTORS = Party(Account.FACTORS)
TRANSPORT = Party(Account.TRANSPORT)
FEED = Party(Account.FEED)
CONTRACTS = Party(Account.CONTRACTS)
NOBODY = Party(Account.NOBODY)
HOME_MARKET = Party(Account.MARKET, Side.REGION)
HOME_TREASURY = Party(Account.TREASURIES, Side.REGION)
PARTNER_TREASURY = Party(Account.TREASURIES, Side.PARTNER)


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


@dataclass(frozen=True)
class LedgerRow:
    """One labelled payment."""

    payer: str
    """Account that pays, as ``kind`` or ``kind:name``."""
    receiver: str
    """Account that receives."""
    region: str
    """Where it happens; the origin on an arc."""
    good: str
    """Good; empty for none."""
    partner: str
    """Destination on an arc; region of a paying treasury; empty for none."""
    name: str
    """Process or use; empty for none."""
    instrument: str
    """Kind of instrument, or of cost."""
    policy: str
    """Id of the policy or duty layer; empty for none."""
    tonnes: float
    """Tonnes [t]."""
    rate: float
    """Amount per tonne [USD/t]."""
    amount: float
    """Amount [USD]."""
    money: bool
    """False for rows that are no payment."""


COLUMNS = tuple(LedgerRow.__dataclass_fields__)


@dataclass(frozen=True)
class Ledger:
    """All rows of one solution."""

    network: Network
    """Names."""
    blocks: tuple[Block, ...]
    """Rows in numeric form."""

    @cached_property
    def treasuries(self) -> dict[tuple[str, str], Array]:
        """(instrument, policy) -> (N, R) receipts less payments by treasury [USD]."""
        regions = len(self.network.regions)
        total: dict[tuple[str, str], Array] = {}
        for block in self.blocks:
            for party, sign in ((block.receiver, 1.0), (block.payer, -1.0)):
                if party.account is Account.TREASURIES:
                    key = (block.instrument, block.policy)
                    amount = sign * block.by_region(party.side, regions)
                    total[key] = total[key] + amount if key in total else amount
        return {key: self.network.under_names(line) for key, line in total.items()}

    def net(self, account: Account) -> Array:
        """(N, R) receipts less payments of a kind of account that has one per region [USD]."""
        regions = len(self.network.regions)
        total = np.zeros((self.blocks[0].amount.shape[0], regions))
        for block in self.blocks:
            for party, sign in ((block.receiver, 1.0), (block.payer, -1.0)):
                if party.account is account:
                    total = total + sign * block.by_region(party.side, regions)
        return total

    def balance(self, account: Account, size: int) -> Array:
        """(N, size) receipts less payments of users or processes, sourcing rows included [USD]."""
        total = np.zeros((self.blocks[0].amount.shape[0], size))
        for block in self.blocks:
            if block.receiver.account is account:
                total += add_up(block.amount, block.labels.who, size)
            if block.payer.account is account:
                total -= add_up(block.amount, block.labels.who, size)
        return total

    @cached_property
    def columns(self) -> dict[str, np.ndarray]:
        """Rows of the first scenario as parallel columns; rows without tonnes or money left out."""
        parts = [_label(self.network, block) for block in self.blocks]
        return {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}

    @property
    def rows(self) -> Iterator[LedgerRow]:
        """Rows of the first scenario, one by one."""
        for values in zip(*(self.columns[name].tolist() for name in COLUMNS), strict=True):
            yield LedgerRow(*values)


def _label(network: Network, block: Block) -> dict[str, np.ndarray]:
    """Columns of one block for the first scenario."""
    keep = np.flatnonzero((block.tonnes[0] != 0.0) | (block.amount[0] != 0.0))
    regions = np.array([*network.regions, ""], dtype=object)
    goods = np.array([*network.goods, ""], dtype=object)
    is_user = Account.USERS in (block.payer.account, block.receiver.account)
    owners = np.array([*(regions[network.setting.sold_as]), ""], dtype=object)
    names = np.array([*(network.demand_use if is_user else network.processes), ""], dtype=object)
    labels = block.labels
    columns: dict[str, np.ndarray] = {
        "region": regions[labels.region[keep]],
        "good": goods[labels.good[keep]],
        "partner": regions[labels.partner[keep]],
        "name": names[labels.who[keep]],
    }
    treasuries = {"region": owners[labels.region[keep]], "partner": owners[labels.partner[keep]]}
    for side, party in (("payer", block.payer), ("receiver", block.receiver)):
        owned = treasuries if party.account is Account.TREASURIES else {}
        columns[side] = _party(party, columns | owned)
    for name in ("instrument", "policy", "money"):
        columns[name] = np.full(keep.size, getattr(block, name), dtype=object)
    for name in ("tonnes", "rate", "amount"):
        values = getattr(block, name)[0]
        columns[name] = np.broadcast_to(values, block.amount[0].shape)[keep]
    return columns


def _party(party: Party, columns: dict[str, np.ndarray]) -> np.ndarray:
    """Account labels of one side."""
    kind, size = str(party.account), columns["region"].size
    if party.side is Side.NONE:
        return np.full(size, kind, dtype=object)
    if party.account is Account.USERS:
        pairs = zip(columns["region"], columns["name"], strict=True)
        return np.array([f"{kind}:{region}/{use}" for region, use in pairs], dtype=object)
    place = columns["name" if party.side is Side.WHO else party.side.value]
    return np.array([f"{kind}:{name}" for name in place], dtype=object)
