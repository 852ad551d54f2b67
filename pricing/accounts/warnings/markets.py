"""Markets that do not do what one expects: shortages, prices of zero, flows left open."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.notices import CHANGED, Code, Warning_, some
from pricing.accounts.notices import price as in_words
from pricing.accounts.regimes import PROHIBITIVE
from pricing.equilibrium.rationing import shortage
from pricing.equilibrium.ties import ties


def shortages(books: Books) -> Iterator[Warning_]:
    """Users who go without at their choke price."""
    network = books.program.network
    short = shortage(books.program, books.state)[0]
    for n in np.flatnonzero(short > CHANGED * np.maximum(network.demand.quantity, 1e-300)):
        region, good = network.regions[network.demand_region[n]], network.demand_good[n]
        use = network.demand_use[n].replace("_", " ")
        text = (
            f"Shortage: {region} ({use}) goes without {short[n]:,.0f} t of "
            f"{network.goods[good]} at its choke price of "
            f"{in_words(float(network.demand.choke[n]))}. That price is an assumption, and prices "
            "and sums of money rest on it: read the missing tonnes first."
        )
        yield Warning_(Code.SHORTAGE, text, region, {"tonnes": float(short[n])})


def worthless(books: Books) -> Iterator[Warning_]:
    """Goods that clear at a price of zero, so that some is thrown away."""
    network, state = books.program.network, books.state
    zero = state.price[0] <= PROHIBITIVE * network.setting.price_scale[:, None]
    zero &= (state.output[0] > 0.0) & books.program.open_origin
    for g in np.flatnonzero(zero.any(axis=1)):
        where = [network.regions[r] for r in np.flatnonzero(zero[g])]
        left = (state.output - state.flow.sum(axis=-1) - state.purchases)[0, g][zero[g]]
        thrown = float(np.maximum(left, 0.0).sum())
        text = (
            f"The price of {network.goods[g]} is zero in {some(where)}; {thrown:,.0f} t find no "
            "buyer."
        )
        yield Warning_(Code.PRICE_ZERO, text, network.goods[g], {"tonnes": thrown})


def open_flows(books: Books) -> Iterator[Warning_]:
    """Homogeneous goods whose prices leave open which routes carry them."""
    for tie in ties(books.program, books.state):
        routes = [f"{origin} to {destination}" for origin, destination in tie.routes]
        text = (
            f"Flows of {tie.good} are not unique, prices are: {len(routes)} routes cost their "
            f"buyers the same ({some(routes)}). Shown are the flows nearest to the base year."
        )
        yield Warning_(Code.ROUTES_TIE, text, tie.good, {"routes": float(len(routes))})
