"""What the documents show works: Python blocks run, scenario blocks solve, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import pricing
from pricing.core.documents import parse_document
from pricing.core.yaml_text import dump_yaml

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


PART = re.compile(r"# add to (\w+)\n")


def read(text: str) -> dict[str, Any]:
    """A YAML block as plain data."""
    return parse_document(text).data


def chains() -> dict[str, dict[str, Any]]:
    """Whole chains in the documents, by id."""
    documents = [read(text) for _, text in blocks("yaml") if "kind: chain" in text]
    return {document["id"]: document for document in documents}


def scenarios() -> list[tuple[str, str]]:
    """Scenarios in the documents: what is neither a chain nor a part of one."""
    return [
        (name, text)
        for name, text in blocks("yaml")
        if "kind: chain" not in text and not PART.match(text)
    ]


def solves(folder: Path, chain: dict[str, Any], text: str) -> None:
    """A scenario in a file beside its chain solves, and all checks hold."""
    (folder / f"{chain['id']}.yaml").write_text(dump_yaml(chain), encoding="utf-8")
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    result = pricing.solve(pricing.load_scenario(folder / "scenario.yaml"))
    assert all(check.passed for check in result.accounts.checks)


@pytest.mark.parametrize(("name", "text"), scenarios())
def test_scenario_blocks_solve(name: str, text: str, tmp_path: Path) -> None:
    own = read(text).get("chain", "").removesuffix(".yaml")
    if own in chains():
        solves(tmp_path, chains()[own], text)
        return
    result = pricing.solve(pricing.parse_scenario(text, name))
    assert all(check.passed for check in result.accounts.checks)


PARTS = [text for _, text in blocks("yaml") if PART.match(text)]


@pytest.mark.parametrize("numbers", [*((n,) for n in range(len(PARTS))), tuple(range(len(PARTS)))])
def test_parts_of_chains_fit_the_whole(numbers: tuple[int, ...], tmp_path: Path) -> None:
    """Each part alone, and all of them together, added to the chain that they name."""
    match = PART.match(PARTS[0])
    assert match is not None
    chain = chains()[match[1]]
    for number in numbers:
        for key, value in read(PARTS[number]).items():
            if isinstance(value, dict):
                chain[key] = chain.get(key, {}) | value
            else:
                chain[key] = chain.get(key, []) + value
    (scenario,) = [text for _, text in scenarios() if f"chain: {match[1]}.yaml" in text]
    solves(tmp_path, chain, scenario)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"
