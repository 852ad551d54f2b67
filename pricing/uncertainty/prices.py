"""How an index price moves: processes, their estimation from quotes, and simulated paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from pricing.core.declared import Declared
from pricing.core.quantities import Growth, Price, Rate
from pricing.core.sources import SourceId
from pricing.economics.contracts import Array
from pricing.errors import Fault, InputError

FEWEST_QUOTES = 5
"""Quotes below which nothing is estimated."""
SPEEDS = (0.02, 20.0)
"""Speeds of return between which the likeliest is looked for [1/yr]."""


class MeanReverting(Declared):
    """The logarithm of the price is drawn back to a level: an Ornstein-Uhlenbeck process.

    What is not stated is estimated from the quotes.
    """

    kind: Literal["mean_reverting"]
    source: SourceId
    """Key in ``sources``."""
    level: Price | None = None
    """Price to which it returns (the median in the long run)."""
    speed: Rate | None = None
    """Share of the gap in logarithms that closes in a small part of a year, a year [1/yr]."""
    volatility: Rate | None = None
    """Standard deviation of changes of the logarithm over a small part of a year, a year."""

    @model_validator(mode="after")
    def _above_zero(self) -> MeanReverting:
        _refuse_zeros(self, ("level", "speed", "volatility"))
        return self


class RandomWalk(Declared):
    """The price is drawn back to nothing: a geometric Brownian motion."""

    kind: Literal["random_walk"]
    source: SourceId
    """Key in ``sources``."""
    growth: Growth = Growth(value=0.0, unit="1")
    """Growth of the expected price a year, negative for a fall."""
    volatility: Rate | None = None
    """Standard deviation of changes of the logarithm over a year; estimated where not stated."""

    @model_validator(mode="after")
    def _above_zero(self) -> RandomWalk:
        _refuse_zeros(self, ("volatility",))
        return self


def _refuse_zeros(process: Declared, names: Sequence[str]) -> None:
    """A price that does not move, or returns to nothing, is no process."""
    zeros = [name for name in names if getattr(process, name) and not getattr(process, name).value]
    if zeros:
        raise ValueError(f"{' and '.join(zeros)} must be above zero")


Process = Annotated[MeanReverting | RandomWalk, Field(discriminator="kind")]


@dataclass(frozen=True)
class Estimate:
    """A number of a process."""

    name: str
    """Which."""
    value: float
    """Its value, in ``unit``."""
    unit: str
    """Unit."""
    error: float | None
    """Standard error; None where the number was stated, infinite where quotes do not tell."""


@dataclass(frozen=True)
class LogPrice:
    r"""The process in numbers: :math:`dx = (drift + speed (level - x)) dt + volatility dW`."""

    level: float
    """Level of the logarithm; of no meaning at speed zero [ln(USD/t)]."""
    speed: float
    """Speed of return [1/yr]."""
    volatility: float
    """Standard deviation [1/sqrt(yr)]."""
    drift: float
    """Drift of the logarithm [1/yr]."""
    estimates: tuple[Estimate, ...] = ()
    """Where each number comes from."""

    def moments(self, start: Array | float, years: Array | float) -> tuple[Array, Array]:
        """Mean and variance of the logarithm some years after it stood at ``start``."""
        years = np.asarray(years, dtype=float)
        if self.speed == 0.0:
            return start + self.drift * years, self.volatility**2 * years
        kept = np.exp(-self.speed * years)
        mean = self.level + (start - self.level) * kept
        return mean, self.volatility**2 * (1.0 - kept**2) / (2.0 * self.speed)

    def forward(self, start: float, years: Array) -> tuple[Array, Array]:
        """Expected price, and standard deviation of its logarithm [USD/t, 1]."""
        mean, variance = self.moments(start, years)
        return np.exp(mean + 0.5 * variance), np.sqrt(variance)

    def paths(self, start: float, shocks: Array, step: float) -> Array:
        """(N, T) logarithms after 1, 2, ... steps of ``step`` years; exact, not an Euler scheme."""
        found = np.empty_like(shocks)
        at: Array | float = start
        for t in range(shocks.shape[1]):
            mean, variance = self.moments(at, step)
            at = found[:, t] = mean + np.sqrt(variance) * shocks[:, t]
        return found


def log_price(process: MeanReverting | RandomWalk, years: Array, logs: Array) -> LogPrice:
    """A process with what is not stated estimated from quotes.

    Parameters
    ----------
    process : MeanReverting or RandomWalk
        What is stated.
    years, logs : (Q,) arrays
        Times [yr], growing, and logarithms of quotes [ln(USD/t)].

    Returns
    -------
    LogPrice
        Numbers of greatest likelihood, with standard errors from its curvature.

    Raises
    ------
    InputError
        If there are too few quotes for what is not stated.
    """
    match process:
        case RandomWalk():
            return _random_walk(process, years, logs)
        case MeanReverting():
            return _mean_reverting(process, years, logs)


def _enough(logs: Array, what: Sequence[str]) -> None:
    if logs.size < FEWEST_QUOTES:
        problem = f"{logs.size} quotes are too few to estimate {' and '.join(what)}"
        remedy = f"Give {FEWEST_QUOTES} quotes in 'history', or state the numbers"
        raise InputError([Fault(problem, "price", remedy=remedy)])


def _random_walk(process: RandomWalk, years: Array, logs: Array) -> LogPrice:
    """Changes over unequal times: each squared change is the variance times its time."""
    if process.volatility is not None:
        volatility, error = process.volatility.fraction, None
    else:
        _enough(logs, ["volatility"])
        squares = np.diff(logs) ** 2 / np.diff(years)
        volatility = float(np.sqrt(squares.mean()))
        error = volatility / np.sqrt(2.0 * squares.size)
    growth = process.growth.fraction
    drift = np.log1p(growth) - 0.5 * volatility**2
    told = (
        Estimate("volatility", volatility, "1/sqrt(yr)", error),
        Estimate("growth", growth, "1/yr", None),
    )
    return LogPrice(0.0, 0.0, volatility, float(drift), told)


def _mean_reverting(process: MeanReverting, years: Array, logs: Array) -> LogPrice:
    """Greatest likelihood of exact transitions over unequal times."""
    stated = {
        "level": None if process.level is None else np.log(process.level.usd_per_tonne),
        "speed": None if process.speed is None else np.log(process.speed.fraction),
        "volatility": None if process.volatility is None else np.log(process.volatility.fraction),
    }
    free = [name for name, value in stated.items() if value is None]
    found = {name: value for name, value in stated.items() if value is not None}
    errors: dict[str, float | None] = dict.fromkeys(stated)
    if free:
        _enough(logs, free)
        values, curvature = _likeliest(free, found, years, logs)
        found |= dict(zip(free, values, strict=True))
        errors |= dict(zip(free, _errors(curvature), strict=True))
    level, speed, volatility = (float(np.exp(found[name])) for name in stated)

    def told(name: str, value: float, unit: str) -> Estimate:
        error = errors[name]  # of the logarithm
        return Estimate(name, value, unit, None if error is None else value * error)

    estimates = (
        told("level", level / 1e3, "USD/kg"),
        told("speed", speed, "1/yr"),
        told("volatility", volatility, "1/sqrt(yr)"),
    )
    return LogPrice(float(found["level"]), speed, volatility, 0.0, estimates)


def _likeliest(
    free: Sequence[str], fixed: dict[str, float], years: Array, logs: Array
) -> tuple[Array, Array]:
    """Logarithms of the likeliest numbers, and the curvature of minus the log-likelihood."""
    from scipy.optimize import minimize

    steps = np.diff(years)

    def minus_likelihood(values: Array) -> float:
        given = fixed | dict(zip(free, values, strict=True))
        process = LogPrice(given["level"], np.exp(given["speed"]), np.exp(given["volatility"]), 0.0)
        mean, variance = process.moments(logs[:-1], steps)
        return float(0.5 * (np.log(variance) + (logs[1:] - mean) ** 2 / variance).sum())

    spread = float(np.sqrt((np.diff(logs) ** 2 / steps).mean()))
    begin = {"level": float(logs.mean()), "speed": 0.0, "volatility": np.log(spread)}
    bounds = {"speed": tuple(np.log(SPEEDS))}
    found = minimize(
        minus_likelihood,
        [begin[name] for name in free],
        method="Nelder-Mead",
        bounds=[bounds.get(name, (None, None)) for name in free],
        options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 4000, "adaptive": True},
    )
    return np.asarray(found.x), _curvature(minus_likelihood, np.asarray(found.x))


def _curvature(function: object, at: Array, step: float = 1e-3) -> Array:
    """(P, P) second derivatives by central differences."""
    assert callable(function)
    size, moves = at.size, step * np.eye(at.size)
    found = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            corners = [
                a * b * function(at + a * moves[i] + b * moves[j])
                for a in (1.0, -1.0)
                for b in (1.0, -1.0)
            ]
            found[i, j] = sum(corners) / (4.0 * step**2)
    return found


def _errors(curvature: Array) -> Array:
    """(P,) standard errors; infinite where the likelihood does not bend."""
    values, vectors = np.linalg.eigh(curvature)
    flat = values <= 1e-6 * max(float(values.max()), 1.0)
    inverse = np.where(flat, np.inf, 1.0 / np.where(flat, 1.0, values))
    with np.errstate(invalid="ignore"):
        parts = np.where(vectors**2 < 1e-8, 0.0, vectors**2 * inverse)
    return np.asarray(np.sqrt(parts.sum(axis=1)))
