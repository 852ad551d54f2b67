"""Read a chain file and the tables it names; check their hashes; give the chain its own hash."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pricing.chains.benchmarks import BenchmarkRow
from pricing.chains.schema import Chain
from pricing.core.documents import MAX_FAULTS, Document, read_document
from pricing.core.faults import faults_of, validate
from pricing.core.merge import merge
from pricing.core.resources import configs_root
from pricing.core.scalars import plain_value
from pricing.core.shelf import Shelf
from pricing.core.sources import source_keys
from pricing.errors import Fault, InputError

MAX_TABLE_BYTES = 4 * 1024 * 1024
"""Largest benchmark table that is read."""


def shipped_chains() -> tuple[str, ...]:
    """Names of the chains that come with the library."""
    return tuple(sorted(path.stem for path in (configs_root() / "chains").glob("*.yaml")))


def load_chain(name: str | Mapping[str, Any], folder: Path | None = None) -> Chain:
    """Load a shipped chain by name, a chain file beside a scenario, or a chain from plain data.

    Parameters
    ----------
    name : str or mapping
        Name of a shipped chain, a file name ending in ``.yaml``, or what a chain file would say.
    folder : Path, optional
        Where a named file lies.

    Raises
    ------
    InputError
        With every fault of the file or its tables.
    """
    if isinstance(name, Mapping):
        document = Document(dict(name), "<chain>", {})
        chain = validate(Chain, document)
        check_sources(chain, document)
        return chain
    given: object = name
    if not isinstance(given, str):
        problem = f"a chain is a name or plain data, not {type(given).__name__}"
        remedy = "Name a shipped chain: " + ", ".join(shipped_chains())
        raise InputError([Fault(problem, "chain", remedy=remedy)])
    if name.endswith((".yaml", ".yml")):
        if folder is None or Path(name).name != name:
            problem = f"chain file '{name}' must lie beside the scenario file"
            remedy = "Name a shipped chain: " + ", ".join(shipped_chains())
            raise InputError([Fault(problem, "chain", remedy=remedy)])
        return load_chain_file(folder / name)
    if name not in shipped_chains():
        known = ", ".join(shipped_chains())
        raise InputError([Fault(f"unknown chain '{name}'", "chain", remedy=f"Known: {known}")])
    return _shipped(name)


def local_files(name: str, folder: Path | None) -> tuple[Path, ...]:
    """Chain file beside a scenario and the tables it names; nothing for a shipped chain."""
    if not name.endswith((".yaml", ".yml")) or folder is None:
        return ()
    path = folder / name
    tables = [part.table for part in load_chain_file(path).benchmarks.values() if part.table]
    return (path, *(path.parent / table for table in dict.fromkeys(tables)))


@lru_cache(maxsize=32)
def _shipped(name: str) -> Chain:
    return load_chain_file(configs_root() / "chains" / f"{name}.yaml", configs_root() / "data")


def load_chain_file(path: Path, data: Path | None = None) -> Chain:
    """Load a chain file; its tables lie in ``data``, or beside it."""
    document = extended(read_document(path))
    filled = dict(document.data)
    if isinstance(filled.get("benchmarks"), dict):
        filled["benchmarks"] = _filled(document, data if data is not None else path.parent)
    chain = validate(Chain, replace(document, data=filled))
    check_sources(chain, document)
    return chain


def extended(document: Document) -> Document:
    """The document on top of the shipped chain that it extends, if it extends one.

    Named parts replace those of the same ``id``; rows of trade costs and of demand are added. Base
    years are not taken over: one more stage changes what balances.
    """
    if "extends" not in document.data:
        return document
    name, shipped = document.data["extends"], configs_root() / "chains"
    base = shipped / f"{name}.yaml"
    if not isinstance(name, str) or name not in shipped_chains():
        known = ", ".join(shipped_chains())
        problem = "'extends' names a shipped chain"
        raise InputError([document.fault(problem, "extends", f"Shipped: {known}")])
    below = read_document(base)
    if "extends" in below.data:
        problem = f"'{name}' extends another chain itself"
        raise InputError([document.fault(problem, "extends", "Extend one that stands alone")])
    own = {key: value for key, value in document.data.items() if key != "extends"}
    kept = {key: value for key, value in below.data.items() if key != "benchmarks"}
    return merge(replace(below, data=kept), replace(document, data=own), longer=True)


def _filled(document: Document, tables: Path) -> dict[str, Any]:
    """The benchmarks with the rows of their tables filled in."""
    benchmarks = dict(document.data["benchmarks"])
    faults: list[Fault] = []
    for key, value in benchmarks.items():
        if not isinstance(value, dict) or not isinstance(value.get("table"), str):
            continue
        try:
            benchmarks[key] = value | {"rows": _table(value, tables, f"benchmarks.{key}", document)}
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return benchmarks


def _table(
    benchmark: dict[str, Any], tables: Path, where: str, document: Document
) -> tuple[BenchmarkRow, ...]:
    """Rows of the table of a benchmark, if the table is the one that is meant."""
    path = tables / Path(benchmark["table"]).name
    content = _content(path)
    digest = hashlib.sha256(content).hexdigest()
    stated = benchmark.get("sha256")
    problem = remedy = ""
    at = f"{where}.table"
    if "rows" in benchmark:
        problem, remedy = "a benchmark has a table or rows, not both", "Take one of them out"
    elif not content:
        problem = f"table {path.name} is missing, empty or cannot be read"
        remedy = "Put it beside the chain file"
    elif len(content) > MAX_TABLE_BYTES:
        problem = f"table {path.name} is larger than {MAX_TABLE_BYTES // 1024**2} MB"
        remedy = "Leave out rows of zero"
    elif stated is not None and stated != digest:
        problem = f"table {path.name} has hash {digest[:9]}..., not {str(stated)[:9]}... as stated"
        remedy, at = "Restore the table, or rebuild it and state the new hash", f"{where}.sha256"
    if problem:
        raise InputError([document.fault(problem, at, remedy)])
    return read_rows(content, path.name)


def _content(path: Path) -> bytes:
    """Bytes of a table, at most one beyond the limit; nothing if it cannot be read."""
    try:
        if path.is_file():
            with path.open("rb") as stream:
                return stream.read(MAX_TABLE_BYTES + 1)
    except OSError:
        pass
    return b""


def read_rows(content: str | bytes, name: str) -> tuple[BenchmarkRow, ...]:
    """Rows of a benchmark table; lines that start with ``#`` are remarks.

    Raises
    ------
    InputError
        With every row that cannot be used, and its line.
    """
    rows: list[BenchmarkRow] = []
    faults: list[Fault] = []
    lines = _lines(content, name)
    reader = csv.DictReader(lines.values(), restkey=_BEYOND)
    numbers = list(lines)
    try:
        for record in reader:
            number = numbers[reader.line_num - 1]
            cells = {key: value for key, value in record.items() if value}
            if isinstance(cells.get("value"), str):
                cells["value"] = plain_value(cells["value"])
            try:
                rows.append(BenchmarkRow.model_validate(cells))
            except ValidationError as error:
                faults += faults_of(error, Document(cells, name, {(): number}), BenchmarkRow)
    except csv.Error as error:
        line = numbers[min(reader.line_num, len(numbers) - 1)]
        faults.append(Fault(f"this line cannot be read: {error}", file=name, line=line))
    if faults:
        raise InputError(faults[:MAX_FAULTS])
    return tuple(rows)


_BEYOND = "(beyond the last column)"


def _lines(content: str | bytes, name: str) -> dict[int, str]:
    """Number and text of every line that is not empty or a remark."""
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        fault = Fault("this is not UTF-8 text", file=name, line=line, remedy="Save it as UTF-8")
        raise InputError([fault]) from None
    numbered = enumerate(text.split("\n"), start=1)
    return {n: line for n, line in numbered if line.strip() and not line.startswith("#")}


def check_sources(chain: Chain, document: Document) -> None:
    """Every source that a number refers to is listed."""
    missing: dict[str, str] = {}
    for key, where in source_keys(chain.model_dump(exclude={"sources"})):
        if key not in chain.sources:
            missing.setdefault(key, where)
    if missing:
        raise InputError(
            [
                document.fault(f"no entry '{key}' in 'sources'", where, "Add it to 'sources'")
                for key, where in missing.items()
            ]
        )


_MOST_HASHES = 64
_HASHES = Shelf[str](_MOST_HASHES)


def chain_hash(chain: Chain) -> str:
    """SHA-256 over everything in a chain that can move a number, its tables included."""

    def digest() -> str:
        return hash_of(chain.model_dump(mode="json", exclude={"title", "description"}))

    return _HASHES.get(chain, None, digest)


def hash_of(content: Any) -> str:
    """SHA-256 of canonical JSON."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
