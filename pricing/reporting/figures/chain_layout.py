"""Where the nodes and ribbons of the whole chain stand: columns of regions, one a stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pricing.reporting.chain_flow import End, Flow, depth, flows, nodes
from pricing.reporting.figures.figure import Row
from pricing.reporting.references import Split
from pricing.reporting.words import tonnes

if TYPE_CHECKING:
    from pricing.equilibrium.build import Solved

INSIDE, OUTSIDE = "made inside", "made outside"
"""Sides of a ribbon: origin in the first group of regions, or not."""
SMALLEST = 0.015
"""Regions with a smaller part of every column are drawn together [share of the column]."""
GAP, SLOT, TALL, HEAD = 6.0, 13.0, 220.0, 34.0
"""Space between nodes, least height of one with it, height of all in a column, room for heads."""
WIDE = 0.07
"""Width of a node [columns]."""
CURVE = np.linspace(0.0, 1.0, 7)
"""Points along a ribbon."""
Key = tuple[int, str]
"""Column and name of a node."""


@dataclass
class _Node:
    """A node while it is laid out: amounts in the common measure."""

    side: str
    entering: float = 0.0
    leaving: float = 0.0
    top: float = 0.0
    used: dict[str, float] = field(default_factory=lambda: {"in": 0.0, "out": 0.0})
    """Height of the ribbons already placed on either side."""

    @property
    def amount(self) -> float:
        return max(self.entering, self.leaving)


class Diagram:
    """One state of the chain: nodes and links, small regions drawn together."""

    def __init__(self, solved: Solved, split: Split) -> None:
        network = solved.program.network
        self.network, self.split = network, split
        self.column = depth(network).astype(int)
        self.last = int(self.column.max()) + 1
        self.flows = list(flows(solved))
        self.made = nodes(solved)

    def shares(self) -> dict[Key, float]:
        """Part of its column that every node holds."""
        total: dict[Key, float] = {}
        for flow in self.flows:
            for key in (self.origin(flow), self.target(flow)):
                total[key] = total.get(key, 0.0) + flow.amount
        whole = {c: sum(a for (at, _), a in total.items() if at == c) for c, _ in total}
        return {key: amount / whole[key[0]] for key, amount in total.items()}

    def _place(self, good: int, region: int) -> str:
        """Name of a node; with the good where several goods share a column."""
        name = self.network.regions[region]
        several = (self.column == self.column[good]).sum() > 1
        return f"{self.network.goods[good]}, {name}" if several else name

    def origin(self, flow: Flow) -> Key:
        """Node of the makers."""
        return int(self.column[flow.good]), self._place(flow.good, flow.origin)

    def target(self, flow: Flow) -> Key:
        """Node of the use."""
        if flow.made is not None:
            return int(self.column[flow.made]), self._place(flow.made, flow.destination)
        name = self.network.regions[flow.destination]
        return self.last, name if flow.end is End.USERS else str(flow.end)

    def side(self, region: int) -> str:
        """Whether a region is in the first group."""
        return INSIDE if self.split.inside[region] else OUTSIDE


def draw(diagrams: Mapping[str, Diagram]) -> dict[str, list[Row]]:
    """Rows of ribbons, nodes, their names and the heads of columns, one diagram below the other."""
    kept = {
        key
        for diagram in diagrams.values()
        for key, share in diagram.shares().items()
        if share >= SMALLEST
    }
    most = max(
        sum(node.amount for (at, _), node in found.items() if at == c)
        for found in (_laid(diagram, kept) for diagram in diagrams.values())
        for c in {at for at, _ in found}
    )
    drawn: dict[str, list[Row]] = {"ribbons": [], "nodes": [], "names": [], "heads": []}
    top = 0.0
    for state, diagram in diagrams.items():
        top = _draw_one(diagram, kept, (state, top, TALL / most), drawn)
    return drawn


def _key(key: Key, side: str, kept: set[Key]) -> Key:
    """The node itself, or the one that stands for all small ones of its side."""
    if key in kept:
        return key
    return key[0], "others" if side == OUTSIDE else "others inside"


def _ends(diagram: Diagram, flow: Flow, kept: set[Key]) -> tuple[Key, Key]:
    """Nodes that a flow joins, as drawn."""
    return (
        _key(diagram.origin(flow), diagram.side(flow.origin), kept),
        _key(diagram.target(flow), diagram.side(flow.destination), kept),
    )


def _laid(diagram: Diagram, kept: set[Key]) -> dict[Key, _Node]:
    """Nodes with what enters and what leaves."""
    found: dict[Key, _Node] = {}
    for flow in diagram.flows:
        start, end = _ends(diagram, flow, kept)
        found.setdefault(start, _Node(diagram.side(flow.origin))).leaving += flow.amount
        found.setdefault(end, _Node(diagram.side(flow.destination))).entering += flow.amount
    return found


def _ordered(found: dict[Key, _Node], column: int) -> list[Key]:
    """Nodes of a column by name: those inside first, on either side small ones last."""
    keys = [key for key in found if key[0] == column]
    return sorted(
        keys,
        key=lambda key: (found[key].side != INSIDE, key[1].startswith("others"), key[1]),
    )


def _draw_one(
    diagram: Diagram,
    kept: set[Key],
    at: tuple[str, float, float],
    drawn: dict[str, list[Row]],
) -> float:
    """Add one diagram below ``top``; where the next one may begin."""
    state, top, scale = at
    found = _laid(diagram, kept)
    lowest = top
    for column in range(diagram.last + 1):
        y = top + HEAD
        for key in _ordered(found, column):
            node = found[key]
            node.top = y
            height = node.amount * scale
            y += max(height + GAP, SLOT)
            drawn["nodes"].append(_box(diagram, key, node, (state, scale)))
            drawn["names"].append(
                {
                    "x": float(column),
                    "y": node.top + max(height, 1.0) / 2.0,
                    "label": key[1],
                    "last": column == diagram.last,
                }
            )
        lowest = max(lowest, y)
    drawn["heads"] += _heads(diagram, state, top)
    links: dict[tuple[Key, Key, str], float] = {}
    for flow in diagram.flows:
        link = (*_ends(diagram, flow, kept), diagram.side(flow.origin))
        links[link] = links.get(link, 0.0) + flow.amount
    order = {key: n for c in range(diagram.last + 1) for n, key in enumerate(_ordered(found, c))}
    for (start, end, side), amount in sorted(
        links.items(), key=lambda item: (item[0][0][0], order[item[0][0]], order[item[0][1]])
    ):
        drawn["ribbons"] += _ribbon(found, (start, end), (side, state), (amount, scale))
    return lowest + GAP


def _heads(diagram: Diagram, state: str, top: float) -> list[Row]:
    """What the columns are, and which state it is."""
    network, rows = diagram.network, []
    rows.append({"x": 0.0, "y": top, "label": state.upper(), "last": False})
    for column in range(diagram.last + 1):
        goods = [g for g, at in zip(network.goods, diagram.column, strict=True) if at == column]
        rows.append(
            {
                "x": float(column),
                "y": top + HEAD / 2.0,
                "label": " and ".join(goods) or "use",
                "last": column == diagram.last,
            }
        )
    return rows


def _box(diagram: Diagram, key: Key, node: _Node, at: tuple[str, float]) -> Row:
    """The rectangle of a node."""
    state, scale = at
    column, name = key
    words = f"{name}, {state}: "
    if column == diagram.last:
        words += f"{tonnes(node.entering)} t/yr arrive."
    elif node.entering == 0.0:
        words += f"{tonnes(node.leaving)} t/yr leave."
    else:
        words += f"{tonnes(node.entering)} t/yr enter, {tonnes(node.leaving)} t/yr leave."
    x = float(column)
    return {
        "x": x - WIDE if column == diagram.last else x,
        "x2": x if column == diagram.last else x + WIDE,
        "y": node.top,
        "y2": node.top + node.amount * scale,
        "side": node.side,
        "sentence": words,
    }


def _ribbon(
    found: dict[Key, _Node],
    ends: tuple[Key, Key],
    words: tuple[str, str],
    size: tuple[float, float],
) -> Iterable[Row]:
    """Points along one ribbon; it takes its place on both nodes."""
    (start, end), (side, state), (amount, scale) = ends, words, size
    thick, tops = amount * scale, []
    for key, where in ((start, "out"), (end, "in")):
        tops.append(found[key].top + found[key].used[where])
        found[key].used[where] += thick
    bend = CURVE**2 * (3.0 - 2.0 * CURVE)
    first, last = start[0] + WIDE, float(end[0]) - (WIDE if _is_last(found, end) else 0.0)
    said = f"{start[1]} to {end[1]}, {state}: {tonnes(amount)} t/yr."
    for x, y in zip(
        first + CURVE * (last - first), tops[0] + bend * (tops[1] - tops[0]), strict=True
    ):
        yield {
            "link": f"{state}, {start}, {end}, {side}",
            "x": float(x),
            "y": float(y),
            "y2": float(y + thick),
            "side": side,
            "sentence": said,
        }


def _is_last(found: dict[Key, _Node], key: Key) -> bool:
    return key[0] == max(column for column, _ in found)
