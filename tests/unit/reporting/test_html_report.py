"""The printable report: whole, closed to the network, and safe with hostile text."""

import re
from pathlib import Path

import pytest

import pricing
from pricing import cli
from pricing.reporting.html_report import drawings, html_report
from tests.support.two_stage import FLOOR

HOSTILE = '</title><script>alert(1)</script><img src="//example.org/a" onerror=alert(2)> & "x"'


@pytest.fixture(scope="module")
def text(floor: pricing.Result) -> str:
    return html_report(floor)


def test_report_is_whole(text: str, floor: pricing.Result):
    assert text.count("<figure ") == text.count("<svg") == len(list(drawings(floor)))
    for words in ("Oxide: supply to Beta", "Magnet: cost curve", "From oxide to final users"):
        assert words in text
    for words in (floor.scenario.hash, pricing.__version__, "What was assumed", "@media print"):
        assert words in text
    for warning in floor.warnings:
        assert warning.text.split()[0] in text


def test_report_loads_nothing_and_runs_nothing(text: str):
    # An address may stand in text or name a vocabulary; nothing may be fetched from one.
    loads = re.findall(r"""(?:\b(?:src|href)\s*=\s*["']?|url\(\s*["']?|@import)[^"')\s>]*""", text)

    assert [found for found in loads if not re.search(r"#", found)] == []
    assert "<script" not in text
    assert "<link" not in text
    assert "default-src 'none'" in text


def test_hostile_words_stay_words(floor: pricing.Result):
    scenario = floor.scenario.but({"title": HOSTILE, "description": HOSTILE})

    page = html_report(pricing.solve(scenario))

    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_command_writes_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "report.html"
    command = ["report", str(FLOOR), "--out", str(out)]

    assert cli.main(command) == cli.OK
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert cli.main(command) == cli.BAD_INPUT
    assert "this file exists" in capsys.readouterr().err
    assert cli.main([*command, "--force"]) == cli.OK
