"""Chains as sheets: there and back unchanged, and every fault at its cell."""

import csv
import zipfile
from pathlib import Path
from typing import Any

import pytest

import pricing
from pricing.chains.new_chain import EXAMPLE, chain_text, write_template
from pricing.chains.schema import Chain
from pricing.chains.sheet_files import load_sheets, save_sheets
from pricing.chains.sheets import Sheets, read_sheets, to_sheets
from pricing.cli import main
from pricing.core.documents import parse_document
from pricing.errors import InputError


def sheets() -> Sheets:
    return to_sheets(parse_document(EXAMPLE, "example").data)


def without_empty(node: Any) -> Any:
    """Plain data without empty text, which a cell cannot tell from nothing."""
    if isinstance(node, dict):
        return {k: without_empty(v) for k, v in node.items() if v not in ("", {}, [], None)}
    return [without_empty(item) for item in node] if isinstance(node, list) else node


def column(table: list[list[str]], head: str) -> int:
    return table[0].index(head)


def faults(filled: Sheets, tmp_path: Path) -> list[str]:
    """Faults of sheets that are written to a workbook and read back."""
    path = tmp_path / "book.xlsx"
    save_sheets(filled, path)
    with pytest.raises(InputError) as caught:
        chain_text(path)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("where", ["book.xlsx", "folder"])
@pytest.mark.parametrize("name", pricing.shipped_chains())
def test_shipped_chains_come_back(name: str, where: str, tmp_path: Path) -> None:
    data = pricing.load_chain(name).model_dump(mode="json", exclude_none=True)
    for benchmark in data["benchmarks"].values():  # rows instead of the table beside the chain
        benchmark.pop("table", None)
        benchmark.pop("sha256", None)
    save_sheets(to_sheets(data), tmp_path / where)
    back = read_sheets(load_sheets(tmp_path / where), where)
    plain = without_empty(data)
    assert without_empty(back.document.data) == plain
    assert back.chain() == Chain.model_validate(plain)


@pytest.mark.parametrize("where", ["my_chain.xlsx", "my_chain"])
def test_template_becomes_a_chain_that_solves(where, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["chain", "template", where]) == 0
    assert main(["chain", "new", where]) == 0
    assert "a valid chain of 2 goods in 2 regions" in capsys.readouterr().out
    assert main(["validate", "my_chain.yaml"]) == 0
    assert main(["chain", "new", where]) == 2
    assert "this file exists" in capsys.readouterr().err
    assert main(["chain", "new", where, "--force"]) == 0


def test_every_fault_has_its_cell(tmp_path: Path) -> None:
    filled = sheets()
    filled["processes"][2][column(filled["processes"], "region")] = "Est"
    filled["freight"][1][column(filled["freight"], "cost")] = "20"
    filled["elasticities"][3][column(filled["elasticities"], "short.low")] = "0.9"
    filled["goods"][1][column(filled["goods"], "source")] = "hearsay"
    found = faults(filled, tmp_path)
    assert any(f.startswith("book.xlsx, freight!A2: freight.0.cost: '20' is not") for f in found)
    assert any("elasticities!" in f and "low <= central <= high" in f for f in found)
    filled["freight"][1][column(filled["freight"], "cost")] = "20 USD/t"
    filled["elasticities"][3][column(filled["elasticities"], "short.low")] = "0.01"
    (tmp_path / "book.xlsx").unlink()
    found = faults(filled, tmp_path)
    assert any(f.startswith("book.xlsx, processes!C3: ") and "'Est'" in f for f in found)
    filled["processes"][2][column(filled["processes"], "region")] = "East"
    (tmp_path / "book.xlsx").unlink()
    found = faults(filled, tmp_path)
    assert any(f.startswith("book.xlsx, goods!G2: ") and "'hearsay'" in f for f in found)


def test_numbers_ids_headers_and_sheets_are_checked_together(tmp_path: Path) -> None:
    filled = sheets()
    filled["elasticities"][1][column(filled["elasticities"], "short.central")] = "about 1"
    filled["elasticities"][2][column(filled["elasticities"], "id")] = "mining_supply"
    filled["sources"].append(["", "Somebody"])
    filled["goods"][0][1] = "id"
    filled["freight"][1].append("5")
    filled["fright"] = [["cost"], ["5 USD/t"]]
    found = faults(filled, tmp_path)
    for words in (
        "elasticities!D2: 'about 1' is not a number",
        "elasticities!A3: 'mining_supply' stands twice",
        "sources!A3: 'id' is needed here",
        "goods!B1: 'id' stands twice",
        "freight!D2: this column has no header",
        "unknown sheet 'fright'",
    ):
        assert any(words in fault for fault in found), (words, found)


def test_a_value_and_something_below_it_cannot_both_be(tmp_path: Path) -> None:
    filled = sheets()
    filled["freight"][0].append("cost.value")
    filled["freight"][1].append("5")
    assert "'value' cannot be placed" in faults(filled, tmp_path)[0]


def test_missing_fields_and_unknown_columns_are_placed(tmp_path: Path) -> None:
    filled = sheets()
    filled["regions"][1][column(filled["regions"], "customs_value")] = ""
    filled["regions"][0].append("colour")
    filled["regions"][2].append("red")
    found = faults(filled, tmp_path)
    assert any("regions!A2" in f and "customs_value: this field is required" in f for f in found)
    assert any("regions!D3" in f and "unknown field 'colour'" in f for f in found)


def test_a_base_year_that_does_not_balance_is_told(tmp_path: Path) -> None:
    filled = sheets()
    rows = filled["base_year_rows"]
    rows[4][column(rows, "value")] = "300"
    found = faults(filled, tmp_path)
    assert any("output of ore in East is 300 t but flows add up to 200 t" in f for f in found)
    assert all(f.startswith("book.xlsx, ") for f in found)


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    for name, content in (("a.xlsx", b"no zip"), ("b.txt", b"x")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError):
            load_sheets(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w") as book:
        book.writestr("xl/workbook.xml", "<a>")
    with pytest.raises(InputError, match="no Excel workbook"):
        load_sheets(tmp_path / "c.xlsx")
    with pytest.raises(InputError, match="this exists"):
        write_template(tmp_path / "b.txt")


@pytest.mark.parametrize("name", ["my.txt", "my.csv", "my.xls"])
def test_a_template_is_a_workbook_or_a_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="for a workbook; leave the ending out"):
        write_template(tmp_path / name)
    assert not (tmp_path / name).exists()


def test_csv_of_a_spreadsheet_with_gaps_and_marks(tmp_path: Path) -> None:
    """A byte-order mark, empty rows and short rows, as spreadsheets leave them."""
    save_sheets(sheets(), tmp_path / "folder")
    path = tmp_path / "folder" / "regions.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    text = "\ufeff" + "\n".join([",".join(rows[0]), ",,", *(",".join(row) for row in rows[1:])])
    path.write_text(text + "\n\n", encoding="utf-8")
    chain, _ = chain_text(tmp_path / "folder")
    assert [region.id for region in chain.regions] == ["East", "West"]


def test_csv_that_cannot_be_read_is_told_by_sheet(tmp_path: Path) -> None:
    """Plain CSV of Excel, UTF-16, and a quotation mark that is never closed; all at once."""
    folder = tmp_path / "folder"
    save_sheets(sheets(), folder)
    (folder / "goods.csv").write_bytes(b"id,label\nmetal,caf\xe9\n")
    (folder / "regions.csv").write_bytes("id,label\nEast,East\n".encode("utf-16"))
    (folder / "demands.csv").write_text('good,region\nmetal,"' + "x" * 140_000, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_sheets(folder)
    demands, goods, regions = map(str, caught.value.faults)
    assert goods.startswith(f"{folder / 'goods.csv'}:2: ")
    assert "not in UTF-8 (byte 19 " in goods
    assert regions.startswith(f"{folder / 'regions.csv'}: ")
    assert "'CSV UTF-8'" in regions
    assert demands.startswith(f"{folder / 'demands.csv'}:2: ")
    assert "quotation mark" in demands


def test_cells_as_other_programs_write_them(tmp_path: Path) -> None:
    """Inline texts, numbers, truth values, shared texts in runs, cells without a reference."""
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    cells = (
        '<row r="2"><c t="inlineStr"><is><t>a</t></is></c><c><v>2026</v></c><c t="b"><v>1</v></c>'
        '<c r="E2" t="s"><v>0</v></c><c r="F2"><v>0.25</v></c><c t="str"><v>5 %</v></c></row>'
    )
    main = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as book:
        book.writestr("xl/worksheets/one.xml", f"{head}<sheetData>{cells}</sheetData></worksheet>")
        book.writestr(
            "xl/sharedStrings.xml",
            head.replace("worksheet", "sst") + "<si><r><t>b</t></r><r><t>c</t></r></si></sst>",
        )
        book.writestr(
            "xl/workbook.xml",
            head.replace("worksheet", f'workbook xmlns:r="{main}"')
            + '<sheets><sheet name="goods" r:id="r1"/></sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="r1" Target="worksheets/one.xml"/></Relationships>',
        )
    found = load_sheets(tmp_path / "a.xlsx")
    assert found == {"goods": [[], ["a", "2026", "true", "", "bc", "0.25", "5 %"]]}


def test_what_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_sheets(sheets(), tmp_path / "folder")
    monkeypatch.setattr("pricing.chains.sheet_files.MOST_BYTES", 10)
    with pytest.raises(InputError, match="larger than"):
        load_sheets(tmp_path / "folder")
    monkeypatch.setattr("pricing.chains.sheet_files.MOST_BYTES", 10**6)
    monkeypatch.setattr("pricing.chains.new_chain.MAX_BYTES", 100)
    with pytest.raises(InputError, match="the chain file would be larger"):
        chain_text(tmp_path / "folder")
