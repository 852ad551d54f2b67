"""The base class of everything a user may declare: frozen, closed, without NaN."""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import re
import textwrap
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import Enum, StrEnum
from functools import cache
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    ValidationInfo,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from pricing.core import patterns
from pricing.errors import Fault, InputError


def _plain_number(value: object) -> object:
    """Refuse what pydantic would quietly turn into a number: booleans and strings."""
    if isinstance(value, bool | str):
        kind = "true/false" if isinstance(value, bool) else "text"
        raise ValueError(f"a number is needed here, not {kind}")
    return value


Number = Annotated[float, BeforeValidator(_plain_number)]
"""A finite real number; booleans and strings are refused."""

Identifier = Annotated[
    str, StringConstraints(min_length=1, max_length=80, pattern=patterns.IDENTIFIER)
]
"""A name that other parts of a document refer to."""


class Names(StrEnum):
    """What a name refers to; written beside the type, so that forms can offer what is known.

    A validation whose context maps members to the names that exist refuses all others.
    """

    GOOD = "good"
    REGION = "region"
    PLACE = "place"
    """A region, a zone of the scenario, or ``all``."""
    ANYWHERE = "anywhere"
    """A region, or ``all``."""
    PROCESS = "process"
    PLANT = "plant"
    """An announced plant of the chain."""
    LAYER = "layer"
    """A layer of duties, or a tariff of the scenario."""
    BENCHMARK = "benchmark"
    ELASTICITY = "elasticity"
    SOURCE = "source"
    OWN = "own"
    """A name that is given here."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Say in the JSON Schema what is named."""
        return {**handler(core_schema), "names": self.value}

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Look names up once they are well formed."""
        return core_schema.with_info_after_validator_function(self._found, handler(source))

    def _found(self, name: str, info: ValidationInfo) -> str:
        known: Known = info.context or {}
        if self in known and name not in known[self]:
            raise InputError([unknown(_CALLED.get(self, self.value), name, known[self])])
        return name


Known = Mapping[Names, Sequence[str]]
"""Names that exist, by what they name: the context of a validation that looks names up."""

_CALLED = {
    Names.PLACE: "region or zone",
    Names.ANYWHERE: "region",
    Names.PLANT: "announced plant",
}
"""What people call a name where that is another word."""


def unknown(what: str, name: str, known: Sequence[str], where: str = "") -> Fault:
    """The fault of a name that does not exist, with one that is like it."""
    near = get_close_matches(name, known, n=1)
    meant = f"Did you mean '{near[0]}'? " if near else ""
    remedy = f"{meant}Known: {', '.join(known) or 'none'}"
    return Fault(f"unknown {what} '{name}'", where, remedy=remedy)


GoodId = Annotated[Identifier, Names.GOOD]
"""A good of the chain."""
RegionId = Annotated[Identifier, Names.REGION]
"""A region of the chain."""
PlaceId = Annotated[Identifier, Names.PLACE]
"""A region, a zone of the scenario, or ``all``."""
ProcessId = Annotated[Identifier, Names.PROCESS]
"""A process of the chain."""
LayerId = Annotated[Identifier, Names.LAYER]
"""A layer of duties, or a tariff of the scenario."""
PlantId = Annotated[Identifier, Names.PLANT]
"""An announced plant of the chain."""
ElasticityId = Annotated[Identifier, Names.ELASTICITY]
"""A named elasticity of the chain."""
OwnId = Annotated[Identifier, Names.OWN]
"""A name that this object gives itself."""


def _day(value: object) -> object:
    """Dates as they are written; pydantic would read a number as seconds since 1970."""
    seconds = isinstance(value, str) and not re.match(r"[0-9]{4}-", value)
    if seconds or (value is not None and not isinstance(value, str | dt.date)):
        raise ValueError(f"{value!r} is no day: write year, month and day, such as 2026-02-04")
    return value


AsDay = BeforeValidator(_day)
"""Of a field that holds a day."""

Text = Annotated[str, StringConstraints(max_length=4000)]
"""Prose for people; never interpreted."""

ACRONYMS = ("fob", "cif")
"""Names that are written in capitals."""


def label_of(name: str) -> str:
    """The name of a field, tag or class as people read it.

    >>> label_of("higher_of"), label_of("TariffRateQuota"), label_of("cif")
    ('Higher of', 'Tariff rate quota', 'CIF')
    >>> label_of("non_members")
    'Non-members'
    """
    text = re.sub("_|(?<=[a-z])(?=[A-Z])", " ", name.replace("non_", "non-")).capitalize()
    return text.upper() if name in ACRONYMS else text


class Declared(BaseModel):
    """Frozen and closed pydantic model; the text below a field is its reference manual."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        defer_build=True,
        validate_default=True,
        revalidate_instances="always",
        field_title_generator=lambda name, _: label_of(name),
        model_title_generator=lambda model: label_of(model.__name__),
    )

    def revised(self, **changes: Any) -> Self:
        """Return a validated copy with some fields replaced.

        pydantic's ``model_copy(update=...)`` does not validate; this does.
        """
        data = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self).model_validate(data | changes)

    @classmethod
    def field_docstrings(cls) -> dict[str, str]:
        """Text below each field: the reference manual, read when somebody asks for it.

        Pydantic can do this for every class at import; reading the sources takes a third of the
        import time of the library, so it waits for the schema.
        """
        found: dict[str, str] = {}
        for model in reversed(cls.__mro__):
            if issubclass(model, Declared) and model is not Declared:
                found |= _docstrings(model)
        return found

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Put the text below each field into the JSON Schema."""
        schema = handler(core_schema)
        fields = handler.resolve_ref_schema(schema).get("properties", {})
        for name, text in cls.field_docstrings().items():
            if name in fields:
                fields[name].setdefault("description", text)
        return schema


def member_docstrings(choices: type[Enum]) -> dict[str, str]:
    """Text below each member of an enum, by name of the member."""
    return _docstrings(choices)


@cache
def _docstrings(model: type) -> dict[str, str]:
    """Name of a field or member -> string literal below it in the class body."""
    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    found: dict[str, str] = {}
    previous = ""
    for node in body.body if isinstance(body, ast.ClassDef) else ():
        targets = node.targets if isinstance(node, ast.Assign) else ()
        target = node.target if isinstance(node, ast.AnnAssign) else next(iter(targets), None)
        if isinstance(target, ast.Name):
            previous = target.id
            continue
        text = node.value if isinstance(node, ast.Expr) else None
        if previous and isinstance(text, ast.Constant) and isinstance(text.value, str):
            found[previous] = inspect.cleandoc(text.value)
        previous = ""
    return found
