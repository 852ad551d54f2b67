"""Cases with known answers, as they were published or solved elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pricing.core.documents import read_document

CASES = Path(__file__).parents[1] / "oracle" / "cases"


def read(path: Path) -> dict[str, Any]:
    """A YAML file as plain data."""
    found: dict[str, Any] = read_document(path).data
    return found


def oracle(name: str) -> dict[str, Any]:
    """One case: inputs, outputs, source."""
    return read(CASES / f"{name}.yaml")


def numbers(name: str) -> dict[str, Any]:
    """The full-precision numbers beside a case."""
    found: dict[str, Any] = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    return found
