"""Who solves the parts: this process, processes on this computer, or a Dask cluster."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from types import ModuleType
from typing import Any, Protocol

from pricing.errors import Fault, InputError
from pricing.runs.kinds import Kind
from pricing.runs.parts import PartReport, RunError

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Environment of workers: small matrices run slower on several threads, and a sum over threads
may end in other digits."""

Work = Callable[[int], PartReport]


class Executor(Protocol):
    """Does parts in any order."""

    def reports(self, work: Work, parts: Sequence[int]) -> Iterator[PartReport]:
        """Reports as they come."""


@dataclass(frozen=True)
class Serial:
    """Do parts in this process."""

    def reports(self, work: Work, parts: Sequence[int]) -> Iterator[PartReport]:
        """Reports as they come."""
        return map(work, parts)


@dataclass(frozen=True)
class Processes:
    """Fresh processes on this computer, each with one thread for linear algebra."""

    workers: int
    """How many."""

    def reports(self, work: Work, parts: Sequence[int]) -> Iterator[PartReport]:
        """Reports as they come.

        Raises
        ------
        RunError
            If a worker is killed.
        """
        waiting = iter(parts)
        pool = ProcessPoolExecutor(self.workers, mp_context=get_context("spawn"))
        try:
            with _environment(ONE_THREAD), _no_main_module():  # processes start as work arrives
                running = {pool.submit(work, part) for part in islice(waiting, 2 * self.workers)}
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
                    following = next(waiting, None)
                    if following is not None:
                        running.add(pool.submit(work, following))
        except BrokenProcessPool:
            raise RunError(
                "a worker was killed, perhaps for want of memory. Run again: finished parts stay."
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _environment(wanted: dict[str, str]) -> Iterator[None]:
    """Environment of processes that start meanwhile."""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Keep processes that start meanwhile from running the main script once more.

    They need nothing of it, and it may be a page of an app, or a script without a guard.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@dataclass(frozen=True)
class Dask:
    """Workers of a cluster; one on this computer where no scheduler is named."""

    workers: int
    """How many, on this computer."""
    scheduler: str | None = None
    """Address of an existing scheduler, such as ``tcp://host:8786``."""

    def reports(self, work: Work, parts: Sequence[int]) -> Iterator[PartReport]:
        """Reports as they come.

        Raises
        ------
        InputError
            If the package is missing, or nobody answers at the address.
        """
        try:
            import dask
            from distributed import Client, LocalCluster, as_completed
        except ImportError:
            remedy = "Install the extra: pip install 'critical-minerals-pricing[cluster]'"
            raise InputError([Fault("dask is not installed", remedy=remedy)]) from None
        # The default of workers, MALLOC_TRIM_THRESHOLD_, makes the C library hand memory back to
        # the system after every step; numpy then takes twice the time.
        with (
            _no_main_module() if self.scheduler is None else nullcontext(),
            dask.config.set({"distributed.nanny.pre-spawn-environ": ONE_THREAD}),
        ):
            cluster = None if self.scheduler else LocalCluster(**_local(self.workers))
            try:
                client = Client(cluster or self.scheduler, timeout="20s")
            except OSError as error:
                remedy = "Check the address, and that the scheduler runs"
                raise InputError([Fault(f"no scheduler answers: {error}", remedy=remedy)]) from None
            try:
                futures: list[Future[PartReport]] = client.map(work, parts, pure=False, retries=3)
                for future in as_completed(futures):
                    yield future.result()
            finally:
                client.close()
                if cluster is not None:
                    cluster.close()


def _local(workers: int) -> dict[str, Any]:
    """A small cluster without a web page."""
    return {
        "n_workers": workers,
        "threads_per_worker": 1,
        "processes": True,
        "dashboard_address": None,
        "host": "127.0.0.1",
    }


def executor(kind: Kind, workers: int | None = None, scheduler: str | None = None) -> Executor:
    """The executor of a kind; as many workers as this process may use cores, unless stated."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    count = workers or cores or 1
    if scheduler is not None and kind is not Kind.DASK:
        raise InputError([Fault("a scheduler is for --executor dask")])
    makers: dict[Kind, Callable[[], Executor]] = {
        Kind.SERIAL: Serial,
        Kind.PROCESS: lambda: Processes(count),
        Kind.DASK: lambda: Dask(count, scheduler),
    }
    return makers[kind]()
