"""The long horizon against closed forms: one market whose long-run equilibrium is known on paper.

The straight lines are supply ``-2 + P`` and demand ``14 - P``, 6 t at 8 USD/t. A plant earns
``V = (P - 2)^2 / 2``, 18 USD in the base year: its annuity.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pricing
from pricing.chains.schema import Chain
from pricing.errors import InputError
from tests.support.chains import elasticity, frame, line_market, quantity, scenario_on, two_lines

EXACT = 1e-9
LONG = {"horizon": "long", "expansion": "constant_cost"}
GRANT = {"kind": "capital_grant", "good": "wheat", "region": "Home"}


def lines(capacity: float | None = None) -> Chain:
    return line_market((-2.0, 1.0), (14.0, 1.0), 8.0, capacity)


def powers(short: float, long: float, demand: float) -> Chain:
    """One isoelastic plant and one isoelastic buyer, 100 t at 50 USD/t."""
    data = two_lines(50.0, 100.0, short, demand).model_dump()
    data["elasticities"]["supply"] = elasticity(short, "margin", long)
    for part in (data["technologies"][0], data["demands"][0]):
        curve = part["supply" if "supply" in part else "curve"]
        curve["kind"] = "isoelastic"
    return Chain.model_validate(data)


def solved(chain: Chain, *policies: dict[str, Any], **assumptions: Any) -> pricing.Result:
    result = pricing.solve(scenario_on(chain, *policies, assumptions=assumptions))
    assert all(check.passed for check in result.accounts.checks)
    return result


def more(factor: float) -> list[dict[str, Any]]:
    """Demand larger at every price."""
    scale = {"good": "wheat", "region": "all", "factor": quantity(factor, "1"), "source": "test"}
    return [scale]


def number(result: pricing.Result, variable: str, process: str = "farms") -> float:
    name = result.scenario.id
    rows = [
        row["value"]
        for row in result.records
        if (row["scenario"], row["variable"], row["process"]) == (name, variable, process)
    ]
    assert len(rows) == 1, (variable, rows)
    return float(rows[0])


def price(result: pricing.Result) -> float:
    return float(result.solved.state.price[0, 0, 0])


def level(result: pricing.Result) -> float:
    return float(result.solved.state.level[0, 0])


@pytest.mark.parametrize("expansion", ["rising_cost", "constant_cost", "none"])
def test_the_base_year_comes_back(expansion: str):
    """Slack capacity (9 t for 6 t) does not shrink without a policy."""
    result = solved(lines(9.0), horizon="long", expansion=expansion)
    assert (price(result), level(result)) == pytest.approx((8.0, 6.0), rel=EXACT)
    assert number(result, "capacity") == pytest.approx(9.0, rel=EXACT)


def test_constant_returns_more_demand_moves_capacity_not_the_price():
    """Demand 21 - 1.5 P: 9 t at the unit cost of 8, from half as much capacity again.

    With capacity fixed: -2 + P = 21 - 1.5 P at 9.2.
    """
    long, short = solved(lines(), demand=more(1.5), **LONG), solved(lines(), demand=more(1.5))
    assert (price(long), level(long)) == pytest.approx((8.0, 9.0), rel=EXACT)
    assert number(long, "capacity_index") == pytest.approx(1.5, rel=EXACT)
    assert number(long, "capital_cost") == pytest.approx(27.0, rel=EXACT)
    assert (price(short), level(short)) == pytest.approx((9.2, 7.2), rel=EXACT)


def test_a_full_plant_pays_its_annuity_from_the_rent_of_capacity():
    """Capacity 6 binds from demand 16 - P: price 10, marginal cost 8.

    Base year on purpose at the bound: V = 10 x 6 - (2 x 6 + 18) = 30. More demand brings a
    second plant of the same kind at the same price, never a higher one.
    """
    data = lines(6.0).model_dump()
    data["technologies"][0]["supply"] |= {
        "through": {"quantity": quantity(5.0, "t/yr"), "price": quantity(7.0, "USD/t")}
    }
    data["elasticities"]["supply"] = elasticity(7.0 / 5.0, "margin")
    data["elasticities"]["demand"] = elasticity(10.0 / 6.0, "buyer_price")
    data["benchmarks"]["central"]["rows"][0]["value"] = 10.0
    chain = Chain.model_validate(data)
    result = solved(chain, demand=more(1.5), **LONG)
    assert (price(result), level(result)) == pytest.approx((10.0, 9.0), rel=EXACT)
    assert number(result, "capacity") == pytest.approx(9.0, rel=EXACT)
    assert number(result, "capacity_rent") == pytest.approx(2.0, rel=EXACT)
    assert number(result, "capital_cost") == pytest.approx(45.0, rel=EXACT)


def test_a_grant_lowers_unit_cost_by_the_closed_form_and_the_treasury_pays_the_rest():
    """A grant of 75 % leaves 4.5: (m - 2)^2 / 2 = 4.5 at 5. Demand is 9 t, a plant makes 3.

    Three plants cost 54 a year, the treasury pays 40.5. Buyers gain the area under 14 - P from 5 to
    8, 22.5; producers earn nothing before or after; the world loses 18.
    """
    result = solved(lines(), GRANT | {"share": "75 %"}, **LONG)
    assert (price(result), level(result)) == pytest.approx((5.0, 9.0), rel=EXACT)
    assert number(result, "capacity_index") == pytest.approx(3.0, rel=EXACT)
    agents = result.accounts.agents
    gains = [float(part.sum()) for part in (agents.users, agents.processes, agents.treasuries)]
    assert gains == pytest.approx([22.5, 0.0, -40.5], abs=1e-7)
    (row,) = result.accounts.regimes
    assert (str(row.regime), row.process) == ("binding", "farms")
    assert row.value == pytest.approx(4.5, rel=EXACT)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_grant_is_worth_a_power_of_what_it_leaves(share: float):
    """Isoelastic cost: ``m = m0 (1 - g)^(1 / (1 + eta))`` with constant returns."""
    grant = GRANT | {"share": quantity(share, "1")}
    result = solved(powers(0.4, 1.0, 0.3), grant, **LONG)
    assert price(result) == pytest.approx(50.0 * (1.0 - share) ** (1.0 / 1.4), rel=EXACT)


@pytest.mark.parametrize(("short", "long", "use"), [(0.4, 1.0, 0.3), (0.05, 2.0, 0.8)])
def test_rising_cost_gives_the_long_run_elasticity(short: float, long: float, use: float):
    """Supply ``P^long`` meets demand ``f P^-use`` at ``f^(1 / (long + use))``."""
    chain, assumptions = powers(short, long, use), {"horizon": "long", "demand": more(2.0)}
    result = solved(chain, **assumptions)
    assert price(result) == pytest.approx(50.0 * 2.0 ** (1.0 / (long + use)), rel=EXACT)
    fixed = solved(chain, **assumptions, expansion="none")
    assert price(fixed) == pytest.approx(50.0 * 2.0 ** (1.0 / (short + use)), rel=EXACT)


def test_rising_cost_a_grant_shifts_supply_by_the_response_of_capacity():
    """``x ~ P^long (1 - g)^-kappa`` with ``kappa = (1 - 0.4) / 1.4``."""
    kappa = 0.6 / 1.4
    result = solved(powers(0.4, 1.0, 0.3), GRANT | {"share": "40 %"}, horizon="long")
    assert price(result) == pytest.approx(50.0 * 0.6 ** (kappa / 1.3), rel=EXACT)


def test_a_line_has_its_long_run_elasticity_in_the_base_year():
    """Elasticities 0.5 and 2 of the margin: capacity supplies the difference."""
    data = line_market((3.0, 0.5), (12.0, 1.0), 6.0).model_dump()
    data["elasticities"]["supply"] = elasticity(0.5, "margin", 2.0)
    chain, step = Chain.model_validate(data), 1e-4
    up = solved(chain, horizon="long", demand=more(1.0 + step))
    down = solved(chain, horizon="long", demand=more(1.0 - step))
    change = np.log(level(up) / level(down)) / np.log(price(up) / price(down))
    assert change == pytest.approx(2.0, rel=1e-6)


def test_capacity_that_a_scenario_states_stays():
    """Half the plant: -2 + P up to 3 t, and demand 14 - P is at 11."""
    stated = [{"process": "farms", "capacity": quantity(3.0, "t/yr"), "source": "test"}]
    result = solved(lines(9.0), capacities=stated, **LONG)
    assert (price(result), level(result)) == pytest.approx((11.0, 3.0), rel=EXACT)


def project(annuity: float) -> Chain:
    """The lines as a homogeneous market, and an announced farm of 2 t from 3 to 7 USD/t.

    Its capital costs ten times the annuity over ten years at no interest.
    """
    data = lines().model_dump()
    data["goods"][0]["sourcing"] = {"law": "homogeneous"}
    curve = {
        "kind": "cost_line",
        "cost_at_zero": quantity(3.0, "USD/t"),
        "cost_at_capacity": quantity(7.0, "USD/t"),
    }
    capital = {
        "investment": quantity(annuity / 2.0 * 10.0, "USD/t"),
        "years": "10 years",
        "rate": quantity(0.0, "%"),
        "source": "test",
    }
    data["latent"] = [
        {
            "id": "new_farm",
            "label": "a new farm",
            "technology": "farming",
            "region": "Home",
            "capacity": quantity(2.0, "t/yr"),
            "supply": curve,
            "capital_cost": capital,
            "parity_share": quantity(10.0, "%"),
            "source": "test",
        }
    ]
    return frame(**{key: data[key] for key in data if key not in ("id", "title", "sources")})


@pytest.mark.parametrize(
    ("annuity", "policies", "expected"),
    [
        (3.0, (), (7.0, 2.0, 1.0)),  # the market at 7, where a full farm earns 4
        (5.0, (), (7.5, 1.0, 0.5)),  # 4 + 2 (P - 7) = 5 at 7.5, where demand leaves it 1 t
        (20.0, (), (8.0, 0.0, 0.0)),  # never
        (5.0, ({"share": "30 %", "processes": ["new_farm"]},), (7.0, 2.0, 1.0)),  # 3.5 is less
    ],
)
def test_an_announced_plant_is_built_as_far_as_it_earns_its_annuity(
    annuity: float, policies: tuple[dict[str, Any], ...], expected: tuple[float, float, float]
):
    grants = [GRANT | policy for policy in policies]
    world = {"horizon": "long", "latent": ["new_farm"]}
    result = solved(project(annuity), *grants, **world)
    made = float(result.solved.state.level[0, 1])
    index = number(result, "capacity_index", "new_farm")
    assert (price(result), made, index) == pytest.approx(expected, rel=EXACT, abs=1e-9)


def test_an_announced_plant_stands_in_the_short_horizon():
    """Its capital is sunk: it runs at 7 USD/t whatever it cost."""
    result = solved(project(20.0), latent=["new_farm"])
    assert price(result) == pytest.approx(7.0, rel=EXACT)


def test_the_gap_between_the_annuity_and_the_stated_capital_cost_is_reported():
    """18 USD on 9 t of capacity is 2 a tonne; stated are 30 USD/t over 20 years at no interest."""
    data = lines(9.0).model_dump()
    data["processes"][0]["capital_cost"] = {
        "investment": quantity(30.0, "USD/t"),
        "years": "20 years",
        "rate": quantity(0.0, "%"),
        "source": "test",
    }
    result = solved(Chain.model_validate(data), horizon="long")
    assert number(result, "annuity") == pytest.approx(2.0, rel=EXACT)
    assert number(result, "annuity_gap") == pytest.approx(0.5, rel=EXACT)


def test_capital_cost_needs_a_capacity():
    data = lines().model_dump()
    data["processes"][0]["capital_cost"] = {
        "investment": quantity(30.0, "USD/t"),
        "years": "20 years",
        "rate": quantity(0.0, "%"),
        "source": "test",
    }
    with pytest.raises(ValueError, match="'capital_cost' needs 'capacity'"):
        Chain.model_validate(data)


def test_grants_that_pay_the_whole_annuity_together_are_refused():
    both = [GRANT | {"share": "60 %"}, GRANT | {"share": "40 %"}]
    with pytest.raises(InputError, match="'p0' and 'p1' together pay the whole annuity of farms"):
        solved(lines(), *both, **LONG)
    assert price(solved(lines(), GRANT | {"share": "60 %"}, GRANT | {"share": "15 %"}, **LONG)) == (
        pytest.approx(5.0, rel=EXACT)
    )
