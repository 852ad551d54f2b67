"""The shape of a warning, and numbers in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

MOST_NAMES = 6
"""Names listed in one warning; the others are counted."""
CHANGED = 1e-9
"""Smaller changes are no change, as a share of the benchmark [1]."""


class Code(StrEnum):
    """Kinds of warning."""

    FLOOR_NOT_REACHED = "floor_not_reached"
    INVERTED_FLOOR = "inverted_floor"
    NEGATIVE_PROTECTION = "negative_protection"
    NEGATIVE_AT_MARGIN = "negative_at_margin"
    PROCESS_SHUT = "process_shut"
    MINIMUM_LOWERED = "minimum_lowered"
    LEVY_EXHAUSTED = "levy_exhausted"
    LIMIT_EXHAUSTED = "limit_exhausted"
    QUOTA_BINDING = "quota_binding"
    QUOTA_PROHIBITIVE = "quota_prohibitive"
    TRADE_SHUT = "trade_shut"
    PAYS_TWICE = "pays_twice"
    RENT_TO_EXPORTERS = "rent_to_exporters"
    MARKET_POWER = "market_power"
    RENT_SPLIT_OPEN = "rent_split_open"
    UNDELIVERED = "undelivered"
    SHORTAGE = "shortage"
    PRICE_ZERO = "price_zero"
    PROMISE_NOT_KEPT = "promise_not_kept"
    STOCK_IDLE = "stock_idle"
    ROUTES_WITHOUT_TRADE = "routes_without_trade"
    ROUTES_TIE = "routes_tie"
    TIED_TRADE = "tied_trade"
    ONE_LEVY = "one_levy"
    SURPLUS_PATH = "surplus_path"
    NOTHING_CHANGED = "nothing_changed"
    CHECK_FAILED = "check_failed"
    NOT_UNIQUE = "not_unique"
    SEVERAL_REGIMES = "several_regimes"
    RESTS_AT_EDGE = "rests_at_edge"
    CHAIN_CHANGED = "chain_changed"
    NOT_IN_FORCE = "not_in_force"


@dataclass(frozen=True)
class Warning_:  # noqa: N801 - ``Warning`` is a built-in exception
    """One thing to know before using the numbers."""

    code: Code
    """Kind of warning."""
    text: str
    """One or two plain sentences."""
    subject: str
    """Policy, good, region or process that it is about."""
    numbers: dict[str, float] = field(default_factory=dict)
    """Numbers behind the text, by name."""


def price(usd_per_tonne: float) -> str:
    """Price in words, per kilogram as the trade quotes it."""
    value = usd_per_tonne / 1e3
    digits = 0 if abs(value) >= 1e3 else 2
    return f"{value:,.{digits}f} USD/kg" if abs(value) >= 0.1 else f"{value:.3g} USD/kg"


def million(value: float) -> str:
    """Money in words."""
    return f"{value / 1e6:,.1f} million USD" if abs(value) >= 5e4 else f"{value:,.0f} USD"


def tonnes(value: float) -> str:
    """Mass in words."""
    return f"{value:,.0f} t" if value >= 10.0 else f"{value:.2g} t"


def some(names: Sequence[str]) -> str:
    """A list of names, cut after a few."""
    shown = ", ".join(names[:MOST_NAMES])
    rest = len(names) - MOST_NAMES
    return f"{shown} and {rest} more" if rest > 0 else shown
