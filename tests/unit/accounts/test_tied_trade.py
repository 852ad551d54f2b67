"""Trade among routes that tie in the base year, against the circle of flows by hand."""

from __future__ import annotations

from typing import Any

import pytest

import pricing
from pricing.accounts.notices import Code, Warning_
from pricing.chains.schema import Chain
from tests.support.chains import elasticity, frame, places, quantity, scenario_on, technology
from tests.support.spatial import homogeneous

FLOWS = {"AC": 30.0, "AD": 20.0, "BC": 25.0, "BD": 15.0}


HOME_AND_ABROAD = {"AA": 50.0, "BA": 20.0, "BB": 50.0}


def two_by_two(flows: dict[str, float], freight: float) -> Chain:
    """Farms sell to mills, some in other regions; the base year has trade on these routes."""
    made: dict[str, float] = {}
    used: dict[str, float] = {}
    for (origin, buyer), tonnes in flows.items():
        made[origin] = made.get(origin, 0.0) + tonnes
        used[buyer] = used.get(buyer, 0.0) + tonnes

    def row(variable: str, value: float, unit: str = "t/yr", **at: str) -> dict[str, Any]:
        return {"variable": variable, "value": value, "unit": unit, "source": "test", **at}

    rows = [row("producer_price", 100.0, "USD/t", good="wheat", region=r) for r in made]
    rows += [row("production", tonnes, process=f"farms_{r}") for r, tonnes in made.items()]
    rows += [row("use", t, good="wheat", region=r, use="bread") for r, t in used.items()]
    rows += [row("flow", t, good="wheat", region=a, partner=b) for (a, b), t in flows.items()]
    curve = {"kind": "isoelastic", "elasticity": "demand", "choke_multiple": quantity(10.0, "1")}
    return frame(
        goods=[homogeneous("wheat")],
        regions=places(sorted(set("".join(flows)))),
        elasticities={
            "supply": elasticity(1.0, "margin"),
            "demand": elasticity(0.5, "buyer_price"),
        },
        technologies=[technology("farming", "wheat", "isoelastic", "supply")],
        processes=[
            {"id": f"farms_{r}", "technology": "farming", "region": r, "source": "test"}
            for r in made
        ],
        demands=[
            {"good": "wheat", "region": r, "use": "bread", "curve": curve, "source": "test"}
            for r in used
        ],
        freight=[{"cost": quantity(freight, "USD/t"), "insurance": "0 %", "source": "test"}],
        benchmarks={"base": {"title": "base", "rows": rows}},
    )


def told(
    *policies: dict[str, Any], flows: dict[str, float] = FLOWS, freight: float = 1.0
) -> tuple[pricing.Result, list[Warning_]]:
    result = pricing.solve(scenario_on(two_by_two(flows, freight), *policies))
    return result, [w for w in result.warnings if w.code is Code.TIED_TRADE]


def test_the_least_duty_turns_the_circle_as_far_as_it_goes() -> None:
    """A to C and B to D lose what A to D and B to C gain, until B to D is empty after 15 t."""
    tariff: dict[str, Any] = {"kind": "tariff", "good": "wheat", "origins": ["A"]}
    tariff |= {"destinations": ["C"], "rate": quantity(1e-6, "1")}
    result, (warning,) = told(tariff)
    flow = result.solved.state.flow[0, 0]
    assert flow[:2, 2:].ravel() == pytest.approx([15.0, 35.0, 40.0, 0.0], abs=1e-3)
    assert warning.numbers["tonnes"] == pytest.approx(30.0, abs=1e-3)
    assert warning.numbers["share"] == pytest.approx(30.0 / 90.0, abs=1e-5)
    assert "decided by the least policy" in warning.text


def test_trade_that_stays_on_its_routes_is_no_news() -> None:
    assert not told()[1]
    every: dict[str, Any] = {"kind": "tariff", "good": "wheat", "origins": ["A", "B"]}
    assert not told(every | {"destinations": ["C"], "rate": quantity(1e-6, "1")})[1]


@pytest.mark.parametrize("rate", [0.001, 0.1, 0.2])
def test_trade_that_a_tariff_shrinks_smoothly_has_not_jumped(rate: float) -> None:
    """Two countries without freight: the way back ties, carries nothing, and cannot turn around."""
    tariff: dict[str, Any] = {"kind": "tariff", "good": "wheat", "destinations": ["A"]}
    tariff |= {"rate": quantity(rate, "1")}
    result, warnings = told(tariff, flows=HOME_AND_ABROAD, freight=0.0)

    assert result.solved.state.flow[0, 0, 0, 1] == pytest.approx(0.0, abs=1e-9)
    assert 10.0 < result.solved.state.flow[0, 0, 1, 0] < 20.0
    assert not warnings
