r"""Supply and demand curves, their slopes, and the areas beside them.

Every function works elementwise on arrays whose last axis is the process or the demand; a leading
scenario axis broadcasts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SATIATION = 0.05
"""Isoelastic demand is constant below this share of the benchmark price [1]."""


@dataclass(frozen=True)
class Law:
    """Curves as coefficients: ``height (v / at)^power`` where curved, else ``constant + slope v``.

    They are read between ``lowest`` and ``highest``; a straight line is never below ``least``. All
    arrays have the curve as last axis.
    """

    curved: BoolArray
    at: Array
    height: Array
    power: Array
    constant: Array
    slope: Array
    lowest: Array
    highest: Array
    least: Array

    def scaled(self, argument: Array, value: Array) -> Law:
        """The same with arguments and values in other units: how large one of these is."""
        return Law(
            curved=self.curved,
            at=self.at / argument,
            height=self.height / value,
            power=self.power,
            constant=self.constant / value,
            slope=self.slope * argument / value,
            lowest=self.lowest / argument,
            highest=self.highest / argument,
            least=self.least / value,
        )


@dataclass(frozen=True)
class SupplyCurves:
    """Marginal-cost curves: ``v0 (x/x0)^(1/eta)`` where isoelastic, else ``intercept + slope x``.

    All arrays have the process as last axis.
    """

    isoelastic: BoolArray
    """Which form holds."""
    level: Array
    """``x0``: level at which an isoelastic curve passes ``cost`` [t]."""
    cost: Array
    """``v0``: marginal cost at ``level`` [USD/t]."""
    elasticity: Array
    """``eta`` [1]."""
    intercept: Array
    """Marginal cost of the first tonne of a straight line [USD/t]."""
    slope: Array
    """Slope of a straight line [USD/t per t]."""

    @cached_property
    def _curved(self) -> bool:
        """Every curve is isoelastic, as in most chains."""
        return bool(self.isoelastic.all())

    @cached_property
    def _power(self) -> Array:
        """Power of the level in marginal cost [1]."""
        return 1.0 / self.elasticity

    @cached_property
    def _steepness(self) -> Array:
        """Slope of an isoelastic curve at ``level`` [USD/t per t]."""
        return self.cost / (self.elasticity * self.level)

    @cached_property
    def steep(self) -> BoolArray:
        """Curves with an elasticity below one."""
        return self.elasticity < 1.0

    @property
    def law(self) -> Law:
        """Marginal cost [USD/t] in the level [t] as coefficients."""
        nothing = np.zeros(self.cost.shape)
        return Law(
            curved=self.isoelastic,
            at=self.level,
            height=self.cost,
            power=self._power,
            constant=self.intercept,
            slope=self.slope,
            lowest=np.where(self.isoelastic, 0.0, -np.inf),
            highest=nothing + np.inf,
            least=nothing - np.inf,
        )

    def marginal_cost(self, level: Array) -> Array:
        """Marginal cost [USD/t] at a level [t]."""
        ratio = np.maximum(level, 0.0) / self.level
        with np.errstate(over="ignore"):
            curved = self.cost * ratio**self._power
        if self._curved:
            return curved
        return np.where(self.isoelastic, curved, self.intercept + self.slope * level)

    def marginal_cost_slope(self, level: Array) -> Array:
        """Slope of marginal cost [USD/t per t]."""
        ratio = np.maximum(level, 1e-300) / self.level
        with np.errstate(over="ignore"):
            curved = self._steepness * ratio ** (self._power - 1.0)
        if self._curved:
            return curved
        return np.where(self.isoelastic, curved, self.slope)

    def supplied(self, margin: Array) -> Array:
        """Level [t] at which marginal cost equals a margin [USD/t]; zero below the first tonne."""
        ratio = np.maximum(margin, 0.0) / self.cost
        with np.errstate(over="ignore"):
            curved = self.level * ratio**self.elasticity
        if self._curved:
            return curved
        slope = np.where(self.slope > 0.0, self.slope, 1.0)
        line = np.where(self.slope > 0.0, (margin - self.intercept) / slope, np.inf)
        return np.where(self.isoelastic, curved, np.maximum(line, 0.0))

    def supplied_slope(self, margin: Array) -> Array:
        """Slope of :meth:`supplied` in the margin [t per USD/t]."""
        ratio = np.maximum(margin, 1e-300) / self.cost
        with np.errstate(over="ignore"):
            curved = self.level * self.elasticity / self.cost * ratio ** (self.elasticity - 1.0)
        if self._curved:
            return curved
        line = np.where(self.slope > 0.0, 1.0 / np.where(self.slope > 0.0, self.slope, 1.0), 0.0)
        return np.where(self.isoelastic, curved, line)

    def variable_cost(self, level: Array) -> Array:
        """Integral of marginal cost from zero to a level [USD]."""
        ratio = np.maximum(level, 0.0) / self.level
        power = 1.0 + 1.0 / self.elasticity
        curved = self.cost * self.level * ratio**power / power
        line = self.intercept * level + 0.5 * self.slope * level**2
        return np.where(self.isoelastic, curved, line)

    def capital_cost(self, level: Array) -> Array:
        """Nothing: capacity is fixed, what it cost is sunk [USD]."""
        return np.zeros_like(level)

    def quasi_rent(self, margin: Array) -> Array:
        """Integral of :meth:`supplied` over the margin from nothing to ``margin`` [USD].

        An isoelastic curve starts at a margin of zero, a straight line at its intercept.
        """
        positive = np.maximum(margin, 0.0)
        curved = self.cost * self.level * (positive / self.cost) ** (1.0 + self.elasticity)
        curved = curved / (1.0 + self.elasticity)
        above = np.maximum(margin - self.intercept, 0.0)
        slope = np.where(self.slope > 0.0, self.slope, 1.0)
        return np.where(self.isoelastic, curved, 0.5 * above**2 / slope)


@dataclass(frozen=True)
class DemandCurves:
    """Demand curves: ``D0 (P/P0)^(-eps)`` where isoelastic, else a straight line.

    All arrays have the demand as last axis.
    """

    isoelastic: BoolArray
    """Which form holds."""
    quantity: Array
    """``D0``: quantity bought at ``price`` [t]."""
    price: Array
    """``P0`` [USD/t]."""
    elasticity: Array
    """``eps``, in absolute value, at ``price`` [1]."""
    choke: Array
    """Price above which nothing is bought; ``inf`` where there is none [USD/t]."""

    @cached_property
    def _curved(self) -> bool:
        """Every curve is isoelastic, as in most chains."""
        return bool(self.isoelastic.all())

    @cached_property
    def _range(self) -> tuple[Array, Array]:
        """Satiation and choke, between which a curve is read [USD/t]."""
        floor = np.where(self.isoelastic, SATIATION * self.price, 0.0)
        return floor, np.maximum(self.choke, floor)

    @cached_property
    def end(self) -> Array:
        """Price from which on nothing is bought, at other prices of the curve's point [USD/t].

        The choke, or where a straight line meets the axis; ``inf`` where there is neither.
        """
        with np.errstate(divide="ignore"):
            axis = np.where(self.isoelastic, np.inf, self.price * (1.0 + 1.0 / self.elasticity))
        return np.minimum(self.choke, axis)

    @cached_property
    def _steepness(self) -> Array:
        """Slope of an isoelastic curve at ``price`` [t per USD/t]."""
        return -self.elasticity * self.quantity / self.price

    @property
    def law(self) -> Law:
        """Demand [t] in the price [USD/t] as coefficients, where no other price moves it."""
        floor, top = self._range
        return Law(
            curved=self.isoelastic,
            at=self.price,
            height=self.quantity,
            power=-self.elasticity,
            constant=self.quantity * (1.0 + self.elasticity),
            slope=-self.elasticity * self.quantity / self.price,
            lowest=floor,
            highest=top,
            least=np.zeros(self.price.shape),
        )

    def _at(self, price: Array) -> Array:
        """Price at which the curve is read: not above the choke, not below satiation."""
        floor, top = self._range
        return np.minimum(np.maximum(price, floor), top)

    def demanded(self, price: Array, shift: Array | float = 1.0) -> Array:
        """Quantity [t] at a price [USD/t]; above the choke, the quantity at the choke.

        ``shift`` is what other prices make of the quantity at ``P0``, as a share of ``D0`` [1]:
        it multiplies an isoelastic curve and moves a straight line in parallel.
        """
        ratio = self._at(price) / self.price
        if self._curved:
            return np.asarray(self.quantity * shift * ratio ** (-self.elasticity))
        curved = self.quantity * shift * np.where(self.isoelastic, ratio, 1.0) ** (-self.elasticity)
        line = self.quantity * np.maximum(shift + self.elasticity * (1.0 - ratio), 0.0)
        return np.where(self.isoelastic, curved, line)

    def line(self, price: Array, shift: Array | float = 1.0) -> Array:
        """Tonnes on a straight line [t] at a price [USD/t], also below zero and above the choke."""
        return self.quantity * (shift + self.elasticity * (1.0 - price / self.price))

    def demanded_slope(self, price: Array, shift: Array | float = 1.0) -> Array:
        """Slope of :meth:`demanded` in the good's own price [t per USD/t]."""
        read = self._at(price)
        ratio = read / self.price
        inside = read == price
        curved = self._steepness * shift
        if self._curved:
            return np.asarray(curved * ratio ** (-self.elasticity - 1.0) * inside)
        curved = curved * np.where(self.isoelastic, ratio, 1.0) ** (-self.elasticity - 1.0)
        line = np.where(
            shift + self.elasticity * (1.0 - ratio) > 0.0,
            -self.elasticity * self.quantity / self.price,
            0.0,
        )
        return np.where(inside, np.where(self.isoelastic, curved, line), 0.0)

    def surplus_change(self, price: Array, base: Array, shift: Array | float = 1.0) -> Array:
        """Change in consumer surplus when the price moves from ``base`` to ``price`` [USD].

        The exact integral of demand over the price, stopping at the choke, with other prices held
        (``shift`` as in :meth:`demanded`).
        """
        return self._area(base, shift) - self._area(price, shift)

    def _area(self, price: Array, shift: Array | float) -> Array:
        """Integral of demand over price from ``P0`` to ``price`` [USD], choke as upper end."""
        stop = np.minimum(price, self.choke)
        read = self._at(stop)
        ratio = read / self.price
        e = self.elasticity
        near_one = np.abs(1.0 - e) < 1e-12
        power = np.where(near_one, 1.0, 1.0 - e)
        safe = np.where(self.isoelastic, ratio, 1.0)
        curved = np.where(near_one, np.log(safe), (safe**power - 1.0) / power)
        end = np.minimum(ratio, 1.0 + shift / np.maximum(e, 1e-300))
        line = (shift + e) * (end - 1.0) - 0.5 * e * (end**2 - 1.0)
        area = self.quantity * self.price * np.where(self.isoelastic, shift * curved, line)
        return area + self.demanded(read, shift) * np.minimum(stop - read, 0.0)

    def benefit(self, quantity: Array, shift: Array | float = 1.0) -> Array:
        """Integral of inverse demand from the quantity at ``P0`` to ``quantity`` [USD].

        A second route to :meth:`surplus_change`: integrated over quantity, not over price.
        Quantities below demand at the choke are worth the choke price; ``shift`` is as in
        :meth:`demanded`.
        """
        e = np.maximum(self.elasticity, 1e-300)
        at_choke = self.demanded(np.where(np.isfinite(self.choke), self.choke, self.price), shift)
        at_choke = np.where(np.isfinite(self.choke), at_choke, 0.0)
        inner = np.maximum(quantity, at_choke)
        share = np.where(
            self.quantity > 0.0, inner / np.where(self.quantity > 0.0, self.quantity, 1.0), shift
        )
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            ratio = share / np.where(self.isoelastic, shift, 1.0)
            inverse = 1.0 - 1.0 / e
            curved = shift * np.where(
                np.abs(inverse) < 1e-12, np.log(ratio), (ratio**inverse - 1.0) / inverse
            )
        line = (share - shift) * (1.0 + shift / e) - 0.5 / e * (share**2 - shift**2)
        inside = self.quantity * self.price * np.where(self.isoelastic, curved, line)
        rationed = np.where(np.isfinite(self.choke), self.choke, 0.0) * np.minimum(
            quantity - at_choke, 0.0
        )
        return np.asarray(inside + rationed)
