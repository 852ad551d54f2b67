"""Every number in `configs/` has a source with date and grade, and an estimate its derivation.

A number belongs to the nearest object around it that names a ``source`` (in chains, scenarios and
questions), or that says ``why`` (in the rules of a base year, whose numbers are decisions of this
project). Sources themselves are checked by their model: date and grade, and a derivation for what
nobody published.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import pricing
from pricing.chains.load import extended
from pricing.core.documents import read_document
from pricing.core.sources import Grade, Source

CONFIGS = Path(__file__).parents[2] / "configs"
NO_MEASURE = frozenset(
    {"sha256", "schema_version", "base_year", "year", "start", "end", "seed", "draws"}
)
"""Names of what measures nothing: hashes, versions and dates."""
ASKED = frozenset({"target", "lever"})
"""Names in a question of what is asked, which nobody has to have published."""
QUANTITY = re.compile(r"\s*[+-]?[0-9.]+(e[+-]?[0-9]+)?\s*[A-Za-z%1].*", re.IGNORECASE)
REASONS = ("why", "note")
"""Names under which the rules of a base year say why."""


def orphans(data: Any, keys: set[str], names: tuple[str, ...], place: str = "") -> Iterator[str]:
    """Places of numbers without a source (or reason) at their object or around it.

    ``keys`` are the sources that exist; with none, any text counts as a reason.
    """
    if isinstance(data, dict):
        given = [data[name] for name in names if isinstance(data.get(name), str)]
        if any(text in keys if keys else text.strip() for text in given):
            return
        if given and keys:
            yield f"{place}: unknown source {given}"
        for name, part in data.items():
            if name not in ("sources", "units", *NO_MEASURE, *ASKED):
                yield from orphans(part, keys, names, f"{place}.{name}" if place else str(name))
    elif isinstance(data, list | tuple):
        for number, part in enumerate(data):
            yield from orphans(part, keys, names, f"{place}.{number}")
    elif measures(data) and (names == ("source",) or not isinstance(data, str)):
        yield place


def measures(data: object) -> bool:
    """Whether a value is a number, or a number with its unit."""
    if isinstance(data, str):
        return QUANTITY.fullmatch(data) is not None
    return isinstance(data, int | float) and not isinstance(data, bool)


def unsourced(data: dict[str, Any]) -> list[str]:
    """Orphans of a chain or scenario, and entries of ``sources`` that are no sources."""
    for source in data["sources"].values():
        Source.model_validate(source)
    return list(orphans(data, set(data["sources"]), ("source",)))


@pytest.mark.parametrize("name", pricing.shipped_chains())
def test_chains(name: str) -> None:
    """With what they extend."""
    document = extended(read_document(CONFIGS / "chains" / f"{name}.yaml"))
    assert unsourced(document.data) == []


@pytest.mark.parametrize("name", pricing.shipped_scenarios())
def test_scenarios(name: str) -> None:
    """As they are solved: with what they extend."""
    document = pricing.load_scenario(name).document
    assert unsourced(document.model_dump(mode="json", exclude_unset=True)) == []


@pytest.mark.parametrize(
    "path",
    sorted([*CONFIGS.glob("questions/*.yaml"), *CONFIGS.glob("exposures/*.yaml")]),
    ids=lambda p: p.stem,
)
def test_questions(path: Path) -> None:
    assert unsourced(read_document(path).data) == []


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("data/*_rules.yaml")), ids=lambda p: p.stem)
def test_rules_say_why(path: Path) -> None:
    assert list(orphans(read_document(path).data, set(), REASONS)) == []


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("data/*_raw.csv")), ids=lambda p: p.stem)
def test_raw_rows(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            assert row["source"].strip(), row["id"]
            assert row["year"].strip(), row["id"]
            grade = Grade(row["grade"])
            if grade in (Grade.ESTIMATE, Grade.ILLUSTRATIVE):
                assert len(row["note"] + row["source"]) >= 10, row["id"]


@pytest.mark.parametrize(
    "path", sorted(CONFIGS.glob("data/*_benchmark_*.csv")), ids=lambda path: path.stem
)
def test_benchmark_rows(path: Path) -> None:
    name = path.stem.partition("_benchmark_")[0]
    chain = extended(read_document(CONFIGS / "chains" / f"{name}.yaml")).data
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            assert row["source"] in chain["sources"], row
            assert len(row["derivation"]) >= 10, row


def test_no_folder_is_forgotten() -> None:
    """Numbers stand in the files above and nowhere else."""
    known = {"chains", "scenarios", "data", "schema", "questions", "exposures"}
    assert {path.name for path in CONFIGS.iterdir()} <= known
    other = [p.name for p in (CONFIGS / "data").iterdir() if not p.name.endswith("_rules.yaml")]
    assert all(name.endswith((".csv", ".md")) for name in other)


def test_a_number_without_a_source_is_found() -> None:
    chain = read_document(CONFIGS / "chains" / "gallium.yaml").data
    freight = chain["freight"]
    del freight[0]["source"]
    assert unsourced(chain) == ["freight.0.cost.value", "freight.0.insurance.value"]
    freight[0]["source"] = "hearsay"
    assert unsourced(chain)[0] == "freight.0: unknown source ['hearsay']"
    freight[0] = {"cost": "236.5 USD/t"}
    assert unsourced(chain) == ["freight.0.cost"]


def test_an_estimate_without_a_derivation_is_found() -> None:
    chain = read_document(CONFIGS / "chains" / "gallium.yaml").data
    del chain["sources"]["est_choke"]["derivation"]
    with pytest.raises(ValueError, match="needs a derivation"):
        unsourced(chain)
