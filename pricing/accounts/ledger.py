"""Who pays whom: rows kept as numeric blocks, labelled only when somebody looks.

Every purchase runs through two clearing accounts that keep nothing: buyers of a good in a region
pay the ``market`` of that region, which pays sellers, treasuries, transport and holders of rents
arc by arc; ``sellers`` of a good in a region share their receipts among its processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pricing.accounts.blocks import Block, add_up
from pricing.accounts.parties import Account, Party, Side
from pricing.chains.network import Array, Network


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
