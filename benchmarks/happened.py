"""What the model says about things that happened, for ``benchmarks/validation.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

import pricing
from pricing.reporting.summary import summarise
from pricing.scenarios.scenario import Scenario

CASES = ("low", "central", "high")
LAWS = ("logit", "homogeneous")
HERE = Path(__file__).parent
STEPS = 18
"""Halvings of the interval when a share is looked for."""


@dataclass(frozen=True)
class Line:
    """One comparison."""

    law: str
    """End of the sourcing bracket."""
    case: str
    """Elasticities."""
    words: str
    """What the model says."""


@dataclass(frozen=True)
class Prices:
    """What makers get, in USD/kg, and shortages."""

    china: float
    """In China."""
    outside: float
    """Elsewhere, weighted by output before the policy; what buyers pay where nobody makes it."""
    short: float
    """Use that goes without, as a share of use outside China [1]."""


def assumed(scenario: Scenario, law: str, case: str, **changes: Any) -> Scenario:
    """The scenario with other elasticities and another sourcing law."""
    goods = [good.id for good in scenario.chain.goods] if law == "homogeneous" else []
    stated = scenario.document.assumptions.revised(case=case, homogeneous=goods)
    document = scenario.document.revised(assumptions=stated, **changes)
    return Scenario(document, scenario.chain)


def prices(scenario: Scenario, good: str) -> Prices:
    """Prices of a good in and outside China."""
    result = pricing.solve(scenario)
    network, state = result.solved.program.network, result.solved.state
    setting = network.setting
    g, china = setting.goods.index(good), setting.regions.index("China")
    weight = np.array(setting.benchmark_output[g])
    weight[china] = 0.0
    price = np.nan_to_num(state.price[0, g])
    wanted = network.flow[g].sum(axis=0)
    abroad = np.arange(wanted.size) != china
    missing = 1.0 - state.flow[0, g].sum(axis=0)[abroad].sum() / wanted[abroad].sum()
    if not weight.any():
        weight, price = np.where(abroad, wanted, 0.0), state.landed[0, g, china]
    outside = weight @ price / weight.sum()
    return Prices(float(state.price[0, g, china]) / 1e3, float(outside) / 1e3, float(missing))


def ban(name: str) -> Callable[[], Iterator[Line]]:
    """Change of the price outside China under the shipped ban of a chain."""

    def lines() -> Iterator[Line]:
        scenario = pricing.load_scenario(f"{name}_export_ban")
        for law in LAWS:
            for case in CASES:
                before = prices(assumed(scenario, law, case, policies=()), name)
                after = prices(assumed(scenario, law, case), name)
                change = 100.0 * (after.outside / before.outside - 1.0)
                words = f"{change:+.0f} % outside China, use there {-100.0 * after.short:+.0f} %"
                yield Line(law, case, words)

    return lines


def gap(name: str, on: str, wanted: float) -> Callable[[], Iterator[Line]]:
    """The share of exports that China lets go at which the prices part as they did."""

    def at(law: str, case: str, approved: float) -> Prices:
        scenario = pricing.load_scenario(on)
        source = next(iter(scenario.document.sources))
        policy = {
            "id": "licence", "kind": "export_licence", "source": source, "goods": [name],
            "origins": ["China"], "destinations": ["all"], "approved": f"{approved} 1",
        }  # fmt: skip
        return prices(assumed(scenario, law, case, policies=[policy]), name)

    def lines() -> Iterator[Line]:
        for law in LAWS:
            for case in CASES:
                low, high = 0.01, 1.0
                for _ in range(STEPS):
                    middle = 0.5 * (low + high)
                    found = at(law, case, middle)
                    wide = found.outside > wanted * found.china
                    low, high = (middle, high) if wide else (low, middle)
                found = at(law, case, high)
                words = (
                    f"{100.0 * high:.0f} % approved gives {found.outside:,.1f} outside and "
                    f"{found.china:,.1f} in China"
                )
                yield Line(law, case, words)

    return lines


def rises(names: dict[str, str], goods: dict[str, str]) -> Callable[[], Iterator[Line]]:
    """Changes of prices in China under scenarios, in both horizons.

    Parameters
    ----------
    names : dict[str, str]
        Scenario -> words before its figures.
    goods : dict[str, str]
        Good -> words for it.
    """

    def lines() -> Iterator[Line]:
        for law, horizon, case in product(LAWS, ("short", "long"), CASES):
            parts = []
            for name, before in names.items():
                scenario = assumed(pricing.load_scenario(name), law, case)
                stated = scenario.document.assumptions.revised(horizon=horizon)
                document = scenario.document.revised(assumptions=stated)
                result = pricing.solve(Scenario(document, scenario.chain))
                network, state = result.solved.program.network, result.solved.state
                at = network.setting.regions.index("China")
                for good, words in goods.items():
                    g = network.setting.goods.index(good)
                    change = 100.0 * (state.price[0, g, at] / network.price[g, at] - 1.0)
                    parts.append(f"{before}{words} {change:+.0f} %")
            yield Line(law, f"{horizon} {case}", ", ".join(parts))

    return lines


def anode_imports() -> Iterator[Line]:
    """Who sells anode material to the United States under its duties of 2026."""
    for law, case in product(LAWS, CASES):
        scenario = assumed(pricing.load_scenario("us_graphite_duties"), law, case)
        network, state = (one := pricing.solve(scenario).solved).program.network, one.state
        setting = network.setting
        g, home = setting.goods.index("anode"), setting.regions.index("United States")
        words = []
        for flow in (network.flow[g, :, home], state.flow[0, g, :, home]):
            abroad = np.where(np.arange(flow.size) == home, 0.0, flow)
            words.append(f"{100.0 * abroad[setting.regions.index('China')] / abroad.sum():.0f} %")
        yield Line(law, case, f"China sells {words[1]} of imports, {words[0]} in the base year")


def protection() -> Iterator[Line]:
    """Quarterly price-protection income of MP Materials from tonnes and prices."""
    scenario = pricing.load_scenario("mp_price_guarantee")
    for case in CASES:
        result = pricing.solve(assumed(scenario, "logit", case))
        network, state = result.solved.program.network, result.solved.state
        at = network.setting.goods.index("oxide"), network.setting.regions.index("China")
        support = 110.0 - state.price[0][at] / 1e3
        paid = {
            "Q4 2025, 718 t made": 718, "with 605 t of stock": 718 + 605,
            "Q1 2026, 917 t made": 917, "1,006 t sold": 1006,
        }  # fmt: skip
        words = ", ".join(f"{name}: {support * t / 1e3:.1f}" for name, t in paid.items())
        yield Line("logit", case, f"{support:.1f} USD/kg paid; million USD: {words}")


def india() -> Iterator[Line]:
    """Change of India's steel imports under its minimum import price, low and high end."""
    scenario = pricing.load_scenario(HERE / "india_steel" / "minimum_price.yaml")
    scenario = scenario.but({"policies.minimum.compare_at": "duty_paid"})  # there is no duty
    for law in LAWS:
        for horizon in ("short", "long"):
            for case in CASES:
                stated = assumed(scenario, law, case)
                words = []
                for price in (445, 500):
                    paths = {"policies.minimum.prices.steel": f"{price} USD/t"}
                    result = pricing.solve(stated.but({**paths, "assumptions.horizon": horizon}))
                    before = result.solved.program.network.flow[0, 1, 0]
                    change = 100.0 * (result.solved.state.flow[0, 0, 1, 0] / before - 1.0)
                    words.append(f"{change:+.0f} % at {price} USD/t")
                yield Line(law, f"{case} {horizon}", ", ".join(words))


def support(kind: str, regions: tuple[str, ...], case: str) -> float:
    """Yearly budget cost of 4 % more magnets from Japan and the EU in the long run [USD]."""
    body: dict[str, Any] = {
        "capital_grant": {"share": "0 %"},
        "price_guarantee": {"strike": "0 USD/kg"},
    }[kind]
    policies = [
        {"id": f"p{n}", "kind": kind, "source": "zone_illustrative", "good": "magnet"}
        | {"region": region}
        | body
        for n, region in enumerate(regions)
    ]
    base = assumed(pricing.load_scenario("baseline"), "logit", case, policies=policies)
    base = base.but({"assumptions.horizon": "long"})
    name, unit = ("share", "%") if kind == "capital_grant" else ("strike", "USD/kg")

    def at(level: float) -> tuple[float, float]:
        levels = {f"policies.p{n}.{name}": f"{level} {unit}" for n in range(len(regions))}
        result = pricing.solve(base.but(levels))
        setting, state = result.solved.program.network.setting, result.solved.state
        g = setting.goods.index("magnet")
        both = [setting.regions.index(region) for region in ("Japan", "EU")]
        made = state.output[0, g, both].sum() / setting.benchmark_output[g, both].sum()
        return float(made), -sum(row.change for row in summarise(result).treasuries)

    low, high = (0.0, 95.0) if kind == "capital_grant" else (40.0, 200.0)
    for _ in range(STEPS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if at(middle)[0] > 1.04 else (middle, high)
    return at(high)[1]


def imf() -> Iterator[Line]:
    """Budget cost of the same magnets by price and by capital support, alone and together."""
    for case in CASES:
        words = []
        for kind in ("price_guarantee", "capital_grant"):
            for regions in (("Japan", "EU"), ("EU",)):
                who = "together" if len(regions) > 1 else "the EU alone"
                cost = support(kind, regions, case) / 1e6
                words.append(f"{kind} {who} {cost:.1f} million USD")
        yield Line("logit", f"{case} long", "; ".join(words))
