"""The commands ``pricing sweep plan | run | status | collect | summary``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pricing.runs.kinds import Kind
from pricing.scenarios.scenario import Scenario
from pricing.uncertainty.design import Method

if TYPE_CHECKING:
    from pricing.runs.run import Progress

Load = Callable[[str, tuple[str, ...]], Scenario]
OK = 0


def add_sweep(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], load: Load
) -> argparse.ArgumentParser:
    """Add the command and what it can do; ``load`` reads a checked scenario by name."""
    sweep = commands.add_parser("sweep", help="solve many draws of what is uncertain in a scenario")
    parts = sweep.add_subparsers(title="steps", metavar="STEP", required=True)

    add = parts.add_parser("plan", help="decide what is drawn, in a new folder")
    add.add_argument("name", metavar="NAME|FILE")
    add.add_argument("--out", metavar="DIR", type=Path, required=True)
    add.add_argument("--draws", type=int, default=4096, help="how many; a power of two is best")
    add.add_argument("--method", choices=[m.value for m in Method], default=Method.SOBOL.value)
    add.add_argument("--seed", type=int, default=1)
    add.add_argument(
        "--beside",
        metavar="NAME|FILE",
        action="append",
        default=[],
        help="scenario whose sweep shall have the same draws of shared numbers",
    )
    add.add_argument("--patch", metavar="NAME", action="append", default=[])
    add.set_defaults(command=lambda a: _plan(a, load))

    add = parts.add_parser("run", help="do what is missing or damaged; can be stopped any time")
    _folder(add)
    _share(add)
    add.add_argument("--executor", choices=[k.value for k in Kind], default=Kind.PROCESS.value)
    add.add_argument("--workers", type=int, help="processes on this computer; one a core if absent")
    add.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        default=os.environ.get("DASK_SCHEDULER_ADDRESS"),
        help="of a Dask cluster, such as tcp://host:8786",
    )
    add.add_argument("--quiet", action="store_true", help="no progress")
    add.set_defaults(command=_run)

    add = parts.add_parser("status", help="how far it is")
    _folder(add)
    _share(add)
    add.add_argument("--verify", action="store_true", help="read every part whole")
    add.set_defaults(command=_status)

    add = parts.add_parser("collect", help="check all parts; write manifest and tables")
    _folder(add)
    add.set_defaults(command=_collect)

    add = parts.add_parser("summary", help="quantiles, probabilities, and what fails")
    _folder(add)
    add.set_defaults(command=_summary)
    return sweep


def _folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", type=Path)


def _share(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--part", type=int, metavar="K", help="with --of: one of an array of jobs")
    parser.add_argument("--of", type=int, metavar="N", help="how many jobs share the sweep")


def _plan(arguments: argparse.Namespace, load: Load) -> int:
    from pricing.runs.plan import make_plan, write_plan

    plan, draws = make_plan(
        load(arguments.name, tuple(arguments.patch)),
        draws=arguments.draws,
        method=Method(arguments.method),
        seed=arguments.seed,
        beside=[load(name, ()) for name in arguments.beside],
    )
    write_plan(plan, draws, arguments.out)
    print(
        f"{arguments.out}: {plan.draws:,} draws of {len(plan.inputs)} numbers in {plan.parts} "
        f"parts, {len(plan.labels)} indicators. Next: pricing sweep run {arguments.out}"
    )
    return OK


def _run(arguments: argparse.Namespace) -> int:
    from pricing.runs.executors import executor
    from pricing.runs.run import run

    kind = Kind(arguments.executor)
    scheduler = arguments.scheduler if kind is Kind.DASK else None

    def tell(progress: Progress) -> None:
        for line in progress.damaged:
            print(f"{line} It is done again.", file=sys.stderr)
        if not arguments.quiet:
            print(_line(progress), file=sys.stderr)

    found = run(
        arguments.folder,
        executor(kind, arguments.workers, scheduler),
        part=arguments.part,
        of=arguments.of,
        tell=tell,
    )
    print(f"{found.done} of {found.parts} parts, {found.rows:,} draws, {found.unsolved} unsolved")
    return OK


def _status(arguments: argparse.Namespace) -> int:
    from pricing.runs.run import status

    found = status(arguments.folder, part=arguments.part, of=arguments.of, pages=arguments.verify)
    for line in found.damaged:
        print(line)
    print(_line(found))
    return OK


def _line(progress: Progress) -> str:
    """Parts, draws, rate and time left in one line."""
    text = f"{progress.done} of {progress.parts} parts, {progress.rows:,} draws"
    if progress.unsolved:
        text += f", {progress.unsolved} unsolved"
    if progress.done < progress.parts and progress.rate and progress.left is not None:
        minutes, seconds = divmod(round(progress.left), 60)
        text += f", {progress.rate:,.0f} a second, {minutes} min {seconds} s left"
    return text


def _collect(arguments: argparse.Namespace) -> int:
    from pricing.runs.results import Results
    from pricing.runs.run import collect
    from pricing.runs.summary import text, write_tables

    path = collect(arguments.folder)
    results = Results.of(arguments.folder)
    written = [path, *write_tables(results, arguments.folder)]
    print(text(results), end="")
    print(f"\nWritten to {arguments.folder}: {', '.join(p.name for p in written)}")
    return OK


def _summary(arguments: argparse.Namespace) -> int:
    from pricing.runs.results import Results
    from pricing.runs.summary import text

    print(text(Results.of(arguments.folder)), end="")
    return OK
