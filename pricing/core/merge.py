"""Combine a document with the one it extends and with named patches.

Mappings merge key by key. Lists of items with an ``id`` merge item by item; other lists are
replaced, or, where the caller wants that, lists of mappings get longer. A quantity, and a choice
with another ``kind``, is replaced whole.
"""

from __future__ import annotations

from typing import Any

from pricing.core.documents import Document
from pricing.core.places import Loc


def merge(
    base: Document, patch: Document, name: str | None = None, *, longer: bool = False
) -> Document:
    """The base document with the patch on top.

    Parameters
    ----------
    base, patch : Document
        Plain data; the patch wins where both speak.
    name : str, optional
        Name of the result; that of the patch if absent.
    longer : bool
        Whether lists of mappings without an ``id`` are added to those of the base.

    Returns
    -------
    Document
        Every place keeps the file and line of the text that states it.
    """
    result = _Result(base, patch, longer)
    data = result.merged(base.data, patch.data, (), (), ())
    named = patch.name if name is None else name
    files = {place: file for place, file in result.files.items() if file != named}
    return Document(data, named, result.lines, files)


class _Result:
    """Merges two nodes at a time; notes where everything in the result comes from.

    Each method takes the place in the result (``at``) and in the text that it reads from.
    """

    def __init__(self, base: Document, patch: Document, longer: bool) -> None:
        self.base, self.patch, self.longer = base, patch, longer
        self.lines: dict[Loc, int] = {}
        self.files: dict[Loc, str] = {}

    def merged(self, base: Any, patch: Any, at: Loc, below: Loc, above: Loc) -> Any:
        """Two nodes as one; ``below`` is the place in the base, ``above`` in the patch."""
        if isinstance(base, dict) and isinstance(patch, dict) and not _whole(base, patch):
            self._note(self.patch, above, at)
            result = {}
            for key in (*base, *(key for key in patch if key not in base)):
                here, under, over = (*at, key), (*below, key), (*above, key)
                if key not in patch:
                    result[key] = self._copied(self.base, base[key], here, under)
                elif key not in base:
                    result[key] = self._copied(self.patch, patch[key], here, over)
                else:
                    result[key] = self.merged(base[key], patch[key], here, under, over)
            return result
        if _by_id(base) and _by_id(patch):
            self._note(self.patch, above, at)
            return self._items(base, patch, at, below, above)
        if self.longer and _rows(base) and _rows(patch):
            kept = self._copied(self.base, base, at, below)
            added = [
                self._copied(self.patch, row, (*at, len(base) + n), (*above, n))
                for n, row in enumerate(patch)
            ]
            return [*kept, *added]
        return self._copied(self.patch, patch, at, above)

    def _items(self, base: list[Any], patch: list[Any], at: Loc, below: Loc, above: Loc) -> Any:
        """Two lists of items with an id as one; an id that a patch repeats stays repeated."""
        result = []
        first = {item["id"]: n for n, item in reversed(list(enumerate(patch)))}
        places = dict(first)
        for n, item in enumerate(base):
            over = places.pop(item["id"], None)
            here, under = (*at, n), (*below, n)
            if over is None:
                result.append(self._copied(self.base, item, here, under))
            else:
                result.append(self.merged(item, patch[over], here, under, (*above, over)))
        known = {item["id"] for item in base}
        for n, item in enumerate(patch):
            if item["id"] not in known or first[item["id"]] != n:
                result.append(self._copied(self.patch, item, (*at, len(result)), (*above, n)))
        return result

    def _copied(self, source: Document, node: Any, at: Loc, origin: Loc) -> Any:
        """A node as it is, with the lines of everything in it."""
        self._note(source, origin, at)
        entries: Any = ()
        if isinstance(node, dict):
            entries = node.items()
        elif isinstance(node, list):
            entries = enumerate(node)
        for key, item in entries:
            self._copied(source, item, (*at, key), (*origin, key))
        return node

    def _note(self, source: Document, origin: Loc, at: Loc) -> None:
        """Remember file and line of a place."""
        if origin in source.lines:
            self.lines[at] = source.lines[origin]
            self.files[at] = source.files.get(origin, source.name)


def _whole(base: dict[str, Any], patch: dict[str, Any]) -> bool:
    """Quantities and choices of another kind are not mixed."""
    other_kind = "kind" in patch and "kind" in base and patch["kind"] != base["kind"]
    return other_kind or "value" in patch or "value" in base


def _rows(node: Any) -> bool:
    return isinstance(node, list) and all(isinstance(item, dict) for item in node)


def _by_id(node: Any) -> bool:
    return (
        isinstance(node, list)
        and bool(node)
        and all(isinstance(item, dict) and isinstance(item.get("id"), str) for item in node)
    )
