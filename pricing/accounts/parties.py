"""Who pays and who receives: kinds of account, and what tells one of a kind from another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum


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
BUYERS = Party(Account.MARKET, Side.PARTNER)
EXPORTERS = Party(Account.EXPORTERS, Side.REGION)
LICENCES = Party(Account.LICENCE_HOLDERS, Side.PARTNER)
