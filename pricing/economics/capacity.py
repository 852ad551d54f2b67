r"""Supply where capacity adjusts: the long run.

A plant of capacity ``k`` (1 in the base year) has the costs of the base-year plant, stretched:
``C(x, k) = k C(x / k)``. One more unit of it earns the quasi-rent ``V = -dC/dk``, the rent of full
capacity included, and costs the annuity ``A k^(1/kappa)``, of which grants pay a share ``g``:

.. math:: 0 \le k \perp (1 - g) A k^{1/\kappa} - V \ge 0.

Level and capacity together follow from the margin alone, so capacity leaves the system. What is
left is a supply curve of up to three pieces, each a power of the level (:mod:`.pieces`): at the
must-run level, inside, and full. With constant returns (``kappa`` infinite) it is flat
where ``V`` pays the annuity.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pricing.economics.curves import Array, BoolArray, SupplyCurves
from pricing.economics.pieces import Pieces, pieces_of

IntArray = NDArray[np.intp]


def annuity_factor(rate: float, years: float) -> float:
    """Yearly payment over ``years`` that repays a sum of one at an interest ``rate`` [1/yr].

    >>> round(annuity_factor(0.08, 20.0), 6), annuity_factor(0.0, 20.0)
    (0.101852, 0.05)
    """
    return float(rate / -np.expm1(-years * np.log1p(rate))) if rate > 0.0 else 1.0 / years


class Supply(Protocol):
    """What the equilibrium and the accounts read of supply curves; the last axis is the process."""

    @property
    def isoelastic(self) -> BoolArray:
        """Curves along which supply at a margin may stand for marginal cost at a level."""

    @property
    def elasticity(self) -> Array:
        """Smallest elasticity along such a curve [1]."""

    @property
    def steep(self) -> BoolArray:
        """Curves with an elasticity below one somewhere."""

    @property
    def cost(self) -> Array:
        """A positive margin on such a curve [USD/t]."""

    def marginal_cost(self, level: Array) -> Array:
        """Margin at which a level [t] is supplied [USD/t]."""

    def marginal_cost_slope(self, level: Array) -> Array:
        """Slope of :meth:`marginal_cost` [USD/t per t]."""

    def supplied(self, margin: Array) -> Array:
        """Level at a margin [t]."""

    def supplied_slope(self, margin: Array) -> Array:
        """Slope of :meth:`supplied` [t per USD/t]."""

    def variable_cost(self, level: Array) -> Array:
        """Cost of conversion, capital apart [USD]."""

    def capital_cost(self, level: Array) -> Array:
        """Annuities of all capacity that adjusts, whoever pays them [USD]."""

    def quasi_rent(self, margin: Array) -> Array:
        """Integral of supply over the margin [USD]."""


def plant_rent(supply: Supply, margin: Array, low: Array, high: Array) -> Array:
    """Quasi-rent of plants that run between two levels [USD].

    The integral of supply over the margin; beyond the highest level the margin earns the rent of
    full capacity, below the lowest it makes a loss.
    """
    bounded = np.isfinite(high)
    top = np.where(bounded, high, 0.0)
    first = supply.marginal_cost(low)
    last = np.where(bounded, supply.marginal_cost(top), np.inf)
    inside = supply.quasi_rent(np.clip(margin, first, last))
    rent, loss = np.maximum(margin - last, 0.0) * top, np.maximum(first - margin, 0.0) * low
    return np.asarray(inside + rent - loss)


@dataclass(frozen=True)
class LongRunSupply:
    """Supply of plants some of which adjust their capacity; the others are as in the short run.

    Of a plant that adjusts, marginal cost is that of level and capacity together, as its owner
    pays it. The last axis of all arrays is the process.
    """

    plant: SupplyCurves
    """(K,) curves at base-year capacity."""
    low: Array
    """(K,) lowest level at base-year capacity [t]."""
    high: Array
    """(K,) highest level at base-year capacity; ``inf`` for none [t]."""
    annuity: Array
    """(K,) ``A``: what base-year capacity costs a year at the margin [USD]."""
    response: Array
    """(K,) ``kappa``: elasticity of capacity in what it earns; 0 fixed, ``inf`` constant returns
    [1]."""
    most: Array
    """(K,) largest capacity as a multiple of the base year's, with constant returns; ``inf`` for
    none [1]."""
    stated: Array
    """(K,) annuity of base-year capacity as the chain states it; NaN where it does not [USD]."""
    kept: Array
    """(N or 1, K) share of the annuity that owners pay: one less grants [1]."""

    @property
    def adjusts(self) -> BoolArray:
        """(K,) plants whose capacity adjusts."""
        return self.response > 0.0

    @property
    def bounds(self) -> tuple[Array, Array]:
        """(K,) lowest and highest levels, whatever the capacity [t]."""
        limited = np.isfinite(self.most) | ~self.adjusts
        high = np.where(np.isfinite(self.most), self.most, 1.0) * self.high
        return np.where(self.adjusts, 0.0, self.low), np.where(limited, high, np.inf)

    def granted(self, share: Array) -> LongRunSupply:
        """The same with a share (N or 1, K) of every annuity paid by others."""
        return replace(self, kept=1.0 - share)

    @property
    def isoelastic(self) -> BoolArray:
        """(K,) curves that are powers of the margin, piece by piece."""
        return np.where(self.adjusts, np.isfinite(self.response), self.plant.isoelastic)

    @property
    def elasticity(self) -> Array:
        """(K,) smallest elasticity along such a curve [1]."""
        kappa = np.where(np.isfinite(self.response), self.response, 0.0)
        power = np.where(self.plant.isoelastic, self.plant.elasticity, 1.0)
        inside = power + kappa * (1.0 + power)
        ends = self.adjusts & (np.isfinite(self.high) | (self.low > 0.0))
        return np.where(ends, np.minimum(kappa, inside), inside)

    @property
    def steep(self) -> BoolArray:
        """(K,) curves with an elasticity below one somewhere."""
        return self.elasticity < 1.0

    @property
    def cost(self) -> Array:
        """(K,) a positive margin [USD/t]."""
        return self.plant.cost

    def marginal_cost(self, level: Array) -> Array:
        """Marginal cost of level and capacity together [USD/t] at a level [t]."""
        at = self._moving(np.maximum(level, 0.0))
        with np.errstate(over="ignore"):
            base, rise, unit, inverse, *_ = self._pieces.at_level(at)
            moved = base + rise * (at / unit) ** inverse
        return self._put(self.plant.marginal_cost(level), moved)

    def marginal_cost_slope(self, level: Array) -> Array:
        """Slope of :meth:`marginal_cost` [USD/t per t]."""
        at = self._moving(np.maximum(level, 1e-300))
        with np.errstate(over="ignore"):
            _, rise, unit, inverse, *_ = self._pieces.at_level(at)
            moved = rise * inverse / unit * (at / unit) ** (inverse - 1.0)
        return self._put(self.plant.marginal_cost_slope(level), moved)

    def supplied(self, margin: Array) -> Array:
        """Level [t] at a margin [USD/t]; zero along a flat piece."""
        at = self._moving(margin)
        with np.errstate(over="ignore"):
            base, rise, unit, inverse, *_ = self._pieces.at_margin(at)
            power = 1.0 / np.where(inverse > 0.0, inverse, 1.0)
            moved = unit * (np.maximum(at - base, 0.0) / rise) ** power
        return self._put(self.plant.supplied(margin), np.where(inverse > 0.0, moved, 0.0))

    def supplied_slope(self, margin: Array) -> Array:
        """Slope of :meth:`supplied` [t per USD/t]."""
        at = self._moving(margin)
        with np.errstate(over="ignore"):
            base, rise, unit, inverse, *_ = self._pieces.at_margin(at)
            power = 1.0 / np.where(inverse > 0.0, inverse, 1.0)
            ratio = np.maximum(at - base, 1e-300) / rise
            moved = unit * power / rise * ratio ** (power - 1.0)
        return self._put(self.plant.supplied_slope(margin), np.where(inverse > 0.0, moved, 0.0))

    def quasi_rent(self, margin: Array) -> Array:
        """Integral of supply over the margin [USD]: net of what owners pay for capacity."""
        moved = self._pieces.areas(self._moving(margin))
        return self._put(self.plant.quasi_rent(margin), moved)

    def capacity(self, level: Array) -> Array:
        """Capacity ``k`` at a level, as a multiple of the base year's [1]."""
        at = self._moving(np.maximum(level, 0.0))
        _, _, unit, _, stretch, scale = self._pieces.at_level(at)
        return self._put(np.ones_like(level), scale * (at / unit) ** stretch)

    def variable_cost(self, level: Array) -> Array:
        """Cost of conversion ``k C(x / k)``, capital apart [USD]."""
        k = self.capacity(level)
        used = k > 0.0
        cost = self.plant.variable_cost(level / np.where(used, k, 1.0))
        return np.where(used, k * cost, 0.0)

    def capital_cost(self, level: Array) -> Array:
        """Annuities of all capacity that adjusts, whoever pays them [USD].

        The integral of ``A k^(1/kappa)`` over capacity. Capacity that is fixed is sunk.
        """
        inverse = 1.0 / np.where(self.adjusts, self.response, 1.0)
        total = self.annuity * self.capacity(level) ** (1.0 + inverse) / (1.0 + inverse)
        return np.where(self.adjusts, total, 0.0)

    @cached_property
    def _where(self) -> IntArray:
        return np.flatnonzero(self.adjusts)

    def _moving(self, values: Array) -> Array:
        """Values of the plants that adjust, with a scenario axis."""
        return np.atleast_2d(values[..., self._where])

    def _put(self, values: Array, moved: Array) -> Array:
        """Values with those of the plants that adjust replaced."""
        shape = (*np.broadcast_shapes(values.shape[:-1], moved.shape[:-1]), values.shape[-1])
        if values.ndim == 1 and shape[0] == 1:
            shape, moved = values.shape, moved[0]
        whole = np.array(np.broadcast_to(values, shape))
        whole[..., self._where] = moved
        return whole

    @cached_property
    def _pieces(self) -> Pieces:
        some = self._where
        chosen = {f.name: getattr(self.plant, f.name)[some] for f in fields(self.plant)}
        return pieces_of(
            SupplyCurves(**chosen),
            (self.low[some], self.high[some]),
            self.annuity[some] * self.kept[:, some],
            self.response[some],
            self.most[some],
        )
