r"""Patterns of numbers with units as text, such as ``110 USD/kg``, for JSON Schema.

Digits tell whether a decimal lies within bounds that are zero or a power of ten. A number with an
exponent (``1.5e2 %``) may be anything that its sign allows: no pattern weighs it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

_DECIMAL = r"([0-9]+\.?[0-9]*|\.[0-9]+)"
_EXPONENT = rf"{_DECIMAL}[eE][+-]?[0-9]+"


def short_form(
    factors: dict[str, float], bounds: tuple[float | None, float | None], beyond: bool
) -> str:
    """Pattern of a number within bounds, then one of some units.

    Parameters
    ----------
    factors : dict
        Unit -> factor to the unit of the bounds.
    bounds : tuple
        Smallest and largest number: None, zero, or plus or minus a power of ten in every unit.
    beyond : bool
        Whether the smallest number itself is left out.

    Examples
    --------
    >>> share = short_form({"1": 1.0, "%": 0.01}, (0.0, 1.0), False)
    >>> [bool(re.search(share, text)) for text in ("0.4 1", "100 %", "150 %", "0.41", "2e1 %")]
    [True, True, False, False, True]
    """
    numbers: dict[str, list[str]] = {}
    for unit, factor in factors.items():
        low, high = (None if bound is None else bound / factor for bound in bounds)
        numbers.setdefault(_number(low, high, beyond), []).append(_unit(unit))
    parts = [rf"{number}({'|'.join(units)})" for number, units in numbers.items()]
    return rf"^\s*({'|'.join(parts)})\s*$"


def _unit(unit: str) -> str:
    """A unit, which needs a space before it if it begins like a number."""
    text = re.escape(unit).replace(r"\ ", " ").replace(r"\%", "%")
    return rf"\s+{text}" if unit[0].isdigit() else rf"\s*{text}"


def _number(low: float | None, high: float | None, beyond: bool) -> str:
    """Decimals from ``low`` to ``high``, and numbers with an exponent of a sign that may be."""
    sign = "[+-]?" if low is None or low < 0.0 else "[+]?"
    if low is None:
        return rf"{sign}({_either([_DECIMAL, _EXPONENT])})"
    if low < 0.0:
        under = [*_below(-low), *([] if beyond else _equal(-low))]
        inside = [rf"[+]?{_DECIMAL}", rf"-({_either(under)})", rf"{sign}{_EXPONENT}"]
        return rf"({_either(inside)})"
    if high is not None:
        inside = [*_below(high), *_equal(high)]
    elif not beyond:
        inside = [_DECIMAL]
    else:
        inside = list(_above(low))
    return rf"{sign}({_either([*inside, _EXPONENT])})"


def _either(patterns: Iterable[str]) -> str:
    return "|".join(patterns)


def _zeros(power: float) -> int:
    """Zeros of a power of ten."""
    zeros = round(math.log10(power))
    if abs(power - 10.0**zeros) > 1e-9 * power or zeros < 0:
        raise ValueError(f"{power} is no power of ten: digits do not tell what lies below")
    return zeros


def _below(power: float) -> list[str]:
    """Decimals below a power of ten."""
    zeros = _zeros(power)
    whole = rf"0*[0-9]{{1,{zeros}}}" if zeros else "0+"
    return [rf"{whole}(\.[0-9]*)?", r"\.[0-9]+"]


def _equal(power: float) -> list[str]:
    """The power of ten itself."""
    return [rf"0*1{'0' * _zeros(power)}(\.0*)?"]


def _above(bound: float) -> list[str]:
    """Decimals above zero, or above a power of ten."""
    some = "0*[1-9][0-9]*"
    if bound == 0.0:
        return [rf"{some}(\.[0-9]*)?", rf"0*\.{some}"]
    zeros = _zeros(bound)
    longer = [rf"[1-9][0-9]{{{zeros + 1},}}", rf"[2-9][0-9]{{{zeros}}}"]
    longer += [rf"1{'0' * n}[1-9][0-9]{{{zeros - n - 1}}}" for n in range(zeros)]
    return [rf"0*({_either(longer)})(\.[0-9]*)?", rf"0*1{'0' * zeros}\.{some}"]
