"""Bad scenarios, through the library and the command line: what, where, and what to do."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

import pricing
from pricing.cli import main
from pricing.core.documents import MAX_BYTES
from pricing.errors import Fault, InputError

TEXT = """\
extends: baseline
id: mine
title: Mine
sources:
  law: {text: A law, date: "2026", grade: official}
zones:
  mine: [EU, Japan]
policies:
  - id: duty
    kind: tariff
    source: law
    good: oxide
    destinations: [mine]
    rate: 5 %
  - id: floor
    kind: price_guarantee
    source: law
    good: oxide
    region: Japan
    strike: 110 USD/kg
"""
SOUND = TEXT.replace("region: Japan", "region: EU")
FLOOR = """\
  - id: {id}
    kind: reference_price
    source: law
    zone: [mine]
    level: {{kind: fixed, prices: {{{good}: 100 USD/kg}}}}
    mechanism: {{kind: {kind}}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Fault, ...]:
    """Faults from the library; the command line must say the same and do nothing else."""
    before = {entry.name for entry in Path().iterdir()}
    begin = time.process_time()
    with pytest.raises(InputError) as caught:
        pricing.load_scenario(path)
    assert time.process_time() - begin < 2.0
    for command in ("validate", "solve"):
        assert main([command, str(path)]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err == f"{caught.value}\n"
    assert {entry.name for entry in Path().iterdir()} == before
    return caught.value.faults


def line_of(text: str, words: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), start=1) if words in line)


CHANGES = {
    "unknown key": ("rate: 5 %", "rte: 5 %", "policies.duty.rte", "unknown field 'rte'"),
    "duplicate key": ("good: oxide", "kind: tariff", "policies.duty", "stands twice"),
    "anchor": ("rate: 5 %", "rate: &x 5 %", "policies.duty.rate", "anchors (&)"),
    "alias": ("rate: 5 %", "rate: *x", "policies.duty.rate", "aliases (*)"),
    "tag": ("rate: 5 %", "rate: !!str 5", "policies.duty.rate", "tags (!)"),
    "wrong unit": (
        "rate: 5 %",
        "rate: 5 USD/t",
        "policies.duty.rate.unit",
        "'USD/t' is not allowed",
    ),
    "no unit": ("rate: 5 %", "rate: 5", "policies.duty.rate", "a unit is missing"),
    "negative": ("rate: 5 %", "rate: -5 %", "policies.duty.rate.value", "too small"),
    "nan": (
        "rate: 5 %",
        "rate: {value: .nan, unit: '%'}",
        "policies.duty.rate.value",
        "not a finite number",
    ),
    "infinity": (
        "rate: 5 %",
        "rate: {value: -.inf, unit: '%'}",
        "policies.duty.rate.value",
        "not a finite number",
    ),
    "boolean": (
        "rate: 5 %",
        "rate: {value: true, unit: '%'}",
        "policies.duty.rate.value",
        "a number is needed here, not true/false",
    ),
    "text": (
        "rate: 5 %",
        "rate: {value: '5', unit: '%'}",
        "policies.duty.rate.value",
        "a number is needed here, not text",
    ),
    "unknown kind": ("kind: tariff", "kind: tarif", "policies.duty.kind", "'tarif' is not allowed"),
    "unknown good": ("good: oxide", "good: oxid", "policies.duty.good", "unknown good 'oxid'"),
    "unknown zone": ("[mine]", "[mien]", "policies.duty.destinations", "unknown region or zone"),
    "unknown member": ("[EU, Japan]", "[EU, Jpan]", "zones.mine.1", "unknown region 'Jpan'"),
    "unknown source": ("source: law", "source: lwa", "policies.duty.source", "no entry 'lwa'"),
    "nothing said": ("rate: 5 %", "note: none", "policies.duty", "needs 'rate' or 'specific'"),
    "dates": (
        "rate: 5 %",
        "rate: 5 %\n    start: 2030-01-01\n    end: 2029-01-01",
        "policies.duty",
        "'end' lies before 'start'",
    ),
    "two ids": ("id: floor", "id: duty", "policies.1.id", "two policies are called 'duty'"),
    "region of a guarantee": (
        "region: EU",
        "region: Korea",
        "policies.floor.region",
        "nothing in Korea makes oxide",
    ),
    "upper below strike": (
        "strike: 110 USD/kg",
        "strike: 110 USD/kg\n    upper: 100 USD/kg",
        "policies.floor",
        "'upper' lies below 'strike'",
    ),
    "cap and budget": (
        "strike: 110 USD/kg",
        "strike: 110 USD/kg\n    cap: 1 t/yr\n    budget: 1 USD",
        "policies.floor",
        "not both",
    ),
    "chain": ("title: Mine", "chain: copper", "chain", "unknown chain 'copper'"),
    "benchmark": (
        "title: Mine",
        "assumptions: {benchmark: x}",
        "assumptions.benchmark",
        "unknown benchmark 'x'",
    ),
    "elasticity": (
        "title: Mine",
        "assumptions: {elasticities: {magnet_demand: {value: 0 1, source: law}}}",
        "assumptions.elasticities.magnet_demand",
        "elasticity 'magnet_demand' is 0",
    ),
}


def test_the_text_is_sound_before_it_is_changed(folder: Path):
    (folder / "a.yaml").write_text(SOUND)

    assert pricing.load_scenario("a.yaml").id == "mine"
    assert main(["validate", "a.yaml"]) == 0


@pytest.mark.parametrize("name", CHANGES)
def test_one_fault_with_its_place(name: str, folder: Path, capsys: pytest.CaptureFixture[str]):
    old, new, field, problem = CHANGES[name]
    text = SOUND.replace(old, new, 1)
    assert text != SOUND
    (folder / "a.yaml").write_text(text)
    (found,) = refused(Path("a.yaml"), capsys)

    assert (found.file, found.field) == ("a.yaml", field)
    assert problem in found.problem
    whole = field in ("policies.duty", "policies.floor")  # such a fault stands at its whole item
    item = {"policies.duty": "- id: duty", "policies.floor": "- id: floor"}
    at = item[field] if whole and name != "duplicate key" else new.splitlines()[0]
    last = name in ("two ids", "duplicate key")
    lines = [n for n, line in enumerate(text.splitlines(), start=1) if at in line]
    assert found.line == lines[-1 if last else 0]
    if not whole:
        assert found.remedy


def test_every_policy_names_its_faults_at_once(folder: Path, capsys: pytest.CaptureFixture[str]):
    text = SOUND.replace("good: oxide", "good: tin").replace("[mine]", "[nobody]")
    text += FLOOR.format(id="high", good="tin", kind="border_levy").replace("[mine]", "[EU]")
    (folder / "a.yaml").write_text(text)
    found = refused(Path("a.yaml"), capsys)

    places = {each.field: each.line for each in found}
    assert places == {
        "policies.duty.good": line_of(text, "good: tin"),
        "policies.duty.destinations": line_of(text, "[nobody]"),
        "policies.floor.good": 18,
        "policies.high.level.prices.tin": line_of(text, "tin: 100"),
    }
    assert {each.file for each in found} == {"a.yaml"}
    assert all(each.remedy.startswith("Known: ") for each in found)


def test_faults_of_form_come_all_at_once(folder: Path, capsys: pytest.CaptureFixture[str]):
    text = SOUND.replace("rate: 5 %", "rate: 5 kg").replace("110 USD/kg", "-1 USD/kg")
    text = text.replace("title: Mine", "tittle: Mine").replace("[EU, Japan]", "[]")
    (folder / "a.yaml").write_text(text)
    found = refused(Path("a.yaml"), capsys)

    assert {(each.field, each.line) for each in found} == {
        ("tittle", 3),
        ("zones.mine", 7),
        ("policies.duty.rate.unit", 14),
        ("policies.floor.strike.value", 20),
    }


def test_a_uniform_and_a_border_levy_on_one_good(folder: Path, capsys: pytest.CaptureFixture[str]):
    text = SOUND + FLOOR.format(id="one", good="oxide", kind="border_levy")
    text += FLOOR.format(id="other", good="oxide", kind="uniform_levy")
    (folder / "a.yaml").write_text(text)
    found = refused(Path("a.yaml"), capsys)

    assert len(found) == 1
    assert found[0].line in (line_of(text, "id: one"), line_of(text, "id: other"))
    assert "uniform levy" in found[0].problem
    assert found[0].remedy


def test_levies_on_two_goods_are_no_contradiction(folder: Path):
    text = SOUND + FLOOR.format(id="one", good="oxide", kind="border_levy")
    text += FLOOR.format(id="other", good="metal", kind="uniform_levy")
    (folder / "a.yaml").write_text(text)

    assert pricing.load_scenario("a.yaml").id == "mine"


FILES = {
    "oversized": (b"a: " + b"x" * MAX_BYTES, "larger than 256 kB", None),
    "too deep": (b"a: " + b"[" * 50, "deeper than 20 levels", 1),
    "binary": (b"\x7fELF\x00\x00\x01", "not a text file", None),
    "not UTF-8": (b"id: mine\ntitle: caf\xe9\n", "not UTF-8", 2),
    "empty": (b"", "the document is empty", 1),
    "remarks only": (b"# nothing\n", "the document is empty", 1),
    "a list": (b"- a\n- b\n", "the top is a list, not a mapping", 1),
    "two documents": (b"a: 1\n---\nb: 2\n", "a second document begins here", 2),
    "a bomb": (
        b"a: &a [x,x]\n" + b"".join(b"%c: &%c [*a,*a]\n" % (n, n) for n in b"bcdefgh"),
        "anchors (&) and aliases (*) are not allowed",
        1,
    ),
    "a tab": (b"a:\n\tb: 1\n", "a tab stands where spaces are needed", 2),
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_no_scenario(name: str, folder: Path, capsys: pytest.CaptureFixture[str]):
    content, problem, line = FILES[name]
    (folder / "a.yaml").write_bytes(content)
    found = refused(Path("a.yaml"), capsys)

    assert problem in found[0].problem
    assert (found[0].file, found[0].line) == ("a.yaml", line)
    assert all(each.remedy for each in found)


def test_what_is_no_file(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "folder.yaml").mkdir()
    (found,) = refused(Path("folder.yaml"), capsys)
    assert (found.problem, found.remedy) == ("this is a directory", "Name a YAML file")

    (folder / "mine.yaml").touch()
    (found,) = refused(Path("mien.yaml"), capsys)
    assert (found.problem, found.remedy) == ("there is no such file", "Did you mean 'mine.yaml'?")

    (found,) = refused(Path("no_such_name"), capsys)
    assert found.problem == "no shipped scenario and no file is called 'no_such_name'"
    assert found.remedy.startswith("Shipped: baseline")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_opened(folder: Path, capsys: pytest.CaptureFixture[str]):
    os.mkfifo(folder / "pipe.yaml")
    (found,) = refused(Path("pipe.yaml"), capsys)

    assert found.problem == "this is not a regular file"


CHAIN = (Path(__file__).resolve().parents[1] / "data" / "two_stage.yaml").read_text("utf-8")
SCENARIO = "id: mine\ntitle: Mine\ndescription: Mine\nchain: two_stage.yaml\n"
CHAINS = {
    "negative coefficient": (
        "inputs: {oxide: {value: 0.5",
        "inputs: {oxide: {value: -0.5",
        "technologies.magnet_making.inputs.oxide.value",
        "-0.5 is too small",
    ),
    "unknown region": ("region: Alpha", "region: Alfa", "region", "unknown region 'Alfa'"),
    "circle": (
        "outputs: {oxide: {value: 1.0, unit: t/t}}",
        "inputs: {magnet: {value: 1.0, unit: t/t}}\n    outputs: {oxide: {value: 1.0, unit: t/t}}",
        "technologies.separation.inputs",
        "the chain runs in a circle: oxide needs magnet needs oxide",
    ),
    "anchor": ("title: Two stages", "title: &x Two stages", "title", "anchors (&)"),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_bad_chain_beside_the_scenario(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
):
    old, new, field, problem = CHAINS[name]
    text = CHAIN.replace(old, new, 1)
    assert text != CHAIN
    (folder / "two_stage.yaml").write_text(text)
    (folder / "a.yaml").write_text(SCENARIO)
    found = refused(Path("a.yaml"), capsys)

    assert found[0].field.endswith(field)
    assert problem in found[0].problem
    assert found[0].file == "two_stage.yaml"
    assert found[0].line == line_of(text, new.splitlines()[0])


def test_an_unbalanced_chain_is_not_blamed_on_the_scenario(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    rows = [line for line in CHAIN.splitlines() if "variable: flow" in line]
    (folder / "two_stage.yaml").write_text(CHAIN.replace(rows[0], ""))
    (folder / "a.yaml").write_text(SCENARIO)
    found = refused(Path("a.yaml"), capsys)

    assert {each.file for each in found} == {"two_stage.yaml"}
    assert all("but flows add up to" in each.problem for each in found)
    assert len(found) == 2
