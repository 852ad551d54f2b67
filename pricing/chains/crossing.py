"""Cross prices of a chain's demands, calibrated to the base year."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.chains.curves import CrossPrice, FixedDemand, Relation
from pricing.chains.network import Array
from pricing.chains.schema import Chain
from pricing.economics.cross import CrossPrices
from pricing.economics.curves import DemandCurves
from pricing.errors import Fault


def crossed(chain: Chain) -> Iterator[tuple[int, int, CrossPrice]]:
    """Demand, position and declaration of every cross price."""
    for n, demand in enumerate(chain.demands):
        if not isinstance(demand.curve, FixedDemand):
            for number, cross in enumerate(demand.curve.cross):
                yield n, number, cross


def cross_prices(
    chain: Chain, elasticity: dict[str, float], buyer_price: Array, curves: DemandCurves
) -> tuple[CrossPrices, list[Fault]]:
    """Effects of other prices, and base-year prices that are missing.

    ``buyer_price`` is (G, R) in the base year, ``curves`` are those of all demands.
    """
    goods, regions = [g.id for g in chain.goods], [r.id for r in chain.regions]
    columns: list[tuple[int, int, float, float, float]] = []
    faults: list[Fault] = []
    # Where a straight line that other prices move ends is not known beforehand.
    moved = np.isin(np.arange(len(chain.demands)), [n for n, _, _ in crossed(chain)])
    end = np.where(moved, curves.choke, curves.end)
    for n, number, cross in crossed(chain):
        g, r = goods.index(cross.good), regions.index(chain.demands[n].region)
        sign = 1.0 if cross.relation is Relation.SUBSTITUTE else -1.0
        price = buyer_price[g, r] if cross.at is None else cross.at.usd_per_tonne
        if not price > 0.0:
            faults.append(
                Fault(
                    f"{cross.good} has no positive benchmark price in {regions[r]}",
                    f"demands.{n}.curve.cross.{number}.at",
                    remedy="State the price at which the curve passes its point",
                )
            )
        users = [
            end[m]
            for m, demand in enumerate(chain.demands)
            if demand.good == cross.good and demand.region == regions[r]
        ]
        place = g * buyer_price.shape[1] + r
        columns.append((n, place, sign * elasticity[cross.elasticity], price, max(users)))
    parts = np.array(columns).reshape(-1, 5).T
    return CrossPrices(parts[0].astype(np.intp), parts[1].astype(np.intp), *parts[2:]), faults
