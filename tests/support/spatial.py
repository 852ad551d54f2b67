"""Spatial price equilibria as chain documents: no base year, curves through stated points."""

from __future__ import annotations

from typing import Any

import numpy as np

from pricing.chains.schema import Chain
from tests.support.chains import elasticity, frame, places, quantity

SMALL = 1e-12


def homogeneous(name: str) -> dict[str, Any]:
    """A good bought where it is cheapest."""
    return {
        "id": name,
        "label": name,
        "stage": name,
        "basis": f"t {name}",
        "sourcing": {"law": "homogeneous"},
        "source": "test",
    }


def through(tonnes: float, price: float) -> dict[str, Any]:
    """A point of a curve."""
    return {"quantity": quantity(tonnes, "t/yr"), "price": quantity(price, "USD/t")}


class Lines:
    """Straight supply ``a + b P`` and demand ``c - d P`` in several regions, one good.

    The lines are stated through the point at ``price``, where all of them must be positive.
    """

    def __init__(self, price: float, costs: dict[tuple[str, str], float] | None = None) -> None:
        self.price, self.costs = price, costs or {}
        self.parts: dict[str, list[dict[str, Any]]] = {"processes": [], "demands": []}
        self.elasticities: dict[str, Any] = {}
        self.regions: list[str] = []

    def region(self, name: str, supply: tuple[float, float], demand: tuple[float, float]) -> Lines:
        """Add a region."""
        (a, b), (c, d), p = supply, demand, self.price
        made, used = a + b * p, c - d * p
        assert made > 0.0
        assert used > 0.0
        self.regions.append(name)
        self.elasticities[f"supply_{name}"] = elasticity(b * p / made, "margin")
        self.elasticities[f"demand_{name}"] = elasticity(d * p / used, "buyer_price")
        line = {"kind": "linear", "elasticity": f"supply_{name}", "through": through(made, p)}
        process = {"id": f"farms_{name}", "technology": "farming", "region": name, "supply": line}
        self.parts["processes"].append(process | {"source": "test"})
        curve = {"kind": "linear", "elasticity": f"demand_{name}", "through": through(used, p)}
        demand_row = {"good": "wheat", "region": name, "use": "bread", "curve": curve}
        self.parts["demands"].append(demand_row | {"source": "test"})
        return self

    def chain(self) -> Chain:
        """The chain; goods move at the stated costs, freely where none is stated."""
        return frame(
            goods=[homogeneous("wheat")],
            regions=places(self.regions),
            elasticities=self.elasticities,
            technologies=[
                {
                    "id": "farming",
                    "label": "farming",
                    "outputs": {"wheat": quantity(1.0, "t/t")},
                    "supply": self.parts["processes"][0]["supply"],
                    "source": "test",
                }
            ],
            freight=[
                {
                    "origin": i,
                    "destination": j,
                    "cost": quantity(cost, "USD/t"),
                    "insurance": quantity(0.0, "1"),
                    "source": "test",
                }
                for (i, j), cost in self.costs.items()
            ],
            **self.parts,
        )


def spe_chain(inputs: dict[str, Any]) -> Chain:
    """The generated family of multi-stage spatial price equilibria, see the oracles' README.

    Supply curves pass ``(A, M0)`` with elasticity ``eta``; demand passes ``(B, PB)``. Duties apply
    to FOB and stand as base-year duties; home arcs may bear one, so sellers and buyers of a region
    stand apart where they do.
    """
    stages, regions = inputs["S"], inputs["R"]
    goods = [f"g{s}" for s in range(stages)]
    names = [f"r{i}" for i in range(regions)]
    eta, tau, cost = (np.array(inputs[key]) for key in ("eta", "tau", "c"))
    assert not tau[:, range(regions), range(regions)].any()
    elasticities = {
        f"supply_{s}_{i}": elasticity(eta[s][i], "margin")
        for s in range(stages)
        for i in range(regions)
    } | {f"demand_{j}": elasticity(inputs["eps"][j], "buyer_price") for j in range(regions)}
    arcs = [
        (s, i, j) for s in range(stages) for i in range(regions) for j in range(regions) if i != j
    ]
    return frame(
        goods=[homogeneous(name) for name in goods],
        regions=places(names),
        elasticities=elasticities,
        technologies=[_stage(s, goods, inputs) for s in range(stages)],
        processes=[
            {
                "id": f"p{s}_{i}",
                "technology": f"t{s}",
                "region": names[i],
                "capacity": quantity(inputs["K"][s][i], "t/yr"),
                "supply": {
                    "kind": "isoelastic",
                    "elasticity": f"supply_{s}_{i}",
                    "through": through(inputs["A"][s][i], inputs["M0"][s][i]),
                },
                "source": "test",
            }
            for s in range(stages)
            for i in range(regions)
        ],
        demands=[
            {
                "good": goods[-1],
                "region": names[j],
                "use": "final",
                "curve": {
                    "kind": "isoelastic",
                    "elasticity": f"demand_{j}",
                    "through": through(inputs["B"][j], inputs["PB"][j]),
                },
                "source": "test",
            }
            for j in range(regions)
        ],
        freight=[
            {
                "good": goods[s],
                "origin": names[i],
                "destination": names[j],
                "cost": quantity(cost[s, i, j], "USD/t"),
                "insurance": quantity(0.0, "1"),
                "source": "test",
            }
            for s, i, j in arcs
        ],
        inland=[
            {"good": goods[s], "region": names[i], "cost": quantity(cost[s, i, i], "USD/t")}
            | {"source": "test"}
            for s in range(stages)
            for i in range(regions)
        ],
        duties=[
            {
                "layer": "duty",
                "good": goods[s],
                "importer": names[j],
                "origin": names[i],
                "rate": quantity(tau[s, i, j], "1"),
                "source": "test",
            }
            for s, i, j in arcs
        ],
    )


def _stage(s: int, goods: list[str], inputs: dict[str, Any]) -> dict[str, Any]:
    """Per tonne of output a stage uses ``1 / yl`` tonnes of the good before."""
    used = {goods[s - 1]: quantity(1.0 / inputs["yl"][s], "t/t")} if s else {}
    return {
        "id": f"t{s}",
        "label": f"t{s}",
        "inputs": used,
        "outputs": {goods[s]: quantity(1.0, "t/t")},
        "supply": {"kind": "isoelastic", "elasticity": f"supply_{s}_0"},
        "source": "test",
    }
