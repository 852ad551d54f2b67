"""Find and read exposure files."""

from __future__ import annotations

from pathlib import Path

from pricing.core.documents import read_document
from pricing.core.faults import validate
from pricing.core.resources import configs_root
from pricing.errors import Fault, InputError
from pricing.scenarios import load
from pricing.scenarios.scenario import Scenario, load_scenario
from pricing.uncertainty.exposure_document import ExposureDocument


def shipped_exposures() -> tuple[str, ...]:
    """Names of the exposures that come with the library."""
    return tuple(sorted(path.stem for path in (configs_root() / "exposures").glob("*.yaml")))


def find_exposure(name_or_path: str | Path) -> Path:
    """Path of an exposure: a file where one is given, else a shipped name.

    Raises
    ------
    InputError
        If there is neither.
    """
    path = Path(name_or_path)
    if path.suffix in load.ENDINGS:
        return path
    if str(name_or_path) in shipped_exposures():
        return configs_root() / "exposures" / f"{name_or_path}.yaml"
    known = ", ".join(shipped_exposures())
    problem = f"no shipped exposure is called '{str(name_or_path)[:80]}'"
    raise InputError([Fault(problem, remedy=f"Shipped: {known}. A file ends in .yaml")])


def load_exposure(name_or_path: str | Path) -> tuple[ExposureDocument, Scenario]:
    """An exposure and the scenario of its guarantee.

    Raises
    ------
    InputError
        With every fault of either file, or if there is none of that name.
    """
    path = find_exposure(name_or_path)
    document = validate(ExposureDocument, read_document(path))
    beside = path.parent / document.scenario
    return document, load_scenario(beside if beside.suffix in load.ENDINGS else document.scenario)
