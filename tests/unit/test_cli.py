"""The command line as a program: usage, exit codes, broken pipes and full disks."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import pricing
from pricing import cli
from pricing.cli import main
from tests.support import two_stage
from tests.support.two_stage import with_fault

FLOOR = str(two_stage.FLOOR)


def command(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "pricing.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **options,  # type: ignore[call-overload]
    )


def test_version(capsys: pytest.CaptureFixture[str]):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"pricing {pricing.__version__}\n"


@pytest.mark.parametrize(
    "arguments", [[], ["paint"], ["solve"], ["solve", "x", "--nope"], ["schema", "policy"]]
)
def test_wrong_usage_exits_with_two(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "usage: pricing" in captured.err


def test_help(capsys: pytest.CaptureFixture[str]):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for name in ("list", "show", "validate", "solve", "compare", "chain", "schema"):
        assert re.search(rf"^\s+{name}\s", out, re.MULTILINE)


def test_bad_input_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = with_fault(tmp_path, "kind: border_levy", "kind: border_levy, compare_at: moon")
    before = set(tmp_path.iterdir())

    assert main(["solve", path, "--json", "--out", str(tmp_path / "out")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{path}:26: policies.floor.mechanism.compare_at" in captured.err
    assert "Traceback" not in captured.err
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", ["nothing", "nothing.yaml"])
def test_unknown_name_gives_a_remedy(name: str, capsys: pytest.CaptureFixture[str]):
    assert main(["solve", name]) == 2
    assert "nothing" in capsys.readouterr().err


def test_no_equilibrium_exits_with_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    def fails(scenario: object) -> None:
        raise pricing.NoEquilibriumError("x", "zero profit of magnet_beta", 0.5, "Try less.")

    monkeypatch.setattr("pricing.api.solve", fails)

    assert main(["solve", FLOOR, "--json", "--out", str(tmp_path / "out")]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("x: no equilibrium. Worst condition: zero profit of magnet_beta")
    assert list(tmp_path.iterdir()) == []


def test_interrupt_exits_with_130(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pricing.reporting.export._write_text", interrupted)

    assert main(["solve", FLOOR, "--out", str(tmp_path / "new" / "out")]) == 130
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Interrupted.\n")
    assert list(tmp_path.iterdir()) == []


def test_full_disk_exits_with_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "report.txt")

    monkeypatch.setattr("pricing.reporting.export._write_text", full)

    assert main(["solve", FLOOR, "--out", str(tmp_path / "out")]) == 1
    err = capsys.readouterr().err
    assert err == "The run failed: report.txt: No space left on device.\n"
    assert list(tmp_path.iterdir()) == []


def test_error_of_the_system_without_a_file():
    assert cli._ending(OSError("odd")) == (1, "The run failed: odd.")


def test_closed_pipe_in_the_same_process(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    def closed() -> None:
        raise BrokenPipeError

    done = []
    monkeypatch.setattr("pricing.reporting.catalogue.listing", closed)
    monkeypatch.setattr(cli, "_silence", lambda: done.append(True))

    assert main(["list"]) == 0
    assert done == [True]
    assert capsys.readouterr().err == ""


def test_closed_pipe_is_quiet():
    reader, writer = os.pipe()
    os.close(reader)
    try:
        run = subprocess.run(
            [sys.executable, "-m", "pricing.cli", "schema"],
            stdout=writer,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writer)

    assert run.stderr == b""
    assert run.returncode == 0


def test_process_ends_with_the_exit_code():
    assert command("--version").stdout == f"pricing {pricing.__version__}\n"
    bad = command("solve", "nothing")
    assert bad.returncode == 2
    assert "Traceback" not in bad.stderr


def test_module_is_the_command_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "argv", ["pricing", "list"])
    with pytest.raises(SystemExit) as stop:
        runpy.run_module("pricing", run_name="__main__")
    assert stop.value.code == 0
    assert "baseline" in capsys.readouterr().out
