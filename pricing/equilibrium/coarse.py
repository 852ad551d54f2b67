"""The same program in a measure that fits what its small parts may become.

A plant of a thousandth of a tonne that supplies a market of thousands of tonnes, in the long run
say, is millions of times its own size. Its distance from zero then drowns its loss in their
product, and interior-point steps wander. Measured by a share of the largest, both keep their size.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.program import Program
from pricing.equilibrium.reduce import reduced

SMALLEST = 1e-3
"""Share of the largest plant, and of the largest market of a good, below which none is measured by
its own size [1]."""


def coarser(program: Program) -> Program:
    """The program of one scenario with the same unknowns and conditions, in larger units."""
    network, setting = program.network, program.network.setting
    sizes = setting.quantity_scale
    larger = replace(
        network,
        level_scale=_measured(network.level_scale),
        setting=replace(setting, quantity_scale=_measured(sizes)),
    )
    coarse = reduced(program.name, larger, program.terms)
    unit = program.scale / coarse.scale  # bounds may have been moved since they were assembled
    return replace(coarse, lower=program.lower * unit, upper=program.upper * unit)


def _measured(sizes: Array) -> Array:
    """Sizes, none smaller than a share of the largest along the last axis."""
    return np.asarray(np.maximum(sizes, SMALLEST * sizes.max(axis=-1, keepdims=True)))
