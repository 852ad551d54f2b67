"""Sweeps: the same bytes for any workers and interruptions; what is damaged is done again."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pricing
from pricing import cli
from pricing.errors import InputError
from pricing.runs import parts as parts_
from pricing.runs.executors import Dask, Processes, Serial, executor
from pricing.runs.kinds import Kind
from pricing.runs.parts import DamagedPartError, RunError, part_path, read_part
from pricing.runs.plan import PLAN, make_plan, read_plan, write_plan
from pricing.runs.results import Results
from pricing.runs.run import MANIFEST, collect, run, share_of, status
from pricing.uncertainty.design import Method
from pricing.uncertainty.statements import label
from tests.unit.uncertainty.test_sampling import PRICE, uncertain

DRAWS, PART = 96, 16
STATEMENTS = [
    {"id": "falls", "says": "output(oxide, forge) falls", "failure": True},
    {"id": "dear", "says": "consumer_cost(forge) > 100 million USD"},
]


def planned(folder: Path, draws: int = DRAWS, **section: Any) -> Path:
    scenario = uncertain({"numbers": [PRICE], "statements": STATEMENTS, **section})
    plan, drawn = make_plan(scenario, draws=draws, part_rows=PART, seed=4)
    write_plan(plan, drawn, folder)
    return folder


def bytes_of(folder: Path) -> dict[str, str]:
    """Hash of every file of a sweep."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep that nothing disturbed."""
    folder = planned(tmp_path_factory.mktemp("whole") / "sweep")
    run(folder, Serial())
    collect(folder)
    return folder


def test_results_are_those_of_each_draw_alone(whole: Path):
    results = Results.of(whole)
    inputs = results.inputs()[:, 0]
    for n in (0, 37, 95):
        scenario = results.sweep.draws.scenario.but({PRICE["path"]: f"{float(inputs[n])!r} USD/kg"})
        for indicator in pricing.solve(scenario).indicators:
            key = type("Key", (), vars(indicator))
            value = results.values(label(key))[n]  # type: ignore[arg-type]
            if indicator.value is not None:
                assert value == pytest.approx(indicator.value, rel=1e-7, abs=1e3 * 1e-6)


def test_any_number_of_workers_gives_the_same_bytes(whole: Path, tmp_path: Path):
    for workers in (1, 2, 4):
        folder = planned(tmp_path / f"{workers}")
        run(folder, Processes(workers))
        collect(folder)
        assert bytes_of(folder) == bytes_of(whole)


def test_an_array_of_jobs_gives_the_same_bytes(whole: Path, tmp_path: Path):
    folder = planned(tmp_path / "sweep")
    for part in (3, 1, 2):
        assert run(folder, Serial(), part=part, of=3).done == 2
    collect(folder)

    assert bytes_of(folder) == bytes_of(whole)


@pytest.mark.slow
def test_a_sweep_killed_at_random_twenty_times_gives_the_same_bytes(whole: Path, tmp_path: Path):
    folder = planned(tmp_path / "sweep")
    command = [sys.executable, "-m", "pricing", "sweep", "run", str(folder), "--quiet"]
    chance, kills = random.Random(1), 0
    while kills < 20:
        with subprocess.Popen(
            [*command, "--executor", "process", "--workers", "2"],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            time.sleep(chance.uniform(0.5, 5.0))
            ended = process.poll() is not None
            if not ended:
                os.killpg(process.pid, signal.SIGKILL)
                kills += 1
            process.wait()
        if ended:  # it finished: take some parts away, so that the next one has work to kill
            for path in (folder / "parts").glob("part-*.parquet"):
                if chance.random() < 0.7:
                    path.unlink()
    run(folder, Serial())
    collect(folder)

    assert bytes_of(folder) == bytes_of(whole)


def test_damaged_parts_are_reported_and_done_again(whole: Path, tmp_path: Path):
    folder = planned(tmp_path / "sweep")
    run(folder, Serial())
    torn, flipped, foreign = (part_path(folder, n) for n in (1, 2, 3))
    torn.write_bytes(torn.read_bytes()[:-100])
    data = bytearray(flipped.read_bytes())
    data[len(data) // 2 - 20_000] ^= 0xFF
    flipped.write_bytes(bytes(data))
    foreign.write_bytes(part_path(folder, 4).read_bytes())

    assert len(status(folder, pages=True).damaged) == 3
    with pytest.raises(RunError, match=r"(?s)damaged.*of another plan.*Run the sweep again"):
        collect(folder)
    told: list[tuple[str, ...]] = []
    run(folder, Serial(), tell=lambda progress: told.append(progress.damaged))
    collect(folder)

    assert len(told[0]) == 3
    assert len(told) == 4
    assert bytes_of(folder) == bytes_of(whole)


def test_a_full_disk_stops_the_run_and_leaves_nothing_behind(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    folder = planned(tmp_path / "sweep")
    real, calls = os.fsync, iter(range(1000))

    def full(handle: int) -> None:
        if next(calls) >= 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(parts_.os, "fsync", full)
    arguments = ["sweep", "run", str(folder), "--executor", "serial", "--quiet"]
    assert cli.main(arguments) == cli.FAILED
    assert "No space left on device" in capsys.readouterr().err
    assert not list((folder / "parts").glob(".*"))
    monkeypatch.undo()
    assert 0 < status(folder).done < status(folder).parts
    assert cli.main(arguments) == cli.OK
    assert cli.main(["sweep", "collect", str(folder)]) == cli.OK
    names = {MANIFEST, PLAN, *(f"parts/part-{n:06d}.parquet" for n in range(6))}
    found, wanted = bytes_of(folder), bytes_of(whole)
    assert {name: found[name] for name in names} == {name: wanted[name] for name in names}


def test_a_killed_worker_is_reported_and_parts_stay(tmp_path: Path):
    folder = planned(tmp_path / "sweep")

    with pytest.raises(RunError, match="a worker was killed"):
        list(Processes(1).reports(_die, [0, 1]))
    assert status(folder).done == 0


def _die(part: int) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def test_workers_do_not_run_the_main_script_again(tmp_path: Path):
    """A script without a guard, as most are, runs once."""
    folder = planned(tmp_path / "sweep", draws=32)
    script = tmp_path / "script.py"
    script.write_text(
        "from pathlib import Path\n"
        "from pricing.runs.executors import Processes\n"
        "from pricing.runs.run import run\n"
        "print('once')\n"
        f"run(Path({str(folder)!r}), Processes(1))\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=True, timeout=120
    )

    assert done.stdout == "once\n"
    assert status(folder).done == 2


def test_a_plan_that_was_changed_is_refused(tmp_path: Path):
    folder = planned(tmp_path / "sweep")
    for name, old, new in (
        (PLAN, '"seed": 4', '"seed": 5'),
        ("scenario.yaml", "low: 80.0", "low: 81.0"),
        ("scenario.yaml", "value: 110.0", "value: 111.0"),
        ("chain.json", "0.13", "0.14"),
    ):
        path = folder / name
        before = path.read_text()
        path.write_text(before.replace(old, new, 1))
        with pytest.raises(InputError, match="changed or damaged"):
            read_plan(folder)
        path.write_text(before)
    with pytest.raises(InputError, match="holds another plan"):
        planned(folder, draws=2 * DRAWS)
    with pytest.raises(InputError, match="no plan of a sweep"):
        read_plan(tmp_path)


def test_draws_without_a_valid_scenario_are_listed_not_lost(tmp_path: Path):
    scenario = uncertain({"numbers": [PRICE]})
    plan, drawn = make_plan(scenario, draws=16, part_rows=16)
    folder = tmp_path / "sweep"
    write_plan(plan, drawn, folder)
    sweep = read_plan(folder)
    values = sweep.draws.values(0, 16)
    values[3] = -5.0
    table, failures = parts_._solved(sweep, values)

    assert [n for n, text in enumerate(failures) if text] == [3]
    assert failures[3].startswith("not a valid scenario")
    assert np.isnan(table.value[:, 3]).all()
    assert not np.isnan(table.value[0, 4])


def test_ends_that_are_no_valid_scenario_are_refused_in_the_plan():
    wide = PRICE | {"distribution": {"kind": "normal", "mean": 50, "sd": 30}}
    with pytest.raises(InputError, match="is too small"):
        make_plan(uncertain({"numbers": [wide]}), draws=64)


def test_worlds_of_their_own_keep_their_base(tmp_path: Path):
    mine = PRICE | {"id": "mine", "path": "assumptions.demand.0.factor", "unit": "1"}
    mine["distribution"] = {"kind": "uniform", "low": 0.9, "high": 1.1}
    scale = {"good": "magnet", "region": "all", "source": "test"}
    scenario = uncertain({"numbers": [mine]}).but(
        {"assumptions.demand": [scale | {"factor": {"value": 1.0, "unit": "1"}}]}
    )
    plan, drawn = make_plan(scenario, draws=4, part_rows=4)
    write_plan(plan, drawn, tmp_path)
    run(tmp_path, Serial())
    results = Results.of(tmp_path)

    assert plan.own_worlds
    use, factor = results.base("use(magnet, world)"), results.inputs()[:, 0]
    assert np.array_equal(np.argsort(use), np.argsort(factor))


def test_scenarios_beside_each_other_share_draws():
    first = uncertain({"numbers": [PRICE]})
    more = uncertain({"numbers": [PRICE | {"id": "a"}, PRICE | {"id": "z", "path": "x.y"}]})
    plans = [make_plan(first, draws=32, beside=beside)[1] for beside in ([more], [first])]
    other = make_plan(uncertain({"numbers": [PRICE]}, "forge_oxide_only"), draws=32, beside=[more])

    assert not np.array_equal(plans[0].values(0, 32), plans[1].values(0, 32))
    assert np.array_equal(plans[0].values(0, 32), other[1].values(0, 32))


def test_parts_are_shared_out_whole(whole: Path):
    plan = read_plan(whole).plan
    shares = [list(share_of(plan, k, 4)) for k in (1, 2, 3, 4)]

    assert sorted(n for share in shares for n in share) == list(range(plan.parts))
    for part, of in ((0, 4), (5, 4), (1, None), (None, 2)):
        with pytest.raises(InputError, match="--part K --of N"):
            share_of(plan, part, of)


def test_results_say_what_they_know(whole: Path):
    results = Results.of(whole)
    values = results.values("output(oxide, forge)")
    (median,) = results.quantiles("output(oxide, forge)", (0.5,))
    claim = results.sweep.claims[1][0]

    assert values.shape == (DRAWS,)
    assert median.value == np.quantile(values, 0.5)
    assert results.unit("output(oxide, forge)") == "t"
    assert results.probability(claim).value == (results.values("consumer_cost(forge)") > 1e8).mean()
    assert results.table(["use(magnet, world)"]).shape == (DRAWS, 2)
    assert results.mean("output(oxide, forge)").value == pytest.approx(values.mean())
    assert set(results.fails()) <= {0.0, 1.0}
    with pytest.raises(InputError, match=r"Closest: .*output\(oxide, forge\)"):
        results.values("output(oxides, forge)")


def test_parts_of_a_stranger_are_not_read(whole: Path):
    with pytest.raises(DamagedPartError, match="another plan"):
        read_part(whole, "0" * 64, 0)


def test_the_commands_from_plan_to_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "sweep"
    steps = [
        ["plan", "forge_uncertain", "--out", str(folder), "--draws", "64"],
        ["run", str(folder), "--executor", "serial"],
        ["status", str(folder), "--verify"],
        ["collect", str(folder)],
        ["summary", str(folder)],
    ]
    for step in steps:
        assert cli.main(["sweep", *step]) == cli.OK
    out = capsys.readouterr().out
    manifest = json.loads((folder / MANIFEST).read_text())

    assert "STATEMENT" in out
    assert "WHERE THE POLICY FAILS" in out
    assert (manifest["seed"], manifest["draws"], manifest["unsolved"]) == (1, 64, 0)
    assert {path.name for path in folder.glob("*.csv")} >= {"quantiles.csv", "statements.csv"}
    assert cli.main(["sweep", "status", str(tmp_path)]) == cli.BAD_INPUT
    assert cli.main(["sweep", "summary", str(planned(tmp_path / "empty"))]) == cli.BAD_INPUT


def test_executors_by_name():
    assert executor(Kind.SERIAL) == Serial()
    assert executor(Kind.PROCESS, 3) == Processes(3)
    assert executor(Kind.DASK, 2, "tcp://host:8786") == Dask(2, "tcp://host:8786")
    assert isinstance(executor(Kind.PROCESS), Processes)
    with pytest.raises(InputError, match="a scheduler is for"):
        executor(Kind.SERIAL, None, "tcp://host:8786")


def test_designs_of_every_method_make_a_plan():
    for method in Method:  # of one number any count is a grid
        plan, _ = make_plan(uncertain({"numbers": [PRICE]}), draws=300, method=method)
        assert plan.parts == 2
