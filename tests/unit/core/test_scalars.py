"""Words of the core schema of YAML 1.2."""

from __future__ import annotations

import json
import math

import pytest

from pricing.core.documents import parse_document
from pricing.core.scalars import plain_value
from tests.support.texts import only_fault


class TestWords:
    """The core schema of YAML 1.2, not the surprises of 1.1."""

    @pytest.mark.parametrize(
        ("word", "value"),
        [
            ("NO", "NO"),
            ("no", "no"),
            ("yes", "yes"),
            ("on", "on"),
            ("y", "y"),
            ("2026-02-04", "2026-02-04"),
            ("2026-02-04T10:00:00Z", "2026-02-04T10:00:00Z"),
            ("12:30", "12:30"),
            ("1_000", "1_000"),
            ("0b11", "0b11"),
            ("1.2.3", "1.2.3"),
            ("e3", "e3"),
            (".", "."),
            ("-", "-"),
            ("+", "+"),
            ("<<", "<<"),
            ("=", "="),
            ("110 USD/kg", "110 USD/kg"),
            ("٣", "٣"),
            ("010", 10),
            ("-7", -7),
            ("+7", 7),
            ("0o17", 15),
            ("0x1F", 31),
            ("1e3", 1000.0),
            ("1.", 1.0),
            (".5", 0.5),
            ("-0.0", -0.0),
            ("6.02e+23", 6.02e23),
            ("true", True),
            ("TRUE", True),
            ("False", False),
            ("tRUE", "tRUE"),
            ("", None),
            ("~", None),
            ("null", None),
            ("NULL", None),
            ("nULL", "nULL"),
        ],
    )
    def test_a_word_is_read_by_the_core_schema(self, word: str, value: object) -> None:
        result = plain_value(word)
        assert result == value
        assert type(result) is type(value)

    def test_the_same_words_in_a_document(self) -> None:
        text = "a: NO\nb: 2026-02-04\nc: 12:30\nd: 010\ne: 1e3\nf:\ng: 'true'\nh: \"1\"\n"
        assert parse_document(text).data == {
            "a": "NO",
            "b": "2026-02-04",
            "c": "12:30",
            "d": 10,
            "e": 1000.0,
            "f": None,
            "g": "true",
            "h": "1",
        }

    def test_a_block_scalar_is_text_even_if_it_looks_like_a_number(self) -> None:
        assert parse_document("a: |-\n  12\nb: >\n  x\n  y\n").data == {"a": "12", "b": "x y\n"}

    @pytest.mark.parametrize("word", [".nan", ".NaN", ".inf", "-.inf", "+.INF", "1e999", "9" * 301])
    def test_numbers_that_are_not_finite_are_faults(self, word: str) -> None:
        fault = only_fault(f"a:\n  - b: {word}\n")
        assert (fault.field, fault.line) == ("a.0.b", 2)
        assert "not a finite number" in fault.problem
        assert len(str(fault)) < 200

    def test_huge_numerals_are_not_converted(self) -> None:
        assert plain_value("0x" + "f" * 10_000) == math.inf
        assert plain_value("9" * 100_000) == math.inf

    def test_escaped_surrogate_pairs_as_json_writes_them_are_joined(self) -> None:
        assert parse_document(json.dumps({"a": "\U0001f600"})).data == {"a": "\U0001f600"}

    def test_half_of_a_surrogate_pair_is_a_fault(self) -> None:
        assert "surrogate" in only_fault('a: "\\ud83d"').problem
