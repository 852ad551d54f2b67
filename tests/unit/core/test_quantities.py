"""Numbers with units: how they are written, converted and refused."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pricing.core.declared import Declared
from pricing.core.quantities import (
    KILOGRAMS_PER_POUND,
    Coefficient,
    Money,
    Price,
    Quantity,
    Rate,
    Ratio,
    Share,
    Tonnes,
)

KINDS: list[type[Quantity]] = [Price, Tonnes, Money, Ratio, Rate, Share, Coefficient]


class Mine(Declared):
    """A model that holds quantities."""

    price: Price
    loss: Ratio = Ratio.of(5, "%")


class TestConversion:
    @pytest.mark.parametrize(
        ("quantity", "base"),
        [
            (Price.of(110, "USD/kg").usd_per_tonne, 110_000.0),
            (Price.of(110, "USD/t").usd_per_tonne, 110.0),
            (Tonnes.of(2.5, "kt/yr").tonnes, 2500.0),
            (Tonnes.of(2.5, "Mt/yr").tonnes, 2.5e6),
            (Tonnes.of(2.5, "t/yr").tonnes, 2.5),
            (Money.of(3, "million USD").usd, 3e6),
            (Money.of(3, "billion USD").usd, 3e9),
            (Money.of(3, "USD").usd, 3.0),
            (Ratio.of(-2, "1").fraction, -2.0),
            (Rate.of(25, "%").fraction, 0.25),
            (Share.of(100, "%").fraction, 1.0),
            (Coefficient.of(1.17, "t/t").tonnes_per_tonne, 1.17),
        ],
    )
    def test_to_the_unit_of_the_library(self, quantity: float, base: float) -> None:
        assert quantity == pytest.approx(base, rel=1e-15)

    def test_a_pound_is_exact(self) -> None:
        exact = 1000 / Fraction("0.45359237")
        assert Price.of(1, "USD/lb").usd_per_tonne == pytest.approx(float(exact), rel=1e-15)
        assert Fraction(KILOGRAMS_PER_POUND).limit_denominator(10**8) == Fraction("0.45359237")

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_allowed_unit_has_a_factor(self, kind: type[Quantity]) -> None:
        allowed = get_args(kind.model_fields["unit"].annotation)
        assert allowed == tuple(kind.factors)
        assert kind.factors[allowed[0]] == 1.0

    @given(st.floats(0, 1e12), st.sampled_from(sorted(Price.factors)))
    def test_the_base_is_proportional_to_the_value(self, value: float, unit: str) -> None:
        assert Price.of(value, unit).base == value * Price.of(1, unit).base


class TestShortForm:
    @pytest.mark.parametrize(
        ("text", "value", "unit"),
        [
            ("110 USD/kg", 110.0, "USD/kg"),
            ("110USD/kg", 110.0, "USD/kg"),
            ("  110   USD/kg ", 110.0, "USD/kg"),
            ("110\tUSD/kg", 110.0, "USD/kg"),
            ("1.5e3 USD/t", 1500.0, "USD/t"),
            ("1.5E+3 USD/t", 1500.0, "USD/t"),
            (".5 USD/lb", 0.5, "USD/lb"),
            ("5. USD/lb", 5.0, "USD/lb"),
            ("+5 USD/t", 5.0, "USD/t"),
            ("0 USD/t", 0.0, "USD/t"),
        ],
    )
    def test_prices(self, text: str, value: float, unit: str) -> None:
        price = Price.model_validate(text)
        assert (price.value, price.unit) == (value, unit)

    @pytest.mark.parametrize(
        ("text", "fraction"), [("5%", 0.05), ("5 %", 0.05), ("0.25 1", 0.25), ("-0.6 1", -0.6)]
    )
    def test_ratios(self, text: str, fraction: float) -> None:
        assert Ratio.model_validate(text).fraction == pytest.approx(fraction)

    @pytest.mark.parametrize("text", ["21", "0.251", "1e1", "111", "-0.61", "1.01"])
    def test_the_last_digit_of_a_number_is_never_taken_for_the_unit(self, text: str) -> None:
        with pytest.raises(ValidationError, match="is not a number with a unit"):
            Ratio.model_validate(text)

    @pytest.mark.parametrize(
        "text",
        [
            *("", " ", "USD/t", "110", "1e5", "a 1 USD/t", "1,000 USD/t", "1.2.3 USD/t"),
            *("--1 USD/t", "nan USD/t", "inf USD/t", "1/2 USD/t", "٣ USD/t", "0x1F USD/t"),
            *("1 USD/t\nand more", "1e USD/t", "1_000 USD/t", "1 USD / t", "1 usd/t", "$1 USD/t"),
        ],
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(ValidationError):
            Price.model_validate(text)

    def test_the_message_shows_how_to_write_it(self) -> None:
        with pytest.raises(
            ValidationError, match=r"'dear' is not .* write '5 USD/kg' \(units: USD"
        ):
            Price.model_validate("dear")
        with pytest.raises(ValidationError, match=r"write '5 %' \(units: 1, %\)"):
            Ratio.model_validate("half")
        with pytest.raises(ValidationError, match=r"write '5 t/t' \(units: t/t\)"):
            Coefficient.model_validate("1")

    @pytest.mark.parametrize(
        "text",
        ["1" * 200_000, "1 a" + " " * 200_000 + "\nb", " " * 200_000 + "x", "1." * 100_000],
        ids=["digits", "spaces inside", "spaces before", "points"],
    )
    def test_long_texts_are_refused_shortly(self, text: str) -> None:
        with pytest.raises(ValidationError) as caught:
            Price.model_validate(text)
        (error,) = caught.value.errors()
        assert len(error["msg"]) < 200

    @given(st.floats(0, 1e300), st.sampled_from(["USD/t", "USD/kg"]))
    def test_short_and_long_form_agree(self, value: float, unit: str) -> None:
        assert Price.model_validate(f"{value!r} {unit}") == Price.of(value, unit)

    @given(st.text(max_size=20))
    def test_any_text_is_a_quantity_or_refused(self, text: str) -> None:
        try:
            ratio = Ratio.model_validate(text)
        except ValidationError:
            return
        number = text.strip().removesuffix(ratio.unit)
        assert ratio.value == float(number)


class TestRefusals:
    @pytest.mark.parametrize("value", [110, 110.0, 0, True])
    def test_a_number_without_a_unit_is_refused(self, value: object) -> None:
        with pytest.raises(ValidationError, match="a unit is missing"):
            Price.model_validate(value)
        with pytest.raises(ValidationError):
            Mine.model_validate({"price": value})

    @pytest.mark.parametrize(
        "data", [None, [], [110, "USD/t"], {}, {"value": 1}, {"unit": "USD/t"}]
    )
    def test_half_a_quantity_is_refused(self, data: object) -> None:
        with pytest.raises(ValidationError):
            Price.model_validate(data)

    @pytest.mark.parametrize("value", [math.nan, math.inf, "110", True, None, [1.0], 10**400])
    def test_the_value_is_a_finite_number(self, value: object) -> None:
        with pytest.raises(ValidationError):
            Price.model_validate({"value": value, "unit": "USD/t"})

    def test_a_number_too_large_is_refused_in_the_short_form_too(self) -> None:
        with pytest.raises(ValidationError, match="finite"):
            Price.model_validate("1e999 USD/t")

    def test_a_number_too_large_in_the_unit_of_the_library_is_refused(self) -> None:
        assert Price.of(1e308, "USD/t").usd_per_tonne == 1e308
        with pytest.raises(ValidationError, match=r"1e\+308 USD/kg is more than"):
            Price.of(1e308, "USD/kg")

    @pytest.mark.parametrize("kind", KINDS)
    def test_units_of_other_kinds_are_refused(self, kind: type[Quantity]) -> None:
        others = {unit for other in KINDS for unit in other.factors} - set(kind.factors)
        for unit in others | {"", "usd/t", "USD/g", "percent"}:
            with pytest.raises(ValidationError, match="unit"):
                kind.of(0.5, unit)

    @pytest.mark.parametrize("kind", [Price, Tonnes, Money, Rate, Share, Coefficient])
    def test_negative_numbers_are_refused(self, kind: type[Quantity]) -> None:
        with pytest.raises(ValidationError):
            kind.of(-1e-9, next(iter(kind.factors)))

    @pytest.mark.parametrize("kind", [Price, Tonnes, Money, Rate, Share, Ratio])
    def test_zero_is_allowed(self, kind: type[Quantity]) -> None:
        assert kind.of(0, next(iter(kind.factors))).base == 0.0

    def test_a_coefficient_is_positive(self) -> None:
        with pytest.raises(ValidationError):
            Coefficient.of(0, "t/t")

    @pytest.mark.parametrize(("value", "unit"), [(1.0001, "1"), (100.01, "%"), (50, "1")])
    def test_a_share_is_at_most_one(self, value: float, unit: str) -> None:
        with pytest.raises(ValidationError, match="a share lies between 0 and 1"):
            Share.of(value, unit)

    def test_a_rate_may_exceed_one(self) -> None:
        assert Rate.of(245, "%").fraction == pytest.approx(2.45)

    @pytest.mark.parametrize(
        "more",
        [
            *({"unti": "USD/t"}, {"source": "Not An Id"}, {"basis": 3}),
            *({"derivation": "short"}, {"derivation": " " * 20}),
        ],
    )
    def test_other_fields_are_checked(self, more: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            Price.of(1, "USD/t", **more)


class TestUse:
    def test_inside_a_model(self) -> None:
        mine = Mine.model_validate({"price": "110 USD/kg", "loss": {"value": 3, "unit": "%"}})
        assert mine.price == Price.of(110, "USD/kg")
        assert mine.loss.fraction == pytest.approx(0.03)

    def test_instances_are_accepted(self) -> None:
        price = Price.of(110, "USD/kg", source="press_2026", note="spot")
        assert Mine(price=price).price == price

    def test_python_and_json_round_trips(self) -> None:
        mine = Mine(price=Price.of(110, "USD/kg", source="press_2026"))
        assert Mine.model_validate(mine.model_dump()) == mine
        assert Mine.model_validate_json(mine.model_dump_json()) == mine

    def test_a_revised_copy_is_checked(self) -> None:
        price = Price.of(110, "USD/kg", note="spot")
        assert price.revised(value=60) == Price.of(60, "USD/kg", note="spot")
        with pytest.raises(ValidationError):
            price.revised(value=-1)
        with pytest.raises(ValidationError):
            price.revised(unit="t/yr")

    def test_equal_amounts_in_other_units_are_not_equal_declarations(self) -> None:
        assert Price.of(1, "USD/kg") != Price.of(1000, "USD/t")
        assert Price.of(1, "USD/kg").base == Price.of(1000, "USD/t").base

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_manual_describes_value_and_unit(self, kind: type[Quantity]) -> None:
        properties = kind.model_json_schema()["anyOf"][0]["properties"]
        assert properties["value"]["description"]
        assert properties["unit"]["description"]
