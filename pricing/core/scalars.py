"""Plain words of YAML 1.2: ``NO``, ``12:30`` and ``2026-02-04`` are text, ``010`` is 10."""

from __future__ import annotations

import math
import re

SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LONGEST_INTEGER = 300
"""Digits; longer integers do not fit a float."""


def plain_value(text: str) -> str | int | float | bool | None:
    """Value of an unquoted word in the core schema of YAML 1.2.

    Examples
    --------
    >>> [plain_value(word) for word in ("010", "1e3", "0x1F", "NO", "12:30", "~", "True")]
    [10, 1000.0, 31, 'NO', '12:30', None, True]
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= _LONGEST_INTEGER else math.inf
    if _BASED.fullmatch(text):
        return int(text, 0) if len(text) <= _LONGEST_INTEGER * 4 // 5 else math.inf
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NOT_FINITE.fullmatch(text):
        return math.nan if text[-1] in "nN" else math.inf
    return text
