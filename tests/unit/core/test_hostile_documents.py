"""Hostile texts: the limits on what is read."""

from __future__ import annotations

import contextlib
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.core import documents
from pricing.core.documents import MAX_BYTES, MAX_DEPTH, MAX_EVENTS, MAX_FAULTS, parse_document
from pricing.errors import InputError
from tests.support.texts import faults, only_fault


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
