"""Setting up says in one sentence what is missing and ends with code 1."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MADE_FROM = ("Makefile", "pyproject.toml", "requirements.lock", "tools")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What set-up needs, in a folder whose name has a space."""
    folder = tmp_path / "a copy"
    folder.mkdir()
    for name in MADE_FROM:
        place = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        place(ROOT / name, folder / name)
    return folder


def make(folder: Path, target: str, **environment: str) -> tuple[int, str, str]:
    """Exit code and output of make, started as from a fresh shell."""
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "PIP_"))}
    run = subprocess.run(
        ["make", target],
        cwd=folder,
        env=outside | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout, run.stderr


def test_without_a_recent_python(copy: Path):
    assert make(copy, "run", PYTHON="false") == (
        1,
        "",
        "Python 3.11 or later is needed and false is not one; install it, or name it: "
        "make PYTHON=python3.12 ...\n",
    )


@pytest.mark.slow
def test_without_a_network(copy: Path):
    nobody_there = {
        "PYTHON": sys.executable,
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_CONFIG_FILE": os.devnull,
    }
    sentence = (
        "Setting up needs the network once: the package index could not be reached; "
        "connect and run make again.\n"
    )

    assert make(copy, "run", **nobody_there) == (1, "", sentence)
    # What the first try left behind is not taken for an environment.
    assert make(copy, "test", **nobody_there) == (1, "", sentence)
