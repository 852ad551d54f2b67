"""The parts of a form: the closed set of things that a field may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pricing.core.declared import Names
from pricing.core.quantities import Quantity, Scaled


@dataclass(frozen=True)
class Words:
    """Free text."""

    long: bool
    """Whether it may run over several lines."""


@dataclass(frozen=True)
class Flag:
    """Yes or no."""


@dataclass(frozen=True)
class Day:
    """A date."""


@dataclass(frozen=True)
class Whole:
    """A whole number without a unit, such as a year."""

    low: float | None
    """Smallest."""
    high: float | None
    """Largest."""


@dataclass(frozen=True)
class Amount:
    """A number with a unit."""

    quantity: type[Quantity]
    """What kind of number it is."""
    scaled: Scaled | None
    """What it is large or small against, where that is not usual for its kind."""
    units: tuple[str, ...]
    """Units allowed."""
    usual: str
    """Unit that a form begins with."""
    low: Mapping[str, float]
    """Unit -> smallest number, where there is one."""
    high: Mapping[str, float]
    """Unit -> largest number, where there is one."""
    has_basis: bool
    """Whether the mass may be in another basis of the good."""


@dataclass(frozen=True)
class Option:
    """One value of a choice."""

    value: str
    """As it stands in a file."""
    label: str
    """As people read it."""
    help: str
    """What it means."""


@dataclass(frozen=True)
class Choice:
    """One of several values."""

    options: tuple[Option, ...]
    """The values."""


@dataclass(frozen=True)
class Name:
    """The name of something that exists, or that is given here."""

    of: Names
    """What it names."""


@dataclass(frozen=True)
class NameList:
    """Several names."""

    of: Names
    """What they name."""


@dataclass(frozen=True)
class Group:
    """Fields that belong together."""

    fields: tuple[Field, ...]
    """The fields."""


@dataclass(frozen=True)
class OneOf:
    """One of several groups, told apart by a tag."""

    tag: str
    """Name of the field that holds the tag."""
    options: tuple[Option, ...]
    """The tags."""
    groups: tuple[Group, ...]
    """The group of each tag, without the tag itself."""


@dataclass(frozen=True)
class Table:
    """One entry for each of some names, such as a price by good."""

    of: Names
    """What the names refer to."""
    each: Part
    """What stands beside each name."""


@dataclass(frozen=True)
class Rows:
    """A list of like things."""

    each: Part
    """What stands in one row."""


Part = Words | Flag | Day | Whole | Amount | Choice | Name | NameList | Group | OneOf | Table | Rows
"""Everything that a field may hold."""


@dataclass(frozen=True)
class Field:
    """One field of a form."""

    name: str
    """Key in the file."""
    label: str
    """As people read it."""
    help: str
    """Text of the schema."""
    part: Part
    """What it holds."""
    optional: bool = False
    """Whether it may be left out and then means something else than any value."""
    default: Any = None
    """Plain value where it is left out; None where there is none."""
    common: bool = False
    """Whether every form of its family has it, as the dates of a policy."""

    @property
    def required(self) -> bool:
        """Whether it must be filled in."""
        return not self.optional and self.default is None


@dataclass(frozen=True)
class Form:
    """What can be filled in about one kind of thing."""

    kind: str
    """Tag in the file; empty where there is none."""
    label: str
    """As people read it."""
    help: str
    """Text of the schema."""
    group: Group
    """Its fields, without the tag."""
