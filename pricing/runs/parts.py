"""One part of a sweep: solved, written whole or not at all, and checked when it is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pricing.accounts.checks import TOLERANCE
from pricing.accounts.table import IndicatorTable, indicator_table, worst_check
from pricing.core.hidden import told_as
from pricing.equilibrium.table import Rows, Solutions, solve_table
from pricing.errors import InputError, NoEquilibriumError, PricingError
from pricing.runs.plan import PARTS, Sweep, read_plan
from pricing.uncertainty.design import Array
from pricing.uncertainty.statements import label

if TYPE_CHECKING:
    import pyarrow as pa

INPUT, BASE, FAILURE, DRAW = "in:", "base:", "failure", "draw"
"""Names of columns: inputs, indicators without policy, why there is no equilibrium, number."""


class RunError(PricingError):
    """A sweep cannot go on; says why and what to do."""


class DamagedPartError(RunError):
    """A part is not what was written."""


@dataclass(frozen=True)
class PartReport:
    """What a worker says of a part; the numbers are in its file."""

    part: int
    """Number of the part."""
    rows: int
    """Draws in it."""
    unsolved: int
    """Draws without an equilibrium, or whose numbers are not valid together."""


def part_path(folder: Path, part: int) -> Path:
    """File of a part."""
    return folder / PARTS / f"part-{part:06d}.parquet"


@lru_cache(maxsize=2)
def _sweep(folder: str) -> Sweep:
    """The plan, read once in every worker."""
    return read_plan(Path(folder))


def do_part(folder: str, part: int) -> PartReport:
    """Solve one part and write it.

    Raises
    ------
    RunError
        If its accounts do not add up, or the plan did not foresee a column.
    OSError
        If it cannot be written; nothing is left behind.
    """
    sweep = _sweep(folder)
    rows = sweep.plan.rows(part)
    step = sweep.plan.block_rows
    blocks = [
        _block(sweep, first, min(first + step, rows.stop))
        for first in range(rows.start, rows.stop, step)
    ]
    columns = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    metadata = {"plan": sweep.plan.hash, "part": str(part), "seed": str(sweep.plan.seed)}
    write_whole(part_path(sweep.folder, part), _as_table(columns, metadata))
    failures = columns[FAILURE]
    return PartReport(part, len(rows), int((failures != "").sum()))


def _block(sweep: Sweep, first: int, last: int) -> dict[str, Any]:
    """Columns of some draws that are solved together."""
    plan, draws = sweep.plan, sweep.draws
    values = draws.values(first, last)
    columns: dict[str, Any] = {DRAW: np.arange(first, last)}
    columns |= {f"{INPUT}{name}": values[:, n] for n, name in enumerate(draws.ids)}
    table, failures = _solved(sweep, values)
    count = last - first
    places = {name: n for n, name in enumerate(plan.labels)}
    now = np.full((len(plan.labels), count), np.nan)
    before = np.full_like(now, np.nan) if plan.own_worlds else None
    for key, value, base in zip(table.keys, table.value, table.base, strict=True):
        if label(key) not in places:
            problem = f"draws {first} to {last - 1} have an indicator that the plan lacks: "
            raise RunError(f"{problem}{label(key)}. Please report this scenario.")
        now[places[label(key)]] = value
        if before is not None:
            before[places[label(key)]] = base
    solved = np.array([failure == "" for failure in failures])
    for n, name in enumerate(plan.labels):
        if name.startswith("treasury("):  # a policy that is not in force in a draw pays nothing
            now[n] = np.where(solved & np.isnan(now[n]), 0.0, now[n])
    columns |= dict(zip(plan.labels, now, strict=True))
    if before is not None:
        columns |= {f"{BASE}{name}": row for name, row in zip(plan.labels, before, strict=True)}
    return columns | {FAILURE: np.array(failures, dtype=object)}


def _solved(sweep: Sweep, values: Array) -> tuple[IndicatorTable, list[str]]:
    """Indicators of draws (n, D), and why some have none."""
    base, table = sweep.draws.base, sweep.draws.table(values)
    failures, valid = [""] * len(values), list(range(len(values)))
    rows = Rows.of(base, table)
    try:
        solved = solve_table(rows)
    except InputError:
        for n in range(len(values)):  # which draws are not valid scenarios
            try:
                solve_table(Rows.of(base, {path: [cells[n]] for path, cells in table.items()}))
            except InputError as error:
                failures[n] = f"not a valid scenario: {error}"
        valid = [n for n in valid if not failures[n]]
        if not valid:
            return IndicatorTable((), (), np.zeros((0, 0)), np.zeros((0, 0))), failures
        rows = Rows.of(base, {path: [cells[n] for n in valid] for path, cells in table.items()})
        solved = solve_table(rows)
    for n, outcome in zip(valid, solved.outcomes, strict=True):
        if isinstance(outcome, NoEquilibriumError):
            failures[n] = str(outcome)
    _check_one(rows, solved)
    found = indicator_table(rows, solved)
    if len(valid) < len(values):
        found = _spread(found, valid, len(values))
    return found, failures


def _check_one(rows: Rows, solved: Solutions) -> None:
    """The six checks on the first draw that has an equilibrium."""
    for n, outcome in enumerate(solved.outcomes):
        if not isinstance(outcome, NoEquilibriumError):
            error = worst_check(rows, solved, n)
            if not error <= TOLERANCE:
                raise RunError(f"the accounts of a draw do not add up: {error:.1e} of spending.")
            return


def _spread(table: IndicatorTable, at: list[int], count: int) -> IndicatorTable:
    """A table of some rows as one of all, the others not a number."""
    parts = []
    for part in (table.value, table.base):
        whole = np.full((len(table.keys), count), np.nan)
        whole[:, at] = part
        parts.append(whole)
    return IndicatorTable(table.keys, table.units, *parts)


def _as_table(columns: dict[str, Any], metadata: dict[str, str]) -> pa.Table:
    import pyarrow as pa

    arrays = {
        name: pa.array(values, pa.string() if name == FAILURE else None)
        for name, values in columns.items()
    }
    return pa.table(arrays).replace_schema_metadata(metadata)


def write_whole(path: Path, table: pa.Table) -> None:
    """Write a file whole or not at all, whatever stops the process or the computer.

    It is written under another name, forced to the disk, and renamed.
    """
    import pyarrow.parquet as pq

    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with told_as(path), temporary.open("wb") as file:
            pq.write_table(
                table,
                file,
                compression="zstd",
                compression_level=1,
                use_dictionary=[FAILURE],
                write_page_checksum=True,
                write_statistics=False,
            )
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename last; not every system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_part(
    folder: Path, plan_hash: str, part: int, columns: list[str] | None = None
) -> pa.Table:
    """Read columns of a part, checksums included.

    Raises
    ------
    DamagedPartError
        If it cannot be read, or is of another plan.
    FileNotFoundError
        If it is not there.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = part_path(folder, part)
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            stated = file.schema_arrow.metadata or {}
            if stated.get(b"plan") != plan_hash.encode() or stated.get(b"part") != b"%d" % part:
                raise DamagedPartError(f"{path}: this part is of another plan.")
            return file.read(columns)
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise DamagedPartError(f"{path}: this part is damaged: {first}") from error


def check_part(folder: Path, plan_hash: str, part: int, *, pages: bool) -> PartReport | None:
    """What a part holds; None where there is none.

    ``pages`` reads all of it; without, only what says which columns of which plan it has.

    Raises
    ------
    DamagedPartError
        If it is damaged or of another plan.
    """
    try:
        table = read_part(folder, plan_hash, part, None if pages else [FAILURE])
    except FileNotFoundError:
        return None
    failures = table.column(FAILURE).to_pylist()
    return PartReport(part, len(failures), sum(1 for failure in failures if failure))


def stray_files(folder: Path) -> Iterator[Path]:
    """What interrupted writers left behind."""
    yield from (folder / PARTS).glob(".part-*.tmp")
