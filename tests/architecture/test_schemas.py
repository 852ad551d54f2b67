"""The schemas are enough to make a form from: every field has label, help, unit and bounds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from pricing.core.quantities import Quantity, Ratio
from pricing.schemas import SCHEMAS

OF_ANOTHER_NUMBER = {
    "Uniform": {"low", "high"},
    "Normal": {"low", "high", "mean"},
    "Lognormal": {"low", "high"},
    "Triangular": {"low", "mode", "high"},
    "Pert": {"low", "mode", "high"},
    "Discrete": {"values"},
    "Lever": {"weakest", "strongest"},
}
"""Numbers in the unit and within the bounds of another number, which a path beside them names."""
LEAST = ("minimum", "exclusiveMinimum")


@cache
def schema_of(kind: str) -> dict[str, Any]:
    return SCHEMAS[kind]()


def objects(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and schema of every mapping that a document may hold."""
    schema = schema_of(kind)
    for name, part in {kind: schema, **schema["$defs"]}.items():
        for body in (part, *part.get("anyOf", [])):
            if "properties" in body:
                yield name, body


def fields(kind: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Object, name and schema of every field that offers a choice."""
    for owner, body in objects(kind):
        for name, field in body["properties"].items():
            if "const" not in field:
                yield owner, name, field


def resolved(kind: str, field: dict[str, Any]) -> dict[str, Any]:
    """A field with what it refers to; its own words go first."""
    target = field.get("$ref", "").removeprefix("#/$defs/")
    return {**schema_of(kind)["$defs"][target], **field} if target else field


def plain_numbers(part: Any) -> Iterator[dict[str, Any]]:
    """Numbers in a field's own schema, in lists too; not those in what it refers to."""
    if isinstance(part, list):
        for item in part:
            yield from plain_numbers(item)
    elif isinstance(part, dict):
        if part.get("type") in ("number", "integer"):
            yield part
        for key in ("anyOf", "oneOf", "items", "prefixItems", "additionalProperties"):
            yield from plain_numbers(part.get(key))


@pytest.mark.parametrize("word", ["title", "description"])
@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_field_has_label_and_help(kind: str, word: str) -> None:
    bare = [
        f"{owner}.{name}"
        for owner, name, field in fields(kind)
        if not resolved(kind, field).get(word, "").strip()
    ]
    assert bare == []


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_number_has_bounds(kind: str) -> None:
    """At least a lowest value: a form then knows the sign, and where a slider begins."""
    loose = [
        f"{owner}.{name}"
        for owner, name, field in fields(kind)
        for number in plain_numbers(field)
        if not any(word in number for word in LEAST)
        and name not in OF_ANOTHER_NUMBER.get(owner, set())
    ]
    assert loose == []


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_quantity_has_units(kind: str) -> None:
    """A number with a unit lists those allowed, and limits it in each of them."""
    schema = schema_of(kind)
    found = [
        (name, body) for name, body in objects(kind) if {"value", "unit"} <= set(body["properties"])
    ]
    assert found
    for name, body in found:
        if name == "BenchmarkRow":  # rows of a table, whose unit its variable fixes
            continue
        units = body["properties"]["unit"]
        allowed = units["enum"] if "enum" in units else [units["const"]]
        assert schema["$defs"][name]["units"] == allowed
        for unit in allowed:
            below = {"value": -1e9, "unit": unit}
            assert not Draft202012Validator(body).is_valid(below), (name, unit)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_choice_has_label_and_help(kind: str) -> None:
    for name, part in schema_of(kind)["$defs"].items():
        assert "enum" not in part, name
        for choice in part.get("oneOf", []) if part.get("type") == "string" else []:
            assert all(choice[word].strip() for word in ("title", "description")), (name, choice)


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("Share", [(0, "1"), (1, "1"), (0, "%"), (100, "%")], [(1.5, "1"), (101, "%"), (-1, "%")]),
        ("Growth", [(-0.5, "1"), (-99, "%"), (300, "%")], [(-1, "1"), (-2, "1"), (-100, "%")]),
        ("Rate", [(3, "1"), (300, "%")], [(-0.1, "1"), (-1, "%")]),
    ],
)
def test_bounds_follow_the_unit(name: str, inside: list[Any], outside: list[Any]) -> None:
    """One hundred is a share in per cent and none as a fraction."""
    schema = schema_of("scenario")
    of = Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]})
    assert [of.is_valid({"value": v, "unit": u}) for v, u in inside] == [True] * len(inside)
    assert [of.is_valid({"value": v, "unit": u}) for v, u in outside] == [False] * len(outside)


PLAIN = ["0", "0.0", "00", ".", ".0", ".5", "0.5", "5.", "1", "01", "1.0", "1.", "1.5", "1.0001"]
LARGER = ["2", "9.99", "10", "99", "099.9", "100", "0100.0", "100.01", "101", "110", "150", "200"]
SIGNED = ["+0.5", "-0.5", "-.5", "-1", "-99.9", "-100", "-100.5", "-150", "1e0", "2.5e-3", "5E+1"]
NUMBERS = PLAIN + LARGER + SIGNED
QUANTITIES = {one.__name__: one for base in (Quantity, Ratio) for one in base.__subclasses__()}


@pytest.mark.parametrize("name", sorted(QUANTITIES))
def test_short_forms_hold_what_the_library_takes(name: str) -> None:
    """A number and a unit as text pass the pattern if and only if they load; exponents apart."""
    quantity = QUANTITIES[name]
    of = Draft202012Validator(quantity.model_json_schema())
    for number, space, unit in product(NUMBERS, ("", " ", "  "), (*quantity.factors, "furlong")):
        text = f" {number}{space}{unit} "
        try:
            quantity.model_validate(text)
        except ValidationError:
            loads = False
        else:
            loads = True
        assert of.is_valid(text) is loads or ("e" in number.lower() and not loads), text
