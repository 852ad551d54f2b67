"""Places in plain data, and places and values in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from pydantic import BaseModel

Loc = tuple[str | int, ...]
"""Place in a document: keys and list positions from the top."""
ABSENT = object()
"""What stands where there is no value."""


def child(node: Any, part: str | int) -> tuple[str | int, Any]:
    """Key or position, and value, of a part of a place; the value is ABSENT if there is none.

    An item of a list is found by its position, also written as text, or by its ``id``.
    """
    if isinstance(node, Mapping) and part in node:
        return part, node[part]
    if isinstance(node, Sequence) and not isinstance(node, str | bytes):
        if isinstance(part, int) and 0 <= part < len(node):
            return part, node[part]
        if isinstance(part, str):
            for index, item in enumerate(node):
                if isinstance(item, Mapping) and item.get("id") == part:
                    return index, item
            if part.isdecimal() and len(part) < 9 and int(part) < len(node):
                return int(part), node[int(part)]
    return part, ABSENT


def path_in(data: Any, loc: Loc) -> Loc:
    """Parts of a location that exist in the data."""
    path: list[str | int] = []
    for part in loc:
        key, value = child(data, part)
        if value is not ABSENT:
            path.append(key)
            data = value
    return tuple(path)


def dotted(path: Loc, data: Any) -> str:
    """Place in words: ``policies.oxide_floor.level``; an item without a unique id by position."""
    parts: list[str] = []
    for part in path:
        siblings, (_, data) = data, child(data, part)
        name = data.get("id") if isinstance(data, Mapping) else None
        if isinstance(part, int) and isinstance(name, str) and name:
            same = [x for x in siblings if isinstance(x, Mapping) and x.get("id") == name]
            parts.append(name if len(same) == 1 else str(part))
        else:
            parts.append(str(part))
    return ".".join(short(part, 80) for part in parts)


def short(text: str, width: int = 60) -> str:
    """Text of at most a width, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 3] + "..."


def shown(value: Any) -> str:
    """A value in words, short enough for a message."""
    if value is None or value is ABSENT:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{short(value)}'"
    if isinstance(value, Mapping | BaseModel):
        return "a mapping"
    if isinstance(value, Sequence | AbstractSet):
        return "a list"
    return short(str(value)) if isinstance(value, float) or printable(value) else "this value"


def printable(value: Any) -> bool:
    """Tell whether a value is an integer short enough to print."""
    return isinstance(value, int) and value.bit_length() < 990
