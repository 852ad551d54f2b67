"""What can be bought at all, and policies that contradict each other."""

from __future__ import annotations

import numpy as np
import pytest

import pricing
from pricing.errors import InputError
from tests.support.chains import line_market, quantity, random_chain, scenario_on
from tests.unit.equilibrium.zone_prices import ZONE, reference


def test_nothing_on_offer_with_a_choke_is_a_shortage() -> None:
    chain = random_chain(2, stages=2)
    ban = {
        "kind": "export_ban",
        "goods": ["g1"],
        "origins": ["all"],
        "destinations": ["all"],
    }
    result = pricing.solve(scenario_on(chain, ban))
    program, state = result.solved.program, result.solved.state
    alone = ~program.open_arcs[1].any(axis=0)
    assert alone.any()
    assert np.all(state.use[0, 1][alone] == 0.0)
    shortage = [m.name for m in program.limits if m.instrument == "shortage"]
    assert len(shortage) == len(program.network.regions)


def test_shutting_runs_downstream() -> None:
    chain = random_chain(2, stages=3)
    ban = {"kind": "export_ban", "goods": ["g0"], "origins": ["r0"], "destinations": ["all"]}
    closed = {"kind": "import_quota", "good": "g0", "destinations": ["all"], "quota": "0 t/yr"}
    program = pricing.solve(scenario_on(chain, ban, closed)).solved.program
    for k, name in enumerate(program.network.processes):
        if name.startswith("p1"):
            region = program.network.process_region[k]
            assert program.open_process[k] == bool(program.open_arcs[0, :, region].any())


@pytest.mark.parametrize("kind", ["border_levy", "uniform_levy"])
def test_uniform_levy_and_another_on_one_arc_are_refused(kind: str) -> None:
    chain = random_chain(4, stages=2)
    policies = (reference(kind=kind), reference(kind="uniform_levy"))
    with pytest.raises(InputError, match="one of them is a uniform levy"):
        pricing.solve(scenario_on(chain, *policies, **ZONE))


def test_unknown_duty_layer_is_refused() -> None:
    policy = reference(kind="border_levy", layers=["no_such_layer"])
    with pytest.raises(InputError, match="'no_such_layer' is no duty layer or tariff"):
        pricing.solve(scenario_on(random_chain(4, stages=2), policy, **ZONE))


def test_guarantees_that_pay_twice_are_refused() -> None:
    chain = line_market((20.0, 20.0), (100.0, 20.0), 2.0)
    policy = {
        "kind": "price_guarantee",
        "good": "wheat",
        "region": "Home",
        "strike": "2.5 USD/t",
        "share_down": quantity(60, "%"),
    }
    with pytest.raises(InputError, match="more than the whole shortfall"):
        pricing.solve(scenario_on(chain, policy, policy))


def test_policies_inside_one_territory_are_refused() -> None:
    for policy in (
        reference(kind="border_levy") | {"zone": ["all"]},
        {"kind": "tariff", "good": "g1", "origins": ["r1"], "destinations": ["r1"], "rate": "5 %"},
        {"kind": "export_ban", "goods": ["g1"], "origins": ["r1"], "destinations": ["r1"]},
    ):
        with pytest.raises(InputError, match="no trade across a customs border is covered") as told:
            pricing.solve(scenario_on(random_chain(4, stages=2), policy))
        assert "a zone that leaves somebody outside" in str(told.value)


def test_an_input_that_only_final_users_buy_has_no_plant_to_subsidise() -> None:
    policy = {"kind": "input_subsidy", "good": "g1", "region": "r1", "amount": "1 USD/t"}
    with pytest.raises(InputError) as told:
        pricing.solve(scenario_on(random_chain(4, stages=2), policy))
    assert "no plant in r1 uses g1. Name a region whose plants use it" in str(told.value)


def test_the_same_quota_twice_is_refused() -> None:
    quota = {
        "kind": "import_quota",
        "good": "g1",
        "destinations": ["r1"],
        "quota": quantity(5, "t/yr"),
    }
    with pytest.raises(InputError, match="put the same quota on the same trade"):
        pricing.solve(
            scenario_on(random_chain(4, stages=2), quota, quota | {"rent_to": "exporter"})
        )


def test_guarantees_on_another_price_are_not_paid_twice() -> None:
    index = {"kind": "region_price", "region": "China"}
    twice = pricing.load_scenario("mp_price_guarantee").but(
        {
            "policies.again": {
                "kind": "price_guarantee",
                "source": "mp_dod",
                "good": "oxide",
                "region": "United States",
                "strike": "110 USD/kg",
                "index": index,
            }
        }
    )
    with pytest.raises(InputError, match="more than the whole shortfall"):
        pricing.solve(twice)


def test_two_public_buyers_of_one_output_are_refused() -> None:
    chain = line_market((20.0, 20.0), (100.0, 20.0), 2.0)
    purchase = {
        "kind": "intervention_purchase",
        "good": "wheat",
        "region": "Home",
        "floor": "2.5 USD/t",
    }
    with pytest.raises(InputError, match="both buy wheat in one region"):
        pricing.solve(scenario_on(chain, purchase, purchase))
