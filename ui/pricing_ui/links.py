"""A whole scenario in a link: its text, compressed; read back with every limit of an upload."""

from __future__ import annotations

import base64
import binascii
import zlib

import pricing

PARAMETER = "s"
"""Name of the query parameter."""
MOST_PACKED = 40_000
"""Characters of a link that are read."""
MOST_TEXT = 256_000
"""Bytes of text that a link may unpack to."""


def pack(scenario: pricing.Scenario) -> str:
    """The scenario as a short text for a link.

    Raises
    ------
    InputError
        If it is longer than what is read back.
    """
    text = scenario.to_yaml().encode()
    packed = base64.urlsafe_b64encode(zlib.compress(text, 9)).decode().rstrip("=")
    if len(packed) > MOST_PACKED:
        raise pricing.InputError(
            f"this scenario needs {len(packed):,} letters, and a link holds at most "
            f"{MOST_PACKED:,}; send the scenario file instead"
        )
    return packed


def unpack(packed: str) -> pricing.Scenario:
    """The scenario of a link.

    Raises
    ------
    InputError
        If it is too long, damaged, or no valid scenario.
    """
    if len(packed) > MOST_PACKED:
        raise pricing.InputError("the link is too long; send the file instead")
    try:
        data = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        reader = zlib.decompressobj()
        text = reader.decompress(data, MOST_TEXT)
    except (binascii.Error, zlib.error, ValueError):
        raise pricing.InputError("the link is damaged; ask for it again") from None
    if reader.unconsumed_tail or not reader.eof:
        raise pricing.InputError("the link is damaged or unpacks to too much text")
    return pricing.parse_scenario(text, "<link>")
