"""Faults of a text."""

from __future__ import annotations

import pytest

from pricing.core.documents import parse_document
from pricing.errors import Fault, InputError


def faults(text: str | bytes) -> tuple[Fault, ...]:
    """Every fault of a text, all placed in it."""
    with pytest.raises(InputError) as caught:
        parse_document(text, "x.yaml")
    assert all(fault.file == "x.yaml" for fault in caught.value.faults)
    return caught.value.faults


def only_fault(text: str | bytes) -> Fault:
    """The one fault of a text."""
    found = faults(text)
    assert len(found) == 1, [str(fault) for fault in found]
    return found[0]
