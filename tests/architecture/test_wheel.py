"""The wheel takes one import name, carries the configurations and finds them when installed."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*command, "--directory", folder], cwd=ROOT, capture_output=True, check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_wheel_takes_no_other_import_name(wheel: Path):
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"pricing"}


def test_wheel_carries_types_licences_and_every_configuration(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    configs = [path for path in (ROOT / "configs").rglob("*") if path.is_file()]

    assert "pricing/py.typed" in names
    assert {"LICENSE", "LICENSE-DATA.md"} <= {name.rpartition("/")[2] for name in names}
    for path in configs:
        assert f"pricing/_configs/{path.relative_to(ROOT / 'configs').as_posix()}" in names


def test_unpacked_wheel_finds_its_own_configurations(wheel: Path, tmp_path: Path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = "from pricing.core.resources import configs_root; print(configs_root())"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert Path(run.stdout.strip()) == (tmp_path / "pricing" / "_configs").resolve()


def test_unpacked_wheel_finds_its_own_app(wheel: Path, tmp_path: Path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    own = {path.relative_to(ROOT / "ui") for path in (ROOT / "ui").rglob("*.py")}
    carried = tmp_path / "pricing" / "_app"
    assert {path.relative_to(carried) for path in carried.rglob("*.py")} == own
    code = "from pricing.launch import app_file; print(app_file())"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert Path(run.stdout.strip()) == carried / "app.py"
