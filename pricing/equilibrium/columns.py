"""A table of numbers put into the policies of one scenario at once.

Every row is checked as a scenario of its own would be. A number by itself may be anything between
two that may be: so the rows at the ends of each column are validated whole. Rules between numbers
are asked once with the numbers of all rows (:mod:`pricing.equilibrium.rules_of_rows`); where rows
may differ each of them is validated. What the policies add is then computed once, with arrays in
place of numbers. Tables that change more than numbers of policies go row by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from pricing.chains.network import Array, Network
from pricing.core.quantities import Quantity, read_short
from pricing.equilibrium.build import active_policies, terms_of
from pricing.equilibrium.reduce import check
from pricing.equilibrium.rules_of_rows import Asked, hold_in_all, quantity_of_rows
from pricing.errors import InputError
from pricing.instruments.policy import Policy
from pricing.instruments.terms import Terms
from pricing.scenarios.schema import ScenarioDocument


@dataclass(frozen=True)
class _Column:
    """Where the numbers of one column belong."""

    policy: str
    """Policy."""
    parts: tuple[str, ...]
    """Fields and keys below the policy that lead to a quantity."""
    kind: type[Quantity]
    """Its kind."""
    texts: Sequence[str]
    """One short text a row."""
    stated: Array
    """(N, 1) their numbers, each in its unit."""
    units: tuple[str, ...]
    """Units, each once."""
    numbers: Array
    """(N, 1) their numbers in the library's unit."""


def terms_of_rows(
    document: ScenarioDocument, network: Network, table: Mapping[str, Sequence[Any]]
) -> Terms | None:
    """What the policies add in every row of a table, numbers that differ with a scenario axis.

    None where the table changes more than numbers of policies, where a row is not valid, or where
    rows differ in structure: then they are put together, and their faults named, one by one.
    """
    columns = [_column(document, path, values) for path, values in table.items()]
    found = [column for column in columns if column is not None]
    if len(found) < len(columns):
        return None
    count = len(found[0].texts)
    try:
        whole = tuple(
            _varied(policy, [column for column in found if column.policy == policy.id])
            for policy in document.policies
        )
        together = document.model_copy(update={"policies": whole})
        terms = terms_of(together, network, several=True)
        if terms.jumps:
            return None
        rows = sorted({0, count // 2, count - 1} | _ends(found))
        alone = [_terms_of_row(document, network, found, row) for row in rows]
        if not _same(alone, terms, rows):
            return None
    except (InputError, ValueError, TypeError, IndexError):  # not valid, or one number at a time
        return None
    return None if _may_contradict(terms) else terms


def _terms_of_row(
    document: ScenarioDocument, network: Network, columns: Sequence[_Column], row: int
) -> Terms:
    """Terms of one row by itself, everything validated and checked.

    Raises
    ------
    InputError, ValidationError
        If it is not valid.
    """
    policies = tuple(
        _in_row(policy, [column for column in columns if column.policy == policy.id], row)
        for policy in document.policies
    )
    terms = terms_of(document.model_copy(update={"policies": policies}), network)
    check(network, terms)
    return terms


def _ends(columns: Sequence[_Column]) -> set[int]:
    """Rows with the smallest and the largest number of each column.

    What one number makes impossible, such as a contract beyond capacity, it does at an end.
    """
    numbers = [column.numbers for column in columns]
    return {int(n) for own in numbers for n in (own.argmin(), own.argmax())}


def _column(document: ScenarioDocument, path: str, values: Sequence[Any]) -> _Column | None:
    """What a column says; None unless it holds texts for a quantity of an active policy."""
    first, _, rest = path.partition(".")
    name, _, below = rest.partition(".")
    policy = next((p for p in active_policies(document) if p.id == name), None)
    if first != "policies" or policy is None or not below:
        return None
    parts = tuple(below.split("."))
    kind = type(_look_up(policy, parts))
    texts = all(issubclass(each, str) for each in set(map(type, values)))
    if not issubclass(kind, Quantity) or not texts:
        return None
    read = [found for text in values if (found := read_short(text)) is not None]
    units = tuple({unit for _, unit in read})
    if len(read) < len(values) or not kind.factors.keys() >= set(units):
        return None
    stated = np.array([number for number, _ in read])
    factors = np.array([kind.factors[unit] for _, unit in read])
    return _Column(name, parts, kind, values, stated[:, None], units, (stated * factors)[:, None])


def _look_up(item: Any, parts: Sequence[str]) -> Any:
    """What a path leads to; None where it leads nowhere."""
    for part in parts:
        item = item.get(part) if isinstance(item, dict) else getattr(item, part, None)
    return item


def _varied(policy: Policy, own: Sequence[_Column]) -> Policy:
    """A policy with the numbers of all rows in its quantities.

    Raises
    ------
    ValidationError, ValueError
        If a rule is broken in a row, or a quantity is not stated in the library's unit.
    """
    whole = asked = policy
    for column in own:
        kind, parts = column.kind, column.parts
        unit = {factor: unit for unit, factor in kind.factors.items()}.get(1.0)
        if unit is None:
            raise ValueError(f"{kind.__name__} is not stated in the library's unit")
        whole = _put(whole, parts, quantity_of_rows(kind, column.numbers, unit))
        asked = _put(
            asked, parts, quantity_of_rows(kind, column.stated.view(Asked), column.units[0])
        )
    one_unit = all(len(column.units) == 1 for column in own)
    if not one_unit or not all(hold_in_all(asked, column.parts) for column in own):
        _validate_each(policy, own)
    return whole


def _validate_each(policy: Policy, own: Sequence[_Column]) -> None:
    """Validate a policy with the texts of every row, one after the other.

    Raises
    ------
    ValidationError
        If a row is not valid.
    """
    data = policy.model_dump(mode="json", exclude_none=True)
    places = [(_look_up(data, column.parts[:-1]), column.parts[-1]) for column in own]
    for row in zip(*(column.texts for column in own), strict=True):
        for (parent, key), text in zip(places, row, strict=True):
            parent[key] = text
        type(policy).model_validate(data)


def _in_row(policy: Policy, own: Sequence[_Column], n: int) -> Policy:
    """The policy with the numbers of one row."""
    for column in own:
        policy = _put(policy, column.parts, column.kind.model_validate(column.texts[n]))
    return policy


def _put(item: Any, parts: Sequence[str], quantity: Quantity) -> Any:
    """A copy with one quantity replaced."""
    name, *rest = parts
    if isinstance(item, dict):
        return {**item, name: _put(item[name], rest, quantity) if rest else quantity}
    inner = _put(getattr(item, name), rest, quantity) if rest else quantity
    return item.model_copy(update={name: inner})


def _same(alone: list[Any], many: Any, rows: list[int]) -> bool:
    """Whether what many scenarios share holds, in some of them, what each has by itself."""
    first = alone[0]
    if isinstance(first, np.ndarray | float | int):
        single, several = np.array(alone), np.asarray(many)
        if several.shape == single.shape[1:]:
            return bool((single == several).all())
        together = several[rows].reshape(len(rows), -1)
        return np.array_equal(together, single.reshape(len(rows), -1))
    if isinstance(first, tuple | list):
        if any(len(one) != len(many) for one in alone):
            return False
        return all(_same([one[n] for one in alone], own, rows) for n, own in enumerate(many))
    if is_dataclass(first) and not isinstance(first, type):
        names = [field.name for field in fields(first)]
        return all(
            _same([getattr(one, name) for one in alone], getattr(many, name), rows)
            for name in names
        )
    return all(bool(one == many) for one in alone)


def _may_contradict(terms: Terms) -> bool:
    """Whether policies could contradict each other in some rows only, by their numbers."""
    quotas = [limit for limit in terms.limits if limit.flow[0].size or limit.acts_on_margin[0].size]
    stacked = any(duty.yields_to or duty.higher_of for duty in terms.duties)
    floors = {m.policy for m in terms.limits if m.wedge and m.buyer_price[0].size}
    several = max(len(quotas), len(terms.supports), len(floors)) > 1
    return several or stacked
