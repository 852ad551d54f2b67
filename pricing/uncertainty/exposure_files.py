"""Find and read exposure files."""

from __future__ import annotations

from pathlib import Path

from pricing.core.documents import read_document
from pricing.core.faults import validate
from pricing.scenarios import load
from pricing.scenarios.scenario import Scenario, load_scenario
from pricing.uncertainty.exposure_document import ExposureDocument


def shipped_exposures() -> tuple[str, ...]:
    """Names of the exposures that come with the library."""
    return load.shipped("exposures")


def find_exposure(name_or_path: str | Path) -> Path:
    """Path of an exposure: a file where one is given, else a shipped name."""
    return load.find_in("exposures", "exposure", name_or_path)


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
