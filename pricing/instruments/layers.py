"""How ordinary duties meet on one route: they add up, unless a tariff says otherwise.

``yields_to``  not charged where a named layer is: a general tariff beside Section 232.
``higher_of``  charged as far as it exceeds the named layers: a rate that includes the MFN duty.

What two rules do to each other is not guessed: :func:`stacking_faults` refuses what is not said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from pricing.errors import Fault
from pricing.instruments.terms import Array, BoolArray, Duty

EXISTING = "existing_duty"
"""Kind of the duties of the base year, which the chain states."""
TIERED = "tariff_rate_quota"
"""Kind of duty that depends on tonnes: no layer that others can be held against."""


def charged(duties: Sequence[Duty]) -> tuple[Duty, ...]:
    """The duties as they are charged, rule by rule; in the same order."""
    stated = {duty.policy: duty for duty in duties}
    kept = {}
    for duty in duties:
        gone = _any(applies(stated[name]) for name in duty.yields_to)
        rates = (np.where(gone, 0.0, duty.rate), np.where(gone, 0.0, duty.specific))
        kept[duty.policy] = replace(duty, rate=rates[0], specific=rates[1])
    return tuple(
        replace(
            kept[duty.policy],
            rate=_beyond(kept[duty.policy].rate, [kept[name].rate for name in duty.higher_of]),
            specific=_beyond(
                kept[duty.policy].specific, [kept[name].specific for name in duty.higher_of]
            ),
        )
        if duty.yields_to or duty.higher_of
        else duty
        for duty in duties
    )


def due(duties: Sequence[Duty], value: Array) -> Mapping[str, Array]:
    """What an officer charges by layer on a customs value, entry by entry [USD/t].

    The second road: it works with sums of money where :func:`charged` works with rates.
    """
    money = {duty.policy: duty.rate * value + duty.specific for duty in duties}
    covers = {duty.policy: applies(duty) for duty in duties}
    for duty in duties:
        for other in duty.yields_to:
            money[duty.policy] = np.where(covers[other], 0.0, money[duty.policy])
    for duty in duties:
        if duty.higher_of:
            others = sum(money[name] for name in duty.higher_of)
            money[duty.policy] = np.maximum(money[duty.policy], others) - others
    return money


def applies(duty: Duty) -> BoolArray:
    """Routes on which a duty is stated above nothing."""
    return np.asarray((duty.rate > 0.0) | (duty.specific > 0.0))


def _any(masks: Iterator[BoolArray]) -> BoolArray:
    found: BoolArray = np.zeros((1, 1, 1), dtype=bool)
    for mask in masks:
        found = found | mask
    return found


def _beyond(own: Array, others: Sequence[Array]) -> Array:
    """What a rate adds to others that it includes."""
    return np.maximum(own - sum(others), 0.0) if others else own


def stacking_faults(duties: Sequence[Duty]) -> Iterator[Fault]:
    """Rules that name no layer, or that meet on a route without saying what then holds."""
    stated = {duty.policy: duty for duty in duties}
    if len(stated) < len(duties):
        names = [duty.policy for duty in duties]
        twice = next(name for name in names if names.count(name) > 1)
        yield Fault(
            f"the chain has a duty layer called '{twice}' already",
            f"policies.{twice}.id",
            remedy="Give the policy another id",
        )
        return
    known = sorted(name for name, duty in stated.items() if duty.instrument != TIERED)
    faulty = False
    for duty in duties:
        for field in ("yields_to", "higher_of"):
            for name in getattr(duty, field):
                if name not in known or name == duty.policy:
                    faulty = True
                    yield Fault(
                        f"'{name}' is no other duty layer or tariff",
                        _where(duty, field),
                        remedy="Known: " + ", ".join(n for n in known if n != duty.policy),
                    )
    if faulty:
        return
    for duty in duties:
        yield from _yielding(duty, stated)
        yield from _including(duty, stated)


def _yielding(duty: Duty, stated: Mapping[str, Duty]) -> Iterator[Fault]:
    """A layer that yields to one which itself yields there to a third."""
    for name in duty.yields_to:
        second = stated[name]
        for last in set(second.yields_to) - set(duty.yields_to):
            if (applies(duty) & applies(second) & applies(stated[last])).any():
                yield Fault(
                    f"'{duty.policy}' yields to '{name}', which yields to '{last}' on the same "
                    f"route: whether '{duty.policy}' is charged there is not said",
                    _where(duty, "yields_to"),
                    remedy="Let each of them yield to every layer that goes before it"
                    if last != duty.policy
                    else "Let one of the two yield, not both",
                )


def _including(duty: Duty, stated: Mapping[str, Duty]) -> Iterator[Fault]:
    """Rates that include layers which cannot be compared, or include others themselves."""
    for name in duty.higher_of:
        other, where = stated[name], _where(duty, "higher_of")
        meet = applies(duty) & applies(other)
        if (meet & ((duty.rate > 0.0) | (other.rate > 0.0)) & _specific(duty, other)).any():
            yield Fault(
                f"'{duty.policy}' and '{name}' are a share of value and an amount per tonne: "
                "which is higher depends on the price",
                where,
                remedy="State both as rates or both as amounts, or let them add up",
            )
        for third in stated.values():
            rival = third.policy != duty.policy and (
                name in third.higher_of or (third is other and third.higher_of)
            )
            apart = third.policy in duty.yields_to or duty.policy in third.yields_to
            if rival and not apart and (meet & applies(third)).any():
                yield Fault(
                    f"'{duty.policy}' and '{third.policy}' both include another layer on one "
                    "route: what they come to together is not said",
                    where,
                    remedy=f"Let one of them yield to the other, or leave out '{name}'",
                )


def _where(duty: Duty, field: str) -> str:
    """Where a rule is stated: in a policy of the scenario, or in its chain."""
    return f"{'duty_layers' if duty.instrument == EXISTING else 'policies'}.{duty.policy}.{field}"


def _specific(one: Duty, other: Duty) -> BoolArray:
    return np.asarray((one.specific > 0.0) | (other.specific > 0.0))
