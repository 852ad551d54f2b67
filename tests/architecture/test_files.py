"""No file of the project names somebody's folders or a package index, and the lock is whole."""

import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"

# Written in pieces, so that this file passes its own test.
_FOLDERS = "|".join(["work", "root", "home", "Users"])
_HOSTS = "|".join(
    re.escape(".".join(name))
    for name in (
        ("pypi", "org"),
        ("pypi", "python", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("deb", "debian", "org"),
        ("anaconda", "org"),
    )
)
# A folder counts at the start of a path only: not in https://example.org/home/ or ../work/.
FORBIDDEN = re.compile(rf"(?<![\w.\-])/(?:{_FOLDERS})/|{_HOSTS}".encode())


def shipped_files() -> list[Path]:
    """Files that are tracked, or would be if they were added now."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    paths = (ROOT / name.decode() for name in listed.split(b"\0") if name)
    return [path for path in paths if path.is_file()]


def traces(paths: Iterable[Path]) -> Iterator[str]:
    """Place and text of everything forbidden in the files given."""
    for path in paths:
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            for match in FORBIDDEN.finditer(line):
                yield f"{path}:{number}: {match.group().decode()}"


def locked() -> dict[str, str]:
    """Requirement lines of the lock with their hashes, by package name."""
    entries = re.split(r"\n(?=\S)", LOCK.read_text(encoding="utf-8").strip())
    return {re.split("==", entry)[0]: entry for entry in entries}


def test_no_file_names_a_local_folder_or_a_package_index():
    files = shipped_files()

    assert LOCK in files
    assert list(traces(files)) == []


@pytest.mark.parametrize("text", ["/{}/main", "'/{}/x'", "file:///{}/x", "see (/{}/x)"])
def test_local_folder_is_noticed(tmp_path: Path, text: str):
    file = tmp_path / "notes.md"
    file.write_text("first line\n" + text.format("home"), encoding="utf-8")

    assert [fault.rsplit(":", 2)[1] for fault in traces([file])] == ["2"]


@pytest.mark.parametrize("text", ["https://example.org/{}/x", "../{}/x", "net{}/x", "a-/{}/x"])
def test_other_paths_are_left_alone(tmp_path: Path, text: str):
    file = tmp_path / "notes.md"
    file.write_text(text.format("work"), encoding="utf-8")

    assert list(traces([file])) == []


def test_package_index_is_noticed(tmp_path: Path):
    file = tmp_path / "notes.md"
    file.write_text("https://" + ".".join(["files", "pythonhosted", "org"]), encoding="utf-8")

    assert len(list(traces([file]))) == 1


def test_every_locked_package_has_a_version_and_hashes():
    for name, entry in locked().items():
        assert re.match(r"[a-z0-9.-]+==[^ ]+ ", entry), name
        assert "--hash=sha256:" in entry, name
    assert "://" not in LOCK.read_text(encoding="utf-8")


def test_lock_holds_every_package_that_the_project_declares():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["export"],
        *project["dependency-groups"]["dev"],
    ]
    names = {re.split(r"[<>=!~\[; ]", one)[0].lower().replace(".", "-") for one in declared}

    assert names - set(locked()) == set()
