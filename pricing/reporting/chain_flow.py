"""Trade and processing of the whole chain in one measure, so that stages can be joined.

A tonne of a good counts with the tonnes of upstream goods that it takes to make it, input by input
(:func:`equivalents`). Losses in processing are inside that measure: what enters a stage leaves it.
Where a region's recipe differs from the world's average, or a maker needs no input that is
modelled (scrap), the difference is stated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pricing.accounts.embodied import order
from pricing.accounts.volumes import stock_moves
from pricing.chains.network import Array, Network
from pricing.equilibrium.build import Solved
from pricing.equilibrium.rationing import bought
from pricing.equilibrium.state import State

NOTHING = 1e-6
"""Output left over below this share of the benchmark is rounding [1]."""


class End(StrEnum):
    """Where goods leave the chain."""

    USERS = "final users"
    STOCKS = "public stocks"
    DISPOSAL = "not sold"


ENDS = (End.USERS, End.STOCKS)
"""Ends that buy from origins like everybody in their region."""


@dataclass(frozen=True)
class Flow:
    """Tonnes of a good from its makers in one region to a use in another."""

    good: int
    """Position of the good."""
    origin: int
    """Region of the makers."""
    destination: int
    """Region of the use."""
    made: int | None
    """Good that is made of it there; None where it leaves the chain."""
    end: End | None
    """How it leaves the chain; None where something is made of it."""
    tonnes: float
    """Tonnes of the good [t/yr]."""
    amount: float
    """The same in tonnes of upstream goods [t/yr]."""


@dataclass(frozen=True)
class Node:
    """Makers of a good in one region: what enters and what leaves."""

    good: int
    """Position of the good."""
    region: int
    """Position of the region."""
    tonnes: float
    """Output [t/yr]."""
    entering: float
    """Inputs in the common measure [t/yr]."""
    leaving: float
    """Output in the common measure [t/yr]."""

    @property
    def added(self) -> float:
        """What no modelled input brought: mines, scrap; negative where a recipe wastes [t/yr]."""
        return self.leaving - self.entering


def depth(network: Network) -> Array:
    """(G,) longest way of each good from a mine, in steps [1]."""
    makes = (network.outputs[network.makers] > 0.0).astype(float)
    needs = (makes.T @ (network.inputs[network.makers] > 0.0)) > 0.0
    steps = np.zeros(len(network.goods))
    for _ in network.goods:
        steps = np.maximum(steps, (needs * (steps + 1.0)).max(axis=1))
    return steps


def recipe_shares(network: Network) -> Array:
    """(K, G) part of a process's inputs that each of its outputs bears, by benchmark value [1].

    Zero for processes that make no good, such as carriers, or pass it on under another name.
    """
    value = network.outputs * network.setting.price_scale * network.makers[:, None]
    total = value.sum(axis=1, keepdims=True)
    return np.asarray(value / np.where(total > 0.0, total, 1.0))


def equivalents(network: Network, state: State) -> Array:
    """(G,) tonnes of upstream goods in a tonne of each good; one for goods without inputs [t/t].

    The average over processes that need inputs, by output.
    """
    shares, size = recipe_shares(network), np.ones(len(network.goods))
    for g in order(network):
        makers = (network.outputs[:, g] > 0.0) & (network.inputs.sum(axis=1) > 0.0)
        makers &= network.makers
        made = state.level[0, makers] * network.outputs[makers, g]
        if made.sum() > 0.0:
            taken = state.level[0, makers] * shares[makers, g]
            size[g] = float(taken @ (network.inputs[makers] @ size)) / made.sum()
    return size


def flows(solved: Solved) -> Iterator[Flow]:
    """Every flow of the chain; each use of a good in a region takes the same mix of origins.

    Disguised goods flow from where they are made.
    """
    network, state = solved.program.network, solved.state
    size = equivalents(network, state)
    goods, regions = range(len(network.goods)), range(len(network.regions))
    uses = _uses(solved)

    def row(g: int, i: int, j: int, to: int | None, end: End | None, tonnes: float) -> Flow:
        return Flow(g, i, j, to, end, tonnes, tonnes * float(size[g]))

    for g in goods:
        for j in regions:
            total = uses[g, :, j].sum()
            arrived = network.under_true_origins(state.flow[0, g, :, j])
            for i in np.flatnonzero(arrived > 0.0):
                part = float(arrived[i]) / total if total > 0.0 else 0.0
                for n in np.flatnonzero(uses[g, :, j] > 0.0):
                    made, end = (int(n), None) if n < len(goods) else (None, ENDS[n - len(goods)])
                    yield row(g, int(i), j, made, end, part * float(uses[g, n, j]))
        sold = state.flow[0, g].sum(axis=1)
        for r in regions:
            stored = float(state.purchases[0, g, r])
            left = float(state.output[0, g, r] - sold[r]) - stored
            if stored > 0.0:
                yield row(g, r, r, None, End.STOCKS, stored)
            if left > NOTHING * network.setting.quantity_scale[g, r]:
                yield row(g, r, r, None, End.DISPOSAL, left)


def _uses(solved: Solved) -> Array:
    """(G, G + 2, R) use of each good by good made of it, then :data:`ENDS`, by region [t]."""
    network, state = solved.program.network, solved.state
    goods, regions = len(network.goods), len(network.regions)
    uses = np.zeros((goods, goods + len(ENDS), regions))
    shares = recipe_shares(network)
    for k, region in enumerate(network.process_region):
        uses[:, :goods, region] += state.level[0, k] * np.outer(network.inputs[k], shares[k])
    final = bought(solved.program, state)[0]
    for good, region, tonnes in zip(network.demand_good, network.demand_region, final, strict=True):
        uses[good, goods, region] += tonnes
    for move in stock_moves(solved.program, state):
        uses[move.good, goods + 1, move.region] += move.bought[0]
    return uses


def nodes(solved: Solved) -> list[Node]:
    """Makers of every good by region, where anything is made."""
    network, state = solved.program.network, solved.state
    size, shares = equivalents(network, state), recipe_shares(network)
    found = []
    for g, r in np.argwhere((state.output[0] > 0.0) & network.setting.proper):
        here = (network.process_region == r) * state.level[0] * shares[:, g]
        tonnes = float(state.output[0, g, r])
        entering = float(here @ (network.inputs @ size))
        found.append(Node(int(g), int(r), tonnes, entering, tonnes * float(size[g])))
    return found
