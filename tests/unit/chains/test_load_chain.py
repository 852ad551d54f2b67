"""Chain files and their tables: what is read, what is refused, and hashes."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

import pytest

from pricing.chains import load
from pricing.chains.benchmarks import BenchmarkRow
from pricing.chains.load import (
    chain_hash,
    load_chain,
    load_chain_file,
    read_rows,
    shipped_chains,
)
from pricing.core.yaml_text import dump_yaml
from pricing.errors import Fault, InputError
from tests.support.hand import hand_chain, hand_data, put

COLUMNS = list(BenchmarkRow.model_fields)


def table_text(rows: list[dict[str, Any]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def chain_file(folder: Path, *changes: tuple[str, Any], table: str | bytes | None = None) -> Path:
    """The chain by hand with its rows in a table beside it."""
    data = hand_data()
    central = data["benchmarks"]["central"]
    stated = table_text(central.pop("rows"))
    text = stated if table is None else table
    content = text.encode() if isinstance(text, str) else text
    central |= {"table": "rows.csv", "sha256": hashlib.sha256(content).hexdigest()}
    for path, value in changes:
        put(data, path, value)
    (folder / "rows.csv").write_bytes(content)
    path = folder / "hand.yaml"
    path.write_text(dump_yaml(data), encoding="utf-8")
    return path


def faults(path: Path) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as caught:
        load_chain_file(path)
    return caught.value.faults


def only_fault(path: Path) -> Fault:
    found = faults(path)
    assert len(found) == 1, [str(fault) for fault in found]
    return found[0]


def line_of(path: Path, words: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if words in line)


class TestFiles:
    def test_rows_of_a_table_are_those_of_the_document(self, tmp_path: Path):
        rows = load_chain_file(chain_file(tmp_path)).benchmarks["central"].rows

        assert rows == hand_chain().benchmarks["central"].rows

    def test_tables_may_lie_in_another_folder(self, tmp_path: Path):
        path = chain_file(tmp_path)
        (tmp_path / "data").mkdir()
        (tmp_path / "rows.csv").rename(tmp_path / "data" / "rows.csv")

        assert load_chain_file(path, tmp_path / "data").id == "hand"
        assert "missing" in only_fault(path).problem

    def test_another_table_than_the_stated_one(self, tmp_path: Path):
        path = chain_file(tmp_path)
        with (tmp_path / "rows.csv").open("a") as stream:
            stream.write("# changed\n")
        fault = only_fault(path)

        assert fault.field == "benchmarks.central.sha256"
        assert (fault.file, fault.line) == (str(path), line_of(path, "sha256"))
        assert fault.problem.startswith("table rows.csv has hash ")
        assert fault.remedy.startswith("Restore the table")

    def test_a_table_without_a_stated_hash_is_read(self, tmp_path: Path):
        path = chain_file(tmp_path, ("benchmarks.central.sha256", None))

        assert len(load_chain_file(path).benchmarks["central"].rows) == 13

    def test_missing_tables_are_all_named(self, tmp_path: Path):
        more = {"title": "more", "table": "more.csv"}
        path = chain_file(
            tmp_path, ("benchmarks.central.table", "no.csv"), ("benchmarks.more", more)
        )
        found = faults(path)

        assert [fault.field for fault in found] == [
            "benchmarks.central.table",
            "benchmarks.more.table",
        ]
        assert found[0].problem == "table no.csv is missing, empty or cannot be read"
        assert [fault.line for fault in found] == [
            line_of(path, "no.csv"),
            line_of(path, "more.csv"),
        ]

    def test_a_table_that_cannot_be_read(self, tmp_path: Path):
        path = chain_file(tmp_path, ("benchmarks.central.table", f"{'x' * 300}.csv"))

        assert "cannot be read" in only_fault(path).problem

    def test_a_table_and_rows_together(self, tmp_path: Path):
        path = chain_file(tmp_path, ("benchmarks.central.rows", []))

        assert only_fault(path).problem == "a benchmark has a table or rows, not both"

    def test_a_table_that_is_too_large(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        path = chain_file(tmp_path)
        monkeypatch.setattr(load, "MAX_TABLE_BYTES", 100)

        assert "is larger than" in only_fault(path).problem

    @pytest.mark.parametrize("name", ["../rows.csv", "Rows.CSV", "/rows.csv", 3])
    def test_tables_have_plain_names(self, tmp_path: Path, name: Any):
        found = faults(chain_file(tmp_path, ("benchmarks.central.table", name)))

        assert found[0].field == "benchmarks.central.table"

    def test_faults_of_the_document_have_their_lines(self, tmp_path: Path):
        path = chain_file(tmp_path, ("processes.mine.region", "Nord"), ("demands.1.good", "tin"))
        found = faults(path)
        assert [(fault.field, fault.line) for fault in found] == [
            ("processes.mine.region", line_of(path, "region: Nord")),
            ("demands.1.good", line_of(path, "good: tin")),
            ("benchmarks.central.rows.12.use", line_of(path, "  central:")),
        ]
        assert {fault.file for fault in found} == {str(path)}

    def test_a_circle_in_a_file(self, tmp_path: Path):
        back = {"value": 0.1, "unit": "t/t"}
        path = chain_file(tmp_path, ("technologies.mining.inputs", {"metal": back}))
        fault = only_fault(path)

        assert fault.problem == "the chain runs in a circle: ore needs metal needs ore"
        assert fault.line == line_of(path, "inputs:")

    def test_sources_are_listed(self, tmp_path: Path):
        path = chain_file(
            tmp_path, ("processes.mine.capacity.source", "iea"), ("freight.0.source", "usgs")
        )
        found = faults(path)

        assert [(fault.field, fault.problem) for fault in found] == [
            ("processes.mine.capacity.source", "no entry 'iea' in 'sources'"),
            ("freight.0.source", "no entry 'usgs' in 'sources'"),
        ]
        assert [fault.line for fault in found] == [line_of(path, "iea"), line_of(path, "usgs")]

    def test_benchmarks_that_are_no_mapping(self, tmp_path: Path):
        assert only_fault(chain_file(tmp_path, ("benchmarks", [1]))).field == "benchmarks"
        assert only_fault(chain_file(tmp_path, ("benchmarks.central", 1))).line is not None


class TestRows:
    HEAD = ",".join(COLUMNS)
    GOOD = "production,,,,mine,,100,t/yr,test,"

    def bad(self, *lines: str) -> tuple[Fault, ...]:
        with pytest.raises(InputError) as caught:
            read_rows("\n".join(lines), "rows.csv")
        assert {fault.file for fault in caught.value.faults} == {"rows.csv"}
        return caught.value.faults

    def test_remarks_and_empty_lines_are_passed_over(self):
        text = f"# remark\n\n{self.HEAD}\r\n# more\n{self.GOOD}\r\n\n"

        assert [row.value for row in read_rows("\ufeff".encode() + text.encode(), "x")] == [100.0]

    def test_bad_rows_have_their_lines(self):
        found = self.bad(
            "# remark",
            self.HEAD,
            "production,,,,mine,,many,t/yr,test,",
            "",
            self.GOOD,
            "growth,,,,mine,,1,t/yr,test,",
            "production,,,,mine,,-1,t/yr,test,",
            "production,,,,mine,,nan,t/yr,test,",
            "production,,,,mine,,.inf,t/yr,test,",
            "production,,,,mine,,1,kg,test,",
            "production,,,,,,1,t/yr,test,",
            "production,,,,mine,,,t/yr,test,",
            "production,,,,mine,,1,t/yr,,",
            self.GOOD + "beyond,the,last",
        )

        assert [(fault.line, fault.field) for fault in found] == [
            (3, "value"),
            (6, "variable"),
            (7, "value"),
            (8, "value"),
            (9, "value"),
            (10, "unit"),
            (11, ""),
            (12, "value"),
            (13, "source"),
            (14, "(beyond the last column)"),
        ]
        assert found[0].problem == "a number is needed here, not text"
        assert found[6].problem == "a 'production' row needs process"

    def test_a_table_in_another_encoding(self):
        with pytest.raises(InputError, match=r"rows\.csv:2: this is not UTF-8 text"):
            read_rows(self.HEAD.encode() + b"\n\xff", "rows.csv")

    def test_a_cell_that_is_too_large(self):
        found = self.bad(self.HEAD, self.GOOD, self.GOOD + "x" * 200_000)

        assert found[0].line == 3
        assert "cannot be read" in found[0].problem

    def test_a_flood_of_bad_rows_is_cut_off(self):
        assert len(self.bad(self.HEAD, *["x"] * 500)) == load.MAX_FAULTS

    def test_a_table_of_nothing(self):
        assert read_rows("", "x") == ()

    def test_faults_of_a_table_reach_the_reader_of_the_chain(self, tmp_path: Path):
        path = chain_file(tmp_path, table=f"{self.HEAD}\n{self.GOOD}\nx\n")
        found = faults(path)

        assert {(fault.file, fault.line) for fault in found} == {("rows.csv", 3)}


class TestNames:
    def test_shipped_chains(self):
        assert "ndfeb" in shipped_chains()
        assert load_chain("ndfeb") is load_chain("ndfeb")

    def test_unknown_name(self):
        with pytest.raises(InputError, match=r"unknown chain 'ndfe'\. Known: .*ndfeb"):
            load_chain("ndfe")

    def test_a_file_beside_the_scenario(self, tmp_path: Path):
        chain_file(tmp_path)

        assert load_chain("hand.yaml", tmp_path).id == "hand"

    @pytest.mark.parametrize("name", ["../hand.yaml", "a/hand.yaml", "/hand.yaml"])
    def test_other_folders_are_refused(self, tmp_path: Path, name: str):
        with pytest.raises(InputError, match="must lie beside the scenario file"):
            load_chain(name, tmp_path)

    def test_an_uploaded_scenario_has_no_folder(self):
        with pytest.raises(InputError, match="must lie beside the scenario file"):
            load_chain("hand.yaml", None)


class TestHash:
    def test_numbers_count_and_prose_does_not(self):
        chain = hand_chain()
        base = chain_hash(chain)

        assert chain_hash(chain) == chain_hash(hand_chain()) == base
        assert chain_hash(hand_chain(("title", "x"), ("description", "y"))) == base
        assert chain_hash(hand_chain(("export_vat.0.rate.value", 5.0001))) != base

    def test_the_memory_of_hashes_is_bounded(self):
        for number in range(load._MOST_HASHES + 5):
            chain_hash(hand_chain(("base_year", 1990 + number % 100)))

        assert len(load._HASHES) <= load._MOST_HASHES
