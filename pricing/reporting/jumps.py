"""Outcomes of policies that jump: every one that is consistent with itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pricing.reporting.words import million, wrap

if TYPE_CHECKING:
    import pandas as pd

    from pricing.reporting.inputs import Result

COLUMNS = ("outcome", "policy", "place", "regime", "value", "unit", "net")
"""Columns of the table."""
MOST_OUTCOMES = 6
"""Outcomes that are printed; the others are counted."""
MOST_PLACES = 4
"""Places printed of each."""


def rows(outcomes: Sequence[Result]) -> Iterator[dict[str, Any]]:
    """One row for every outcome and jump; ``outcome`` 1 is the one reported."""
    search = outcomes[0].solved.search
    if search is None:
        return
    for number, (result, found) in enumerate(
        zip(outcomes, search.consistent, strict=True), start=1
    ):
        net = float(result.accounts.agents.total[0])
        for jump, regime, value in zip(search.jumps, found.regimes, found.numbers, strict=True):
            name = jump.regimes[regime].name
            cells = (number, jump.policy, jump.place, name, value, jump.unit, net)
            yield dict(zip(COLUMNS, cells, strict=True))


def frame(outcomes: Sequence[Result]) -> pd.DataFrame:
    """The rows as a table."""
    import pandas as pd

    return pd.DataFrame(list(rows(outcomes)), columns=list(COLUMNS))


def differing(result: Result) -> list[int]:
    """Jumps whose regime is not the same in all outcomes, by number."""
    search = result.solved.search
    if search is None:
        return []
    chosen = zip(*(found.regimes for found in search.consistent), strict=True)
    return [n for n, regimes in enumerate(chosen) if len(set(regimes)) > 1]


def for_people(result: Result) -> pd.DataFrame:
    """Where outcomes differ, in words: regime of each place, and what the outcome is worth."""
    import pandas as pd

    search, table = result.solved.search, []
    for number, outcome in enumerate(result.outcomes):
        for n in differing(result):
            assert search is not None
            jump, found = search.jumps[n], search.consistent[number]
            table.append(
                {
                    "outcome": number + 1,
                    "place": jump.place,
                    "regime": jump.regimes[found.regimes[n]].name,
                    "world net [million USD/yr]": float(outcome.accounts.agents.total[0]) / 1e6,
                }
            )
    return pd.DataFrame(table)


def lines(result: Result) -> Iterator[str]:
    """Lines of the text report: where outcomes differ, and what they are worth."""
    search = result.solved.search
    if search is None or len(search.consistent) < 2:
        return
    yield from wrap("OTHER OUTCOMES that are consistent with themselves; 1 is the one above")
    differ = differing(result)
    for number, outcome in enumerate(result.outcomes[:MOST_OUTCOMES]):
        found = search.consistent[number]
        places = [
            f"{search.jumps[n].place}: {search.jumps[n].regimes[found.regimes[n]].name}"
            for n in differ[:MOST_PLACES]
        ]
        more = f"; and {len(differ) - MOST_PLACES} more" if len(differ) > MOST_PLACES else ""
        net = million(float(outcome.accounts.agents.total[0]))
        yield from wrap(f"{number + 1}. {'; '.join(places)}{more}. Net {net} a year.", "   ", "")
    rest = len(search.consistent) - MOST_OUTCOMES
    if rest > 0:
        yield f"And {rest} more."
