"""Fixtures of the chain tests."""

from functools import partial

import pytest

from tests.support.small_chain import write_small


@pytest.fixture
def folder(tmp_path):
    """Write the small chain; takes another ``chain``, ``rules`` or ``values``."""
    return partial(write_small, tmp_path)
