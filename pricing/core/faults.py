"""Validation: a document against a model, and every fault of it in plain English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from pricing.core.declared import Known
from pricing.core.documents import MAX_FAULTS, Document
from pricing.core.patterns import WORDS
from pricing.core.places import ABSENT, Loc, child, dotted, path_in, short, shown
from pricing.errors import Fault, InputError

Model = TypeVar("Model", bound=BaseModel)


def validate(model: type[Model], document: Document, known: Known | None = None) -> Model:
    """Build a model from a document; raises :class:`InputError` with every fault.

    With ``known`` the names that the document refers to are looked up on the way.
    """
    try:
        return model.model_validate(document.data, context=known)
    except ValidationError as error:
        raise InputError(faults_of(error, document, model)) from None


def faults_of(
    error: ValidationError,
    document: Document | None = None,
    model: type[BaseModel] | None = None,
) -> tuple[Fault, ...]:
    """Faults of a failed validation: field, line, plain-English problem and remedy.

    Parameters
    ----------
    error : ValidationError
        What pydantic raised.
    document : Document, optional
        Where the data came from; gives names, ids and lines.
    model : type, optional
        The model that was validated; gives suggestions and exact field paths.

    Returns
    -------
    tuple of Fault
        At most ``MAX_FAULTS`` and a closing remark, without repeats. A validator may itself raise
        an :class:`InputError`; its faults are taken over, with fields relative to the validator.
    """
    found: dict[tuple[str, str], Fault] = {}
    errors = [item for item in error.errors(include_url=False) if not _counted_wrongly(item)]
    for item in errors:
        for fault in _faults(item, document, model):
            found.setdefault((fault.field, fault.problem), fault)
        if len(found) >= MAX_FAULTS:
            name = document.name if document else ""
            found["", ""] = Fault(f"more faults; pydantic counts {len(errors)} in all", file=name)
            break
    return tuple(found.values())


def _counted_wrongly(item: Mapping[str, Any]) -> bool:
    """Whether a list is long enough, but for entries that are faults of their own."""
    found = item.get("input")
    least = item.get("ctx", {}).get("min_length", 0)
    return item["type"] == "too_short" and isinstance(found, Sequence) and len(found) >= least


@dataclass(frozen=True)
class _Spot:
    """Where an error is, and what is known there."""

    path: Loc
    """Place in the document."""
    parent: Any
    """Data that holds the place; ABSENT where unknown."""
    types: tuple[Any, ...]
    """Types that the model allows for the parent; empty where unknown."""


def _faults(
    item: Mapping[str, Any], document: Document | None, model: type[BaseModel] | None
) -> Iterator[Fault]:
    """Faults of one pydantic error."""
    data = document.data if document else ABSENT
    kind, context = str(item["type"]), item.get("ctx", {})
    loc: Loc = item["loc"]
    if kind.startswith("union_tag_"):
        loc = (*loc, str(context["discriminator"]).strip("'"))
    spot = _find(loc, kind in _NAMED, data, model)
    inner = context.get("error")
    if isinstance(inner, InputError):
        for fault in inner.faults:
            more = tuple(fault.field.split(".")) if fault.field else ()
            place = path_in(data, (*spot.path, *more))
            line = fault.line or (document.line_at(place) if document else None)
            file = fault.file or (document.file_at(place) if document else "")
            field = ".".join(part for part in (dotted(spot.path, data), fault.field) if part)
            if len(place) == len(spot.path) + len(more):
                field = dotted(place, data)
            yield Fault(fault.problem, field, file, line, fault.remedy)
        return
    problem, remedy = _words(item, spot)
    if loc and loc[-1] == "[key]":
        problem = f"this name cannot be used: {problem}"
    line = document.line_at(spot.path) if document else None
    file = document.file_at(spot.path) if document else ""
    yield Fault(problem, dotted(spot.path, data), file, line, remedy)


_NAMED = {"missing", "extra_forbidden", "union_tag_invalid", "union_tag_not_found"}
"""Errors whose location ends with a name of the document, whether or not it is there."""
_INTERNAL = re.compile(
    r".*[\[\](){}]|(?:str|int|float|bool|none|date|datetime)$|(?:constrained|nullable|literal)-"
    r"|(?:function|lax|json|is-instance|tagged|enum)-|[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+$"
)
"""Parts of a location that pydantic adds, for use where neither data nor model is known."""


def _find(loc: Loc, named: bool, data: Any, model: type[BaseModel] | None) -> _Spot:
    """Follow a location through the model and the data, leaving out what pydantic added."""
    path: list[str | int] = []
    node = parent = data
    own: tuple[Any, ...] = (model,) if model else ()
    types, tagged = own, False
    for position, part in enumerate(loc):
        last = named and position == len(loc) - 1
        deeper, verdict = _step(own, part, last)
        key, value = child(node, part)
        if verdict is None:
            tag = not tagged and isinstance(node, Mapping) and node.get("kind") == part
            present = value is not ABSENT if data is not ABSENT else not _internal(part)
            verdict = last or (present and not tag)
            tagged = tag
        if verdict:
            parent, node, types = node, value, own
            path.append(key)
        own = deeper
    return _Spot(tuple(path), parent, types)


def _internal(part: str | int) -> bool:
    """Tell whether a part of a location looks like one that pydantic added."""
    return isinstance(part, str) and _INTERNAL.match(part) is not None


def _step(
    types: tuple[Any, ...], part: str | int, last: bool
) -> tuple[tuple[Any, ...], bool | None]:
    """Types below a part of a location, and whether it belongs to the document.

    The verdict is None where the types do not tell. In a union of several types the first part is
    the label of one of them.
    """
    if len(types) > 1 and not last:
        labelled = tuple(kind for kind in types if _labelled(kind, part))
        if labelled:
            return labelled, False
    below: list[Any] = []
    for kind in types:
        origin, args = get_origin(kind) or kind, get_args(kind)
        if not isinstance(origin, type):
            continue
        if issubclass(origin, BaseModel):
            below += [
                choice
                for name, field in origin.model_fields.items()
                if part in (name, field.alias, field.validation_alias)
                for choice in _choices(field.annotation)
            ]
        elif args and issubclass(origin, Mapping) and isinstance(part, str) and part != "[key]":
            below += _choices(args[1])
        elif args and issubclass(origin, Sequence | AbstractSet) and isinstance(part, int):
            fixed = origin is tuple and args[-1] is not Ellipsis and part < len(args)
            below += _choices(args[part] if fixed else args[0])
    if below:
        return tuple(below), True
    return types, None


def _choices(annotation: Any) -> list[Any]:
    """Types that an annotation allows, without None."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _choices(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [choice for each in get_args(annotation) for choice in _choices(each)]
    if hasattr(annotation, "__value__"):
        return _choices(annotation.__value__)
    return [] if annotation in (None, type(None)) else [annotation]


def _labelled(kind: Any, part: str | int) -> bool:
    """Tell whether a part of a location is pydantic's label for a type of a union."""
    words = re.findall(r"[\w-]+", str(part))
    name = getattr(get_origin(kind) or kind, "__name__", "")
    return part in _kinds(kind) or name in words or f"constrained-{name}" in words


def _kinds(kind: Any, key: str = "kind") -> tuple[Any, ...]:
    """Values that a model allows for its discriminator."""
    fields = kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else {}
    annotation = fields[key].annotation if key in fields else None
    return get_args(annotation) if get_origin(annotation) is Literal else ()


_NEEDED = {
    **dict.fromkeys(("float_type", "float_parsing"), "a number"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    "string_type": "text",
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), "a list"),
    **dict.fromkeys(("dict_type", "mapping_type", "dataclass_type"), "a mapping"),
    **dict.fromkeys(("model_type", "model_attributes_type"), "a mapping"),
}
_HOW = {
    "text": "Write text, in quotes if it looks like a number",
    "a list": "Write '- item' lines or [a, b]",
    "a mapping": "Write 'key: value' lines or {key: value}",
    "true or false": "Write true or false",
    "a number": "Write a number without quotes or unit",
    "a whole number": "Write a number without decimals, quotes or unit",
}
_RULES = {
    "missing": ("this field is required", "Add it"),
    "union_tag_not_found": ("this field is required", "Add it"),
    "finite_number": ("{found} is not a finite number", "Give a finite number"),
    "greater_than_equal": ("{found} is too small", "Use at least {ge}"),
    "greater_than": ("{found} is too small", "Use more than {gt}"),
    "less_than_equal": ("{found} is too large", "Use at most {le}"),
    "less_than": ("{found} is too large", "Use less than {lt}"),
    "string_too_short": ("the text is too short", "Use at least {min_length} characters"),
    "string_too_long": ("the text is too long", "Use at most {max_length} characters"),
    "too_short": ("there are too few entries ({actual_length})", "Give at least {min_length}"),
    "too_long": ("there are too many entries", "Give at most {max_length}"),
}


def _words(item: Mapping[str, Any], spot: _Spot) -> tuple[str, str]:
    """Problem and remedy of one pydantic error, in plain English."""
    kind, context = str(item["type"]), item.get("ctx", {})
    found = shown(item.get("input"))
    field = spot.path[-1] if spot.path else ""
    if kind == "extra_forbidden":
        return f"unknown field '{short(str(field))}'", _nearest_field(str(field), spot)
    if kind in ("literal_error", "enum"):
        name = field if field in ("unit", "kind") else "value"
        return f"the {name} {found} is not allowed here", f"Use {context['expected']}"
    if kind == "union_tag_invalid":
        tag, known = str(context["tag"]), str(context["expected_tags"])
        near = get_close_matches(tag, re.findall(r"'([^']*)'", known), n=1)
        meant = f"Did you mean '{near[0]}'? " if near else ""
        problem = f"the {field} '{short(tag)}' is not allowed here"
        return problem, f"{meant}Use one of {known}"
    if kind == "string_pattern_mismatch":
        form = str(context["pattern"])
        return f"{found} does not have the form needed here", WORDS.get(form, f"Match {form}")
    if kind in _NEEDED:
        return f"{_NEEDED[kind]} is needed here, not {found}", _HOW[_NEEDED[kind]]
    problem, remedy = _RULES.get(kind, (str(item["msg"]), ""))
    if kind in _RULES:
        context = {**context, "found": found}
        problem, remedy = problem.format_map(context), remedy.format_map(context)
    elif "error" in context:
        problem, _, remedy = str(context["error"]).partition("; ")
        needed = next((what for what in _HOW if problem.startswith(f"{what} is needed")), "")
        problem, remedy = problem or "this value cannot be used", _HOW.get(needed, remedy)
        remedy = remedy[:1].upper() + remedy[1:]
    if kind == "union_tag_not_found":
        kinds = [repr(name) for each in spot.types for name in _kinds(each, str(field))]
        remedy += f" with one of {', '.join(kinds)}" if kinds else ""
    return short(problem, 400), remedy


def _nearest_field(field: str, spot: _Spot) -> str:
    """Remedy for an unknown field: the most similar one, or those that are allowed."""
    names = {
        each.alias or name: None
        for kind in spot.types
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        for name, each in kind.model_fields.items()
    }
    present = spot.parent if isinstance(spot.parent, Mapping) else {}
    free = [name for name in names if name not in present]
    near = get_close_matches(field, free, n=1) or get_close_matches(field, names, n=1)
    if near:
        return f"Did you mean '{near[0]}'?"
    return f"Allowed here: {', '.join(free)}" if free else "Remove it or correct its name"
