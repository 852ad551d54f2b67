"""What a reader must know before using the numbers, as titled messages; most important first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pricing.accounts.notices import Code
from pricing.accounts.regimes import Regime

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result


class Weight(StrEnum):
    """How much a message weighs."""

    STOP = "stop"
    """Do not use the numbers."""
    WARNING = "warning"
    """The policy does something else than it seems to, or an assumption carries the result."""
    NOTE = "note"
    """Good to know."""


@dataclass(frozen=True)
class Callout:
    """One message."""

    title: str
    """What it is about, in a few words."""
    texts: tuple[str, ...]
    """One to three plain sentences for each place where it is so."""
    weight: Weight
    """How much it weighs."""


TITLES: dict[Code, tuple[str, Weight]] = {
    Code.CHECK_FAILED: ("An accounting check failed", Weight.STOP),
    Code.CHAIN_CHANGED: ("The chain has changed", Weight.WARNING),
    Code.NOT_IN_FORCE: ("Policy without effect", Weight.NOTE),
    Code.NOT_UNIQUE: ("More than one answer", Weight.WARNING),
    Code.SEVERAL_REGIMES: ("Several outcomes of a policy that jumps", Weight.WARNING),
    Code.RESTS_AT_EDGE: ("A price rests at the edge of a policy that jumps", Weight.WARNING),
    Code.SURPLUS_PATH: ("Surplus depends on the order of prices", Weight.NOTE),
    Code.NOTHING_CHANGED: ("Nothing changed", Weight.WARNING),
    Code.FLOOR_NOT_REACHED: ("Floor not reached", Weight.WARNING),
    Code.INVERTED_FLOOR: ("Inverted floor", Weight.WARNING),
    Code.NEGATIVE_PROTECTION: ("Negative protection", Weight.WARNING),
    Code.NEGATIVE_AT_MARGIN: ("Negative protection at the margin", Weight.WARNING),
    Code.PROCESS_SHUT: ("Process shut", Weight.WARNING),
    Code.MINIMUM_LOWERED: ("A minimum above its capacity", Weight.WARNING),
    Code.LEVY_EXHAUSTED: ("Levy at its limit", Weight.WARNING),
    Code.LIMIT_EXHAUSTED: ("Budget or cap used up", Weight.WARNING),
    Code.QUOTA_BINDING: ("Quota binds", Weight.NOTE),
    Code.QUOTA_PROHIBITIVE: ("Quota shuts trade", Weight.WARNING),
    Code.TRADE_SHUT: ("Trade shut", Weight.WARNING),
    Code.PAYS_TWICE: ("Paid twice", Weight.WARNING),
    Code.RENT_TO_EXPORTERS: ("Exporters keep the rent", Weight.NOTE),
    Code.MARKET_POWER: ("Exporters set prices", Weight.NOTE),
    Code.RENT_SPLIT_OPEN: ("Whose rent it is stays open", Weight.WARNING),
    Code.UNDELIVERED: ("Contract not delivered", Weight.WARNING),
    Code.SHORTAGE: ("Shortage", Weight.WARNING),
    Code.PRICE_ZERO: ("A price of zero", Weight.WARNING),
    Code.PROMISE_NOT_KEPT: ("A promised price that nobody keeps", Weight.WARNING),
    Code.STOCK_IDLE: ("A stock that deals with nobody", Weight.WARNING),
    Code.ROUTES_WITHOUT_TRADE: ("Routes stay shut", Weight.NOTE),
    Code.TIED_TRADE: ("Trade moved among equal routes", Weight.WARNING),
    Code.ROUTES_TIE: ("Flows not unique", Weight.NOTE),
    Code.ONE_LEVY: ("One levy for all origins", Weight.NOTE),
}
"""Kind of warning -> title and weight."""
NO_POLICY = Callout(
    "No policy",
    (
        "Nothing is added to the base year, so every change is zero. Add a policy, or open a "
        "scenario that has one.",
    ),
    Weight.NOTE,
)


def _base_years(names: tuple[str, ...]) -> Callout:
    """That the base year is one of several."""
    text = (
        "Who buys from whom in the base year is partly assumed, and signs may depend on it. The "
        f"scenario names other assumptions ({', '.join(names)}): compare them under Sensitivity, "
        "or in the report of 'pricing solve', before you quote a number."
    )
    return Callout("Base year partly assumed", (text,), Weight.NOTE)


def callouts(result: Result) -> tuple[Callout, ...]:
    """Messages of a result by title; heavy ones first, else in the order of the warnings.

    Examples
    --------
    >>> import pricing
    >>> [callout.title for callout in callouts(pricing.solve("forge_oxide_only"))]
    ['Floor not reached', 'Negative protection', 'Base year partly assumed']
    """
    texts: dict[Code, list[str]] = {}
    for warning in result.warnings:
        why = _why_nothing(result) if warning.code is Code.NOTHING_CHANGED else ""
        title, _ = TITLES[warning.code]
        text = f"{warning.text} {why}".strip().removeprefix(f"{title}: ")
        texts.setdefault(warning.code, []).append(text[:1].upper() + text[1:])
    found = [] if result.scenario.document.policies else [NO_POLICY]
    found += [
        Callout(TITLES[code][0], tuple(said), TITLES[code][1]) for code, said in texts.items()
    ]
    variants = result.scenario.document.variants
    found += [_base_years(variants)] if variants else []
    order = list(Weight)
    return tuple(sorted(found, key=lambda callout: order.index(callout.weight)))


def policy_states(result: Result) -> dict[str, str]:
    """Policy -> what it does where, in words; policies out of force say so."""
    seen: dict[str, Counter[Regime]] = {}
    for row in result.accounts.regimes:
        seen.setdefault(row.policy, Counter())[row.regime] += 1
    year = result.scenario.document.assumptions.year
    states = {}
    for policy in result.scenario.document.policies:
        if not policy.in_force(year):
            states[policy.id] = "not in force" if policy.active else "switched off"
        elif policy.id in seen:
            counts = seen[policy.id]
            parts = (f"{regime} at {counts[regime]}" for regime in Regime if counts[regime])
            states[policy.id] = f"{', '.join(parts)} of {counts.total()} places"
        else:
            states[policy.id] = "covers no open route or plant"
    return states


def _why_nothing(result: Result) -> str:
    """What each policy does instead of changing something."""
    return " ".join(f"'{policy}': {state}." for policy, state in policy_states(result).items())
