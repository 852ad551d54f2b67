"""Read a chain file and the tables it names; check their hashes; give the chain its own hash."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from pricing.chains.schema import BenchmarkRow, Chain
from pricing.core.documents import Document, read_document
from pricing.core.faults import validate
from pricing.core.resources import configs_root
from pricing.errors import Fault, InputError

MAX_TABLE_BYTES = 4 * 1024 * 1024
"""Largest benchmark table that is read."""


def shipped_chains() -> tuple[str, ...]:
    """Names of the chains that come with the library."""
    return tuple(sorted(path.stem for path in (configs_root() / "chains").glob("*.yaml")))


def load_chain(name: str, folder: Path | None = None) -> Chain:
    """Load a shipped chain by name, or a chain file beside a scenario.

    Parameters
    ----------
    name : str
        Name of a shipped chain, or a file name ending in ``.yaml``.
    folder : Path, optional
        Where a named file lies.

    Raises
    ------
    InputError
        With every fault of the file or its tables.
    """
    if name.endswith((".yaml", ".yml")):
        if folder is None or Path(name).name != name:
            raise InputError(
                [Fault(f"chain file '{name}' must lie beside the scenario file", "chain")]
            )
        return load_chain_file(folder / name)
    if name not in shipped_chains():
        known = ", ".join(shipped_chains())
        raise InputError([Fault(f"unknown chain '{name}'", "chain", remedy=f"Known: {known}")])
    return _shipped(name)


@lru_cache(maxsize=32)
def _shipped(name: str) -> Chain:
    return load_chain_file(configs_root() / "chains" / f"{name}.yaml", configs_root() / "data")


def load_chain_file(path: Path, data: Path | None = None) -> Chain:
    """Load a chain file; its tables lie in ``data``, or beside it."""
    document = read_document(path)
    tables = data if data is not None else path.parent
    filled = dict(document.data)
    if isinstance(filled.get("benchmarks"), dict):
        filled["benchmarks"] = {
            key: _with_rows(value, tables, f"benchmarks.{key}", document)
            for key, value in filled["benchmarks"].items()
        }
    chain = validate(Chain, Document(filled, document.name, document.lines))
    _check_sources(chain, document)
    return chain


def _with_rows(benchmark: Any, tables: Path, where: str, document: Document) -> Any:
    """A benchmark with the rows of its table filled in."""
    if not isinstance(benchmark, dict) or not isinstance(benchmark.get("table"), str):
        return benchmark
    line = document.line(tuple(where.split(".")))
    path = tables / Path(benchmark["table"]).name
    if not path.is_file():
        raise InputError([Fault(f"table {path.name} is missing", where, document.name, line)])
    content = path.read_bytes()
    if len(content) > MAX_TABLE_BYTES:
        raise InputError([Fault(f"table {path.name} is too large", where, document.name, line)])
    digest = hashlib.sha256(content).hexdigest()
    stated = benchmark.get("sha256")
    if stated is not None and stated != digest:
        raise InputError(
            [
                Fault(
                    f"table {path.name} has hash {digest[:9]}..., not {str(stated)[:9]}... as stated",
                    f"{where}.sha256",
                    document.name,
                    line,
                    "Restore the table, or rebuild it and state the new hash",
                )
            ]
        )
    return benchmark | {"rows": read_rows(content.decode("utf-8"), path.name)}


def read_rows(text: str, name: str) -> tuple[BenchmarkRow, ...]:
    """Rows of a benchmark table; lines that start with ``#`` are remarks."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    rows, faults = [], []
    for number, record in enumerate(csv.DictReader(io.StringIO("\n".join(lines))), start=2):
        cleaned: dict[str, Any] = {key: value for key, value in record.items() if value}
        try:
            cleaned["value"] = float(cleaned.get("value", "nan"))
            rows.append(BenchmarkRow.model_validate(cleaned))
        except ValueError as error:
            first = str(error).splitlines()[0]
            faults.append(Fault(f"row cannot be read: {first}", file=name, line=number))
    if faults:
        raise InputError(faults)
    return tuple(rows)


def _check_sources(chain: Chain, document: Document) -> None:
    """Every source that a number refers to is listed."""
    wanted: dict[str, str] = {}
    _walk(chain.model_dump(exclude={"sources"}), "", wanted)
    faults = [
        Fault(f"no entry '{key}' in 'sources'", where, document.name, None, "Add it to 'sources'")
        for key, where in wanted.items()
        if key not in chain.sources
    ]
    if faults:
        raise InputError(faults)


def _walk(data: Any, where: str, wanted: dict[str, str]) -> None:
    if isinstance(data, dict):
        if isinstance(data.get("source"), str):
            wanted.setdefault(data["source"], where)
        for key, value in data.items():
            _walk(value, f"{where}.{key}" if where else str(key), wanted)
    elif isinstance(data, list | tuple):
        for number, value in enumerate(data):
            _walk(value, f"{where}.{number}", wanted)


_HASHES: dict[int, tuple[Chain, str]] = {}


def chain_hash(chain: Chain) -> str:
    """SHA-256 over everything in a chain that can move a number, its tables included."""
    known = _HASHES.get(id(chain))
    if known is not None and known[0] is chain:
        return known[1]
    content = chain.model_dump(mode="json", exclude={"title", "description"})
    digest = hash_of(content)
    _HASHES[id(chain)] = (chain, digest)
    return digest


def hash_of(content: Any) -> str:
    """SHA-256 of canonical JSON."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
