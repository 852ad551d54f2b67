r"""A reference price on a homogeneous good: one gap for every seller to a buyer.

Such a good has one delivered price ``P`` per buyer. A gap of each seller's own would let every
maker land at the reference and leave open who sells. With one gap the cheapest sell. On imports it
is a levy (:func:`per_importer`); on all sales (:func:`one_gap`)

.. math:: 0 \le m_j \perp P_j - \text{reference} \ge 0

is what members ask buyer ``j`` above their own price; outsiders are charged the same as a levy, or
ask it themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.instruments.policy import Policy
from pricing.instruments.terms import BoolArray, Limit, Setting, Wedge

MOST_LEVY = 10.0
"""Largest levy on a homogeneous good, as a multiple of its benchmark price [1]."""


def one_gap(
    policy: Policy,
    setting: Setting,
    goods: dict[int, float],
    members: BoolArray,
    outsiders: tuple[BoolArray, Wedge],
    first: int,
) -> Iterator[Limit]:
    """One limit per good and buyer, and one that charges its multiplier to outsiders.

    Parameters
    ----------
    goods : dict
        Reference price by good [USD/t].
    members : (R,) array
        Regions whose sales are bound, and whose buyers pay.
    outsiders : (R, R) array, Wedge
        Routes from outside, and who keeps the gap there.
    first : int
        Position of the first limit.
    """
    (covered, keeper), regions = outsiders, len(setting.regions)
    for good, price in goods.items():
        scale = float(setting.price_scale[good])
        for buyer in np.flatnonzero(members):
            outside, at = covered[:, buyer], good * regions + buyer
            asks = members | (outside & (keeper is Wedge.SELLER))
            sellers = np.flatnonzero(members | outside)
            of = f"{setting.goods[good]} in {setting.regions[buyer]} ('{policy.id}')"
            yield Limit(
                policy=policy.id,
                instrument=policy.kind,
                name=f"reference of all {of}",
                unit="USD/t",
                upper=np.inf,
                scale=scale,
                condition_scale=scale,
                constant=-price,
                buyer_price=(np.array([at]), np.ones(1)),
                wedge=Wedge.SELLER,
                acts_on_arcs=(good * regions + sellers) * regions + buyer,
                arc_weight=asks[sellers].astype(float),
            )
            gap, first = first, first + 1
            if keeper is Wedge.SELLER or not outside.any():
                continue
            yield Limit(
                policy=policy.id,
                instrument=policy.kind,
                name=f"levy on {of}, the gap of all sellers",
                unit="USD/t",
                upper=np.inf,
                scale=scale,
                condition_scale=scale,
                constant=0.0,
                link=(np.array([first, gap]), np.array([1.0, -1.0])),
                wedge=keeper,
                acts_on_arcs=(good * regions + np.flatnonzero(outside)) * regions + buyer,
            )
            first += 1


def per_importer(
    policy: Policy,
    setting: Setting,
    good: int,
    price: float,
    covered: BoolArray,
    wedge: Wedge,
    *,
    alone: bool = False,
) -> Iterator[Limit]:
    """``0 <= levy <= max  ⟂  delivered price - reference`` for every importer."""
    scale = float(setting.price_scale[good])
    for buyer in np.flatnonzero(covered.any(axis=0)):
        at = good * len(setting.regions) + buyer
        origins = good * len(setting.regions) + np.flatnonzero(covered[:, buyer])
        yield Limit(
            policy=policy.id,
            instrument=policy.kind,
            name=f"levy of {setting.regions[buyer]} on {setting.goods[good]} ('{policy.id}'), "
            "one for all origins",
            unit="USD/t",
            upper=MOST_LEVY * scale,
            scale=scale,
            condition_scale=scale,
            constant=-price,
            buyer_price=(np.array([at]), np.ones(1)),
            wedge=wedge,
            acts_on_arcs=origins * len(setting.regions) + buyer,
            alone=alone,
        )
