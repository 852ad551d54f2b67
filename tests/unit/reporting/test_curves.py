"""Demand and supply of one good, all else as solved: closed forms, and the solution on them."""

import numpy as np
import pytest

import pricing
from pricing.reporting.curves import makers, use_at


def places(solved):
    network = solved.program.network
    return [(g, r) for g in range(len(network.goods)) for r in range(len(network.regions))]


@pytest.mark.parametrize("name", pricing.shipped_scenarios())
def test_the_solution_lies_on_every_demand_curve(name: str):
    result = pricing.solve(name)
    for solved in (result.solved, result.reference):
        scale = solved.program.network.setting.quantity_scale
        for g, r in places(solved):
            at = use_at(solved, g, r, solved.state.index[0, g, [r]])
            assert at[0] == pytest.approx(solved.state.use[0, g, r], abs=1e-6 * scale[g, r])


def test_final_demand_is_isoelastic(floor: pricing.Result):
    network, state = floor.solved.program.network, floor.solved.state
    g, r = network.goods.index("magnet"), network.regions.index("Alpha")
    used, index = state.use[0, g, r], state.index[0, g, r]

    double = use_at(floor.solved, g, r, np.array([2.0 * index]))[0]

    assert double == pytest.approx(used * 2.0**-0.2)  # elasticity of the chain file


def test_derived_demand_is_supply_of_the_user_turned_around(floor: pricing.Result):
    """Half a tonne of oxide a magnet: one USD/kg more takes 0.5 USD/kg off Beta's margin."""
    network, state = floor.solved.program.network, floor.solved.state
    g, r = network.goods.index("oxide"), network.regions.index("Beta")
    k = network.processes.index("magnet_beta")
    margin = state.price[0, network.goods.index("magnet"), r] - 0.5 * state.index[0, g, r]
    # 0.5 is of output price: 0.5 x margin over price in the base year, 55 less half of 55.505.
    bought = 0.5 * (60_000.0 * 1.01 + 500.0) + 0.5 * (50_000.0 * 1.01 + 500.0)
    eta = 0.5 * (55_000.0 - 0.5 * bought) / 55_000.0

    dearer = use_at(floor.solved, g, r, np.array([state.index[0, g, r] + 1000.0]))[0]

    assert state.level[0, k] * 0.5 == pytest.approx(state.use[0, g, r])
    assert dearer == pytest.approx(state.use[0, g, r] * (1.0 - 500.0 / margin) ** eta)


def test_a_maker_below_capacity_gets_its_marginal_cost():
    result = pricing.solve("forge_all_stages")
    network = result.solved.program.network
    for good in range(len(network.goods)):
        found = makers(result.solved, good)
        output = result.solved.state.output[0, good].sum()

        assert sum(maker.tonnes for maker in found) == pytest.approx(output)
        for maker in found:
            assert maker.payment == 0.0
            full = result.solved.state.level[0, maker.process] >= network.capacity[maker.process]
            assert maker.rent >= -1e-6
            assert full or maker.rent == pytest.approx(0.0, abs=1e-3)


def test_a_guarantee_lifts_what_a_maker_gets():
    result = pricing.solve("mp_price_guarantee")
    network = result.solved.program.network
    oxide = makers(result.solved, network.goods.index("oxide"))
    paid = [maker for maker in oxide if maker.payment > 0.0]

    assert [network.processes[maker.process] for maker in paid] == ["separation_united_states"]
    for maker in paid:
        assert maker.cost == pytest.approx(maker.price + maker.payment)
