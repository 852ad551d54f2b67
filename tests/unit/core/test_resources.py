"""The shipped configurations are found in a checkout and in an installed wheel, or not at all."""

from pathlib import Path

import pytest

from pricing.core import resources


def test_configs_of_this_checkout_are_found():
    root = resources.configs_root()

    assert root.is_absolute()
    assert (root / "chains").is_dir()


def test_checkout_uses_the_top_level_folder(tmp_path: Path):
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "configs").mkdir()
    (tmp_path / "pricing" / "_configs").mkdir(parents=True)

    assert resources._find_configs(tmp_path / "pricing") == tmp_path / "configs"


def test_installed_package_uses_its_own_folder_not_a_neighbour(tmp_path: Path):
    (tmp_path / "configs").mkdir()
    (tmp_path / "pricing" / "_configs").mkdir(parents=True)

    assert resources._find_configs(tmp_path / "pricing") == tmp_path / "pricing" / "_configs"


def test_installed_package_without_configs_is_an_error(tmp_path: Path):
    (tmp_path / "configs").mkdir()

    with pytest.raises(resources.ResourcesMissingError) as error:
        resources._find_configs(tmp_path / "pricing")

    missing = tmp_path / "pricing" / "_configs"
    assert str(error.value) == (
        f"the shipped configurations are missing: {missing}. Install the package again."
    )


def test_checkout_without_configs_is_an_error(tmp_path: Path):
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "pricing" / "_configs").mkdir(parents=True)

    with pytest.raises(resources.ResourcesMissingError, match="Restore it from the repository"):
        resources._find_configs(tmp_path / "pricing")
