"""Combine a scenario with the one it extends and with named patches.

Mappings merge key by key. Lists of items with an ``id`` merge item by item; other lists are
replaced. A quantity, and a choice with another ``kind``, is replaced whole. ``without`` names
policies of the base that are dropped.
"""

from __future__ import annotations

from typing import Any

from pricing.core.documents import Document
from pricing.core.places import Loc

Lines = dict[Loc, int]


def merge(base: Document, patch: Document) -> Document:
    """The base document with the patch on top; lines point into the patch where it speaks."""
    lines: Lines = {}
    data = _merge(base.data, patch.data, (), (), lines, patch)
    lines.setdefault((), patch.line(()) or 1)
    return Document(data, patch.name, lines)


def _merge(base: Any, patch: Any, at: Loc, origin: Loc, lines: Lines, source: Document) -> Any:
    """Merge two nodes; ``at`` is the place in the result, ``origin`` the place in the patch."""
    if origin in source.lines:
        lines[at] = source.lines[origin]
    if isinstance(base, dict) and isinstance(patch, dict) and not _whole(base, patch):
        merged = dict(base)
        for key, value in patch.items():
            merged[key] = _merge(base.get(key), value, (*at, key), (*origin, key), lines, source)
        return merged
    if _by_id(base) and _by_id(patch):
        return _merge_items(base, patch, at, origin, lines, source)
    _copy_lines(patch, at, origin, lines, source)
    return patch


def _merge_items(
    base: list[Any], patch: list[Any], at: Loc, origin: Loc, lines: Lines, source: Document
) -> list[Any]:
    merged = list(base)
    places = {item["id"]: n for n, item in enumerate(base)}
    for number, item in enumerate(patch):
        n = places.get(item["id"], len(merged))
        if n == len(merged):
            merged.append(None)
            places[item["id"]] = n
        merged[n] = _merge(merged[n], item, (*at, n), (*origin, number), lines, source)
    return merged


def _whole(base: dict[str, Any], patch: dict[str, Any]) -> bool:
    """Quantities and choices of another kind are not mixed."""
    other_kind = "kind" in patch and "kind" in base and patch["kind"] != base["kind"]
    return other_kind or "value" in patch


def _by_id(node: Any) -> bool:
    return (
        isinstance(node, list)
        and bool(node)
        and all(isinstance(item, dict) and isinstance(item.get("id"), str) for item in node)
    )


def _copy_lines(node: Any, at: Loc, origin: Loc, lines: Lines, source: Document) -> None:
    for place, line in source.lines.items():
        if place[: len(origin)] == origin:
            lines[(*at, *place[len(origin) :])] = line
    del node
