"""Numbers of a chain file that rest on raw rows: the two must agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pricing.chains.building.recipe import Recipe
from pricing.chains.building.rows_used import Values
from pricing.chains.schema import Chain
from pricing.core.quantities import Quantity
from pricing.errors import Fault


def number_at(chain: Chain, path: str) -> float | None:
    """Number at a dotted path, in t, USD/t or 1; None where there is none.

    A part names a field, an entry of a mapping, an item by its ``id``, or an item by its position.
    """
    here: Any = chain
    for part in path.split("."):
        if isinstance(here, dict):
            here = here.get(part)
        elif isinstance(here, tuple):
            named = [item for item in here if getattr(item, "id", None) == part]
            by_number = part.isdigit() and int(part) < len(here)
            here = named[0] if named else here[int(part)] if by_number else None
        else:
            here = getattr(here, part, None)
        if here is None:
            return None
    if isinstance(here, Quantity):
        return here.base
    return float(here) if isinstance(here, float) else None


def stated_faults(chain: Chain, recipe: Recipe, values: Values) -> Iterator[Fault]:
    """Numbers in the chain file that differ from the rows named for them."""
    for row in recipe.stated:
        there, here = number_at(chain, row.at), values(row)
        if there is None:
            remedy = "Write for example processes.NAME.capacity"
            yield Fault(f"the chain has no number at '{row.at}'", "stated", remedy=remedy)
        elif abs(there - here) > row.within * max(abs(there), abs(here)):
            problem = f"'{row.at}' is {there:.6g} in the chain, but the raw rows give {here:.6g}"
            yield Fault(problem, "stated", remedy="Correct the one that is wrong")
