"""What the YAML parser says, in plain English."""

from __future__ import annotations

import re

_SYNTAX = {
    r"found character '\\t'": ("a tab stands where spaces are needed", "Indent with spaces"),
    r"found character": ("text cannot begin with this character", "Put the text in quotes"),
    r"mapping values are": ("a ':' is not allowed here", "Put text that holds ': ' in quotes"),
    r"sequence entries are": ("a list cannot begin here", "Begin the list on its own line"),
    r"quoted scalar: .*end of": ("a quotation mark is not closed", "Close it"),
    r"unknown escape": ("a '\\' has a meaning in double quotes", "Use single quotes"),
    r"flow sequence: expected": ("a list in [ ] is not well formed", "Check commas and ']'"),
    r"flow mapping: expected": ("a mapping in { } is not well formed", "Check commas and '}'"),
    r"expected ':'": ("a key has no ':' after it", "Write 'key: value'"),
    r"block (?:mapping|collection): expected": (
        "the lines do not line up",
        "Align entries, or put text in quotes",
    ),
    r"YAML document": ("this is not YAML 1.2", "Remove the lines that begin with %"),
}
"""What the parser says -> problem and remedy in plain English."""
LOOK = "Check this line and the one above"


def syntax_words(said: str) -> tuple[str, str]:
    """Plain-English problem and remedy for a syntax error of the parser."""
    for pattern, words in _SYNTAX.items():
        if re.search(pattern, said):
            return words
    return f"this cannot be read as YAML ({said.strip(': ')})", LOOK
