"""Figure of the whole chain: who makes what of whose goods, stage by stage, as ribbons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pricing.reporting.chain_flow import End, depth, equivalents
from pricing.reporting.figures.chain_layout import INSIDE, OUTSIDE, Diagram, draw
from pricing.reporting.figures.figure import Baseline, Figure, Row, Rows, source_line
from pricing.reporting.figures.stages import labels
from pricing.reporting.figures.templates import BASELINE, SCENARIO
from pricing.reporting.figures.templates_market import ribbons
from pricing.reporting.references import Split, split_of
from pricing.reporting.words import tonnes

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result

LEAST = 0.05
"""Tonnes that are told; less is what rounding leaves [t/yr]."""
NUMBERS = (
    "state",
    "good",
    "origin",
    "destination",
    "use",
    "tonnes [t/yr]",
    "equivalent [t/yr]",
)


def chain_flow(result: Result, base: Baseline) -> Figure:
    """Trade and processing from the mine to final users, baseline above the scenario."""
    split = split_of(result.scenario.document, result.solved.program)
    names = labels(result)
    diagrams = {
        BASELINE: Diagram(base.solved, split),
        SCENARIO: Diagram(result.solved, split),
    }
    drawn = draw(diagrams)
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
        caption=f"{_measure(factors)} Ribbons: sales to the makers of "
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


def _measure(factors: str) -> str:
    """What a tonne of each good counts."""
    if not factors:
        return "No good here is made of another one: each counts with its own tonnes."
    return (
        f"Every good counts with what it takes upstream ({factors}), so losses in processing are "
        "inside and what enters a stage leaves it."
    )


def _inside(split: Split) -> str:
    """The first group in words."""
    if split.whole:
        return "all regions"
    return split.name if not split.zone else f"zone {split.zone}"


def _numbers(diagram: Diagram, state: str) -> Iterable[Row]:
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


def _told(diagram: Diagram, state: str) -> str:
    """The chain in a few words, for those who cannot see it."""
    network, split = diagram.network, diagram.split
    taken, inside, added = (defaultdict[str, float](float) for _ in range(3))
    for flow in (each for each in diagram.flows if each.end is End.USERS):
        name = network.goods[flow.good]
        taken[name] += flow.amount
        inside[name] += flow.amount * bool(split.inside[flow.origin])
    for node in (each for each in diagram.made if diagram.column[each.good] > 0):
        added[network.goods[node.good]] += node.added
    where = split.where(network.regions)
    parts = [
        f"{tonnes(taken[name])} t/yr of {name}, {tonnes(inside[name])} t/yr of it made {where}"
        for name in sorted(taken)
    ]
    more = [f"{tonnes(x)} t/yr of {name}" for name, x in sorted(added.items()) if x >= LEAST]
    text = f"In the {state} final users take {'; '.join(parts)}."
    if more:
        text += f" From scrap and other inputs that are not modelled come {' and '.join(more)}."
    return text
