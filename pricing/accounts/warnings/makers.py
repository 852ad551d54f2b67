"""Makers whom policy means to help and who lose, and those that hardly run any more."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.notices import CHANGED, Code, Warning_, some
from pricing.accounts.notices import price as in_words
from pricing.accounts.protection import Protection, protection_of_processes
from pricing.accounts.surplus import quasi_rent

SHUT = 0.01
"""Below this share of its benchmark level a process is effectively shut [1]."""
NOTABLE = 0.005
"""Smaller falls of a maker's output or surplus are not worth a warning [1]."""


def _helped(books: Books) -> set[tuple[str, str]]:
    """Goods and regions whose makers some policy means to help, and what is made of these goods."""
    network = books.program.network
    masks = [policy.helps(network.setting) for policy in books.policies]
    helped = sum(masks, np.zeros((len(network.goods), len(network.regions))))
    made_of = (network.outputs > 0.0).astype(float).T @ (network.inputs > 0.0)
    for _ in network.goods:
        helped = helped + made_of @ (helped > 0.0)
    return {(network.goods[g], network.regions[r]) for g, r in np.argwhere(helped > 0.0)}


def protection_missed(books: Books) -> Iterator[Warning_]:
    """Makers whom policy means to help, or their suppliers, and who lose."""
    helped = _helped(books)
    rows = [row for row in protection_of_processes(books) if (row.good, row.region) in helped]
    yield from _negative_protection(books, rows)
    yield from _negative_at_margin(books, rows)


def _negative_protection(books: Books, helped: list[Protection]) -> Iterator[Warning_]:
    """Makers whose value added falls though policy means to help them, or their suppliers."""
    network = books.program.network
    losses: dict[str, dict[str, float]] = {}
    for row in helped:
        scale = float(network.setting.price_scale[network.goods.index(row.good)])
        if row.change is not None and row.change < -1e-6 * scale:
            losses.setdefault(row.good, {})[row.subject] = row.change
    for good, by_process in losses.items():
        ranked = sorted(by_process, key=lambda name: by_process[name])
        worst = in_words(-by_process[ranked[0]])
        text = (
            f"Negative protection: policy lowers the value added of makers of {good} by up to "
            f"{worst} where it means to help them or their suppliers ({some(ranked)})."
        )
        yield Warning_(Code.NEGATIVE_PROTECTION, text, good, by_process)


def _negative_at_margin(books: Books, helped: list[Protection]) -> Iterator[Warning_]:
    """Makers who make or earn less though their value added at average prices does not fall.

    Output follows the margin, which values inputs at the price index: what one more tonne costs.
    """
    network = books.program.network
    makes, made = books.state.level[0], books.base.level[0]
    earned = quasi_rent(books.base_program, books.base.margin)[0]
    found: dict[str, dict[str, tuple[float, str]]] = {}
    for row in helped:
        k = network.processes.index(row.subject)
        if row.change is None or row.change < 0.0 or made[k] <= 0.0:
            continue
        gain = float(books.agents.processes[0, k])
        changes = [(float(makes[k] / made[k]) - 1.0, "output")]
        if earned[k] > CHANGED * books.checks[0].scale:
            changes.append((gain / float(earned[k]), "surplus"))
        falls = [change for change in changes if change[0] < -NOTABLE]
        if falls:
            found.setdefault(row.good, {})[row.subject] = falls[0]
    worst_first = sorted(found, key=lambda good: min(found[good].values()))
    for good in worst_first:
        makers = found[good]
        ranked = sorted(makers, key=lambda name: makers[name])
        fall, what = makers[ranked[0]]
        text = (
            f"Negative protection at the margin: value added of makers of {good} rises at average "
            f"prices, but {what} falls by up to {-100.0 * fall:.1f} % ({some(ranked)}): at the "
            "margin inputs cost more."
        )
        numbers = {name: change for name, (change, _) in makers.items()}
        yield Warning_(Code.NEGATIVE_AT_MARGIN, text, good, numbers)


def shut(books: Books) -> Iterator[Warning_]:
    """Processes that ran in the base and hardly run now, by main output."""
    network = books.program.network
    level, base = books.state.level[0], books.base.level[0]
    shut = (base >= SHUT * network.level) & (base > 0.0) & (network.level > 0.0)
    shut &= network.makers & (level < SHUT * network.level)
    for g in np.unique(network.main_output[shut]):
        here = np.flatnonzero(shut & (network.main_output == g))
        cannot = [network.processes[k] for k in here if not books.program.open_process[k]]
        names = [network.processes[k] for k in here]
        make = "makes" if len(names) == 1 else "make"
        text = f"Shut: {some(names)} {make} less than 1 % of the base-year {network.goods[g]}."
        if cannot:
            text += f" Without an obtainable input: {some(cannot)}."
        numbers = {network.processes[k]: float(level[k] / network.level[k]) for k in here}
        yield Warning_(Code.PROCESS_SHUT, text, network.goods[g], numbers)


def minimum_lowered(books: Books) -> Iterator[Warning_]:
    """A scenario's capacity below what a plant must make."""
    network = books.program.network
    for k in np.flatnonzero(network.minimum > network.capacity):
        name, least, most = network.processes[k], network.minimum[k], network.capacity[k]
        text = (
            f"{name} must make {least:,.6g} t, and the scenario gives it a capacity of "
            f"{most:,.6g} t: its minimum counts as no more than that."
        )
        yield Warning_(Code.MINIMUM_LOWERED, text, name, {"minimum": least, "capacity": most})
