"""Faults of a document that a model refuses."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

import pytest
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError, model_validator
from typing_extensions import TypeAliasType

from pricing.core import patterns
from pricing.core.declared import Declared, Identifier, Number
from pricing.core.documents import MAX_FAULTS, Document, parse_document
from pricing.core.faults import faults_of, validate
from pricing.core.quantities import Price, Ratio
from pricing.errors import Fault, InputError


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
        assert fault.problem == "a unit is missing"
        assert fault.remedy == "Write '5 USD/kg' (units: USD/t, USD/kg, USD/lb)"

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
        assert fault.remedy == "Did you mean 'floor'? Use one of 'floor', 'levy'"

    @pytest.mark.parametrize("pattern", list(patterns.WORDS))
    def test_a_form_is_told_in_words(self, pattern: str) -> None:
        kind = Annotated[str, StringConstraints(pattern=pattern)]
        with pytest.raises(ValidationError) as caught:
            TypeAdapter(kind).validate_python("?")
        (fault,) = faults_of(caught.value)
        assert fault.remedy == patterns.WORDS[pattern]

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
            ("prices: {9x: 1 USD/t}", "prices.9x", "this name cannot be used: '9x'", "letter"),
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
