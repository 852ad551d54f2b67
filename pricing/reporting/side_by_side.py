"""Any number of scenarios side by side: what differs in their inputs, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pricing.errors import Fault, InputError
from pricing.reporting.compare import stated
from pricing.reporting.headline import GUARANTEES
from pricing.reporting.references import Split, split_of
from pricing.reporting.summary import Summary, summarise

if TYPE_CHECKING:
    import pandas as pd

    from pricing.reporting.inputs import Result
    from pricing.scenarios.scenario import Scenario

NO_POLICY = "no policy"
"""Column of the world without added policy."""
LABELS = ("what", "good", "regions", "unit")
"""Columns of results before those of the scenarios."""
PATH = "path"
"""Column of inputs before those of the scenarios."""
ABSENT = "-"
"""Stands where a scenario does not state a number."""


def comparable(variants: Mapping[str, Result]) -> dict[str, Result]:
    """Those on the goods and regions of the first one, in order."""
    names = [
        (v.solved.program.network.goods, v.solved.program.network.regions)
        for v in variants.values()
    ]
    return {
        name: result
        for (name, result), shape in zip(variants.items(), names, strict=True)
        if shape == names[0]
    }


def common_split(variants: Mapping[str, Result]) -> Split:
    """Two groups of regions for all: those of the first scenario that sets any apart.

    Raises
    ------
    InputError
        If they are not all about the same goods and regions.
    """
    if len(comparable(variants)) < len(variants):
        told = ", ".join(f"{name} on {v.scenario.chain.id}" for name, v in variants.items())
        remedy = "Compare scenarios on the same goods and regions"
        raise InputError([Fault(f"these are not about the same things: {told}", remedy=remedy)])
    splits = [split_of(v.scenario.document, v.solved.program) for v in variants.values()]
    return next((split for split in splits if not split.whole), splits[0])


def check_names(names: Iterable[str]) -> None:
    """Check that no scenario goes by the name of another column.

    Raises
    ------
    InputError
        Naming those that do.
    """
    taken = [name for name in names if name in (PATH, *LABELS, NO_POLICY)]
    if taken:
        told = ", ".join(f"'{name}'" for name in taken)
        problem = f"tables of scenarios have a column of their own called {told}"
        raise InputError([Fault(problem, remedy="Choose another name")])


def inputs_side_by_side(variants: Mapping[str, Scenario]) -> pd.DataFrame:
    """What differs between scenario documents: ``path`` and one column for each.

    Rows are only those in which not all agree.

    Raises
    ------
    InputError
        If a scenario goes by the name of another column.
    """
    import pandas as pd

    check_names(variants)
    found = {name: stated(scenario) for name, scenario in variants.items()}
    paths = dict.fromkeys(path for leaves in found.values() for path in leaves)
    rows = [
        {PATH: path, **{name: str(leaves.get(path, ABSENT)) for name, leaves in found.items()}}
        for path in paths
        if len({str(leaves.get(path, ABSENT)) for leaves in found.values()}) > 1
    ]
    return pd.DataFrame(rows, columns=[PATH, *found])


def results_side_by_side(variants: Mapping[str, Result]) -> pd.DataFrame:
    """Prices, output, imports, money and net of every scenario.

    Columns: :data:`LABELS`, ``no policy`` (of the first scenario; zero for what is a change), then
    one for each scenario. All use the same two groups of regions. What no scenario has, such as
    the price of what a group neither makes nor buys, is left out.

    Raises
    ------
    InputError
        If a scenario goes by the name of another column, or is about other goods or regions.
    """
    import pandas as pd

    check_names(variants)
    split = common_split(variants)
    rows: dict[tuple[str, ...], dict[str, float | None]] = {}
    for name, result in variants.items():
        for labels, before, after in measures(summarise(result, split)):
            rows.setdefault(labels, {NO_POLICY: before})[name] = after
    table = [
        dict(zip(LABELS, labels, strict=True)) | values
        for labels, values in rows.items()
        if any(value is not None for value in values.values())
    ]
    return pd.DataFrame(table, columns=[*LABELS, NO_POLICY, *variants])


Measure = tuple[tuple[str, ...], float | None, float | None]
"""Labels, value without policy, value in the scenario."""


def measures(summary: Summary) -> Iterator[Measure]:
    """Numbers of one summary in the units that people read."""
    for price in summary.prices:
        labels = (f"price, {price.price}", price.good, price.group, "USD/kg")
        yield labels, _scaled(price.before, 1e-3), _scaled(price.after, 1e-3)
    for made in summary.output:
        yield ("output", made.good, made.group, "t/yr"), made.before, made.after
    for trade in summary.trade:
        before = 100.0 * trade.before / trade.use_before if trade.use_before > 0.0 else None
        after = 100.0 * trade.after / trade.use_after if trade.use_after > 0.0 else None
        yield ("imported from the others", trade.good, summary.split.name, "%"), before, after
    million = "million USD/yr"
    total = sum(row.change for row in summary.treasuries)
    paid = -sum(row.change for row in summary.treasuries if row.instrument == GUARANTEES)
    yield ("treasuries, change", "", "all", million), 0.0, total / 1e6
    yield ("guarantees pay", "", "all", million), 0.0, paid / 1e6
    for group, lost in summary.buyers_cost:
        yield ("final users lose", "", group, million), 0.0, lost / 1e6
    for group in dict.fromkeys(row.group for row in summary.gains):
        net = sum(row.change for row in summary.gains if row.group == group)
        yield ("net", "", group, million), 0.0, net / 1e6
    yield ("net", "", "world", million), 0.0, summary.net / 1e6


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def differing_references(variants: Mapping[str, Result]) -> list[str]:
    """Scenarios whose world without policy differs from that of the first: other assumptions."""
    results: list[Any] = list(variants.values())
    first = results[0].reference.state
    return [
        name
        for name, result in variants.items()
        if not _same(result.reference.state.price, first.price)
        or not _same(result.reference.state.level, first.level)
    ]


def _same(left: Any, right: Any) -> bool:
    import numpy as np

    return left.shape == right.shape and bool(np.allclose(left, right, rtol=1e-9, atol=1e-9))
