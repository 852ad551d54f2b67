"""Figure of the whole chain: who makes what of whose goods, stage by stage, as ribbons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pricing.reporting.chain_flow import End, Flow, depth, equivalents, flows, nodes
from pricing.reporting.figures.figure import Baseline, Figure, Row, Rows, source_line
from pricing.reporting.figures.stages import labels
from pricing.reporting.figures.templates import BASELINE, SCENARIO
from pricing.reporting.figures.templates_market import ribbons
from pricing.reporting.references import Split, split_of
from pricing.reporting.words import tonnes

if TYPE_CHECKING:
    from pricing.equilibrium.build import Solved
    from pricing.reporting.inputs import Result

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
NUMBERS = (
    "state",
    "good",
    "origin",
    "destination",
    "use",
    "tonnes [t/yr]",
    "equivalent [t/yr]",
)
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


class _Diagram:
    """One state of the chain: nodes and links, small regions drawn together."""

    def __init__(self, solved: Solved, split: Split, goods: dict[str, str]) -> None:
        network = solved.program.network
        self.network, self.split, self.goods = network, split, goods
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


def chain_flow(result: Result, base: Baseline) -> Figure:
    """Trade and processing from the mine to final users, baseline above the scenario."""
    split = split_of(result.scenario.document, result.solved.program)
    names = labels(result)
    diagrams = {
        BASELINE: _Diagram(base.solved, split, names),
        SCENARIO: _Diagram(result.solved, split, names),
    }
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
        top = _draw(diagram, kept, (state, top, TALL / most), drawn)
    network = result.solved.program.network
    size = equivalents(network, result.solved.state)
    first = [names[g] for g, at in zip(network.goods, depth(network), strict=True) if at == 0.0]
    factors = ", ".join(
        f"{size[g]:.3f} t a tonne of {good}"
        for g, good in enumerate(network.goods)
        if depth(network)[g] > 0.0
    )
    numbers = [row for state, diagram in diagrams.items() for row in _numbers(diagram, state)]
    return Figure(
        name="chain_flow",
        title=f"From {first[0].lower()} to final users" if len(first) == 1 else "The whole chain",
        unit=f"t/yr of {' and '.join(first).lower()} that the goods take to make",
        caption=f"Every good counts with what it takes upstream ({factors}), so losses in "
        "processing are inside and what enters a stage leaves it. Ribbons: sales to the makers of "
        f"the next stage, or to final users. Inside: {_inside(split)}. A node that is taller than "
        "what enters also makes goods from scrap or other inputs outside the model.",
        source=source_line(result),
        alt=" ".join(_told(diagram, state) for state, diagram in diagrams.items()),
        drawn={
            "ribbons": Rows(drawn["ribbons"], ("link", "x", "y", "y2", "side", "sentence")),
            "nodes": Rows(drawn["nodes"], ("x", "x2", "y", "y2", "side", "sentence")),
            "names": Rows(drawn["names"], ("x", "y", "label", "last")),
            "heads": Rows(drawn["heads"], ("x", "y", "label", "last")),
        },
        spec=ribbons((INSIDE, OUTSIDE)),
        numbers=Rows(numbers, NUMBERS),
    )


def _inside(split: Split) -> str:
    """The first group in words."""
    if split.whole:
        return "all regions"
    return split.name if not split.zone else f"zone {split.zone}"


def _key(key: Key, side: str, kept: set[Key]) -> Key:
    """The node itself, or the one that stands for all small ones of its side."""
    if key in kept:
        return key
    return key[0], "others" if side == OUTSIDE else "others inside"


def _ends(diagram: _Diagram, flow: Flow, kept: set[Key]) -> tuple[Key, Key]:
    """Nodes that a flow joins, as drawn."""
    return (
        _key(diagram.origin(flow), diagram.side(flow.origin), kept),
        _key(diagram.target(flow), diagram.side(flow.destination), kept),
    )


def _laid(diagram: _Diagram, kept: set[Key]) -> dict[Key, _Node]:
    """Nodes with what enters and what leaves."""
    found: dict[Key, _Node] = {}
    for flow in diagram.flows:
        start, end = _ends(diagram, flow, kept)
        found.setdefault(start, _Node(diagram.side(flow.origin))).leaving += flow.amount
        found.setdefault(end, _Node(diagram.side(flow.destination))).entering += flow.amount
    return found


def _ordered(found: dict[Key, _Node], column: int) -> list[Key]:
    """Nodes of a column: inside first, the larger ones first, the rest last."""
    keys = [key for key in found if key[0] == column]
    return sorted(
        keys,
        key=lambda key: (found[key].side != INSIDE, key[1].startswith("others"), key[1]),
    )


def _draw(
    diagram: _Diagram,
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


def _heads(diagram: _Diagram, state: str, top: float) -> list[Row]:
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


def _box(diagram: _Diagram, key: Key, node: _Node, at: tuple[str, float]) -> Row:
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


def _numbers(diagram: _Diagram, state: str) -> Iterable[Row]:
    """Every flow, none drawn together."""
    network = diagram.network
    for flow in diagram.flows:
        use = network.goods[flow.made] if flow.made is not None else str(flow.end)
        cells = (
            state,
            network.goods[flow.good],
            network.regions[flow.origin],
            network.regions[flow.destination],
            use,
            flow.tonnes,
            flow.amount,
        )
        yield dict(zip(NUMBERS, cells, strict=True))


def _told(diagram: _Diagram, state: str) -> str:
    """The chain in a few words, for those who cannot see it."""
    network = diagram.network
    total = sum(f.amount for f in diagram.flows if f.end is End.USERS)
    inside = sum(
        f.amount for f in diagram.flows if f.end is End.USERS and diagram.split.inside[f.origin]
    )
    added = sum(node.added for node in diagram.made if diagram.column[node.good] > 0)
    last = [network.goods[g] for g in {f.good for f in diagram.flows if f.end is End.USERS}]
    return (
        f"In the {state} final users take {tonnes(total)} t/yr ({', '.join(sorted(last))}), "
        f"{tonnes(inside)} t/yr of it made {diagram.split.name}; {tonnes(added)} t/yr come from "
        "scrap and other inputs that are not modelled."
    )
