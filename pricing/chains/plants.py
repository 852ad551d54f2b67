"""Processes with their coefficients and what they did in the base year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pricing.chains.assumptions import Assumptions
from pricing.chains.behaviour import Plant
from pricing.chains.network import Array, IntArray
from pricing.chains.processes import LatentProcess, Process, Technology
from pricing.chains.tables import Rows

Active = Sequence[Process | LatentProcess]
"""Processes of a chain and the announced plants that a scenario switches on."""


def coefficients(
    active: Active, technologies: Mapping[str, Technology], goods: list[str]
) -> tuple[Array, Array]:
    """(K, G) tonnes used and (K, G) tonnes made per tonne of level [t/t]."""
    inputs = np.zeros((len(active), len(goods)))
    outputs = np.zeros_like(inputs)
    for k, process in enumerate(active):
        technology = technologies[process.technology]
        for good, coefficient in technology.inputs.items():
            inputs[k, goods.index(good)] = coefficient.tonnes_per_tonne
        for good, coefficient in technology.outputs.items():
            outputs[k, goods.index(good)] = coefficient.tonnes_per_tonne
    return inputs, outputs


def plants(
    active: Active,
    technologies: Mapping[str, Technology],
    assumptions: Assumptions,
    rows: Rows,
    used_and_made: tuple[Array, Array],
    region: IntArray,
    buyer_price: Array,
) -> list[Plant]:
    """Every process with its base year, for its curve."""
    changes = {change.process: change.capacity.tonnes for change in assumptions.capacities}
    inputs, outputs = used_and_made
    found = []
    for k, process in enumerate(active):
        price = np.nan_to_num(rows.price[:, region[k]])
        bought = inputs[k] > 0.0
        expense = float(inputs[k][bought] @ buyer_price[:, region[k]][bought])
        revenue = float(outputs[k] @ price)
        stated = process.capacity.tonnes if process.capacity is not None else np.inf
        latent = isinstance(process, LatentProcess)
        minimum = None if isinstance(process, LatentProcess) else process.minimum
        found.append(
            Plant(
                id=process.id,
                where=f"{'latent' if latent else 'processes'}.{process.id}.supply",
                declared=process.supply or technologies[process.technology].supply,
                level=float(rows.level[k]),
                margin=revenue - expense,
                revenue=revenue,
                minimum=minimum.tonnes if minimum is not None else 0.0,
                capacity=changes.get(process.id, stated),
                stated_capacity=stated,
                mine=not bought.any(),
                announced=latent,
                sized=process.id in changes,
                annuity=process.annuity,
            )
        )
    return found
