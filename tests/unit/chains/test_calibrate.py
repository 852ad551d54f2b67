"""Calibration against a benchmark that was worked out by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import pricing
from pricing.chains.assumptions import Assumptions
from pricing.chains.calibrate import calibrate
from pricing.chains.curves import CostLine, IsoelasticDemand, LinearDemand, Range
from pricing.economics.sourcing import Law
from pricing.equilibrium.build import build, world
from pricing.equilibrium.solver import solve
from pricing.equilibrium.starts import start
from tests.support.chains import elasticity, quantity, row, scenario_on
from tests.support.hand import hand_chain, network, only_fault

ROWS = "benchmarks.central.rows"


class TestBenchmark:
    """North is valued at FOB, South at CIF; ore is good 0, metal good 1."""

    def test_landed_prices_of_ore(self):
        # Home: 100 + 3. To South: FOB 105 with unrefunded VAT, CIF 105 x 1.02 + 10 = 117.1,
        # duty 10 % of CIF and 2 USD/t.
        found = network()
        assert found.buyer_price[0] == pytest.approx([103.0, 117.1 + 11.71 + 2.0])

    def test_landed_prices_of_metal(self):
        # To North: FOB 660, CIF 660 x 1.01 + 20 = 686.6, duties 5 + 25 % of FOB = 198.
        from_south = 686.6 + 198.0
        found = network()
        average = (20.0 * 504.0 + 5.0 * from_south) / 25.0
        assert found.buyer_price[1] == pytest.approx([average, 604.0])

    def test_duties_keep_their_layers(self):
        layers = {duty.policy: duty for duty in network().duties}
        assert list(layers) == ["mfn", "extra"]
        assert layers["mfn"].rate[0, 0, 1] == pytest.approx(0.10)
        assert layers["mfn"].specific[0, 0, 1] == 2.0
        assert layers["mfn"].rate[1, 1, 0] == pytest.approx(0.05)
        assert layers["extra"].rate[1] == pytest.approx(np.array([[0.0, 0.0], [0.25, 0.0]]))
        assert np.all(layers["mfn"].rate[:, [0, 1], [0, 1]] == 0.0)

    def test_without_existing_duties(self):
        free = network(existing_duties=False)
        assert free.duties == ()
        assert free.buyer_price == pytest.approx(network().buyer_price)

    def test_sourcing_gives_back_shares_and_price_index(self):
        found = network()
        landed = {0: 504.0, 1: 884.6}
        theta = 4.0 / 580.12
        assert found.theta[1, 0] == pytest.approx(theta)
        weight = {i: np.exp(found.log_weight[1, i, 0] - theta * landed[i]) for i in (0, 1)}
        total = sum(weight.values())
        assert weight[0] / total == pytest.approx(0.8)
        assert -np.log(total) / theta == pytest.approx(580.12)
        assert np.isneginf(found.log_weight[1, 0, 1])

    def test_linear_supply_passes_through_the_benchmark_with_its_elasticity(self):
        # Mining: level 100, margin 100, elasticity 0.8: slope 100 / 80, intercept 100 - 125.
        supply = network().supply
        assert not supply.isoelastic[0]
        assert (supply.slope[0], supply.intercept[0]) == pytest.approx((1.25, -25.0))
        level = supply.supplied(np.array([100.0, 101.0])[:, None])[:, 0]
        assert level == pytest.approx([100.0, 100.8])

    def test_isoelastic_supply_converts_an_elasticity_of_the_output_price(self):
        # Margins: 500 - 2 x 103 = 294 and 600 - 2 x 130.81 = 338.38.
        supply = network().supply
        assert supply.isoelastic.tolist() == [False, True, True]
        assert supply.cost[1:] == pytest.approx([294.0, 338.38])
        assert supply.level[1:] == pytest.approx([20.0, 30.0])
        assert supply.elasticity[1:] == pytest.approx([0.5 * 294 / 500, 0.5 * 338.38 / 600])

    def test_own_curve_of_a_process_comes_before_that_of_its_technology(self):
        own = {"kind": "linear", "elasticity": "digging"}
        supply = network(("processes.smelter_north.supply", own)).supply
        assert supply.isoelastic.tolist() == [False, False, True]
        assert supply.slope[1] == pytest.approx(294.0 / (0.8 * 20.0))

    def test_demand_passes_through_the_benchmark(self):
        demand = network().demand
        price = np.array([580.12, 604.0])
        assert demand.demanded(price) == pytest.approx([25.0, 25.0])
        assert demand.demanded(price * 1.01) == pytest.approx([25.0 * 1.01**-0.2] * 2)
        assert demand.choke == pytest.approx(10.0 * price)

    def test_bounds_and_scales(self):
        found = network()
        assert found.capacity.tolist() == [120.0, np.inf, np.inf]
        assert found.minimum.tolist() == [10.0, 0.0, 0.0]
        assert found.setting.price_scale == pytest.approx([100.0, (20 * 500 + 30 * 600) / 50])
        assert found.setting.recipe[1, 0] == pytest.approx(2.0)
        assert found.setting.benchmark_output.tolist() == [[100.0, 0.0], [20.0, 30.0]]
        assert found.goods == ("ore", "metal")
        assert found.regions == ("North", "South")
        assert found.border.tolist() == [[False, True], [True, False]]

    def test_one_customs_territory_has_no_border(self):
        south = {"id": "South", "customs_value": "cif", "source": "test", "territory": "Union"}
        north = {"id": "North", "customs_value": "fob", "source": "test", "territory": "Union"}
        duties = ("duties", [])
        found = network(("regions", [north, south]), duties)
        assert not found.border.any()
        assert not found.export_vat.any()
        assert found.buyer_price[0, 1] == pytest.approx(100.0 * 1.02 + 10.0)


class TestAssumptions:
    def test_an_announced_plant_adds_its_cost_line(self):
        found = network(latent=("pit",))
        assert found.processes[-1] == "pit"
        assert found.supply.intercept[-1] == pytest.approx(90.0)
        assert found.supply.slope[-1] == pytest.approx(1.0)
        assert (found.level[-1], found.level_scale[-1], found.capacity[-1]) == (0.0, 50.0, 50.0)
        weight = np.exp(found.log_weight[0, 1])
        assert weight == pytest.approx([0.2 / 0.8, 0.5 / 0.5])
        assert found.parity[0, 1].all()

    def test_goods_taken_as_homogeneous_are_as_if_the_chain_said_so(self):
        said = ("goods.metal.sourcing", {"law": "homogeneous"})
        stated, assumed = network(said), network(homogeneous=("metal",))
        for field in dataclasses.fields(stated):
            one, other = getattr(stated, field.name), getattr(assumed, field.name)
            if isinstance(one, np.ndarray):
                np.testing.assert_array_equal(one, other, err_msg=field.name)
        assert (stated.law, assumed.law) == ((Law.LOGIT, Law.HOMOGENEOUS),) * 2

    def test_shares_of_plants_in_one_place_do_not_depend_on_their_order(self):
        base = hand_chain().latent[0].model_dump(mode="json", exclude_none=True)
        second = base | {"id": "quarry", "parity_share": quantity(50.0, "%")}
        del second["home_share"]
        both = ("latent", [base, second])
        one, other = (
            network(both, latent=names) for names in (("pit", "quarry"), ("quarry", "pit"))
        )
        assert one.log_weight == pytest.approx(other.log_weight)
        # Abroad the odds 0.25 and 1 add up, at home the larger share of one half holds.
        assert np.exp(one.log_weight[0, 1]) == pytest.approx([1.25, 1.0])

    def test_parity_share_opens_a_route(self):
        route = {"good": "metal", "origin": "North", "destination": "South", "source": "test"}
        found = network(parity_shares=[route | {"share": quantity(25.0, "%")}])
        assert np.exp(found.log_weight[1, 0, 1]) == pytest.approx(1.0 / 3.0)
        assert found.parity.sum() == 1

    def test_a_route_with_trade_keeps_its_benchmark_share(self):
        route = {"good": "metal", "origin": "South", "destination": "North", "source": "test"}
        found = network(parity_shares=[route | {"share": quantity(25.0, "%")}])
        assert found.log_weight == pytest.approx(network().log_weight)
        assert not found.parity.any()

    def test_prior_shares_stand_in_where_nothing_is_used(self):
        plant = {
            "id": "new_smelter",
            "label": "new",
            "technology": "smelter",
            "region": "West",
            "capacity": quantity(5.0, "t/yr"),
            "supply": {
                "kind": "cost_line",
                "cost_at_zero": quantity(300.0, "USD/t"),
                "cost_at_capacity": quantity(300.0, "USD/t"),
            },
            "parity_share": quantity(1.0, "%"),
            "source": "test",
        }
        west = ("regions.+", {"id": "West", "customs_value": "cif", "source": "test"})
        changes = (west, ("latent.+", plant))
        fault = only_fault(*changes, latent=("new_smelter",))
        assert fault.field == "latent.new_smelter"
        assert fault.problem == "nobody in West buys ore, so new_smelter cannot get it"
        prior = row("prior_share", 1.0, good="ore", region="North", partner="West")
        found = network(*changes, (f"{ROWS}.+", prior), latent=("new_smelter",))
        assert found.buyer_price[0, 2] == pytest.approx((105.0 * 1.02 + 10.0) * 1.05)

    def test_demand_and_capacity_can_be_changed(self):
        found = network(
            demand=[
                {"good": "metal", "region": "North", "factor": "200 %", "source": "test"},
                {"good": "metal", "region": "South", "factor": "300 %", "source": "test"},
                {"good": "ore", "region": "South", "factor": "150 %", "source": "test"},
            ],
            capacities=[
                {"process": "smelter_north", "capacity": quantity(15.0, "t/yr"), "source": "test"}
            ],
        )
        assert found.demand.quantity == pytest.approx([50.0, 75.0])
        assert found.capacity.tolist() == [120.0, 15.0, np.inf]

    def test_ends_of_ranges_and_horizons(self):
        ranged = elasticity(0.2, "buyer_price") | {
            "short": {"low": 0.1, "central": 0.2, "high": 0.3},
            "long": {"low": 0.4, "central": 0.5, "high": 0.6},
        }
        at = ("elasticities.use", ranged)
        assert network(at).demand.elasticity == pytest.approx([0.2, 0.2])
        assert network(at, case="high").demand.elasticity[0] == pytest.approx(0.3)
        assert network(at, horizon="long", case="low").demand.elasticity[0] == pytest.approx(0.4)
        assert network(at, elasticities={"use": "low"}).demand.elasticity[0] == pytest.approx(0.1)
        stated = {"use": {"value": quantity(7.0, "%"), "source": "test"}}
        assert network(at, elasticities=stated).demand.elasticity[0] == pytest.approx(0.07)


def test_the_hand_benchmark_is_an_equilibrium():
    chain = hand_chain()
    program = build(scenario_on(chain).document, calibrate(chain, Assumptions(), {}))
    _, state, diagnostics = solve(program)
    assert diagnostics.residual < 1e-12
    assert state.level[0] == pytest.approx([100.0, 20.0, 30.0])
    assert state.price[0][[0, 1, 1], [0, 0, 1]] == pytest.approx([100.0, 500.0, 600.0])


@pytest.mark.parametrize("seed", range(5))
def test_ndfeb_returns_to_its_benchmark_from_other_prices(seed: int):
    scenario = pricing.load_scenario("baseline")
    here = world(scenario.chain, scenario.document).network
    program = build(scenario.document, here)
    guess = start(program)
    prices = program.sizes[0]
    rng = np.random.default_rng(seed)
    guess[:, :prices] *= rng.uniform(0.5, 2.0, prices)
    guess = np.clip(guess, program.lower, program.upper)
    _, state, _ = solve(program, guess)
    sells = np.isfinite(here.price)
    assert state.price[0][sells] == pytest.approx(here.price[sells], rel=1e-9)
    assert state.level[0] == pytest.approx(here.level, rel=1e-9)


class TestCurvesAsDeclared:
    def test_a_range_is_in_order(self):
        found = {"low": 0.2, "central": 0.1, "high": 0.3}
        with pytest.raises(ValueError, match="low <= central <= high must hold"):
            Range.model_validate(found)

    def test_a_cost_line_does_not_fall(self):
        line = {"cost_at_zero": "2 USD/t", "cost_at_capacity": "1 USD/t"}
        with pytest.raises(ValueError, match="marginal cost must not fall"):
            CostLine.model_validate(line)

    @pytest.mark.parametrize("multiple", ["1 1", "-5 1", "90 %"])
    def test_a_choke_price_lies_above_the_benchmark(self, multiple: str):
        curve = {"elasticity": "use", "choke_multiple": multiple}
        for kind in (IsoelasticDemand, LinearDemand):
            with pytest.raises(ValueError, match="a choke price lies above the benchmark price"):
                kind.model_validate(curve)
