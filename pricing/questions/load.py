"""Find and read question files, and make the scenario of each alternative."""

from __future__ import annotations

from pathlib import Path

from pricing.chains.curves import Horizon
from pricing.core.documents import Document, read_document
from pricing.core.faults import validate
from pricing.core.merge import merge
from pricing.questions.schema import Match
from pricing.scenarios import load
from pricing.scenarios.scenario import Scenario, scenario_from


def shipped_questions() -> tuple[str, ...]:
    """Names of the questions that come with the library."""
    return load.shipped("questions")


def find_question(name_or_path: str | Path) -> Path:
    """Path of a question: a file where one is given, else a shipped name."""
    return load.find_in("questions", "question", name_or_path)


def load_question(name_or_path: str | Path) -> tuple[Match, Document, Path]:
    """A question, its text and its folder.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    path = find_question(name_or_path)
    document = read_document(path)
    return validate(Match, document), document, path.parent


def scenario_for(
    question: Match, document: Document, folder: Path, number: int, horizon: Horizon
) -> Scenario:
    """The base scenario with what one alternative puts on top.

    Raises
    ------
    InputError
        If base and alternative together are no valid scenario; lines are those of the files.
    """
    alternative, place = question.alternatives[number], ("alternatives", number, "changes")
    beside = folder / question.base
    path = beside if beside.suffix in load.ENDINGS else load.find(question.base)
    lines = {at[3:]: line for at, line in document.lines.items() if at[:3] == place}
    changes = Document(document.data["alternatives"][number]["changes"], document.name, lines)
    merged = merge(load.read(path), changes)
    named = {
        "id": alternative.id,
        "title": alternative.label,
        "description": alternative.description,
    }
    assumptions = {**merged.data.get("assumptions", {}), "horizon": horizon.value}
    sources = {**document.data.get("sources", {}), **merged.data.get("sources", {})}
    data = merged.data | named | {"assumptions": assumptions, "sources": sources}
    return scenario_from(Document(data, merged.name, merged.lines, merged.files), path.parent)
