"""Prices and rents of one solved program, by good and region, route or plant."""

from __future__ import annotations

import numpy as np

from pricing.accounts.payments.arcs import invoiced
from pricing.accounts.payments.tiers import levied_gaps
from pricing.accounts.volumes import priced
from pricing.chains.network import Array
from pricing.economics.capacity import LongRunSupply
from pricing.equilibrium.build import Solved


def buyer_price(solved: Solved) -> Array:
    """(G, R) average landed price over what buyers take; NaN where they have none [USD/t]."""
    offered = solved.program.open_arcs
    landed = np.where(offered, solved.state.landed[0], 0.0)
    average = (np.where(offered, solved.state.basket[0], 0.0) * landed).sum(axis=1)
    return np.where(priced(solved.program, solved.state)[0], average, np.nan)


def price_index(solved: Solved) -> Array:
    """(G, R) price index of buyers; NaN where :func:`buyer_price` is [USD/t]."""
    return np.where(np.isfinite(buyer_price(solved)), solved.state.index[0], np.nan)


def producer_price(solved: Solved) -> Array:
    """(G, R) ex-works price; NaN where nothing can be made [USD/t]."""
    return np.where(solved.program.open_origin, solved.state.price[0], np.nan)


def seller_share(solved: Solved) -> Array:
    """(G, R, R) rent that sellers hold in their FOB price: limits and captured gaps [USD/t]."""
    rent = np.zeros(solved.state.flow.shape[1:])
    for *_, asked in invoiced(solved.program, solved.state):
        rent += asked[0]
    gaps = levied_gaps(solved.program, solved.state)
    for term, gap in zip(solved.program.charges.levies, gaps, strict=True):
        rent += term.source.capture * gap[0] / term.rent_gain
    return rent


def customs_value(solved: Solved) -> Array:
    """(G, R, R) what ad valorem duties are charged on [USD/t]."""
    net = solved.program.network
    slope, constant = solved.program.charges.export
    fob = solved.state.price[0][:, :, None] * slope + constant + seller_share(solved)
    cif = fob * (1.0 + net.insurance) + solved.state.freight[0]
    return np.asarray(np.where(net.customs_fob[None, None, :], fob, cif))


def capacity_rent(solved: Solved) -> Array:
    """(K,) margin above the plant's marginal cost at full capacity, per tonne of level [USD/t]."""
    net, supply, state = solved.program.network, solved.program.supply, solved.state
    level, high, plant = state.level, net.capacity, supply
    if isinstance(supply, LongRunSupply):
        k = supply.capacity(state.level)
        level, high, plant = state.level / np.where(k > 0.0, k, 1.0), supply.high, supply.plant
    gap = state.margin - plant.marginal_cost(level)
    full = (level >= high * (1.0 - 1e-9)) & (high > 0.0)
    return np.asarray(np.where(full, np.maximum(gap, 0.0), 0.0)[0])
