"""What an indicator is, in one solution and beside its base."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray


@dataclass(frozen=True)
class Key:
    """What an indicator is about."""

    name: str
    """Name of the indicator."""
    good: str = ""
    """Good; empty for all or none."""
    region: str = ""
    """Region, zone or ``world``."""
    detail: str = ""
    """Upstream good, or instrument with its policy; empty for none."""


@dataclass(frozen=True)
class Column:
    """One indicator in every scenario (N)."""

    key: Key
    """What it is about."""
    unit: str
    """``USD/t``, ``t``, ``USD`` or ``1``."""
    value: Array
    """(N or 1,) in ``unit``; NaN where there is no number."""
    base: Array
    """(N or 1,) value in the base; zero for changes; NaN where it means nothing."""
    partner: IntArray | None = None
    """(N,) region that ``value`` is about (top supplier); -1 for none."""
    listed: BoolArray | None = None
    """(N,) scenarios whose list has it, with or without a number; None for where it has a number,
    there or in the base."""
    quiet: bool = False
    """Whether zeros are left out of the list."""

    @property
    def stated(self) -> BoolArray:
        """(N or 1,) scenarios whose list of indicators has it."""
        if self.listed is not None:
            return self.listed
        if self.quiet:
            sides = (np.nan_to_num(side) != 0.0 for side in (self.value, self.base))
            return np.asarray(np.logical_or(*sides))
        return np.asarray(~(np.isnan(self.value) & np.isnan(self.base)))


@dataclass(frozen=True)
class Entry:
    """One number in every scenario of a solution."""

    value: Array
    """(N,) NaN where it does not apply."""
    unit: str
    """``USD/t``, ``t``, ``USD`` or ``1``."""
    partner: IntArray | None = None
    """(N,) region that it is about."""
    quiet: bool = False
    """Whether zeros are left out of the list of one scenario."""


Entries = dict[Key, Entry]
NOTHING = np.full(1, np.nan)


def where(here: Array | BoolArray, value: Array) -> Array:
    """The value where it means something, NaN elsewhere."""
    return np.asarray(np.where(here, value, np.nan))


def share_of(part: Array, whole: Array) -> Array:
    """Part of a whole, NaN where there is none."""
    return where(whole > 0.0, part / np.where(whole > 0.0, whole, 1.0))
