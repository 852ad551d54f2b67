"""Forms read off the schema: every field with its label, help, unit, bounds and what it names.

A form is a tuple of fields; a field holds one of a closed set of parts. Whoever draws it needs to
know the parts, not the instruments: a new instrument has its form at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from pricing.chains.assumptions import Assumptions
from pricing.core.declared import Declared, Names, label_of, member_docstrings
from pricing.core.quantities import Price, Quantity, Scaled
from pricing.core.sources import Source
from pricing.editing.parts import (
    Amount,
    Choice,
    Day,
    Field,
    Flag,
    Form,
    Group,
    Name,
    NameList,
    OneOf,
    Option,
    Part,
    Rows,
    Table,
    Whole,
    Words,
)
from pricing.instruments import AnyPolicy
from pricing.instruments.policy import Policy

LONG = 500
"""Texts that may be longer than this many characters get several lines."""


@cache
def policy_forms() -> Mapping[str, Form]:
    """Form of every instrument, by ``kind``.

    Examples
    --------
    >>> [field.name for field in policy_forms()["import_quota"].group.fields if field.required]
    ['id', 'source', 'good', 'destinations', 'quota']
    """
    forms = {}
    for model in _models(AnyPolicy):
        form = _form(model, frozenset(Policy.model_fields))
        forms[form.kind] = form
    return forms


@cache
def assumptions_form() -> Form:
    """Form of the assumptions; elasticities apart, whose ranges stand in the chain."""
    return _form(Assumptions, leave_out=frozenset({"elasticities"}))


@cache
def source_form() -> Form:
    """Form of a source."""
    return _form(Source)


def named_after(short: str) -> str:
    """Label of what has a short name only.

    >>> named_after("price_guarantee_2")
    'Price guarantee 2'
    """
    return label_of(short)


def words(text: str) -> str:
    """A text of the schema on one line."""
    return " ".join(text.split())


def _form(
    model: type[BaseModel],
    common: frozenset[str] = frozenset(),
    leave_out: frozenset[str] = frozenset(),
) -> Form:
    kind = _tag_of(model, "kind")
    return Form(kind, label_of(kind), words(model.__doc__ or ""), _group(model, common, leave_out))


def _group(
    model: type[BaseModel],
    common: frozenset[str] = frozenset(),
    leave_out: frozenset[str] = frozenset(),
) -> Group:
    """Fields of a model; a field that allows one value only is no choice and is left out."""
    texts = model.field_docstrings() if issubclass(model, Declared) else {}
    fields = (
        _field(name, info, words(texts.get(name, "")), name in common)
        for name, info in model.model_fields.items()
        if name not in leave_out and not _one_value(info.annotation)
    )
    return Group(tuple(fields))


def _field(name: str, info: FieldInfo, text: str, common: bool) -> Field:
    types, notes = _unpacked(info.annotation)
    notes = (*info.metadata, *notes)
    optional = type(None) in types
    default = None if info.default is PydanticUndefined else _plain(info.default)
    if info.default_factory is not None:
        default = _plain(info.get_default(call_default_factory=True))
    part = _part(tuple(t for t in types if t is not type(None)), notes, info.discriminator, name)
    return Field(name, info.title or label_of(name), text, part, optional, default, common)


def _part(types: tuple[Any, ...], notes: tuple[Any, ...], tag: Any, where: str) -> Part:
    """What a type allows; a type that no form knows is an error, not free text."""
    if len(types) > 1:
        return _one_of(types, _tag_name(tag, notes, where))
    (kind,) = types
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return Choice(tuple(Option(value, label_of(value), "") for value in args))
    if origin is tuple:
        return _several(args[0], where)
    if origin is dict:
        key, inner = _unpacked(args[0]), _unpacked(args[1])
        return Table(_named(key[1], where), _part(*inner, None, where))
    return _single(kind, notes, where)


def _single(kind: Any, notes: tuple[Any, ...], where: str) -> Part:
    """What one class allows."""
    names = next((note for note in notes if isinstance(note, Names)), None)
    inner = [part for note in notes for part in (note, *getattr(note, "metadata", ()))]
    longest = max((getattr(note, "max_length", None) or 0 for note in inner), default=0)
    text = Words(longest > LONG) if names is None else Name(names)
    simple: dict[Any, Part] = {str: text, bool: Flag(), dt.date: Day(), int: Whole(*_bounds(notes))}
    if kind in simple:
        return simple[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Choice(tuple(_options(kind)))
    if isinstance(kind, type) and issubclass(kind, Quantity):
        return _amount(kind, next((note for note in notes if isinstance(note, Scaled)), None))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _group(kind)
    raise TypeError(f"no form knows the type {kind} of '{where}'; a number needs a unit")


def _several(item: Any, where: str) -> Part:
    """A list: of names, or of rows."""
    types, notes = _unpacked(item)
    (kind,) = types
    if kind is str:
        return NameList(_named(notes, where))
    return Rows(_part(types, notes, None, where))


def _named(notes: tuple[Any, ...], where: str) -> Names:
    """What a name refers to; without a note beside its type nobody can offer what is known."""
    for note in notes:
        if isinstance(note, Names):
            return note
    raise TypeError(f"'{where}' holds a bare name; use GoodId, RegionId, PlaceId, ProcessId, ...")


def _one_of(types: tuple[Any, ...], tag: str) -> OneOf:
    models = [model for kind in types for model in _models(kind)]
    tags = [_tag_of(model, tag) for model in models]
    options = [
        Option(name, label_of(name), words(model.__doc__ or ""))
        for name, model in zip(tags, models, strict=True)
    ]
    return OneOf(tag, tuple(options), tuple(_group(model) for model in models))


def _tag_name(tag: Any, notes: tuple[Any, ...], where: str) -> str:
    found = tag or next((n.discriminator for n in notes if isinstance(n, FieldInfo)), None)
    if not isinstance(found, str):
        raise TypeError(f"'{where}' may be of several types and no field tells them apart")
    return found


def _amount(kind: type[Quantity], scaled: Scaled | None) -> Amount:
    low, high = kind.bounds
    return Amount(
        kind,
        scaled,
        tuple(kind.factors),
        kind.usual,
        {} if low is None else {unit: low / factor for unit, factor in kind.factors.items()},
        {} if high is None else {unit: high / factor for unit, factor in kind.factors.items()},
        issubclass(kind, Price),
    )


def _options(choices: type[Enum]) -> Iterator[Option]:
    texts = member_docstrings(choices)
    for member in choices:
        yield Option(member.value, label_of(member.value), words(texts.get(member.name, "")))


def _bounds(notes: tuple[Any, ...]) -> tuple[float | None, float | None]:
    """Smallest and largest value among the notes beside a type."""
    found: dict[str, float] = {}
    for note in notes:
        for inner in (note, *getattr(note, "metadata", ())):
            found |= {b: getattr(inner, b) for b in ("ge", "le") if hasattr(inner, b)}
    return found.get("ge"), found.get("le")


def _unpacked(annotation: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Types of an annotation, None included, and all notes beside them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *notes = get_args(annotation)
        types, more = _unpacked(inner)
        return types, (*notes, *more)
    if origin in (Union, UnionType):
        parts = [_unpacked(each) for each in get_args(annotation)]
        return tuple(t for p in parts for t in p[0]), tuple(n for p in parts for n in p[1])
    return (annotation,), ()


def _models(annotation: Any) -> list[type[BaseModel]]:
    return list(_unpacked(annotation)[0])


def _one_value(annotation: Any) -> bool:
    return get_origin(annotation) is Literal and len(get_args(annotation)) == 1


def _tag_of(model: type[BaseModel], tag: str) -> str:
    field = model.model_fields.get(tag)
    return str(get_args(field.annotation)[0]) if field and _one_value(field.annotation) else ""


def _plain(value: Any) -> Any:
    """A default as it stands in a file."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, Enum):
        return value.value
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
