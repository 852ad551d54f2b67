"""One example of every instrument on one route and one maker, from loose to tight.

Good ``g1`` is made from ``g0`` in ``r0`` (abroad), ``r1`` (home) and ``r2``; part of what ``r0``
makes may be sold as ``r2``'s. ``size`` runs from 0 (nothing, or not binding) to 1 (tight).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pricing
from pricing.chains.network import Network
from pricing.chains.schema import Chain
from pricing.economics.sourcing import Law
from pricing.equilibrium.build import world
from tests.support.chains import random_chain, scenario_on

GOOD, INPUT, ABROAD, HOME, THIRD = "g1", "g0", "r0", "r1", "r2"
WORLD = {
    "horizon": "long",
    "transshipments": [
        {
            "good": GOOD,
            "origin": ABROAD,
            "via": THIRD,
            "destinations": [HOME],
            "share": "10 %",
            "evasion_cost": "200 USD/t",
            "source": "test",
        }
    ],
}
"""Capacity adjusts, for grants; one origin may hide, for origin rules."""

Document = dict[str, Any]


@cache
def chain(law: Law = Law.LOGIT) -> Chain:
    """Two goods and three regions, all of which make both and trade both; ``g1`` has a law."""
    laws = (law,) if law is Law.ARMINGTON else (Law.LOGIT,)
    return random_chain(67, stages=2, regions=3, least=0.3, laws=laws)


def assumptions(law: Law) -> Document:
    """Assumptions under which ``g1`` has a law; composites of armington are not hidden."""
    if law is Law.ARMINGTON:
        return {"horizon": "long"}
    return WORLD | ({"homogeneous": [GOOD]} if law is Law.HOMOGENEOUS else {})


@cache
def network(law: Law = Law.LOGIT) -> Network:
    """The chain, calibrated."""
    document = scenario_on(chain(law), assumptions=assumptions(law)).document
    return world(chain(law), document).network


@cache
def _sizes() -> dict[str, float]:
    setting = network().setting
    g, abroad, home = setting.goods.index(GOOD), 0, 1
    return {
        "price": float(setting.price_scale[g]),
        "input": float(setting.price_scale[g - 1]),
        "flow": float(setting.benchmark_flow[g, abroad, home]),
        "made": float(setting.benchmark_output[g, home]),
        "used": float(setting.benchmark_flow[g, :, home].sum()),
        "exports": float(setting.benchmark_flow[g, abroad, 1:].sum()),
    }


def solved(*policies: Document, law: Law = Law.LOGIT) -> pricing.Result:
    """Solve policies in the world above; every check holds."""
    result = pricing.solve(scenario_on(chain(law), *policies, assumptions=assumptions(law)))
    failed = [check.name for check in result.accounts.checks if not check.passed]
    assert not failed, failed
    assert result.diagnostics.residual <= 1e-8
    return result


Measure = Callable[[pricing.Result], float]


def arrivals(result: pricing.Result) -> float:
    """Tonnes of the good from abroad at home [t]."""
    return float(result.solved.state.flow[0, 1, 0, 1])


def imports(result: pricing.Result) -> float:
    """Tonnes of the good from everywhere at home [t]."""
    return float(result.solved.state.flow[0, 1, [0, 2, 3], 1].sum())


def exports(result: pricing.Result) -> float:
    """Tonnes of the good that leave abroad [t]."""
    return float(result.solved.state.flow[0, 1, 0, 1:].sum())


def hidden(result: pricing.Result) -> float:
    """Tonnes that arrive at home under another name [t]."""
    return float(result.solved.state.flow[0, 1, 3, 1])


def share(result: pricing.Result) -> float:
    """Share of arrivals from abroad in what home buys [1]."""
    return float(result.solved.state.shares[0, 1, 0, 1])


def output(result: pricing.Result) -> float:
    """Output of the good at home [t]."""
    return float(result.solved.state.output[0, 1, 1])


def price(result: pricing.Result) -> float:
    """Ex-works price at home [USD/t]."""
    return float(result.solved.state.price[0, 1, 1])


def buyers_price(result: pricing.Result) -> float:
    """Price index at home [USD/t]."""
    return float(result.solved.state.index[0, 1, 1])


def outlay(result: pricing.Result) -> float:
    """What the home treasury pays more [USD]."""
    return -float(result.accounts.agents.treasuries[0, 1])


@dataclass(frozen=True)
class Example:
    """One instrument between loose and tight."""

    at: Callable[[float], Document]
    """Its document at a size."""
    target: Measure
    """What it is meant to move."""
    sign: float
    """Up (1) or down (-1)."""


ROUTE = {"good": GOOD, "origins": [ABROAD], "destinations": [HOME]}
MAKER = {"good": GOOD, "region": HOME}


def _usd(value: float) -> str:
    return f"{value!r} USD/t"


def _tonnes(value: float) -> str:
    return f"{value!r} t/yr"


def _examples() -> dict[str, Example]:
    n = _sizes()
    prices = {GOOD: n["price"]}

    def level(size: float) -> str:
        return _usd(prices[GOOD] * (0.8 + 0.6 * size))

    def border(size: float) -> Document:
        fixed = {"kind": "fixed", "prices": {GOOD: level(size)}}
        return {"zone": [HOME], "level": fixed, "mechanism": {"kind": "border_levy"}}

    def content(size: float) -> Document:
        reference = {INPUT: _usd(n["input"] * (0.9 + 0.5 * size))}
        return ROUTE | {"basis": {"kind": "embedded_reference_gap", "references": reference}}

    def two_tiers(size: float) -> Document:
        quota = _tonnes(n["flow"] * (1.2 - size))
        return ROUTE | {"quota": quota, "in_quota": "5 %", "over_quota": "60 %"}

    def undertaken(size: float) -> Document:
        kept = {"price": level(size), "volume": _tonnes(n["flow"] * (1.2 - size))}
        return ROUTE | kept | {"fallback": "60 %"}

    def entry(size: float) -> Document:
        return ROUTE | {"entry_price": level(size), "max_tariff": _usd(0.3 * n["price"])}

    def grown(at_least: float, size: float) -> str:
        return _usd(n["price"] * (at_least + 0.4 * size))

    goods = {"goods": [GOOD], "origins": [ABROAD]}
    table: dict[str, tuple[Callable[[float], Document], Measure, float]] = {
        "tariff": (lambda s: ROUTE | {"rate": f"{50.0 * s!r} %"}, arrivals, -1.0),
        "tariff_rate_quota": (two_tiers, arrivals, -1.0),
        "stepped_safeguard": (lambda s: ROUTE | {"trigger": level(s)}, arrivals, -1.0),
        "entry_price": (entry, arrivals, -1.0),
        "content_tariff": (content, arrivals, -1.0),
        "reference_price": (border, imports, -1.0),
        "minimum_import_price": (
            lambda s: {"prices": {GOOD: level(s)}, "origins": [ABROAD], "destinations": [HOME]},
            arrivals,
            -1.0,
        ),
        "undertaking": (undertaken, arrivals, -1.0),
        "price_guarantee": (lambda s: MAKER | {"strike": grown(0.9, s)}, output, 1.0),
        "margin_guarantee": (
            lambda s: (
                MAKER | {"floor": f"{n['price'] * n['made'] * s!r} USD", "fixed_cash_cost": "0 USD"}
            ),
            outlay,
            1.0,
        ),
        "offtake": (
            lambda s: (
                MAKER | {"tonnes": _tonnes(n["made"] * (0.1 + s)), "offtaker": HOME, "buyer": HOME}
            ),
            output,
            1.0,
        ),
        "production_subsidy": (
            lambda s: MAKER | {"amount": _usd(0.2 * n["price"] * s)},
            output,
            1.0,
        ),
        "input_subsidy": (
            lambda s: {"good": INPUT, "region": HOME, "amount": _usd(0.2 * n["input"] * s)},
            output,
            1.0,
        ),
        "intervention_purchase": (lambda s: MAKER | {"floor": grown(0.9, s)}, price, 1.0),
        "stockpile": (
            lambda s: (
                MAKER | {"rule": {"kind": "quantity", "bought": _tonnes(0.3 * n["used"] * s)}}
            ),
            buyers_price,
            1.0,
        ),
        "import_quota": (lambda s: ROUTE | {"quota": _tonnes(n["flow"] * (1.2 - s))}, arrivals, -1),
        "sourcing_cap": (
            lambda s: (
                {"good": GOOD, "origins": [ABROAD], "buyers": [HOME]}
                | {"share": f"{95.0 - 90.0 * s!r} %"}
            ),
            share,
            -1.0,
        ),
        "export_tax": (lambda s: goods | {"rate": f"{50.0 * s!r} %"}, exports, -1.0),
        "export_quota": (
            lambda s: (
                {"good": GOOD, "origins": [ABROAD]} | {"quota": _tonnes(n["exports"] * (1.2 - s))}
            ),
            exports,
            -1.0,
        ),
        "export_licence": (
            lambda s: goods | {"destinations": [HOME], "approved": f"{1.2 - s!r} 1"},
            arrivals,
            -1.0,
        ),
        "export_ban": (
            lambda s: goods | {"destinations": [HOME], "active": s == 1.0},
            arrivals,
            -1.0,
        ),
        "origin_rule": (
            lambda s: (
                {"goods": [GOOD], "destinations": [HOME]}
                | {"effect": {"kind": "dearer", "cost": _usd(0.5 * n["price"] * s)}}
            ),
            hidden,
            -1.0,
        ),
        "production_quota": (
            lambda s: {"good": GOOD, "regions": [HOME], "quota": _tonnes(n["made"] * (1.2 - s))},
            output,
            -1.0,
        ),
        "capital_grant": (lambda s: MAKER | {"share": f"{60.0 * s!r} %"}, output, 1.0),
    }
    return {kind: Example(*row) for kind, row in table.items()}


@cache
def examples() -> dict[str, Example]:
    """Kind -> its example."""
    return _examples()


def duty_by_content(basis: str, name: str) -> Document:
    """A content duty that prices or inputs decide, and that leaves part of a high floor open."""
    above: Document = {"kind": "full_value", "inputs": [INPUT], "threshold": "1 %", "rate": "25 %"}
    gap = examples()["content_tariff"].at(0.4)["basis"]
    found = above if basis == "full_value" else gap
    return ROUTE | {"kind": "content_tariff", "id": name, "basis": found}


def policy(kind: str, size: float, name: str, law: Law = Law.LOGIT) -> Document:
    """One policy of a kind, at a size; a minimum of a homogeneous good is a duty-paid price."""
    at = {"compare_at": "duty_paid"}
    one_price = kind == "minimum_import_price" and law is Law.HOMOGENEOUS
    return {"kind": kind, "id": name, **examples()[kind].at(size), **(at if one_price else {})}
