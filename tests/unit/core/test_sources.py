"""A number without a source is refused; an estimate says how it was derived."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from pricing.core.sources import Grade, Source, SourceId

PRESS = {"text": "Trade paper, front page", "date": "2026-02-04", "grade": "press"}
WHY = "Half of the price of the metal"


def test_a_citation() -> None:
    source = Source.model_validate(PRESS | {"url": "https://example.org/a?b=c"})
    assert source.grade is Grade.PRESS
    assert source.derivation is None


@pytest.mark.parametrize("field", ["text", "date", "grade"])
def test_text_date_and_grade_are_required(field: str) -> None:
    data = {key: value for key, value in PRESS.items() if key != field}
    with pytest.raises(ValidationError, match="Field required"):
        Source.model_validate(data)


@pytest.mark.parametrize("date", ["2026", "2026-02", "2026-02-04", "1998-12-31"])
def test_dates_may_be_a_year_a_month_or_a_day(date: str) -> None:
    assert Source.model_validate(PRESS | {"date": date}).date == date


@pytest.mark.parametrize(
    "date",
    [
        *("", "26", "2026-13", "2026-00", "2026-1", "2026-02-32", "2026-02-00", "04.02.2026"),
        *("2026-02-04T00:00", "2026-02-04\n", " 2026", "next year", "٢٠٢٦", 2026),
    ],
)
def test_other_dates_are_refused(date: object) -> None:
    with pytest.raises(ValidationError):
        Source.model_validate(PRESS | {"date": date})


@pytest.mark.parametrize(
    "url", ["example.org", "ftp://example.org", "javascript:alert(1)", "https://a b", "https://"]
)
def test_an_address_is_a_web_address(url: str) -> None:
    with pytest.raises(ValidationError):
        Source.model_validate(PRESS | {"url": url})


@pytest.mark.parametrize("grade", list(Grade))
def test_an_estimate_needs_a_derivation(grade: Grade) -> None:
    data: dict[str, Any] = PRESS | {"grade": grade.value}
    assert Source.model_validate(data | {"derivation": WHY}).derivation == WHY
    if grade in (Grade.ESTIMATE, Grade.ILLUSTRATIVE):
        for missing in ({}, {"derivation": None}):
            with pytest.raises(ValidationError, match=f"grade '{grade.value}' needs a derivation"):
                Source.model_validate(data | missing)
    else:
        assert Source.model_validate(data).derivation is None


@pytest.mark.parametrize("blank", ["", "because", " " * 40, "\n" * 40])
def test_a_blank_derivation_is_none(blank: str) -> None:
    with pytest.raises(ValidationError, match="at least 10"):
        Source.model_validate(PRESS | {"grade": "estimate", "derivation": blank})


@pytest.mark.parametrize("text", ["", "ab", "   ", "x" * 1001])
def test_the_text_says_something(text: str) -> None:
    with pytest.raises(ValidationError):
        Source.model_validate(PRESS | {"text": text})


@pytest.mark.parametrize("grade", ["", "Press", "rumour", None])
def test_grades_are_a_closed_list(grade: object) -> None:
    with pytest.raises(ValidationError):
        Source.model_validate(PRESS | {"grade": grade})


def test_source_ids_are_lower_case_names() -> None:
    adapter: TypeAdapter[str] = TypeAdapter(SourceId)
    for good in ("a", "usgs_2026", "x" * 80):
        assert adapter.validate_python(good) == good
    for bad in ("", "A", "2026", "a-b", "a b", "a\n", "_a", "x" * 81):
        with pytest.raises(ValidationError):
            adapter.validate_python(bad)
