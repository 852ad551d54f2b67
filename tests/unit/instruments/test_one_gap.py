"""A reference price on all sales of a homogeneous good, against straight lines by hand.

Abroad makes ``p`` and uses ``100 - p``, Home makes ``p / 2`` and uses ``200 - p``; freight is 5.
At a reference ``r`` Home uses ``200 - r``. With one gap makers at Home are paid 5 more than those
abroad, so ``p / 2 + 2 (p - 5) - 100 = 200 - r``: ``p = (310 - r) / 2.5`` at Home, and the gap is
``r - p``.
"""

from __future__ import annotations

from typing import Any

import pytest

import pricing
from pricing.accounts.notices import Code
from pricing.api import Result
from pricing.errors import InputError
from tests.support.chains import quantity, scenario_on
from tests.support.markets import Markets

FREIGHT = 5.0


def two_countries() -> Markets:
    markets = Markets(("wheat",), ("Abroad", "Home"))
    markets.supply("wheat", "Abroad", markets.curve("linear", 1.0, 50.0, 50.0))
    markets.supply("wheat", "Home", markets.curve("linear", 1.0, 25.0, 50.0))
    markets.demand("wheat", "Abroad", "linear", 1.0, 50.0, 50.0)
    markets.demand("wheat", "Home", "linear", 1.0 / 3.0, 150.0, 50.0)
    markets.route("Abroad", "Home", FREIGHT)
    return markets


def all_sales(level: float, zone: tuple[str, ...] = ("Home",), **more: Any) -> dict[str, Any]:
    mechanism = {"kind": "border_levy"} | more.pop("mechanism", {})
    prices = {"wheat": quantity(level, "USD/t")}
    return {
        "kind": "reference_price",
        "zone": list(zone),
        "applies_to": "all_sales",
        "level": {"kind": "fixed", "prices": prices},
        "mechanism": mechanism,
        **more,
    }


def solved(policy: dict[str, Any]) -> Result:
    result = pricing.solve(scenario_on(two_countries().chain(), policy))
    assert all(check.passed for check in result.accounts.checks)
    return result


@pytest.mark.parametrize("level", [89.0, 95.0, 120.0, 140.0])
def test_the_cheapest_makers_sell(level: float) -> None:
    result = solved(all_sales(level))
    state, home = result.solved.state, (310.0 - level) / 2.5
    assert state.price[0, 0] == pytest.approx([home - FREIGHT, home], rel=1e-9)
    assert state.index[0, 0] == pytest.approx([home - FREIGHT, level], rel=1e-9)
    assert state.flow[0, 0, 1] == pytest.approx([0.0, home / 2.0], abs=1e-7)
    gap, arrives = level - home, 200.0 - level - home / 2.0
    agents = result.accounts.agents
    assert float(agents.treasuries[0, 1]) == pytest.approx(gap * arrives, rel=1e-7)
    (rent,) = (w.numbers for w in result.warnings if w.code is Code.RENT_TO_EXPORTERS)
    assert rent == pytest.approx({"Home": gap * home / 2.0}, rel=1e-7)


def test_the_reference_below_the_price_changes_nothing() -> None:
    """Free trade: Home's price p clears p / 2 + 2 (p - 5) - 100 = 200 - p at 620 / 7."""
    state = solved(all_sales(80.0)).solved.state
    assert state.price[0, 0, 1] == pytest.approx(620.0 / 7.0, rel=1e-9)
    assert state.multiplier == pytest.approx(0.0, abs=1e-9)


def test_exporters_who_keep_the_gap_sell_the_same_tonnes() -> None:
    kept = solved(all_sales(120.0, mechanism={"rent_capture": quantity(1.0, "1")}))
    assert kept.solved.state.price[0, 0] == pytest.approx([71.0, 76.0], rel=1e-9)
    (rent,) = (w.numbers for w in kept.warnings if w.code is Code.RENT_TO_EXPORTERS)
    assert rent == pytest.approx({"Abroad": 44.0 * 42.0, "Home": 44.0 * 38.0}, rel=1e-7)
    assert float(kept.accounts.agents.treasuries[0, 1]) == pytest.approx(0.0, abs=1e-7)


def test_with_nobody_outside_both_markets_are_held() -> None:
    """Home uses 80 and Abroad none at 120: p / 2 + (p - 5) = 80 where Home is paid 5 more."""
    state = solved(all_sales(120.0, ("Home", "Abroad"))).solved.state
    home = 85.0 / 1.5
    assert state.price[0, 0] == pytest.approx([home - FREIGHT, home], rel=1e-9)
    assert state.index[0, 0, 1] == pytest.approx(120.0, rel=1e-9)


def test_a_ban_on_imports_leaves_the_reference_to_members() -> None:
    ban: dict[str, Any] = {"kind": "export_ban", "goods": ["wheat"]}
    ban |= {"origins": ["Abroad"], "destinations": ["Home"]}
    chain = two_countries().chain()
    state = pricing.solve(scenario_on(chain, all_sales(140.0), ban)).solved.state
    assert state.price[0, 0, 1] == pytest.approx(120.0, rel=1e-9)  # p / 2 = 60
    assert state.index[0, 0, 1] == pytest.approx(140.0, rel=1e-9)


def test_bound_exports_are_refused() -> None:
    with pytest.raises(InputError, match="share sales by no rule"):
        solved(all_sales(120.0, exports="bound"))


def levy(level: float, **more: Any) -> dict[str, Any]:
    return all_sales(level, **more) | {"applies_to": "non_members"}


def minimum(level: float) -> dict[str, Any]:
    prices = {"wheat": quantity(level, "USD/t")}
    return {"kind": "minimum_import_price", "prices": prices, "destinations": ["Home"]}


def together(*policies: dict[str, Any]) -> Result:
    result = pricing.solve(scenario_on(two_countries().chain(), *policies))
    assert all(check.passed for check in result.accounts.checks)
    return result


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("lower", [levy(95.0), all_sales(95.0), levy(60.0)])
def test_of_two_levies_the_higher_holds_and_not_the_sum(lower: dict[str, Any], turn: int) -> None:
    """At 100 Home uses 100 and makes 50, so 50 arrive: 2 p - 100 = 50 at 75, and 20 are missing."""
    policies = [lower | {"id": "low"}, levy(100.0) | {"id": "high"}][::turn]
    result = together(*policies)
    state = result.solved.state
    assert state.index[0, 0, 1] == pytest.approx(100.0, rel=1e-9)
    assert state.price[0, 0] == pytest.approx([75.0, 100.0], rel=1e-9)
    assert state.flow[0, 0, 0, 1] == pytest.approx(50.0, rel=1e-7)
    lines = result.accounts.agents.treasury_lines
    assert float(lines["reference_price", "high"][0, 1]) == pytest.approx(20.0 * 50.0, rel=1e-7)
    assert float(lines["reference_price", "low"][0, 1]) == pytest.approx(0.0, abs=1e-6)


def test_a_levy_below_a_reference_of_all_sales_takes_nothing() -> None:
    """At 100 makers at Home are paid 84 as above: 58 arrive, and 16 a tonne are charged."""
    result = together(levy(95.0) | {"id": "low"}, all_sales(100.0) | {"id": "high"})
    assert result.solved.state.price[0, 0] == pytest.approx([79.0, 84.0], rel=1e-9)
    lines = result.accounts.agents.treasury_lines
    assert float(lines["reference_price", "high"][0, 1]) == pytest.approx(16.0 * 58.0, rel=1e-7)
    assert float(lines["reference_price", "low"][0, 1]) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("at", "kept"), [(95.0, 0.0), (100.0, 20.0 * 50.0)])
def test_a_minimum_import_price_beside_a_levy(at: float, kept: float) -> None:
    """The higher of both holds: the treasury takes the gap under the levy, exporters their own."""
    compare = {"compare_at": "duty_paid", "id": "minimum"}
    result = together(minimum(at) | compare, levy(195.0 - at) | {"id": "levy"})
    assert result.solved.state.index[0, 0, 1] == pytest.approx(100.0, rel=1e-9)
    lines = result.accounts.agents.treasury_lines
    levied = float(lines["reference_price", "levy"][0, 1])
    assert levied == pytest.approx(20.0 * 50.0 - kept, rel=1e-7, abs=1e-6)


def test_two_levies_to_one_price_are_refused_in_the_row_that_has_them() -> None:
    base = scenario_on(
        two_countries().chain(), levy(95.0) | {"id": "one"}, levy(100.0) | {"id": "two"}
    )
    path = "policies.one.level.prices.wheat"
    batch = pricing.solve_many(base, table={path: ["95 USD/t", "105 USD/t", "98 USD/t"]})
    assert batch.values("index")[:, 0, 1] == pytest.approx([100.0, 105.0, 100.0], rel=1e-9)
    with pytest.raises(InputError, match=r"row 3: .*the same 100 USD/t"):
        pricing.solve_many(
            base, table={path: ["95 USD/t", "90 USD/t", "100 USD/t", "110 USD/t", "96 USD/t"]}
        )


def test_a_levy_per_territory_beside_a_border_levy_is_refused() -> None:
    uniform = levy(100.0) | {"mechanism": {"kind": "uniform_levy"}, "id": "uniform"}
    with pytest.raises(InputError, match="one of them is a uniform levy"):
        together(levy(95.0) | {"id": "border"}, uniform)
