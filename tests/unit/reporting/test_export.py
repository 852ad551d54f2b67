"""Exports: all files or none, never over files that exist, safe in a spreadsheet."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import pricing
from pricing.reporting import export as exporting
from pricing.reporting.export import FILES, safe, tidy_csv, workbook, write_csv
from pricing.reporting.stamp import scenario_file, stamp
from tests.support.two_stage import CHAIN, FLOOR

CHAIN_FILE = "two_stage.yaml"

SHEETS = [
    "Summary",
    "Prices",
    "Production",
    "Trade",
    "Money",
    "Protection",
    "Price build-up",
    "Regimes",
    "Indicators",
    "Warnings",
    "Sources",
    "About",
]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture(scope="module")
def folder(floor: pricing.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("export") / "deep" / "results"
    floor.export(target)
    return target


def test_all_files_are_written_and_nothing_else(folder: Path):
    assert names(folder) == {*FILES, CHAIN_FILE}
    assert names(folder.parent) == {"results"}


def test_csv_holds_the_tidy_table(folder: Path, floor: pricing.Result):
    with (folder / "results.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    assert len(rows) == len(floor.records)
    for row, record in zip(rows, floor.records, strict=True):
        assert float(row["value"]) == record["value"]
        assert row["partner"] == (record["partner"] or "")


def test_parquet_holds_the_tidy_table_and_the_stamp(folder: Path, floor: pricing.Result):
    table = pd.read_parquet(folder / "results.parquet")

    assert table["value"].to_list() == [row["value"] for row in floor.records]
    assert table.attrs["scenario hash (SHA-256)"] == floor.scenario.hash
    assert pricing.__version__ in table.attrs["software"]
    assert "base year 2024" in table.attrs["data vintage"]


def test_stamp_lies_beside_the_tables(folder: Path, floor: pricing.Result):
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))

    assert about == stamp(floor)
    assert about["scenario hash (SHA-256)"] == floor.scenario.hash


def test_downloads_carry_the_stamp(floor: pricing.Result):
    text = tidy_csv(floor).decode()
    head = [line for line in text.splitlines() if line.startswith("#")]
    table = pd.read_csv(io.StringIO(text), comment="#")

    assert any(floor.scenario.hash in line for line in head)
    assert any(pricing.__version__ in line for line in head)
    assert len(table) == len(floor.records)
    with zipfile.ZipFile(io.BytesIO(workbook(floor))) as book:
        assert floor.scenario.hash in book.read("xl/sharedStrings.xml").decode()


def test_workbook_has_every_number_to_the_last_digit(floor: pricing.Result):
    with zipfile.ZipFile(io.BytesIO(workbook(floor))) as book:
        names = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        cells = [re.findall(r"<c[^>]*><v>([^<]+)</v>", book.read(name).decode()) for name in names]

    written = {float(text) for sheet in cells for text in sheet}
    stated = {row["value"] for row in floor.records}
    assert any(float(f"{value:.16g}") != value for value in stated)  # or it would prove nothing
    assert stated <= written


def test_scenario_file_says_what_it_is(folder: Path, floor: pricing.Result):
    text = (folder / "scenario.yaml").read_text(encoding="utf-8")
    first, *rest = text.splitlines()
    said = [line for line in rest if line.startswith("#")]

    assert first.startswith("# yaml-language-server")
    assert f"# scenario hash (SHA-256): {floor.scenario.hash}" in said
    assert any("data vintage" in line for line in said)
    assert (
        pricing.parse_scenario(scenario_file(pricing.load_scenario("forge_all_stages"))).hash
        == pricing.load_scenario("forge_all_stages").hash
    )


def test_ledger_holds_every_payment(folder: Path, floor: pricing.Result):
    with (folder / "ledger.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    assert list(rows[0])[-4:] == ["tonnes [t]", "rate [USD/t]", "amount [USD]", "money"]
    assert [float(row["amount [USD]"]) for row in rows] == [
        r.amount for r in floor.accounts.ledger.rows
    ]


def test_exported_scenario_gives_the_same_numbers(folder: Path, floor: pricing.Result):
    # A chain file lies beside its scenario.
    (folder / "two_stage.yaml").write_bytes(CHAIN.read_bytes())
    again = pricing.load_scenario(folder / "scenario.yaml")

    assert again.hash == floor.scenario.hash
    assert not again.chain_changed
    assert pricing.solve(again).records == floor.records


def test_workbook_has_its_sheets_version_and_hash(folder: Path, floor: pricing.Result):
    with zipfile.ZipFile(folder / "results.xlsx") as book:
        sheets = book.read("xl/workbook.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()

    assert [name for name in SHEETS if f'name="{name}"' in sheets] == SHEETS
    for words in (floor.scenario.hash, pricing.__version__, "base year 2024", "Made up for tests"):
        assert words in texts


def test_workbook_lists_regimes_with_their_values(floor: pricing.Result):
    from pricing.reporting.workbook import REGIMES, _regimes

    rows = [dict(zip(REGIMES, row, strict=True)) for row in _regimes(floor)]

    assert {row["policy"] for row in rows} == {"floor"}
    assert all(isinstance(row["value"], float) for row in rows)
    assert all(row["process"] is None for row in rows)


def test_report_and_chart(folder: Path, floor: pricing.Result):
    assert (folder / "report.txt").read_text(encoding="utf-8") == floor.report()
    assert (folder / "chart.png").read_bytes().startswith(b"\x89PNG")


def test_existing_files_are_kept_without_force(tmp_path: Path, floor: pricing.Result):
    (tmp_path / "results.csv").write_text("mine")

    with pytest.raises(pricing.InputError, match=r"results\.csv.*--force"):
        floor.export(tmp_path)
    assert names(tmp_path) == {"results.csv"}
    assert (tmp_path / "results.csv").read_text() == "mine"


def test_force_replaces_its_own_files_and_leaves_others(tmp_path: Path, floor: pricing.Result):
    (tmp_path / "results.csv").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")

    written = floor.export(tmp_path, force=True)

    assert written == [tmp_path / name for name in (*FILES, CHAIN_FILE)]
    assert names(tmp_path) == {*FILES, CHAIN_FILE, "notes.txt"}
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "results.csv").read_text() != "old"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("exists", [True, False])
def test_failure_in_the_middle_leaves_nothing(
    tmp_path: Path, floor: pricing.Result, monkeypatch: pytest.MonkeyPatch, error, exists: bool
):
    target = tmp_path / "a" / "b"
    if exists:
        target.mkdir(parents=True)
        (target / "results.csv").write_text("old")
    before = sorted(tmp_path.rglob("*"))

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(exporting, "_write_text", fails)
    with pytest.raises(error):
        floor.export(target, force=True)
    assert sorted(tmp_path.rglob("*")) == before
    if exists:
        assert (target / "results.csv").read_text() == "old"


@pytest.mark.parametrize("stop", range(1, 2 * len(FILES)))
def test_failure_while_moving_puts_the_old_files_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: int
):
    staging, target = tmp_path / "top" / "files", tmp_path / "target"
    staging.mkdir(parents=True)
    target.mkdir()
    for name in FILES:
        (staging / name).write_text("new")
    for name in FILES[::2]:
        (target / name).write_text("old")
    replace, calls = Path.replace, []

    def interrupted(self: Path, other: Path) -> Path:
        calls.append(self)
        if len(calls) == stop:
            raise KeyboardInterrupt
        return replace(self, other)

    monkeypatch.setattr(Path, "replace", interrupted)
    try:
        exporting._move(staging, target, FILES)
    except KeyboardInterrupt:
        assert {path.name: path.read_text() for path in target.iterdir()} == dict.fromkeys(
            FILES[::2], "old"
        )
    else:
        assert len(calls) < stop


def test_target_that_is_a_file(tmp_path: Path, floor: pricing.Result):
    (tmp_path / "file").write_text("mine")

    for target in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with pytest.raises(pricing.InputError, match="not a folder"):
            floor.export(target, force=True)


def test_folder_in_the_place_of_a_file(tmp_path: Path, floor: pricing.Result):
    (tmp_path / "chart.png").mkdir()

    with pytest.raises(pricing.InputError, match=r"chart\.png"):
        floor.export(tmp_path, force=True)


def test_missing_extra_is_said_before_anything_is_written(
    tmp_path: Path, floor: pricing.Result, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(exporting, "find_spec", lambda name: None)

    with pytest.raises(pricing.InputError) as caught:
        floor.export(tmp_path / "new")
    assert "pip install 'critical-minerals-pricing[export]'" in str(caught.value)
    assert names(tmp_path) == set()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_formulas_are_neutralised_in_csv(tmp_path: Path, text: str):
    assert safe(text) == f"'{text}"
    write_csv(tmp_path / "a.csv", ["label", "value"], [[text, -1.5], [None, 2.0]])
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))

    kept = text.replace("\r", " ")
    assert rows == [["label", "value"], [f"'{kept}", "-1.5"], ["", "2.0"]]


def test_formulas_are_neutralised_in_the_workbook(tmp_path: Path):
    from pricing.reporting.workbook import write_workbook

    base = pricing.load_scenario(FLOOR)
    result = pricing.solve(base.but(id="evil", title="=HYPERLINK(1)", description="@SUM(A1)"))
    write_workbook(result, tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        texts = book.read("xl/sharedStrings.xml").decode()
        sheets = [book.read(n).decode() for n in book.namelist() if "worksheets/" in n]

    assert "'=HYPERLINK(1)" in texts
    assert "'@SUM(A1)" in texts
    assert not any("<f>" in sheet for sheet in sheets)


def test_a_local_chain_goes_with_its_scenario(tmp_path: Path):
    home, away = tmp_path / "home", tmp_path / "away"
    home.mkdir()
    for name in ("two_stage.yaml", "two_stage_floor.yaml"):
        source = Path(__file__).parents[2] / "data" / name
        (home / name).write_bytes(source.read_bytes())
    result = pricing.solve(home / "two_stage_floor.yaml")

    written = result.export(away)

    assert away / "two_stage.yaml" in written
    again = pricing.solve(away / "scenario.yaml")
    assert again.scenario.hash == result.scenario.hash
    assert again.to_json() == result.to_json()


def test_exporting_beside_the_local_chain_leaves_it_alone(tmp_path: Path):
    for name in ("two_stage.yaml", "two_stage_floor.yaml"):
        source = Path(__file__).parents[2] / "data" / name
        (tmp_path / name).write_bytes(source.read_bytes())

    written = pricing.solve(tmp_path / "two_stage_floor.yaml").export(tmp_path)

    assert tmp_path / "two_stage.yaml" not in written
    assert (tmp_path / "two_stage.yaml").exists()


def test_an_error_names_the_target_and_no_hidden_name(
    floor: pricing.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(prefix: str, dir: Path) -> str:
        raise PermissionError(13, "Permission denied", str(dir / f"{prefix}x1"))

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    with pytest.raises(PermissionError) as caught:
        floor.export(tmp_path / "results")
    assert caught.value.filename == str(tmp_path / "results")
