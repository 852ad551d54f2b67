"""What draws say: quantiles and probabilities with their Monte Carlo error, and what fails.

Errors are those of independent draws. Latin hypercube and Sobol points are more even, so that their
errors are smaller than stated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.uncertainty.design import Array

SCORE = 1.959963984540054
"""Half-width of a 95 % interval in standard deviations [1]."""
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles that summaries state."""


@dataclass(frozen=True)
class Estimate:
    """A number from draws, and how well they know it."""

    value: float
    """Estimate; NaN where there are no draws with a number."""
    low: float
    """Lower end of its 95 % interval."""
    high: float
    """Upper end."""
    draws: int
    """Draws with a number."""


def mean(values: Array) -> Estimate:
    """Average with its standard error."""
    known = values[~np.isnan(values)]
    if known.size < 2:
        return Estimate(float(known.mean()) if known.size else np.nan, np.nan, np.nan, known.size)
    center, error = float(known.mean()), float(known.std(ddof=1) / np.sqrt(known.size))
    return Estimate(center, center - SCORE * error, center + SCORE * error, known.size)


def quantiles(values: Array, levels: tuple[float, ...] = LEVELS) -> tuple[Estimate, ...]:
    """Quantiles with intervals between order statistics, which need no distribution.

    The number of draws below the quantile is binomial, ``N p +- 1.96 sqrt(N p (1 - p))``.
    """
    known = values[~np.isnan(values)]
    count = known.size
    if not count:
        return (Estimate(np.nan, np.nan, np.nan, 0),) * len(levels)
    middle = np.quantile(known, levels)
    found = []
    for level, value in zip(levels, middle.tolist(), strict=True):
        spread = SCORE * np.sqrt(count * level * (1.0 - level))
        low, high = int(np.floor(count * level - spread)), int(np.ceil(count * level + spread))
        at = np.clip([low, high], 0, count - 1)
        known = np.partition(known, np.unique(at))
        ends = (
            known[at[0]] if low >= 0 else -np.inf,
            known[at[1]] if high < count else np.inf,
        )
        found.append(Estimate(value, float(ends[0]), float(ends[1]), count))
    return tuple(found)


def probability(holds: Array) -> Estimate:
    """Share of draws in which a claim holds, with Wilson's interval.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
       Journal of the American Statistical Association 22, 1927.
    """
    known = holds[~np.isnan(holds)]
    count = known.size
    if not count:
        return Estimate(np.nan, np.nan, np.nan, 0)
    share, z = float(known.mean()), SCORE**2 / count
    center = (share + z / 2.0) / (1.0 + z)
    half = SCORE / (1.0 + z) * np.sqrt(share * (1.0 - share) / count + z / (4.0 * count))
    return Estimate(share, float(max(center - half, 0.0)), float(min(center + half, 1.0)), count)


@dataclass(frozen=True)
class Driver:
    """How one uncertain number differs between draws that fail and the others."""

    number: str
    """Id of the uncertain number."""
    failing: float
    """Its median where the policy fails."""
    others: float
    """Its median elsewhere."""
    distance: float
    """Largest distance of the two distribution functions (Kolmogorov-Smirnov) [1]."""
    significant: bool
    """Whether equal distributions would be that far apart in less than 1 % of samples."""


def drivers(ids: tuple[str, ...], values: Array, fails: Array) -> tuple[Driver, ...]:
    """Uncertain numbers (D) that separate the draws that fail from the others, largest first.

    Monte Carlo filtering: ``values`` (N, D), ``fails`` (N,) one where the policy fails.

    References
    ----------
    .. [1] G. M. Hornberger and R. C. Spear, "An approach to the preliminary analysis of
       environmental systems", Journal of Environmental Management 12, 1981.
    """
    bad, good = fails == 1.0, fails == 0.0
    if not bad.any() or not good.any():
        return ()
    counts = int(bad.sum()), int(good.sum())
    critical = 1.628 * np.sqrt(sum(counts) / (counts[0] * counts[1]))
    found = []
    for n, name in enumerate(ids):
        first, second = np.sort(values[bad, n]), np.sort(values[good, n])
        both = np.concatenate([first, second])
        shares = [np.searchsorted(part, both, side="right") / part.size for part in (first, second)]
        distance = float(np.abs(shares[0] - shares[1]).max())
        medians = float(np.median(first)), float(np.median(second))
        found.append(Driver(name, *medians, distance, bool(distance > critical)))
    return tuple(sorted(found, key=lambda driver: -driver.distance))
