"""Rules of a policy, asked once with the numbers of many rows in place of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import BaseModel

from pricing.chains.network import Array
from pricing.core.quantities import Quantity


class Asked(np.ndarray[Any, np.dtype[np.float64]]):
    """One number a row. A comparison is true or false only where it is so in all rows."""

    def __bool__(self) -> bool:
        """What all rows say.

        Raises
        ------
        ValueError
            If they differ.
        """
        said = np.asarray(self, dtype=bool)
        if said.any() != said.all():
            raise ValueError("rows differ")
        return bool(said.all())


def quantity_of_rows(kind: type[Quantity], values: Array, unit: str) -> Quantity:
    """A quantity with the numbers (N, 1) of all rows; not validated."""
    many: Any = values
    return kind.model_construct(value=many, unit=unit)


def hold_in_all(item: Any, parts: Sequence[str]) -> bool:
    """Whether the rules of a quantity of many rows, and of all that it lies in, hold in each row.

    Rules of other fields cannot see its numbers. False also where a rule holds in some rows only,
    takes no arrays, or is no rule on a finished object: then each row must be validated by itself.
    """
    try:
        with np.errstate(all="raise"):
            for part in parts:
                if isinstance(item, BaseModel):
                    _ask(item, part)
                item = item[part] if isinstance(item, dict) else getattr(item, part)
            _ask(item, "")
    except (ValueError, TypeError, AttributeError, ArithmeticError):
        return False
    return True


def _ask(item: BaseModel, field: str) -> None:
    """Ask the rules of an object, and those of one of its fields.

    Raises
    ------
    ValueError
        If one does not hold, or not in all rows; other errors if it takes no arrays.
    """
    rules = item.__pydantic_decorators__
    for name, rule in rules.model_validators.items():
        if rule.info.mode == "after":
            getattr(item, name)()
        elif not isinstance(item, Quantity):  # of those, it reads the text
            raise ValueError(name)
    for name, of_field in rules.field_validators.items():
        if field in of_field.info.fields:
            if of_field.info.mode != "after":
                raise ValueError(name)
            getattr(item, name)(getattr(item, field))
