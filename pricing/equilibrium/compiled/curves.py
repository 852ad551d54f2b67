"""Curves as rows of coefficients: powers and straight lines."""

from __future__ import annotations

from typing import Any

from pricing.chains.network import Array
from pricing.equilibrium.compiled.machine import compiled

CURVED, AT, HEIGHT, POWER, CONSTANT, SLOPE, LOWEST, HIGHEST, LEAST = range(9)
"""Columns of a curve: ``height (v / at)^power``, or a straight line with a least value; it is read
between two bounds."""


@compiled
def invert(law: Array, n: Any, value: float) -> tuple[float, float]:
    """Where a power has a positive value, and the slope of that."""
    power = 1.0 / law[n, POWER]
    found = law[n, AT] * (value / law[n, HEIGHT]) ** power
    return found, power * found / value
