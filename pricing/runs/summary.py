"""What a sweep found, in a few tables and as text."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pricing.runs.results import Results
from pricing.uncertainty.answers import LEVELS, mean, quantiles
from pricing.uncertainty.sensitivity import main_indicators

Row = dict[str, Any]


def quantile_rows(results: Results, labels: tuple[str, ...] | None = None) -> Iterator[Row]:
    """Mean and quantiles of indicators with their 95 % intervals, one indicator a row."""
    for label in labels or results.labels:
        values = results.values(label)
        center = mean(values)
        row: Row = {
            "indicator": label,
            "unit": results.unit(label),
            "draws": center.draws,
            "mean": center.value,
            "mean_low": center.low,
            "mean_high": center.high,
        }
        for level, found in zip(LEVELS, quantiles(values), strict=True):
            name = f"p{100 * level:g}"
            row |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
        yield row


def statement_rows(results: Results) -> Iterator[Row]:
    """Probability of every statement with Wilson's interval."""
    for claim, failure in results.sweep.claims:
        found = results.probability(claim)
        yield {
            "statement": claim.says,
            "failure": failure,
            "probability": found.value,
            "low": found.low,
            "high": found.high,
            "draws": found.draws,
        }


def driver_rows(results: Results) -> Iterator[Row]:
    """Uncertain numbers that separate the draws that fail from the others."""
    for driver in results.drivers():
        yield dict(vars(driver))


def failing_rows(results: Results) -> Iterator[Row]:
    """Draws in which the policy fails, with their uncertain numbers."""
    fails, inputs = results.fails(), results.inputs()
    names = results.sweep.plan.inputs
    draws = [n for part in results.parts for n in results.sweep.plan.rows(part)]
    for place in fails.nonzero()[0].tolist():
        numbers = dict(zip(names, inputs[place].tolist(), strict=True))
        yield {"draw": draws[place], **numbers, "no_equilibrium": results.failures[place]}


TABLES = {
    "quantiles": quantile_rows,
    "statements": statement_rows,
    "drivers": driver_rows,
    "failing_draws": failing_rows,
}


def write_tables(results: Results, folder: Path) -> list[Path]:
    """Write every table that has rows as CSV; the same bytes for the same results."""
    written = []
    for name, rows_of in TABLES.items():
        rows = list(rows_of(results))
        if rows:
            path = folder / f"{name}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
            written.append(path)
    return written


def text(results: Results) -> str:
    """Short text for a terminal."""
    return "\n".join(_lines(results)) + "\n"


def _lines(results: Results) -> Iterator[str]:
    plan = results.sweep.plan
    rows = sum(len(plan.rows(part)) for part in results.parts)
    yield f"{plan.scenario}: {rows:,} of {plan.draws:,} draws, {plan.method}, seed {plan.seed}"
    unsolved = sum(1 for failure in results.failures if failure)
    yield f"without equilibrium: {unsolved:,}"
    yield ""
    yield f"{'INDICATOR':<52}{'unit':>6}{'5 %':>13}{'median':>13}{'95 %':>13}"
    chosen = main_indicators(results.sweep.draws.scenario, results.labels)
    for row in quantile_rows(results, chosen):
        numbers = "".join(f"{row[name]:>13,.6g}" for name in ("p5", "p50", "p95"))
        yield f"{row['indicator']:<52}{row['unit']:>6}{numbers}"
    statements = list(statement_rows(results))
    if statements:
        yield ""
        yield f"{'STATEMENT':<66}{'probability, 95 % interval':>31}"
    for row in statements:
        interval = f"{row['probability']:.1%} [{row['low']:.1%}, {row['high']:.1%}]"
        yield f"{row['statement']:<66}{interval:>31}"
    found = results.drivers()
    if found:
        yield ""
        yield f"{'WHERE THE POLICY FAILS':<40}{'median':>14}{'elsewhere':>14}{'distance':>12}"
    for driver in found:
        mark = "" if driver.significant else "  (chance)"
        numbers = f"{driver.failing:>14.6g}{driver.others:>14.6g}{driver.distance:>12.2f}"
        yield f"{driver.number:<40}{numbers}{mark}"
