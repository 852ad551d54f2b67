"""What is kept of compiled steps is theirs: a change of any of their files has them made anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("numba", reason="there is no numba for this machine")

from pricing.equilibrium.compiled import graphs, machine
from pricing.equilibrium.compiled.blocks import search as blocks
from pricing.equilibrium.compiled.logit import search as logit

FOLDER = Path(machine.__file__).parent
FILES = sorted(file.relative_to(FOLDER).as_posix() for file in FOLDER.rglob("*.py"))


@pytest.mark.parametrize("name", FILES)
def test_the_stamp_changes_with_every_file(name: str, tmp_path: Path) -> None:
    copy = tmp_path / "compiled"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert machine.stamp_of(copy) == machine.STAMP
    with (copy / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert machine.stamp_of(copy) != machine.STAMP


@pytest.mark.parametrize("module", [blocks, logit])
def test_entries_enclose_the_stamp(module: object) -> None:
    """numba finds what it has kept by the text of one file and by what a function encloses."""
    entry = module.search_all.py_func  # type: ignore[attr-defined]
    assert [cell.cell_contents for cell in entry.__closure__] == [machine.STAMP]


def test_only_entries_are_kept() -> None:
    """What else is kept would not know when a function that it calls changes."""
    kept = {
        name
        for module in (blocks, logit, graphs)
        for name, found in vars(module).items()
        if getattr(getattr(found, "_cache", None), "cache_path", None)
    }
    assert kept == {"search_all", "strip_ends"}
