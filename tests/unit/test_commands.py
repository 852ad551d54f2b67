"""What every command prints and writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import pricing
from pricing.cli import main
from pricing.reporting.export import FILES
from tests.support import two_stage
from tests.support.chains import two_lines
from tests.support.two_stage import with_fault

FLOOR, CHAIN = str(two_stage.FLOOR), str(two_stage.CHAIN)


def test_list_names_every_shipped_scenario_and_chain(capsys: pytest.CaptureFixture[str]):
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    for name in (*pricing.shipped_scenarios(), *pricing.shipped_chains()):
        assert f"  {name} " in out


def test_show_prints_a_file_that_loads_again(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    assert main(["show", FLOOR, "--patch", "higher"]) == 0
    path = tmp_path / "shown.yaml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    (tmp_path / "two_stage.yaml").write_bytes(two_stage.CHAIN.read_bytes())

    assert pricing.load_scenario(path).hash == pricing.load_scenario(FLOOR, ("higher",)).hash


def test_validate_scenarios_and_chains(capsys: pytest.CaptureFixture[str]):
    shipped = str(Path(pricing.__file__).parents[1] / "configs" / "chains" / "ndfeb.yaml")

    assert main(["validate", FLOOR, CHAIN, "baseline", shipped]) == 0
    out = capsys.readouterr().out
    assert f"{FLOOR}: a valid scenario, hash " in out
    assert f"{CHAIN}: a valid chain, 2 goods in 3 regions" in out
    assert "4 goods in 12 regions" in out


def test_validate_questions_exposures_and_chains_without_a_base_year(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "wheat.yaml"
    chain = two_lines(2.0, 60.0, 1.0, 1.0).model_dump_json(exclude_unset=True)
    path.write_text(chain, encoding="utf-8")
    exposure = Path(pricing.__file__).parents[1] / "configs" / "exposures" / "mp_materials.yaml"

    assert main(["validate", str(path), "four_alternatives", str(exposure)]) == 0
    out = capsys.readouterr().out
    assert f"{path}: a valid chain, 1 goods in 1 regions" in out
    assert "four_alternatives: a valid question, 6 alternatives" in out
    assert "a valid exposure of 'mp_floor' in mp_price_guarantee" in out


def test_a_scenario_that_changes_nothing_is_exported_whole(tmp_path: Path):
    assert main(["solve", "baseline", "--out", str(tmp_path / "base")]) == 0
    assert (tmp_path / "base" / "chart.png").stat().st_size > 1000


def test_validate_lists_the_faults_of_all_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = with_fault(tmp_path / "one", "oxide: 70 USD/kg", "oxide: 70 EUR/kg")
    second = with_fault(tmp_path / "two", "zone: [allies]", "zone: [Atlantis]")

    assert main(["validate", first, FLOOR, second]) == 2
    captured = capsys.readouterr()
    assert captured.out.startswith(f"{FLOOR}: a valid scenario")
    assert f"{first}:25: policies.floor.level" in captured.err
    assert f"{second}:22: policies.floor.zone.0: unknown region or zone 'Atlantis'" in captured.err
    assert "Known: Alpha, Beta, Outside, allies, all." in captured.err


def test_validate_finds_a_chain_that_does_not_balance(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    text = two_stage.CHAIN.read_text(encoding="utf-8")
    path = tmp_path / "chain.yaml"
    path.write_text(
        text.replace("process: magnet_beta, value: 400", "process: magnet_beta, value: 401")
    )

    assert main(["validate", str(path)]) == 2
    err = capsys.readouterr().err
    assert (
        f"{path}: benchmarks.base: output of magnet in Beta is 401 t but flows add up to 400 t"
        in err
    )
    assert f"{path}: benchmarks.base: use of oxide in Beta is 200.5 t" in err


def test_validate_says_when_the_data_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = with_fault(
        tmp_path, "chain: two_stage.yaml", f"chain: two_stage.yaml\nchain_hash: '{'0' * 64}'"
    )

    assert main(["validate", path]) == 0
    assert "made for other data of its chain" in capsys.readouterr().out
    assert main(["solve", path]) == 0
    assert "the data of its chain changed" in capsys.readouterr().err


def test_solve_prints_the_report(capsys: pytest.CaptureFixture[str]):
    assert main(["solve", FLOOR]) == 0
    captured = capsys.readouterr()
    assert captured.out == pricing.solve(FLOOR).report()
    assert captured.err == ""


def test_solve_with_patch(capsys: pytest.CaptureFixture[str]):
    assert main(["solve", FLOOR, "--patch", "higher", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["records"]
    levels = {r["value"] for r in rows if r["variable"] == "reference_price"}

    assert levels == {80_000.0, 70_000.0}
    assert main(["solve", FLOOR, "--patch", "lower"]) == 2
    assert "unknown patch 'lower'" in capsys.readouterr().err


def test_json_is_one_object_and_nothing_else(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    assert main(["solve", FLOOR, "--json", "--out", str(tmp_path / "out")]) == 0
    captured = capsys.readouterr()
    content = json.loads(captured.out)

    assert list(content) == ["scenario", "hash", "version", "residual", "records"]
    assert content["residual"] <= 1e-8
    assert captured.out.count("\n") == 1
    assert captured.err == ""


def test_out_writes_files_once(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    target = tmp_path / "results"

    assert main(["solve", FLOOR, "--out", str(target)]) == 0
    assert f"Written to {target}: results.csv" in capsys.readouterr().out
    assert {path.name for path in target.iterdir()} == {*FILES, "two_stage.yaml"}
    before = {path: path.read_bytes() for path in target.iterdir()}

    assert main(["solve", FLOOR, "--patch", "higher", "--out", str(target)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "these files exist" in captured.err
    assert "--force" in captured.err
    assert {path: path.read_bytes() for path in target.iterdir()} == before

    assert main(["solve", FLOOR, "--patch", "higher", "--out", str(target), "--force"]) == 0
    assert (target / "results.csv").read_bytes() != before[target / "results.csv"]


def test_compare(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    path = with_fault(tmp_path, "magnet: 60 USD/kg", "magnet: 65 USD/kg")

    assert main(["compare", FLOOR, path]) == 0
    assert "60 USD/kg -> 65 USD/kg" in capsys.readouterr().out
    assert main(["compare", FLOOR, path, "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert [row["scenario"] for row in content["inputs"]] == ["65 USD/kg"]


def test_chain_summary_of_a_file(capsys: pytest.CaptureFixture[str]):
    assert main(["chain", CHAIN]) == 0
    out = capsys.readouterr().out

    assert "Regions (3): Alpha, Beta, Outside" in out
    assert re.search(r"oxide +1,000 +200  0\.0e\+00 t", out)
    assert "Announced plants, off unless switched on: new_alpha" in out


def test_chain_report_of_a_reconciled_chain(capsys: pytest.CaptureFixture[str]):
    assert main(["chain", "ndfeb"]) == 0
    out = capsys.readouterr().out

    assert "Regions (12)" in out
    assert "Decisions (from -> to: why)" in out


def test_unknown_chain(capsys: pytest.CaptureFixture[str]):
    assert main(["chain", "unobtainium"]) == 2
    assert "unknown chain 'unobtainium'" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["scenario", "chain"])
def test_schema(kind: str, capsys: pytest.CaptureFixture[str]):
    assert main(["schema", kind]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == kind.capitalize()


def test_schema_write(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "schema").mkdir()
    monkeypatch.setattr("pricing.schemas.configs_root", lambda: tmp_path)

    assert main(["schema", "--write"]) == 0
    assert "scenario.schema.json" in capsys.readouterr().out
    assert len(list((tmp_path / "schema").iterdir())) == 4


def test_chain_report_and_build_refuse_what_they_do_not_know(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["chain", "report", "gallium"]) == 0
    assert "Raw rows" in capsys.readouterr().out
    assert main(["chain", "build", "gallum"]) == 2
    assert "no raw figures and rules for a chain 'gallum'" in capsys.readouterr().err
    assert main(["chain", "mend", "gallium"]) == 2
    assert "'mend gallium' is not understood" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["99999999", "0", "-1", "x"])
def test_ports_that_do_not_exist_are_refused(port: str, capsys: pytest.CaptureFixture[str]):
    assert main(["ui", "--port", port]) == 2
    assert "is no port: state one from 1 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["template", "new", "build", "report"])
def test_a_verb_without_a_chain_is_told(verb: str, capsys: pytest.CaptureFixture[str]):
    assert main(["chain", verb]) == 2
    assert f"'{verb}' of which chain? Write 'pricing chain {verb} NAME'" in capsys.readouterr().err


def test_a_terminal_obeys_no_text_of_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    text = pricing.load_scenario("baseline").to_yaml()
    title = next(line for line in text.splitlines() if line.startswith("title:"))
    path = tmp_path / "sent.yaml"
    path.write_text(text.replace(title, r'title: "red \e[31m and loud \a"'), encoding="utf-8")
    assert main(["solve", str(path)]) == 0
    out = capsys.readouterr().out
    assert "red \N{REPLACEMENT CHARACTER}[31m and loud \N{REPLACEMENT CHARACTER}" in out
    assert "\x1b" not in out
