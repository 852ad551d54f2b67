"""Everything that is known at a point."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.equilibrium.supports import SupportState


@dataclass(frozen=True)
class State:
    """All values at a point, with the scenario axis first.

    Arrays over arcs are (N, G, R, R); in a search, which knows open arcs only, (N, E).
    """

    price: Array
    """(N, G, R) producer prices [USD/t]."""
    level: Array
    """(N, K) process levels [t]."""
    multiplier: Array
    """(N, M) multipliers in their own units."""
    seller_rent: Array
    """(N or 1, G, R, R) seller-held rents of limits at FOB [USD/t]."""
    freight: Array
    """(N or 1, G, R, R) freight, prices of transport included [USD/t]."""
    gaps: tuple[Array, ...]
    """One (N, G, R, R) gap per top-up, after the rule that the highest holds; none in a search
    [USD/t]."""
    landed: Array
    """(N, G, R, R) landed prices [USD/t]."""
    landed_slope: Array
    """(N or 1, G, R, R) slope of landed in ex-works price [1]."""
    rent_slope: Array
    """(N or 1, G, R, R) slope of landed in seller-held rent [1]."""
    freight_slope: Array
    """(N or 1, G, R, R) slope of landed in freight [1]."""
    relief: Array
    """(N or 1, G, R, R) slope of landed in duties beyond the ordinary ones, beside these [1]."""
    weights: Array
    """(N, G, R, R) ``dP/dc``, and flows per tonne of use; zero for homogeneous goods [1]."""
    keenness: Array
    """(N or 1, G, R, R) relative fall of a flow with its own landed price, ``P`` given [t/USD]."""
    index_keenness: Array
    """(N or 1, G, R) relative rise of a flow with the price index [t/USD]."""
    index: Array
    """(N, G, R) price indices of buyers, delivered prices of homogeneous goods; a price beyond
    every choke where nothing is on offer [USD/t]."""
    shift: Array
    """(N or 1, D) quantity at the demand's own base price, moved by other prices [1]."""
    final_demand: Array
    """(N, D) demand at the index, before shortage [t]."""
    served: Array
    """(N or 1, D) share of a demand that does not go without, where its shortage is a share [1]."""
    use: Array
    """(N, G, R) tonnes sourced [t]."""
    spot: Array
    """(N, G, R) tonnes sourced at spot: use less contracts [t]."""
    flow: Array
    """(N, G, R, R) tonnes by origin and destination [t]."""
    sold: Array
    """(N, G, R) tonnes that leave each origin [t]."""
    measured: tuple[IntArray, BoolArray]
    """Homogeneous goods, and (G,) goods with contracts: their baskets are measured in flows."""
    output: Array
    """(N, G, R) output [t]."""
    purchases: Array
    """(N, G, R) tonnes taken from the ex-works market by limits [t]."""
    supports: tuple[SupportState, ...]
    """Supports."""
    inputs: Array
    """(N or 1, K, G) tonnes used per tonne of level [t/t]."""
    margin: Array
    """(N, K) outputs at support prices less inputs at buyers' prices and quota rents [USD/t]."""
    cost: Array
    """(N, K) marginal cost of conversion [USD/t]."""

    def rows(self, chosen: IntArray) -> State:
        """Some scenarios; an array with one row serves all of them."""
        count, changed = self.price.shape[0], dict[str, Any]()
        for field in fields(self):
            part = getattr(self, field.name)
            if isinstance(part, np.ndarray):
                changed[field.name] = part[chosen] if part.shape[0] == count else part
        return replace(
            self,
            gaps=tuple(gap[chosen] for gap in self.gaps),
            supports=tuple(support.rows(chosen) for support in self.supports),
            **changed,
        )

    @cached_property
    def basket(self) -> Array:
        """(N, G, R, R) tonnes of each origin per tonne used; per unit of an armington composite.

        The law's weights, or what arrived where that differs [1].
        """
        (goods, bound), basket = self.measured, self.weights
        if goods.size:
            basket, arrived = basket.copy(), self.flow[:, goods].sum(axis=2, keepdims=True)
            basket[:, goods] = self.flow[:, goods] / np.where(arrived > 0.0, arrived, 1.0)
        if bound.any():
            total = self.use[:, :, None, :]
            kept = bound[:, None, None] & (total > 0.0)
            basket = np.where(kept, self.flow / np.where(kept, total, 1.0), basket)
        return basket

    @property
    def shares(self) -> Array:
        """(N, G, R, R) share of each origin in a destination's tonnes [1]."""
        total = self.basket.sum(axis=2, keepdims=True)
        return self.basket / np.where(total > 0.0, total, 1.0)
