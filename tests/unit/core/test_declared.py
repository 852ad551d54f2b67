"""The base class: frozen, closed, without NaN, and strict about numbers."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from pricing.core.declared import Declared, Identifier, Number, Text


class Inner(Declared):
    x: Number = 1.0
    """A number inside."""


class Outer(Declared):
    name: Identifier
    """What it is called."""
    inner: Inner = Inner()
    """Something inside."""
    text: Text | None = None


class Broken(Declared):
    x: Number = "1"  # type: ignore[assignment]


@pytest.mark.parametrize(
    "value",
    [1, 1.5, -0.0, 10**20, np.float64(0.25), np.int64(3), np.float32(0.5), Decimal("0.5")],
)
def test_a_number_is_a_real_number(value: object) -> None:
    x = Inner(x=value).x  # type: ignore[arg-type]
    assert x == value
    assert type(x) is float


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "not true/false"),
        (False, "not true/false"),
        ("1", "not text"),
        ("1e3", "not text"),
        ("", "not text"),
        (None, "valid number"),
        ([1.0], "valid number"),
        (1j, "valid number"),
        (math.nan, "finite number"),
        (math.inf, "finite number"),
        (-math.inf, "finite number"),
        (np.float64("nan"), "finite number"),
        (10**400, "valid number"),
    ],
)
def test_anything_else_is_refused(value: object, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Inner.model_validate({"x": value})


@pytest.mark.parametrize("name", ["a", "NdPr oxide", "heavy-REE_2.1", "J", "x" * 80])
def test_an_identifier_begins_with_a_letter(name: str) -> None:
    assert Outer(name=name).name == name


@pytest.mark.parametrize(
    "name", ["", " a", "1a", "_a", "a/b", "a\n", "a\nb", "a:b", "é", "x" * 81, "=a", "a\u202eb"]
)
def test_other_identifiers_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Outer(name=name)


def test_text_has_a_longest_length() -> None:
    adapter: TypeAdapter[str] = TypeAdapter(Text)
    assert adapter.validate_python("x" * 4000)
    with pytest.raises(ValidationError):
        adapter.validate_python("x" * 4001)


def test_it_is_frozen_hashable_and_closed() -> None:
    outer = Outer(name="a")
    with pytest.raises(ValidationError, match="frozen"):
        outer.name = "b"  # type: ignore[misc]
    assert hash(outer) == hash(Outer(name="a"))
    with pytest.raises(ValidationError, match="Extra inputs"):
        Outer.model_validate({"name": "a", "nam": "b"})


def test_defaults_are_validated() -> None:
    with pytest.raises(ValidationError, match="not text"):
        Broken()


def test_instances_are_validated_again() -> None:
    smuggled = Inner.model_construct(x=math.nan)
    with pytest.raises(ValidationError, match="finite"):
        Outer(name="a", inner=smuggled)


def test_docstrings_of_fields_are_the_reference_manual() -> None:
    schema = Outer.model_json_schema()
    assert schema["properties"]["name"]["description"] == "What it is called."
    assert schema["additionalProperties"] is False


class TestRevised:
    OUTER = Outer(name="a", inner=Inner(x=2.0))

    def test_it_replaces_and_keeps_the_rest(self) -> None:
        other = self.OUTER.revised(name="b")
        assert other == Outer(name="b", inner=Inner(x=2.0))
        assert self.OUTER.name == "a"

    def test_it_takes_plain_data_too(self) -> None:
        assert self.OUTER.revised(inner={"x": 3}).inner == Inner(x=3.0)

    def test_without_changes_it_is_an_equal_copy(self) -> None:
        same = self.OUTER.revised()
        assert same == self.OUTER
        assert same.model_fields_set == self.OUTER.model_fields_set

    def test_it_keeps_what_was_left_to_the_default(self) -> None:
        assert Outer(name="a").revised(name="b").model_fields_set == {"name"}

    @pytest.mark.parametrize(
        "changes", [{"name": "1"}, {"nam": "b"}, {"inner": {"x": math.nan}}, {"inner": None}]
    )
    def test_it_validates(self, changes: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            self.OUTER.revised(**changes)
