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

from pricing._version import __version__
from pricing.errors import Fault, InputError, PricingError
from pricing.launch import DEFAULT
from pricing.runs.commands import add_sweep
from pricing.scenarios.scenario import Scenario

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


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
    command: Callable[[argparse.Namespace], int] = arguments.command
    if sys.stdout is None:  # started with its output closed
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - stays open to the end
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may not know every letter
    try:
        code = command(arguments)
        sys.stdout.flush()
        return code
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


def _parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = argparse.ArgumentParser(
        prog="pricing",
        description="Price policies on critical-mineral supply chains: an equilibrium calculator.",
        epilog="A scenario is a shipped name (see 'pricing list') or a file ending in .yaml.",
    )
    parser.add_argument("--version", action="version", version=f"pricing {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    add = commands.add_parser("list", help="shipped scenarios and chains")
    add.set_defaults(command=_list)

    add = commands.add_parser("show", help="a scenario as it would be solved, flattened")
    add.add_argument("name", metavar="NAME|FILE")
    _patches(add)
    add.set_defaults(command=_show)

    add = commands.add_parser("validate", help="check scenarios, chains, questions and exposures")
    add.add_argument("names", nargs="+", metavar="NAME|FILE")
    add.set_defaults(command=_validate)

    add = commands.add_parser("solve", help="solve a scenario and report")
    add.add_argument("name", metavar="NAME|FILE")
    add.add_argument("--out", metavar="DIR", type=Path, help="write tables, workbook and chart")
    add.add_argument("--force", action="store_true", help="write over files that exist")
    add.add_argument("--json", action="store_true", help="print one JSON object instead")
    _patches(add)
    add.set_defaults(command=_solve)

    _add_report(commands)
    _add_ui(commands)
    add_sweep(commands, _load)
    add = commands.add_parser("compare", help="solve two scenarios and list what differs")
    add.add_argument("baseline", metavar="A")
    add.add_argument("scenario", metavar="B")
    add.add_argument("--json", action="store_true", help="print one JSON object instead")
    add.set_defaults(command=_compare)

    _add_questions(commands)

    _add_chain(commands)
    _add_sources(commands)

    add = commands.add_parser("schema", help="JSON Schema of a kind of file")
    add.add_argument(
        "kind", nargs="?", choices=("scenario", "chain", "match", "exposure"), default="scenario"
    )
    add.add_argument("--write", action="store_true", help="rewrite the files in configs/schema")
    add.set_defaults(command=_schema)
    return parser


def _add_sources(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    add = commands.add_parser(
        "sources", help="every number of a scenario with its source, and what the result rests on"
    )
    add.add_argument("name", metavar="NAME|FILE")
    add.add_argument("--out", metavar="FILE", type=Path, help="write every number to a CSV file")
    add.add_argument("--force", action="store_true", help="write over a file that exists")
    _patches(add)
    add.set_defaults(command=_sources)


def _add_questions(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    add = commands.add_parser("match", help="alternatives turned until they reach one target")
    add.add_argument("name", metavar="NAME|FILE")
    add.add_argument("--json", action="store_true", help="print one JSON object instead")
    add.set_defaults(command=_match)

    add = commands.add_parser("exposure", help="what a guarantee may cost over its contract")
    add.add_argument("name", metavar="NAME|FILE")
    add.add_argument("--json", action="store_true", help="print one JSON object instead")
    add.set_defaults(command=_exposure)


def _add_chain(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    add = commands.add_parser(
        "chain",
        help="what a chain holds, and how its data were reconciled; or build its base year",
        usage="pricing chain [report | build | template | new] NAME|FILE [--out FILE] [--force]",
    )
    add.add_argument("words", nargs="+", metavar="NAME|FILE")
    add.add_argument("--out", metavar="FILE", type=Path, help="new: file to write; FILE.yaml")
    add.add_argument("--force", action="store_true", help="new: write over a file that exists")
    add.set_defaults(command=_chain)


def _add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    add = commands.add_parser("report", help="solve a scenario and write a printable HTML report")
    add.add_argument("name", metavar="NAME|FILE")
    add.add_argument("--out", metavar="FILE", type=Path, help="file to write; NAME.html if absent")
    add.add_argument("--force", action="store_true", help="write over a file that exists")
    _patches(add)
    add.set_defaults(command=_report)


def _add_ui(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    add = commands.add_parser("ui", help="open the app in a browser, on this machine only")
    add.add_argument("name", metavar="NAME|FILE", nargs="?", default=DEFAULT)
    add.add_argument("--port", type=int, default=8501)
    add.add_argument(
        "--address", default="127.0.0.1", help="network address to listen on; this machine only"
    )
    add.set_defaults(command=_ui)


def _patches(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--patch", metavar="NAME", action="append", default=[], help="apply a patch of the file"
    )


def _load(name: str, patches: tuple[str, ...]) -> Scenario:
    """Read a scenario and check all of it."""
    from pricing.api import load_scenario

    return load_scenario(name, patches)


def _list(arguments: argparse.Namespace) -> int:
    from pricing.reporting.catalogue import listing

    print(listing(), end="")
    return OK


def _show(arguments: argparse.Namespace) -> int:
    from pricing.api import load_scenario

    print(load_scenario(arguments.name, tuple(arguments.patch)).to_yaml(), end="")
    return OK


def _validate(arguments: argparse.Namespace) -> int:
    """Check every file, and list the faults of all of them."""
    from pricing.checked import checked

    faults: list[Fault] = []
    for name in arguments.names:
        try:
            print(f"{name}: {checked(name)}")
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return OK


def _solve(arguments: argparse.Namespace) -> int:
    from pricing.api import load_scenario, solve

    scenario = load_scenario(arguments.name, tuple(arguments.patch))
    if arguments.out is not None:
        from pricing.reporting.export import check_target

        check_target(arguments.out, force=arguments.force)
    result = solve(scenario)
    if scenario.chain_changed:
        print(f"{scenario.id}: the data of its chain changed since export.", file=sys.stderr)
    written = []
    if arguments.out is not None:
        written = result.export(arguments.out, force=arguments.force)
    if arguments.json:
        print(result.to_json())
        return OK
    print(result.report(), end="")
    if written:
        print(f"\nWritten to {arguments.out}: {', '.join(path.name for path in written)}")
    return OK


def _report(arguments: argparse.Namespace) -> int:
    from pricing.api import load_scenario, solve
    from pricing.reporting.html_report import html_report

    scenario = load_scenario(arguments.name, tuple(arguments.patch))
    path = arguments.out or Path(f"{scenario.id}.html")
    if path.exists() and not arguments.force:
        fault = Fault("this file exists", file=str(path), remedy="Choose another, or use --force")
        raise InputError([fault])
    path.write_text(html_report(solve(scenario)), encoding="utf-8")
    print(f"Written: {path}")
    return OK


def _ui(arguments: argparse.Namespace) -> int:
    from pricing.api import load_scenario
    from pricing.launch import launch

    load_scenario(arguments.name)  # a fault is told here, not in the browser
    is_file = Path(arguments.name).is_file()
    name = str(Path(arguments.name).resolve()) if is_file else arguments.name
    return launch(name, arguments.port, arguments.address)


def _compare(arguments: argparse.Namespace) -> int:
    from pricing.api import compare

    comparison = compare(arguments.baseline, arguments.scenario)
    if arguments.json:
        from pricing.reporting.compare import to_json

        print(to_json(comparison))
    else:
        print(comparison.report(), end="")
    return OK


def _match(arguments: argparse.Namespace) -> int:
    from pricing.questions.match import match

    matched = match(arguments.name)
    print(matched.to_json() if arguments.json else matched.report(), end="")
    return OK


def _exposure(arguments: argparse.Namespace) -> int:
    from pricing.uncertainty.exposure import exposure

    found = exposure(arguments.name)
    print(found.to_json() if arguments.json else found.report(), end="")
    return OK


def _chain(arguments: argparse.Namespace) -> int:
    """Report on a chain, build its base year, or make a new one: an optional verb and a name."""
    from pricing.chains.new_chain import write_chain, write_template
    from pricing.reporting.catalogue import build_report, chain_report, write_build

    *verb, name = arguments.words
    match verb:
        case []:
            print(chain_report(name), end="")
        case ["report"]:
            print(build_report(name), end="")
        case ["build"]:
            print("Written: " + ", ".join(path.name for path in write_build(name)))
        case ["template"]:
            write_template(Path(name))
            print(f"Written: {name}. Change it, then run 'pricing chain new {name}'.")
        case ["new"]:
            out = arguments.out or Path(name).with_suffix(".yaml")
            chain = write_chain(Path(name), out, force=arguments.force)
            goods, regions = len(chain.goods), len(chain.regions)
            print(f"Written: {out}, a valid chain of {goods} goods in {regions} regions")
        case _:
            problem = f"'{' '.join(arguments.words)}' is not understood"
            remedy = "Write 'pricing chain NAME', or report, build, template or new before the name"
            raise InputError([Fault(problem, "chain", remedy=remedy)])
    return OK


def _sources(arguments: argparse.Namespace) -> int:
    """Solve a scenario once for each of its numbers, and say which ones carry the result."""
    from pricing.api import load_scenario
    from pricing.questions.resting import render, resting

    if arguments.out is not None and arguments.out.exists() and not arguments.force:
        fault = Fault("this file exists", file=str(arguments.out), remedy="Use --force")
        raise InputError([fault])
    found = resting(load_scenario(arguments.name, tuple(arguments.patch)))
    print(render(found), end="")
    if arguments.out is not None:
        found.table.to_csv(arguments.out, index=False)
        print(f"Written: {arguments.out}")
    return OK


def _schema(arguments: argparse.Namespace) -> int:
    from pricing.schemas import schema_text, write_schemas

    if arguments.write:
        print("Written: " + ", ".join(write_schemas()))
    else:
        print(schema_text(arguments.kind), end="")
    return OK


if __name__ == "__main__":
    sys.exit(main())
