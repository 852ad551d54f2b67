"""What the documents show works: Python blocks run, scenario blocks solve, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pricing

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+?)(?:#[^)]*)?\)")


def blocks(language: str) -> list[tuple[str, str]]:
    return [
        (path.name, text)
        for path in DOCUMENTS
        for kind, text in BLOCK.findall(path.read_text(encoding="utf-8"))
        if kind == language
    ]


def test_there_is_something_to_test() -> None:
    assert len(blocks("python")) >= 2
    assert len(blocks("yaml")) >= 2


@pytest.mark.parametrize(("name", "text"), blocks("python"))
def test_python_blocks_run(name: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(text, name, "exec"), {})
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(("name", "text"), blocks("yaml"))
def test_scenario_blocks_solve(name: str, text: str) -> None:
    result = pricing.solve(pricing.parse_scenario(text, name))
    assert all(check.passed for check in result.accounts.checks)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"
