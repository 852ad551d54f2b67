"""Chart template of gains and losses: bars by agent on both sides of zero, and their net."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from pricing.accounts.parties import Account
from pricing.reporting.figures.templates import (
    TICKS,
    colour,
    painted,
    rows_of,
    same,
    sentence,
    template,
    text_on,
    values_beside,
    zero_line,
)
from pricing.reporting.summary import AGENTS, FUNDS

if TYPE_CHECKING:
    from pricing.reporting.figures.figure import Row

LOOKS = {
    AGENTS[Account.USERS]: ("U", "blue"),
    AGENTS[Account.PROCESSES]: ("P", "orange"),
    AGENTS[Account.EXPORTERS]: ("E", "pink"),
    AGENTS[Account.LICENCE_HOLDERS]: ("L", "sky"),
    AGENTS[Account.TREASURIES]: ("T", "green"),
    AGENTS[Account.STOCKS]: ("S", "grey"),
    FUNDS: ("F", "red"),
}
"""Agent -> letter on its bars, so that colour is not needed to tell them apart; and its colour,
the same in every figure."""
LETTERS = {agent: letter for agent, (letter, _) in LOOKS.items()}
"""Agent -> its letter."""
USUAL = (AGENTS[Account.USERS], AGENTS[Account.PROCESSES], AGENTS[Account.TREASURIES])
"""Agents that every legend names."""
NARROWEST = 0.045
"""Narrower bars carry no letter [share of the width]."""


def lettered(parts: Sequence[Row]) -> list[Row]:
    """Parts of stacked bars: where each lies, and the letter of its agent, where it fits.

    Stacked here and not by the chart, which orders letters by their text and bars by their agent.
    """
    ends: dict[tuple[str, bool], float] = {}
    placed: list[Row] = []
    for part in parts:
        side = part["place"], part["change"] > 0.0
        start = ends.get(side, 0.0)
        ends[side] = start + part["change"]
        placed.append(part | {"x": start, "x2": ends[side], "middle": start + part["change"] / 2})
    width = max(ends.values(), default=0.0) - min(ends.values(), default=0.0)
    fits = NARROWEST * width
    return [
        part | {"label": LETTERS[part["agent"]] if abs(part["change"]) > fits else ""}
        for part in placed
    ]


PARTS = ("place", "agent", "change", "label", "sentence", "mark", "x", "x2", "middle")
"""Columns of parts of stacked bars."""


def named(parts: Sequence[Row]) -> tuple[str, ...]:
    """Agents of a legend: the usual ones, and those who gain or lose here."""
    present = {part["agent"] for part in parts}
    return tuple(agent for agent in LOOKS if agent in USUAL or agent in present)


@cache
def stacked(axis: str, agents: tuple[str, ...], step: int = 26) -> dict[str, Any]:
    """Parts on both sides of zero with a diamond at their sum, which is also written beside.

    Reads ``parts`` (:func:`lettered`) of ``agents`` (:func:`named`), where ``mark`` is place and
    agent, and ``net`` with ``place, net, label, sentence``.
    """
    import altair as alt

    y = rows_of()
    parts, sums = alt.NamedData(name="parts"), alt.NamedData(name="net")
    said = f"{json.dumps(LETTERS)}[datum.label] + ' ' + datum.label"
    columns = 3 if agents == USUAL else 2  # the others have long names
    legend = alt.Legend(columns=columns, labelExpr=said)
    scale = painted(agents, tuple(LOOKS[agent][1] for agent in agents))
    x = alt.X("x:Q", title=axis, axis=alt.Axis(tickCount=TICKS))
    base = alt.Chart(parts).encode(y=y, key=same("mark"))
    bars = base.mark_bar(stroke=colour("paper"), strokeWidth=0.5).encode(
        x=x,
        x2=alt.X2("x2"),
        color=alt.Color("agent:N", scale=scale, title=None, legend=legend),
        tooltip=sentence(),
    )
    blue = json.dumps([agent for agent, (_, shade) in LOOKS.items() if shade == "blue"])
    letters = (
        base.transform_filter("datum.label")  # texts without letters cost as much
        .mark_text(fontSize=10, color=colour(text_on(f"indexof({blue}, datum.agent) >= 0")))
        .encode(x=alt.X("middle:Q"), text=alt.Text("label:N"))
    )
    rows = alt.Chart(sums).encode(y=y, key=same())
    diamond = rows.mark_point(
        shape="diamond", size=110, opacity=1.0, fill=colour("ink"), stroke=colour("paper")
    ).encode(x=alt.X("net:Q"), tooltip=sentence())
    layers = [bars, letters, zero_line(), diamond, values_beside(rows)]
    return template(alt.layer(*layers).properties(height=alt.Step(step)))
