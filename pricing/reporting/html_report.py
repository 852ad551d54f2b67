"""A printable report: one HTML file with everything inside, without scripts and without a network.

Charts stand in it as SVG drawn beforehand, not as Vega with its libraries: the file is smaller by
almost a megabyte, prints sharp, and a page that runs no script has none to be abused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from pricing.reporting import figures
from pricing.reporting.assumed import assumptions_in_words
from pricing.reporting.provenance import numbers
from pricing.reporting.references import derivations
from pricing.reporting.stamp import stamp
from pricing.reporting.summary import summarise
from pricing.reporting.words import million, per_kg, tonnes

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What a browser may load: nothing but the page's own style."""
STYLE = """
body{font:15px/1.45 'Source Sans 3','DejaVu Sans',sans-serif;color:#1a1a1a;max-width:60rem;
margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin-top:2rem}
.strip{display:flex;flex-wrap:wrap;gap:.8rem}.strip div{border:1px solid #999;padding:.5rem .8rem}
.strip b{display:block;font-size:1.25rem}
table{border-collapse:collapse;font-size:.82rem;width:100%}
th,td{border-bottom:1px solid #ccc;padding:.2rem .5rem;text-align:left;vertical-align:top;
overflow-wrap:break-word}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.w{white-space:nowrap}
figure{margin:1.2rem 0}figure svg{max-width:100%;height:auto}
.wide{overflow-x:auto}small,figcaption{color:#595959}
@page{size:A4;margin:15mm}
@media print{body{margin:0;max-width:none;font-size:10pt}figure,tr{break-inside:avoid}
figure svg{max-height:235mm}h2{break-after:avoid}thead{display:table-header-group}
.wide{overflow:visible}}
"""
Draw = Callable[[Any, figures.Baseline], figures.Figure]
"""A figure of a result and its baseline."""


def drawings(result: Result) -> Iterator[Draw]:
    """Figures of a report: the whole, then the market of every good where the policies act."""
    yield from (figures.prices_by_stage, figures.output_by_region)
    yield from (figures.trade_change, figures.chain_flow, figures.who_pays)
    yield from (figures.producers, figures.treasury)
    yield figures.protection
    for good in result.solved.program.network.goods:
        buyer = figures.main_buyer(result, good)
        seller = figures.usual_origin(result, good, buyer)
        yield partial(figures.market, good=good, region=buyer)
        yield partial(figures.price_build_up, good=good, origin=seller, destination=buyer)
        yield partial(figures.cost_curve, good=good)


def html_report(result: Result) -> str:
    """The report as HTML text; all text of the scenario is escaped.

    Raises
    ------
    InputError
        If the package that draws charts is missing.
    """
    title = escape(result.scenario.document.title)
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>"
    )
    return "\n".join([head, *_body(result), "</body></html>\n"])


def _body(result: Result) -> Iterator[str]:
    document = result.scenario.document
    yield f"<h1>{escape(document.title)}</h1>"
    yield f"<p>{escape(document.description)}</p>"
    yield from _strip(result)
    yield f"<h2>What was assumed</h2><p>{escape(assumptions_in_words(result.scenario))}</p>"
    for text in derivations(document, result.solved.program):
        yield f"<p>{escape(text)}</p>"
    yield from _warnings(result)
    yield "<h2>Figures</h2>"
    base = figures.NoPolicy.of(result)
    for draw in drawings(result):
        yield _figure(draw(result, base))
    yield from _tables(result)
    yield from _sources(result)
    yield from _about(result)


def _strip(result: Result) -> Iterator[str]:
    """The few numbers that a reader wants first."""
    summary = summarise(result)
    treasuries = sum(row.change for row in summary.treasuries)
    cells = [
        ("World net", summary.net),
        ("All treasuries", treasuries),
        *((f"Final users {group}", -lost) for group, lost in summary.buyers_cost),
    ]
    boxes = "".join(
        f"<div>{escape(name)}<b>{escape(million(value))}</b><small>million USD a year</small></div>"
        for name, value in cells
    )
    yield f'<div class="strip">{boxes}</div>'


def _warnings(result: Result) -> Iterator[str]:
    yield f"<h2>Warnings ({len(result.warnings)})</h2>"
    items = "".join(f"<li>{escape(warning.text)}</li>" for warning in result.warnings)
    yield f"<ul>{items}</ul>" if items else "<p>None.</p>"


def _figure(figure: figures.Figure) -> str:
    drawn = figures.save(figure, ".svg").decode()
    return (
        f'<figure role="img" aria-label="{escape(figure.alt)}">{drawn}'
        f"<figcaption>{escape(figure.caption)}</figcaption></figure>"
    )


def _tables(result: Result) -> Iterator[str]:
    """Prices and output by group, before and after."""
    summary = summarise(result)
    yield "<h2>Prices (USD/kg)</h2>"
    head = ("good", "regions", "what", "baseline", "scenario", "reference price")
    yield _table(
        head,
        (
            (r.good, r.group, r.price, *map(_Number, map(per_kg, (r.before, r.after, r.reference))))
            for r in summary.prices
        ),
    )
    yield "<h2>Output (t/yr)</h2>"
    yield _table(
        head[:2] + head[3:5],
        (
            (r.good, r.group, *map(_Number, map(tonnes, (r.before, r.after))))
            for r in summary.output
        ),
    )


def _sources(result: Result) -> Iterator[str]:
    """The numbers that a source stands for, by document."""
    table = numbers(result.scenario)
    stated = table[table["source"].notna()]
    estimated = int(stated["estimate"].astype(bool).sum())
    yield "<h2>Sources</h2>"
    yield (
        f"<p>{len(table)} numbers with a unit, {len(stated)} of them with a source here; "
        f"{estimated} are estimates or illustrative.</p>"
    )
    kinds = stated.groupby(["source", "date", "grade"], sort=False).size().reset_index(name="n")
    rows = ((r.source, _Whole(r.date), r.grade, _Number(str(r.n))) for r in kinds.itertuples())
    yield _table(("source", "date", "grade", "numbers"), rows)


def _about(result: Result) -> Iterator[str]:
    """Checks, and the stamp of version, vintage and hashes."""
    checks = result.accounts.checks
    failed = [check.name for check in checks if not check.passed]
    verdict = f"FAILED: {', '.join(failed)}" if failed else f"all {len(checks)} hold"
    yield "<h2>About this report</h2>"
    yield _table(("what", "value"), (("accounting checks", verdict), *stamp(result).items()))


class _Number(str):
    """A cell that is set flush right."""


class _Whole(str):
    """A cell that is never broken into lines."""


CLASSES: dict[type, str] = {_Number: ' class="n"', _Whole: ' class="w"'}
"""Kind of cell -> its class in :data:`STYLE`."""


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """An HTML table; every cell is escaped."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return (
        f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _cell(value: Any) -> str:
    kind = CLASSES.get(type(value), "")
    return f"<td{kind}>{escape(str(value))}</td>"
