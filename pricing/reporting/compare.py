"""Two results side by side: what differs in the inputs and in the outputs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pricing._version import __version__
from pricing.reporting.tidy import KEYS
from pricing.reporting.words import change, million, per_kg, row_of, tonnes, wrap

if TYPE_CHECKING:
    import pandas as pd

    from pricing.reporting.inputs import Comparison, Result
    from pricing.scenarios.scenario import Scenario

ADDITIVE = ("t", "USD")
"""Units in which a missing row means zero."""
SAME = 1e-9
"""Relative difference below which two numbers count as equal [1]."""
ROUNDING = {"t": 1e-6, "USD/t": 1e-6, "USD": 1e-2, "1": 1e-9}
"""Unit -> difference that is rounding whatever the size."""
MOST_INPUTS = 30
"""Differences of inputs that are printed; the others are counted."""
_MISSING = object()
_DOCUMENT = ("id", "title", "description", "sources", "chain_hash")
"""Fields that say what a scenario is, not what it does."""


def input_changes(baseline: Scenario, scenario: Scenario) -> list[dict[str, Any]]:
    """What differs between two scenario documents.

    Returns
    -------
    list of dict
        ``path`` (dotted; items of lists by ``id``), ``baseline``, ``scenario``; None where absent.
        Quantities are compared as they are written.
    """
    left, right = stated(baseline), stated(scenario)
    paths = [*left, *(path for path in right if path not in left)]
    return [
        {"path": path, "baseline": left.get(path), "scenario": right.get(path)}
        for path in paths
        if left.get(path, _MISSING) != right.get(path, _MISSING)
    ]


def stated(scenario: Scenario) -> dict[str, Any]:
    """What a scenario does, by dotted path."""
    data = scenario.data()
    return flatten({key: value for key, value in data.items() if key not in _DOCUMENT})


def flatten(node: Any, path: str = "") -> dict[str, Any]:
    """Leaves of plain data by dotted path; quantities stay in one piece.

    Examples
    --------
    >>> flatten({"policies": [{"id": "floor", "strike": {"value": 110, "unit": "USD/kg"}}]})
    {'policies.floor.strike': '110 USD/kg'}
    """
    leaves: dict[str, Any] = {}
    if isinstance(node, dict) and {"value", "unit"} <= set(node):
        unit = "" if node["unit"] == "1" else f" {node['unit']}"
        leaves[path] = f"{node['value']:g}{unit}"
        if node.get("basis"):
            leaves[f"{path}.basis"] = node["basis"]
    elif isinstance(node, dict) and node:
        for key, value in node.items():
            if key != "id" or not path:
                leaves |= flatten(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list) and any(isinstance(item, dict) for item in node):
        for number, item in enumerate(node):
            name = item.get("id", number) if isinstance(item, dict) else number
            leaves |= flatten(item, f"{path}.{name}")
    elif isinstance(node, list) and node:
        leaves[path] = ", ".join(str(item) for item in node)
    elif node not in ({}, []):
        leaves[path] = node
    return leaves


def output_changes(baseline: Result, scenario: Result) -> list[dict[str, Any]]:
    """Numbers of two results, joined on their labels.

    Only rows of the scenarios themselves, not of their references. In t and USD a missing row is
    zero; a price that one result does not have stays None.

    Returns
    -------
    list of dict
        Labels, then ``baseline``, ``scenario``, ``difference``, ``relative``, ``unit``.
    """
    left, right = _values(baseline), _values(scenario)
    rows = []
    for key in [*left, *(key for key in right if key not in left)]:
        absent = 0.0 if key[-1] in ADDITIVE else None
        before, after = left.get(key, absent), right.get(key, absent)
        gap = None if before is None or after is None else after - before
        relative = None if gap is None or not before else gap / abs(before)
        labels = dict(zip(_LABELS, key, strict=False))
        values = {"baseline": before, "scenario": after, "difference": gap, "relative": relative}
        rows.append(labels | values | {"unit": key[-1]})
    return rows


_LABELS = tuple(name for name in KEYS if name not in ("scenario", "year"))


def _values(result: Result) -> dict[tuple[Any, ...], float]:
    """Labels and unit -> value. The top supplier may change: it is no label of an indicator."""
    values: dict[tuple[Any, ...], float] = {}
    for row in result.records:
        if row["scenario"] == result.scenario.id:
            labels = [row[name] for name in _LABELS]
            if "indicator_" in row["variable"]:
                labels[_LABELS.index("partner")] = None
            values[(*labels, row["unit"])] = row["value"]
    return values


def input_differences(baseline: Scenario, scenario: Scenario) -> pd.DataFrame:
    """What differs between two scenario documents: ``path, baseline, scenario``."""
    import pandas as pd

    columns = ["path", "baseline", "scenario"]
    return pd.DataFrame(input_changes(baseline, scenario), columns=columns, dtype=object)


def output_differences(baseline: Result, scenario: Result) -> pd.DataFrame:
    """What differs between two results; columns as in :func:`output_changes`."""
    import pandas as pd

    numbers = ["baseline", "scenario", "difference", "relative"]
    rows = [row for row in output_changes(baseline, scenario) if _differs(row)]
    table = pd.DataFrame(rows, columns=[*_LABELS, *numbers, "unit"], dtype=object)
    return table.astype(dict.fromkeys(numbers, "Float64"))


def _differs(row: dict[str, Any]) -> bool:
    """Whether two numbers differ by more than rounding."""
    before, after = row["baseline"], row["scenario"]
    if before is None or after is None:
        return True
    return bool(abs(after - before) > SAME * max(abs(before), abs(after)) + ROUNDING[row["unit"]])


def to_json(comparison: Comparison) -> str:
    """One JSON object: ``baseline, scenario, version, inputs, outputs``."""
    left, right = comparison.baseline, comparison.scenario
    content = {
        side: {
            "scenario": r.scenario.id,
            "hash": r.scenario.hash,
            "residual": r.diagnostics.residual,
        }
        for side, r in (("baseline", left), ("scenario", right))
    }
    content["version"] = __version__  # type: ignore[assignment]
    changes: dict[str, Any] = {
        "inputs": input_changes(left.scenario, right.scenario),
        "outputs": [row for row in output_changes(left, right) if _differs(row)],
    }
    return json.dumps(content | changes, allow_nan=False)


def report(comparison: Comparison) -> str:
    """Short text comparison: inputs first, then prices, output and money."""
    left, right = comparison.baseline, comparison.scenario
    lines = wrap(f"A = {left.scenario.id}: {left.scenario.document.title}", "    ", "")
    lines += wrap(f"B = {right.scenario.id}: {right.scenario.document.title}", "    ", "")
    lines += ["", *_inputs(comparison), "", *_outputs(comparison)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _inputs(comparison: Comparison) -> Iterator[str]:
    changes = input_changes(comparison.baseline.scenario, comparison.scenario.scenario)
    if not changes:
        yield "INPUTS: no difference"
        return
    yield f"INPUTS THAT DIFFER ({len(changes)}), A -> B"
    for row in changes[:MOST_INPUTS]:
        before, after = (_shown(row[side]) for side in ("baseline", "scenario"))
        yield from wrap(f"{row['path']}: {before} -> {after}", "      ", "  ")
    if len(changes) > MOST_INPUTS:
        yield f"  and {len(changes) - MOST_INPUTS} more"


def _shown(value: Any) -> str:
    return "none" if value is None else str(value)


_REPORTED = (
    ("producer_price", "PRICES EX WORKS, USD/kg", per_kg),
    ("buyer_price", "PRICES OF BUYERS, USD/kg", per_kg),
    ("production", "OUTPUT, t", tonnes),
    ("surplus_change", "CHANGE IN SURPLUS AGAINST NO POLICY, million USD", million),
)


def _column(words: Callable[[float | None], str]) -> int:
    """Width of the names; without a relative change there is more room."""
    return 56 if words is million else 46


def _cheaper_under_a_higher_floor(rows: list[dict[str, Any]]) -> Iterator[str]:
    """A hint where buyers pay less on average although their reference price is higher."""

    def places(variable: str, sign: float) -> set[tuple[str, str]]:
        return {
            (row["good"], row["region"])
            for row in rows
            if row["variable"] == variable and sign * (row["difference"] or 0.0) > 0.0
        }

    both = sorted(places("reference_price", 1.0) & places("buyer_price", -1.0))
    if both:
        listed = ", ".join(f"{good} in {region}" for good, region in both)
        yield from wrap(
            f"The average price falls under a higher floor ({listed}): buyers move to cheaper "
            "suppliers whom the floor does not cover, so who is bought from changes.",
            "  ",
        )


MOST_ROWS = 12
"""Rows of a kind that are printed, the largest differences first."""


def _outputs(comparison: Comparison) -> Iterator[str]:
    rows = [
        row for row in output_changes(comparison.baseline, comparison.scenario) if _differs(row)
    ]
    if not rows:
        differ = input_changes(comparison.baseline.scenario, comparison.scenario.scenario)
        yield "RESULTS: no difference." + " The inputs that differ move nothing here." * bool(
            differ
        )
        return
    for variable, title, words in _REPORTED:
        of_kind = [
            row
            for row in rows
            if row["variable"] == variable and (variable != "production" or row["process"] is None)
        ]
        of_kind.sort(key=lambda row: -abs(row["difference"] or 0.0))
        if of_kind:
            yield f"{title:<{_column(words)}}{'A':>10}    {'B':>10}"
        for row in of_kind[:MOST_ROWS]:
            place = ", ".join(
                str(row[name])
                for name in ("good", "region", "receiver", "instrument", "policy", "process")
                if row[name] is not None
            )
            relative = "" if words is million else f"{change(row['baseline'], row['scenario']):>9}"
            pair = f"{words(row['baseline']):>10} -> {words(row['scenario']):>10}"
            yield from row_of(f"  {place}", _column(words), f"{pair}{relative}")
        if len(of_kind) > MOST_ROWS:
            yield f"  and {len(of_kind) - MOST_ROWS} more"
        if variable == "buyer_price":
            yield from _cheaper_under_a_higher_floor(rows)
    yield f"{len(rows)} numbers differ in all."
