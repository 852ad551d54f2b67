"""Statements about results, such as ``guarantee_outlay(United States) > 500 million USD``.

An indicator is named by its name and, in brackets, what it is about: good, region or zone, and
detail, each where it has one. A statement compares it with a number and its unit, or says that it
``falls`` or ``rises`` against the world without policy, if wanted ``by more than 10 %``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from pricing.accounts.columns.shape import Key
from pricing.core.quantities import Money, Price, Ratio, Tonnes
from pricing.errors import Fault, InputError
from pricing.uncertainty.design import Array

_NUMBER = r"(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(?P<unit>[^0-9].*|1)?"
_FORM = re.compile(
    r"(?P<label>[a-z_]+\([^()]*\))\s*"
    rf"(?:(?P<sign><=|>=|<|>)\s*{_NUMBER}"
    r"|(?P<way>falls|rises)(?:\s+by\s+more\s+than\s+(?P<share>\d+\.?\d*)\s*%)?)"
)
UNITS = {
    "USD/t": Price.factors,
    "t": {**Tonnes.factors, "t": 1.0},
    "USD": {**Money.factors, "m USD": 1e6, "bn USD": 1e9},
    "1": Ratio.factors,
}
"""Unit of an indicator -> units in which a statement may give a number, and their factors."""
EXAMPLES = "output(magnet, forge) falls; guarantee_outlay(United States) > 500 million USD"


def label(key: Key) -> str:
    """Name of an indicator and what it is about."""
    about = (key.good, key.region, key.detail)
    return f"{key.name}({', '.join(part for part in about if part)})"


@dataclass(frozen=True)
class Claim:
    """A statement as numbers."""

    says: str
    """Its text."""
    indicator: str
    """Label of the indicator."""
    sign: str
    """``<``, ``<=``, ``>`` or ``>=``."""
    bound: float
    """Number it is held against, in the indicator's unit; a multiple of the base's value where
    ``relative``."""
    relative: bool
    """Whether it is held against its value without policy."""

    def holds(self, value: Array, base: Array) -> Array:
        """(N,) one where the claim is true, zero where not, NaN where there is no number."""
        bound = self.bound * base if self.relative else np.full(1, self.bound)
        compare = {
            "<": np.less,
            "<=": np.less_equal,
            ">": np.greater,
            ">=": np.greater_equal,
        }[self.sign]
        return np.where(np.isnan(value) | np.isnan(bound), np.nan, compare(value, bound))


def read_claim(says: str, labels: Sequence[str], units: Sequence[str], where: str = "") -> Claim:
    """Read a statement about some of the indicators.

    Raises
    ------
    InputError
        If it has another form, or names an indicator or unit that is not there.
    """
    match = _FORM.fullmatch(says.strip())
    if match is None:
        raise InputError([Fault(f"'{says}' is no statement", where, remedy=f"Write {EXAMPLES}")])
    name, arguments = match["label"][:-1].split("(")
    about = ", ".join(part.strip() for part in arguments.split(","))
    asked = f"{name}({about})"
    if asked not in labels:
        same = [other for other in labels if other.startswith(f"{name}(")] or list(labels)
        near = get_close_matches(asked, same, n=3, cutoff=0.0)
        remedy = "Closest: " + "; ".join(near)
        raise InputError([Fault(f"no indicator is called {asked}", where, remedy=remedy)])
    if match["way"]:
        share = float(match["share"] or 0.0) / 100.0
        falls = match["way"] == "falls"
        bound = 1.0 - share if falls else 1.0 + share
        return Claim(says, asked, "<" if falls else ">", bound, relative=True)
    factors = UNITS[units[list(labels).index(asked)]]
    unit = (match["unit"] or "").strip()
    if unit not in factors:
        remedy = "Use one of: " + ", ".join(factors)
        raise InputError([Fault(f"unit '{unit}' does not fit {asked}", where, remedy=remedy)])
    return Claim(says, asked, match["sign"], float(match["number"]) * factors[unit], False)
