r"""Make raw figures balance, openly: least squares and entropy.

Published figures never balance. Three tools repair them, and each reports what it changed:

- :func:`least_squares` moves tonnes as little as their confidence allows until every balance
  holds. With measurements :math:`m_i` of standard deviation :math:`s_i` it solves

  .. math:: \min_x \sum_i ((x_i - m_i)/s_i)^2 \quad\text{subject to}\quad A x = b;

- :func:`ras` fills a trade matrix from row and column totals and a prior, by minimum
  cross-entropy;
- :func:`.reexports.origin_flows` turns recorded trade into trade by origin, so that a region that
  only passes a good on neither makes nor uses what it forwards.

References
----------
.. [1] R. Stone, D. Champernowne and J. Meade, "The precision of national income estimates",
   Review of Economic Studies 9 (1942), 111-125 (least squares under balances).
.. [2] M. Bacharach, *Biproportional Matrices and Input-Output Change*, Cambridge, 1970 (RAS).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pricing.errors import Fault, InputError

Array = NDArray[np.float64]

TOLERANCE = 1e-10
"""Largest relative violation of a balance that is accepted [1]."""


@dataclass(frozen=True)
class Measurement:
    """What one source, or several taken together, says about one item."""

    item: str
    """Name of the quantity."""
    value: float
    """What was read or derived [t]."""
    deviation: float
    """Standard deviation; zero holds the value [t]."""
    why: str = ""
    """Where the value comes from and why it deserves this confidence."""
    rows: tuple[str, ...] = ()
    """Ids of the raw rows behind it."""


@dataclass(frozen=True)
class Balance:
    """A linear law: the sum of ``terms`` equals ``constant``."""

    name: str
    """What balances, for the error message."""
    terms: Mapping[str, float]
    """Item -> coefficient."""
    constant: float = 0.0
    """Right-hand side [t]."""


@dataclass(frozen=True)
class Adjustment:
    """One figure before and after."""

    item: str
    """Name of the quantity."""
    before: float
    """Measured or derived value (the precision-weighted mean of several)."""
    after: float
    """Value in the balanced base year."""
    unit: str
    """Unit of both."""
    why: str
    """Reason or rule."""

    @property
    def relative(self) -> float:
        """Relative change [1]; infinite from zero."""
        if self.before == 0.0:
            return 0.0 if self.after == 0.0 else float("inf")
        return self.after / self.before - 1.0


@dataclass(frozen=True)
class Reconciled:
    """Balanced values and what was changed."""

    values: dict[str, float]
    """Item -> balanced value [t]."""
    adjustments: tuple[Adjustment, ...]
    """One for each item, in the order of the measurements."""
    penalty: float
    """Sum of squared changes in standard deviations [1]."""
    worst: str = ""
    """Item that moved most, in standard deviations."""


def least_squares(measurements: Sequence[Measurement], balances: Sequence[Balance]) -> Reconciled:
    """Smallest change, weighted by confidence, that makes every balance hold.

    Parameters
    ----------
    measurements : sequence of Measurement
        At least one for each item. Several for one item are pooled by precision; a held one
        (deviation zero) overrides the others, and the last of several held ones those before it.
    balances : sequence of Balance
        Linear laws between the items.

    Raises
    ------
    InputError
        If a balance names an item without a measurement, if the held values contradict the
        balances, or if a quantity would become negative.

    Examples
    --------
    >>> found = least_squares(
    ...     [Measurement("a", 10.0, 1.0), Measurement("b", 20.0, 2.0)],
    ...     [Balance("sum", {"a": 1.0, "b": 1.0}, 35.0)],
    ... )
    >>> [round(found.values[item], 12) for item in "ab"]
    [11.0, 24.0]
    """
    items, mean, spread, why = _pooled(measurements)
    matrix, constant = _matrix(items, balances)
    scaled = matrix * spread
    norm = np.maximum(np.abs(matrix) @ np.maximum(np.abs(mean), 1e-12), 1e-300)
    value = mean.copy()
    for _ in range(3):  # the second and third round only remove rounding errors
        gap = (constant - matrix @ value) / norm
        step = np.linalg.lstsq(scaled / norm[:, None], gap, rcond=1e-12)[0]
        value = value + spread * step
    _check(items, value, matrix, constant, balances)
    moved = np.divide(value - mean, spread, out=np.zeros_like(value), where=spread > 0.0)
    changes = tuple(
        Adjustment(item, float(old), float(new), "t", why[item])
        for item, old, new in zip(items, mean, value, strict=True)
    )
    worst = items[int(np.argmax(np.abs(moved)))] if items else ""
    values = dict(zip(items, map(float, value), strict=True))
    return Reconciled(values, changes, float(moved @ moved), worst)


def _pooled(
    measurements: Sequence[Measurement],
) -> tuple[list[str], Array, Array, dict[str, str]]:
    """Precision-weighted mean and deviation of every item."""
    grouped: dict[str, list[Measurement]] = {}
    for measurement in measurements:
        grouped.setdefault(measurement.item, []).append(measurement)
    mean, spread = [], []
    for group in grouped.values():
        held = [m for m in group if m.deviation <= 0.0]
        precision = np.array([1.0 / m.deviation**2 for m in group]) if not held else np.ones(1)
        values = np.array([m.value for m in (held[-1:] or group)])
        mean.append(float(precision @ values / precision.sum()))
        spread.append(0.0 if held else float(precision.sum() ** -0.5))
    why = {item: "; ".join(m.why for m in group if m.why) for item, group in grouped.items()}
    return list(grouped), np.array(mean), np.array(spread), why


def _matrix(items: list[str], balances: Sequence[Balance]) -> tuple[Array, Array]:
    """Coefficients and right-hand sides of the balances."""
    place = {item: n for n, item in enumerate(items)}
    matrix = np.zeros((len(balances), len(items)))
    faults = []
    for row, balance in enumerate(balances):
        for item, coefficient in balance.terms.items():
            if item in place:
                matrix[row, place[item]] = coefficient
            else:
                faults.append(
                    Fault(
                        f"balance '{balance.name}' needs '{item}', which has no measurement",
                        remedy="Add a measurement, with a large deviation if little is known",
                    )
                )
    if faults:
        raise InputError(faults)
    return matrix, np.array([balance.constant for balance in balances], dtype=float)


def _check(
    items: list[str], value: Array, matrix: Array, constant: Array, balances: Sequence[Balance]
) -> None:
    """Refuse what does not balance or is negative."""
    size = np.maximum(np.abs(matrix) @ np.abs(value), 1e-300)
    gap = (matrix @ value - constant) / size
    faults = [
        Fault(
            f"balance '{balances[n].name}' cannot hold: {gap[n]:+.2%} of its size is left",
            remedy="Give one of the held values a deviation",
        )
        for n in map(int, np.flatnonzero(np.abs(gap) > TOLERANCE))
    ]
    faults += [
        Fault(
            f"'{items[n]}' would become {value[n]:.6g}",
            remedy="Give a smaller deviation to it, or a larger one to its neighbours",
        )
        for n in map(int, np.flatnonzero(value < 0.0))
    ]
    if faults:
        raise InputError(faults)


def ras(prior: Array, rows: Array, columns: Array, name: str = "trade") -> Array:
    """Matrix with given totals that is nearest to a prior in cross-entropy.

    Parameters
    ----------
    prior : (R, C) array
        Relative weights, zero where nothing can flow [1].
    rows, columns : (R,), (C,) arrays
        Totals; their sums must agree to 1e-9 [t].
    name : str
        What is traded, for the error message.

    Returns
    -------
    (R, C) array
        ``u[i] prior[i, j] v[j]`` with these totals [t].

    Raises
    ------
    InputError
        If the totals differ, or cannot be met on the routes that the prior leaves open.

    Examples
    --------
    >>> ras(np.ones((2, 2)), np.array([3.0, 1.0]), np.array([2.0, 2.0])).round(12).tolist()
    [[1.5, 1.5], [0.5, 0.5]]
    """
    total = float(columns.sum())
    agree = np.isclose(rows.sum(), total, rtol=1e-9, atol=0.0)
    if not agree or min(rows.min(initial=0.0), columns.min(initial=0.0)) < 0.0:
        text = f"{name}: supply {rows.sum():.6g} t and use {total:.6g} t must agree, none negative"
        raise InputError([Fault(text, remedy="Balance the totals first")])
    target = rows * (total / rows.sum()) if total > 0.0 else rows
    flow = prior * (target[:, None] > 0.0) * (columns[None, :] > 0.0)
    for _ in range(20_000):
        flow = flow * ratio(columns, flow.sum(axis=0))[None, :]
        flow = flow * ratio(target, flow.sum(axis=1))[:, None]
        gap = np.abs(flow.sum(axis=0) - columns)
        if gap.max(initial=0.0) <= 4e-15 * max(total, 1e-300):
            break
    missed = [f"column {n}" for n in np.flatnonzero(gap > TOLERANCE * np.maximum(columns, 1e-300))]
    missed += [f"row {n}" for n in np.flatnonzero((target > 0.0) & (flow.sum(axis=1) == 0.0))]
    if missed:
        text = f"{name}: the totals cannot be met on the open routes ({', '.join(missed)})"
        raise InputError([Fault(text, remedy="Open a route in the prior or change the totals")])
    return np.asarray(flow)


def ratio(wanted: Array, found: Array) -> Array:
    """``wanted / found``, and zero where nothing is found."""
    return np.divide(wanted, found, out=np.zeros_like(wanted), where=found > 0.0)


def largest(adjustments: Iterable[Adjustment], count: int = 10) -> list[Adjustment]:
    """The adjustments with the largest absolute change, biggest first."""
    return sorted(adjustments, key=lambda one: -abs(one.after - one.before))[:count]
