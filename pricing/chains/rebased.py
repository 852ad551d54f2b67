"""Long-run demand of a chain without a base year, through the base year that it finds.

The points that such a chain states lie on its short-run curves, and so does its own equilibrium.
Long-run curves pass that equilibrium: where nothing changes nobody moves. They keep what the chain
states otherwise: elasticities, the slope of a straight line at its stated point included, choke
prices and satiation.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pricing.chains.network import Array
from pricing.economics.cross import CrossPrices
from pricing.economics.curves import DemandCurves

SMALLEST = 1e-9
"""Other prices below this share of the stated one count as this share of it [1]."""


Demand = tuple[DemandCurves, CrossPrices]
"""Curves (D,) and what other prices (C,) do to them."""


def through_base_year(long: Demand, short: Demand, price: Array, prices: Array) -> Demand:
    """Long-run demand moved to where short-run demand is in the base year.

    Parameters
    ----------
    long, short : Demand
        Both through the stated points.
    price : (D,) array
        Price of each demand in the base year; NaN where nothing is bought [USD/t].
    prices : (1, G R) array
        Prices of all buyers there, any number where nothing is bought [USD/t].
    """
    curves, cross = long
    moved = _moved(curves, short[0], short[1].shift(short[0], prices)[0], price)
    return moved, _without_effect(cross, curves, moved, prices[0])


def _moved(long: DemandCurves, short: DemandCurves, shift: Array, price: Array) -> DemandCurves:
    """Curves through short-run demand, which other prices shift (D,), at a price (D,)."""
    known = np.isfinite(price)
    at = np.where(known, price, short.price)
    bought = short.demanded(at, shift)
    with np.errstate(divide="ignore", invalid="ignore"):
        curved = long.quantity * bought / long.demanded(at)
        # Where the line meets the axis; half way there its elasticity is one.
        slope = long.elasticity * long.quantity / long.price
        end = np.minimum(at, np.where(bought > 0.0, short.choke, short.end)) + bought / slope
    straight = known & ~long.isoelastic & (end > 0.0) & np.isfinite(end)
    return replace(
        long,
        quantity=np.select(
            [straight, known & long.isoelastic], [slope * end / 2.0, curved], long.quantity
        ),
        price=np.where(straight, end / 2.0, long.price),
        elasticity=np.where(straight, 1.0, long.elasticity),
    )


def _without_effect(
    cross: CrossPrices, stated: DemandCurves, moved: DemandCurves, prices: Array
) -> CrossPrices:
    """Effects of other prices that are none at some prices (G R,), with the same slopes."""
    other = np.minimum(prices[cross.place], cross.ceiling)
    price, demand = np.maximum(other, SMALLEST * cross.price), cross.demand
    line = stated.quantity[demand] / moved.quantity[demand] * price / cross.price
    steep = np.where(stated.isoelastic[demand], 1.0, line)
    return replace(cross, elasticity=cross.elasticity * steep, price=price)
