"""Run a sweep, or what is missing of it; say how far it is; collect what it found."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pricing.core.hidden import told_as
from pricing.errors import Fault, InputError
from pricing.runs.executors import Executor
from pricing.runs.parts import (
    DamagedPartError,
    PartReport,
    RunError,
    check_part,
    do_part,
    part_path,
    stray_files,
)
from pricing.runs.plan import PLAN, Plan, read_plan

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Progress:
    """How far a sweep is."""

    parts: int
    """Parts that are asked for."""
    done: int
    """Parts that are there."""
    rows: int
    """Draws in these."""
    unsolved: int
    """Draws without an equilibrium in these."""
    damaged: tuple[str, ...] = ()
    """What is wrong with parts that cannot be used."""
    rate: float | None = None
    """Draws a second; None where nothing is known yet."""
    left: float | None = None
    """Seconds to go at this rate."""


def share_of(plan: Plan, part: int | None, of: int | None) -> range:
    """Parts that one of several runs does: every ``of``-th, from ``part`` (from 1).

    Raises
    ------
    InputError
        If the two do not fit.
    """
    if part is None and of is None:
        return range(plan.parts)
    if part is None or of is None or not 1 <= part <= of:
        raise InputError([Fault("--part K --of N go together, with K from 1 to N")])
    return range(part - 1, plan.parts, of)


def run(
    folder: Path,
    executor: Executor,
    *,
    part: int | None = None,
    of: int | None = None,
    tell: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    """Do the parts that are missing or damaged.

    Parameters
    ----------
    folder : Path
        Folder of the plan.
    executor : Executor
        Who works.
    part, of : int, optional
        Do only every ``of``-th part, from ``part`` on, as one of an array of jobs.
    tell : callable
        Is called after each part.

    Raises
    ------
    InputError
        If there is no sound plan.
    RunError
        If a worker is killed, or results are not what they must be.
    OSError
        If a part cannot be written. Whatever stops a run, running it again goes on from there.
    """
    folder = folder.resolve()
    plan = read_plan(folder).plan
    wanted = share_of(plan, part, of)
    found, damaged = _survey(folder, plan, wanted, pages=True)
    before = _progress(folder, plan, wanted, found, damaged)
    tell(before)
    sound = {report.part for report in found}
    missing = [n for n in wanted if n not in sound]
    begin, rows, unsolved, done = time.monotonic(), 0, 0, before.done
    for report in executor.reports(partial(do_part, str(folder)), missing):
        rows, unsolved, done = rows + report.rows, unsolved + report.unsolved, done + 1
        rate = rows / max(time.monotonic() - begin, 1e-9)
        left = sum(len(plan.rows(n)) for n in missing) - rows
        tell(
            Progress(
                parts=len(wanted),
                done=done,
                rows=before.rows + rows,
                unsolved=before.unsolved + unsolved,
                rate=rate,
                left=left / rate,
            )
        )
    return status(folder, part=part, of=of)


def status(
    folder: Path, *, part: int | None = None, of: int | None = None, pages: bool = False
) -> Progress:
    """How far a sweep is, from the files alone; ``pages`` reads all of every part."""
    plan = read_plan(folder).plan
    wanted = share_of(plan, part, of)
    return _progress(folder, plan, wanted, *_survey(folder, plan, wanted, pages=pages))


def _survey(
    folder: Path, plan: Plan, wanted: range, *, pages: bool
) -> tuple[list[PartReport], list[str]]:
    """Parts that are there, and what is wrong with those that cannot be used."""
    found, damaged = [], []
    for n in wanted:
        try:
            report = check_part(folder, plan.hash, n, pages=pages)
        except DamagedPartError as error:
            damaged.append(str(error))
            continue
        if report is not None:
            found.append(report)
    return found, damaged


def _progress(
    folder: Path, plan: Plan, wanted: range, found: list[PartReport], damaged: list[str]
) -> Progress:
    rows = sum(report.rows for report in found)
    rate = _rate(folder, found)
    left = sum(len(plan.rows(n)) for n in wanted) - rows
    return Progress(
        parts=len(wanted),
        done=len(found),
        rows=rows,
        unsolved=sum(report.unsolved for report in found),
        damaged=tuple(damaged),
        rate=rate,
        left=left / rate if rate else None,
    )


def _rate(folder: Path, found: list[PartReport]) -> float | None:
    """Draws a second between the first and the last part that was written."""
    times = sorted((part_path(folder, r.part).stat().st_mtime, r.rows) for r in found)
    if len(times) < 2 or times[-1][0] <= times[0][0]:
        return None
    return sum(rows for _, rows in times[1:]) / (times[-1][0] - times[0][0])


def collect(folder: Path) -> Path:
    """Check every part and write the manifest: their hashes, rows, and the seed.

    Returns
    -------
    Path
        The manifest; the same bytes for any number of workers and interruptions.

    Raises
    ------
    RunError
        If parts are missing or damaged.
    """
    plan = read_plan(folder).plan
    now = status(folder, pages=True)
    if now.damaged or now.done < now.parts:
        missing = now.parts - now.done - len(now.damaged)
        lines = [*now.damaged, *([f"{missing} of {now.parts} parts are missing."] * (missing > 0))]
        raise RunError("\n".join([*lines, "Run the sweep again: it does these parts only."]))
    for stray in stray_files(folder):
        stray.unlink(missing_ok=True)
    parts = []
    for n in range(plan.parts):
        with part_path(folder, n).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        parts.append({"part": n, "rows": len(plan.rows(n)), "sha256": digest})
    manifest = {
        "plan": plan.hash,
        "scenario": plan.scenario,
        "scenario_hash": plan.scenario_hash,
        "version": plan.version,
        "method": plan.method,
        "seed": plan.seed,
        "draws": plan.draws,
        "unsolved": now.unsolved,
        "parts": parts,
    }
    path = folder / MANIFEST
    temporary = path.with_name(f".{path.name}.tmp")
    with told_as(path):
        temporary.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        temporary.replace(path)
    return path


__all__ = ["MANIFEST", "PLAN", "Progress", "collect", "run", "share_of", "status"]
