"""What differs between a scenario and the one it was opened as, each with its way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pricing.core.declared import label_of
from pricing.editing.edits import Place, amend, put, value_at
from pricing.scenarios.scenario import Scenario

_UNTOLD = ("id", "title", "description", "sources", "chain", "chain_hash")
"""Fields that say what a scenario is, not what it does."""
_NOTHING = "none"


@dataclass(frozen=True)
class Change:
    """One thing that differs."""

    place: Place
    """Where it stands."""
    label: str
    """What it is, in words."""
    before: str
    """What it was."""
    after: str
    """What it is now."""


def changes(opened: Scenario, present: Scenario) -> tuple[Change, ...]:
    """Everything that differs, in the order of the file.

    A policy that was added or removed is one change, and so is a list.

    Examples
    --------
    >>> import pricing
    >>> base = pricing.load_scenario("forge_oxide_only")
    >>> off = pricing.amend(base, {("policies", "oxide", "active"): False})
    >>> [(change.label, change.before, change.after) for change in pricing.changes(base, off)]
    [('Reference price of oxide: active', 'yes', 'no')]
    """
    left, right = _told(opened), _told(present)
    names = _policy_names(opened) | _policy_names(present)
    return tuple(
        Change(place, _label(place, names), in_words(before), in_words(after))
        for place, before, after in _differences(left, right, ())
    )


def undone(opened: Scenario, present: Scenario, place: Place) -> Scenario:
    """The present scenario with one place as it was opened.

    Raises
    ------
    InputError
        If the rest does not stand without the change.
    """
    before = value_at(opened.data(), place)
    if place[0] != "policies" or len(place) > 2 or before is None:
        return amend(present, {place: before})
    data = {"policies": list(present.data().get("policies", []))}
    put(data, place, before)
    order = [policy.id for policy in opened.document.policies]
    known = [policy for policy in data["policies"] if policy["id"] in order]
    known.sort(key=lambda policy: order.index(policy["id"]))
    added = [policy for policy in data["policies"] if policy["id"] not in order]
    return amend(present, {("policies",): [*known, *added]})


def _told(scenario: Scenario) -> dict[str, Any]:
    return {key: value for key, value in scenario.data().items() if key not in _UNTOLD}


def _differences(left: Any, right: Any, place: Place) -> Iterator[tuple[Place, Any, Any]]:
    """Smallest places that differ and can be put back by themselves."""
    if left == right:
        return
    if _branches(left) and _branches(right) and left.get("kind") == right.get("kind"):
        for key in (*left, *(key for key in right if key not in left)):
            yield from _differences(left.get(key), right.get(key), (*place, key))
    elif _named(left) and _named(right) and (left or right):
        mine, other = ({item["id"]: item for item in side} for side in (left, right))
        for key in (*mine, *(key for key in other if key not in mine)):
            yield from _differences(mine.get(key), other.get(key), (*place, key))
        if list(mine) != list(other) and set(mine) == set(other):
            yield place, left, right
    else:
        yield place, left, right


def _branches(node: Any) -> bool:
    """A mapping that is not a number with its unit."""
    return isinstance(node, dict) and "unit" not in node


def _named(node: Any) -> bool:
    return isinstance(node, list) and all(isinstance(item, dict) and "id" in item for item in node)


def _policy_names(scenario: Scenario) -> dict[str, str]:
    return {policy.id: policy.label or policy.id for policy in scenario.document.policies}


def _label(place: Place, names: dict[str, str]) -> str:
    """Words for a place: the policy, then the fields below it."""
    first, *rest = place
    if first == "policies" and rest:
        name, rest = names.get(rest[0], rest[0]), rest[1:]
    elif first == "assumptions" and rest:
        name, rest = label_of(rest[0]), rest[1:]
    else:
        name = label_of(first)
    return f"{name}: {', '.join(part.replace('_', ' ') for part in rest)}" if rest else name


def in_words(value: Any) -> str:
    """A plain value in a few words: a whole policy by its kind, a rule within one in full.

    Examples
    --------
    >>> price = {"value": 96.48, "unit": "USD/kg", "source": "own_choice"}
    >>> in_words({"kind": "ladder", "anchor": "concentrate", "price": price})
    'ladder (anchor concentrate, price 96.48 USD/kg)'
    """
    words = str(value)
    match value:
        case None | bool():
            words = {None: _NOTHING, True: "yes", False: "no"}[value]
        case {"value": int() | float() as number, "unit": unit}:
            words = f"{number:,.10g}" + ("" if unit == "1" else f" {unit}")
        case {"kind": str(kind), "id": _}:
            words = label_of(kind).lower()
        case {"kind": str(kind), **rest}:
            words = label_of(kind).lower() + (f" ({_entries(rest)})" if rest else "")
        case dict():
            words = _entries(value) or _NOTHING
        case list():
            words = "; ".join(in_words(item) for item in value) or _NOTHING
    return words


def _entries(value: Mapping[Any, Any]) -> str:
    """Entries of a group or table, each behind its name."""
    told = {key: part for key, part in value.items() if key not in ("source", "note")}
    return ", ".join(f"{key} {in_words(part)}".replace("_", " ") for key, part in told.items())
