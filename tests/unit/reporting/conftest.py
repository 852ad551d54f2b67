"""Results of the small made-up chain, solved once."""

from pathlib import Path

import pytest

import pricing

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="session")
def floor() -> pricing.Result:
    """The chain under a reference price on both goods."""
    return pricing.solve(DATA / "two_stage_floor.yaml")


@pytest.fixture(scope="session")
def untouched() -> pricing.Result:
    """The same chain and zone without policies."""
    base = pricing.load_scenario(DATA / "two_stage_floor.yaml")
    return pricing.solve(base.but(id="untouched", policies=[]))
