"""Where the goods inside a good come from, traced through the chain by input coefficients."""

from __future__ import annotations

import numpy as np

from pricing.chains.network import Array, Network
from pricing.equilibrium.state import State


def order(network: Network) -> list[int]:
    """Goods with every input before what is made of it."""
    makes = (network.outputs > 0.0).astype(float)
    needs = (makes.T @ (network.inputs > 0.0)) > 0.0
    np.fill_diagonal(needs, False)  # disguised goods pass through unchanged
    depth = np.zeros(len(network.goods))
    for _ in network.goods:
        depth = np.maximum(depth, (needs * (depth + 1.0)).max(axis=1))
    return [int(g) for g in np.argsort(depth, kind="stable")]


def _recipes(network: Network, state: State, good: int) -> list[tuple[int, Array]]:
    """Region and (N, G) inputs per tonne of a good of each maker, times its share there.

    Joint products share the inputs of a process by benchmark value.
    """
    value = network.outputs * network.setting.price_scale
    recipes = []
    for k in np.flatnonzero((network.outputs[:, good] > 0.0) & ~network.relays):
        region = int(network.process_region[k])
        output = state.output[:, good, region]
        made = np.where(output > 0.0, output, 1.0)
        weight = np.where(output > 0.0, state.level[:, k] / made, 0.0)
        weight = weight * value[k, good] / value[k].sum()
        recipes.append((region, weight[:, None] * state.inputs[:, k]))
    return recipes


def embodied(network: Network, state: State) -> Array:
    """Content of every good used anywhere, by upstream good and origin.

    Parameters
    ----------
    network : Network
        Coefficients.
    state : State
        Solutions (N).

    Returns
    -------
    (N, G, G, R, R) array
        Tonnes of the second good from each origin (last axis) in one tonne of the first good used
        in each region (fourth axis) [t/t]; the good itself counts with one tonne. Disguised goods
        count where they were made.
    """
    count, goods, regions = state.price.shape
    used = np.zeros((count, goods, goods, regions, regions))
    shares = state.shares
    hidden = np.flatnonzero(~network.setting.proper)
    for g in order(network):
        made = np.zeros((count, goods, regions, regions))
        made[:, g] = np.eye(regions)
        for region, inputs in _recipes(network, state, g):
            for h in np.flatnonzero(inputs.any(axis=0)).tolist():
                made[:, :, region] += inputs[:, h, None, None] * used[:, h, :, region]
        for _ in range(2 if hidden.size else 1):  # disguised goods are known once their supply is
            used[:, g] = np.swapaxes(shares[:, g], 1, 2)[:, None] @ made
            made[:, :, hidden] = used[:, g][:, :, hidden]
    return used


def untouched(network: Network, state: State, origin: int) -> Array:
    """Share of each good's use that no step in ``origin`` has gone into.

    Where a process needs several inputs, the input most exposed decides.

    Returns
    -------
    (G, R) array
        Share by good and region of use [1].
    """
    goods, regions = len(network.goods), len(network.regions)
    used = np.ones((goods, regions))
    hidden = ~network.setting.proper
    for g in order(network):
        made = np.zeros(regions)
        output = np.maximum(state.output[0, g], 1e-300)
        for k in np.flatnonzero(network.outputs[:, g] > 0.0):
            region = network.process_region[k]
            share = network.outputs[k, g] * state.level[0, k] / output[region]
            inputs = network.inputs[k] > 0.0
            made[region] += share * used[inputs, region].min(initial=1.0)
        made[origin] = 0.0
        for _ in range(2):  # as above
            made[hidden] = used[g, hidden]
            used[g] = made @ state.shares[0, g]
    return used
