"""The command line; ``pricing --help`` lists the commands.

Exit codes: 0 solved, 1 no equilibrium or a failed run, 2 bad input or usage, 130 interrupted.
Errors go to stderr. With ``--json`` stdout holds one JSON object and nothing else.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pricing import commands
from pricing._version import __version__
from pricing.errors import InputError, PricingError
from pricing.launch import DEFAULT
from pricing.runs.commands import add_sweep

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
Run = Callable[[argparse.Namespace], int | None]
"""What a command does; the exit code, or None for :data:`OK`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process if absent.

    Returns
    -------
    int
        Exit code.
    """
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or OK)
    command: Run = arguments.command
    if sys.stdout is None:  # started with its output closed
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - stays open to the end
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may not know every letter
    try:
        code = command(arguments)
        sys.stdout.flush()
        return OK if code is None else code
    except BrokenPipeError:
        _silence()
        return OK
    except (PricingError, KeyboardInterrupt, OSError) as error:
        code, message = _ending(error)
        print(message, file=sys.stderr)
        return code


def _silence() -> None:
    """Keep the interpreter from writing once more to a reader that has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _ending(error: BaseException) -> tuple[int, str]:
    """Exit code and message of a command that could not finish."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, "Interrupted."
    if isinstance(error, OSError):
        words = error.strerror or str(error)
        place = f"{error.filename}: " if error.filename else ""
        return FAILED, f"The run failed: {place}{words}."
    return (BAD_INPUT if isinstance(error, InputError) else FAILED), str(error)


Option = tuple[tuple[str, ...], dict[str, Any]]
"""Flags of an argument, and how argparse reads it."""


def option(*flags: str, **how: Any) -> Option:
    """An argument of a command."""
    return flags, how


def out(metavar: str, words: str) -> Option:
    """Where to write."""
    return option("--out", metavar=metavar, type=Path, help=words)


NAME = option("name", metavar="NAME|FILE")
NAMES = option("names", metavar="NAME|FILE", nargs="+")
PATCH = option(
    "--patch", metavar="NAME", action="append", default=[], help="apply a patch of the file"
)
JSON = option("--json", action="store_true", help="print one JSON object instead")
FORCE = option("--force", action="store_true", help="write over what exists")


def _port(text: str) -> int:
    """A port that a server can listen on."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port: state one from 1 to 65535")
    return int(text)


COMMANDS: dict[str, tuple[Run, str, tuple[Option, ...]]] = {
    "list": (commands.listing, "shipped scenarios and chains", ()),
    "show": (commands.show, "a scenario as it would be solved, flattened", (NAME, PATCH)),
    "validate": (commands.validate, "check scenarios, chains, questions and exposures", (NAMES,)),
    "solve": (
        commands.solve,
        "solve a scenario and report",
        (NAME, out("DIR", "write tables, workbook and chart"), FORCE, JSON, PATCH),
    ),
    "report": (
        commands.report,
        "solve a scenario and write a printable HTML report",
        (NAME, out("FILE", "file to write; NAME.html if absent"), FORCE, PATCH),
    ),
    "ui": (
        commands.ui,
        "open the app in a browser, on this machine only",
        (
            option("name", metavar="NAME|FILE", nargs="?", default=DEFAULT),
            option("--port", type=_port, default=8501),
            option(
                "--address",
                default="127.0.0.1",
                help="network address to listen on; this machine only",
            ),
        ),
    ),
    "compare": (
        commands.compare,
        "solve two scenarios and list what differs",
        (option("baseline", metavar="A"), option("scenario", metavar="B"), JSON),
    ),
    "match": (commands.match, "alternatives turned until they reach one target", (NAME, JSON)),
    "exposure": (commands.exposure, "what a guarantee may cost over its contract", (NAME, JSON)),
    "chain": (
        commands.chain,
        "what a chain holds, and how its data were reconciled; or build its base year",
        (
            option("words", metavar="NAME|FILE", nargs="+"),
            out("FILE", "new: file to write; FILE.yaml"),
            FORCE,
        ),
    ),
    "sources": (
        commands.sources,
        "every number of a scenario with its source, and what the result rests on",
        (NAME, out("FILE", "write every number to a CSV file"), FORCE, PATCH),
    ),
    "schema": (
        commands.schema,
        "JSON Schema of a kind of file",
        (
            option(
                "kind",
                nargs="?",
                choices=("scenario", "chain", "match", "exposure"),
                default="scenario",
            ),
            option("--write", action="store_true", help="rewrite the files in configs/schema"),
        ),
    ),
}
"""Name -> what runs, help, arguments."""
USAGE = {
    "chain": "pricing chain [report | build | template | new] NAME|FILE [--out FILE] [--force]"
}
"""Commands whose usage argparse cannot tell."""


def _parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = argparse.ArgumentParser(
        prog="pricing",
        description="Price policies on critical-mineral supply chains: an equilibrium calculator.",
        epilog="A scenario is a shipped name (see 'pricing list') or a file ending in .yaml.",
    )
    parser.add_argument("--version", action="version", version=f"pricing {__version__}")
    found = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, (run, words, options) in COMMANDS.items():
        command = found.add_parser(name, help=words, usage=USAGE.get(name))
        for flags, how in options:
            command.add_argument(*flags, **how)
        command.set_defaults(command=run)
    add_sweep(found, commands.load)
    return parser


if __name__ == "__main__":
    sys.exit(main())
