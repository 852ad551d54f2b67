"""GSIM's worked example of US-EU tariff elimination, on the levels model with armington.

GSIM is linear in proportional changes. So the derivative of the levels model at the base year must
be GSIM's answer, and the levels model's own answer differs by what the linearisation leaves out.

Source: J. Francois and H. K. Hall, *Global Simulation Analysis of Industry-Level Trade Policy*
(GSIM v3.0, 2003), worked example with four regions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pricing
from pricing.chains.schema import Chain
from tests.support.chains import elasticity, frame, places, quantity, row, scenario_on, technology
from tests.support.oracles import oracle

CASE = oracle("gsim_francois_hall_us_eu")
REGIONS = CASE["regions"]
BEFORE, AFTER = np.array(CASE["inputs"]["T0"]), np.array(CASE["inputs"]["T1"])
TRADE = np.array(CASE["inputs"]["trade_matrix_exporter_rows"])


def chain() -> Chain:
    """Sellers and buyers of each region stand apart, so that home sales can bear a tariff."""
    inputs = CASE["inputs"]
    sellers, buyers = [f"{r}_sellers" for r in REGIONS], [f"{r}_buyers" for r in REGIONS]
    bought = (TRADE * BEFORE).sum(axis=0)
    rows = [row("producer_price", 1.0, good="goods", region=name) for name in sellers]
    for i, seller in enumerate(sellers):
        rows.append(row("production", TRADE[i].sum(), process=f"makers_{i}"))
        rows += [
            row("flow", TRADE[i, j], good="goods", region=seller, partner=buyer)
            for j, buyer in enumerate(buyers)
            if TRADE[i, j]
        ]
    for j, buyer in enumerate(buyers):
        rows.append(row("use", TRADE[:, j].sum(), good="goods", region=buyer, use="all"))
    assert (bought > 0.0).all()
    return frame(
        goods=[
            {
                "id": "goods",
                "label": "goods",
                "stage": "goods",
                "basis": "value at world prices",
                "sourcing": {"law": "armington", "sigma": "sigma"},
                "source": "test",
            }
        ],
        regions=places(sellers + buyers),
        elasticities={
            "supply": elasticity(inputs["elasticity_supply"][0], "margin"),
            "demand": elasticity(-inputs["elasticity_demand"][0], "buyer_price"),
            "sigma": elasticity(inputs["elasticity_substitution"][0], "landed_price"),
        },
        technologies=[technology("making", "goods", "isoelastic", "supply")],
        processes=[
            {"id": f"makers_{i}", "technology": "making", "region": name, "source": "test"}
            for i, name in enumerate(sellers)
        ],
        demands=[
            {
                "good": "goods",
                "region": name,
                "use": "all",
                "curve": {"kind": "isoelastic", "elasticity": "demand"},
                "source": "test",
            }
            for name in buyers
        ],
        duties=[
            {
                "layer": "before",
                "good": "goods",
                "importer": buyer,
                "origin": seller,
                "rate": quantity(BEFORE[i, j] - 1.0, "1"),
                "source": "test",
            }
            for i, seller in enumerate(sellers)
            for j, buyer in enumerate(buyers)
        ],
        benchmarks={"central": {"title": "GSIM", "rows": rows}},
    )


def world_prices(power: np.ndarray) -> np.ndarray:
    """Producer prices of the four sellers under tariffs of a given power; one in the base year."""
    policies: list[dict[str, Any]] = [
        {
            "kind": "tariff",
            "good": "goods",
            "origins": [f"{seller}_sellers"],
            "destinations": [f"{buyer}_buyers"],
            "rate": quantity(power[i, j] - 1.0, "1"),
        }
        for i, seller in enumerate(REGIONS)
        for j, buyer in enumerate(REGIONS)
    ]
    scenario = scenario_on(chain(), *policies, assumptions={"existing_duties": False})
    solved = pricing.solve(scenario).solved
    assert solved.diagnostics.residual <= 1e-10
    return solved.state.price[0, 0, : len(REGIONS)]


def test_the_base_year_comes_back() -> None:
    assert world_prices(BEFORE) == pytest.approx(np.ones(4), abs=1e-9)


def test_its_derivative_is_gsims_answer() -> None:
    """A thousandth of the reform either way, divided by its size."""
    size = 1e-3
    up = world_prices(BEFORE * (1.0 + size * (AFTER / BEFORE - 1.0)))
    down = world_prices(BEFORE * (1.0 - size * (AFTER / BEFORE - 1.0)))
    change = (np.log(up) - np.log(down)) / (2.0 * size)
    published = np.array([CASE["outputs"]["published_price_changes"][r] for r in REGIONS])
    assert change == pytest.approx(published, abs=1e-4)
    assert change == pytest.approx(CASE["outputs"]["recomputed"]["price_change"], abs=1e-6)


def test_the_levels_answer_differs_to_second_order() -> None:
    """The whole reform: signs as in GSIM, but exporters who gain access gain more.

    A tariff power that falls by 29 % is no small change: GSIM multiplies it by the base year's
    shares, while in levels every share that grows counts for more of the rest of the fall. The
    distance must be second order: half the reform leaves about a quarter of it.
    """
    linear = np.array(CASE["outputs"]["recomputed"]["price_change"])
    levels = world_prices(AFTER) - 1.0
    half = world_prices(BEFORE * (1.0 + 0.5 * (AFTER / BEFORE - 1.0))) - 1.0
    assert (np.sign(levels) == np.sign(linear)).all()
    gaps = np.abs(levels - linear).max(), np.abs(half - 0.5 * linear).max()
    assert (np.abs(levels) > np.abs(linear))[[0, 2]].all()
    assert 2.0 < gaps[0] / gaps[1] < 8.0
