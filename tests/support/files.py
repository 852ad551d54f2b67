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
