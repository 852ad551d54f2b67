"""Plain data as YAML text that reads back unchanged."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pricing.core.documents import MAX_DEPTH
from pricing.core.places import Loc, printable, shown
from pricing.core.scalars import SURROGATE
from pricing.errors import Fault, InputError

FLOW_WIDTH = 100
"""Widest line on which :func:`dump_yaml` puts a flat mapping or list [characters]."""


def dump_yaml(data: Mapping[str, Any]) -> str:
    """Write plain data as YAML that ``parse_document`` reads back unchanged.

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
        raise InputError(f"only a mapping can be written, not {shown(data)}")
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
    if printable(value):
        return int.__repr__(value)
    if isinstance(value, float) and math.isfinite(value):
        return float.__repr__(value)
    raise _unwritable(f"{shown(value)} ({type(value).__name__}) cannot be written", path)


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
        raise _unwritable(f"the key {shown(value)} is not text", path)
    if SURROGATE.search(value):
        raise _unwritable("half of a surrogate pair cannot be written", path)
    if _PLAIN.fullmatch(value) and not _RISKY.fullmatch(value):
        return str.__str__(value)
    quoted = json.dumps(str.__str__(value), ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _unwritable(problem: str, path: Loc) -> InputError:
    """Error of data that YAML documents of this library do not hold."""
    return InputError([Fault(problem, ".".join(str(part) for part in path))])
