"""Benchmark rows as CSV text."""

from __future__ import annotations

import csv
import io

from pricing.chains.benchmarks import BenchmarkRow

COLUMNS = tuple(BenchmarkRow.model_fields)
"""Columns of a benchmark table."""


def write_table(rows: tuple[BenchmarkRow, ...]) -> str:
    """Benchmark rows as CSV with full double precision."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = row.model_dump()
        cells["value"] = repr(row.value)
        writer.writerow(["" if cells[name] is None else cells[name] for name in COLUMNS])
    return out.getvalue()
