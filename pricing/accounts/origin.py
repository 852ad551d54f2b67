"""Warnings about where an answer comes from: another chain, or one equilibrium of several."""

from __future__ import annotations

from collections.abc import Iterator

from pricing.accounts.notices import Code, Warning_, price
from pricing.equilibrium.outcomes import Search, resting
from pricing.equilibrium.uniqueness import Uniqueness, Verdict
from pricing.scenarios.schema import ScenarioDocument

MOST_PLACES = 4
"""Places named in one warning; the others are counted."""


def chain_changed(chain: str) -> Iterator[Warning_]:
    """The scenario was exported with a chain, or data of it, that has changed since."""
    text = (
        f"The chain '{chain}' or its data changed since this scenario was exported, so its numbers "
        "may differ from those it was mailed with."
    )
    yield Warning_(Code.CHAIN_CHANGED, text, chain)


def not_in_force(document: ScenarioDocument) -> Iterator[Warning_]:
    """Declared policies that are switched off or not in force; one warning each."""
    year = document.assumptions.year
    for policy in document.policies:
        if not policy.in_force(year):
            dates = [f"from {policy.start}"] if policy.start else []
            dates += [f"until {policy.end}"] if policy.end else []
            why = f"not in force in {year} ({' '.join(dates)})" if policy.active else "switched off"
            text = f"Policy '{policy.id}' is declared but {why}: the results are without it."
            yield Warning_(Code.NOT_IN_FORCE, text, policy.id)


def not_unique(found: Uniqueness) -> Iterator[Warning_]:
    """One warning where another equilibrium was found, or could not be looked for."""
    if found.verdict is Verdict.OTHER:
        text = (
            f"Another equilibrium exists, because {found.reason}: a second start ends elsewhere, "
            f"most of all in the {found.where} ({100.0 * found.difference:.2g}% apart). "
            "The one reported is the one reached from the base year."
        )
        yield Warning_(Code.NOT_UNIQUE, text, found.where, {"difference": found.difference})
    elif found.verdict is Verdict.NOT_REACHED:
        text = (
            f"There may be other equilibria, because {found.reason}, and a second start did not "
            "converge. The one reported is the one reached from the base year."
        )
        yield Warning_(Code.NOT_UNIQUE, text, "")


def several_regimes(found: Search | None) -> Iterator[Warning_]:
    """One warning where policies that jump allow several outcomes, or not all were tried."""
    if found is None or (found.complete and len(found.consistent) == 1):
        return
    policies = ", ".join(dict.fromkeys(f"'{jump.policy}'" for jump in found.jumps))
    others, numbers = len(found.consistent) - 1, {"outcomes": float(len(found.consistent))}
    text = f"{policies} may have other outcomes that are consistent with themselves."
    if others:
        kind = "another outcome is" if others == 1 else f"{others} other outcomes are"
        text = (
            f"Because {policies} jumps, {kind} consistent too. The one reported has the lowest "
            "duties; the page Method, the report and Result.regimes() list all of them."
        )
    if not found.complete:
        text += (
            f" {found.tried} of {found.possible:,} combinations of regimes were tried: those that "
            "solutions asked for, and those nearest to them."
        )
    yield Warning_(Code.SEVERAL_REGIMES, text, found.jumps[0].policy, numbers)


def rests_at_edge(found: Search | None) -> Iterator[Warning_]:
    """One warning for every policy that jumps where prices rest at an edge of it."""
    if found is None:
        return
    places: dict[str, list[str]] = {}
    for rest in resting(found.jumps, found.consistent[0]):
        places.setdefault(rest.jump.policy, []).append(
            f"{rest.jump.place} at {price(rest.number)}, {100.0 * rest.share:.0f} % of "
            f"the tonnes in '{rest.dearer}' and the rest in '{rest.cheaper}'"
        )
    for policy, texts in places.items():
        shown = "; ".join(texts[:MOST_PLACES])
        more = f"; and {len(texts) - MOST_PLACES} more" if len(texts) > MOST_PLACES else ""
        text = (
            f"No single duty of '{policy}' that was tried fits the price it leads to. That "
            f"price rests at the edge, with tonnes on both sides: {shown}{more}."
        )
        yield Warning_(Code.RESTS_AT_EDGE, text, policy, {"places": float(len(texts))})
