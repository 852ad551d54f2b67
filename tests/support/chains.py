"""Small chains for tests: closed economies with straight lines, and random ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from pricing.chains.schema import Chain
from pricing.economics.sourcing import Law
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.schema import ScenarioDocument
from tests.support.curved import SIDE, add_curves

SOURCES = {
    "test": {
        "text": "made for tests",
        "date": "2026",
        "grade": "illustrative",
        "derivation": "Chosen so that the answer is known in closed form",
    }
}


def quantity(value: float, unit: str) -> dict[str, Any]:
    """A quantity as it stands in a file."""
    return {"value": float(value), "unit": unit}


def elasticity(value: float, of: str, long: float | None = None) -> dict[str, Any]:
    """An elasticity without a range; the same in the long run where that is not given."""
    short, later = (
        dict.fromkeys(("low", "central", "high"), one)
        for one in (value, value if long is None else long)
    )
    return {"of": of, "short": short, "long": later, "source": "test"}


def row(variable: str, value: float, **names: str) -> dict[str, Any]:
    """A benchmark row."""
    unit = {"producer_price": "USD/t", "prior_share": "1"}.get(variable, "t/yr")
    return {"variable": variable, "value": float(value), "unit": unit, "source": "test", **names}


def frame(**parts: Any) -> Chain:
    """A chain document with the fields that never matter here filled in."""
    data = {
        "schema_version": 1,
        "kind": "chain",
        "id": "test",
        "title": "test",
        "description": "test",
        "base_year": 2024,
        "currency": {"code": "USD", "year": 2024},
        "vat_basis": "excluded",
        "sources": SOURCES,
    }
    return Chain.model_validate(data | parts)


def places(names: Iterable[str], customs_value: str = "fob") -> list[dict[str, Any]]:
    """Regions."""
    return [{"id": name, "customs_value": customs_value, "source": "test"} for name in names]


def technology(name: str, makes: str, kind: str, elasticity: str) -> dict[str, Any]:
    """A technology without inputs."""
    supply = {"kind": kind, "elasticity": elasticity}
    return {
        "id": name,
        "label": name,
        "outputs": {makes: quantity(1.0, "t/t")},
        "supply": supply,
        "source": "test",
    }


def good(name: str, sigma: str = "sigma") -> dict[str, Any]:
    """A good bought by the logit law."""
    return {
        "id": name,
        "label": name,
        "stage": name,
        "basis": f"t {name}",
        "sourcing": {"law": "logit", "sigma": sigma},
        "source": "test",
    }


def line_market(
    supply: tuple[float, float],
    demand: tuple[float, float],
    price: float,
    capacity: float | None = None,
) -> Chain:
    """One region, one good: supply ``a + b P`` and demand ``c - d P`` that meet at ``price``."""
    (a, b), (c, d) = supply, demand
    amount = a + b * price
    assert abs(amount - (c - d * price)) < 1e-9 * amount
    return two_lines(price, amount, b * price / amount, d * price / amount, capacity=capacity)


def unending(chain: Chain) -> Chain:
    """The chain with demand of constant elasticity, which no price ends."""
    curve = {"kind": "isoelastic", "elasticity": "demand"}
    return chain.revised(demands=tuple(d.revised(curve=curve) for d in chain.demands))


def two_lines(
    price: float,
    amount: float,
    supply_elasticity: float,
    demand_elasticity: float,
    *,
    capacity: float | None = None,
    regions: tuple[str, str] = ("Home", "Home"),
    customs_value: str = "fob",
    freight: float = 0.0,
) -> Chain:
    """One maker and one buyer with straight lines; the same region or two."""
    maker, buyer = regions
    return frame(
        goods=[good("wheat")],
        regions=places(dict.fromkeys(regions), customs_value),
        elasticities={
            "supply": elasticity(supply_elasticity, "margin"),
            "demand": elasticity(demand_elasticity, "buyer_price"),
            "sigma": elasticity(4.0, "landed_price"),
        },
        technologies=[technology("farming", "wheat", "linear", "supply")],
        processes=[
            {
                "id": "farms",
                "technology": "farming",
                "region": maker,
                "source": "test",
                "capacity": None if capacity is None else quantity(capacity, "t/yr"),
            }
        ],
        demands=[
            {
                "good": "wheat",
                "region": buyer,
                "use": "bread",
                "curve": {"kind": "linear", "elasticity": "demand"},
                "source": "test",
            }
        ],
        freight=[
            {"cost": quantity(freight, "USD/t"), "insurance": quantity(0.0, "1"), "source": "test"}
        ],
        benchmarks={
            "central": {
                "title": "closed form",
                "rows": [
                    row("producer_price", price, good="wheat", region=maker),
                    row("production", amount, process="farms"),
                    row("flow", amount, good="wheat", region=maker, partner=buyer),
                    row("use", amount, good="wheat", region=buyer, use="bread"),
                ],
            }
        },
    )


def scenario_on(chain: Chain, *policies: dict[str, Any], **parts: Any) -> Scenario:
    """A scenario on a chain object."""
    data = {
        "id": "case",
        "title": "case",
        "description": "case",
        "chain": "test",
        "sources": SOURCES,
        "policies": [
            {"id": f"p{n}", "source": "test", **policy} for n, policy in enumerate(policies)
        ],
    }
    return Scenario(ScenarioDocument.model_validate(data | parts), chain)


RECIPE = (1.0, 1.2, 1.17, 0.33, 0.5, 0.5)
"""Tonnes of the good before per tonne of each good of a random chain."""


LAWS = tuple(Law)
"""Every sourcing law, to draw from."""


def random_chain(
    seed: int,
    stages: int = 4,
    regions: int = 12,
    least: float = 0.02,
    laws: tuple[Law, ...] = (Law.LOGIT,),
    *,
    curves: bool = False,
) -> Chain:
    """A balanced chain with random trade, margins, capacities and elasticities from ``least``.

    The law of each good is drawn from ``laws``; armington only for the last good. With ``curves``
    some routes have carriers, and the last good and the one before it are bought by the same
    users (:mod:`tests.support.curved`).
    """
    rng = np.random.default_rng(seed)
    goods, names = [f"g{s}" for s in range(stages)], [f"r{i}" for i in range(regions)]
    flows = _random_flows(rng, stages, regions, SIDE if curves else 0.0)
    rows: list[dict[str, Any]] = []
    processes: list[dict[str, Any]] = []
    buyer_price = np.zeros(regions)
    for s, flow in enumerate(flows):
        output = flow.sum(axis=1)
        cost = 1e4 if s == 0 else RECIPE[s] * buyer_price
        price = cost * rng.uniform(1.06, 1.6, regions)
        for i in np.flatnonzero(output):
            process = f"p{s}_{i}"
            capacity = quantity(output[i] * rng.uniform(1.0, 1.5), "t/yr")
            processes.append(
                {
                    "id": process,
                    "technology": f"t{s}",
                    "region": names[i],
                    "source": "test",
                    "capacity": capacity if rng.random() < 0.5 else None,
                }
            )
            rows.append(row("production", output[i], process=process))
            rows.append(row("producer_price", price[i], good=goods[s], region=names[i]))
            rows += [
                row("flow", flow[i, j], good=goods[s], region=names[i], partner=names[j])
                for j in np.flatnonzero(flow[i])
            ]
        away = 1.0 - np.eye(regions)
        landed = np.where(output > 0, price, 0.0)[:, None] * (1 + 0.02 * away) + 200 * away
        buyer_price = (flow * landed).sum(axis=0) / np.maximum(flow.sum(axis=0), 1e-300)
    final = flows[-1].sum(axis=0)
    rows += [
        row("use", final[j], good=goods[-1], region=names[j], use="final") for j in range(regions)
    ]
    data: dict[str, Any] = {
        "goods": [
            bought_by(law, good(name, f"sigma{s}"))
            for s, (name, law) in enumerate(
                zip(goods, _random_laws(seed, stages, laws), strict=True)
            )
        ],
        "regions": [
            {"id": name, "customs_value": "fob" if i % 3 == 0 else "cif", "source": "test"}
            for i, name in enumerate(names)
        ],
        "elasticities": _random_elasticities(rng, seed, stages, least),
        "technologies": [_technology(s, goods) for s in range(stages)],
        "processes": processes,
        "demands": [
            {
                "good": goods[-1],
                "region": name,
                "use": "final",
                "source": "test",
                "curve": {
                    "kind": "isoelastic",
                    "elasticity": "demand",
                    "choke_multiple": quantity(10.0, "1"),
                },
            }
            for name in names
        ],
        "freight": [
            {"cost": quantity(200, "USD/t"), "insurance": quantity(0.02, "1"), "source": "test"}
        ],
        "benchmarks": {"central": {"title": "random", "rows": rows}},
    }
    if curves:
        add_curves(data, np.random.default_rng([seed, 2]), flows)
    return frame(**data)


def bought_by(law: Law, bought: dict[str, Any]) -> dict[str, Any]:
    """The same good under another law."""
    sigma = {} if law is Law.HOMOGENEOUS else {"sigma": bought["sourcing"]["sigma"]}
    return bought | {"sourcing": {"law": law.value} | sigma}


def _random_laws(seed: int, stages: int, laws: tuple[Law, ...]) -> list[Law]:
    rng = np.random.default_rng([seed, 1])
    drawn = [laws[rng.integers(len(laws))] for _ in range(stages)]
    inner = [Law.LOGIT if law is Law.ARMINGTON else law for law in drawn[:-1]]
    return [*inner, drawn[-1]]


def _technology(stage: int, goods: list[str]) -> dict[str, Any]:
    inputs = {} if stage == 0 else {goods[stage - 1]: quantity(RECIPE[stage], "t/t")}
    return {
        "id": f"t{stage}",
        "label": f"t{stage}",
        "inputs": inputs,
        "outputs": {goods[stage]: quantity(1.0, "t/t")},
        "supply": {"kind": "isoelastic", "elasticity": f"supply{stage}"},
        "source": "test",
    }


def _random_elasticities(
    rng: np.random.Generator, seed: int, stages: int, least: float
) -> dict[str, dict[str, Any]]:
    low, later = np.log10(least), np.random.default_rng([seed, 2])
    found = {"demand": elasticity(10 ** rng.uniform(low, 0.0), "buyer_price")}
    for s in range(stages):
        short = 10 ** rng.uniform(low, 0.3)
        long = short * 10 ** later.uniform(0.0, 1.0)
        found[f"supply{s}"] = elasticity(short, "output_price", long)
        found[f"sigma{s}"] = elasticity(rng.uniform(2.0, 8.0), "landed_price")
    return found


def _random_flows(
    rng: np.random.Generator, stages: int, regions: int, side: float
) -> list[np.ndarray]:
    """Flows by stage, upstream first; the first region makes everything.

    ``side`` is final use of the last good but one, as a share of what goes into the last.
    """
    need = rng.lognormal(0.0, 1.5, regions) * 1000.0
    flows: list[np.ndarray] = []
    for s in reversed(range(stages)):
        makes = rng.random(regions) < 0.6
        makes[0] = True
        weight = np.where(makes, rng.lognormal(0.0, 1.5, regions), 0.0)
        share = weight[:, None] * np.where(np.eye(regions) > 0, 5.0, 1.0)
        share = share * rng.lognormal(0.0, 1.0, (regions, regions))
        share = share * (rng.random((regions, regions)) < 0.6)
        share[0] = np.where(share.sum(axis=0) == 0.0, 1.0, share[0])
        flow = share / share.sum(axis=0) * need
        flows.insert(0, flow)
        need = flow.sum(axis=1) * RECIPE[s]
        if s == stages - 1:
            need *= 1.0 + side
    return flows


def with_contracts(chain: Chain, seed: int) -> Chain:
    """The same chain with a share of some routes bound by contract."""
    rng = np.random.default_rng([seed, 3])
    laws = {good.id: good.sourcing.law for good in chain.goods}
    routes = [
        {"good": r.good, "origin": r.region, "destination": r.partner}
        for r in chain.benchmarks["central"].rows
        if r.variable == "flow" and laws[r.good or ""] != "armington"
    ]
    bound = [
        routes[n] | {"share": quantity(rng.uniform(0.2, 0.7), "1"), "source": "test"}
        for n in rng.permutation(len(routes))[:6]
    ]
    return Chain.model_validate(chain.model_dump(exclude_unset=True) | {"contracts": bound})
