"""Numbers with units, as they stand in files.

A quantity is written ``{value: 110, unit: USD/kg}`` or, shorter, ``110 USD/kg``. Each class fixes
a dimension, knows the units allowed for it, and gives one property in the library's own unit:
USD per tonne, tonnes per year, USD, or a dimensionless fraction.
"""

from __future__ import annotations

import re
import sys
from enum import Enum
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, GetJsonSchemaHandler, StringConstraints, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from pricing.core.declared import Declared, Number, Text
from pricing.core.short_forms import short_form
from pricing.core.sources import SourceId

_SHORT = re.compile(
    r"((?>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?))(?:\s+|(?=[A-Za-z%]))(\S.*)"
)
"""A whole number part, then a unit; a unit of digits needs a space before it."""

KILOGRAMS_PER_POUND = 0.45359237
"""Exact by definition of the international pound (1959)."""


def read_short(text: str) -> tuple[float, str] | None:
    """Number and unit of a short text; None where it is not one."""
    match = _SHORT.fullmatch(text.strip())
    return None if match is None else (float(match[1]), match[2])


class Scaled(Enum):
    """What a number is large or small against; written beside a type where it is not usual."""

    MARKUP = "markup"
    """On top of another price, such as a margin or a specific duty."""
    DUTY = "duty"
    """A duty or levy as a share of a value."""


class Quantity(Declared):
    """A number, its unit, and where it comes from if that differs from its surroundings."""

    factors: ClassVar[dict[str, float]] = {}
    """Unit -> factor to the library's unit."""
    usual: ClassVar[str] = ""
    """Unit of examples, and the one that a form begins with."""
    bounds: ClassVar[tuple[float | None, float | None]] = (None, None)
    """Smallest and largest number, in the library's unit."""
    beyond: ClassVar[bool] = False
    """Whether the smallest number itself is left out."""

    value: Number
    """The number, in the stated unit."""
    unit: str
    """Unit; the allowed ones are listed for each field."""
    source: SourceId | None = None
    """Key in ``sources``; where absent, the source of the enclosing object holds."""
    derivation: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=4000)]
        | None
    ) = None
    """How this number was derived from its source, if it was."""
    note: Text | None = None
    """Anything a reader should know."""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        """Accept ``"110 USD/kg"``; refuse a bare number, whose unit nobody can know."""
        if isinstance(data, str):
            parts = read_short(data)
            if parts is None:
                shown = data if len(data) <= 60 else f"{data[:57]}..."
                raise ValueError(f"'{shown}' is not a number with a unit; write {cls._example()}")
            return {"value": parts[0], "unit": parts[1]}
        if isinstance(data, int | float):
            raise ValueError(f"a unit is missing; write {cls._example()}")
        return data

    @model_validator(mode="after")
    def _finite(self) -> Self:
        """Refuse what has no number in the library's unit."""
        if abs(self.base) > sys.float_info.max:
            raise ValueError(f"{self.value:g} {self.unit} is more than a computer can count")
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Schema of the mapping or of the short text, with the units that are allowed."""
        described = super().__get_pydantic_json_schema__(core_schema, handler)
        mapping = handler.resolve_ref_schema(described)
        units = list(cls.factors)
        short = {
            "type": "string",
            "pattern": short_form(cls.factors, cls.bounds, cls.beyond),
            "description": f"A number and its unit: {cls._example()}.",
        }
        mapping |= cls._bounded(mapping["properties"]["value"])
        top: dict[str, Any] = {
            key: mapping[key] for key in ("title", "description") if key in mapping
        }
        return {**top, "units": units, "anyOf": [mapping, short]}

    @classmethod
    def _bounded(cls, value: JsonSchemaValue) -> JsonSchemaValue:
        """Put bounds that hold in every unit on the number; rules for those that its unit moves."""
        words = ("exclusiveMinimum" if cls.beyond else "minimum", "maximum")
        limits = [
            {
                word: bound / factor
                for word, bound in zip(words, cls.bounds, strict=True)
                if bound is not None
            }
            for factor in cls.factors.values()
        ]
        loosest = {words[0]: min, words[1]: max}
        value |= {word: loosest[word](limit[word] for limit in limits) for word in limits[0]}
        if all(limit == limits[0] for limit in limits):
            return {}
        return {
            "allOf": [
                {
                    "if": {"properties": {"unit": {"const": unit}}},
                    "then": {"properties": {"value": limit}},
                }
                for unit, limit in zip(cls.factors, limits, strict=True)
            ]
        }

    @classmethod
    def _example(cls) -> str:
        return f"'5 {cls.usual}' (units: {', '.join(cls.factors)})"

    @classmethod
    def of(cls, value: float, unit: str, **more: Any) -> Self:
        """Build a validated quantity in one line."""
        return cls.model_validate({"value": value, "unit": unit, **more})

    @property
    def base(self) -> float:
        """The number in the library's own unit."""
        return self.value * self.factors[self.unit]


class Price(Quantity):
    """A price per mass of a stated basis."""

    factors: ClassVar[dict[str, float]] = {
        "USD/t": 1.0,
        "USD/kg": 1000.0,
        "USD/lb": 1000.0 / KILOGRAMS_PER_POUND,
    }
    usual = "USD/kg"
    bounds = (0.0, None)
    value: Annotated[Number, Field(ge=0.0)]
    """The number, in the stated unit; never negative."""
    unit: Literal["USD/t", "USD/kg", "USD/lb"]
    """USD of the base year per tonne, kilogram or pound."""
    basis: str | None = None
    """Basis of the mass, if it is not the good's own (one of the good's ``bases``)."""

    @property
    def usd_per_tonne(self) -> float:
        """Price [USD/t of its stated basis]."""
        return self.base


class Tonnes(Quantity):
    """A mass per year."""

    factors: ClassVar[dict[str, float]] = {"t/yr": 1.0, "kt/yr": 1e3, "Mt/yr": 1e6}
    usual = "t/yr"
    bounds = (0.0, None)
    value: Annotated[Number, Field(ge=0.0)]
    """The number, in the stated unit; never negative."""
    unit: Literal["t/yr", "kt/yr", "Mt/yr"]
    """Tonnes, thousand or million tonnes a year, in the basis of the good."""

    @property
    def tonnes(self) -> float:
        """Mass [t/yr]."""
        return self.base


class Stock(Quantity):
    """A mass that lies in store."""

    factors: ClassVar[dict[str, float]] = {"t": 1.0, "kt": 1e3, "Mt": 1e6}
    usual = "t"
    bounds = (0.0, None)
    value: Annotated[Number, Field(ge=0.0)]
    """The number, in the stated unit; never negative."""
    unit: Literal["t", "kt", "Mt"]
    """Tonnes, thousand or million tonnes, in the basis of the good."""

    @property
    def tonnes(self) -> float:
        """Mass [t]."""
        return self.base


class Span(Quantity):
    """A length of time, such as the use that a stock should last."""

    factors: ClassVar[dict[str, float]] = {"days": 1.0, "years": 365.0}
    usual = "days"
    bounds = (0.0, None)
    value: Annotated[Number, Field(ge=0.0)]
    """The number, in the stated unit; never negative."""
    unit: Literal["days", "years"]
    """Days, or years of 365 days."""

    @property
    def years(self) -> float:
        """Length [years]."""
        return self.base / 365.0


class Money(Quantity):
    """An amount of money per year."""

    factors: ClassVar[dict[str, float]] = {"USD": 1.0, "million USD": 1e6, "billion USD": 1e9}
    usual = "million USD"
    bounds = (0.0, None)
    value: Annotated[Number, Field(ge=0.0)]
    """The number, in the stated unit; never negative."""
    unit: Literal["USD", "million USD", "billion USD"]
    """USD of the base year, a year."""

    @property
    def usd(self) -> float:
        """Amount [USD/yr]."""
        return self.base


class Ratio(Quantity):
    """A dimensionless number: a rate, a share, a coefficient, an elasticity."""

    factors: ClassVar[dict[str, float]] = {"1": 1.0, "%": 0.01}
    usual = "%"
    unit: Literal["1", "%"]
    """``1`` for a fraction or coefficient, ``%`` for per cent."""

    @property
    def fraction(self) -> float:
        """The number as a fraction [1]."""
        return self.base


class Rate(Ratio):
    """A rate that is never negative, such as an ad valorem duty."""

    bounds = (0.0, None)
    value: Annotated[Number, Field(ge=0.0)]
    """The number, in the stated unit; never negative."""


class Share(Ratio):
    """A share between 0 and 1 (0 % and 100 %)."""

    bounds = (0.0, 1.0)

    @model_validator(mode="after")
    def _between(self) -> Share:
        if not 0.0 <= self.fraction <= 1.0:
            raise ValueError(f"a share lies between 0 and 1 (100 %), not {self.value} {self.unit}")
        return self


class Growth(Ratio):
    """A change a year, negative for a fall; never the whole or more."""

    bounds = (-1.0, None)
    beyond = True

    @model_validator(mode="after")
    def _leaves_some(self) -> Growth:
        if self.fraction <= -1.0:
            raise ValueError("nothing can fall by 100 % a year or more")
        return self


class Multiple(Ratio):
    """A multiple above 1 (100 %), such as that of a choke price."""

    bounds = (1.0, None)
    beyond = True

    @model_validator(mode="after")
    def _above_one(self) -> Multiple:
        if self.fraction <= 1.0:
            raise ValueError("a choke price lies above the benchmark price: use a multiple above 1")
        return self


class Coefficient(Quantity):
    """Tonnes of one good per tonne of another: an input or output coefficient."""

    factors: ClassVar[dict[str, float]] = {"t/t": 1.0}
    usual = "t/t"
    bounds = (0.0, None)
    beyond = True
    value: Annotated[Number, Field(gt=0.0)]
    """Tonnes per tonne of process level; positive."""
    unit: Literal["t/t"]
    """Tonnes (in the good's basis) per tonne of process level."""

    @property
    def tonnes_per_tonne(self) -> float:
        """Coefficient [t/t]."""
        return self.base
