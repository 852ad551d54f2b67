"""How two documents become one, and where every part of the result comes from."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.core.documents import Document, parse_document
from pricing.core.merge import merge


def merged(base: str, patch: str) -> Document:
    return merge(parse_document(base, "base.yaml"), parse_document(patch, "patch.yaml"))


def data_of(base: str, patch: str) -> dict[str, Any]:
    return merged(base, patch).data


@pytest.mark.parametrize(
    ("base", "patch", "result"),
    [
        ("a: 1\nb: 2", "b: 3\nc: 4", {"a": 1, "b": 3, "c": 4}),
        ("a: {b: {c: 1, d: 2}}", "a: {b: {d: 3}}", {"a": {"b": {"c": 1, "d": 3}}}),
        ("a: {b: 1}", "a: 2", {"a": 2}),
        ("a: 2", "a: {b: 1}", {"a": {"b": 1}}),
        ("a: {b: 1}", "a:", {"a": None}),
        ("a: {b: 1}", "{}", {"a": {"b": 1}}),
    ],
)
def test_mappings_merge_key_by_key(base: str, patch: str, result: dict[str, Any]):
    assert data_of(base, patch) == result


@pytest.mark.parametrize(
    ("base", "patch", "result"),
    [
        ("p: {value: 1, unit: USD/t, source: a}", "p: {value: 2, unit: USD/kg}", None),
        ("p: {value: 1, unit: USD/t}", "p: {unit: USD/kg}", None),
        ("p: {value: 1, unit: USD/t}", "p: 3 USD/t", None),
        ("p: 3 USD/t", "p: {value: 1, unit: USD/t}", None),
        ("p: {kind: fixed, prices: {a: 1}}", "p: {kind: ladder, anchor: a}", None),
        (
            "p: {kind: fixed, prices: {a: 1}}",
            "p: {kind: fixed, prices: {b: 1}}",
            {"kind": "fixed", "prices": {"a": 1, "b": 1}},
        ),
        (
            "p: {kind: fixed, prices: {a: 1}}",
            "p: {prices: {b: 1}}",
            {"kind": "fixed", "prices": {"a": 1, "b": 1}},
        ),
    ],
)
def test_quantities_and_other_kinds_are_replaced_whole(base: str, patch: str, result: Any):
    wanted = parse_document(patch).data["p"] if result is None else result

    assert data_of(base, patch)["p"] == wanted


@pytest.mark.parametrize(
    ("base", "patch", "result"),
    [
        ("l: [1, 2]", "l: [3]", [3]),
        ("l: [{id: a, x: 1}]", "l: []", []),
        ("l: []", "l: [{id: a}]", [{"id": "a"}]),
        ("l: [{x: 1}]", "l: [{id: a}]", [{"id": "a"}]),
        ("l: [{id: a, x: 1}]", "l: [{x: 2}]", [{"x": 2}]),
        (
            "l: [{id: a, x: 1, y: 1}, {id: b, x: 1}]",
            "l: [{id: c, x: 3}, {id: a, x: 2}]",
            [{"id": "a", "x": 2, "y": 1}, {"id": "b", "x": 1}, {"id": "c", "x": 3}],
        ),
    ],
)
def test_lists_merge_by_id(base: str, patch: str, result: list[Any]):
    assert data_of(base, f"{patch}")["l"] == result


@pytest.mark.parametrize("base", ["l: [{id: a, x: 1}]", "l: [{id: b}]"])
def test_an_id_that_a_patch_repeats_stays_repeated(base: str):
    ids = [item["id"] for item in data_of(base, "l: [{id: a, x: 2}, {id: a, x: 3}]")["l"]]

    assert ids.count("a") == 2


def test_every_part_keeps_its_file_and_line():
    base = "title: x\nl:\n- id: a\n  x: 1\n  y: 2\n- id: b\n  x: 3\nz: {k: 1}\n"
    patch = "\nl:\n- id: c\n  x: 4\n- id: a\n  y: 5\nz:\n  m: 2\n"
    result = merged(base, patch)

    def at(*loc: str | int) -> tuple[str, int | None]:
        return result.file_at(loc), result.line_at(loc)

    assert result.name == "patch.yaml"
    assert at("title") == ("base.yaml", 1)
    assert at("l") == ("patch.yaml", 2)
    assert at("l", 0) == ("patch.yaml", 5)
    assert at("l", 0, "x") == ("base.yaml", 4)
    assert at("l", 0, "y") == ("patch.yaml", 6)
    assert at("l", 1, "x") == ("base.yaml", 7)
    assert at("l", 2, "x") == ("patch.yaml", 4)
    assert at("z", "k") == ("base.yaml", 8)
    assert at("z", "m") == ("patch.yaml", 8)
    assert at("nowhere") == ("patch.yaml", 2)


def test_files_survive_a_second_merge():
    first = merged("a: 1\nb: 1\n", "\nb: 2\n")
    result = merge(first, parse_document("c: 3\n", "third.yaml"), "top.yaml")

    assert result.name == "top.yaml"
    assert [result.file_at((key,)) for key in "abc"] == ["base.yaml", "patch.yaml", "third.yaml"]
    assert [result.line_at((key,)) for key in "abc"] == [1, 2, 1]


def test_the_inputs_are_left_alone():
    base, patch = parse_document("a: {b: [{id: x, y: 1}]}"), parse_document("a: {b: [{id: x}]}")
    merge(base, patch).data["a"]["b"].append(1)

    assert base.data == {"a": {"b": [{"id": "x", "y": 1}]}}
    assert patch.data == {"a": {"b": [{"id": "x"}]}}


def test_large_documents_merge_in_linear_time():
    text = "s:\n" + "".join(f"  k{n}: {n}\n" for n in range(15_000))
    one, other = parse_document(text), parse_document(text)
    before = time.process_time()
    merge(one, other)

    assert time.process_time() - before < 2.0


trees = st.recursive(
    st.integers() | st.sampled_from(["x", None]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "id", "kind", "value"]), inner, max_size=4)
    ),
    max_leaves=15,
)
tops = st.dictionaries(st.sampled_from("abc"), trees, max_size=3)


@given(tops)
def test_merging_with_nothing_or_with_itself_changes_nothing(data: dict[str, Any]):
    one = Document(data, "x", {})

    assert merge(one, Document({}, "y", {})).data == data
    assert merge(Document({}, "y", {}), one).data == data


@given(tops, tops)
def test_the_patch_wins_everywhere(base: dict[str, Any], patch: dict[str, Any]):
    result = merge(Document(base, "x", {}), Document(patch, "y", {})).data

    assert list(result) == [*base, *(key for key in patch if key not in base)]
    for key, value in patch.items():
        if not isinstance(value, dict | list):
            assert result[key] == value
