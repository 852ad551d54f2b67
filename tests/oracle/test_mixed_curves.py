"""Named plants, fixed demand, must-run and joint products in one chain, solved by hand.

A mine makes a tonne of ore and 0.2 t of tin at 10 USD; it must run at 50 t and can at 80 t. Two
smelters make metal from ore for 5 USD (30 t) and 8 USD (40 t). Machines take a fixed tonnage up to
100 USD/t; tin demand is ``20 - P / 2``.
"""

from __future__ import annotations

import pytest

import pricing
from tests.support.chains import quantity, scenario_on
from tests.support.markets import Markets

EXACT = 1e-9


def solved(machines: float) -> pricing.Result:
    """The chain with this fixed demand, with all six checks holding."""
    found = Markets(("ore", "tin", "metal"), ("Home",))
    mine = found.supply(
        "ore",
        "Home",
        {"kind": "flat", "cost": quantity(10.0, "USD/t")},
        minimum=quantity(50.0, "t/yr"),
        capacity=quantity(80.0, "t/yr"),
    )
    assert mine["id"] == "ore_Home"
    found.parts["technologies"][0]["outputs"]["tin"] = quantity(0.2, "t/t")
    first = found.supply(
        "metal",
        "Home",
        {"kind": "flat", "cost": quantity(5.0, "USD/t")},
        inputs={"ore": quantity(1.0, "t/t")},
        capacity=quantity(30.0, "t/yr"),
    )
    dear = {"kind": "flat", "cost": quantity(8.0, "USD/t")}
    second = first | {"id": "second", "supply": dear, "capacity": quantity(40.0, "t/yr")}
    found.parts["processes"].append(second)
    found.demand("tin", "Home", "linear", 1.0, 10.0, 20.0)
    found.fixed_demand("metal", "Home", machines, 20.0, limit=100.0)
    result = pricing.solve(scenario_on(found.chain()))
    assert not {c.name: c.error for c in result.accounts.checks if not c.passed}
    assert result.diagnostics.residual < 1e-10
    return result


@pytest.mark.parametrize(
    ("machines", "levels", "prices", "short"),
    [
        # The second smelter is marginal: metal = ore + 8, ore + 0.2 tin = 10, tin = 40 - 2 x 12.
        (60.0, (60.0, 30.0, 30.0), (6.8, 16.0, 14.8), 0.0),
        # The mine must run: 25 t of ore find no buyer, tin = 40 - 2 x 10, metal costs 5.
        (25.0, (50.0, 25.0, 0.0), (0.0, 20.0, 5.0), 0.0),
        # Smelters are full: machines go without 20 t and pay what that is worth to them.
        (90.0, (70.0, 30.0, 40.0), (7.6, 12.0, 100.0), 20.0),
    ],
)
def test_three_regimes(
    machines: float,
    levels: tuple[float, ...],
    prices: tuple[float, ...],
    short: float,
) -> None:
    result = solved(machines)
    state = result.solved.state
    assert state.level[0] == pytest.approx(levels, rel=EXACT, abs=1e-8)
    assert state.price[0, :, 0] == pytest.approx(prices, rel=EXACT, abs=1e-8)
    rows = [r["value"] for r in result.records if r["variable"] == "shortage"]
    assert sum(rows[:1]) == pytest.approx(short, rel=EXACT)
