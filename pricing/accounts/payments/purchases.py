"""What treasuries buy from the ex-works market, to hold a price up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricing.accounts.blocks import Block, Labels, per_tonne
from pricing.accounts.parties import HOME_TREASURY, PROCESSES, SELLERS
from pricing.chains.network import Array
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments.terms import Limit


@dataclass(frozen=True)
class Purchase:
    """Goods taken from the ex-works market by one limit."""

    limit: Limit
    """The limit whose multiplier is the tonnes bought."""
    good: int
    """Good."""
    region: int
    """Region."""
    tonnes: Array
    """(N,) tonnes [t]."""
    floor: Array
    """(N or 1,) price paid [USD/t]."""


def purchases(program: Program, state: State) -> Iterator[Purchase]:
    """Public purchases of a solution."""
    regions = len(program.network.regions)
    for m, limit in enumerate(program.terms.limits):
        for place, coefficient in zip(*limit.acts_on_balance, strict=True):
            good, region = divmod(int(place), regions)
            tonnes = coefficient * state.multiplier[:, m]
            yield Purchase(limit, good, region, tonnes, -np.ravel(limit.constant))


def blocks(program: Program, state: State) -> Iterator[Block]:
    """Treasuries pay the floor; what it is above the price goes to home sellers by output."""
    network = program.network
    for buy in purchases(program, state):
        kind, name = buy.limit.instrument, buy.limit.policy
        here = Labels.of_place(buy.good, buy.region)
        tonnes, floor = buy.tonnes[:, None], buy.floor[:, None]
        yield Block.priced(HOME_TREASURY, SELLERS, here, kind, name, tonnes, floor)
        k = network.setting.makers(buy.good, buy.region)
        made = state.level[:, k] * network.outputs[k, buy.good]
        share = per_tonne(made, state.output[:, buy.good, buy.region, None])
        above = floor - state.price[:, buy.good, buy.region, None]
        labels = Labels.of_processes(network, k, buy.good)
        yield Block.priced(SELLERS, PROCESSES, labels, kind, name, tonnes * share, above)
