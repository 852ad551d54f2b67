"""Where the files that are shipped with the library lie.

In a source checkout the configurations are the top-level folder ``configs/`` beside ``pricing/``.
A wheel has no room for a top-level name of its own, so there they are ``pricing/_configs``.
"""

from __future__ import annotations

from pathlib import Path

from pricing.errors import PricingError

_PACKAGE = Path(__file__).resolve().parents[1]


class ResourcesMissingError(PricingError):
    """Files that are shipped with the library are not where they should be."""


def configs_root() -> Path:
    """Folder of the shipped configurations (``chains/``, ``scenarios/``, ``data/``, ``schema/``).

    Returns
    -------
    Path
        Absolute path of an existing folder.

    Raises
    ------
    ResourcesMissingError
        If the folder is missing: the installation or the checkout is incomplete.

    Examples
    --------
    >>> configs_root().name in {"configs", "_configs"}
    True
    """
    return _find_configs(_PACKAGE)


def _find_configs(package: Path) -> Path:
    """Configurations that belong to the package folder given.

    ``pyproject.toml`` beside the package marks a source checkout. Without it a folder named
    ``configs`` beside the package belongs to somebody else and is not looked at.
    """
    checkout = package.parent
    in_checkout = (checkout / "pyproject.toml").is_file()
    root = checkout / "configs" if in_checkout else package / "_configs"
    if not root.is_dir():
        remedy = "Restore it from the repository" if in_checkout else "Install the package again"
        raise ResourcesMissingError(f"the shipped configurations are missing: {root}. {remedy}.")
    return root
