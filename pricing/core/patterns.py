"""What names, keys and dates in documents look like, for the parser and in words."""

from __future__ import annotations

IDENTIFIER = r"^[A-Za-z][A-Za-z0-9_ .\-]*$"
SOURCE_KEY = r"^[a-z][a-z0-9_]*$"
DATE = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
ADDRESS = r"^https?://\S+$"
CHAIN = r"^[A-Za-z0-9_\-]+(\.ya?ml)?$"
TABLE = r"^[a-z0-9_]+\.csv$"
SHA256 = r"^[0-9a-f]{64}$"

WORDS = {
    IDENTIFIER: "Begin with a letter from A to Z; then letters, digits, spaces, '_', '.' or '-'",
    SOURCE_KEY: "Begin with a small letter from a to z; then small letters, digits or '_'",
    DATE: "Write a year, a month or a day: 2026, 2026-02 or 2026-02-04, in quotes",
    ADDRESS: "Begin with http:// or https:// and leave out spaces",
    CHAIN: "Name a shipped chain, or a .yaml file beside this one, without a folder",
    TABLE: "Name a .csv file of small letters, digits and '_', without a folder",
    SHA256: "Write the 64 hexadecimal digits of a SHA-256",
}
"""Pattern -> how to meet it."""
