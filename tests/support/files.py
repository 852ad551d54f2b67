"""Small scenario files, and the one fault that a file is refused for."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing.errors import Fault, InputError
from pricing.scenarios.scenario import load_scenario

SOURCE = """
sources:
  test: {text: made for tests, date: "2026", grade: official}
"""
TARIFF = "{id: duty, kind: tariff, source: test, good: oxide, destinations: [EU], rate: 5 %}"
OTHER = "{id: other, kind: tariff, source: test, good: metal, destinations: [EU], rate: 7 %}"
HEAD = "extends: baseline\nid: top\n"


def write(folder: Path, name: str, text: str) -> Path:
    """A file with a text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def fault(path: Path, *patches: str) -> Fault:
    """The only fault of a scenario file."""
    with pytest.raises(InputError) as caught:
        load_scenario(path, patches)
    (found,) = caught.value.faults
    return found


def without_choke(folder: Path) -> Path:
    """Scenario with a quota on all that a region uses of a good, without a choke price."""
    data = Path(__file__).parents[1] / "data"
    chain = (data / "two_stage.yaml").read_text(encoding="utf-8")
    write(folder, "no_choke.yaml", chain.replace(", choke_multiple: 20 1", ""))
    return write(folder, "quota.yaml", (data / "quota_of_all.yaml").read_text(encoding="utf-8"))
