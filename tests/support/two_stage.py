"""The small chain with a floor in ``tests/data``: files, policies, numbers of its tidy table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pricing

DATA = Path(__file__).resolve().parents[1] / "data"
FLOOR = DATA / "two_stage_floor.yaml"
CHAIN = DATA / "two_stage.yaml"

TARIFF = {
    "id": "duty",
    "kind": "tariff",
    "good": "magnet",
    "destinations": ["Alpha"],
    "rate": "25 %",
    "source": "made_up",
}
STRIKE = {
    "id": "strike",
    "kind": "price_guarantee",
    "good": "oxide",
    "region": "Alpha",
    "strike": "80 USD/kg",
    "source": "made_up",
}
STOCK = {
    "id": "stock",
    "kind": "intervention_purchase",
    "good": "magnet",
    "region": "Beta",
    "floor": "60 USD/kg",
    "source": "made_up",
}


def export_ban(good: str, *origins: str, to: str = "all") -> dict[str, Any]:
    """A ban on a good from some regions, as a scenario states it."""
    return {
        "id": "ban",
        "kind": "export_ban",
        "goods": [good],
        "origins": list(origins),
        "destinations": [to],
        "source": "made_up",
    }


def with_fault(folder: Path, old: str, new: str) -> str:
    """A copy of the scenario, beside its chain, with one text replaced."""
    text = FLOOR.read_text(encoding="utf-8")
    assert old in text
    (folder / CHAIN.name).write_bytes(CHAIN.read_bytes())
    path = folder / "faulty.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return str(path)


def changed(policies: list[dict[str, Any]], **fields: object) -> pricing.Result:
    """The chain under other policies."""
    base = pricing.load_scenario(FLOOR)
    return pricing.solve(base.but(policies=policies, id="changed", **fields))


def pick(result: pricing.Result, variable: str, **where: object) -> float:
    """The one value with these labels in the scenario's own rows."""
    labels = {"scenario": result.scenario.id, "variable": variable, **where}
    found = [row for row in result.records if all(row[k] == v for k, v in labels.items())]
    assert len(found) == 1, (labels, found)
    return float(found[0]["value"])
