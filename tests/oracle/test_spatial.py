"""Spatial price equilibria with known answers, through the public library.

Two- and three-country textbook cases in closed form, and the generated family of multi-stage
equilibria that several other solvers agree on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pricing
from tests.support.chains import quantity, scenario_on
from tests.support.oracles import numbers, oracle
from tests.support.spatial import Lines, spe_chain
from tests.support.spe import random_spe, worst_residual

EXACT = 1e-9


def change(result: pricing.Result, region: str, agent: str) -> float:
    """Change in surplus of one kind of agent in a region [USD]."""
    rows = [
        row["value"]
        for row in result.records
        if row["variable"] == "surplus_change" and row["region"] == region and row["payer"] == agent
    ]
    return float(sum(rows))


def price(result: pricing.Result, region: str) -> float:
    """Producer price in a region [USD/t]."""
    at = result.solved.program.network.regions.index(region)
    return float(result.solved.state.price[0, 0, at])


def trade(result: pricing.Result, origin: str, destination: str) -> float:
    """Tonnes between two regions [t]."""
    regions = result.solved.program.network.regions
    i, j = regions.index(origin), regions.index(destination)
    return float(result.solved.state.flow[0, 0, i, j])


def line(text: str) -> tuple[float, float]:
    """``100-20P`` or ``20+20P`` as (100, 20)."""
    constant, slope = text.replace("-", "+").removesuffix("P").split("+")
    return float(constant), float(slope)


def two_countries(inputs: dict[str, Any], free_price: float) -> Lines:
    """Home and Foreign of a textbook case."""
    lines = Lines(free_price)
    for name in ("home", "foreign"):
        supply, demand = line(inputs[f"{name}_supply"]), line(inputs[f"{name}_demand"])
        lines.region(name.capitalize(), supply, demand)
    return lines


TARIFF_CASES = [
    "krugman_obstfeld_ch8_wheat_tariff",
    "krugman_obstfeld_ch8_large_foreign",
    "two_country_linear_tariff_jiskha",
]


@pytest.mark.parametrize("name", TARIFF_CASES)
def test_specific_tariff_between_two_countries(name: str) -> None:
    case = oracle(name)
    inputs, known = case["inputs"], case["outputs"]["recomputed"]
    chain = two_countries(inputs, known["free_trade_price"]).chain()
    tariff = {
        "kind": "tariff",
        "good": "wheat",
        "destinations": ["Home"],
        "specific": quantity(inputs["specific_tariff"], "USD/t"),
    }
    result = pricing.solve(scenario_on(chain, tariff))
    base = result.reference.state
    assert base.price[0, 0] == pytest.approx(np.full(2, known["free_trade_price"]), rel=EXACT)
    assert base.flow[0, 0, 1, 0] == pytest.approx(known["free_trade_volume"], rel=EXACT)
    assert price(result, "Home") == pytest.approx(known["tariff_home_price"], rel=EXACT)
    assert price(result, "Foreign") == pytest.approx(known["tariff_world_price"], rel=EXACT)
    assert trade(result, "Foreign", "Home") == pytest.approx(known["tariff_volume"], rel=EXACT)
    areas = result.accounts.agents
    if "dCS" in known:
        assert areas.users[0, 0] == pytest.approx(known["dCS"], rel=EXACT)
        assert areas.processes[0, 0] == pytest.approx(known["dPS"], rel=EXACT)
        assert areas.treasuries[0, 0] == pytest.approx(known["revenue"], rel=EXACT)
    if "net_welfare" in known:
        home = areas.users[0, 0] + areas.processes[0, 0] + areas.treasuries[0, 0]
        assert home == pytest.approx(known["net_welfare"], rel=1e-8)


def test_optimum_tariff() -> None:
    """The tariff of a third gains most, and what the closed form says."""
    case = oracle("analytic_optimum_tariff_linear")["outputs"]["recomputed"]
    chain = two_countries(oracle(case_name := TARIFF_CASES[0])["inputs"], 1.5).chain()
    assert case_name == "krugman_obstfeld_ch8_wheat_tariff"

    def gain(rate: float) -> float:
        tariff = {
            "kind": "tariff",
            "good": "wheat",
            "destinations": ["Home"],
            "specific": quantity(rate, "USD/t"),
        }
        areas = pricing.solve(scenario_on(chain, tariff)).accounts.agents
        return float(areas.users[0, 0] + areas.processes[0, 0] + areas.treasuries[0, 0])

    best = case["analytic_t_star"]
    assert gain(1.0 / 3.0) == pytest.approx(case["analytic_gain"], rel=1e-8)
    assert gain(best) > max(gain(best - 0.01), gain(best + 0.01))


@pytest.mark.parametrize("holder", ["importer", "exporter"])
def test_quota_equals_tariff(holder: str) -> None:
    case = oracle("krugman_obstfeld_quota_equivalence")
    known = case["outputs"]["recomputed"]
    quota = {
        "kind": "import_quota",
        "good": "wheat",
        "destinations": ["Home"],
        "quota": quantity(case["inputs"]["import_quota"], "t/yr"),
        "rent_to": holder,
    }
    result = pricing.solve(scenario_on(two_countries(case["inputs"], 1.5).chain(), quota))
    assert price(result, "Home") == pytest.approx(known["home_price"], rel=EXACT)
    assert price(result, "Foreign") == pytest.approx(known["world_price"], rel=EXACT)
    assert result.solved.state.multiplier[0, 0] == pytest.approx(known["rent_per_unit"], rel=EXACT)


def test_variable_levy_of_a_small_country() -> None:
    """An importer too small to move the world price: its levy lifts the home price to ref."""
    case = oracle("analytic_small_country_variable_levy")
    inputs, known = case["inputs"], case["outputs"]["recomputed"]
    world = 1e12
    lines = Lines(inputs["world_price"])
    lines.region("Home", line(inputs["supply"]), line(inputs["demand"]))
    lines.region("World", (0.0, world), (2.0 * world, world))
    levy = {
        "kind": "reference_price",
        "zone": ["Home"],
        "level": {
            "kind": "fixed",
            "prices": {"wheat": quantity(inputs["threshold_price"], "USD/t")},
        },
        "mechanism": {"kind": "border_levy"},
    }
    result = pricing.solve(scenario_on(lines.chain(), levy))
    assert price(result, "Home") == pytest.approx(known["domestic_price"], rel=EXACT)
    assert result.solved.state.multiplier[0, 0] == pytest.approx(known["levy"], rel=EXACT)
    assert trade(result, "World", "Home") == pytest.approx(known["imports"], rel=1e-6)


def test_three_countries_with_tied_routes() -> None:
    case = oracle("compecon_demslv14_spatial")
    inputs, known = case["inputs"], case["outputs"]["published"]
    costs = inputs["transport_cost_from_row_to_col"]
    names = ["A", "B", "C"]
    lines = Lines(
        25.0, {(names[i], names[j]): costs[i][j] for i in range(3) for j in range(3) if i != j}
    )
    slopes = {"A": (42.0, 2.0, 9.0, 1.0), "B": (54.0, 3.0, 3.0, 2.0), "C": (51.0, 1.0, 18.0, 1.0)}
    assert inputs["inverse_demand"] == ["42-2q", "54-3q", "51-1q"]
    assert inputs["inverse_supply"] == ["9+1q", "3+2q", "18+1q"]
    for name, (c, d, a, b) in slopes.items():
        lines.region(name, (-a / b, 1.0 / b), (c / d, 1.0 / d))
    state = pricing.solve(scenario_on(lines.chain())).solved.state
    assert state.price[0, 0] == pytest.approx(np.array(known["prices"]), rel=EXACT)
    net = state.flow[0, 0].sum(axis=1) - state.flow[0, 0].sum(axis=0)
    assert net == pytest.approx(np.array(known["net_exports"]), rel=EXACT)


@pytest.mark.parametrize("name", ["spe_generated_S1_R10_seed0", "spe_generated_S4_R10_seed0"])
def test_generated_family(name: str) -> None:
    """Prices to 1e-8 where there is throughput; levels too."""
    data = numbers(name)
    result = pricing.solve(scenario_on(spe_chain(data["inputs"])))
    state, known = result.solved.state, data["outputs"]
    sold, bought = state.flow[0].sum(axis=2) > 1e-9, state.flow[0].sum(axis=1) > 1e-9
    made = np.array(known["y"])
    assert state.level[0].reshape(made.shape) == pytest.approx(made, rel=1e-8, abs=1e-8)
    for mine, theirs, where in (
        (state.price[0], np.array(known["ps"]), sold),
        (state.index[0], np.array(known["pd"]), bought),
    ):
        assert where.any()
        np.testing.assert_allclose(mine[where], theirs[where], rtol=1e-8)


def test_generated_case_with_policies() -> None:
    """Bilateral quotas, floors defended by purchases, deficiency payments: prices to 1e-6."""
    data = numbers("spe_policy_S1_R10_seed2")
    inputs, known = data["inputs"], data["outputs"]
    unit_price, unit = inputs["P0"][0], inputs["Q"][0] / inputs["R"]
    policies: list[dict[str, Any]] = []
    for key, share in inputs["quota_units_of_Q_over_R"].items():
        _, i, j = key.split(",")
        policies.append(
            {
                "kind": "import_quota",
                "good": "g0",
                "origins": [f"r{i}"],
                "destinations": [f"r{j}"],
                "quota": quantity(share * unit, "t/yr"),
                "rent_to": "importer",
            }
        )
    for key, multiple in inputs["floor_units_of_P0"].items():
        floor = {"floor": quantity(multiple * unit_price, "USD/t")}
        place = {"good": "g0", "region": f"r{key.split(',')[1]}"}
        policies.append({"kind": "intervention_purchase"} | place | floor)
    for key, multiple in inputs["strike_units_of_P0"].items():
        strike = {"strike": quantity(multiple * unit_price, "USD/t")}
        place = {"good": "g0", "region": f"r{key.split(',')[1]}"}
        policies.append({"kind": "price_guarantee"} | place | strike)
    result = pricing.solve(scenario_on(spe_chain(inputs), *policies))
    state = result.solved.state
    np.testing.assert_allclose(state.price[0], np.array(known["ps"]), rtol=1e-6)
    np.testing.assert_allclose(state.index[0], np.array(known["pd"]), rtol=1e-6)
    np.testing.assert_allclose(state.purchases[0], known["purchases"], rtol=1e-5, atol=1e-5)
    assert all(check.passed for check in result.accounts.checks)


def in_their_words(result: pricing.Result) -> tuple[np.ndarray, ...]:
    """Producer and delivered prices, levels and flows in the symbols of the family."""
    state = result.solved.state
    return (
        state.price[0],
        state.index[0],
        state.level[0].reshape(state.price[0].shape),
        state.flow[0],
    )


def test_the_conditions_as_coded_here_hold_for_the_published_case() -> None:
    """The checker itself, on the solution of others."""
    data = numbers("spe_generated_S4_R10_seed0")
    known = {key: np.array(data["outputs"][key]) for key in ("ps", "pd", "y")}
    flow = np.zeros((4, 10, 10))
    for s, i, j, tonnes in data["outputs"]["flows_nonzero"]:
        flow[int(s), int(i), int(j)] = tonnes
    solution = (known["ps"], known["pd"], known["y"], flow)
    assert worst_residual(data["inputs"], solution) <= 1e-9
    moved = (known["ps"] * 1.001, *solution[1:])
    assert worst_residual(data["inputs"], moved) > 1e-5


@pytest.mark.parametrize("seed", range(12))
def test_random_members_meet_the_conditions_as_written(seed: int) -> None:
    inputs = random_spe(seed, 1 + seed % 4, 3 + seed % 8, least=0.1 if seed % 2 else 0.5)
    result = pricing.solve(scenario_on(spe_chain(inputs)))
    assert worst_residual(inputs, in_their_words(result)) <= 1e-8
    assert all(check.passed for check in result.accounts.checks)
