"""The exposure of a guarantee in one page of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from pricing.reporting.words import million, per_kg, tonnes, wrap

if TYPE_CHECKING:
    from pricing.economics.contracts import Array
    from pricing.uncertainty.exposure import Exposure
    from pricing.uncertainty.exposure_document import ExposureDocument
    from pricing.uncertainty.exposure_paths import Paths

CELL = 11
"""Width of a number [characters]."""
HEAD = ("tonnes", "expected", "5 %", "median", "95 %", "worst", "chance")
KINDS = {"mean_reverting": "returns to a level", "random_walk": "random walk"}
"""Kind of process -> in words."""


def report(found: Exposure) -> str:
    """Who pays what, year by year; the present value; how the price was taken to move."""
    asked = found.document
    lines = [f"{asked.id}: {asked.title}", *wrap(asked.description), ""]
    lines += _years(found)
    lines += ["", "PRESENT VALUE OF WHAT IS PAID ON BALANCE, million USD"]
    lines += [" " * 28 + "".join(f"{name:>{CELL}}" for name in HEAD[1:-1])]
    lines += [_present(KINDS[asked.price.kind], found.main, found.worst_present)]
    if found.alternative is not None and asked.alternative is not None:
        kind = KINDS[asked.alternative.kind]
        lines += [_present(kind, found.alternative, found.worst_present)]
    lines += wrap(
        f"Discounted at {100 * asked.discount_rate.fraction:g} % a year. Worst: an index of zero "
        "in every period, which the contract itself allows."
    )
    if found.closed_form is not None:
        gap = (found.main.present.mean - found.closed_form) / found.main.present.error
        lines += wrap(
            f"Black's formula gives {million(found.closed_form)} million USD; the draws are "
            f"{gap:+.1f} standard errors from it."
        )
    lines += ["", "WHAT MAKERS GET, USD/kg over the contract", *_makers(found.main), ""]
    lines += _process("price", found.main)
    if found.alternative is not None:
        lines += _process("alternative", found.alternative)
    lines += wrap(f"{asked.draws:,} paths, seed {asked.seed}. {_told(asked)}")
    return "\n".join(lines) + "\n"


def _years(found: Exposure) -> Iterator[str]:
    """One line a year."""
    yield f"{found.payer.upper()} PAYS ON BALANCE, million USD a year"
    yield "year  " + "".join(f"{name:>{CELL if n else 9}}" for n, name in enumerate(HEAD))
    for row in found.years:
        sums = (row.net.mean, *row.net.quantiles, row.worst)
        cells = "".join(f"{million(value):>{CELL}}" for value in sums)
        chance = f"{100 * row.chance:.0f} %"
        yield f"{row.year}  {tonnes(row.tonnes):>9}{cells}{chance:>{CELL}}"


def _present(name: str, paths: Paths, worst: float) -> str:
    present = paths.present
    sums = (present.mean, *present.quantiles, worst)
    error = f"{name}, error {present.error / 1e6:.1f}"
    return f"{error:<28}" + "".join(f"{million(value):>{CELL}}" for value in sums)


def _makers(paths: Paths) -> Iterator[str]:
    """Receipts a tonne without and with the guarantee."""
    yield " " * 28 + "".join(f"{name:>{CELL}}" for name in ("expected", "5 %", "95 %"))
    tonnes_of, own = paths.contract.tonnes, paths.index if paths.own is None else paths.own
    alone = (own * tonnes_of).sum(axis=1) / tonnes_of.sum()
    market = "market price" if paths.own is None else "own price"
    for name, draws in ((market, alone), ("with the guarantee", paths.receipts())):
        cells = (draws.mean(), *np.quantile(draws, (0.05, 0.95)))
        yield f"{name:<28}" + "".join(f"{per_kg(float(value)):>{CELL}}" for value in cells)
    if paths.own is not None:
        yield from wrap(f"Basis risk: {_basis(paths, paths.own)}")


def _basis(paths: Paths, own: Array) -> str:
    """How often the own price and the index tell makers different things."""
    below = own < paths.strike
    unpaid = 100.0 * float((below & (paths.paid == 0.0)).mean())
    gift = 100.0 * float((~below & (paths.paid > 0.0)).mean())
    return (
        f"in {unpaid:.0f} % of the settlements the own price is below the strike and nothing is "
        f"paid; in {gift:.0f} % it is not and something is."
    )


def _process(name: str, paths: Paths) -> list[str]:
    """Numbers of a process with their standard errors."""
    parts = []
    for number in paths.process.estimates:
        error = ""
        if number.error is not None:
            known = np.isfinite(number.error)
            error = f" (error {number.error:.2g})" if known else " (quotes do not tell)"
        parts.append(f"{number.name} {number.value:.3g} {number.unit}{error}")
    return wrap(f"{name.capitalize()}: {', '.join(parts)}.")


def _told(asked: ExposureDocument) -> str:
    """What else was assumed."""
    often = {"annual": "yearly", "quarterly": "quarterly"}[asked.settlement]
    said = f"Settled {often}, at the {asked.observed} of the period"
    if asked.controls is not None:
        said += (
            f", with export controls that make the index {asked.controls.factor.fraction:g}-fold"
        )
    if asked.inflation.fraction:
        said += f", strike and caps losing {100 * asked.inflation.fraction:g} % of value a year"
    return f"{said}. Tonnes are stated, and do not answer prices."
