"""Many scenarios of one structure as one: numbers that differ get the scenario axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np

from pricing.chains.network import IntArray

Part = TypeVar("Part")

UNREAD = frozenset({"name", "terms", "limits", "stacked", "stacked_terms", "network"})
"""Parts of a program that have no row a scenario: one network serves all, names are the first's."""


class StructureDiffersError(Exception):
    """Two programs differ in more than numbers; the message names the part."""


def stack(parts: Sequence[Part]) -> tuple[Part, tuple[str, ...]]:
    """One part for many, and the dotted paths of the numbers that differ.

    Arrays get a leading scenario axis, single numbers become (N, 1).

    Raises
    ------
    StructureDiffersError
        If shapes, names, or anything but floating-point numbers differ.
    """
    stacked = dict(_differences(list(parts), ""))
    whole: Part = put(parts[0], stacked)
    return whole, tuple(stacked)


def rows(part: Part, paths: Sequence[str], chosen: IntArray | slice) -> Part:
    """Some scenarios of a part whose arrays at ``paths`` have a row a scenario; a run as views."""
    some: Part = put(part, {path: look_up(part, path)[chosen] for path in paths})
    return some


def look_up(part: Any, path: str) -> Any:
    """The value at a dotted path; a number leads into a tuple."""
    for name in path.split("."):
        part = part[int(name)] if isinstance(part, tuple | list) else getattr(part, name)
    return part


def put(part: Any, changes: dict[str, Any]) -> Any:
    """A copy with the values at dotted paths replaced."""
    if "" in changes:
        return changes[""]
    groups: dict[str, dict[str, Any]] = {}
    for path, value in changes.items():
        name, _, rest = path.partition(".")
        groups.setdefault(name, {})[rest] = value
    if isinstance(part, tuple | list):
        return type(part)(
            put(item, groups[str(n)]) if str(n) in groups else item for n, item in enumerate(part)
        )
    if not groups:
        return part
    return replace(
        part, **{name: put(getattr(part, name), inner) for name, inner in groups.items()}
    )


def _differences(parts: list[Any], path: str) -> Iterator[tuple[str, Any]]:
    """Paths and stacked arrays of everything that differs below a path."""
    first = parts[0]
    if all(part is first for part in parts):
        return
    if isinstance(first, np.ndarray | float) and not isinstance(first, bool):
        yield from _numbers(parts, path)
    elif isinstance(first, tuple | list):
        if any(len(part) != len(first) for part in parts):
            raise StructureDiffersError(path)
        for n in range(len(first)):
            yield from _differences([part[n] for part in parts], f"{path}.{n}")
    elif is_dataclass(first) and not isinstance(first, type):
        for field in fields(first):
            below = f"{path}.{field.name}" if path else field.name
            yield from _differences([getattr(part, field.name) for part in parts], below)
    elif any(part != first for part in parts):
        raise StructureDiffersError(path)


def _numbers(parts: list[Any], path: str) -> Iterator[tuple[str, Any]]:
    """A stack of numbers that differ; not places and units of limits, nor weights of an index."""
    first = np.asarray(parts[0])
    floating = first.dtype.kind == "f"
    if any(np.shape(part) != first.shape for part in parts):
        raise StructureDiffersError(path)
    whole = np.array(parts)
    same = whole == first
    if same.all() or (floating and (same | (np.isnan(whole) & np.isnan(first))).all()):
        return
    of_limit = path.startswith("limits.")
    places = first.ndim and (of_limit or path.endswith(".index"))
    unit = of_limit and path.endswith(".scale")
    if not floating or places or unit:
        raise StructureDiffersError(path)
    yield path, whole if first.ndim else whole[:, None]


def paths_of_rows(
    one: Any, many: Any, path: str = "", unread: frozenset[str] = UNREAD
) -> Iterator[str]:
    """Dotted paths of the arrays of which ``many`` has a row a scenario and ``one`` has not."""
    if path in unread or one is many:
        return
    if isinstance(one, np.ndarray | float):
        if np.shape(one) != np.shape(many):
            yield path
    elif isinstance(one, tuple | list):
        for n, (single, several) in enumerate(zip(one, many, strict=True)):
            yield from paths_of_rows(single, several, f"{path}.{n}", unread)
    elif is_dataclass(one) and not isinstance(one, type):
        for field in fields(one):
            if field.name != "source":
                below = f"{path}.{field.name}" if path else field.name
                parts = getattr(one, field.name), getattr(many, field.name)
                yield from paths_of_rows(*parts, below, unread)
