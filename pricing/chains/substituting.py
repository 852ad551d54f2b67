"""Nests of substitutable inputs of a chain, calibrated to the base year."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pricing.chains.network import Array, IntArray
from pricing.chains.processes import LatentProcess, Process
from pricing.chains.schema import Chain
from pricing.economics.substitution import Nests


def nests(
    chain: Chain,
    active: Sequence[Process | LatentProcess],
    elasticity: dict[str, float],
    region: IntArray,
    buyer_price: Array,
) -> Nests:
    """Arrays of the nests of the processes that are switched on."""
    goods = [good.id for good in chain.goods]
    technologies = {technology.id: technology for technology in chain.technologies}
    rows: list[tuple[int, int, int, float, float, float]] = []
    for k, process in enumerate(active):
        technology = technologies[process.technology]
        own = technology.substitution
        for name in own.inputs if own is not None else ():
            assert own is not None
            g, r = goods.index(name), int(region[k])
            price = own.at[name].usd_per_tonne if name in own.at else float(buyer_price[g, r])
            used = technology.inputs[name].tonnes_per_tonne
            place = g * buyer_price.shape[1] + r
            rows.append((k, g, place, used, price, elasticity[own.elasticity]))
    parts = np.array(rows).reshape(-1, 6).T
    process, good, place = (part.astype(np.intp) for part in parts[:3])
    same = process[:, None] == process[None, :]
    return Nests(process, good, place, parts[3], parts[4], parts[5], same)
