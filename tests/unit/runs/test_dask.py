"""Sweeps on a Dask cluster: the bytes of one process, and nothing lost when a worker is killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from distributed import LocalCluster

from pricing.errors import InputError
from pricing.runs.executors import Dask, Serial
from pricing.runs.run import Progress, collect, run
from tests.unit.runs.test_sweep import bytes_of, planned

pytestmark = [
    pytest.mark.slow,
    # Dask leaves sockets to the collector and forks where Python would rather not.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = planned(tmp_path_factory.mktemp("serial") / "sweep")
    run(folder, Serial())
    collect(folder)
    return bytes_of(folder)


def test_a_cluster_on_this_computer_gives_the_same_bytes(tmp_path: Path, wanted: dict[str, str]):
    folder = planned(tmp_path / "sweep")
    run(folder, Dask(2))
    collect(folder)

    assert bytes_of(folder) == wanted


def test_a_killed_worker_loses_nothing(tmp_path: Path, wanted: dict[str, str]):
    folder, killed = planned(tmp_path / "sweep"), []
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:

        def kill(progress: Progress) -> None:
            if progress.done >= 1 and not killed:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], signal.SIGKILL)

        run(folder, Dask(2, cluster.scheduler_address), tell=kill)
    collect(folder)

    assert len(killed) == 1
    assert bytes_of(folder) == wanted


def test_a_scheduler_that_does_not_answer_is_named(tmp_path: Path):
    folder = planned(tmp_path / "sweep")

    with pytest.raises(InputError, match="no scheduler answers"):
        run(folder, Dask(1, "tcp://127.0.0.1:1"))
