"""Every instrument has a file of its name, a case from outside, and its place in the documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing.editing.forms import policy_forms
from tests.support.oracles import read

ROOT = Path(__file__).parents[2]
KINDS = list(policy_forms())
CASES = [
    policy["kind"]
    for path in (ROOT / "tests/policy_cases/cases").glob("*.yaml")
    for case in read(path)["cases"]
    for policy in case["policies"]
]
ELSEWHERE = {
    "origin_rule": "tests/oracle/test_transshipment.py",
}
"""Instruments whose closed forms need more than a case file can say."""


@pytest.mark.parametrize("kind", KINDS)
def test_one_instrument_one_file(kind: str) -> None:
    assert (ROOT / f"pricing/instruments/{kind}.py").is_file()


@pytest.mark.parametrize("kind", KINDS)
def test_a_case_from_outside(kind: str) -> None:
    assert kind in CASES or (ROOT / ELSEWHERE[kind]).is_file()


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_and_a_paragraph(kind: str) -> None:
    text = (ROOT / "docs/instruments.md").read_text(encoding="utf-8")
    heading = [
        line for line in text.splitlines() if line.startswith("### ") and f"`{kind}`" in line
    ]
    assert f"| `{kind}` |" in text
    assert len(heading) == 1
