"""The same scenario on the other benchmarks that it names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pricing.reporting.headline import headline
from pricing.reporting.summary import Summary, summarise
from pricing.reporting.words import NONE, change, row_of, signed_kg, wrap

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result

COLUMNS = 3
"""Benchmarks side by side."""


def signs(result: Result) -> Iterator[str]:
    """Lines: change in value added and in output of the first group, by stage and benchmark."""
    if not result.scenario.document.variants:
        return
    yield from wrap(
        "OTHER BENCHMARKS, change in value added per kg (USD/kg) and in output, "
        f"{summarise(result).split.name}"
    )
    cells = {name: _stages(found) for name, found in result.variants().items()}
    names = list(cells)
    for start in range(0, len(names), COLUMNS):
        shown = names[start : start + COLUMNS]
        yield f"{'':<14}" + "".join(f"{name:>22}" for name in shown)
        for good in result.solved.program.network.goods:
            row = [cells[name].get(good) for name in shown]
            if any(row):
                words = (f"{c[0]:>12}{c[1]:>10}" if c else f"{NONE:>22}" for c in row)
                yield from row_of(good, 14, "".join(words))


def side_by_side(result: Result) -> list[dict[str, str]]:
    """A row for each headline number and stage, a column for each benchmark that is named."""
    found = result.variants()
    columns = {name: _numbers(one) for name, one in found.items()}
    labels = dict.fromkeys(label for column in columns.values() for label in column)
    return [
        {"number": label} | {name: column.get(label, NONE) for name, column in columns.items()}
        for label in labels
    ]


def _numbers(result: Result | None) -> dict[str, str]:
    """Label with unit -> number in words."""
    if result is None:
        return {}
    found = {f"{number.label} [{number.unit}]": number.shown for number in headline(result)}
    for good, (added, made) in _stages(result).items():
        found[f"{good}, change in makers' value added [USD/kg]"] = added
        found[f"{good}, change in output"] = made
    return found


def _stages(result: Result | None) -> dict[str, tuple[str, str]]:
    """Good -> change in value added and in output of the first group, in words."""
    if result is None:
        return {}
    summary = summarise(result)
    added = value_added_changes(result, summary)
    cells: dict[str, tuple[str, str]] = {}
    for row in summary.output:
        if row.group == summary.split.name and (row.before > 0.0 or row.after > 0.0):
            moved = change(row.before, row.after)
            cells[row.good] = signed_kg(added.get(row.good)), moved
    return cells


def value_added_changes(result: Result, summary: Summary) -> dict[str, float]:
    """Good -> change in value added per tonne in the first group, by reference output [USD/t]."""
    network, level = result.reference.program.network, result.reference.state.level[0]
    total: dict[str, float] = {}
    weight: dict[str, float] = {}
    for row in result.accounts.protection:
        if row.change is None or row.subject not in network.processes:
            continue
        k, g = network.processes.index(row.subject), network.goods.index(row.good)
        if row.region in summary.members:
            tonnes = float(level[k] * network.outputs[k, g])
            total[row.good] = total.get(row.good, 0.0) + tonnes * row.change
            weight[row.good] = weight.get(row.good, 0.0) + tonnes
    return {good: total[good] / weight[good] for good in total if weight[good] > 0.0}
