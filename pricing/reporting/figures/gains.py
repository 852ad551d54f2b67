"""Figures of money: who gains and who loses, and what treasuries receive."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from pricing.reporting.figures.figure import Baseline, Figure, Row, Rows, source_line
from pricing.reporting.figures.templates import change_bars
from pricing.reporting.figures.templates_gains import PARTS, lettered, named, stacked
from pricing.reporting.summary import AGENTS, FUNDS
from pricing.reporting.words import million

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result

MILLION = 1e6
MOST_PRODUCERS = 24
"""Stages and regions that one figure shows."""


def changes(result: Result) -> dict[tuple[str, str], float]:
    """(region, agent in words) -> change in surplus against the reference [USD]; sums to the net.

    The cost of public funds beyond one is an agent of its own.
    """
    agents = result.accounts.agents
    total: dict[tuple[str, str], float] = {}
    for row in agents.rows:
        if row.in_total and row.account in AGENTS:
            key = row.region, AGENTS[row.account]
            total[key] = total.get(key, 0.0) + row.change
    weight = agents.cost_of_public_funds - 1.0
    for region, change in zip(agents.network.regions, agents.treasuries[0], strict=True):
        total[region, FUNDS] = weight * float(change)
    return {key: change for key, change in total.items() if change != 0.0}


def who_pays(result: Result, base: Baseline) -> Figure:
    """Change in surplus by agent and region, and its net by region [million USD a year].

    Parameters
    ----------
    result : Result
        The scenario.
    base : Baseline
        The same world without added policy, which the accounts of ``result`` are drawn up
        against.
    """
    del base
    total, net = changes(result), {}
    parts: list[Row] = []
    for region in result.solved.program.network.regions:
        mine = {agent: x for (place, agent), x in total.items() if place == region}
        if not mine:
            continue
        net[region] = sum(mine.values())
        for agent, change in mine.items():
            words = f"{region}, {agent}: {_moved(change)}."
            row = {"place": region, "agent": agent, "change": change / MILLION}
            parts.append({**row, "sentence": words, "mark": f"{region}, {agent}"})
    sums: list[Row] = [
        {
            "place": region,
            "net": change / MILLION,
            "label": f"net {million(change)}",
            "sentence": f"{region}: net {million(change)} million USD a year.",
        }
        for region, change in net.items()
    ]
    world = million(sum(net.values()))
    return Figure(
        name="who_pays",
        title="Who gains and who loses",
        unit="million USD a year, change in surplus against the baseline",
        caption="Right: gains. Left: losses. Diamond: the net of a region, which its bars add up "
        "to.",
        source=source_line(result),
        alt=f"World net {world} million USD a year. " + " ".join(row["sentence"] for row in sums),
        drawn={
            "parts": Rows(lettered(parts), PARTS),
            "net": Rows(sums, ("place", "net", "label", "sentence")),
        },
        spec=stacked("Change in surplus (million USD a year)", named(parts)),
    )


def _moved(change: float) -> str:
    """What somebody gains or loses, in words."""
    verb = "gain" if change > 0.0 else "lose"
    return f"{verb} {million(abs(change)).lstrip('+')} million USD a year"


def producers(result: Result, base: Baseline) -> Figure:
    """Change in surplus of producers by stage and region, the largest [million USD a year].

    Parameters
    ----------
    result : Result
        The scenario.
    base : Baseline
        As for :func:`who_pays`.
    """
    del base
    agents = result.accounts.agents
    network = agents.network
    makers = np.flatnonzero(network.makers)
    places = network.main_output[makers], network.process_region[makers]
    total = np.zeros((len(network.goods), len(network.regions)))
    np.add.at(total, places, agents.processes[0, makers])
    largest = np.sort(np.argsort(-np.abs(total), axis=None, kind="stable")[:MOST_PRODUCERS])
    rows: list[Row] = []
    for g, r in zip(*np.unravel_index(largest, total.shape), strict=True):
        change, good, region = float(total[g, r]), network.goods[g], network.regions[r]
        if abs(change) < 1.0:
            continue
        rows.append(
            {
                "place": f"{good}, {region}",
                "change": change / MILLION,
                "label": million(change),
                "sentence": f"Makers of {good} in {region} {_moved(change)}.",
            }
        )
    return Figure(
        name="producers",
        title="Producers by stage",
        unit="million USD a year, change in surplus against the baseline",
        caption="Makers by the stage of their main product, down the chain; the largest changes "
        f"({MOST_PRODUCERS} at most). Carriers of freight are left out.",
        source=source_line(result),
        alt=" ".join(row["sentence"] for row in rows) or "No producer gains or loses anything.",
        drawn={"rows": Rows(rows, ("place", "change", "label", "sentence"))},
        spec=change_bars("Change in surplus (million USD a year)"),
    )


def treasury(result: Result, base: Baseline) -> Figure:
    """Change of treasuries by region and instrument [million USD a year].

    Parameters
    ----------
    result : Result
        The scenario.
    base : Baseline
        As for :func:`who_pays`.
    """
    del base
    network = result.solved.program.network
    rows: list[Row] = []
    lines, called = result.accounts.agents.treasury_lines, _called(result)
    for (instrument, policy), change in lines.items():
        for r in np.flatnonzero(np.abs(change[0]) >= 1.0):
            amount, region = float(change[0, r]), network.regions[r]
            kind = called[instrument, policy]
            side = "receives" if amount > 0.0 else "loses"
            rows.append(
                {
                    "place": f"{region}\n{kind}",
                    "change": amount / MILLION,
                    "label": million(amount),
                    "sentence": f"The treasury of {region} {side} "
                    f"{million(abs(amount)).lstrip('+')} million USD a year by {kind}, "
                    "against the baseline.",
                }
            )
    order = {region: place for place, region in enumerate(network.regions)}
    rows.sort(key=lambda row: order[row["place"].partition("\n")[0]])
    return Figure(
        name="treasury",
        title="Treasuries by instrument",
        unit="million USD a year",
        caption="Receipts less payments against the baseline; changes below 1 USD are left out.",
        source=source_line(result),
        alt=" ".join(row["sentence"] for row in rows) or "No treasury receives or pays anything.",
        drawn={"rows": Rows(rows, ("place", "change", "label", "sentence"))},
        spec=change_bars("Change (million USD a year)", step=34),
    )


def _called(result: Result) -> dict[tuple[str, str], str]:
    """(kind, policy) -> the policy's own label, or kind and id where it has none of its own."""
    labels = {policy.id: policy.label for policy in result.scenario.document.policies}
    lines = list(result.accounts.agents.treasury_lines)
    used = Counter(labels.get(policy) for _, policy in lines)
    found = {}
    for instrument, policy in lines:
        kind, label = instrument.replace("_", " "), labels.get(policy)
        plain = f"{kind} ({policy})" if policy else kind
        found[instrument, policy] = label if label and used[label] == 1 else plain
    return found
