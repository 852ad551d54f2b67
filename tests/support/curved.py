"""Richer behaviour for random chains: transport with a price, cross prices, by-products."""

from __future__ import annotations

from typing import Any

import numpy as np

SIDE = 0.2
"""Final use of the last good but one, as a share of what goes into the last [1]."""
MOST_ROUTES = 5
"""Routes with carriers."""


def add_curves(data: dict[str, Any], rng: np.random.Generator, flows: list[np.ndarray]) -> None:
    """Add carriers, and cross prices where there are two goods, to a chain document."""
    _carriers(data, rng, flows)
    if len(flows) > 1:
        _cross_prices(data, rng, flows)
    _by_products(data, rng, flows)


def _amount(value: float, unit: str) -> dict[str, Any]:
    return {"value": float(value), "unit": unit}


def _range(value: float, of: str) -> dict[str, Any]:
    same = {"low": value, "central": value, "high": value}
    return {"of": of, "short": same, "long": same, "source": "test"}


def _carriers(data: dict[str, Any], rng: np.random.Generator, flows: list[np.ndarray]) -> None:
    """A few used routes get a rising price of transport, a capacity, or both."""
    goods, names = [g["id"] for g in data["goods"]], [r["id"] for r in data["regions"]]
    used = [(s, i, j) for s, flow in enumerate(flows) for i, j in np.argwhere(flow) if i != j]
    chosen = rng.permutation(len(used))[:MOST_ROUTES]
    data["elasticities"]["ships"] = _range(10 ** rng.uniform(-1.0, 1.0), "margin")
    for number, n in enumerate(chosen):
        s, i, j = used[n]
        carried = float(flows[s][i, j])
        kind = number % 3
        carriers: dict[str, Any] = {"supply": {"kind": "isoelastic", "elasticity": "ships"}}
        if kind == 1:
            carriers["supply"]["kind"] = "linear"
            carriers["owner"] = names[j]
        if kind == 2:
            carriers = {}
        if kind > 0:
            carriers["capacity"] = _amount(carried * rng.uniform(1.0, 1.2), "t/yr")
        row = {"good": goods[s], "origin": names[i], "destination": names[j]}
        row |= {"cost": _amount(200.0, "USD/t"), "insurance": _amount(0.02, "1")}
        data["freight"].append(row | {"source": "test", "carriers": carriers})


def _cross_prices(data: dict[str, Any], rng: np.random.Generator, flows: list[np.ndarray]) -> None:
    """Users of the last good also buy the one before it, and look at both prices."""
    last, before = data["goods"][-1]["id"], data["goods"][-2]["id"]
    own = data["elasticities"]["demand"]["short"]["central"]
    data["elasticities"]["across"] = _range(max(0.4 * own, 1e-3), "cross_price")
    relation = ["substitute", "complement"][rng.integers(2)]
    arrivals = flows[-2].sum(axis=0) * SIDE / (1.0 + SIDE)
    rows = data["benchmarks"]["central"]["rows"]
    at = {demand["region"]: demand for demand in data["demands"]}
    for r, tonnes in zip(data["regions"], arrivals, strict=True):
        if tonnes == 0.0:
            continue
        curve = at[r["id"]]["curve"]
        straight = rng.random() < 0.5
        side = dict(curve, kind="linear" if straight else "isoelastic")
        for demand, other in ((curve, before), (side, last)):
            demand["cross"] = [{"good": other, "elasticity": "across", "relation": relation}]
        names = {"good": before, "region": r["id"], "use": "final"}
        data["demands"].append(names | {"source": "test", "curve": side})
        row = {"variable": "use", "value": float(tonnes), "unit": "t/yr", "source": "test"}
        rows.append(row | names)


def _by_products(data: dict[str, Any], rng: np.random.Generator, flows: list[np.ndarray]) -> None:
    """A good that comes out of the first stage, sold at home and to the first region."""
    first = data["goods"][0]
    law = {"law": "homogeneous"} if first["sourcing"]["law"] == "homogeneous" else first["sourcing"]
    data["goods"].append(first | {"id": "side", "label": "side", "sourcing": law})
    rows = data["benchmarks"]["central"]["rows"]
    ones = {"side": _amount(1.0, "t/t")}
    supply = {"kind": "isoelastic", "elasticity": "supply0"}
    data["technologies"].append(
        {"id": "side", "label": "side", "outputs": ones, "supply": supply, "source": "test"}
    )
    names = [r["id"] for r in data["regions"]]
    hosts = [(i, float(tonnes)) for i, tonnes in enumerate(flows[0].sum(axis=1)) if tonnes > 0.0]
    used = np.zeros(len(names))
    for number, (i, tonnes) in enumerate(hosts):
        price, level, here = rng.uniform(2e4, 4e4), 0.05 * tonnes, {"region": names[i]}
        recovery = 0.05 if number % 2 == 0 else 0.06
        own = {"host": f"p0_{i}", "recovery": _amount(recovery, "t/t")}
        process = {"id": f"side_{i}", "technology": "side", "source": "test", **here}
        process["by_product_of"] = own | {"host_sees_revenue": bool(rng.random() < 0.5)}
        if number % 2 == 0:
            process["supply"] = {"kind": "flat", "cost": _amount(0.6 * price, "USD/t")}
        data["processes"].append(process)
        rows.append(_row("production", level, process=process["id"]))
        rows.append(_row("producer_price", price, "USD/t", good="side", **here))
        away = 0.4 * level if i else 0.0
        rows.append(_row("flow", level - away, good="side", partner=names[i], **here))
        if away:
            rows.append(_row("flow", away, good="side", partner=names[0], **here))
        used[i] += level - away
        used[0] += away
    for i in np.flatnonzero(used):
        names_here = {"good": "side", "region": names[i], "use": "lamps"}
        rows.append(_row("use", used[i], **names_here))
        curve = {"kind": "isoelastic", "elasticity": "demand"}
        curve["choke_multiple"] = _amount(10.0, "1")
        data["demands"].append(names_here | {"curve": curve, "source": "test"})


def _row(variable: str, value: float, unit: str = "t/yr", **names: str) -> dict[str, Any]:
    return {"variable": variable, "value": float(value), "unit": unit, "source": "test", **names}
