"""Curves of powers: what a plant supplies once its capacity has adjusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.economics.curves import Array, SupplyCurves


@dataclass(frozen=True)
class Pieces:
    """Long-run curves of plants that adjust: ``margin = base + rise (x / unit)^inverse``.

    Arrays are (3, N or 1, k): must-run, inside, full; of plants with constant returns: flat, then
    the curve of the largest capacity. Capacity is ``scale (x / unit)^stretch``.
    """

    base: Array
    rise: Array
    unit: Array
    inverse: Array
    stretch: Array
    scale: Array
    levels: Array
    """(2, N or 1, k) levels at which a piece ends [t]."""
    margins: Array
    """(2, N or 1, k) margins there [USD/t]."""

    def at_level(self, level: Array) -> list[Array]:
        """Base, rise, unit and so on of the pieces that hold at a level."""
        return self._chosen(1 * (level > self.levels[0]) + 1 * (level > self.levels[1]))

    def at_margin(self, margin: Array) -> list[Array]:
        """The same at a margin."""
        return self._chosen(1 * (margin > self.margins[0]) + 1 * (margin > self.margins[1]))

    def _chosen(self, piece: Array) -> list[Array]:
        tables = (self.base, self.rise, self.unit, self.inverse, self.stretch, self.scale)
        return [np.where(piece == 0, t[0], np.where(piece == 1, t[1], t[2])) for t in tables]

    def areas(self, margin: Array) -> Array:
        """Integral of supply over the margin; a flat piece adds nothing."""
        first, last = self.margins
        ends = np.minimum(margin, first), np.clip(margin, first, last), np.maximum(margin, last)
        total = np.zeros(np.broadcast_shapes(margin.shape, first.shape))
        for n, (start, end) in enumerate(
            ((self.base[0], ends[0]), (first, ends[1]), (last, ends[2]))
        ):
            used = (end > start) & (self.inverse[n] > 0.0)
            total = total + np.where(used, self._area(n, np.where(used, end, self.base[n])), 0.0)
            total = total - np.where(used, self._area(n, np.where(used, start, self.base[n])), 0.0)
        return total

    def _area(self, n: int, margin: Array) -> Array:
        """Integral of one piece from its base."""
        power = 1.0 / np.where(self.inverse[n] > 0.0, self.inverse[n], 1.0)
        ratio = np.maximum(margin - self.base[n], 0.0) / self.rise[n]
        found: Array = self.unit[n] * self.rise[n] / (1.0 + power) * ratio ** (1.0 + power)
        return found


def pieces_of(
    plant: SupplyCurves, ends: tuple[Array, Array], paid: Array, response: Array, most: Array
) -> Pieces:
    """Pieces of plants that pay ``paid`` (N or 1, k) a year for base-year capacity."""
    low, high = ends
    constant, bounded = np.isinf(response), np.isfinite(high)
    kappa = np.where(constant, 1.0, response)
    bottom, top = np.where(low > 0.0, low, 1.0), np.where(bounded, high, plant.level)
    first, last = plant.marginal_cost(low), plant.marginal_cost(top)
    rent_first, rent_last = plant.quasi_rent(first), plant.quasi_rent(last)
    curved = plant.isoelastic
    start, power = np.where(curved, 0.0, plant.intercept), np.where(curved, plant.elasticity, 1.0)
    # Inside, V is a power 1 + eta of the margin above its start: V = A holds at this rise.
    slope = np.where(plant.slope > 0.0, plant.slope, 1.0)
    rise = np.where(
        curved,
        plant.cost * (paid * (1.0 + power) / (plant.cost * plant.level)) ** (1.0 / (1.0 + power)),
        np.sqrt(2.0 * slope * paid),
    )
    level = np.where(curved, plant.level * (rise / plant.cost) ** power, rise / slope)
    idle, full = first - rent_first / bottom, last - rent_last / top
    at_low, at_high = (low > 0.0) & (paid < rent_first), bounded & (paid > rent_last)
    entry = np.where(
        at_high, full + paid / top, np.where(at_low, idle + paid / bottom, start + rise)
    )
    entry_level = np.where(at_high, high, np.where(at_low, low, level))
    whole = np.where(np.isfinite(most), most, 1.0)
    reach = power + kappa * (1.0 + power)
    none, one = np.zeros_like(paid), np.ones_like(paid)

    def of(constant_returns: tuple[Array, ...], rising: tuple[Array, ...]) -> Array:
        pairs = zip(constant_returns, rising, strict=True)
        return np.stack([np.broadcast_to(np.where(constant, c, r), paid.shape) for c, r in pairs])

    share = np.where(curved, plant.cost, slope), np.where(curved, plant.level, 1.0)
    return Pieces(
        base=of((none, start, start), (idle, start, full)),
        rise=of((entry, share[0], share[0]), (paid / bottom, rise, paid / top)),
        unit=of((entry_level, whole * share[1], whole * share[1]), (bottom, level, top)),
        inverse=of((none, 1.0 / power, 1.0 / power), (1.0 / kappa, 1.0 / reach, 1.0 / kappa)),
        stretch=of((one, none, none), (one, kappa * (1.0 + power) / reach, one)),
        scale=of((one, whole, whole), (one, one, one)),
        levels=of(
            (most * entry_level, np.inf * one),
            (
                np.where(low > 0.0, low * (rent_first / paid) ** kappa, -1.0),
                np.where(
                    bounded, high * (np.where(bounded, rent_last, 1.0) / paid) ** kappa, np.inf
                ),
            ),
        ),
        margins=of(
            (entry, np.inf * one),
            (np.where(low > 0.0, first, start), np.where(bounded, last, np.inf)),
        ),
    )
