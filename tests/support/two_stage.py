"""The small chain with a floor in ``tests/data``: its files, and numbers from its tidy table."""

from __future__ import annotations

from pathlib import Path

import pricing

DATA = Path(__file__).resolve().parents[1] / "data"
FLOOR = DATA / "two_stage_floor.yaml"
CHAIN = DATA / "two_stage.yaml"


def with_fault(folder: Path, old: str, new: str) -> str:
    """A copy of the scenario, beside its chain, with one text replaced."""
    text = FLOOR.read_text(encoding="utf-8")
    assert old in text
    (folder / CHAIN.name).write_bytes(CHAIN.read_bytes())
    path = folder / "faulty.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return str(path)


def changed(policies: list[dict[str, object]], **fields: object) -> pricing.Result:
    """The chain under other policies."""
    base = pricing.load_scenario(FLOOR)
    return pricing.solve(base.but(policies=policies, id="changed", **fields))


def pick(result: pricing.Result, variable: str, **where: object) -> float:
    """The one value with these labels in the scenario's own rows."""
    labels = {"scenario": result.scenario.id, "variable": variable, **where}
    found = [row for row in result.records if all(row[k] == v for k, v in labels.items())]
    assert len(found) == 1, (labels, found)
    return float(found[0]["value"])
