"""What a price guarantee may cost: settlements of its contract over simulated index prices."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pricing.chains.network import BoolArray
from pricing.economics.contracts import Array, Guarantee
from pricing.equilibrium.build import calibrated
from pricing.errors import Fault, InputError
from pricing.instruments.price_guarantee import PriceGuarantee
from pricing.instruments.terms import Payer
from pricing.uncertainty.black import put
from pricing.uncertainty.exposure_document import (
    Controls,
    ExposureDocument,
    Observed,
    OwnPrice,
    Settlement,
)
from pricing.uncertainty.prices import LogPrice, Process, log_price

if TYPE_CHECKING:
    import pandas as pd

    from pricing.scenarios.scenario import Scenario

MONTH = 1.0 / 12.0
"""Step of the simulation [yr]."""
QUANTILES = (0.05, 0.5, 0.95)
"""Quantiles that are reported."""
PAYERS = {Payer.TREASURY: "The treasury of", Payer.BUYER: "A buyer in"}
"""Who pays -> in words, before the region."""
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


@dataclass(frozen=True)
class Sums:
    """A sum over all draws."""

    mean: float
    """Expected."""
    error: float
    """Standard error of the mean from the number of draws."""
    quantiles: tuple[float, ...]
    """At :data:`QUANTILES`."""

    @classmethod
    def of(cls, draws: Array) -> Sums:
        """Of (N,) draws."""
        error = float(draws.std(ddof=1) / np.sqrt(draws.size))
        cuts = np.quantile(draws, QUANTILES)
        return cls(float(draws.mean()), error, tuple(float(cut) for cut in cuts))


@dataclass(frozen=True)
class Year:
    """One calendar year."""

    year: int
    """Which."""
    tonnes: float
    """Eligible tonnes [t]."""
    net: Sums
    """What the payer pays on balance [USD]."""
    worst: float
    """The most that the contract can cost [USD]."""
    chance: float
    """Chance that the payer pays on balance [1]."""


@dataclass(frozen=True)
class Paths:
    """Settlements under one process, in constant money of the valuation."""

    process: LogPrice
    """How the index moves."""
    contract: Contract
    """What is settled."""
    index: Array
    """(N, S) index prices that count [USD/t]."""
    paid: Array
    """(N, S) paid to makers [USD]."""
    back: Array
    """(N, S) handed back by makers [USD]."""
    discount: Array
    """(S,) present value of one dollar at each settlement [1]."""
    strike: Array
    """(S,) guaranteed price in constant money [USD/t]."""
    own: Array | None
    """(N, S) the maker's own price [USD/t]; None where it is the index."""

    @cached_property
    def costs(self) -> Array:
        """(N,) present value of what the payer pays on balance, draw by draw [USD]."""
        return np.asarray(((self.paid - self.back) * self.discount).sum(axis=1))

    @cached_property
    def present(self) -> Sums:
        """Its expected value and quantiles [USD]."""
        return Sums.of(self.costs)

    def receipts(self) -> Array:
        """(N,) what makers get a tonne over the contract, payments included [USD/t]."""
        own = self.index if self.own is None else self.own
        tonnes = self.contract.tonnes
        money = (own * tonnes + self.paid - self.back).sum(axis=1)
        return np.asarray(money / tonnes.sum())


@dataclass(frozen=True)
class Exposure:
    """What a guarantee may cost."""

    document: ExposureDocument
    """The question."""
    scenario: Scenario
    """Scenario of the guarantee."""
    good: str
    """Good guaranteed."""
    payer: str
    """Who pays, in words."""
    contract: Contract
    """What is settled."""
    main: Paths
    """Under the process of the document."""
    alternative: Paths | None
    """Under the other one, if it names one."""

    def __repr__(self) -> str:
        """Name and expected present value."""
        expected = self.main.present.mean / 1e6
        return f"Exposure({self.document.id!r}, {expected:.1f} million USD expected)"

    @cached_property
    def worst(self) -> Array:
        """(S,) the most that the contract can cost at each settlement: an index of zero [USD]."""
        inflation = np.log1p(self.document.inflation.fraction)
        paid, _ = self.contract.settle(np.zeros((1, self.contract.tonnes.size)))
        return np.asarray(paid[0] * np.exp(-inflation * self.contract.times))

    @property
    def worst_present(self) -> float:
        """Present value of the worst case [USD]."""
        return float((self.worst * self.main.discount).sum())

    @cached_property
    def closed_form(self) -> float | None:
        """Expected present value by Black's formula; None where the terms are not that plain."""
        asked, terms, contract = self.document, self.contract.terms, self.contract
        plain = (
            asked.observed is Observed.END
            and asked.controls is None
            and asked.inflation.fraction == 0.0
            and (terms.up == 0.0 or np.isinf(terms.upper))
            and np.isinf([terms.cap, terms.budget]).all()
        )
        if not plain:
            return None
        forward, deviation = self.main.process.forward(_start(asked), contract.times)
        gaps = terms.down * put(forward, terms.strike, deviation)
        return float((gaps * contract.tonnes * self.main.discount).sum())

    @cached_property
    def years(self) -> tuple[Year, ...]:
        """What is paid in each calendar year, under the process of the document."""
        net, when = self.main.paid - self.main.back, self.contract.years
        found = []
        for year in dict.fromkeys(when.tolist()):
            at = when == year
            sums, tonnes = net[:, at].sum(axis=1), float(self.contract.tonnes[at].sum())
            worst, chance = float(self.worst[at].sum()), float((sums > 0.0).mean())
            found.append(Year(year, tonnes, Sums.of(sums), worst, chance))
        return tuple(found)

    def table(self) -> pd.DataFrame:
        """One row a year: tonnes, expected payment with its error, quantiles, worst case [USD]."""
        import pandas as pd

        return pd.DataFrame(
            {
                "year": row.year,
                "tonnes": row.tonnes,
                "expected": row.net.mean,
                "standard_error": row.net.error,
                **{
                    f"p{100 * q:g}": cut
                    for q, cut in zip(QUANTILES, row.net.quantiles, strict=True)
                },
                "worst": row.worst,
                "chance_of_payment": row.chance,
            }
            for row in self.years
        )

    def to_json(self) -> str:
        """The table and the present values as one JSON object; money in USD."""
        views = {"main": self.main, "alternative": self.alternative}
        return json.dumps(
            {
                "id": self.document.id,
                "years": self.table().to_dict(orient="records"),
                "present_value": {
                    name: asdict(paths.present) for name, paths in views.items() if paths
                },
                "quantiles": QUANTILES,
                "worst_present_value": self.worst_present,
                "closed_form": self.closed_form,
            },
            indent=2,
        )

    def report(self) -> str:
        """One page for people."""
        from pricing.uncertainty.exposure_report import report

        return report(self)


def exposure(name_or_path: str | Path) -> Exposure:
    """What a guarantee may cost over its contract.

    Parameters
    ----------
    name_or_path : str or Path
        A shipped exposure, or a file.

    Returns
    -------
    Exposure
        Settlements of every draw; ``report()`` and ``table()`` sum them up.

    Raises
    ------
    InputError
        With every fault of the file, or if its policy is no guarantee with an end.
    """
    from pricing.uncertainty.exposure_files import load_exposure

    return value(*load_exposure(name_or_path))


def value(document: ExposureDocument, scenario: Scenario) -> Exposure:
    """As :func:`exposure`, of a document and a scenario at hand."""
    found = [policy for policy in scenario.document.policies if policy.id == document.policy]
    if not found or not isinstance(found[0], PriceGuarantee):
        known = ", ".join(p.id for p in scenario.document.policies if isinstance(p, PriceGuarantee))
        problem = f"{scenario.id} has no price guarantee '{document.policy}'"
        raise InputError([Fault(problem, "policy", remedy=f"Known: {known or 'none'}")])
    policy = found[0]
    setting = calibrated(scenario.chain, scenario.document).setting
    contract = Contract(policy.contract(setting), *_settlements(document, policy))
    main = _paths(document, document.price, contract)
    other = document.alternative
    return Exposure(
        document,
        scenario,
        policy.good,
        f"{PAYERS[policy.paid_by]} {policy.payer or policy.region}",
        contract,
        main,
        None if other is None else _paths(document, other, contract),
    )


def _settlements(
    document: ExposureDocument, policy: PriceGuarantee
) -> tuple[tuple[Period, ...], Array]:
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


def _start(document: ExposureDocument) -> float:
    """Logarithm of the index at the valuation, without what controls put on it."""
    price = document.price_now or document.history[-1].price
    controls = document.controls
    factor = controls.factor.fraction if controls is not None and controls.tight_now else 1.0
    return float(np.log(price.usd_per_tonne / factor))


def _paths(document: ExposureDocument, process: Process, contract: Contract) -> Paths:
    """Simulate a process; its draws do not depend on controls or own price being there."""
    when = np.array([quote.date.toordinal() / 365.25 for quote in document.history])
    logs = np.log([quote.price.usd_per_tonne for quote in document.history])
    moves = log_price(process, when, logs)
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(document.seed).spawn(3)]
    shape = (document.draws, contract.months)
    monthly = np.exp(moves.paths(_start(document), streams[0].standard_normal(shape), MONTH))
    if document.controls is not None:
        tight = _tight(document.controls, streams[1].random(shape))
        monthly = np.where(tight, document.controls.factor.fraction, 1.0) * monthly
    index = contract.index_of(monthly, document.observed)
    nominal = np.exp(np.log1p(document.inflation.fraction) * contract.times)
    paid, back = contract.settle(index * nominal)
    own = None
    if document.own_price is not None:
        ratio = np.exp(_log_ratio(document.own_price, streams[2].standard_normal(shape)))
        own = contract.index_of(monthly * ratio, document.observed)
    discount = np.exp(-np.log1p(document.discount_rate.fraction) * contract.times)
    strike = contract.terms.strike / nominal
    return Paths(moves, contract, index, paid / nominal, back / nominal, discount, strike, own)


def _tight(controls: Controls, dice: Array) -> BoolArray:
    """(N, T) whether controls are tight: a chain of two states, exact over a month."""
    up, down = controls.tightened.fraction, controls.eased.fraction
    total = up + down
    moved = -np.expm1(-total * MONTH) / total if total > 0.0 else 0.0
    found = np.empty(dice.shape, dtype=bool)
    now = np.full(dice.shape[0], controls.tight_now)
    for t in range(dice.shape[1]):
        now = np.where(now, dice[:, t] >= down * moved, dice[:, t] < up * moved)
        found[:, t] = now
    return found


def _log_ratio(own: OwnPrice, shocks: Array) -> Array:
    """(N, T) logarithm of own price over index, from its long-run spread on."""
    speed, deviation = own.speed.fraction, own.deviation.fraction
    around = LogPrice(0.0, speed, deviation * np.sqrt(2.0 * speed), 0.0)
    return np.asarray(np.log(own.ratio.fraction) + around.paths(0.0, shocks, MONTH))
