"""Bad files through the library and the command line, which must say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

import pricing
from pricing.cli import main
from pricing.errors import Fault, InputError


def refused(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Fault, ...]:
    """Faults from the library; the command line must say the same and do nothing else."""
    before = {entry.name for entry in Path().iterdir()}
    with pytest.raises(InputError) as caught:
        pricing.load_scenario(path)
    for command in ("validate", "solve"):
        assert main([command, str(path)]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err == f"{caught.value}\n"
    assert {entry.name for entry in Path().iterdir()} == before
    return caught.value.faults


def line_of(text: str, words: str) -> int:
    """Number of the first line that holds some words."""
    return next(n for n, line in enumerate(text.splitlines(), start=1) if words in line)
