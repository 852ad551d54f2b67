"""Reference prices that depend on the scenario's year."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pricing.core.declared import Declared, GoodId
from pricing.core.quantities import Growth, Price
from pricing.instruments.level_rule import LevelRule, refusal
from pricing.instruments.terms import Setting

Year = Annotated[int, Field(ge=1900, le=2100)]
"""A calendar year."""


class PastPrice(Declared):
    """What a good cost in one year."""

    good: GoodId
    """Good."""
    year: Year
    """Year of the price."""
    price: Price
    """Average price of the year, in USD of the base year; name its source."""


class MovingAverageLevel(LevelRule):
    """The average of stated prices of the years before the scenario's year."""

    kind: Literal["moving_average"] = "moving_average"
    years: Annotated[int, Field(ge=1, le=30, title="Years averaged")]
    """How many years before the year of the scenario are averaged."""
    past: Annotated[tuple[PastPrice, ...], Field(min_length=1, title="Past prices")]
    """Prices of past years; every year that is averaged, for every good."""

    @model_validator(mode="after")
    def _once(self) -> MovingAverageLevel:
        stated = [(row.good, row.year) for row in self.past]
        twice = next((pair for pair in stated if stated.count(pair) > 1), None)
        if twice is not None:
            raise ValueError(f"two prices of {twice[0]} in {twice[1]}; state one")
        return self

    def resolve(self, setting: Setting, where: str) -> dict[int, float]:
        """Good index -> average of the window [USD/t]."""
        window = self._window(setting, where)
        found: dict[int, float] = {}
        for name in dict.fromkeys(row.good for row in self.past):
            rows = {row.year: row.price for row in self.past if row.good == name}
            missing = [str(year) for year in window if year not in rows]
            if missing:
                raise refusal(
                    f"no price of {name} in {', '.join(missing)}",
                    f"{where}.past",
                    "State every year of the window, or a shorter one",
                )
            prices = [setting.usd_per_tonne(name, rows[year], f"{where}.past") for year in window]
            found[setting.good(name, f"{where}.past")] = sum(prices) / len(prices)
        return found

    def _window(self, setting: Setting, where: str) -> range:
        year = _year(setting, where)
        return range(year - self.years, year)

    def derivation(self, setting: Setting) -> str:
        """Which years."""
        window = self._window(setting, "")
        return f"average of stated prices of {window[0]} to {window[-1]}"


class EscalatorLevel(LevelRule):
    """A price that grows by a yearly rate from a stated year on."""

    kind: Literal["escalator"] = "escalator"
    prices: Annotated[dict[GoodId, Price], Field(min_length=1)]
    """Good -> reference price in the first year."""
    rate: Annotated[Growth, Field(title="Growth a year")]
    """Real growth a year, beyond inflation; negative for a price that is not raised with it."""
    first_year: Year
    """Year in which the stated prices hold."""

    def resolve(self, setting: Setting, where: str) -> dict[int, float]:
        """Good index -> ``price x (1 + rate)^(year - first year)`` [USD/t]."""
        growth = (1.0 + self.rate.fraction) ** self._elapsed(setting, where)
        return {
            setting.good(good, f"{where}.prices.{good}"): growth
            * setting.usd_per_tonne(good, price, f"{where}.prices.{good}")
            for good, price in self.prices.items()
        }

    def _elapsed(self, setting: Setting, where: str) -> int:
        year = _year(setting, where)
        if year < self.first_year:
            raise refusal(
                f"the scenario's year {year} lies before {self.first_year}",
                f"{where}.first_year",
                "State the price of an earlier year",
            )
        return year - self.first_year

    def derivation(self, setting: Setting) -> str:
        """Years of growth."""
        return (
            f"stated prices of {self.first_year}, changed by {100.0 * self.rate.fraction:.3g} % a "
            f"year to {setting.year}"
        )


def _year(setting: Setting, where: str) -> int:
    if setting.year is None:
        raise refusal(
            "this level depends on the year, and the scenario has none",
            where,
            "State assumptions.year",
        )
    return setting.year
