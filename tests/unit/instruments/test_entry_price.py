"""A schedule of duties has a number of steps that somebody can read."""

from __future__ import annotations

import pydantic
import pytest

from pricing.instruments import EntryPrice


def schedule(step: str) -> EntryPrice:
    return EntryPrice.model_validate(
        {
            "id": "it",
            "source": "test",
            "good": "g",
            "destinations": ["r"],
            "entry_price": "100 USD/t",
            "max_tariff": "60 USD/t",
            "tolerance": "8 %",
            "step": step,
        }
    )


@pytest.mark.parametrize("step", ["8 %", "2 %", "0.08 %"])
def test_up_to_a_hundred_steps_are_taken(step: str) -> None:
    assert schedule(step).step is not None


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("3 %", "a whole number of steps"),
        ("16 %", "a whole number of steps"),
        ("0 %", "a whole number of steps"),
        ("0.04 %", "200 steps, more than 100: is the unit"),
        ("2e-6 %", "4e.06 steps, more than 100: is the unit"),
    ],
)
def test_other_steps_are_refused_with_the_reason(step: str, why: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=why):
        schedule(step)
