"""Every instrument has a form, and every field of a form says what it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from pricing.core.declared import Declared, Identifier, Names
from pricing.core.quantities import Quantity
from pricing.editing import forms, parts
from pricing.editing.bands import BaseYear, bands_of
from pricing.instruments import AnyPolicy

FORMS = {
    **forms.policy_forms(),
    "assumptions": forms.assumptions_form(),
    "source": forms.source_form(),
}


def fields(part: parts.Part, path: str) -> Iterator[tuple[str, parts.Field]]:
    """Every field below a part with its path."""
    match part:
        case parts.Group():
            for field in part.fields:
                yield f"{path}.{field.name}", field
                yield from fields(field.part, f"{path}.{field.name}")
        case parts.OneOf():
            for option, group in zip(part.options, part.groups, strict=True):
                yield from fields(group, f"{path}({option.value})")
        case parts.Table() | parts.Rows():
            yield from fields(part.each, f"{path}[]")


ALL = [(path, field) for name, form in FORMS.items() for path, field in fields(form.group, name)]


def test_every_instrument_of_the_union_has_a_form():
    (union, *_) = AnyPolicy.__metadata__ and [AnyPolicy.__origin__]
    kinds = {model.model_fields["kind"].default for model in union.__args__}

    assert set(forms.policy_forms()) == kinds


@pytest.mark.parametrize(("path", "field"), ALL, ids=[path for path, _ in ALL])
def test_every_field_says_what_it_is(path: str, field: parts.Field):
    assert len(field.help) >= 5, f"write a text below the field {path}"
    assert len(field.label) >= 2


@pytest.mark.parametrize(("path", "field"), ALL, ids=[path for path, _ in ALL])
def test_every_choice_is_explained(path: str, field: parts.Field):
    options = field.part.options if isinstance(field.part, parts.Choice | parts.OneOf) else ()

    assert [option.value for option in options if not option.help] == [], (
        f"write a text below every member of the enum of {path}"
    )


def amounts(part: parts.Part) -> list[parts.Amount]:
    if isinstance(part, parts.Table | parts.Rows):
        return amounts(part.each)
    return [part] if isinstance(part, parts.Amount) else []


@pytest.mark.parametrize(("path", "field"), ALL, ids=[path for path, _ in ALL])
def test_every_number_has_units_and_bands(path: str, field: parts.Field):
    for amount in amounts(field.part):
        assert amount.units
        for unit in amount.units:
            bands = bands_of(amount.quantity, unit, BaseYear(5e4, 1e5))
            assert len(bands) >= 2, path
            assert max(band.high for band in bands) in (float("inf"), amount.high.get(unit))


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_explained(name: str):
    assert len(FORMS[name].help) > 20


# --- what the walk makes of a model that nobody has written yet ----------------------------


class Step(Declared):
    """One step."""

    kind: Literal["step"] = "step"
    above: Annotated[int, Field(ge=1, le=9)]
    """Number."""


class Ramp(Declared):
    """A ramp."""

    kind: Literal["ramp"] = "ramp"
    day: dt.date | None = None
    """Day."""


class Later(Declared):
    """An instrument of some later day."""

    good: Annotated[Identifier, Names.GOOD]
    """Good."""
    rule: Annotated[Step | Ramp, Field(discriminator="kind")] = Ramp()
    """Rule."""
    steps: tuple[Step, ...] = ()
    """Steps."""
    note: Annotated[str, Field(max_length=5000)] | None = None
    """Note."""
    on: bool = False
    """On."""
    hidden: Literal["only"] = "only"
    """One value is no choice."""


def part_of(model: type[BaseModel], name: str) -> parts.Part:
    return next(f.part for f in forms._group(model).fields if f.name == name)


def test_a_later_model_is_read_without_a_change():
    assert part_of(Later, "good") == parts.Name(Names.GOOD)
    assert part_of(Later, "note") == parts.Words(long=True)
    assert part_of(Later, "on") == parts.Flag()
    steps = part_of(Later, "steps")
    assert isinstance(steps, parts.Rows)
    assert isinstance(steps.each, parts.Group)
    assert steps.each.fields[0].part == parts.Whole(1, 9)
    rule = part_of(Later, "rule")
    assert isinstance(rule, parts.OneOf)
    assert [option.help for option in rule.options] == ["One step.", "A ramp."]
    assert "hidden" not in [field.name for field in forms._group(Later).fields]


def test_defaults_are_plain_and_tell_required_from_optional():
    found = {field.name: field for field in forms._group(Later).fields}

    assert found["rule"].default == {"kind": "ramp"}
    assert found["good"].required
    assert not found["note"].required
    assert found["note"].optional


class Bare(Declared):
    """Names that say not what they name, and a number without a unit."""

    goods: tuple[Identifier, ...] = ()
    table: dict[Identifier, bool] = Field(default_factory=dict)
    size: float = 1.0
    either: Step | Ramp | None = None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("goods", "'goods' holds a bare name; use GoodId"),
        ("table", "'table' holds a bare name"),
        ("size", "a number needs a unit"),
        ("either", "'either' may be of several types and no field tells them apart"),
    ],
)
def test_what_no_form_can_show_is_an_error(name: str, told: str):
    info = {name: Bare.model_fields[name]}
    model = type("One", (BaseModel,), {"__annotations__": {}})
    model.model_fields = info  # type: ignore[misc]
    with pytest.raises(TypeError, match=told):
        forms._field(name, info[name], "", False)


def test_bounds_follow_the_unit():
    share = next(f.part for _, f in ALL if isinstance(f.part, parts.Amount) and f.part.high)

    assert share.high == {"1": 1.0, "%": 100.0}
    assert issubclass(share.quantity, Quantity)
