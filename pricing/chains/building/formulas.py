"""Figures as formulas over raw rows, with their confidence."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pricing.core.declared import Declared, Number

Positive = Annotated[Number, Field(gt=0.0)]
NotNegative = Annotated[Number, Field(ge=0.0)]
Reason = Annotated[str, Field(min_length=3, max_length=4000)]

COMMON_UNITS = {
    "t": 1.0,
    "kt": 1e3,
    "Mt": 1e6,
    "USD/t": 1.0,
    "USD/kg": 1e3,
    "USD/lb": 1e3 / 0.45359237,
    "%": 0.01,
    "ratio": 1.0,
    "fraction": 1.0,
    "elasticity": 1.0,
    "% ad valorem": 0.01,
}
"""Unit of a raw row -> factor to t, USD/t or 1."""


class Formula(Declared):
    """``factor x (sum of rows - sum of minus) x product of times / product of over``.

    Every row is first converted by its unit.
    """

    rows: Annotated[tuple[str, ...], Field(min_length=1)]
    """Rows that add up."""
    minus: tuple[str, ...] = ()
    """Rows taken off."""
    times: tuple[str, ...] = ()
    """Rows to multiply with."""
    over: tuple[str, ...] = ()
    """Rows to divide by."""
    mean: bool = False
    """The mean of ``rows`` instead of their sum."""
    factor: Number = 1.0
    """A number of our own; ``why`` says where it comes from."""
    why: Reason
    """Where the figure comes from and why it deserves its confidence."""

    @property
    def named(self) -> tuple[str, ...]:
        """Every row it reads."""
        return (*self.rows, *self.minus, *self.times, *self.over)


class Figure(Formula):
    """An intermediate figure that other formulas name like a row."""

    complement: bool = False
    """What the number leaves of one: ``1 - number``."""


class Measured(Formula):
    """A figure with a confidence."""

    deviation: NotNegative
    """Standard deviation as a share of the figure; zero holds it [1]."""
    deviation_of: str | None = None
    """Row or figure that it is a share of instead: a difference is as unsure as what it is of."""

    @property
    def named(self) -> tuple[str, ...]:
        """Every row it reads."""
        return (*super().named, *((self.deviation_of,) if self.deviation_of else ()))
