"""Indicators of every row of a table, as one array with a row a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pricing.accounts import solution, surplus
from pricing.accounts.accounts import account
from pricing.accounts.books import Books
from pricing.accounts.columns import columns
from pricing.accounts.columns.shape import Key
from pricing.chains.network import Array
from pricing.equilibrium.batch import Answer
from pricing.equilibrium.build import Solved, active_policies
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.table import Solutions
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.schema import ScenarioDocument

WIDTH = 600
"""Most scenarios whose accounts are drawn up together; the arrays of more do not stay in cache."""


@dataclass(frozen=True)
class IndicatorTable:
    """Indicators (C) of scenarios (N)."""

    keys: tuple[Key, ...]
    """(C,) what each column is about."""
    units: tuple[str, ...]
    """(C,) ``USD/t``, ``t``, ``USD`` or ``1``."""
    value: Array
    """(C, N) NaN where there is no number, or no equilibrium."""
    base: Array
    """(C, N) values without policy; (C, 1) where all rows are on one world. NaN where they mean
    nothing."""


def indicator_table(rows: Sequence[Scenario], solved: Solutions) -> IndicatorTable:
    """Indicators of all rows of a solved table."""
    place: dict[Key, int] = {}
    units: list[str] = []
    parts = []
    for members in _together(solved):
        answers = [o for n in members if isinstance(o := solved.outcomes[n], Answer)]
        reference = solved.references[members[0]]
        assert reference is not None
        books = _books(rows[members[0]].document, answers, reference)
        found = columns(books)
        for column in found:
            if column.key not in place:
                place[column.key] = len(units)
                units.append(column.unit)
        parts.append((members, found))
    value = np.full((len(units), len(rows)), np.nan)
    one_world = len({id(reference) for reference in solved.references}) == 1
    base = np.full((len(units), 1 if one_world else len(rows)), np.nan)
    for members, found in parts:
        some: Any = members
        if members[-1] - members[0] == len(members) - 1:  # a slice is written much faster
            some = slice(members[0], members[-1] + 1)
        for column in found:
            at = place[column.key]
            value[at, some] = column.value
            base[at, slice(None) if one_world else some] = column.base
    return IndicatorTable(tuple(place), tuple(units), value, base)


def worst_check(rows: Sequence[Scenario], solved: Solutions, row: int) -> float:
    """Largest error of the six checks of one solved row, as a share of world spending [1]."""
    answer, base = solved.outcomes[row], solved.references[row]
    assert isinstance(answer, Answer)
    assert base is not None
    document = rows[row].document
    found = account(
        answer.program.with_terms(np.array([answer.row])),
        answer.state,
        base.program,
        base.state,
        policies=active_policies(document),
        cost_of_public_funds=document.assumptions.cost_of_public_funds.fraction,
    )
    return max(check.error for check in found.checks)


def _together(solved: Solutions) -> Iterator[list[int]]:
    """Positions of rows that were solved together on one world, a few at a time."""
    groups: dict[tuple[int, int], list[int]] = {}
    for n, (outcome, base) in enumerate(zip(solved.outcomes, solved.references, strict=True)):
        if isinstance(outcome, Answer):
            groups.setdefault((id(outcome.program), id(base)), []).append(n)
    for members in groups.values():
        parts = -(-len(members) // WIDTH)
        yield from (part.tolist() for part in np.array_split(members, parts))


def _books(document: ScenarioDocument, answers: Sequence[Answer], base: Solved) -> Books:
    """Books of rows that share a world; the six checks are not run."""
    program = answers[0].program.with_terms(np.array([answer.row for answer in answers]))
    state = evaluate(program, np.concatenate([answer.z for answer in answers]))
    policies = active_policies(document)
    here, before = (
        solution.entered(program, state, policies),
        solution.base(base.program, base.state),
    )
    return Books(
        program=program,
        state=state,
        base_program=base.program,
        base=base.state,
        policies=policies,
        ledger=here.ledger,
        base_ledger=before.ledger,
        agents=surplus.changes(here, before, document.assumptions.cost_of_public_funds.fraction),
        checks=(),
    )
