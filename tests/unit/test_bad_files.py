"""Files that hold no scenario, and bad chains beside a good one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pricing.core.documents import MAX_BYTES
from tests.support.refusals import line_of, refused


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


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
    assert "such as baseline" in found.remedy


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
