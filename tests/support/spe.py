"""The generated family of spatial price equilibria: random members, and its conditions as written.

The conditions are those of the oracles' README, coded once more without the library.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Inputs = dict[str, Any]


def random_spe(seed: int, stages: int, regions: int, least: float = 0.5) -> Inputs:
    """A member with elasticities from ``least``, some capacities binding, some duties."""
    rng = np.random.default_rng(seed)
    shape = (stages, regions)
    yields = np.r_[1.0, rng.uniform(0.5, 0.95, stages - 1)]
    price = [100.0]
    for s in range(1, stages):
        price.append(price[-1] / yields[s] + rng.uniform(80.0, 300.0))
    volume = [100.0 * regions]
    for s in range(stages - 1, 0, -1):
        volume.insert(0, volume[0] / yields[s])
    margin = np.r_[100.0, [price[s] - price[s - 1] / yields[s] for s in range(1, stages)]]
    weight = rng.lognormal(0.0, 0.7, shape)
    tonnes = weight / weight.sum(axis=1, keepdims=True) * np.array(volume)[:, None]
    buyers = rng.lognormal(0.0, 0.8, regions)
    place = rng.uniform(0.0, 1.0, (regions, 2))
    distance = np.hypot(*(place[:, None] - place).transpose(2, 0, 1))
    cost = distance * np.array(price)[:, None, None] * rng.uniform(0.08, 0.2, (*shape, regions))
    duty = np.where(rng.random(cost.shape) < 0.4, rng.choice([0.05, 0.1, 0.25], cost.shape), 0.0)
    home = np.eye(regions, dtype=bool)
    return {
        "S": stages,
        "R": regions,
        "A": tonnes.tolist(),
        "M0": (margin[:, None] * rng.uniform(0.85, 1.2, shape)).tolist(),
        "eta": np.exp(rng.uniform(np.log(least), np.log(2.0), shape)).tolist(),
        "K": (tonnes * rng.uniform(0.9, 1.5, shape)).tolist(),
        "yl": yields.tolist(),
        "B": (buyers / buyers.sum() * volume[-1]).tolist(),
        "PB": [1.1 * price[-1]] * regions,
        "eps": np.exp(rng.uniform(np.log(least), np.log(1.5), regions)).tolist(),
        "c": np.where(home, 0.0, cost).tolist(),
        "tau": np.where(home, 0.0, duty).tolist(),
        "P0": price,
        "Q": volume,
    }


def worst_residual(inputs: Inputs, solution: tuple[Array, Array, Array, Array]) -> float:
    """Largest violation of a condition, as a share of its price or volume scale.

    ``solution`` holds ``ps`` (S, R), ``pd`` (S, R), ``y`` (S, R) and ``x`` (S, R, R).
    """
    ps, pd, y, x = solution
    arrays = {name: np.array(inputs[name]) for name in inputs if name not in ("S", "R", "units")}
    price = arrays["P0"][:, None]
    volume = arrays["Q"][:, None] / inputs["R"]
    loss = (1.0 + arrays["tau"]) * ps[:, :, None] + arrays["c"] - pd[:, None, :]
    bought = np.zeros_like(ps)
    bought[1:] = pd[:-1] / arrays["yl"][1:, None]
    gain = ps - bought - arrays["M0"] * (y / arrays["A"]) ** (1.0 / arrays["eta"])
    use = np.empty_like(y)
    use[:-1] = y[1:] / arrays["yl"][1:, None]
    use[-1] = arrays["B"] * (pd[-1] / arrays["PB"]) ** -arrays["eps"]
    room = (arrays["K"] - y) / volume
    violations = (
        np.minimum(x / volume[:, :, None], loss / price[:, :, None]),
        np.maximum(np.minimum(y / volume, -gain / price), -room),
        (y - x.sum(axis=2)) / volume,
        (x.sum(axis=1) - use) / volume,
        np.minimum(x / volume[:, :, None], 0.0),
        np.minimum(room, 0.0),
    )
    return max(float(np.abs(part).max()) for part in violations)
