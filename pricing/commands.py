"""What each command of the command line does with its arguments."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from pricing.errors import Fault, InputError
from pricing.scenarios.scenario import Scenario

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What a terminal would obey and not show; texts of a file that somebody sent may hold it."""


def _say(text: str) -> None:
    print(CONTROL.sub("\N{REPLACEMENT CHARACTER}", text), end="")


def load(name: str, patches: Sequence[str] = ()) -> Scenario:
    """Read a scenario and check all of it."""
    from pricing import api

    return api.load_scenario(name, tuple(patches))


def _refuse_existing(path: Path, force: bool) -> None:
    """Never write over a file without being asked to."""
    if path.exists() and not force:
        remedy = "Choose another, or use --force"
        raise InputError([Fault("this file exists", file=str(path), remedy=remedy)])


def listing(arguments: argparse.Namespace) -> None:
    """Shipped scenarios and chains."""
    from pricing.reporting import catalogue

    _say(catalogue.listing())


def show(arguments: argparse.Namespace) -> None:
    """A scenario as it would be solved."""
    _say(load(arguments.name, arguments.patch).to_yaml())


def validate(arguments: argparse.Namespace) -> None:
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


def solve(arguments: argparse.Namespace) -> None:
    """Solve a scenario, report, and write files where they are wanted."""
    from pricing import api

    scenario = load(arguments.name, arguments.patch)
    if arguments.out is not None:
        from pricing.reporting.export import check_target

        check_target(arguments.out, force=arguments.force)
    result = api.solve(scenario)
    if scenario.chain_changed:
        print(f"{scenario.id}: the data of its chain changed since export.", file=sys.stderr)
    written = []
    if arguments.out is not None:
        written = result.export(arguments.out, force=arguments.force)
    if arguments.json:
        print(result.to_json())
        return
    _say(result.report())
    if written:
        print(f"\nWritten to {arguments.out}: {', '.join(path.name for path in written)}")


def report(arguments: argparse.Namespace) -> None:
    """Write a printable page."""
    from pricing import api
    from pricing.reporting.html_report import html_report

    scenario = load(arguments.name, arguments.patch)
    path = arguments.out or Path(f"{scenario.id}.html")
    _refuse_existing(path, arguments.force)
    path.write_text(html_report(api.solve(scenario)), encoding="utf-8")
    print(f"Written: {path}")


def ui(arguments: argparse.Namespace) -> int:
    """Open the app."""
    from pricing.launch import launch

    load(arguments.name)  # a fault is told here, not in the browser
    is_file = Path(arguments.name).is_file()
    name = str(Path(arguments.name).resolve()) if is_file else arguments.name
    return launch(name, arguments.port, arguments.address)


def compare(arguments: argparse.Namespace) -> None:
    """Solve two scenarios and list what differs."""
    from pricing import api

    comparison = api.compare(arguments.baseline, arguments.scenario)
    if arguments.json:
        from pricing.reporting.compare import to_json

        print(to_json(comparison))
    else:
        _say(comparison.report())


def match(arguments: argparse.Namespace) -> None:
    """Turn alternatives until they reach one target."""
    from pricing.questions import match as question

    matched = question.match(arguments.name)
    _say(matched.to_json() if arguments.json else matched.report())


def exposure(arguments: argparse.Namespace) -> None:
    """Value a guarantee over its contract."""
    from pricing.uncertainty import exposure as valued

    found = valued.exposure(arguments.name)
    _say(found.to_json() if arguments.json else found.report())


def chain(arguments: argparse.Namespace) -> None:
    """Report on a chain, build its base year, or make a new one: an optional verb and a name."""
    from pricing.chains.new_chain import write_chain, write_template
    from pricing.reporting.catalogue import build_report, chain_report, write_build

    *verb, name = arguments.words
    match verb:
        case [] if name in ("report", "build", "template", "new"):
            remedy = f"Write 'pricing chain {name} NAME' or a file"
            raise InputError([Fault(f"'{name}' of which chain?", "chain", remedy=remedy)])
        case []:
            _say(chain_report(name))
        case ["report"]:
            _say(build_report(name))
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


def sources(arguments: argparse.Namespace) -> None:
    """Solve a scenario once for each of its numbers, and say which ones carry the result."""
    from pricing.questions.resting import render, resting
    from pricing.reporting.export import safe

    if arguments.out is not None:
        _refuse_existing(arguments.out, arguments.force)
    found = resting(load(arguments.name, arguments.patch))
    _say(render(found))
    if arguments.out is not None:
        found.table.map(safe).to_csv(arguments.out, index=False)
        print(f"Written: {arguments.out}")


def schema(arguments: argparse.Namespace) -> None:
    """Print a schema, or write all of them."""
    from pricing.schemas import schema_text, write_schemas

    if arguments.write:
        print("Written: " + ", ".join(write_schemas()))
    else:
        _say(schema_text(arguments.kind))
