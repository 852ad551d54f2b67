"""Payments on output at a point: what one more tonne gets, and how that moves with prices."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from pricing.chains.network import Array, IntArray
from pricing.equilibrium.kinks import plus
from pricing.equilibrium.program import Program
from pricing.instruments.terms import Support


@dataclass(frozen=True)
class SupportState:
    """One support at a point; rows are its eligible outputs (E)."""

    shortfall: Array
    """(N, E) full payment per tonne below the strike [USD/t]."""
    excess: Array
    """(N, E) hand-back per tonne above the upper price [USD/t]."""
    below: Array
    """(N, E) weight of being below the strike: 0 or 1 in results [1]."""
    cut: Array
    """(N,) share of the payment that caps cut at the margin [1]."""
    sold: Array
    """(N,) share of output that is eligible: what finds a buyer, or all of it [1]."""
    output: Array
    """(N, E) eligible output [t]."""
    slope: Array
    """(N, E) slope of the marginal payment in the index [1]."""

    def rows(self, chosen: IntArray) -> SupportState:
        """Some scenarios."""
        return SupportState(*(getattr(self, field.name)[chosen] for field in fields(self)))

    @property
    def rate(self) -> Array:
        """(N, E) payment at the margin per eligible tonne [USD/t]."""
        return self.shortfall * (1.0 - self.cut[:, None]) - self.excess

    @property
    def marginal(self) -> Array:
        """(N, E) payment per tonne made at the margin [USD/t]."""
        return self.sold[:, None] * self.rate


def support_states(
    program: Program, price: Array, level: Array, multiplier: Array, width: Array | None
) -> tuple[SupportState, ...]:
    """Every support at prices (N, G, R), levels (N, K) and multipliers (N, M).

    ``width`` (N,) rounds the kinks at strikes and upper prices, as a share of the price scale.
    """
    states = []
    flat = price.reshape(price.shape[0], -1)
    for q, support in enumerate(program.supports):
        index = flat @ support.index.T
        scale = program.network.setting.price_scale[support.good]
        rounded = None if width is None else width[:, None] * scale
        below, below_weight = plus(support.strike - index, rounded)
        above, above_weight = plus(index - support.upper, rounded)
        at_margin = np.where(
            np.isfinite(support.upper) & (not support.lump_sum_up), support.up, 0.0
        )
        above = np.where(np.isfinite(above), above, 0.0)
        cut = multiplier @ program.limit.support[:, q]
        slope = -support.down * below_weight * (1.0 - cut[:, None]) - at_margin * above_weight
        sold = np.ones(len(level))
        if support.unsold is not None:
            sold = 1.0 - multiplier[:, support.unsold]
        made = level[:, support.process] * support.made(program.network.outputs)
        states.append(
            SupportState(
                shortfall=support.down * below,
                excess=at_margin * above,
                below=below_weight,
                cut=cut,
                sold=sold,
                output=sold[:, None] * made,
                slope=sold[:, None] * slope,
            )
        )
    return tuple(states)


def to_processes(program: Program, support: Support) -> Array:
    """(E, K) output per tonne of level of each eligible output."""
    made = support.made(program.network.outputs)
    matrix = np.zeros((made.size, program.network.outputs.shape[0]))
    matrix[np.arange(made.size), support.process] = made
    return matrix
