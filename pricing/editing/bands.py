"""Named bands on the scale of a number, so that it means something before it is solved."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from pricing.chains.schema import Chain
from pricing.core.quantities import (
    Money,
    Price,
    Quantity,
    Ratio,
    Scaled,
    Share,
    Span,
    Stock,
    Tonnes,
)
from pricing.core.shelf import Shelf


@dataclass(frozen=True)
class Band:
    """A stretch of the scale with a name; the lower end belongs to it, the upper one does not."""

    name: str
    """What a number in it means."""
    low: float
    """Lower end, in the unit of the number."""
    high: float
    """Upper end, infinite for the last; where equal to the lower one, that number alone."""

    def holds(self, value: float) -> bool:
        """Whether a number lies in the band."""
        return value == self.low if self.low == self.high else self.low <= value < self.high


@dataclass(frozen=True)
class BaseYear:
    """Sizes of one good in the base year, for comparison."""

    price: float
    """Ex-works price, weighted by sales [USD/t]."""
    sales: float
    """Tonnes sold in the world [t]."""


_BASE_YEARS = Shelf[BaseYear | None](most=256)


def base_year_of(chain: Chain, benchmark: str | None, good: str) -> BaseYear | None:
    """Base-year price and sales of a good; None where the chain states no base year."""
    return _BASE_YEARS.get(chain, (benchmark, good), lambda: _base_year(chain, benchmark, good))


def _base_year(chain: Chain, benchmark: str | None, good: str) -> BaseYear | None:
    name = benchmark if benchmark in chain.benchmarks else next(iter(chain.benchmarks), None)
    if name is None:
        return None
    rows = [row for row in chain.benchmarks[name].rows if row.good == good]
    price = {row.region: row.value for row in rows if row.variable == "producer_price"}
    flows = [(row.region, row.value) for row in rows if row.variable == "flow"]
    sales = sum(tonnes for _, tonnes in flows)
    if sales <= 0.0:
        return None
    return BaseYear(sum(price[origin] * tonnes for origin, tonnes in flows) / sales, sales)


def bands_of(
    kind: type[Quantity], unit: str, base: BaseYear | None, scaled: Scaled | None = None
) -> tuple[Band, ...]:
    """Bands for a kind of number in a unit; none where it has to be compared and cannot be.

    Examples
    --------
    >>> [band.name for band in bands_of(Share, "%", None)]
    ['nothing', 'less than half', 'half or more', 'all']
    """
    usual = (bands for known, bands in _USUAL.items() if issubclass(kind, known))
    bands = next(usual) if scaled is None else _UNUSUAL[scaled]
    return bands(kind.factors[unit], unit, base)


def band_at(bands: tuple[Band, ...], value: float) -> Band | None:
    """The band of a number; a band of one number goes first."""
    ordered = sorted(bands, key=lambda band: band.low != band.high)
    return next((band for band in ordered if band.holds(value)), None)


def _cut(names: tuple[str, ...], cuts: tuple[float, ...]) -> tuple[Band, ...]:
    """Bands between cuts, from zero to infinity."""
    ends = pairwise((0.0, *cuts, math.inf))
    return tuple(Band(name, low, high) for name, (low, high) in zip(names, ends, strict=True))


def _against(
    size: float, what: str, unit: str, cuts: tuple[tuple[str, float], ...], beyond: str
) -> tuple[Band, ...]:
    """Bands that end at multiples of a base-year size, each with the size in its name."""
    digits = ".0f" if size >= 1000.0 else ".4g"
    said = f"the base-year {what} of {size:,{digits}} {unit}"
    names = (*(f"{name} {said}" for name, _ in cuts), f"{beyond} {said}")
    return _cut(names, tuple(multiple * size for _, multiple in cuts))


def _sized(
    size: float, what: str, unit: str, cuts: tuple[tuple[str, float], ...]
) -> tuple[Band, ...]:
    """The same with a band for nothing at all."""
    return (Band("none", 0.0, 0.0), *_against(size, what, unit, cuts, "more than"))


_PARTS = (("below 1 % of", 0.01), ("1 to 10 % of", 0.1), ("10 to 100 % of", 1.0))


def _price(factor: float, unit: str, base: BaseYear | None) -> tuple[Band, ...]:
    cuts = (("below", 1.0), ("one to two times", 2.0))
    return _against(base.price / factor, "price", unit, cuts, "over twice") if base else ()


def _markup(factor: float, unit: str, base: BaseYear | None) -> tuple[Band, ...]:
    cuts = (("below a tenth of", 0.1), ("10 to 50 % of", 0.5), ("50 to 100 % of", 1.0))
    return _sized(base.price / factor, "price", unit, cuts) if base else ()


def _tonnes(factor: float, unit: str, base: BaseYear | None) -> tuple[Band, ...]:
    return _sized(base.sales / factor, "world sales", unit, _PARTS) if base else ()


def _money(factor: float, unit: str, base: BaseYear | None) -> tuple[Band, ...]:
    return _sized(base.price * base.sales / factor, "world sales", unit, _PARTS) if base else ()


def _duty(factor: float, _: str, __: BaseYear | None) -> tuple[Band, ...]:
    """Nuisance duties (below 2 %) and tariff peaks (above 15 %) as in the WTO's glossary."""
    names = ("nuisance (below 2 %)", "ordinary", "tariff peak (15 % or more)", "above 100 %")
    cuts = (0.02 / factor, 0.15 / factor, 1.0 / factor)
    return (Band("none", 0.0, 0.0), *_cut(names, cuts))


def _share(factor: float, _: str, __: BaseYear | None) -> tuple[Band, ...]:
    whole = 1.0 / factor
    return (
        Band("nothing", 0.0, 0.0),
        Band("less than half", 0.0, 0.5 * whole),
        Band("half or more", 0.5 * whole, whole),
        Band("all", whole, whole),
    )


def _ratio(factor: float, _: str, __: BaseYear | None) -> tuple[Band, ...]:
    names = ("below 100 %", "above 100 %")
    whole = 1.0 / factor
    return Band("none", 0.0, 0.0), Band("100 %", whole, whole), *_cut(names, (whole,))


def _span(factor: float, _: str, __: BaseYear | None) -> tuple[Band, ...]:
    """Japan's national stocks aim at 60 days of use for most metals, 180 for some (METI, 2020)."""
    names = ("up to 60 days", "60 to 180 days", "more than 180 days")
    return (Band("none", 0.0, 0.0), *_cut(names, (60.0 / factor, 180.0 / factor)))


_Maker = Callable[[float, str, BaseYear | None], tuple[Band, ...]]

_USUAL: dict[type[Quantity], _Maker] = {
    Price: _price,
    Tonnes: _tonnes,
    Stock: _tonnes,
    Span: _span,
    Money: _money,
    Share: _share,
    Ratio: _ratio,
}
"""Kind of number -> its bands; the first kind that fits holds."""
_UNUSUAL: dict[Scaled, _Maker] = {Scaled.MARKUP: _markup, Scaled.DUTY: _duty}
