"""Settlements of a guarantee over simulated index prices, under one process of the price."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pricing.chains.network import BoolArray
from pricing.economics.contracts import Array
from pricing.uncertainty.exposure_contract import MONTH, Contract
from pricing.uncertainty.exposure_document import Controls, ExposureDocument, OwnPrice
from pricing.uncertainty.prices import LogPrice, Process, log_price

QUANTILES = (0.05, 0.5, 0.95)
"""Quantiles that are reported."""


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


def log_start(document: ExposureDocument) -> float:
    """Logarithm of the index at the valuation, without what controls put on it."""
    price = document.price_now or document.history[-1].price
    controls = document.controls
    factor = controls.factor.fraction if controls is not None and controls.tight_now else 1.0
    return float(np.log(price.usd_per_tonne / factor))


def simulated(document: ExposureDocument, process: Process, contract: Contract) -> Paths:
    """Simulate a process; its draws do not depend on controls or own price being there."""
    when = np.array([quote.date.toordinal() / 365.25 for quote in document.history])
    logs = np.log([quote.price.usd_per_tonne for quote in document.history])
    moves = log_price(process, when, logs)
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(document.seed).spawn(3)]
    shape = (document.draws, contract.months)
    monthly = np.exp(moves.paths(log_start(document), streams[0].standard_normal(shape), MONTH))
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
