"""Transport with a price, flow caps and ad valorem duties, against other ways to the answer.

Chains are written as a user would write them and solved through the public library; the answers
come from closed forms, root finding on one equation, or a quadratic programme.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.sparse import csc_matrix

import pricing
from tests.support.chains import quantity, scenario_on
from tests.support.markets import Markets
from tests.support.qp import programme

EXACT = 1e-9


def price(result: pricing.Result, region: str) -> float:
    """Producer price of the only good [USD/t]."""
    at = result.solved.program.network.regions.index(region)
    return float(result.solved.state.price[0, 0, at])


def delivered(result: pricing.Result, region: str) -> float:
    """Delivered price of the only good [USD/t]."""
    at = result.solved.program.network.regions.index(region)
    return float(result.solved.state.index[0, 0, at])


def rising(slope: float, base: float, at: float) -> tuple[float, float, float]:
    """Elasticity, tonnes and price that state the line ``base + slope q`` at ``at`` tonnes."""
    fare = base + slope * at
    return fare / (slope * at), at, fare


def sound(result: pricing.Result) -> None:
    """All six checks hold, and the conditions do to rounding."""
    failed = {check.name: check.error for check in result.accounts.checks if not check.passed}
    assert not failed
    assert result.diagnostics.residual < 1e-10


@pytest.mark.parametrize("customs", ["fob", "cif"])
@pytest.mark.parametrize("rate", [0.0, 0.25])
def test_upward_sloping_transport_between_two_regions(customs: str, rate: float) -> None:
    """Supply ``-20 + 2 p``, demand ``200 - P``, fare ``4 + 0.1 f``: one equation in ``f``."""
    market = Markets(("wheat",), ("South", "North"), customs)
    market.supply("wheat", "South", market.curve("linear", 1.5, 40.0, 30.0))
    market.demand("wheat", "North", "linear", 1.0, 100.0, 100.0)
    line = market.curve("linear", *rising(0.1, 4.0, 50.0))
    market.route("South", "North", 9.0, carriers={"supply": line})
    tariff = {
        "kind": "tariff",
        "good": "wheat",
        "destinations": ["North"],
        "rate": quantity(rate, "1"),
    }

    def flow(duty: float) -> float:
        on_fare = 1.0 + duty * (customs == "cif")
        # 200 - f = (1 + duty) (10 + f / 2) + on_fare (4 + f / 10)
        constant = 200.0 - (1.0 + duty) * 10.0 - on_fare * 4.0
        return constant / (1.0 + (1.0 + duty) / 2.0 + on_fare / 10.0)

    result = pricing.solve(scenario_on(market.chain(), tariff))
    free, taxed = flow(0.0), flow(rate)
    assert result.solved.state.flow[0, 0, 0, 1] == pytest.approx(taxed, rel=EXACT)
    assert price(result, "South") == pytest.approx(10.0 + taxed / 2.0, rel=EXACT)
    assert delivered(result, "North") == pytest.approx(200.0 - taxed, rel=EXACT)
    areas = result.accounts.agents
    carriers = 0.05 * (taxed**2 - free**2)
    assert areas.processes[0, 1] == pytest.approx(carriers, rel=1e-8, abs=1e-9)
    rows = [row for row in result.records if row["variable"] == "transport_price"]
    fares = {row["scenario"]: row["value"] for row in rows}
    assert fares["case"] == pytest.approx(4.0 + 0.1 * taxed, rel=EXACT)
    sound(result)


@pytest.mark.parametrize(("customs", "flow"), [("fob", 131.0 / 1.35), ("cif", 133.0 / 1.3)])
def test_a_duty_that_looks_at_the_price_sees_the_fare_where_customs_do(
    customs: str, flow: float
) -> None:
    """As above, with a duty of half of what the customs value ``v`` is below 120: ``10 + f / 2``,
    or with the fare of ``4 + f / 10``. ``200 - f = 14 + 0.6 f + (120 - v) / 2``."""
    market = Markets(("wheat",), ("South", "North"), customs)
    market.supply("wheat", "South", market.curve("linear", 1.5, 40.0, 30.0))
    market.demand("wheat", "North", "linear", 1.0, 100.0, 100.0)
    line = market.curve("linear", *rising(0.1, 4.0, 50.0))
    market.route("South", "North", 9.0, carriers={"supply": line})
    band = {"fall": quantity(0.0, "%"), "rate": quantity(50.0, "%")}
    safeguard = {"kind": "stepped_safeguard", "good": "wheat", "destinations": ["North"]}
    safeguard |= {"trigger": quantity(120.0, "USD/t"), "bands": [band]}
    entry = {"kind": "entry_price", "good": "wheat", "destinations": ["North"]}
    entry |= {"entry_price": quantity(120.0, "USD/t"), "max_tariff": quantity(30.0, "USD/t")}

    result = pricing.solve(scenario_on(market.chain(), safeguard))
    assert result.solved.state.flow[0, 0, 0, 1] == pytest.approx(flow, rel=EXACT)
    assert delivered(result, "North") == pytest.approx(200.0 - flow, rel=EXACT)
    sound(result)
    # A maximum of 30: 200 - f = 44 + 0.6 f at 97.5 t, whose value is below the edge of 110.4.
    result = pricing.solve(scenario_on(market.chain(), entry))
    assert result.solved.state.flow[0, 0, 0, 1] == pytest.approx(97.5, rel=EXACT)
    sound(result)


def test_linear_transport_on_every_route_of_three_regions() -> None:
    """Fares ``h + g f`` abroad and at home, against a quadratic programme."""
    rng = np.random.default_rng(3)
    names = ("A", "B", "C")
    a, b, c, d = (rng.uniform(*ends, 3) for ends in ((5, 20), (0.5, 2), (80, 200), (0.5, 2)))
    h, g = rng.uniform(1.0, 12.0, (3, 3)), rng.uniform(0.05, 0.6, (3, 3))
    market = Markets(("wheat",), names)
    for i, name in enumerate(names):
        at = 40.0
        made, used = a[i] + b[i] * at, c[i] - d[i] * at
        market.supply("wheat", name, market.curve("linear", b[i] * at / made, made, at))
        market.demand("wheat", name, "linear", d[i] * at / used, used, at)
        for j, other in enumerate(names):
            line = market.curve("linear", *rising(g[i, j], h[i, j], 10.0))
            market.route(name, other, h[i, j], carriers={"supply": line})
    result = pricing.solve(scenario_on(market.chain()))
    # y = output, f = flows, z = use: prices are the multipliers of the balances.
    curve = np.r_[1.0 / b, g.ravel(), 1.0 / d]
    linear = np.r_[-a / b, h.ravel(), -c / d]
    keep = np.zeros((6, 15))
    for i in range(3):
        keep[i, i], keep[i, 3 + 3 * i + np.arange(3)] = -1.0, 1.0
        keep[3 + i, 3 + i + 3 * np.arange(3)], keep[3 + i, 12 + i] = -1.0, 1.0
    box = np.zeros(15), np.full(15, np.inf)
    found, duals = programme(curve, linear, csc_matrix(keep), box)
    state = result.solved.state
    np.testing.assert_allclose(state.price[0, 0], duals[:3], rtol=1e-7)
    np.testing.assert_allclose(state.index[0, 0], duals[3:], rtol=1e-7)
    np.testing.assert_allclose(state.flow[0, 0].ravel(), found[3:12], atol=1e-5)
    assert (state.flow[0, 0] > 1.0).sum() > 4
    sound(result)


def two_regions(fare: float, **carriers: dict[str, object]) -> Markets:
    """Constant elasticities: East makes cheaply, West dearly; both use the good."""
    market = Markets(("wheat",), ("East", "West"))
    for region, made, cost in (("East", 100.0, 40.0), ("West", 60.0, 90.0)):
        market.supply("wheat", region, market.curve("isoelastic", 0.6, made, cost))
        market.demand("wheat", region, "isoelastic", 0.4, 80.0, 60.0)
    market.route("East", "West", fare, **carriers)
    market.route("West", "East", fare)
    return market


def excess(region: str, at: float) -> float:
    """Supply less demand of a region at its price [t]."""
    made, cost = {"East": (100.0, 40.0), "West": (60.0, 90.0)}[region]
    return float(made * (at / cost) ** 0.6 - 80.0 * (at / 60.0) ** -0.4)


@pytest.mark.parametrize("by", ["carriers", "quota"])
def test_constant_elasticity_trade_with_a_flow_cap(by: str) -> None:
    """With a cap the two prices solve one equation each; the rent goes to whom it should."""
    cap, fare = 12.0, 5.0
    free = brentq(lambda p: excess("East", p) + excess("West", p + fare), 20.0, 200.0, xtol=1e-13)
    assert excess("East", free) > cap
    east = brentq(lambda p: excess("East", p) - cap, 10.0, 200.0, xtol=1e-13)
    west = brentq(lambda p: excess("West", p) + cap, 10.0, 200.0, xtol=1e-13)
    capacity = quantity(cap, "t/yr")
    if by == "carriers":
        result = pricing.solve(
            scenario_on(two_regions(fare, carriers={"capacity": capacity}).chain())
        )
        fares = [r["value"] for r in result.records if r["variable"] == "transport_price"]
        assert fares[0] == pytest.approx(west - east, rel=EXACT)
    else:
        quota = {"kind": "import_quota", "good": "wheat", "destinations": ["West"]}
        result = pricing.solve(scenario_on(two_regions(fare).chain(), quota | {"quota": capacity}))
        assert result.reference.state.price[0, 0, 0] == pytest.approx(free, rel=EXACT)
        rent = result.accounts.agents.licence_holders[0, 1]
        assert rent == pytest.approx((west - east - fare) * cap, rel=1e-8)
    assert price(result, "East") == pytest.approx(east, rel=EXACT)
    assert price(result, "West") == pytest.approx(west, rel=EXACT)
    sound(result)


@pytest.mark.parametrize("customs", ["fob", "cif"])
def test_ad_valorem_duties_on_three_regions(customs: str) -> None:
    """Two exporters with different duties serve a third region: one equation in its price."""
    names, fares, rates = ("A", "B", "C"), (6.0, 15.0), (0.30, 0.05)
    supply = {"A": (120.0, 30.0, 0.5), "B": (90.0, 40.0, 0.8), "C": (50.0, 70.0, 0.3)}
    demand = {"A": (60.0, 45.0, 0.3), "B": (50.0, 45.0, 0.5), "C": (160.0, 60.0, 0.7)}
    market = Markets(("wheat",), names, customs)
    for name in names:
        made, cost, eta = supply[name]
        used, at, eps = demand[name]
        market.supply("wheat", name, market.curve("isoelastic", eta, made, cost))
        market.demand("wheat", name, "isoelastic", eps, used, at)
    for i, j in ((i, j) for i in names for j in names if i != j):
        market.route(i, j, fares["AB".index(i)] if j == "C" else 60.0, insurance=0.01)
    tariffs = [
        {
            "kind": "tariff",
            "good": "wheat",
            "origins": [name],
            "destinations": ["C"],
            "rate": quantity(rate, "1"),
        }
        for name, rate in zip("AB", rates, strict=True)
    ]

    def surplus(name: str, p: float) -> float:
        made, cost, eta = supply[name]
        used, at, eps = demand[name]
        return float(made * (p / cost) ** eta - used * (p / at) ** -eps)

    def netback(p: float, fare: float, rate: float) -> float:
        on_fare = rate if customs == "cif" else 0.0
        return (p - fare * (1.0 + on_fare)) / (1.01 + rate * (1.01 if customs == "cif" else 1.0))

    def gap(p: float) -> float:
        back = [netback(p, fare, rate) for fare, rate in zip(fares, rates, strict=True)]
        return surplus("C", p) + surplus("A", back[0]) + surplus("B", back[1])

    answer = brentq(gap, 40.0, 200.0, xtol=1e-13)
    result = pricing.solve(scenario_on(market.chain(), *tariffs))
    flow = result.solved.state.flow[0, 0]
    assert flow[0, 2] > 1.0
    assert flow[1, 2] > 1.0
    assert delivered(result, "C") == pytest.approx(answer, rel=EXACT)
    for name, fare, rate in zip("AB", fares, rates, strict=True):
        assert price(result, name) == pytest.approx(netback(answer, fare, rate), rel=EXACT)
    sound(result)
