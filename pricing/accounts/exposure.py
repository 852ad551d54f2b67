"""Supply and downstream value at risk if one origin stopped, before anybody adjusts."""

from __future__ import annotations

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.embodied import untouched
from pricing.accounts.indicators import Indicator
from pricing.accounts.volumes import at_buyers, average_landed, used
from pricing.equilibrium.rationing import bought


def exposure(books: Books, origin: str) -> tuple[Indicator, ...]:
    """Supply and downstream value at risk if one origin stopped, before anybody adjusts.

    Parameters
    ----------
    books : Books
        Accounts of a solution.
    origin : str
        Region that might stop.

    Returns
    -------
    tuple of Indicator
        By good and region: ``direct_supply_at_risk`` (share bought from the origin),
        ``supply_at_risk`` (share with any step of the chain there); by region and for the world
        ``value_at_risk``: spending of last buyers on goods at risk [USD].
    """
    network = books.program.network
    place = network.setting.region(origin, "origin")
    rows: list[Indicator] = []
    values = []
    for program, state in ((books.program, books.state), (books.base_program, books.base)):
        touched = 1.0 - untouched(network, state, place)
        spent = bought(program, state) * at_buyers(program, average_landed(state))
        at_risk = spent[0] * touched[network.demand_good, network.demand_region]
        money = np.bincount(network.demand_region, at_risk, len(network.regions))
        values.append((state.shares[0, :, place, :], touched, money))
    buys = used(books.program, books.state)[0]
    for g, good in enumerate(network.goods):
        for r in np.flatnonzero(buys[g]).tolist():
            for name, n in (("direct_supply_at_risk", 0), ("supply_at_risk", 1)):
                now, before = (float(v[n][g, r]) for v in values)
                region = network.regions[r]
                rows.append(Indicator(name, good, region, "", origin, now, "1", before))
    for r, region in enumerate(network.regions):
        now, before = (float(v[2][r]) for v in values)
        rows.append(Indicator("value_at_risk", "", region, "", origin, now, "USD", before))
    now, before = (float(v[2].sum()) for v in values)
    rows.append(Indicator("value_at_risk", "", "world", "", origin, now, "USD", before))
    return tuple(rows)
