"""Indicators of many scenarios at once: one array a number, with the scenario as its axis.

Which columns there are follows from the chain and the policies alone, never from a solution; what
does not apply in a scenario is NaN. The indicators of one result are the first row of these.
"""

from __future__ import annotations

from pricing.accounts.books import Books
from pricing.accounts.columns.changes import changes
from pricing.accounts.columns.shape import NOTHING, Column, Entries, Entry, Key
from pricing.accounts.columns.solution import entries
from pricing.core.shelf import Shelf
from pricing.equilibrium.program import Program

_MOST_KEPT = 64
_BASES = Shelf[tuple[Program, Entries]](_MOST_KEPT)
"""With the program that a base is the solution of: it is told from others by its identity."""


def base_entries(books: Books) -> Entries:
    """Numbers of the base; kept, since they are the same for all scenarios on one world."""
    program, base = books.base_program, books.base

    def made() -> tuple[Program, Entries]:
        return program, entries(books, program, base)

    return _BASES.get(base, id(program), made)[1]


def columns(books: Books) -> tuple[Column, ...]:
    """All indicators of all scenarios of the books."""
    before, now = base_entries(books), entries(books, books.program, books.state)
    found = [_side_by_side(key, now.get(key), before.get(key)) for key in {**now, **before}]
    return (*found, *changes(books))


def _side_by_side(key: Key, now: Entry | None, before: Entry | None) -> Column:
    """The same number for the scenarios and the base."""
    first = now or before
    assert first is not None
    value, base = (NOTHING if side is None else side.value for side in (now, before))
    partner = None if now is None else now.partner
    return Column(key, first.unit, value, base, partner, quiet=first.quiet)
