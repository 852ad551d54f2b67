"""A chain as tables of cells, and back: every fault is placed at its cell.

Each list of a chain document is a sheet, each item a row; a header such as ``supply.elasticity`` or
``inputs.ore`` says where in the item its column goes. docs/how-to/fill-in-a-chain.md shows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pricing.chains.load import check_sources
from pricing.chains.schema import Chain
from pricing.core.documents import Document
from pricing.core.faults import validate
from pricing.core.places import Loc
from pricing.errors import Fault, InputError

Sheets = dict[str, list[list[str]]]
"""Name of a sheet -> rows of cells as text, the header first."""

TOP = "chain"
"""Sheet of what is no list: a name and a value a row."""
HEADER = ("name", "value")
"""Its first row."""
BY_NAME = ("sources", "elasticities")
"""Sheets whose rows are entries of a mapping, named by their ``id``."""
BASE_YEAR = "base_year_rows"
"""Sheet of the base year: rows of a benchmark, which the column ``benchmark`` names."""
LISTS = (
    "goods", "regions", "technologies", "processes", "latent", "demands", "freight", "inland",
    "duties", "export_vat", "contracts",
)  # fmt: skip
"""Sheets whose rows are items of a list."""
NUMBERS = frozenset({"value", "low", "central", "high", "base_year", "year", "schema_version"})
"""Last parts of headers whose cells are numbers; what has a unit is text, such as ``5 USD/kg``."""
MOST_PARTS = 8
"""Deepest header."""


@dataclass(frozen=True)
class Filled:
    """A document read from sheets, and where each value stands."""

    document: Document
    """Plain data; the file of a place is its cell."""

    def chain(self) -> Chain:
        """The checked chain; raises :class:`InputError` with every fault at its cell."""
        try:
            chain = validate(Chain, self.document)
            check_sources(chain, self.document)
            return chain
        except InputError as error:
            raise InputError([self.placed(fault) for fault in error.faults]) from None

    def placed(self, fault: Fault) -> Fault:
        """A fault with its cell instead of file and line."""
        found = self.document.fault(fault.problem, fault.field, fault.remedy)
        return replace(found, line=None)


def cell(sheet: str, row: int, column: int) -> str:
    """Name of a cell, rows and columns counted from 1.

    Examples
    --------
    >>> cell("processes", 4, 28)
    'processes!AB4'
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{sheet}!{letters}{row}"


def read_sheets(sheets: Sheets, name: str) -> Filled:
    """Put the cells of all sheets into one document.

    Parameters
    ----------
    sheets : mapping
        Sheet -> rows of cells.
    name : str
        File or folder, for messages.

    Raises
    ------
    InputError
        With every unknown sheet, header that cannot be placed, number that is none, and id that is
        missing or stands twice.
    """
    reader = _Reader(name)
    for sheet, rows in sheets.items():
        reader.sheet(sheet, rows)
    if reader.faults:
        raise InputError(reader.faults)
    return Filled(Document(reader.data, name, reader.lines, reader.files))


class _Reader:
    """Builds the document and remembers the cell of every place."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data: dict[str, Any] = {}
        self.lines: dict[Loc, int] = {(): 1}
        self.files: dict[Loc, str] = {(): name}
        self.faults: list[Fault] = []

    def refuse(self, problem: str, where: str, remedy: str = "") -> None:
        """Note a fault at a cell."""
        self.faults.append(Fault(problem, file=f"{self.name}, {where}", remedy=remedy))

    def note(self, loc: Loc, where: str, row: int) -> None:
        """Remember the cell of a place."""
        self.lines.setdefault(loc, row)
        self.files.setdefault(loc, f"{self.name}, {where}")

    def sheet(self, sheet: str, rows: list[list[str]]) -> None:
        """Take one sheet."""
        known = (TOP, *BY_NAME, *LISTS, "benchmarks", BASE_YEAR)
        filled = [(n, row) for n, row in enumerate(rows, start=1) if any(c.strip() for c in row)]
        if sheet not in known:
            self.refuse(f"unknown sheet '{sheet}'", sheet, "Known: " + ", ".join(known))
        elif filled and sheet == TOP:
            self._top(filled)
        elif filled:
            self._table(sheet, filled)

    def _top(self, rows: list[tuple[int, list[str]]]) -> None:
        for number, row in rows:
            name, value = (*row, "", "")[:2]
            if name.strip() and value.strip() and (name, value) != HEADER:
                here = cell(TOP, number, 2)
                parts = tuple(name.strip().split("."))
                self._put(self.data, (), parts, value, here, number)

    def _table(self, sheet: str, rows: list[tuple[int, list[str]]]) -> None:
        (head_row, header), *body = rows
        self.note((sheet,), cell(sheet, head_row, 1), head_row)
        heads = [text.strip() for text in header]
        for column, head in enumerate(heads, start=1):
            if heads.count(head) > 1 and head:
                self.refuse(f"'{head}' stands twice", cell(sheet, head_row, column))
        for number, row in body:
            item, loc = self._item(sheet, heads, row, number)
            if item is None:
                continue
            self.note(loc, cell(sheet, number, 1), number)
            for column, text in enumerate(row, start=1):
                head = heads[column - 1] if column <= len(heads) else ""
                own = (sheet, head) in ((BASE_YEAR, "benchmark"), *((s, "id") for s in _NAMED))
                if head and text.strip() and not own:
                    here = cell(sheet, number, column)
                    self._put(item, loc, tuple(head.split(".")), text, here, number)
                elif text.strip() and not head:
                    self.refuse("this column has no header", cell(sheet, number, column))

    def _item(
        self, sheet: str, heads: list[str], row: list[str], number: int
    ) -> tuple[dict[str, Any] | None, Loc]:
        """Where the row goes: a new item of a list, or an entry by its name."""
        if sheet in LISTS:
            items = self.data.setdefault(sheet, [])
            items.append({})
            return items[-1], (sheet, len(items) - 1)
        key = "benchmark" if sheet == BASE_YEAR else "id"
        at = heads.index(key) if key in heads else len(row)
        name = row[at].strip() if at < len(row) else ""
        here = cell(sheet, number, at + 1)
        if not name:
            self.refuse(f"'{key}' is needed here", here)
            return None, ()
        if sheet == BASE_YEAR:
            rows = (
                self.data.setdefault("benchmarks", {}).setdefault(name, {}).setdefault("rows", [])
            )
            rows.append({})
            return rows[-1], ("benchmarks", name, "rows", len(rows) - 1)
        entries = self.data.setdefault(sheet, {})
        if (sheet, name) in self.lines:
            self.refuse(f"'{name}' stands twice", here)
            return None, ()
        return entries.setdefault(name, {}), (sheet, name)

    def _put(self, item: Any, loc: Loc, parts: tuple[str, ...], text: str, *where: Any) -> None:
        """Set a value below an item; parts that are numbers are places in a list."""
        here, row = where
        if len(parts) > MOST_PARTS or not all(parts):
            self.refuse(f"the header '{'.'.join(parts)}' leads nowhere", here)
            return
        for depth, part in enumerate(parts):
            key: str | int = int(part) if isinstance(item, list) and part.isdecimal() else part
            loc = (*loc, key)
            self.note(loc, here, row)
            if depth == len(parts) - 1:
                value = self._value(part, text.strip(), here)
            else:
                value = [] if parts[depth + 1].isdecimal() else {}
            item = self._step(item, key, value, here)
            if item is None:
                return

    def _step(self, item: Any, key: str | int, value: Any, here: str) -> Any:
        """The child of an item, made if it is not there; None where it cannot be."""
        if isinstance(item, list) and isinstance(key, int) and key == len(item):
            item.append(value)
        elif isinstance(item, dict) and isinstance(key, str):
            item.setdefault(key, value)
        if isinstance(item, dict) and key in item:
            return item[key]
        if isinstance(item, list) and isinstance(key, int) and key < len(item):
            return item[key]
        self.refuse(
            f"'{key}' cannot be placed: another header gives a value or a gap above it", here
        )
        return None

    def _value(self, head: str, text: str, here: str) -> Any:
        """A cell as a number, true or false, or text."""
        if text in ("true", "false", "TRUE", "FALSE"):
            return text.lower() == "true"
        if head in NUMBERS:
            if not _NUMBER.fullmatch(text):
                self.refuse(f"'{text}' is not a number", here)
                return None
            number = float(text)
            return int(number) if number.is_integer() and head not in _REAL else number
        return text


_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_REAL = frozenset({"value", "low", "central", "high"})
_NAMED = (*BY_NAME, "benchmarks")
"""Sheets whose ``id`` is the key and not a field."""


def to_sheets(data: Mapping[str, Any]) -> Sheets:
    """A chain document as sheets: what :func:`read_sheets` turns back into it."""
    top = [[name, _text(value)] for name, value in _flat(_without_tables(data), ())]
    sheets: Sheets = {TOP: [list(HEADER), *top]}
    for sheet in BY_NAME:
        named = [{"id": name, **entry} for name, entry in data.get(sheet, {}).items()]
        sheets[sheet] = _rows(named)
    for sheet in LISTS:
        sheets[sheet] = _rows(data.get(sheet, []))
    benchmarks = data.get("benchmarks", {})
    sheets["benchmarks"] = _rows([{"id": n, "title": b["title"]} for n, b in benchmarks.items()])
    sheets[BASE_YEAR] = _rows(
        [{"benchmark": n, **row} for n, b in benchmarks.items() for row in b.get("rows", [])]
    )
    return {name: rows for name, rows in sheets.items() if rows}


def _without_tables(data: Mapping[str, Any]) -> dict[str, Any]:
    tables = (*BY_NAME, *LISTS, "benchmarks")
    return {name: value for name, value in data.items() if name not in tables}


def _rows(items: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """A header of every path that occurs, and a row for each item."""
    flat = [dict(_flat(item, ())) for item in items]
    heads = list(dict.fromkeys(head for row in flat for head in row))
    return [heads, *([_text(row.get(h, "")) for h in heads] for row in flat)] if items else []


def _flat(node: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Dotted path and value of everything below a node."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _flat(value, (*path, str(key)))
    elif isinstance(node, list | tuple):
        for number, value in enumerate(node):
            yield from _flat(value, (*path, str(number)))
    elif node is not None:
        yield ".".join(path), node


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)
