"""Write a result into a folder: all files or none, and never over files that exist."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pricing.accounts.ledger import COLUMNS as LEDGER_COLUMNS
from pricing.chains.load import local_files
from pricing.core.hidden import told_as
from pricing.errors import Fault, InputError
from pricing.reporting.stamp import comment_lines, scenario_file, stamp
from pricing.reporting.tidy import COLUMNS

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result

EXTRA = "pip install 'critical-minerals-pricing[export]'"
"""How to get the packages that only exports need."""
NEEDED = {
    "xlsxwriter": "the Excel workbook",
    "vl_convert": "charts as files",
}
"""Package -> what needs it."""
LEDGER_UNITS = {"tonnes": "t", "rate": "USD/t", "amount": "USD"}
LEDGER_HEADER = tuple(
    f"{name} [{LEDGER_UNITS[name]}]" if name in LEDGER_UNITS else name for name in LEDGER_COLUMNS
)
"""Columns of the ledger, numbers with their unit."""
FILES = (
    "results.csv",
    "ledger.csv",
    "results.parquet",
    "results.xlsx",
    "scenario.yaml",
    "chart.png",
    "report.txt",
    "about.json",
)
"""Files of an export."""


def safe(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front.

    Examples
    --------
    >>> safe("=1+1"), safe("oxide"), safe(-1.5)
    ("'=1+1", 'oxide', -1.5)
    """
    risky = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if risky else value


def require(packages: Iterable[str]) -> None:
    """Check that optional packages are there.

    Raises
    ------
    InputError
        Naming the extra that brings them.
    """
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        needs = " and ".join(f"{NEEDED[name]} ({name})" for name in missing)
        raise InputError([Fault(f"not installed: {needs}", remedy=EXTRA)])


def check_target(folder: Path, *, force: bool, names: Sequence[str] = FILES) -> None:
    """Check that an export could be written, before anything is computed or written.

    Raises
    ------
    InputError
        If a package is missing, the place is not a folder, or files exist and ``force`` is not
        set.
    """
    require(NEEDED)
    for place in (folder, *folder.parents):
        if place.exists():
            if not place.is_dir():
                raise InputError([Fault("this is not a folder", file=str(place))])
            break
    blocked = [name for name in names if (folder / name).is_dir()]
    if blocked:
        raise InputError(
            [
                Fault("a folder has the name of a file to be written", file=str(folder / name))
                for name in blocked
            ]
        )
    existing = [name for name in names if (folder / name).exists()]
    if existing and not force:
        raise InputError(
            [
                Fault(
                    f"these files exist: {', '.join(existing)}",
                    file=str(folder),
                    remedy="Choose another folder, or use --force (in Python: force=True)",
                )
            ]
        )


def export(result: Result, folder: Path, *, force: bool = False) -> list[Path]:
    """Write tables, ledger, workbook, scenario, chart, report and a stamp into a folder.

    A local chain and its tables go with it, so that the scenario can be solved from there.
    Everything is first written to a temporary folder beside it and moved when complete. Other
    files in the folder are left alone.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    InputError
        If files exist and ``force`` is not set, or an optional package is missing.
    """
    scenario = result.scenario
    beside = [
        path
        for path in local_files(scenario.document.chain, scenario.folder)
        if (folder / path.name).resolve() != path.resolve()
    ]
    names = (*FILES, *(path.name for path in beside))
    check_target(folder, force=force, names=names)
    with told_as(folder), _staging(folder) as staging:
        for name, write in _writers(result).items():
            write(staging / name)
        for path in beside:
            shutil.copyfile(path, staging / path.name)
        _move(staging, folder, names)
    return [folder / name for name in names]


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A temporary folder inside an existing target, or beside a new one; gone afterwards.

    Folders that were made on the way are removed again if the work fails.
    """
    made = [parent for parent in folder.parents if not parent.exists()]
    folder.parent.mkdir(parents=True, exist_ok=True)
    room = folder if folder.exists() else folder.parent
    top = Path(tempfile.mkdtemp(prefix=".export-", dir=room))
    try:
        (top / "files").mkdir()
        yield top / "files"
    except BaseException:
        shutil.rmtree(top, ignore_errors=True)
        for parent in made:
            parent.rmdir()
        raise
    shutil.rmtree(top, ignore_errors=True)


def _writers(result: Result) -> dict[str, Callable[[Path], None]]:
    """File name -> what writes it."""
    from pricing.reporting.figures import overview, picture
    from pricing.reporting.workbook import write_workbook

    ledger, about = result.accounts.ledger, stamp(result)
    rows = ([getattr(row, name) for name in LEDGER_COLUMNS] for row in ledger.rows)
    return {
        "results.csv": lambda path: write_csv(
            path, COLUMNS, ([row[name] for name in COLUMNS] for row in result.records)
        ),
        "ledger.csv": lambda path: write_csv(path, LEDGER_HEADER, rows),
        "results.parquet": lambda path: _write_bytes(path, parquet(result)),
        "results.xlsx": lambda path: write_workbook(result, path),
        "scenario.yaml": lambda path: _write_text(path, scenario_file(result.scenario)),
        "chart.png": lambda path: _write_bytes(path, picture(overview(result), ".png")),
        "report.txt": lambda path: _write_text(path, result.report()),
        "about.json": lambda path: _write_text(path, json.dumps(about, indent=2) + "\n"),
    }


def parquet(result: Result) -> bytes:
    """The tidy table as Parquet; the stamp is in ``attrs`` of the table that pandas reads back."""
    from pricing.reporting.tables import frame

    table = frame(result.records)
    table.attrs.update(stamp(result))
    return bytes(table.to_parquet(index=False))


def workbook(result: Result) -> bytes:
    """The Excel workbook."""
    from pricing.reporting.workbook import write_workbook

    require(["xlsxwriter"])
    buffer = io.BytesIO()
    write_workbook(result, buffer)
    return buffer.getvalue()


def tidy_csv(result: Result) -> bytes:
    """The tidy table as CSV below lines that say what it is; text is safe for spreadsheets."""
    text = io.StringIO(newline="")
    text.write(comment_lines(stamp(result)))
    rows = ([row[name] for name in COLUMNS] for row in result.records)
    _write_rows(text, COLUMNS, rows)
    return text.getvalue().encode()


def _write_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write a CSV file; missing values are empty, text is made safe for spreadsheets."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        _write_rows(stream, header, rows)


def _write_rows(stream: IO[str], header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> Any:
    """A CSV cell: empty where missing, without carriage returns, which readers take for rows."""
    if value is None:
        return ""
    return safe(value).replace("\r", " ") if isinstance(value, str) else value


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _move(staging: Path, folder: Path, names: Sequence[str]) -> None:
    """Put complete files in place: a new folder at once, else file by file with a way back.

    If a move fails, the files that were there before are put back.
    """
    if not folder.exists():
        staging.rename(folder)
        return
    kept = staging.parent / "replaced"
    kept.mkdir()
    begun: list[str] = []
    try:
        for name in names:
            begun.append(name)
            if (folder / name).exists():
                (folder / name).replace(kept / name)
            (staging / name).replace(folder / name)
    except BaseException:
        for name in begun:
            if (kept / name).exists():
                (kept / name).replace(folder / name)
            elif not (staging / name).exists():
                (folder / name).unlink(missing_ok=True)
        raise
