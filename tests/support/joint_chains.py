"""Random chains with a joint product: one stage makes a second good beside its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from pricing.chains.schema import Chain
from pricing.economics.sourcing import Law
from tests.support.chains import bought_by, elasticity, good, quantity, row

JOINT = "joint"
"""Name of the second good."""
Rows = list[dict[str, Any]]


def with_joint_product(chain: Chain, seed: int) -> Chain:
    """Let one stage of a random chain make a joint product.

    It is used by final buyers, or by the last stage beside its other input. Its tonnes per tonne
    follow from what is used, so that the base year still balances.
    """
    rng = np.random.default_rng([seed, 2])
    document = chain.model_dump(mode="json", exclude_unset=True)
    names = [region["id"] for region in document["regions"]]
    rows: Rows = document["benchmarks"]["central"]["rows"]
    last = len(document["goods"]) - 1
    stage = int(rng.integers(max(last, 1)))
    made = _output(rows, stage, names)
    as_input = stage < last and rng.random() < 0.5
    if as_input:
        recipe = float(rng.uniform(0.02, 0.5))
        use = recipe * _output(rows, last, names)
    else:
        use = rng.lognormal(0.0, 1.5, len(names)) * made.mean()
    ratio = use.sum() / made.sum()
    flow = _between(rng, ratio * made, use)
    price = np.where(made > 0.0, 1e4 * rng.lognormal(0.0, 1.0) * rng.uniform(0.9, 1.1), 0.0)
    technologies = {t["id"]: t for t in document["technologies"]}
    technologies[f"t{stage}"]["outputs"][JOINT] = quantity(ratio, "t/t")
    laws = [Law.LOGIT, Law.HOMOGENEOUS]
    law = laws[int(rng.integers(2))]
    document["goods"].insert(stage + 1, bought_by(law, good(JOINT, "sigma0")))
    rows += _trade(flow, price, names)
    if as_input:
        technologies[f"t{last}"]["inputs"][JOINT] = quantity(recipe, "t/t")
        _dearer(rows, last, names, recipe * _delivered(flow, price), rng)
    else:
        document["elasticities"]["joint_demand"] = elasticity(
            10 ** rng.uniform(np.log10(0.02), 0.0), "buyer_price"
        )
        rows += [
            row("use", use[j], good=JOINT, region=name, use="joint") for j, name in enumerate(names)
        ]
        document["demands"] += [
            {
                "good": JOINT,
                "region": name,
                "use": "joint",
                "source": "test",
                "curve": {
                    "kind": "isoelastic",
                    "elasticity": "joint_demand",
                    "choke_multiple": quantity(10.0, "1"),
                },
            }
            for name in names
        ]
    return Chain.model_validate(document)


def _output(rows: Rows, stage: int, names: list[str]) -> np.ndarray:
    """(R,) benchmark output of a stage."""
    found = {r["process"]: r["value"] for r in rows if r["variable"] == "production"}
    return np.array([found.get(f"p{stage}_{i}", 0.0) for i in range(len(names))])


def _between(rng: np.random.Generator, made: np.ndarray, use: np.ndarray) -> np.ndarray:
    """(R, R) random flows with given sums of rows and columns, by repeated scaling."""
    flow = np.where(made > 0.0, 1.0, 0.0)[:, None] * (use > 0.0)
    flow = flow * rng.lognormal(0.0, 1.0, flow.shape)
    for _ in range(2000):
        flow *= (made / np.where(made > 0.0, flow.sum(axis=1), 1.0))[:, None]
        flow *= use / np.where(use > 0.0, flow.sum(axis=0), 1.0)
    return flow


def _delivered(flow: np.ndarray, price: np.ndarray) -> np.ndarray:
    """(R,) average landed price [USD/t], freight as in the random chains."""
    away = 1.0 - np.eye(price.size)
    landed = price[:, None] * (1 + 0.02 * away) + 200 * away
    return (flow * landed).sum(axis=0) / np.maximum(flow.sum(axis=0), 1e-300)


def _trade(flow: np.ndarray, price: np.ndarray, names: list[str]) -> Rows:
    """Benchmark rows of the joint product."""
    rows = [
        row("producer_price", price[i], good=JOINT, region=names[i]) for i in np.flatnonzero(price)
    ]
    return rows + [
        row("flow", flow[i, j], good=JOINT, region=names[i], partner=names[j])
        for i, j in np.argwhere(flow > 0.0)
    ]


def _dearer(
    rows: Rows, last: int, names: list[str], cost: np.ndarray, rng: np.random.Generator
) -> None:
    """The last stage passes the cost of its new input on."""
    for r in rows:
        if r["variable"] == "producer_price" and r["good"] == f"g{last}":
            r["value"] += float(cost[names.index(r["region"])] * rng.uniform(1.06, 1.6))
