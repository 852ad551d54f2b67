"""Documents: untrusted YAML 1.2 in, plain data with line numbers out.

Reading never builds more than the text holds. The parser's event stream is followed without
recursion, limits are checked while it runs, and anything a data file does not need (anchors, tags,
several documents, keys that are not text, NaN and infinity) is a fault. How plain words are read is
in :mod:`pricing.core.scalars`.
"""

from __future__ import annotations

import math
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pricing.core.places import ABSENT, Loc, dotted, path_in, short, shown
from pricing.core.scalars import SURROGATE, plain_value
from pricing.core.syntax import LOOK, syntax_words
from pricing.errors import Fault, InputError

MAX_BYTES = 256 * 1024
"""Largest document that is read [bytes]; larger tables belong in a CSV file."""
MAX_DEPTH = 20
"""Deepest nesting of mappings and lists that is read."""
MAX_EVENTS = 60_000
"""Most parser events (about two per entry) that are read; keeps every text under about a second."""
MAX_FAULTS = 100
"""Most faults that are listed; the rest of the document is not looked at."""


@dataclass(frozen=True)
class Document:
    """Plain data read from a text, with the line of every key and list item."""

    data: dict[str, Any]
    """The top mapping: only dict, list, str, int, float, bool and None."""
    name: str
    """File name, or another name for the text."""
    lines: Mapping[Loc, int]
    """Place -> line, counted from 1."""
    files: Mapping[Loc, str] = field(default_factory=dict)
    """Place -> file, for places that come from another file than ``name``."""

    def line(self, loc: Loc) -> int | None:
        """Line of a place, or of its nearest known parent.

        Parts that pydantic adds to a location (tags of unions, names of classes) are passed over,
        and an item of a list may be given by its position or by its ``id``.
        """
        return self.line_at(path_in(self.data, loc))

    def line_at(self, path: Loc) -> int | None:
        """Line of an exact place, or of its nearest known parent; None where nothing is known."""
        return self.lines.get(self._known(path))

    def file_at(self, path: Loc) -> str:
        """File of an exact place, or of its nearest known parent."""
        return self.files.get(self._known(path), self.name)

    def _known(self, path: Loc) -> Loc:
        """The place itself, or its nearest parent with a line."""
        ends = range(len(path), -1, -1)
        return next((path[:end] for end in ends if path[:end] in self.lines), ())

    def fault(self, problem: str, field: str = "", remedy: str = "") -> Fault:
        """A fault at a dotted path, with file and line."""
        parts = tuple(field.split(".")) if field else ()
        path = path_in(self.data, parts)
        line = self.line_at(path) if field else None
        if len(path) == len(parts):
            field = dotted(path, self.data)
        return Fault(problem, field, self.file_at(path), line, remedy)


def read_document(path: Path) -> Document:
    """Read a YAML file; raises :class:`InputError` with every fault found."""
    name = str(path)
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a directory" if stat.S_ISDIR(mode) else "not a regular file"
            raise InputError([Fault(f"this is {kind}", file=name, remedy="Name a YAML file")])
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError([_no_such_file(path)]) from None
    except InputError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError([Fault(f"the file cannot be read: {reason}", file=name)]) from None
    return parse_document(raw, name)


def _no_such_file(path: Path) -> Fault:
    """Fault of a missing file, with the most similar name in the same directory."""
    try:
        names = {entry.stem: entry.name for entry in sorted(path.parent.iterdir())}
    except OSError:
        names = {}
    near = get_close_matches(path.stem, names, n=1)  # the ending is like that of any other file
    remedy = f"Did you mean '{names[near[0]]}'?" if near else "Check the name and the directory"
    return Fault("there is no such file", file=str(path), remedy=remedy)


def parse_document(text: str | bytes, name: str = "<text>") -> Document:
    r"""Read a YAML text whose top is a mapping.

    Parameters
    ----------
    text : str or bytes
        The text; bytes are UTF-8, with or without a byte order mark.
    name : str
        File name for error messages.

    Raises
    ------
    InputError
        With every fault that could be found before reading had to stop.

    Examples
    --------
    >>> document = parse_document("country: NO\nrate: 1e3\n")
    >>> document.data, document.line(("rate",))
    ({'country': 'NO', 'rate': 1000.0}, 2)
    """
    reader = _Reader(name)
    _follow_events(_clean_text(text, name), reader)
    if not reader.faults and not isinstance(reader.root, dict):
        empty = reader.root is ABSENT or reader.root is None
        found = "the document is empty" if empty else f"the top is {shown(reader.root)}"
        reader.fault(f"{found}, not a mapping", "Write 'key: value' lines", 1)
    if reader.faults:
        raise InputError(reader.faults)
    return Document(reader.root, name, reader.lines)


def _clean_text(text: str | bytes, name: str) -> str:
    """Text of a document within the byte limit and free of NUL characters."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    problem, remedy, line = "", "", None
    if len(raw) > MAX_BYTES:
        problem = f"the document is larger than {MAX_BYTES // 1024} kB"
        remedy = "Put long tables in a CSV file"
    elif b"\0" in raw:
        problem = "this is not a text file (it holds NUL bytes)"
        remedy = "Save it as a text file in UTF-8"
    elif isinstance(text, str):
        return text.removeprefix("\ufeff")
    else:
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            problem, remedy = "this is not UTF-8 text", "Save the file as UTF-8"
            line = raw.count(b"\n", 0, error.start) + 1
    raise InputError([Fault(problem, file=name, line=line, remedy=remedy)])


def _follow_events(text: str, reader: _Reader) -> None:
    """Feed the parser's events to the reader until the end, a limit or a syntax error."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError
    from ruamel.yaml.reader import ReaderError

    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            if not reader.take(event):
                return
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        reader.fault(f"the character U+{error.character:04X} is not allowed", "Remove it", line)
    except MarkedYAMLError as error:
        words = short(f"{error.context or ''}: {error.problem or ''}", 200)
        mark = error.problem_mark or error.context_mark
        if re.search("end of stream|stream end|simple key", words):
            mark = error.context_mark or mark
        reader.fault(*syntax_words(words), mark.line + 1 if mark else None)
    except (YAMLError, YAMLStreamError, AssertionError, ArithmeticError, ValueError) as error:
        reader.fault(f"this cannot be read as YAML ({short(str(error), 200)})", LOOK)


@dataclass
class _Open:
    """A mapping or list that is still being read."""

    value: dict[str, Any] | list[Any]
    path: Loc
    key: str | None = None
    """Key of the coming value; None drops the value, because its key was faulty."""
    awaits_key: bool = True
    key_lines: dict[str, int] = field(default_factory=dict)

    def next_path(self) -> Loc:
        """Place of the coming value; the mapping's own place for a key."""
        if isinstance(self.value, list):
            return (*self.path, len(self.value))
        return self.path if self.awaits_key or self.key is None else (*self.path, self.key)


class _Reader:
    """Turns parser events into plain data, without recursion, collecting faults."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Any = ABSENT
        self.lines: dict[Loc, int] = {}
        self.faults: list[Fault] = []
        self.line = 1
        self._open: list[_Open] = []
        self._events = 0
        self._documents = 0

    def fault(self, problem: str, remedy: str = "", line: int | None = None) -> None:
        """Note a fault at the coming value."""
        place = dotted(self._open[-1].next_path(), self.root) if self._open else ""
        self.faults.append(Fault(problem, place, self.name, line or self.line, remedy))

    def take(self, event: Any) -> bool:
        """Use one event; False stops the reading."""
        from ruamel.yaml import events

        self._events += 1
        self.line = event.start_mark.line + 1
        match event:
            case events.ScalarEvent():
                self._place(event, self._scalar(str(event.value), plain=not event.style))
            case events.MappingStartEvent() | events.SequenceStartEvent():
                value: dict[str, Any] | list[Any]
                value = {} if isinstance(event, events.MappingStartEvent) else []
                self._open.append(_Open(value, self._place(event, value)))
            case events.CollectionEndEvent():
                self._open.pop()
            case events.AliasEvent():
                self._place(event, None)
            case events.DocumentStartEvent():
                self._documents += 1
                if event.version not in (None, (1, 2)) or event.tags:
                    self.fault("% directives are not allowed", "Remove the lines that begin with %")
        return self._within_limits()

    def _within_limits(self) -> bool:
        """Check the limits on work; a fault says which one was passed."""
        problem, remedy = "", ""
        if self._events > MAX_EVENTS:
            problem = f"the document has too many entries (more than {MAX_EVENTS} parser events)"
            remedy = "Put long tables in a CSV file"
        elif len(self._open) > MAX_DEPTH:
            problem, remedy = f"the nesting is deeper than {MAX_DEPTH} levels", "Use fewer levels"
        elif self._documents > 1:
            problem, remedy = "a second document begins here ('---')", "Use one file for each"
        elif len(self.faults) >= MAX_FAULTS:
            problem = "too many faults; the rest was not read"
        if problem:
            self.faults.append(Fault(problem, "", self.name, self.line, remedy))
        return not problem

    def _place(self, event: Any, value: Any) -> Loc:
        """Put a value where it belongs and return its place."""
        if event.anchor is not None:
            problem = "anchors (&) and aliases (*) are not allowed"
            self.fault(problem, "Write the value out, or put the text in quotes")
        if getattr(event, "ctag", None) is not None:
            self.fault("tags (!) are not allowed", "Remove the tag, or put the text in quotes")
        parent = self._open[-1] if self._open else None
        path = parent.next_path() if parent else ()
        if parent is None:
            self.root = value
        elif isinstance(parent.value, list):
            parent.value.append(value)
        elif parent.awaits_key:
            parent.awaits_key, parent.key = False, self._key(event, value, parent)
            return parent.next_path()
        else:
            parent.awaits_key = True
            if parent.key is not None:
                parent.value[parent.key] = value
        self.lines.setdefault(path, self.line)
        return path

    def _key(self, event: Any, key: Any, parent: _Open) -> str | None:
        """Check a key and note its line; None if it cannot be used."""
        if not isinstance(key, str):
            written = str(getattr(event, "value", ""))
            remedy = "Put it in quotes" if written else "Write 'key: value'"
            self.fault(f"the key {short(written) or shown(key)} is not text", remedy)
            return None
        first = parent.key_lines.get(key)
        if first is not None:
            problem = f"the key '{short(key)}' stands twice, on lines {first} and {self.line}"
            self.fault(problem, "Keep one of the two")
            return None
        parent.key_lines[key] = self.lines[(*parent.path, key)] = self.line
        return key

    def _scalar(self, text: str, *, plain: bool) -> Any:
        """Value of a scalar; a faulty one gives its text."""
        if plain:
            value = plain_value(text)
            if not isinstance(value, float) or math.isfinite(value):
                return value
            self.fault(f"{short(text)} is not a finite number", "Give a number, or leave it out")
        elif SURROGATE.search(text):
            try:
                return text.encode("utf-16", "surrogatepass").decode("utf-16")
            except UnicodeDecodeError:
                problem = "half of a surrogate pair (\\uD800 to \\uDFFF) is not a character"
                self.fault(problem, "Write the character itself")
        return text
