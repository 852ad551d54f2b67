"""Documents: untrusted YAML 1.2 in, plain data with line numbers out, and faults in plain English.

Reading never builds more than the text holds. The parser's event stream is followed without
recursion, limits are checked while it runs, and anything a data file does not need (anchors, tags,
several documents, keys that are not text, NaN and infinity) is a fault. Plain words are read by the
core schema of YAML 1.2: ``NO``, ``12:30`` and ``2026-02-04`` are text, ``010`` is 10, ``1e3`` is
1000.0.
"""

from __future__ import annotations

import json
import math
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from pricing.errors import Fault, InputError

MAX_BYTES = 256 * 1024
"""Largest document that is read [bytes]; larger tables belong in a CSV file."""
MAX_DEPTH = 20
"""Deepest nesting of mappings and lists that is read."""
MAX_EVENTS = 60_000
"""Most parser events (about two per entry) that are read; keeps every text under about a second."""
MAX_FAULTS = 100
"""Most faults that are listed; the rest of the document is not looked at."""
FLOW_WIDTH = 100
"""Widest line on which :func:`dump_yaml` puts a flat mapping or list [characters]."""

Loc = tuple[str | int, ...]
"""Place in a document: keys and list positions from the top."""
Model = TypeVar("Model", bound=BaseModel)

_ABSENT = object()


@dataclass(frozen=True)
class Document:
    """Plain data read from a text, with the line of every key and list item."""

    data: dict[str, Any]
    """The top mapping: only dict, list, str, int, float, bool and None."""
    name: str
    """File name, or another name for the text."""
    lines: Mapping[Loc, int]
    """Place -> line, counted from 1."""

    def line(self, loc: Loc) -> int | None:
        """Line of a place, or of its nearest known parent.

        Parts that pydantic adds to a location (tags of unions, names of classes) are passed over,
        and an item of a list may be given by its position or by its ``id``.
        """
        return self.line_at(_path_in(self.data, loc))

    def line_at(self, path: Loc) -> int | None:
        """Line of an exact place, or of its nearest known parent; None where nothing is known."""
        ends = range(len(path), -1, -1)
        return next((self.lines[path[:end]] for end in ends if path[:end] in self.lines), None)


# --- reading -----------------------------------------------------------------------------------


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
        names = sorted(entry.name for entry in path.parent.iterdir())
    except OSError:
        names = []
    near = get_close_matches(path.name, names, n=1)
    remedy = f"Did you mean '{near[0]}'?" if near else "Check the name and the directory"
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
        empty = reader.root is _ABSENT or reader.root is None
        found = "the document is empty" if empty else f"the top is {_shown(reader.root)}"
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
        words = _short(f"{error.context or ''}: {error.problem or ''}", 200)
        mark = error.problem_mark or error.context_mark
        if re.search("end of stream|stream end|simple key", words):
            mark = error.context_mark or mark
        reader.fault(*_syntax_words(words), mark.line + 1 if mark else None)
    except (YAMLError, YAMLStreamError, AssertionError, ArithmeticError, ValueError) as error:
        reader.fault(f"this cannot be read as YAML ({_short(str(error), 200)})", _LOOK)


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
_LOOK = "Check this line and the one above"


def _syntax_words(said: str) -> tuple[str, str]:
    """Plain-English problem and remedy for a syntax error of the parser."""
    for pattern, words in _SYNTAX.items():
        if re.search(pattern, said):
            return words
    return f"this cannot be read as YAML ({said.strip(': ')})", _LOOK


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
        self.root: Any = _ABSENT
        self.lines: dict[Loc, int] = {}
        self.faults: list[Fault] = []
        self.line = 1
        self._open: list[_Open] = []
        self._events = 0
        self._documents = 0

    def fault(self, problem: str, remedy: str = "", line: int | None = None) -> None:
        """Note a fault at the coming value."""
        place = _dotted(self._open[-1].next_path(), self.root) if self._open else ""
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
            self.fault(f"the key {_short(written) or _shown(key)} is not text", remedy)
            return None
        first = parent.key_lines.get(key)
        if first is not None:
            problem = f"the key '{_short(key)}' stands twice, on lines {first} and {self.line}"
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
            self.fault(f"{_short(text)} is not a finite number", "Give a number, or leave it out")
        elif _SURROGATE.search(text):
            try:
                return text.encode("utf-16", "surrogatepass").decode("utf-16")
            except UnicodeDecodeError:
                problem = "half of a surrogate pair (\\uD800 to \\uDFFF) is not a character"
                self.fault(problem, "Write the character itself")
        return text


_SURROGATE = re.compile("[\ud800-\udfff]")
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


# --- places ------------------------------------------------------------------------------------


def _child(node: Any, part: str | int) -> tuple[str | int, Any]:
    """Key or position, and value, of a part of a place; the value is _ABSENT if there is none."""
    if isinstance(node, Mapping) and part in node:
        return part, node[part]
    if isinstance(node, Sequence) and not isinstance(node, str | bytes):
        if isinstance(part, int) and 0 <= part < len(node):
            return part, node[part]
        if isinstance(part, str):
            for index, item in enumerate(node):
                if isinstance(item, Mapping) and item.get("id") == part:
                    return index, item
    return part, _ABSENT


def _path_in(data: Any, loc: Loc) -> Loc:
    """Parts of a location that exist in the data."""
    path: list[str | int] = []
    for part in loc:
        key, value = _child(data, part)
        if value is not _ABSENT:
            path.append(key)
            data = value
    return tuple(path)


def _dotted(path: Loc, data: Any) -> str:
    """Place in words: ``policies.oxide_floor.level``; an item without a unique id by position."""
    parts: list[str] = []
    for part in path:
        siblings, (_, data) = data, _child(data, part)
        name = data.get("id") if isinstance(data, Mapping) else None
        if isinstance(part, int) and isinstance(name, str) and name:
            same = [x for x in siblings if isinstance(x, Mapping) and x.get("id") == name]
            parts.append(name if len(same) == 1 else str(part))
        else:
            parts.append(str(part))
    return ".".join(_short(part, 80) for part in parts)


def _short(text: str, width: int = 60) -> str:
    """Text of at most a width, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 3] + "..."


def _shown(value: Any) -> str:
    """A value in words, short enough for a message."""
    if value is None or value is _ABSENT:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{_short(value)}'"
    if isinstance(value, Mapping | BaseModel):
        return "a mapping"
    if isinstance(value, Sequence | AbstractSet):
        return "a list"
    return _short(str(value)) if isinstance(value, float) or _printable(value) else "this value"


def _printable(value: Any) -> bool:
    """Tell whether a value is an integer short enough to print."""
    return isinstance(value, int) and value.bit_length() < 990


# --- validation --------------------------------------------------------------------------------


def validate(model: type[Model], document: Document) -> Model:
    """Build a model from a document; raises :class:`InputError` with every fault."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise InputError(faults_of(error, document, model)) from None


def faults_of(
    error: ValidationError,
    document: Document | None = None,
    model: type[BaseModel] | None = None,
) -> tuple[Fault, ...]:
    """Faults of a failed validation: field, line, plain-English problem and remedy.

    Parameters
    ----------
    error : ValidationError
        What pydantic raised.
    document : Document, optional
        Where the data came from; gives names, ids and lines.
    model : type, optional
        The model that was validated; gives suggestions and exact field paths.

    Returns
    -------
    tuple of Fault
        At most ``MAX_FAULTS`` and a closing remark, without repeats. A validator may itself raise
        an :class:`InputError`; its faults are taken over, with fields relative to the validator.
    """
    found: dict[tuple[str, str], Fault] = {}
    errors = error.errors(include_url=False)
    for item in errors:
        for fault in _faults(item, document, model):
            found.setdefault((fault.field, fault.problem), fault)
        if len(found) >= MAX_FAULTS:
            name = document.name if document else ""
            found["", ""] = Fault(f"more faults; pydantic counts {len(errors)} in all", file=name)
            break
    return tuple(found.values())


@dataclass(frozen=True)
class _Spot:
    """Where an error is, and what is known there."""

    path: Loc
    """Place in the document."""
    parent: Any
    """Data that holds the place; _ABSENT where unknown."""
    types: tuple[Any, ...]
    """Types that the model allows for the parent; empty where unknown."""


def _faults(
    item: Mapping[str, Any], document: Document | None, model: type[BaseModel] | None
) -> Iterator[Fault]:
    """Faults of one pydantic error."""
    data, name = (document.data, document.name) if document else (_ABSENT, "")
    kind, context = str(item["type"]), item.get("ctx", {})
    loc: Loc = item["loc"]
    if kind.startswith("union_tag_"):
        loc = (*loc, str(context["discriminator"]).strip("'"))
    spot = _find(loc, kind in _NAMED, data, model)
    inner = context.get("error")
    if isinstance(inner, InputError):
        for fault in inner.faults:
            more = tuple(fault.field.split(".")) if fault.field else ()
            place = _path_in(data, (*spot.path, *more))
            line = fault.line or (document.line_at(place) if document else None)
            field = ".".join(part for part in (_dotted(spot.path, data), fault.field) if part)
            yield Fault(fault.problem, field, fault.file or name, line, fault.remedy)
        return
    problem, remedy = _words(item, spot)
    if loc and loc[-1] == "[key]":
        problem = f"this name cannot be used: {problem}"
    line = document.line_at(spot.path) if document else None
    yield Fault(problem, _dotted(spot.path, data), name, line, remedy)


_NAMED = {"missing", "extra_forbidden", "union_tag_invalid", "union_tag_not_found"}
"""Errors whose location ends with a name of the document, whether or not it is there."""
_INTERNAL = re.compile(
    r".*[\[\](){}]|(?:str|int|float|bool|none|date|datetime)$|(?:constrained|nullable|literal)-"
    r"|(?:function|lax|json|is-instance|tagged|enum)-|[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+$"
)
"""Parts of a location that pydantic adds, for use where neither data nor model is known."""


def _find(loc: Loc, named: bool, data: Any, model: type[BaseModel] | None) -> _Spot:
    """Follow a location through the model and the data, leaving out what pydantic added."""
    path: list[str | int] = []
    node = parent = data
    own: tuple[Any, ...] = (model,) if model else ()
    types, tagged = own, False
    for position, part in enumerate(loc):
        last = named and position == len(loc) - 1
        deeper, verdict = _step(own, part, last)
        key, child = _child(node, part)
        if verdict is None:
            tag = not tagged and isinstance(node, Mapping) and node.get("kind") == part
            present = child is not _ABSENT if data is not _ABSENT else not _internal(part)
            verdict = last or (present and not tag)
            tagged = tag
        if verdict:
            parent, node, types = node, child, own
            path.append(key)
        own = deeper
    return _Spot(tuple(path), parent, types)


def _internal(part: str | int) -> bool:
    """Tell whether a part of a location looks like one that pydantic added."""
    return isinstance(part, str) and _INTERNAL.match(part) is not None


def _step(
    types: tuple[Any, ...], part: str | int, last: bool
) -> tuple[tuple[Any, ...], bool | None]:
    """Types below a part of a location, and whether it belongs to the document.

    The verdict is None where the types do not tell. In a union of several types the first part is
    the label of one of them.
    """
    if len(types) > 1 and not last:
        labelled = tuple(kind for kind in types if _labelled(kind, part))
        if labelled:
            return labelled, False
    below: list[Any] = []
    for kind in types:
        origin, args = get_origin(kind) or kind, get_args(kind)
        if not isinstance(origin, type):
            continue
        if issubclass(origin, BaseModel):
            below += [
                choice
                for name, field in origin.model_fields.items()
                if part in (name, field.alias, field.validation_alias)
                for choice in _choices(field.annotation)
            ]
        elif args and issubclass(origin, Mapping) and isinstance(part, str) and part != "[key]":
            below += _choices(args[1])
        elif args and issubclass(origin, Sequence | AbstractSet) and isinstance(part, int):
            fixed = origin is tuple and args[-1] is not Ellipsis and part < len(args)
            below += _choices(args[part] if fixed else args[0])
    if below:
        return tuple(below), True
    return types, None


def _choices(annotation: Any) -> list[Any]:
    """Types that an annotation allows, without None."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _choices(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [choice for each in get_args(annotation) for choice in _choices(each)]
    if hasattr(annotation, "__value__"):
        return _choices(annotation.__value__)
    return [] if annotation in (None, type(None)) else [annotation]


def _labelled(kind: Any, part: str | int) -> bool:
    """Tell whether a part of a location is pydantic's label for a type of a union."""
    words = re.findall(r"[\w-]+", str(part))
    name = getattr(get_origin(kind) or kind, "__name__", "")
    return part in _kinds(kind) or name in words or f"constrained-{name}" in words


def _kinds(kind: Any, key: str = "kind") -> tuple[Any, ...]:
    """Values that a model allows for its discriminator."""
    fields = kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else {}
    annotation = fields[key].annotation if key in fields else None
    return get_args(annotation) if get_origin(annotation) is Literal else ()


_NEEDED = {
    **dict.fromkeys(("float_type", "float_parsing"), "a number"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    "string_type": "text",
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), "a list"),
    **dict.fromkeys(("dict_type", "mapping_type", "dataclass_type"), "a mapping"),
    **dict.fromkeys(("model_type", "model_attributes_type"), "a mapping"),
}
_HOW = {
    "text": "Write text, in quotes if it looks like a number",
    "a list": "Write '- item' lines or [a, b]",
    "a mapping": "Write 'key: value' lines or {key: value}",
    "true or false": "Write true or false",
    "a number": "Write a number without quotes or unit",
    "a whole number": "Write a number without decimals, quotes or unit",
}
_RULES = {
    "missing": ("this field is required", "Add it"),
    "union_tag_not_found": ("this field is required", "Add it"),
    "finite_number": ("{found} is not a finite number", "Give a finite number"),
    "greater_than_equal": ("{found} is too small", "Use at least {ge}"),
    "greater_than": ("{found} is too small", "Use more than {gt}"),
    "less_than_equal": ("{found} is too large", "Use at most {le}"),
    "less_than": ("{found} is too large", "Use less than {lt}"),
    "string_too_short": ("the text is too short", "Use at least {min_length} characters"),
    "string_too_long": ("the text is too long", "Use at most {max_length} characters"),
    "too_short": ("there are too few entries ({actual_length})", "Give at least {min_length}"),
    "too_long": ("there are too many entries", "Give at most {max_length}"),
    "string_pattern_mismatch": ("{found} does not have the form needed here", "Match {pattern}"),
}


def _words(item: Mapping[str, Any], spot: _Spot) -> tuple[str, str]:
    """Problem and remedy of one pydantic error, in plain English."""
    kind, context = str(item["type"]), item.get("ctx", {})
    found = _shown(item.get("input"))
    field = spot.path[-1] if spot.path else ""
    if kind == "extra_forbidden":
        return f"unknown field '{_short(str(field))}'", _nearest_field(str(field), spot)
    if kind in ("literal_error", "enum"):
        name = field if field in ("unit", "kind") else "value"
        return f"the {name} {found} is not allowed here", f"Use {context['expected']}"
    if kind == "union_tag_invalid":
        problem = f"the {field} '{_short(str(context['tag']))}' is not allowed here"
        return problem, f"Use one of {context['expected_tags']}"
    if kind in _NEEDED:
        return f"{_NEEDED[kind]} is needed here, not {found}", _HOW[_NEEDED[kind]]
    problem, remedy = _RULES.get(kind, (str(item["msg"]), ""))
    if kind in _RULES:
        context = {**context, "found": found}
        problem, remedy = problem.format_map(context), remedy.format_map(context)
    elif "error" in context:
        problem = str(context["error"]) or "this value cannot be used"
    if kind == "union_tag_not_found":
        kinds = [repr(name) for each in spot.types for name in _kinds(each, str(field))]
        remedy += f" with one of {', '.join(kinds)}" if kinds else ""
    return _short(problem, 400), remedy


def _nearest_field(field: str, spot: _Spot) -> str:
    """Remedy for an unknown field: the most similar one, or those that are allowed."""
    names = {
        each.alias or name: None
        for kind in spot.types
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        for name, each in kind.model_fields.items()
    }
    present = spot.parent if isinstance(spot.parent, Mapping) else {}
    free = [name for name in names if name not in present]
    near = get_close_matches(field, free, n=1) or get_close_matches(field, names, n=1)
    if near:
        return f"Did you mean '{near[0]}'?"
    return f"Allowed here: {', '.join(free)}" if free else "Remove it or correct its name"


# --- writing -----------------------------------------------------------------------------------


def dump_yaml(data: Mapping[str, Any]) -> str:
    """Write plain data as YAML that :func:`parse_document` reads back unchanged.

    Parameters
    ----------
    data : mapping
        Text keys; values are mappings, lists, text, finite numbers, true, false and None, nested at
        most ``MAX_DEPTH`` deep. The order of keys is kept.

    Raises
    ------
    InputError
        If the data hold anything else.

    Examples
    --------
    >>> print(dump_yaml({"country": "NO", "price": {"value": 110, "unit": "USD/kg"}}), end="")
    country: "NO"
    price: {value: 110, unit: USD/kg}
    """
    if not isinstance(data, Mapping):
        raise InputError(f"only a mapping can be written, not {_shown(data)}")
    return "".join(f"{line}\n" for line in (_block(data, "", ()) if data else ["{}"]))


def _block(node: Any, indent: str, path: Loc) -> Iterator[str]:
    """Lines of a mapping or list that is not empty, in block style."""
    if len(path) >= MAX_DEPTH:
        raise _unwritable(f"the nesting is deeper than {MAX_DEPTH} levels", path)
    for key, item in node.items() if isinstance(node, Mapping) else enumerate(node):
        here = (*path, key)
        head = f"{indent}-"
        if isinstance(node, Mapping):
            name = _text(key, here)
            head = f"{indent}{name}:"
            if len(name) > _LONGEST_SIMPLE_KEY:
                yield f"{indent}? {name}"
                head = f"{indent}:"
        line = _one_line(item, head, here)
        if line is not None:
            yield line
            continue
        lines = _block(item, f"{indent}  ", here)
        if isinstance(node, Mapping):
            yield head
        else:
            yield f"{head} {next(lines).lstrip(' ')}"
        yield from lines


_LONGEST_SIMPLE_KEY = 120
"""Characters; longer keys are written with '?'. YAML allows 1024."""


def _one_line(item: Any, head: str, path: Loc) -> str | None:
    """Entry on one line: a scalar, an empty collection, or a short flat one; else None."""
    if not isinstance(item, Mapping | list | tuple):
        return f"{head} {_scalar_text(item, path)}"
    children = item.values() if isinstance(item, Mapping) else item
    if any(isinstance(child, Mapping | list | tuple) for child in children):
        return None
    if isinstance(item, Mapping):
        places = {key: (*path, key) for key in item}
        pairs = (f"{_text(key, at)}: {_scalar_text(item[key], at)}" for key, at in places.items())
        line = f"{head} {{{', '.join(pairs)}}}"
    else:
        parts = (_scalar_text(each, (*path, index)) for index, each in enumerate(item))
        line = f"{head} [{', '.join(parts)}]"
    fits = len(line) <= FLOW_WIDTH or not item
    return line if fits and len(path) < MAX_DEPTH else None


def _scalar_text(value: Any, path: Loc) -> str:
    """A scalar as YAML."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value, path)
    if _printable(value):
        return int.__repr__(value)
    if isinstance(value, float) and math.isfinite(value):
        return float.__repr__(value)
    raise _unwritable(f"{_shown(value)} ({type(value).__name__}) cannot be written", path)


_PLAIN = re.compile(
    r"[^\W\d_](?:[\w ./%+()-]*[\w.%)])?"  # words that begin with a letter
    r"|-?[0-9]+(?:\.[0-9]+)? [A-Za-z%](?:[\w ./%]*[\w%])?"  # 110 USD/kg
)
_RISKY = re.compile(r"(?i:y|n|yes|no|on|off|true|false|null)")
"""Words that readers of YAML 1.1 take for true, false or null."""
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def _text(value: Any, path: Loc) -> str:
    """Text as YAML: plain where every reader agrees, else in double quotes."""
    if not isinstance(value, str):
        raise _unwritable(f"the key {_shown(value)} is not text", path)
    if _SURROGATE.search(value):
        raise _unwritable("half of a surrogate pair cannot be written", path)
    if _PLAIN.fullmatch(value) and not _RISKY.fullmatch(value):
        return str.__str__(value)
    quoted = json.dumps(str.__str__(value), ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _unwritable(problem: str, path: Loc) -> InputError:
    """Error of data that YAML documents of this library do not hold."""
    return InputError([Fault(problem, ".".join(str(part) for part in path))])
