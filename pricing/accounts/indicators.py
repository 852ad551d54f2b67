"""Numbers that people ask for, in a tidy list, each with its value in the base."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.columns import columns


@dataclass(frozen=True)
class Indicator:
    """One indicator; a missing number is None."""

    name: str
    """Name of the indicator."""
    good: str
    """Good; empty for all or none."""
    region: str
    """Region, zone or ``world``."""
    detail: str
    """Upstream good, or instrument with its policy; empty for none."""
    partner: str
    """Region that ``value`` is about (top supplier in the scenario); empty for none."""
    value: float | None
    """Value in the scenario, in ``unit``."""
    unit: str
    """``USD/t``, ``t``, ``USD`` or ``1``."""
    base: float | None
    """Value in the base; zero for changes; None where it means nothing."""


def indicators(books: Books) -> tuple[Indicator, ...]:
    """All indicators of the first scenario."""
    regions = books.program.network.regions
    found = []
    for column in columns(books):
        if column.stated[0]:
            key, place = column.key, -1 if column.partner is None else int(column.partner[0])
            value, base = _number(column.value[0]), _number(column.base[0])
            partner = regions[place] if place >= 0 and value is not None else ""
            about = (key.name, key.good, key.region, key.detail)
            found.append(Indicator(*about, partner, value, column.unit, base))
    return tuple(found)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
