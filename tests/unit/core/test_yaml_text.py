"""Writing YAML that reads back unchanged."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.core.documents import MAX_DEPTH, parse_document
from pricing.core.yaml_text import FLOW_WIDTH, dump_yaml
from pricing.errors import InputError


class Stage(StrEnum):
    OXIDE = "oxide"
    METAL = "metal"


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
            assert all(len(line) <= FLOW_WIDTH for line in text.splitlines())
        fits = {"a": {"b": "x" * (FLOW_WIDTH - len("a: {b: }"))}}
        assert len(dump_yaml(fits).splitlines()) == 1
        fits["a"]["b"] += "x"
        assert len(dump_yaml(fits).splitlines()) == 2

    def test_subclasses_of_plain_types_are_written_plainly(self) -> None:
        class Number(float):
            def __repr__(self) -> str:
                return "Number()"

        data = {"a": Stage.OXIDE, "b": Number(0.5), "c": (1, 2), Stage.METAL: object}
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
