"""Reading untrusted YAML, naming its faults, writing it back."""

from __future__ import annotations

import contextlib
import json
import math
import os
import subprocess
import sys
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field, StringConstraints, ValidationError, model_validator
from typing_extensions import TypeAliasType

from pricing.core import documents
from pricing.core.declared import Declared, Identifier, Number
from pricing.core.documents import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_EVENTS,
    MAX_FAULTS,
    Document,
    dump_yaml,
    faults_of,
    parse_document,
    plain_value,
    read_document,
    validate,
)
from pricing.core.quantities import Price, Ratio
from pricing.errors import Fault, InputError


def faults(text: str | bytes) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as caught:
        parse_document(text, "x.yaml")
    assert all(fault.file == "x.yaml" for fault in caught.value.faults)
    return caught.value.faults


def only_fault(text: str | bytes) -> Fault:
    found = faults(text)
    assert len(found) == 1, [str(fault) for fault in found]
    return found[0]


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


class TestLines:
    TEXT = """\
# a comment
name: forge
policies:
  - id: oxide
    kind: floor
    level: {value: 110,
            unit: USD/kg}
  - id: metal
    steps: [1,
      2]
"""

    @pytest.fixture
    def document(self) -> Document:
        return parse_document(self.TEXT, "x.yaml")

    @pytest.mark.parametrize(
        ("loc", "line"),
        [
            ((), 2),
            (("name",), 2),
            (("policies",), 3),
            (("policies", 0), 4),
            (("policies", 0, "kind"), 5),
            (("policies", 0, "level"), 6),
            (("policies", 0, "level", "value"), 6),
            (("policies", 0, "level", "unit"), 7),
            (("policies", 1), 8),
            (("policies", 1, "steps", 0), 9),
            (("policies", 1, "steps", 1), 10),
        ],
    )
    def test_every_key_and_item_has_its_line(
        self, document: Document, loc: documents.Loc, line: int
    ) -> None:
        assert document.line(loc) == line
        assert document.line_at(loc) == line

    @pytest.mark.parametrize(
        ("loc", "line"),
        [
            (("missing",), 2),
            (("policies", 0, "missing"), 4),
            (("policies", 9, "kind"), 3),
            (("policies", 0, "floor", "level", "unit"), 7),
            (("policies", "list[Policy]", 0, "function-after[f(), Floor]", "level"), 6),
            (("policies", "oxide", "kind"), 5),
        ],
    )
    def test_other_places_fall_back_to_the_nearest_parent(
        self, document: Document, loc: documents.Loc, line: int
    ) -> None:
        assert document.line(loc) == line

    def test_data_without_lines_have_none(self) -> None:
        assert Document({"a": 1}, "", {}).line(("a",)) is None

    def test_the_document_is_frozen(self, document: Document) -> None:
        with pytest.raises(AttributeError):
            document.name = "y"  # type: ignore[misc]

    def test_carriage_returns_and_a_byte_order_mark_do_not_shift_lines(self) -> None:
        document = parse_document(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
        assert document.data == {"a": 1, "b": 2}
        assert document.line(("b",)) == 2
        assert parse_document("\ufeffa: 1\n").data == {"a": 1}


class TestRefusals:
    """Each thing that a data file does not need is a fault with a line and a remedy."""

    @pytest.mark.parametrize(
        ("text", "line", "field", "problem"),
        [
            ("a: 1\nb: &x 2\n", 2, "b", "anchors (&) and aliases (*)"),
            ("a: 1\nb: [*x]\n", 2, "b.0", "anchors (&) and aliases (*)"),
            ("a: &x {c: 1}\n", 1, "a", "anchors (&) and aliases (*)"),
            ("a: !!python/object:os.system {}\n", 1, "a", "tags (!)"),
            ("a: !!str 1\n", 1, "a", "tags (!)"),
            ("a: ! 1\n", 1, "a", "tags (!)"),
            ("a: !x [1]\n", 1, "a", "tags (!)"),
            ("a: 1\n---\nb: 2\n", 2, "", "second document"),
            ("a: 1\n...\nb: 2\n", 3, "", "second document"),
            ("%YAML 1.1\n---\na: 1\n", 2, "", "% directives"),
            ("%TAG ! x:\n---\na: 1\n", 2, "", "% directives"),
            ("%YAML 2.0\n---\na: 1\n", 1, "", "not YAML 1.2"),
            ("a:\n  2024: 1\n", 2, "a", "the key 2024 is not text"),
            ("a:\n  true: 1\n", 2, "a", "the key true is not text"),
            ("a:\n  ~: 1\n", 2, "a", "the key ~ is not text"),
            ("a:\n  : 1\n", 2, "a", "the key nothing is not text"),
            ("? [x, y]\n: 1\n", 1, "", "the key a list is not text"),
            ("? {x: y}\n: 1\n", 1, "", "the key a mapping is not text"),
        ],
    )
    def test_one_fault(self, text: str, line: int, field: str, problem: str) -> None:
        fault = only_fault(text)
        assert problem in fault.problem
        assert (fault.line, fault.field) == (line, field)
        assert fault.remedy

    def test_a_key_that_stands_twice_names_both_lines(self) -> None:
        fault = only_fault("a:\n  rate: 1\n  other: 2\n  rate: 3\n")
        assert fault.problem == "the key 'rate' stands twice, on lines 2 and 4"
        assert (fault.line, fault.field) == (4, "a")

    def test_dropped_values_do_not_raise_more_faults(self) -> None:
        found = faults("a: {x: 1}\na: {x: 2}\na: {x: 3}\n")
        assert [fault.line for fault in found] == [2, 3]

    def test_faults_are_collected(self) -> None:
        text = "a: &x 1\nb: .nan\n1: 2\nc: !t 3\nb: 4\nd: [1\n"
        assert [fault.line for fault in faults(text)] == [1, 2, 3, 4, 5, 6]

    def test_items_are_named_by_id(self) -> None:
        assert only_fault("ps:\n- id: oxide\n  level: .inf\n").field == "ps.oxide.level"

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "empty"),
            ("# only a comment\n", "empty"),
            ("---\n", "empty"),
            ("~\n", "empty"),
            ("- a\n- b\n", "the top is a list, not a mapping"),
            ("just text\n", "the top is 'just text', not a mapping"),
            ("12\n", "the top is 12, not a mapping"),
        ],
    )
    def test_the_top_must_be_a_mapping(self, text: str, problem: str) -> None:
        assert problem in only_fault(text).problem

    @pytest.mark.parametrize(
        ("text", "line", "problem"),
        [
            ("a:\n\tb: 1\n", 2, "a tab stands where spaces are needed"),
            ("a: 1\nb: @x\n", 2, "text cannot begin with this character"),
            ("a: 1\nb: x: y\n", 2, "a ':' is not allowed here"),
            ("a: - b\n", 1, "a list cannot begin here"),
            ('a: 1\nb: "x\nc: 2\n', 2, "a quotation mark is not closed"),
            ('a: "C:\\q"\n', 1, "a '\\' has a meaning in double quotes"),
            ("a: [1,\nb: 2\n", 1, "a list in [ ]"),
            ("a: {b: 1\n", 1, "a mapping in { }"),
            ("a:\n  b: 1\n c: 2\n", 3, "the lines do not line up"),
            ("a: 1\nb\nc: 2\n", 2, "a key has no ':' after it"),
            ("a: 'x' y\n", 1, "the lines do not line up"),
            ("a: |x\n", 1, "cannot be read as YAML"),
            ("a: 1\nb: \x07\n", 2, "the character U+0007 is not allowed"),
            ('a: "\\UFFFFFFFF"\n', 1, "cannot be read as YAML"),
            ("%YAML 1.21\n---\na: 1\n", 1, "cannot be read as YAML"),
            (f"a: !{'x' * 5000}! 1\n", 1, "cannot be read as YAML"),
        ],
    )
    def test_syntax_errors_are_in_plain_english(self, text: str, line: int, problem: str) -> None:
        fault = only_fault(text)
        assert problem in fault.problem
        assert fault.line == line
        assert "ruamel" not in str(fault)
        assert len(str(fault)) < 400

    def test_bytes_must_be_text(self) -> None:
        assert "NUL" in only_fault(b"a: \x00\n").problem
        assert "NUL" in only_fault("a: 1\n".encode("utf-16")).problem
        fault = only_fault(b"a: 1\nb: \xff\n")
        assert ("UTF-8" in fault.problem, fault.line) == (True, 2)

    def test_lone_surrogates_in_text_are_faults(self) -> None:
        assert "U+D800" in only_fault("a: \ud800\n").problem


class TestHostile:
    """Hostile texts end after a bounded amount of work, counted in parser events."""

    @pytest.fixture
    def counted(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """Count the events that are taken."""
        count = [0]
        take = documents._Reader.take

        def counting(self: documents._Reader, event: Any) -> bool:
            count[0] += 1
            return take(self, event)

        monkeypatch.setattr(documents._Reader, "take", counting)
        return count

    @pytest.mark.parametrize(
        "text",
        ["a: " + "[" * 100_000, "{" * 100_000, "- " * 100_000, "? " * 100_000, "[{a: " * 20_000],
        ids=["flow", "mappings", "block", "keys", "mixed"],
    )
    def test_deep_nesting_stops_at_the_limit(self, text: str, counted: list[int]) -> None:
        assert f"deeper than {MAX_DEPTH} levels" in faults(text)[-1].problem
        assert counted[0] <= 3 * MAX_DEPTH

    def test_the_deepest_allowed_nesting_is_read(self) -> None:
        inner = MAX_DEPTH - 1
        assert parse_document("a: " + "[" * inner + "]" * inner).data
        assert "deeper" in only_fault("a: " + "[" * (inner + 1) + "]" * (inner + 1)).problem

    @pytest.mark.parametrize(
        "text",
        [
            "- \n" * (MAX_BYTES // 3),
            pytest.param("a: [" + "1," * (MAX_BYTES // 2 - 3) + "]", marks=pytest.mark.slow),
            pytest.param("a: [" + "[]," * (MAX_BYTES // 3 - 3) + "]", marks=pytest.mark.slow),
        ],
        ids=["items", "flow", "empty lists"],
    )
    def test_too_many_entries_stop_at_the_limit(self, text: str, counted: list[int]) -> None:
        assert "too many entries" in only_fault(text).problem
        assert counted[0] == MAX_EVENTS + 1

    @pytest.mark.parametrize(
        "text",
        [
            "a: [" + ".nan," * 40_000 + "]",
            "a:\n" * 80_000,
            "?\n" * 100_000,
            "a: [" + "*x ," * 40_000 + "]",
            "a: [" + "! x," * 40_000 + "]",
        ],
        ids=["nan", "same key", "empty keys", "aliases", "tags"],
    )
    def test_too_many_faults_stop_the_reading(self, text: str, counted: list[int]) -> None:
        found = faults(text)
        assert len(found) == MAX_FAULTS + 1
        assert "too many faults" in found[-1].problem
        assert counted[0] <= 3 * MAX_FAULTS

    def test_an_alias_bomb_is_never_expanded(self, counted: list[int]) -> None:
        names = "abcdefgh"
        bomb = "a: &a [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n" + "".join(
            f"{new}: &{new} [{','.join(9 * [f'*{old}'])}]\n" for old, new in pairwise(names)
        )
        assert len(bomb) < 400
        assert {fault.problem for fault in faults(bomb)} == {
            "anchors (&) and aliases (*) are not allowed"
        }
        assert counted[0] < 200

    @pytest.mark.parametrize(
        "text",
        [
            "a: " + "x" * (MAX_BYTES - 4),
            "a: " + "x " * (MAX_BYTES // 2 - 4),
            "a:" + " " * (MAX_BYTES - 4) + "1",
            "a: 1 #" + "#" * (MAX_BYTES - 8),
        ],
        ids=["word", "words", "spaces", "comment"],
    )
    def test_one_long_line_is_read(self, text: str, counted: list[int]) -> None:
        assert set(parse_document(text).data) == {"a"}
        assert counted[0] == 8

    def test_the_byte_limit_comes_first(self, counted: list[int]) -> None:
        assert "larger than 256 kB" in only_fault("a: " + "x" * MAX_BYTES).problem
        assert "larger than 256 kB" in only_fault(b"\x00" * (MAX_BYTES + 1)).problem
        assert "larger than 256 kB" in only_fault("a: " + "\u20ac" * (MAX_BYTES // 2)).problem
        assert counted[0] == 0

    @given(st.text(alphabet="ab01 \n\t:-?,[]{}&*!|>'\"%@#~.\\x", max_size=60))
    @settings(max_examples=300)
    def test_any_text_gives_a_document_or_an_input_error(self, text: str) -> None:
        with contextlib.suppress(InputError):
            json.dumps(parse_document(text).data, allow_nan=False)

    @given(st.binary(max_size=60))
    def test_any_bytes_give_a_document_or_an_input_error(self, raw: bytes) -> None:
        with contextlib.suppress(InputError):
            parse_document(raw)


class TestFiles:
    def test_a_file_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "x.yaml"
        path.write_text("a: \u20ac\n", encoding="utf-8")
        document = read_document(path)
        assert (document.data, document.name) == ({"a": "\u20ac"}, str(path))

    def problem(self, path: Path) -> Fault:
        with pytest.raises(InputError) as caught:
            read_document(path)
        (fault,) = caught.value.faults
        assert fault.file == str(path)
        return fault

    def test_a_missing_file_suggests_a_similar_name(self, tmp_path: Path) -> None:
        (tmp_path / "oxide_floor.yaml").touch()
        fault = self.problem(tmp_path / "oxide_flor.yaml")
        assert fault.problem == "there is no such file"
        assert fault.remedy == "Did you mean 'oxide_floor.yaml'?"
        assert "check" in self.problem(tmp_path / "no" / "where.yaml").remedy.lower()

    def test_a_directory_is_not_read(self, tmp_path: Path) -> None:
        assert self.problem(tmp_path).problem == "this is a directory"

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
    def test_pipes_and_devices_are_not_opened(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        for path in (tmp_path / "pipe", Path(os.devnull)):
            assert self.problem(path).problem == "this is not a regular file"

    def test_no_more_than_the_limit_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "big.yaml"
        with path.open("wb") as stream:
            stream.truncate(1 << 30)
        assert "larger than 256 kB" in self.problem(path).problem

    @pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
    def test_impossible_names(self, tmp_path: Path, name: str) -> None:
        assert "cannot be read" in self.problem(tmp_path / name).problem

    def test_a_file_used_as_a_directory(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert self.problem(tmp_path / "file" / "x.yaml").problem


# --- validation --------------------------------------------------------------------------------


class Stage(StrEnum):
    OXIDE = "oxide"
    METAL = "metal"


class Floor(Declared):
    kind: Literal["floor"] = "floor"
    id: Identifier
    level: Price
    stages: tuple[Stage, ...] = ()


class Levy(Declared):
    kind: Literal["levy"] = "levy"
    id: Identifier
    rate: Ratio
    levy: Price | None = None
    """A field with the name of the kind, to try the patience of the reader of locations."""

    @model_validator(mode="after")
    def _not_zero(self) -> Self:
        if self.rate.fraction == 0.0:
            raise ValueError("a levy of zero has no effect")
        return self


Policy = Annotated[Floor | Levy, Field(discriminator="kind")]
Spare = TypeAliasType("Spare", Policy | None)


class World(Declared):
    name: Annotated[str, StringConstraints(min_length=3, max_length=12)] = "world"
    policies: tuple[Policy, ...] = ()
    main: Policy | None = None
    prices: dict[Identifier, Price] = Field(default_factory=dict)
    mixed: Price | Number | list[Number] | None = None
    pair: tuple[Number, Price] | None = None
    years: Annotated[list[int], Field(min_length=1, max_length=2)] | None = None
    mode: Literal["free"] | Price = "free"
    spare: Spare = None
    open_: bool = Field(default=True, alias="open")
    share: Annotated[Number, Field(gt=0.0, lt=1.0)] = 0.5
    cap: Annotated[Number, Field(le=10.0)] = 1.0

    @model_validator(mode="after")
    def _known(self) -> Self:
        found = [
            Fault(f"'{policy.id}' names nothing", f"policies.{policy.id}.id", remedy="Rename it")
            for policy in self.policies
            if policy.id.startswith("unknown")
        ]
        if found:
            raise InputError(found)
        return self


def world_faults(text: str) -> tuple[Fault, ...]:
    document = parse_document(text, "w.yaml")
    with pytest.raises(InputError) as caught:
        validate(World, document)
    return caught.value.faults


def world_fault(text: str) -> Fault:
    found = world_faults(text)
    assert len(found) == 1, [str(fault) for fault in found]
    return found[0]


class TestValidation:
    def test_a_sound_document_gives_the_model(self) -> None:
        world = validate(World, parse_document("policies: [{kind: levy, id: a, rate: 5 %}]\n"))
        assert world.policies[0].rate.fraction == pytest.approx(0.05)

    def test_an_unknown_field_gets_a_suggestion(self) -> None:
        text = "policies:\n- kind: floor\n  id: oxide\n  levl: 110 USD/kg\n  level: 1 USD/t\n"
        fault = world_fault(text)
        assert str(fault) == (
            "w.yaml:4: policies.oxide.levl: unknown field 'levl'. Did you mean 'level'?"
        )

    def test_an_unknown_field_without_a_similar_one_lists_the_allowed(self) -> None:
        fault = world_fault("main: {kind: floor, id: a, level: 1 USD/t, zzz: 1}\n")
        assert fault.field == "main.zzz"
        assert fault.remedy == "Allowed here: stages"

    def test_an_unknown_field_uses_the_alias(self) -> None:
        assert world_fault("opne: true\n").remedy == "Did you mean 'open'?"

    def test_a_missing_field(self) -> None:
        fault = world_fault("policies:\n- kind: floor\n  id: oxide\n")
        assert str(fault) == "w.yaml:2: policies.oxide.level: this field is required. Add it."

    def test_a_missing_unit(self) -> None:
        fault = world_fault("prices:\n  ore: 110\n")
        assert (fault.field, fault.line) == ("prices.ore", 2)
        assert fault.problem.startswith("a unit is missing; write '5 USD/kg'")

    def test_a_wrong_unit_lists_the_allowed(self) -> None:
        fault = world_fault("prices:\n  ore:\n    value: 1\n    unit: USD/g\n")
        assert (fault.field, fault.line) == ("prices.ore.unit", 4)
        assert fault.problem == "the unit 'USD/g' is not allowed here"
        assert fault.remedy == "Use 'USD/t', 'USD/kg' or 'USD/lb'"
        short = world_fault("prices:\n  ore: 1 USD/g\n")
        assert (short.problem, short.remedy, short.line) == (fault.problem, fault.remedy, 2)

    def test_a_wrong_kind_lists_the_allowed(self) -> None:
        fault = world_fault("policies:\n- id: oxide\n  kind: flor\n")
        assert (fault.field, fault.line) == ("policies.oxide.kind", 3)
        assert fault.problem == "the kind 'flor' is not allowed here"
        assert fault.remedy == "Use one of 'floor', 'levy'"

    def test_a_missing_kind_lists_the_allowed(self) -> None:
        fault = world_fault("main:\n  id: oxide\n")
        assert (fault.field, fault.problem) == ("main.kind", "this field is required")
        assert fault.remedy == "Add it with one of 'floor', 'levy'"

    def test_an_item_without_an_id_or_with_one_twice_is_named_by_position(self) -> None:
        twice = "policies:\n- {id: a, kind: x}\n- {id: a, kind: x}\n- {kind: x}\n"
        assert [fault.field for fault in world_faults(twice)] == [
            f"policies.{index}.kind" for index in range(3)
        ]

    def test_a_field_named_like_its_kind(self) -> None:
        text = (
            "policies:\n- kind: levy\n  id: a\n  rate: x\n  levy:\n    value: x\n    unit: USD/t\n"
        )
        found = world_faults(text)
        assert [(fault.field, fault.line) for fault in found] == [
            ("policies.a.rate", 4),
            ("policies.a.levy.value", 6),
        ]

    def test_a_fault_of_a_whole_item(self) -> None:
        fault = world_fault("main:\n  kind: levy\n  id: a\n  rate: 0 %\n")
        assert (fault.field, fault.line) == ("main", 1)
        assert fault.problem == "a levy of zero has no effect"

    @pytest.mark.parametrize(
        ("text", "field", "problem", "remedy"),
        [
            ("name: 2026", "name", "text is needed here, not 2026", "quotes"),
            ("name: ab", "name", "the text is too short", "at least 3 characters"),
            ("name: abcdefghijklm", "name", "the text is too long", "at most 12 characters"),
            ("policies: 3", "policies", "a list is needed here, not 3", "- item"),
            ("policies: [3]", "policies.0", "a mapping is needed here, not 3", "key: value"),
            ("prices: [3]", "prices", "a mapping is needed here, not a list", "key: value"),
            ("prices: {ore: }", "prices.ore", "a mapping is needed here, not nothing", "key"),
            ("years: []", "years", "there are too few entries (0)", "at least 1"),
            ("years: [1, 2, 3]", "years", "there are too many entries", "at most 2"),
            ("years: [2026.5]", "years.0", "a whole number is needed here, not 2026.5", "without"),
            ("years: [{a: 1}]", "years.0", "a whole number is needed here, not a mapping", ""),
            ("open: maybe", "open", "true or false is needed here, not 'maybe'", "true or false"),
            ("share: 0", "share", "0 is too small", "more than 0"),
            ("share: 1", "share", "1 is too large", "less than 1"),
            ("cap: 11", "cap", "11 is too large", "at most 10"),
            ("cap: '1'", "cap", "a number is needed here, not text", ""),
            ("cap: true", "cap", "a number is needed here, not true/false", ""),
            ("cap: []", "cap", "a number is needed here, not a list", "without quotes"),
            ("prices: {ore: -1 USD/t}", "prices.ore.value", "-1.0 is too small", "at least 0"),
            ("prices: {ore: 1e999 USD/t}", "prices.ore.value", "inf is not a finite number", ""),
            ("prices: {9x: 1 USD/t}", "prices.9x", "this name cannot be used: '9x'", "^[A-Za-z]"),
            ("pair: [1, {value: x, unit: USD/t}]", "pair.1.value", "a number is needed", ""),
            (
                "main: {kind: floor, id: a, level: 1 USD/t, stages: [x]}",
                "main.stages.0",
                "the value 'x' is not allowed here",
                "'oxide' or 'metal'",
            ),
        ],
    )
    def test_plain_english(self, text: str, field: str, problem: str, remedy: str) -> None:
        fault = world_fault(text)
        assert fault.field == field
        assert problem in fault.problem
        assert remedy in fault.remedy
        assert fault.line == 1

    def test_labels_of_unions_are_removed(self) -> None:
        found = world_faults("mixed: [x]\n")
        assert {fault.field for fault in found} == {"mixed", "mixed.0"}
        assert len(set(found)) == len(found)
        assert {fault.field for fault in world_faults("mode: {valu: 1, unit: x}\n")} == {
            *("mode", "mode.value", "mode.valu", "mode.unit"),
        }
        assert world_fault("spare: {kind: floor, id: a}\n").field == "spare.level"

    def test_all_faults_at_once_without_repeats(self) -> None:
        found = world_faults("nam: x\nyears: []\nmixed: {value: x}\ncap: 99\n")
        places = [(fault.field, fault.problem) for fault in found]
        assert len(set(places)) == len(places)
        assert {"nam", "years", "cap"} < {fault.field for fault in found}

    def test_a_validator_may_raise_several_faults(self) -> None:
        entry = "- kind: floor\n  level: 1 USD/t\n  id: unknown_{}\n"
        found = world_faults("policies:\n" + entry.format("a") + entry.format("b"))
        assert [str(fault) for fault in found] == [
            "w.yaml:4: policies.unknown_a.id: 'unknown_a' names nothing. Rename it.",
            "w.yaml:7: policies.unknown_b.id: 'unknown_b' names nothing. Rename it.",
        ]

    def test_long_values_are_shortened(self) -> None:
        for text in ("cap:\n  ? " + 5000 * "x", "? " + 5000 * "y", "mixed: " + 5000 * "z"):
            for fault in world_faults(text):
                assert len(str(fault)) < 600

    def test_a_flood_of_errors_is_cut_off(self) -> None:
        found = world_faults("policies: [" + "3," * 5000 + "]")
        assert len(found) == MAX_FAULTS + 1
        assert "5000" in found[-1].problem


class TestWithoutDocumentOrModel:
    DATA: dict[str, Any] = {  # noqa: RUF012
        "policies": [{"kind": "levy", "id": "a", "rate": "x", "levy": "1 USD/g"}],
        "mixed": ["x"],
        "prices": {"9x": 1},
        "zzz": 1,
    }

    @pytest.fixture
    def error(self) -> ValidationError:
        with pytest.raises(ValidationError) as caught:
            World.model_validate(self.DATA)
        return caught.value

    def test_with_a_document_only(self, error: ValidationError) -> None:
        found = faults_of(error, Document(self.DATA, "w.yaml", {}))
        fields = {fault.field for fault in found}
        assert {"policies.a.rate", "policies.a.levy", "mixed", "mixed.0", "zzz"} <= fields
        assert all(fault.file == "w.yaml" and fault.line is None for fault in found)
        (unknown,) = (fault for fault in found if fault.field == "zzz")
        assert unknown.remedy == "Remove it or correct its name"

    def test_with_a_model_only(self, error: ValidationError) -> None:
        found = faults_of(error, model=World)
        fields = {fault.field for fault in found}
        assert {"policies.0.rate", "policies.0.levy.unit", "mixed.0", "prices.9x", "zzz"} <= fields

    def test_with_neither(self, error: ValidationError) -> None:
        found = faults_of(error)
        fields = {fault.field for fault in found}
        assert {"mixed", "mixed.0", "prices.9x", "zzz"} <= fields
        assert not any("[" in field for field in fields)
        assert all(fault.problem for fault in found)

    def test_every_fault_has_a_field_of_the_document(self) -> None:
        document = parse_document("policies: [{kind: levy, id: a, rate: 0 %}]\n")
        with pytest.raises(InputError) as caught:
            validate(World, document)
        assert [fault.field for fault in caught.value.faults] == ["policies.a"]


# --- writing -----------------------------------------------------------------------------------

TRAPS = "NO|null|~|| |1e3|010|- a|a: b|a #b|#|110 USD/kg|x\ny|'|\u2028|\x85|\ufeff|\t|---|...|<<"
TRAPS += "|2026-02-04|.nan|? a|a,b|%|@|`|!|&a|*a|>|[|{}|a:|:a|-1|1_000|12:30|0x1F|True|\\n|a\rb"
texts = st.text(max_size=30) | st.sampled_from(TRAPS.split("|"))
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**200), 10**200)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=25,
)


def same(one: object, other: object) -> bool:
    """Equality that tells 1 from 1.0 and True, 0.0 from -0.0, and minds the order of keys."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one.hex() == other.hex()
    return one == other


class TestWriting:
    @given(st.dictionaries(texts, trees, max_size=5))
    @settings(max_examples=300)
    def test_what_is_written_is_read_back(self, data: dict[str, Any]) -> None:
        assert same(parse_document(dump_yaml(data)).data, data)

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"a": {}, "b": [], "c": [[]], "d": [{}], "e": [[1], [[2, [3]]]]},
            {"a": [[{"b": [{"c": {"d": 1}}]}]]},
            {"k" * 5000: {"v" * 2000: ["x" * 200, {"m" * 1100: 1}]}},
            {"a": [{"n" * 1100: ["x" * 90, "y"]}]},
            {"a": "x" * 10_000, "b": "word " * 3000, "c": "\n" * 50 + "  x  \n"},
            {"a": 5e-324, "b": 1.7976931348623157e308, "c": -0.0, "d": 0.1, "e": 1e16, "f": 1e22},
            {"a": 10**297, "b": -(10**297)},
            {"\U0001f600": "\U0001f600\u20ac\u00e9\x7f\x00\x1b"},
        ],
    )
    def test_corner_cases_are_read_back(self, data: dict[str, Any]) -> None:
        assert same(parse_document(dump_yaml(data)).data, data)

    def test_the_deepest_document_is_read_back(self) -> None:
        for innermost in ([], {}, [1], [["x" * 200]][0]):
            data: Any = innermost
            for _ in range(MAX_DEPTH - 2):
                data = [data]
            assert parse_document(dump_yaml({"a": data})).data == {"a": data}
            with pytest.raises(InputError, match="deeper"):
                dump_yaml({"a": [data]})

    def test_the_layout(self) -> None:
        data = {
            "name": "Forge, all stages",
            "country": "NO",
            "date": "2026-02-04",
            "price": {"value": 110, "unit": "USD/kg"},
            "short": "110 USD/kg",
            "share": 0.1,
            "policies": [
                {"id": "oxide", "level": {"value": 1.5, "unit": "%"}, "stages": ["a", "b"]},
                {"id": "metal", "note": None},
            ],
            "long": {"a": "x" * 60, "b": "y" * 60},
            "nothing": None,
        }
        assert dump_yaml(data) == (
            'name: "Forge, all stages"\n'
            'country: "NO"\n'
            'date: "2026-02-04"\n'
            "price: {value: 110, unit: USD/kg}\n"
            "short: 110 USD/kg\n"
            "share: 0.1\n"
            "policies:\n"
            "  - id: oxide\n"
            '    level: {value: 1.5, unit: "%"}\n'
            "    stages: [a, b]\n"
            "  - {id: metal, note: null}\n"
            "long:\n"
            f"  a: {'x' * 60}\n"
            f"  b: {'y' * 60}\n"
            "nothing: null\n"
        )

    def test_flow_lines_are_at_most_as_wide_as_allowed(self) -> None:
        for width in range(40, 60):
            text = dump_yaml({"a": [{"key": "v" * width, "other": "w" * 30}, [1]]})
            assert all(len(line) <= documents.FLOW_WIDTH for line in text.splitlines())
        fits = {"a": {"b": "x" * (documents.FLOW_WIDTH - len("a: {b: }"))}}
        assert len(dump_yaml(fits).splitlines()) == 1
        fits["a"]["b"] += "x"
        assert len(dump_yaml(fits).splitlines()) == 2

    def test_subclasses_of_plain_types_are_written_plainly(self) -> None:
        class Number(float):
            def __repr__(self) -> str:
                return "Number()"

        data = {"a": Stage.OXIDE, "b": Number(0.5), "c": (1, 2), Stage.METAL: Document}
        del data[Stage.METAL]
        assert dump_yaml(data) == "a: oxide\nb: 0.5\nc: [1, 2]\n"

    @pytest.mark.parametrize(
        ("data", "field", "problem"),
        [
            ({"a": {"b": math.nan}}, "a.b", "nan (float) cannot be written"),
            ({"a": [0, math.inf]}, "a.1", "inf (float) cannot be written"),
            ({"a": {1: 2}}, "a.1", "the key 1 is not text"),
            ({"a": {1: [[]]}}, "a.1", "the key 1 is not text"),
            ({"a": object()}, "a", "(object) cannot be written"),
            ({"a": {1, 2}}, "a", "a list (set) cannot be written"),
            ({"a": 10**400}, "a", "this value (int) cannot be written"),
            ({"a": "\ud800"}, "a", "surrogate"),
            ([1], "", "only a mapping can be written"),
        ],
    )
    def test_other_data_are_refused(self, data: Any, field: str, problem: str) -> None:
        with pytest.raises(InputError) as caught:
            dump_yaml(data)
        (fault,) = caught.value.faults
        assert fault.field == field
        assert problem in fault.problem

    def test_a_cycle_is_refused(self) -> None:
        data: dict[str, Any] = {}
        data["a"] = [data]
        with pytest.raises(InputError, match="deeper"):
            dump_yaml(data)

    def test_other_readers_agree(self) -> None:
        from ruamel.yaml import YAML

        data = {"a": "NO", "b": "2026-02-04", "c": "12:30", "d": "010", "e": [1.5, None, True, "y"]}
        assert YAML(typ="safe", pure=True).load(dump_yaml(data)) == data


def test_importing_the_module_does_not_load_the_parser() -> None:
    code = "import sys, pricing.core.documents; print('ruamel.yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
