"""Sheets in files: a folder of CSV files, or an Excel workbook.

A workbook is read with the standard library: names of sheets, shared texts and cells are all that a
template needs. Nothing in it is computed; a formula counts with the value that Excel left.
"""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

from pricing.chains.sheets import Sheets
from pricing.errors import Fault, InputError

MOST_BYTES = 16 * 1024 * 1024
"""Largest file, and largest part of a workbook when unpacked, that is read."""
MOST_COLUMNS = 200
"""Widest sheet that is read."""
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""How a file in UTF-16 begins."""
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def load_sheets(path: Path) -> Sheets:
    """Read a workbook (``.xlsx``) or a folder with one CSV file for each sheet.

    Raises
    ------
    InputError
        If it is neither, or too large, or damaged.
    """
    if path.is_dir():
        return _read_folder(path)
    if path.suffix == ".xlsx" and path.is_file():
        try:
            with zipfile.ZipFile(path) as book:
                return dict(_workbook(book, path))
        except (zipfile.BadZipFile, ElementTree.ParseError, KeyError) as error:
            problem = f"this is no Excel workbook that can be read ({error})"
            remedy = "Save it once more as .xlsx, or use CSV files"
            raise InputError([Fault(problem, file=str(path), remedy=remedy)]) from None
    problem = "a workbook ending in .xlsx, or a folder with CSV files, is needed"
    remedy = "'pricing chain template FILE.xlsx' writes one to fill in"
    raise InputError([Fault(problem, file=str(path), remedy=remedy)])


def _read_folder(path: Path) -> Sheets:
    """All sheets of a folder, or what is wrong with every one that cannot be read."""
    sheets: Sheets = {}
    faults: list[Fault] = []
    for file in sorted(path.glob("*.csv")):
        try:
            sheets[file.stem] = _read_csv(file)
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return sheets


def _read_csv(path: Path) -> list[list[str]]:
    _limit(path.stat().st_size, path)
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = Fault(
            f"this sheet is not in UTF-8 (byte {error.start + 1} of the file)",
            file=str(path),
            line=None if data.startswith(UTF_16) else data.count(b"\n", 0, error.start) + 1,
            remedy="Save it as 'CSV UTF-8', or use an Excel workbook",
        )
        raise InputError([fault]) from None
    rows = csv.reader(StringIO(text, newline=""))
    try:
        return [row[:MOST_COLUMNS] for row in rows]
    except csv.Error as error:
        problem = f"this row is no CSV that can be read ({error})"
        remedy = "Look for a quotation mark that is not closed, or shorten the cell"
        fault = Fault(problem, file=str(path), line=rows.line_num, remedy=remedy)
        raise InputError([fault]) from None


def _limit(size: int, path: Path) -> None:
    if size > MOST_BYTES:
        problem = f"larger than {MOST_BYTES // 1024**2} MB"
        raise InputError([Fault(problem, file=str(path), remedy="Split it, or leave out sheets")])


def _part(book: zipfile.ZipFile, name: str, path: Path) -> ElementTree.Element:
    """A part of the workbook as XML."""
    _limit(book.getinfo(name).file_size, path)
    return ElementTree.fromstring(book.read(name))


def _workbook(book: zipfile.ZipFile, path: Path) -> Iterator[tuple[str, list[list[str]]]]:
    """Name and cells of every sheet."""
    links = {
        link.attrib["Id"]: link.attrib["Target"]
        for link in _part(book, "xl/_rels/workbook.xml.rels", path)
    }
    shared: list[str] = []
    if "xl/sharedStrings.xml" in book.namelist():
        shared = [_words(item) for item in _part(book, "xl/sharedStrings.xml", path)]
    for sheet in _part(book, "xl/workbook.xml", path).iter(f"{_MAIN}sheet"):
        target = links[sheet.attrib[_LINK]].removeprefix("/xl/")
        yield sheet.attrib["name"], _cells(_part(book, f"xl/{target}", path), shared)


def _words(node: ElementTree.Element) -> str:
    """Text of a shared or inline string, without phonetic readings."""
    runs = [node.find(f"{_MAIN}t"), *(run.find(f"{_MAIN}t") for run in node.iter(f"{_MAIN}r"))]
    return "".join(run.text or "" for run in runs if run is not None)


def _cells(sheet: ElementTree.Element, shared: list[str]) -> list[list[str]]:
    """Rows of a sheet as text, gaps filled."""
    rows: list[list[str]] = []
    for row in sheet.iter(f"{_MAIN}row"):
        number = int(row.attrib.get("r", len(rows) + 1))
        cells: list[str] = []
        for one in row.iter(f"{_MAIN}c"):
            column = _column(one.attrib.get("r", ""), len(cells))
            if column < MOST_COLUMNS:
                cells += [""] * (column - len(cells)) + [_content(one, shared)]
        if any(cells):
            rows += [[] for _ in range(min(number, 1_000_000) - len(rows) - 1)] + [cells]
    return rows


def _column(reference: str, following: int) -> int:
    """Position of a cell counted from 0; the next one where it is not said."""
    letters = re.match(r"[A-Z]+", reference)
    if letters is None:
        return following
    position = 0
    for letter in letters[0]:
        position = 26 * position + ord(letter) - ord("A") + 1
    return position - 1


def _content(one: ElementTree.Element, shared: list[str]) -> str:
    """A cell as text: whole numbers without a decimal point."""
    kind, value = one.attrib.get("t", "n"), one.find(f"{_MAIN}v")
    if kind == "inlineStr":
        inline = one.find(f"{_MAIN}is")
        return "" if inline is None else _words(inline)
    text = "" if value is None else value.text or ""
    if kind == "s":
        return shared[int(text)]
    if kind == "b":
        return "true" if text == "1" else "false"
    if kind == "n" and text:
        number = float(text)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    return text


def save_sheets(sheets: Sheets, path: Path) -> None:
    """Write a workbook (``.xlsx``) or a folder of CSV files, whose name has no ending.

    Raises
    ------
    InputError
        If the file or folder exists, or has another ending.
    """
    if path.exists():
        fault = Fault("this exists", file=str(path), remedy="Choose another name")
        raise InputError([fault])
    if path.suffix not in ("", ".xlsx"):
        problem = f"'{path.suffix}' is no ending of what can be written here"
        remedy = "End the name in .xlsx for a workbook; leave the ending out for a folder of CSV"
        raise InputError([Fault(problem, file=str(path), remedy=f"{remedy} files")])
    if path.suffix == ".xlsx":
        _write_workbook(sheets, path)
        return
    path.mkdir(parents=True)
    for name, rows in sheets.items():
        with (path / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)


def _write_workbook(sheets: Sheets, path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True})
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            page.freeze_panes(1, 0)
            for r, row in enumerate(rows):
                for c, text in enumerate(row):
                    page.write_string(r, c, text, bold if r == 0 else None)
            page.autofit()
