"""Results of the small made-up chain, solved once."""

import pytest

import pricing
from tests.support.two_stage import FLOOR


@pytest.fixture(scope="session")
def floor() -> pricing.Result:
    """The chain under a reference price on both goods."""
    return pricing.solve(FLOOR)


@pytest.fixture(scope="session")
def untouched() -> pricing.Result:
    """The same chain and zone without policies."""
    base = pricing.load_scenario(FLOOR)
    return pricing.solve(base.but(id="untouched", policies=[]))
