"""Disguised origins against the closed form of the logit law.

Abroad makes wheat at 100 USD/t and Third at 120, any amount; Home buys 60 t of one and 40 t of the
other. Freight to Home is 10 and 5, from Abroad to Third 3. With prices that do not move, shares are

    S = a exp(-theta c) / sum,   theta = sigma / P0,   P0 = 0.6 x 110 + 0.4 x 125 = 116,

    a = S0 exp(theta (c0 - P0)) where there is trade, s / (1 - s) on the disguised route.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import pricing
from pricing.chains.schema import Chain
from pricing.equilibrium.build import world
from pricing.errors import InputError
from tests.support.chains import (
    elasticity,
    frame,
    good,
    places,
    quantity,
    random_chain,
    row,
    scenario_on,
)
from tests.support.joint_chains import with_joint_product

SIGMA, P0, SHARE, HIDING = 4.0, 116.0, 0.2, 8.0
THETA = SIGMA / P0
HONEST = {
    "Abroad": 0.6 * math.exp(THETA * (110.0 - P0)),
    "Third": 0.4 * math.exp(THETA * (125.0 - P0)),
}
HIDDEN = {
    "good": "wheat",
    "origin": "Abroad",
    "via": "Third",
    "destinations": ["Home"],
    "share": "20 %",
    "evasion_cost": f"{HIDING} USD/t",
    "source": "test",
}
PLACE = "Abroad via Third"
TARIFF = {"kind": "tariff", "id": "duty", "good": "wheat", "destinations": ["Home"]}
AIMED = TARIFF | {"origins": ["Abroad"], "rate": "30 %"}
RULE = {"kind": "origin_rule", "id": "rule", "goods": ["wheat"], "destinations": ["Home"]}
FIELDS = (("Abroad", 100.0, 60.0), ("Third", 120.0, 40.0))


def chain(*duties: dict[str, Any], law: dict[str, Any] | None = None, third: float = 1e6) -> Chain:
    """The market above; ``third`` is what Third can make [t]."""
    wheat = good("wheat") | ({} if law is None else {"sourcing": law})
    freight = [("Abroad", "Home", 10.0), ("Third", "Home", 5.0), ("Abroad", "Third", 3.0)]
    return frame(
        goods=[wheat],
        regions=places(("Home", "Abroad", "Third")),
        elasticities={
            "sigma": elasticity(SIGMA, "landed_price"),
            "eating": elasticity(0.5, "buyer_price"),
        },
        technologies=[
            {
                "id": f"farming {name}",
                "label": name,
                "outputs": {"wheat": quantity(1.0, "t/t")},
                "supply": {"kind": "flat", "cost": quantity(price, "USD/t")},
                "source": "test",
            }
            for name, price, _ in FIELDS
        ],
        processes=[
            {"id": f"farms {name}", "technology": f"farming {name}", "region": name}
            | {"source": "test", "capacity": quantity(third if name == "Third" else 1e6, "t/yr")}
            for name, _, _ in FIELDS
        ],
        demands=[
            {
                "good": "wheat",
                "region": "Home",
                "use": "bread",
                "curve": {"kind": "linear", "elasticity": "eating"},
                "source": "test",
            }
        ],
        freight=[
            {"cost": quantity(0.0, "USD/t"), "insurance": quantity(0.0, "1"), "source": "test"},
            *(
                {"origin": i, "destination": j, "cost": quantity(cost, "USD/t")}
                | {"insurance": quantity(0.0, "1"), "source": "test"}
                for i, j, cost in freight
            ),
        ],
        duties=list(duties),
        benchmarks={
            "central": {
                "title": "closed form",
                "rows": [
                    *(row("producer_price", p, good="wheat", region=r) for r, p, _ in FIELDS),
                    *(row("production", q, process=f"farms {r}") for r, _, q in FIELDS),
                    *(row("flow", q, good="wheat", region=r, partner="Home") for r, _, q in FIELDS),
                    row("use", 100.0, good="wheat", region="Home", use="bread"),
                ],
            }
        },
    )


def solved(*policies: dict[str, Any], hidden: Any = (HIDDEN,), on: Chain | None = None) -> Any:
    assumptions = {"transshipments": list(hidden)}
    result = pricing.solve(scenario_on(on or chain(), *policies, assumptions=assumptions))
    assert [check.name for check in result.accounts.checks if not check.passed] == []
    return result


def arrivals(result: Any) -> dict[str, float]:
    state, regions = result.solved.state, result.solved.program.network.regions
    return dict(zip(regions, state.flow[0, 0, :, regions.index("Home")].tolist(), strict=True))


def told(result: Any, variable: str, **where: str) -> list[dict[str, Any]]:
    """Tidy rows of the scenario."""
    wanted = {"variable": variable, "scenario": "case", **where}
    return [r for r in result.records if all(r[key] == value for key, value in wanted.items())]


def shares(landed: dict[str, float]) -> dict[str, float]:
    """The logit law with three origins, written down."""
    odds = HONEST | {PLACE: SHARE / (1.0 - SHARE)}
    weight = {name: odds[name] * math.exp(-THETA * price) for name, price in landed.items()}
    return {name: value / sum(weight.values()) for name, value in weight.items()}


@pytest.mark.parametrize("rate", [0.0, 0.3])
def test_a_disguised_route_is_one_more_origin(rate: float):
    """It lands at 100 + 3 (to Third) + 5 (on to Home) + 8 (hiding) = 116, whatever the duty."""
    result = solved(AIMED | {"rate": f"{rate} 1"})
    expected = shares({"Abroad": 110.0 + rate * 100.0, "Third": 125.0, PLACE: 116.0})
    bought = arrivals(result)
    total = sum(bought.values())
    for name, share in expected.items():
        assert bought[name] / total == pytest.approx(share, rel=1e-9)
    # The linear demand at the log-sum index: 100 (1 + 0.5 (1 - P / P0)).
    odds = HONEST | {PLACE: SHARE / (1.0 - SHARE)}
    landed = {"Abroad": 110.0 + rate * 100.0, "Third": 125.0, PLACE: 116.0}
    index = -math.log(sum(odds[n] * math.exp(-THETA * c) for n, c in landed.items())) / THETA
    assert total == pytest.approx(100.0 * (1.0 + 0.5 * (1.0 - index / P0)), rel=1e-9)


def test_it_pays_the_duties_of_the_third_country_going_in_and_coming_out():
    """4 % of 100 into Third; Home's 10 % on what Third sends, at 100 + 3 + 4 = 107."""
    result = solved(
        {"kind": "tariff", "good": "wheat", "destinations": ["Third"], "rate": "4 %"},
        TARIFF | {"origins": ["Third"], "rate": "10 %"},
    )
    landed = {"Abroad": 110.0, "Third": 125.0 + 12.0, PLACE: 107.0 + 5.0 + 10.7 + HIDING}
    expected, bought = shares(landed), arrivals(result)
    for name, share in expected.items():
        assert bought[name] / sum(bought.values()) == pytest.approx(share, rel=1e-9)
    treasuries = dict(
        zip(
            result.solved.program.network.regions,
            result.accounts.agents.treasuries[0].tolist(),
            strict=True,
        )
    )
    assert treasuries["Third"] == pytest.approx(4.0 * bought[PLACE])
    assert treasuries["Home"] == pytest.approx(12.0 * bought["Third"] + 10.7 * bought[PLACE])
    assert treasuries[PLACE] == 0.0


def test_duties_of_the_base_year_are_the_third_countrys():
    duty = {"layer": "mfn", "good": "wheat", "importer": "Home", "rate": quantity(50.0, "%")}
    on = chain(duty | {"origin": "Third", "source": "test"})
    state = solved(on=on).solved.state
    # From Third 120 x 1.5 + 5; disguised (100 + 3) x 1.5 + 5 + 8.
    assert state.landed[0, 0, [2, 3], 0] == pytest.approx([185.0, 167.5])


def test_its_trade_bounds_it_and_the_passage_earns_the_difference():
    """Only 10 t pass: their price rises by what makes buyers want no more."""
    result = solved(AIMED, hidden=[HIDDEN | {"most": "10 t/yr"}])
    bought = arrivals(result)
    assert bought[PLACE] == pytest.approx(10.0)
    others = sum(HONEST[n] * math.exp(-THETA * c) for n, c in (("Abroad", 140.0), ("Third", 125.0)))
    odds = 10.0 / (sum(bought.values()) - 10.0)
    landed = -math.log(odds * others / (SHARE / (1.0 - SHARE))) / THETA
    assert result.solved.state.landed[0, 0, 3, 0] == pytest.approx(landed, rel=1e-9)
    rent = told(result, "capacity_rent", process="wheat from Abroad via Third")
    assert [r["value"] for r in rent] == [pytest.approx(landed - 116.0, rel=1e-9)]


def test_without_a_stated_bound_it_is_the_third_countrys_trade():
    result = solved(AIMED | {"rate": "300 %"}, hidden=[HIDDEN | {"share": "50 %"}])
    assert arrivals(result)[PLACE] == pytest.approx(40.0)


def test_hiding_costs_money_that_nobody_receives():
    result = solved(AIMED)
    columns = result.accounts.ledger.columns
    paid = columns["amount"][columns["receiver"] == "evasion"].sum()
    assert paid == pytest.approx(HIDING * arrivals(result)[PLACE])


def test_results_tell_tonnes_and_true_origins():
    result = solved(AIMED)
    bought = arrivals(result)
    (moved,) = told(result, "transshipped")
    assert moved["value"] == pytest.approx(bought[PLACE])
    assert (moved["region"], moved["partner"]) == ("Abroad", "Home")
    true = {r["region"]: r["value"] for r in told(result, "true_origin_share", partner="Home")}
    total = sum(bought.values())
    assert true == pytest.approx(
        {"Abroad": (bought["Abroad"] + bought[PLACE]) / total, "Third": bought["Third"] / total}
    )
    world = [
        i.value
        for i in result.accounts.indicators
        if (i.name, i.region) == ("output", "world") and i.good == "wheat"
    ]
    assert world == [pytest.approx(total)]  # passing on makes nothing
    text = result.report()
    assert "SOLD UNDER ANOTHER NAME" in text
    assert "Hidden origin: wheat from Abroad may be sold as Third's in Home" in " ".join(
        text.split()
    )


def test_a_rule_that_makes_hiding_dearer_is_a_higher_cost_of_hiding():
    dearer = RULE | {"effect": {"kind": "dearer", "cost": "12 USD/t"}}
    ruled, costly = (
        solved(AIMED, dearer),
        solved(AIMED, hidden=[HIDDEN | {"evasion_cost": "20 USD/t"}]),
    )
    assert ruled.solved.state.flow == pytest.approx(costly.solved.state.flow, rel=1e-9)
    columns = ruled.accounts.ledger.columns
    rule = (columns["receiver"] == "evasion") & (columns["policy"] == "rule")
    assert columns["amount"][rule].sum() == pytest.approx(12.0 * arrivals(ruled)[PLACE])


def test_a_rule_that_shuts_leaves_what_there_is_without_hiding():
    shut, honest = solved(AIMED, RULE | {"effect": {"kind": "shut"}}), solved(AIMED, hidden=())
    assert arrivals(shut)[PLACE] == 0.0
    assert shut.solved.state.flow[0, 0, :3, :3] == pytest.approx(
        honest.solved.state.flow[0, 0], rel=1e-9
    )


@pytest.mark.parametrize(
    "policy",
    [
        {"kind": "export_ban"},
        {"kind": "export_licence", "approved": "100 %"},  # of no base-year trade
    ],
)
def test_controls_on_the_way_to_the_third_country_stop_it(policy: dict[str, Any]):
    route = {"goods": ["wheat"], "origins": ["Abroad"], "destinations": ["Third"]}
    assert arrivals(solved(AIMED, policy | route))[PLACE] == 0.0


def test_a_quota_on_the_third_country_counts_what_carries_its_name():
    quota = {"kind": "import_quota", "good": "wheat", "origins": ["Third"]}
    bought = arrivals(solved(AIMED, quota | {"destinations": ["Home"], "quota": "30 t/yr"}))
    assert bought["Third"] + bought[PLACE] == pytest.approx(30.0)
    assert bought[PLACE] > 1.0


def test_a_floor_at_the_border_meets_disguised_goods_as_the_third_countrys():
    floor = {
        "kind": "reference_price",
        "level": {"kind": "fixed", "prices": {"wheat": "130 USD/t"}},
        "mechanism": {"kind": "border_levy"},
    }
    outside = solved(floor | {"zone": ["Home"]}).solved.state.landed[0, 0, 1:, 0]
    # What hiding costs is not paid at the border: it comes on top of the reference.
    assert outside == pytest.approx([130.0, 130.0, 138.0])
    inside = solved(floor | {"zone": ["Home", "Third"]}).solved.state.landed[0, 0]
    # In the zone, Third levies 27 on what comes in; what goes on is its own.
    assert inside[1:, 0] == pytest.approx([130.0, 125.0, 130.0 + 5.0 + HIDING])


def test_where_all_buy_the_cheapest_goods_hide_up_to_the_bound():
    on = chain(law={"law": "homogeneous"}, third=40.0)
    bought = arrivals(solved(AIMED, on=on, hidden=[HIDDEN | {"most": "25 t/yr"}]))
    assert bought[PLACE] == pytest.approx(25.0)
    assert arrivals(solved(on=on))[PLACE] == 0.0  # no reason to hide


def test_a_rule_needs_something_to_find():
    with pytest.raises(InputError, match="no disguised route is covered"):
        solved(RULE | {"effect": {"kind": "shut"}}, hidden=())


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"good": "rye"}, "good", "unknown good 'rye'"),
        ({"via": "Nowhere"}, "via", "unknown region 'Nowhere'"),
        ({"share": "100 %"}, "share", "a parity share of 100 % leaves nothing for others"),
        (
            {"via": "Home"},
            "",
            "origin, third country and destinations must be different regions",
        ),
        (
            {"destinations": ["Home", "Third"]},
            "",
            "origin, third country and destinations must be different regions",
        ),
        ({"destinations": ["Abroad"]}, "destinations", "nobody in Abroad buys wheat"),
        ({"most": "0 t/yr"}, "most", "Third has no base-year trade in wheat to hide behind"),
    ],
)
def test_routes_that_cannot_be_disguised(change: dict[str, Any], field: str, problem: str):
    with pytest.raises(InputError) as caught:
        solved(hidden=[HIDDEN | change])
    where = f"assumptions.transshipments.0{'.' * bool(field)}{field}"
    found = {fault.field: fault.problem for fault in caught.value.faults}
    assert found[where].startswith(problem)
    assert all(fault.remedy for fault in caught.value.faults)


def test_one_row_for_each_origin_and_third_country():
    with pytest.raises(InputError, match="stands twice"):
        solved(hidden=[HIDDEN, HIDDEN])
    back = HIDDEN | {"origin": "Home", "destinations": ["Abroad"]}
    with pytest.raises(InputError, match="is disguised through Third twice"):
        solved(hidden=[HIDDEN, back])


def test_tables_solve_many_routes_at_once():
    base = scenario_on(chain(), AIMED, assumptions={"transshipments": [HIDDEN]})
    rates = ["0 %", "20 %", "60 %"]
    many = pricing.solve_many(base, {"policies.duty.rate": rates})
    for n, rate in enumerate(rates):
        alone = pricing.solve(base.but({"policies.duty.rate": rate}))
        assert np.allclose(many[n].solved.state.flow, alone.solved.state.flow, rtol=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_a_route_that_costs_too_much_changes_nothing(seed: int):
    """Cross prices, carriers, by-products and joint products among the places that are added."""
    rich = random_chain(60 + seed, stages=3, regions=5, least=0.3, curves=seed % 2 == 0)
    rich = rich if seed % 2 == 0 else with_joint_product(rich, seed)
    network = world(rich, scenario_on(rich).document).network
    g = network.goods.index("g1")
    arrivals, trade = network.flow[g].sum(axis=0), network.flow[g].sum(axis=1)
    names = network.regions
    via = next(names[r] for r in range(1, 5) if trade[r] > 0.0)
    to = [names[r] for r in range(1, 5) if arrivals[r] > 0.0 and names[r] != via]
    row = HIDDEN | {"good": "g1", "origin": "r0", "via": via, "destinations": to}
    dear = row | {"evasion_cost": "900 USD/kg", "share": "1 %", "most": "10 t/yr"}
    duty = {"kind": "tariff", "good": "g1", "origins": ["r0"], "destinations": ["all"]}
    both = [
        pricing.solve(
            scenario_on(rich, duty | {"rate": "30 %"}, assumptions={"transshipments": hidden})
        )
        for hidden in ([], [dear])
    ]
    plain, hidden = (result.solved.state for result in both)
    assert hidden.flow[0, :, :5, :5] == pytest.approx(plain.flow[0], rel=1e-7, abs=1e-6)
    assert hidden.index[0, :, :5] == pytest.approx(plain.index[0], rel=1e-7)
