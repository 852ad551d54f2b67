"""Numbers in words for reports: short, aligned, never with false digits."""

from __future__ import annotations

import textwrap

WIDTH = 80
"""Widest line of a text report [characters]."""
NONE = "-"
"""Stands where nothing is defined."""


def per_kg(value: float | None) -> str:
    """Price in USD/kg from USD/t; three decimals below one, where tenths would say nothing.

    Examples
    --------
    >>> per_kg(54706.4), per_kg(123.4), per_kg(None)
    ('54.7', '0.123', '-')
    """
    return NONE if value is None else _plain(value / 1000.0, 1 if abs(value) >= 1000.0 else 3)


def cents(value: float | None) -> str:
    """Price in USD/kg from USD/t to the cent, so that sums can be followed.

    Examples
    --------
    >>> cents(54706.4), cents(-1e-9)
    ('54.71', '0.00')
    """
    return NONE if value is None else _plain(value / 1000.0, 2 if abs(value) >= 100.0 else 4)


def tonnes(value: float | None) -> str:
    """Volume in t; one decimal below 100 t.

    Examples
    --------
    >>> tonnes(246475.4), tonnes(12.34)
    ('246,475', '12.3')
    """
    return NONE if value is None else _plain(value, 0 if abs(value) >= 100.0 else 1)


def tonnes_short(value: float | None) -> str:
    """Volume in t for a narrow column; in thousands from a million on.

    Examples
    --------
    >>> tonnes_short(246475.4), tonnes_short(3861000.0)
    ('246,475', '3,861k')
    """
    large = value is not None and abs(value) >= 1e6
    return f"{_plain(value / 1e3, 0)}k" if large and value is not None else tonnes(value)


def million(value: float | None) -> str:
    """Signed sum in million USD; four decimals for small ones, down to hundreds of USD.

    Examples
    --------
    >>> million(428897711.2), million(-37298.0), million(-4.0)
    ('+428.9', '-0.0373', '0.0')
    """
    if value is None:
        return NONE
    small = 50.0 <= abs(value) < 50_000.0
    return _signed(value / 1e6, 4 if small else 1)


def signed_kg(value: float | None) -> str:
    """Signed price difference in USD/kg from USD/t."""
    return NONE if value is None else _signed(value / 1000.0, 2 if abs(value) < 1e6 else 0)


def percent(value: float | None) -> str:
    """Signed share in per cent.

    Examples
    --------
    >>> percent(0.0392), percent(-1e-9)
    ('+3.9 %', '0.0 %')
    """
    return NONE if value is None else f"{_signed(100.0 * value, 1 if abs(value) < 10.0 else 0)} %"


def change(before: float | None, after: float | None) -> str:
    """Relative change in per cent; ``new`` where there was nothing before."""
    if before is None or after is None or (before == 0.0 and after == 0.0):
        return NONE
    if before == 0.0:
        return "new"
    return percent(after / before - 1.0)


def step(before: str, after: str, width: int = 8) -> str:
    """``before -> after``, right-aligned; one mark where there is neither."""
    pair = f"{before:>{width}} -> {after:>{width - 1}}"
    nothing = before == after and before in (NONE, "0.0")
    return f"{NONE:>{len(pair)}}" if nothing else pair


def row_of(name: str, width: int, cells: str) -> list[str]:
    """A row of a table; a name that is wider than its column has a line of its own.

    Examples
    --------
    >>> row_of("oxide", 8, "1.0"), row_of("separation", 8, "1.0")
    (['oxide   1.0'], ['separation', '        1.0'])
    """
    if len(name) < width:
        return [f"{name:<{width}}{cells}"]
    return [name, f"{'':<{width}}{cells}"]


def wrap(text: str, indent: str = "", first: str | None = None) -> list[str]:
    """Lines of at most :data:`WIDTH` characters."""
    start = indent if first is None else first
    return textwrap.wrap(
        text, WIDTH, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False
    )


def _plain(value: float, digits: int) -> str:
    text = f"{value:,.{digits}f}"
    return f"{0.0:.{min(digits, 2)}f}" if float(text.replace(",", "")) == 0.0 else text


def _signed(value: float, digits: int) -> str:
    text = f"{value:+,.{digits}f}"
    return text[1:] if float(text.replace(",", "")) == 0.0 else text
