"""Reading untrusted YAML."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pricing.core.documents import Document, parse_document, read_document
from pricing.core.places import Loc
from pricing.errors import Fault, InputError
from tests.support.texts import faults, only_fault


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
    def test_every_key_and_item_has_its_line(self, document: Document, loc: Loc, line: int) -> None:
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
        self, document: Document, loc: Loc, line: int
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


def test_importing_the_module_does_not_load_the_parser() -> None:
    code = "import sys, pricing.core.documents; print('ruamel.yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
