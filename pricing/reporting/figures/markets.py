"""Figures of one good: who supplies a region at what price, and what making it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from pricing.reporting.build_up import Part, build_up
from pricing.reporting.curves import Maker, makers, use_at
from pricing.reporting.figures.figure import Baseline, Figure, Row, Rows, source_line
from pricing.reporting.figures.stages import labels
from pricing.reporting.figures.templates import BASELINE, SCENARIO
from pricing.reporting.figures.templates_market import steps
from pricing.reporting.references import reference_levels, split_of
from pricing.reporting.words import cents, tonnes

if TYPE_CHECKING:
    from pricing.equilibrium.build import Solved
    from pricing.reporting.inputs import Result

NARROWEST = 0.035
"""Narrower steps carry no name; it is in the hover text and in the table [share of the width]."""
LOWEST = 0.35
"""Lower steps carry their name on top [share of the highest step]."""
LETTER, LINE = 0.03, 0.06
"""Least width of a letter and height of a line in a step [share of the drawing]."""
POINTS = 240
"""Points of a demand curve."""
BEYOND = 1.3
"""How far demand curves are drawn beyond the largest quantity and price [1]."""
BLOCKS = ("x", "x2", "y", "y2", "part", "place", "tonnes", "price", "sentence")


class Piece(StrEnum):
    """Pieces of a step of supply to a region."""

    CIF = "price at the border"
    DUTIES = "duties"
    RENTS = "quota rents"
    LEVY = "levy"


PIECES = {
    Part.EX_WORKS: Piece.CIF,
    Part.EXPORT: Piece.CIF,
    Part.FREIGHT: Piece.CIF,
    Part.SELLERS_RENT: Piece.RENTS,
    Part.DUTIES: Piece.DUTIES,
    Part.IMPORTERS_RENT: Piece.RENTS,
    Part.OTHER: Piece.RENTS,
    Part.LEVY: Piece.LEVY,
}
"""Part of a landed price -> piece of a step."""


class Earned(StrEnum):
    """Pieces of what a maker gets."""

    COST = "marginal cost"
    RENT = "capacity or quota rent"
    PAYMENT = "paid by a guarantee"


@dataclass(frozen=True)
class _Step:
    """One step of a curve."""

    place: str
    tonnes: float
    pieces: dict[str, float]
    """Piece -> height [USD/t]."""
    sentence: str

    @property
    def price(self) -> float:
        """Height [USD/t]."""
        return sum(self.pieces.values())


def main_buyer(result: Result, good: str) -> str:
    """The region of the first group that uses most of a good without policy.

    Where policies act on exporters only, it is one of the others, who feel it.
    """
    split = split_of(result.scenario.document, result.solved.program)
    network = result.reference.program.network
    use = result.reference.state.use[0, network.goods.index(good)]
    felt = ~split.inside if split.sells else split.inside
    return network.regions[int(np.argmax(np.where(felt, use, -1.0)))]


def most_moved(result: Result) -> str:
    """The good on which policies move most money.

    Where they move none, the one whose price to buyers in the first group changes most, in %.
    """
    network = result.solved.program.network
    policies = {policy.id for policy in result.accounts.policies}
    money = np.zeros(len(network.goods))
    for block in result.accounts.ledger.blocks:
        if block.policy in policies:
            known = block.labels.good >= 0
            np.add.at(money, block.labels.good[known], np.abs(block.amount[0][known]))
    if money.any():
        return network.goods[int(np.argmax(money))]
    inside = split_of(result.scenario.document, result.solved.program).inside
    before, after = result.reference.state, result.solved.state
    use = before.use[0] * inside
    spent = [(at.index[0] * use).sum(axis=1) for at in (before, after)]
    known = spent[0] > 0.0
    change = np.abs(spent[1] - spent[0]) / np.where(known, spent[0], 1.0) * known
    return network.goods[int(np.argmax(change))]


def market(result: Result, base: Baseline, good: str, region: str) -> Figure:
    """Supply of a good to one region in steps by origin, and the region's demand [USD/kg, t/yr]."""
    network = result.solved.program.network
    g, j = network.setting.good(good, "good"), network.setting.region(region, "region")
    name = labels(result)[good]
    after, before = _supply(result.solved, g, j), _supply(base.solved, g, j)
    states = {BASELINE: base.solved, SCENARIO: result.solved}
    used = {state: float(at.state.use[0, g, j]) for state, at in states.items()}
    paid = {state: float(at.state.index[0, g, j]) for state, at in states.items()}
    top = BEYOND * max([paid[SCENARIO], paid[BASELINE], *(s.price for s in (*after, *before))])
    floor = reference_levels(result.scenario.document, result.solved.program).get((good, region))
    demand = [
        {"state": state, "x": float(q), "y": float(p) / 1e3}
        for state, at in states.items()
        for p, q in _demand(at, (g, j), (0.2 * top, top), BEYOND * max(*used.values(), 1e-9))
    ]
    points = [
        {
            "state": state,
            "x": used[state],
            "y": paid[state] / 1e3,
            "sentence": f"{region} uses {tonnes(used[state])} t/yr of {name} at a price index of "
            f"{cents(paid[state])} USD/kg in the {state}.",
        }
        for state in states
    ]
    blocks = list(_blocks(after))
    return Figure(
        name=f"market_{good}_{region}".replace(" ", "_"),
        title=f"{name}: supply to {region} and its demand",
        unit=f"USD/kg and t/yr ({result.scenario.chain.goods[g].basis})",
        caption="Steps: origins by landed price, as wide as what they sell here in the scenario; "
        "dashed steps: baseline. Curves: demand, all other prices as solved; dashed: baseline. "
        "Ring and diamond: use and price index, baseline and scenario. "
        "Horizontal line: reference price.",
        source=source_line(result),
        alt=" ".join(row["sentence"] for row in (*points, *_said(after))),
        drawn={
            "blocks": Rows(blocks, BLOCKS),
            "names": _names(after),
            "kinds": _kinds(blocks),
            "before": _outline(before),
            "demand": Rows(demand, ("state", "x", "y")),
            "points": Rows(points, ("state", "x", "y", "sentence")),
            "floors": _floors({"reference price": floor} if floor else {}, name),
        },
        spec=steps(tuple(map(str, Piece)), ("blue", "green", "orange", "red"), "Use (t/yr)"),
    )


def cost_curve(result: Result, base: Baseline, good: str) -> Figure:
    """What the last tonne costs every maker of a good in the world, the cheapest first."""
    network = result.solved.program.network
    g, name = network.setting.good(good, "good"), labels(result).get(good, good)
    after, before = (_making(at, makers(at, g), name) for at in (result.solved, base.solved))
    levels = reference_levels(result.scenario.document, result.solved.program)
    held = sorted({price for (known, _), price in levels.items() if known == good})
    total = [sum(step.tonnes for step in side) for side in (before, after)]
    blocks = list(_blocks(after))
    return Figure(
        name=f"cost_curve_{good}",
        title=f"{name}: cost curve of the world's makers",
        unit=f"USD/kg and t/yr ({result.scenario.chain.goods[g].basis})",
        caption="Steps: makers by what the last tonne costs them, inputs included, as wide as "
        "their output in the scenario; dashed: baseline. A maker below capacity gets just that, "
        "as price or from a guarantee. Horizontal line: reference price at the zone's border.",
        source=source_line(result),
        alt=f"World output of {name} {tonnes(total[1])} t/yr, {tonnes(total[0])} t/yr in the "
        "baseline. " + " ".join(row["sentence"] for row in _said(after)),
        drawn={
            "blocks": Rows(blocks, BLOCKS),
            "names": _names(after),
            "kinds": _kinds(blocks),
            "before": _outline(before),
            "demand": Rows([], ("state", "x", "y")),
            "points": Rows([], ("state", "x", "y", "sentence")),
            "floors": _floors({"reference price": held[-1]} if held else {}, name),
        },
        spec=steps(tuple(map(str, Earned)), ("blue", "orange", "green"), "World output (t/yr)"),
    )


def _supply(solved: Solved, g: int, j: int) -> list[_Step]:
    """Origins that sell to a region, the cheapest landed price first."""
    network, flow = solved.program.network, solved.state.flow[0, g, :, j]
    parts = build_up(solved)
    found = []
    for i in np.flatnonzero(flow > 0.0):
        pieces = dict.fromkeys(map(str, Piece), 0.0)
        for part, amount in parts.items():
            pieces[str(PIECES[part])] += float(amount[g, i, j])
        # What makes an origin cheaper (a blending premium, say) comes off its price at the border.
        off = sum(min(size, 0.0) for size in pieces.values())
        said = ", ".join(f"{piece} {cents(size)}" for piece, size in pieces.items() if size)
        words = f"{network.regions[i]} sells {tonnes(float(flow[i]))} t/yr here at "
        words += f"{cents(sum(pieces.values()))} USD/kg: {said}."
        pieces = {piece: max(size, 0.0) for piece, size in pieces.items()}
        pieces[str(Piece.CIF)] += off
        found.append(_Step(network.regions[i], float(flow[i]), pieces, words))
    return sorted(found, key=lambda step: step.price)


def _making(solved: Solved, found: list[Maker], name: str) -> list[_Step]:
    """Steps of what makers get: cost, rent, payment."""
    network, steps_ = solved.program.network, []
    for maker in found:
        cost = min(maker.cost, maker.price, maker.received)
        pieces = {
            str(Earned.COST): cost,
            str(Earned.RENT): max(min(maker.price, maker.received) - cost, 0.0),
            str(Earned.PAYMENT): max(maker.payment, 0.0),
        }
        place = network.regions[maker.region]
        words = f"{network.processes[maker.process]} in {place} makes {tonnes(maker.tonnes)} t/yr "
        words += f"of {name}; its last tonne costs {cents(maker.cost)} USD/kg, it gets "
        words += f"{cents(maker.price)} USD/kg ex works"
        if maker.payment:
            words += f" and {cents(maker.payment)} USD/kg under a guarantee"
        steps_.append(_Step(place, maker.tonnes, pieces, f"{words}."))
    return steps_


def _demand(
    solved: Solved, place: tuple[int, int], ends: tuple[float, float], most: float
) -> Iterator[tuple[float, float]]:
    """Prices [USD/t] and use [t/yr] along a demand curve, as far as it is drawn."""
    index = float(solved.state.index[0][place])
    prices = np.union1d(np.linspace(*ends, POINTS), [index])
    for price, use in zip(prices, use_at(solved, *place, prices), strict=True):
        if 0.0 < use <= most:
            yield float(price), float(use)


def _blocks(found: list[_Step]) -> Iterator[Row]:
    """Rectangles of the steps, piece on piece."""
    start = 0.0
    for step in found:
        below = 0.0
        for piece, size in step.pieces.items():
            if size > 0.0:
                yield {
                    "x": start,
                    "x2": start + step.tonnes,
                    "y": below / 1e3,
                    "y2": (below + size) / 1e3,
                    "part": piece,
                    "place": step.place,
                    "tonnes": step.tonnes,
                    "price": size / 1e3,
                    "sentence": step.sentence,
                }
                below += size
        start += step.tonnes


def _names(found: list[_Step]) -> Rows:
    """Names of the steps that are wide enough: inside tall ones, on top of low ones."""
    total, start, rows = sum(step.tonnes for step in found), 0.0, []
    top = max((step.price for step in found), default=0.0)
    for step in found:
        inside = step.price >= LOWEST * top
        if step.tonnes >= NARROWEST * total:
            y = 0.0 if inside else step.price / 1e3
            middle = start + step.tonnes / 2.0
            rows.append({"x": middle, "y": y, "label": step.place, "inside": inside})
        start += step.tonnes
    return Rows(rows, ("x", "y", "label", "inside"))


def _kinds(blocks: list[Row]) -> Rows:
    """Names of the parts that stand on others, where they fit: colour alone is not enough."""
    width = max((block["x2"] for block in blocks), default=0.0)
    height = max((block["y2"] for block in blocks), default=0.0)
    rows: list[Row] = [
        {
            "x": (block["x"] + block["x2"]) / 2.0,
            "y": (block["y"] + block["y2"]) / 2.0,
            "label": block["part"],
        }
        for block in blocks
        if block["y"] > 0.0
        and block["x2"] - block["x"] > LETTER * len(block["part"]) * width
        and block["y2"] - block["y"] > LINE * height
    ]
    return Rows(rows, ("x", "y", "label"))


def _outline(found: list[_Step]) -> Rows:
    """The top of the steps as a line."""
    start, rows = 0.0, []
    for step in found:
        rows.append({"x": start, "y": step.price / 1e3})
        start += step.tonnes
    if found:
        rows.append({"x": start, "y": found[-1].price / 1e3})
    return Rows(rows, ("x", "y"))


def _floors(held: dict[str, float], name: str) -> Rows:
    """Horizontal lines."""
    rows: list[Row] = [
        {
            "y": price / 1e3,
            "label": f"{words} {cents(price)}",
            "sentence": f"{name}: {words} {cents(price)} USD/kg.",
        }
        for words, price in held.items()
    ]
    return Rows(rows, ("y", "label", "sentence"))


def _said(found: list[_Step]) -> list[Row]:
    return [{"sentence": step.sentence} for step in found]
