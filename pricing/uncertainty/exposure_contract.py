"""The settlements of a price guarantee: periods, tonnes, and what is paid in each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from pricing.economics.contracts import Array, Guarantee, Settlement
from pricing.errors import Fault, InputError
from pricing.instruments.policy import Policy
from pricing.uncertainty.exposure_document import ExposureDocument, Observed

MONTH = 1.0 / 12.0
"""Step of the simulation [yr]."""
MONTHS = {Settlement.QUARTERLY: 3, Settlement.ANNUAL: 12}
"""Months of a settlement period."""


@dataclass(frozen=True)
class Period:
    """One settlement."""

    year: int
    """Calendar year."""
    months: range
    """Its months, counted from the valuation."""

    @property
    def time(self) -> float:
        """From the valuation to its end [yr]."""
        return self.months.stop * MONTH


@dataclass(frozen=True)
class Contract:
    """A guarantee with its settlements."""

    terms: Guarantee
    """Terms of a full year, nominal."""
    periods: tuple[Period, ...]
    """Settlements in their order."""
    tonnes: Array
    """(S,) eligible tonnes of each [t]."""

    @property
    def months(self) -> int:
        """Months from the valuation to the end."""
        return self.periods[-1].months.stop

    @property
    def years(self) -> Array:
        """(S,) calendar years."""
        return np.array([period.year for period in self.periods])

    @property
    def times(self) -> Array:
        """(S,) from the valuation to the end of each period [yr]."""
        return np.array([period.time for period in self.periods])

    def index_of(self, monthly: Array, observed: Observed) -> Array:
        """(N, S) prices that count, of monthly ones (N, T) [USD/t]."""
        if observed is Observed.END:
            return np.asarray(monthly[:, [period.months.stop - 1 for period in self.periods]])
        parts = [monthly[:, list(period.months)].mean(axis=1) for period in self.periods]
        return np.stack(parts, axis=1)

    def settle(self, index: Array) -> tuple[Array, Array]:
        """(N, S) paid and handed back at nominal index prices [USD].

        Caps are a calendar year's; of a year that the contract covers in part, that part.
        """
        paid, back = np.empty_like(index), np.empty_like(index)
        for year in dict.fromkeys(period.year for period in self.periods):
            at = np.flatnonzero(self.years == year)
            part = sum(len(self.periods[s].months) for s in at) * MONTH
            caps = {name: part * getattr(self.terms, name) for name in ("cap", "budget", "cap_up")}
            terms = replace(self.terms, **caps)
            paid[:, at], back[:, at] = terms.settle(index[:, at], self.tonnes[at])
        return paid, back


def settlements(document: ExposureDocument, policy: Policy) -> tuple[tuple[Period, ...], Array]:
    """Periods from the valuation to the end of the contract, and their tonnes."""
    if policy.end is None or policy.end <= document.valued_on:
        problem = f"'{policy.id}' has no end after {document.valued_on}"
        raise InputError([Fault(problem, "policy", remedy="Give the policy an 'end'")])
    length, periods = MONTHS[document.settlement], []
    first = _ordinal(document.valued_on) + 1
    last = _ordinal(policy.end + dt.timedelta(days=1)) - 1  # the last full month
    begin = max(first, _ordinal(policy.start) if policy.start else first)
    month = begin
    while month <= last:
        until = min(month // length * length + length, last + 1)
        periods.append(Period(month // 12, range(month - first, until - first)))
        month = until
    if not periods:
        raise InputError([Fault("no month is left to settle", "valued_on", remedy="Value earlier")])
    tonnes = [_tonnes_in(document, period.year) * len(period.months) * MONTH for period in periods]
    return tuple(periods), np.array(tonnes)


def _ordinal(day: dt.date) -> int:
    """Months since year zero."""
    return 12 * day.year + day.month - 1


def _tonnes_in(document: ExposureDocument, year: int) -> float:
    known = [row.tonnes.tonnes for row in document.tonnes if row.since <= year]
    if not known:
        problem = f"no tonnes are stated for {year}"
        raise InputError([Fault(problem, "tonnes", remedy="Begin with an earlier year")])
    return known[-1]
