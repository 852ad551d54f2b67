"""The Excel workbook of one result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from pricing.reporting import jumps
from pricing.reporting.build_up import Part, build_up
from pricing.reporting.export import safe
from pricing.reporting.stamp import stamp
from pricing.reporting.summary import as_dicts, summarise
from pricing.reporting.tables import NO_POLICY
from pricing.reporting.tidy import COLUMNS, Record

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result

Rows = Iterable[Sequence[Any]]

PRICES = {
    "producer_price",
    "buyer_price",
    "price_index",
    "landed_price",
    "transport_price",
    "reference_price",
}
PRODUCTION = {
    "production",
    "capacity",
    "capacity_rent",
    "capacity_index",
    "use",
    "input_use",
    "demand",
    "shortage",
}
TRADE = {"flow", "duty", "levy", "seller_rent"}
MONEY = {
    "money",
    "sourcing",
    "surplus_change",
    "public_funds_cost",
    "stock_value",
    "stock_liability",
}
_BY_PROCESS = ("value_added", "value_added_change", "erp_nominal", "erp_equilibrium")
PROTECTION = {f"{area}{name}" for area in ("", "zone_") for name in _BY_PROCESS}

REGIMES = (
    "policy",
    "instrument",
    "good",
    "region",
    "partner",
    "process",
    "regime",
    "value",
    "unit",
)


def write_workbook(result: Result, target: Path | BinaryIO) -> None:
    """Write a summary, the tidy tables by subject, warnings, sources and what it all is."""
    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

    class Exact(Worksheet):  # type: ignore[misc]
        """Writes numbers to their last digit; the package itself stops at 16, one too few.

        It has no option for that, so ``pyproject.toml`` allows the minor versions known to write
        a number by this method.
        """

        def _xml_number_element(self, number: float, attributes: Any = ()) -> None:
            text = "".join(f' {name}="{value}"' for name, value in attributes)
            self.fh.write(f"<c{text}><v>{float(number)!r}</v></c>")

    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    book = xlsxwriter.Workbook(target if not isinstance(target, Path) else str(target), options)
    styles = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "number": book.add_format({"num_format": "#,##0.00"}),
    }
    try:
        for name, header, rows in _sheets(result):
            _write(book.add_worksheet(name, Exact), header, rows, styles)
    finally:
        book.close()


def _sheets(result: Result) -> Iterable[tuple[str, Sequence[str], Rows]]:
    """Name, header and rows of every sheet."""
    yield (
        "Summary",
        ("table", "good or agent", "regions", "what", "before", "after", "unit"),
        (_summary(result)),
    )
    records = result.records
    for name, variables in (
        ("Prices", PRICES),
        ("Production", PRODUCTION),
        ("Trade", TRADE),
        ("Money", MONEY),
        ("Protection", PROTECTION),
    ):
        yield _tidy(name, [row for row in records if row["variable"] in variables])
    yield "Price build-up", (*ROUTE, *map(str, Part), "landed price"), _build_up(result)
    yield "Regimes", REGIMES, _regimes(result)
    if result.solved.search is not None:
        outcomes = [[row[name] for name in jumps.COLUMNS] for row in jumps.rows(result.outcomes)]
        yield "Outcomes of jumps", jumps.COLUMNS, outcomes
    yield _tidy("Indicators", [r for r in records if "indicator_" in r["variable"]])
    yield "Warnings", ("code", "warning"), _warnings(result)
    yield (
        "Sources",
        ("document", "key", "source", "date", "grade", "url", "licence", "derivation"),
        (_sources(result)),
    )
    yield "About", ("what", "value"), _about(result)


def _tidy(name: str, rows: list[Record]) -> tuple[str, Sequence[str], Rows]:
    """Tidy rows without the columns that are empty on this sheet."""
    used = [column for column in COLUMNS if any(row[column] is not None for row in rows)]
    return name, used or COLUMNS, ([row[column] for column in used] for row in rows)


def _summary(result: Result) -> Rows:
    """Prices, output, trade, treasuries and gains, before and after."""
    summary = summarise(result)
    for row in as_dicts(summary.prices):
        cells = (row["good"], row["group"], row["price"])
        yield ("price", *cells, row["before"], row["after"], "USD/t")
        if row["reference"] is not None and row["price"] == "buyers pay":
            yield (
                "reference price",
                row["good"],
                row["group"],
                "",
                None,
                row["reference"],
                "USD/t",
            )
    for row in as_dicts(summary.output):
        yield ("output", row["good"], row["group"], "", row["before"], row["after"], "t")
    for row in as_dicts(summary.trade):
        yield (
            "bought from outside",
            row["good"],
            summary.split.name,
            "",
            row["before"],
            row["after"],
            "t",
        )
    for row in as_dicts(summary.treasuries):
        line = ", ".join(str(row[name]) for name in ("instrument", "policy") if row[name])
        yield ("treasury, change", row["region"], "", line, None, row["change"], "USD")
    for row in as_dicts(summary.gains):
        yield ("gain or loss", row["agent"], row["group"], "", None, row["change"], "USD")
    yield ("gain or loss", "net", "world", "", None, summary.net, "USD")


ROUTE = ("scenario", "good", "origin", "destination")


def _build_up(result: Result) -> Rows:
    """Parts of the landed price of every route with a sale, scenario and reference [USD/t]."""
    name = result.scenario.id
    for label, solved in ((name, result.solved), (name + NO_POLICY, result.reference)):
        network, parts = solved.program.network, build_up(solved)
        for place in np.argwhere(solved.state.flow[0] > 0.0):
            g, i, j = (int(n) for n in place)
            cells = (float(part[g, i, j]) for part in parts.values())
            landed = float(solved.state.landed[0, g, i, j])
            yield (label, network.goods[g], network.regions[i], network.regions[j], *cells, landed)


def _regimes(result: Result) -> Rows:
    """What every policy does at every place that it touches."""
    for row in result.accounts.regimes:
        cells = [getattr(row, name) for name in REGIMES]
        yield [None if cell == "" else cell for cell in cells]


def _warnings(result: Result) -> Rows:
    return [(warning.code, warning.text) for warning in result.warnings]


def _sources(result: Result) -> Rows:
    """Every source of the scenario and of its chain."""
    scenario = result.scenario
    for document, sources in (
        (scenario.id, scenario.document.sources),
        (scenario.chain.id, scenario.chain.sources),
    ):
        for key, source in sources.items():
            yield (
                document,
                key,
                source.text,
                source.date,
                str(source.grade),
                source.url,
                source.licence,
                source.derivation,
            )


def _about(result: Result) -> Rows:
    """Version, hashes, data vintage, units and how the solve went."""
    scenario, chain = result.scenario, result.scenario.chain
    yield from (
        ("title", scenario.document.title),
        ("description", scenario.document.description),
        *stamp(result).items(),
        ("chain's title", chain.title),
        ("steps", result.diagnostics.iterations),
        (
            "units",
            "t = tonnes a year in the good's own basis; USD/t; USD a year; 1 = a plain number",
        ),
        ("prices", "exclude value added tax; landed prices include duties and levies"),
        ("rows '(no policy)'", "the reference: same assumptions without added policy"),
    )
    for good in chain.goods:
        yield (f"a tonne of {good.id}", good.basis)


def _write(sheet: Any, header: Sequence[str], rows: Rows, styles: dict[str, Any]) -> None:
    """Write one sheet with a frozen header row and fitting columns."""
    sheet.write_row(0, 0, list(header), styles["head"])
    sheet.freeze_panes(1, 0)
    widths = [len(name) for name in header]
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, float):
                plain = 0.0 < abs(value) < 0.01
                sheet.write_number(number, column, value, None if plain else styles["number"])
            elif isinstance(value, int):
                sheet.write_number(number, column, value)
            else:
                sheet.write_string(number, column, safe(str(value)))
            shown = 14 if isinstance(value, float) else len(str(value))
            widths[column] = max(widths[column], min(shown, 60))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width + 2)
